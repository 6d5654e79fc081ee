"""云泽养老网, which is invented."""

from spiders.base import SiteSpider


class CareNews(SiteSpider):
    """云泽养老网."""

    name = "care-news"
    outlet = "云泽养老网"
    home = "https://care.example"
    article = r"/news/\d+\.html"
    lists = ("/news/",)
