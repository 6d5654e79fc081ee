"""Addresses in one normal form: that of captures, and of whatever is compared with them."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

# Where a visitor came from, who shared it, which session: never which page.
_TRACKING = frozenset(
    (
        "spm isappinstalled share_token shareuid sharetype clicktime enterid wxfid wx_fid nsukey tdsourcetag s_trans"
        " s_channel bd_vid hmsr hmpl gclid fbclid jsessionid phpsessid aspsessionid"
    ).split()
)
# The same, and moments against caches, unless the value has the form of an article's number and the path has none.
_AMBIGUOUS = {
    **dict.fromkeys("from sid scene share sessionid".split(), re.compile(r"\d+|(?=\D*\d)\w{1,9}")),
    **dict.fromkeys("_t _r rnd random timestamp".split(), re.compile(r"\d{1,9}")),
}
_DIGIT = re.compile(r"\d")
_PAGES = frozenset("html htm shtml shtm".split())
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_COMPOSABLE = re.compile(r"[a-zA-Z]?(?:%[89A-F][0-9A-F])+")  # a letter and its accents, Hangul, variants of characters
LONGEST_LINK = 2000  # characters; longer ones are no addresses, and no cache shall hold a site's megabytes
_PORTS = {"http": ":80", "https": ":443"}
INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
# In a host, a path or a query: what marks a version of a page for phones or for print.
_MARKS = frozenset("amp mip m mobile wap 3g print printable".split())


@lru_cache(maxsize=4096)
def normal(address: str, encoding: str = "utf-8") -> str:
    """A web address as it is sent: scheme and host in lower case, the host in ASCII (IDN), no default port, no fragment,
    dot segments resolved, everything escaped that must be, escapes in upper case.

    `encoding` is that of the page that names the address: like a browser, a query is escaped in it, a path in UTF-8. What
    is escaped already stays as it is, except that characters which Unicode can write in several ways get the form NFC.
    Addresses of other schemes, and what cannot be read as an address, are returned unchanged.
    """
    if not address.strip().lower().startswith(("http:", "https:")):
        return address
    try:
        return _normal(address, encoding)
    except UnicodeEncodeError:
        return address if encoding == "utf-8" else normal(address)  # the page's encoding lacks one of the characters
    except ValueError:
        return address


def _normal(address: str, encoding: str) -> str:
    safe = safe_url_string(address, encoding)
    scheme, netloc, path, query, _ = urlsplit(safe)
    bare = urlsplit(canonicalize_url(urlunsplit((scheme, netloc, path, "", ""))))
    query = _ESCAPE.sub(lambda escape: escape[0].upper(), query)
    netloc = bare.netloc.removesuffix(_PORTS[bare.scheme])
    path, query = _COMPOSABLE.sub(_composed, bare.path), _COMPOSABLE.sub(_composed, query)
    return safe_url_string(urlunsplit((bare.scheme, netloc, path, query, "")))


def _composed(run: re.Match[str]) -> str:
    """A run of escaped characters, with the letter before it, in the form NFC; unchanged if it is not UTF-8."""
    try:
        written = unquote(run[0], errors="strict")
    except UnicodeDecodeError:
        return run[0]
    composed = unicodedata.normalize("NFC", written)
    return run[0] if composed == written else quote(composed)


def resolved(base: str, href: str, encoding: str = "utf-8") -> str | None:
    """The normal form of the address that a link leads to, None where it leads to no web address. `base` is where
    relative links start from, `encoding` that of the page."""
    if len(href) > LONGEST_LINK:
        return None
    try:
        address = normal(urljoin(base, href.strip()), encoding)
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return address if is_web else None


def without_tracking(address: str) -> str:
    """An address without the parameters that say nothing of the page."""
    scheme, netloc, path, query, _ = urlsplit(_SESSION.sub("", address))
    is_numbered = _is_numbered(path)
    kept = "&".join(one for one in query.split("&") if not _is_tracking(one, is_numbered))
    return urlunsplit((scheme, netloc, path, kept, ""))


def _is_numbered(path: str) -> bool:
    """Whether a path ends in the name of a page that holds a number."""
    name, _, ending = path.rpartition("/")[2].rpartition(".")
    return ending.lower() in _PAGES and _DIGIT.search(name) is not None


def _is_tracking(parameter: str, is_numbered: bool) -> bool:
    """Whether a parameter says nothing of its page; `is_numbered`: the path says already which article it is."""
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in _AMBIGUOUS:
        return is_numbered or not _AMBIGUOUS[name].fullmatch(value)
    return name in _TRACKING or name.startswith(("utm_", "aspsessionid"))


def page_key(address: str) -> str:
    """What the addresses have in common under which an outlet may show one page: host, path and query without scheme,
    www, index.html, tracking, and marks of copies for phones and for print. That two addresses have the same key does
    not yet say that their pages are the same."""
    try:
        parts = urlsplit(without_tracking(normal(address)))
    except ValueError:
        return address
    if not parts.netloc:
        return address
    labels = parts.netloc.split(".")
    while len(labels) > 2 and labels[0] in {"www", *_MARKS}:
        del labels[0]
    path = "/".join(piece for piece in parts.path.split("/") if piece.lower() not in _MARKS)
    query = "&".join(one for one in parts.query.split("&") if not _MARKS.intersection(one.lower().split("=")))
    return f"{'.'.join(labels)}{INDEX.sub('/', path)}" + (f"?{query}" if query else "")
