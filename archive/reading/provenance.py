"""Whose page an article stands on: its outlet's own, one that names another outlet, or a mirror's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from archive.model import Origin, Provenance
from archive.plugins import DeclarationError, files, toml
from archive.text import INVISIBLE, clean, fold

_FILE = Path(__file__).with_name("outlets.toml")
_NOTES = 3  # pinyin notes: one may be the author's
_BROKEN = re.compile(r"(?<=[一-鿿])\?(?=[一-鿿,、\d])")
_CLAUSE = 20  # characters before a ? in which a question word makes it one
_QUESTION = re.compile(r"[吗呢么吧啊谁几哪怎何否]|多少|什么|是不是|能不能|有没有")
_BREAKS = 3
_PRESS = re.compile(r"(?:网|报|社|台|新闻|发布|头条|在线|客户端|传媒|融媒|广播|电视|周刊|杂志)$")
_DATELINE = re.compile(
    r"^[\s(【\[]*(?!据)(?P<outlet>[一-鿿]{2,10}(?:网|报|社|台|新闻|发布|在线|客户端|融媒|传媒|中心))(?:讯|[\d年月日一-鿿]{0,14}?(?:讯|电|消息))"
)
_AGENCIES = re.compile(r"^(?:新华社|中新社|中新网|中国新闻网|人民日报|央视|新华网|人民网)")


@dataclass(frozen=True)
class Form:
    """The form of an outlet's article paths. `telling` where no one else uses it."""

    outlet: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    telling: bool


@cache
def forms() -> tuple[Form, ...]:
    """The outlets whose path forms are known (outlets.toml). Raises DeclarationError where one cannot be used."""
    return tuple(form for path in (_FILE, *files(_FILE.name)) for form in _declared(path))


def _declared(path: Path) -> Iterator[Form]:
    try:
        for row in toml(path)["outlet"]:
            match row:
                case {"name": str(name), "hosts": [*hosts], "path": str(form)}:
                    yield Form(name, tuple(map(str, hosts)), re.compile(form), bool(row.get("telling")))
                case _:
                    raise KeyError(row)
    except (KeyError, TypeError, re.error):
        raise DeclarationError(
            f"{path} cannot be used. Write each outlet as [[outlet]] with name, hosts (a list) and path (a regular expression)."
        ) from None


def find_provenance(url: str, calls_itself: str, outlet: str, text: str, spam: int) -> Provenance:
    """Decide by address and words whose page this is.

    Args:
        url: the address of the page.
        calls_itself: what is known of the site's own name; may be empty.
        outlet: the outlet that the page names as its source; may be empty.
        text: the text of the article.
        spam: how many lines of advertising were cut from it.

    Returns:
        Whose page it is, with the reasons.
    """
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path
    mirrored: list[str] = []
    seen = INVISIBLE.sub("", text)
    notes = len(seen) - len(clean(seen).text)
    if notes >= _NOTES * 4:
        mirrored.append(f"pinyin notes in the text ({notes} characters)")
    # Mirrors print ? for what they broke; some sites print it for ？ behind a question.
    breaks = sum(
        1
        for match in _BROKEN.finditer(text)
        if not _QUESTION.search(text, max(0, match.start() - _CLAUSE), match.start())
    )
    if breaks >= _BREAKS:
        mirrored.append(f"bytes are broken in {breaks} places")
    if spam:
        mirrored.append(f"advertising stood in the text ({spam} lines)")
    form = _form(host, path)
    if form and form.telling:
        mirrored.append(f"the path has the form of {form.outlet}, which does not own {host}")
    named = _named(host, fold(calls_itself), outlet, text)
    reasons = tuple(mirrored) + tuple(f"{where} names {name}" for where, name in named)
    if mirrored:
        kind = Origin.MIRROR
    elif not named:
        kind = Origin.ORIGINAL
    else:
        kind = Origin.REPRINT if calls_itself else Origin.UNKNOWN
    # The dateline is the outlet's own hand; a path says whose it is only where nothing is named.
    original = named[-1][1] if named else form.outlet if form and mirrored else ""
    return Provenance(kind, reasons, original)


def _form(host: str, path: str) -> Form | None:
    """The form that a path has, of an outlet that does not own the host; telling forms first."""
    if not host or any(_owns(form, host) for form in forms()):
        return None
    return next((f for f in sorted(forms(), key=lambda f: not f.telling) if f.path.fullmatch(path)), None)


def _owns(form: Form, host: str) -> bool:
    return any(host == own or host.endswith("." + own) for own in form.hosts)


def _named(host: str, calls_itself: str, outlet: str, text: str) -> list[tuple[str, str]]:
    """(where, outlet) of the outlets named that are not the site itself, the dateline's last."""
    dateline = _DATELINE.match(fold(clean(text[:200]).text))
    mentions = [("the source line", clean(outlet).text), ("the dateline", dateline["outlet"] if dateline else "")]
    found: list[tuple[str, str]] = []
    for where, name in mentions:
        folded = fold(name)
        parts = [part for part in re.split(r"[-—－\s·]+", folded) if len(part) > 1]
        own = any(part in calls_itself for part in parts) or any(f.outlet == folded and _owns(f, host) for f in forms())
        if own or not _PRESS.search(folded):
            continue
        if where == "the dateline" and _AGENCIES.match(folded):
            continue  # everybody prints the agencies
        if folded not in (fold(other) for _, other in found):
            found.append((where, name))
    return found
