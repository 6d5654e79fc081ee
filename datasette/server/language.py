"""The language of an answer, and the words of the site in it.

English words stand in the templates; datasette/locale/zh_Hans has the Chinese ones. The catalogue is read as it is edited, so nothing has
to be compiled.
"""

import re
from functools import cache
from http.cookies import CookieError, SimpleCookie
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from archive.language import LANGUAGE, Language
from server.asgi import Scope

COOKIE = "lang"
CATALOGUE = Path(__file__).parents[1] / "locale/zh_Hans/LC_MESSAGES/messages.po"
NAMES = {Language.ZH: "中文", Language.EN: "English"}
_ACCEPTED = re.compile(r"\s*([a-z*]{1,8})(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*", re.IGNORECASE)
_MAX_ACCEPTED, _MAX_HEADER = 20, 500  # languages and characters of a header that are looked at
_OUTWARD = re.compile(r"\A[/\\]{2,}")  # what browsers take for the beginning of another site's address


@cache
def translations(language: Language) -> NullTranslations:
    """The words of a language, by their English."""
    if language == Language.EN:
        return NullTranslations()
    compiled = BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh_Hans"))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """A message in the language of the request, with its `%(name)s` filled in."""
    text: str = translations(LANGUAGE.get()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """A message about a number of things, which fills in `%(num)s`."""
    text: str = translations(LANGUAGE.get()).ngettext(singular, plural, number)
    return text % {"num": number, **values}


def requested(scope: Scope) -> Language | None:
    """The language that the address of a request names, as `?lang=`."""
    parts = (part.partition(b"=") for part in scope["query_string"].split(b"&"))
    named = [value for name, _, value in parts if name == COOKIE.encode()]
    return _of_tag(unquote_to_bytes(named[-1]).decode("latin-1")) if named else None


def negotiated(scope: Scope, usual: Language) -> Language:
    """The language of a request: of its address, else of its cookie, else the first that the browser accepts, else `usual`."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return (
        requested(scope)
        or _of_cookie(headers.get("cookie", ""))
        or _accepted(headers.get("accept-language", ""))
        or usual
    )


def without_language(query_string: bytes) -> bytes:
    """A query string without `lang`, which Datasette's tables would take for a column."""
    if b"lang" not in query_string:
        return query_string
    return b"&".join(part for part in query_string.split(b"&") if part.partition(b"=")[0] != COOKIE.encode())


def own_path(path: str) -> str:
    """The path of a request as a link can have it: one that leads to this site, whatever a client asked for."""
    return _OUTWARD.sub("/", path)


def with_language(path: str, query_string: str, language: Language) -> str:
    """An address in a language."""
    query = without_language(query_string.encode("latin-1", "replace")).decode("latin-1")
    return f"{path}?{query}{'&' if query else ''}{urlencode({COOKIE: language})}"


def _of_tag(tag: str) -> Language | None:
    """The language of a tag, as zh-TW or en-GB."""
    primary = tag.partition("-")[0].lower()
    return {"zh": Language.ZH, "en": Language.EN}.get(primary)


def _of_cookie(header: str) -> Language | None:
    try:
        cookie = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return _of_tag(cookie.value) if cookie else None


def _accepted(header: str) -> Language | None:
    """The language of ours that a browser prefers, None where it names none."""
    wanted: list[tuple[float, Language]] = []
    for part in header[:_MAX_HEADER].split(",")[:_MAX_ACCEPTED]:
        match = _ACCEPTED.fullmatch(part)
        language = _of_tag(match[1]) if match else None
        if match and language:
            wanted.append((float(match[2] or 1), language))
    best = max(wanted, key=lambda one: one[0], default=None)
    return best[1] if best and best[0] > 0 else None
