"""Sites: each complete, each ready to start; one that lacks something says what."""

from pathlib import Path

import pytest

from crawler.sites import known_sites, settings_for
from spiders.base import SiteSpider

SITES = known_sites(settings_for(Path("unused")))


@pytest.mark.parametrize("name", SITES)
def test_a_site_can_start(name: str) -> None:
    spider = SITES[name]()
    requests = spider.entrances()
    assert requests
    assert all(request.url.split("/")[2] in spider.hosts for request in requests)
    assert len(spider.__doc__) > 10


def test_a_missing_attribute_is_named() -> None:
    class Half(SiteSpider):
        name = "half"
        outlet = "某网"

    class Blind(SiteSpider):
        name = "blind"
        outlet = "某网"
        home = "https://a.example"
        article = "/a"

    with pytest.raises(ValueError, match=r"Half lacks `home`\. Set it in the class"):
        Half()
    with pytest.raises(ValueError, match=r"Blind has no way to find articles\. Set one of lists, sitemaps"):
        Blind()
