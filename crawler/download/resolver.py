"""Names that resolve to private addresses do not resolve: a public site cannot point the crawler inwards."""

from collections.abc import Sequence

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from archive.web.outgoing import is_public


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing answers that are not public. What it answers is what is connected to. An address
    written out is no name: whether it may be asked, ScopeMiddleware has decided."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Resolve `name`; fails with DNSLookupError where the answer is a private address."""
        return super().getHostByName(name, timeout).addCallback(self._public, name)

    @staticmethod
    def _public(address: str, name: str) -> str:
        if address != name and not is_public(address):
            raise DNSLookupError(f"{name} resolves to the private address {address}")
        return address
