"""Sites: each complete, each ready to start; one that lacks something says what."""

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler import settings
from spiders.base import SiteSpider


def _loader() -> SpiderLoader:
    project = Settings()
    project.setmodule(settings)
    return SpiderLoader.from_settings(project)


@pytest.mark.parametrize("name", _loader().list())
async def test_a_site_can_start(name: str) -> None:
    spider = _loader().load(name)()
    requests = [request async for request in spider.start()]
    assert requests
    assert all(request.url.startswith(spider.home) for request in requests)
    assert spider.__doc__


def test_a_missing_attribute_is_named() -> None:
    class Half(SiteSpider):
        name = "half"
        outlet = "某网"

    with pytest.raises(ValueError, match=r"Half lacks `home`\. Set it in the class"):
        Half()
