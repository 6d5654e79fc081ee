"""One page, one address: what tells nothing of the page is taken off, and what is the same page is known as such."""

import re
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from w3lib.url import url_query_cleaner

# Where a visitor came from, who shared it, which session: never which page.
_TRACKING = (
    "utm_source utm_medium utm_campaign utm_term utm_content utm_id spm from isappinstalled share share_token shareuid"
    " sharetype scene clicktime enterid wxfid wx_fid nsukey tdsourcetag s_trans s_channel bd_vid hmsr hmpl gclid fbclid"
    " jsessionid phpsessid sessionid sid aspsessionid _t _r rnd random timestamp"
).split()
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_PORTS = {"http": ":80", "https": ":443"}


def absolute(base: str, href: str) -> str | None:
    """A link's address without fragment, None where it is no web address."""
    try:
        address = urldefrag(urljoin(base, href.strip()))[0]
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def canonical(address: str, home: str = "", mobile: tuple[str, ...] = ()) -> str:
    """The address to know a page by: host in lower case, no default port, no tracking or session parameters; the scheme
    of `home` on its host, and its host in place of those (`mobile`) that show the same pages under the same paths."""
    parts = urlsplit(_SESSION.sub("", address))
    host = parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme, "-"))
    scheme, own = parts.scheme, urlsplit(home)
    if own.netloc and host in (own.netloc, *mobile):
        scheme, host = own.scheme, own.netloc
    bare = urlunsplit((scheme, host, parts.path or "/", parts.query, ""))
    if not parts.query:
        return bare
    kept = url_query_cleaner(bare, [*_TRACKING, *(name.upper() for name in _TRACKING)], remove=True, unique=False)
    return str(kept)


def forms(address: str) -> list[str]:
    """The addresses under which the same page may have been kept: with either scheme, with and without index.html."""
    parts = urlsplit(address)
    paths = [parts.path]
    if _INDEX.search(parts.path):
        paths.append(_INDEX.sub("/", parts.path))
    elif parts.path.endswith("/"):
        paths += [parts.path + name for name in ("index.html", "index.shtml", "index.htm")]
    schemes = (parts.scheme, "https" if parts.scheme == "http" else "http")
    return [urlunsplit((scheme, parts.netloc, path, parts.query, "")) for path in paths for scheme in schemes]
