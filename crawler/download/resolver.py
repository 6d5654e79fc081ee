"""A resolver that refuses private addresses: a public site cannot send the crawler into a private network."""

from collections.abc import Sequence

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from archive.web.outgoing import is_public


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver without private addresses. Scrapy connects to what it returns. It does not check a literal address:
    ScopeMiddleware has done that."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Resolve `name`; fails with DNSLookupError if the result is a private address."""
        return super().getHostByName(name, timeout).addCallback(self._public, name)

    @staticmethod
    def _public(address: str, name: str) -> str:
        if address != name and not is_public(address):
            raise DNSLookupError(f"{name} resolves to the private address {address}")
        return address
