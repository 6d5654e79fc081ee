"""中山网."""

from spiders.base import SiteSpider


class Zsnews(SiteSpider):
    """中山网. Known (stored addresses): /news/index/view/cateid/N/id/N.html, no day in the address. Assumed: lists
    /news/index/lists/cateid/N.html with ?page=N; no template marks the body."""

    name = "zsnews"
    outlet = "中山网"
    home = "https://www.zsnews.cn"
    article = r"/news/index/view/cateid/\d+/id/\d+\.html"
    lists = ("/", "/news/index/lists/cateid/37.html")
    more = r"/news/index/lists/cateid/\d+\.html\?page=\d+"
