"""One page, one address: what a site's own settings say of its addresses, and under which ones a page may be kept."""

from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from archive.web.addresses import INDEX, normal, resolved, without_tracking

__all__ = ["canonical", "forms", "host_of", "resolved"]


@lru_cache(maxsize=1024)
def host_of(address: str) -> str:
    """The host of an address, or of a bare host, in its normal form; with its port where that is not the usual one."""
    return urlsplit(normal(address if "://" in address else f"http://{address}")).netloc


def canonical(address: str, home: str = "", mobile: tuple[str, ...] = ()) -> str:
    """The address to know a page by: in its normal form, without tracking or session parameters; with the scheme of
    `home` on its host, and its host in place of those (`mobile`) that show the same pages under the same paths."""
    bare = without_tracking(normal(address))
    host = urlsplit(bare).netloc
    if home and host in (host_of(home), *map(host_of, mobile)):
        return urlunsplit(urlsplit(bare)._replace(scheme=urlsplit(normal(home)).scheme, netloc=host_of(home)))
    return bare


def forms(address: str) -> list[str]:
    """The addresses under which the same page may have been kept: with either scheme, with and without index.html."""
    parts = urlsplit(address)
    paths = [parts.path]
    if INDEX.search(parts.path):
        paths.append(INDEX.sub("/", parts.path))
    elif parts.path.endswith("/"):
        paths += [parts.path + name for name in ("index.html", "index.shtml", "index.htm")]
    schemes = (parts.scheme, "https" if parts.scheme == "http" else "http")
    return [urlunsplit((scheme, parts.netloc, path, parts.query, "")) for path in paths for scheme in schemes]
