"""One page, one URL: the canonical URL of a page on its site, and the URLs under which the archive may have it."""

from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from archive.web.addresses import INDEX, normal, resolved, without_tracking

__all__ = ["canonical", "forms", "host_of", "resolved"]


@lru_cache(maxsize=1024)
def host_of(address: str) -> str:
    """The host of a URL, or of a bare host, in its normal form; with its port unless that is the default."""
    return urlsplit(normal(address if "://" in address else f"http://{address}")).netloc


def canonical(address: str, home: str = "", mobile: tuple[str, ...] = ()) -> str:
    """The one URL that stands for a page.

    Args:
        address: any URL of the page.
        home: the site's home page; its scheme and host replace those of `address` if that is on the same site.
        mobile: hosts that show the same pages under the same paths.

    Returns:
        The URL in its normal form, without tracking or session parameters.
    """
    bare = without_tracking(normal(address))
    host = urlsplit(bare).netloc
    if home and host in (host_of(home), *map(host_of, mobile)):
        return urlunsplit(urlsplit(bare)._replace(scheme=urlsplit(normal(home)).scheme, netloc=host_of(home)))
    return bare


def forms(address: str) -> list[str]:
    """The URLs under which the archive may have the same page: with either scheme, with and without index.html."""
    parts = urlsplit(address)
    paths = [parts.path]
    if INDEX.search(parts.path):
        paths.append(INDEX.sub("/", parts.path))
    elif parts.path.endswith("/"):
        paths += [parts.path + name for name in ("index.html", "index.shtml", "index.htm")]
    schemes = (parts.scheme, "https" if parts.scheme == "http" else "http")
    return [urlunsplit((scheme, parts.netloc, path, parts.query, "")) for path in paths for scheme in schemes]
