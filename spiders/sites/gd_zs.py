"""中山市人民政府."""

from spiders.base import SiteSpider


class ZhongshanGovernment(SiteSpider):
    """中山市人民政府, on the platform of Guangdong's governments. Known (stored addresses, public code): articles /…/content/post_ID.html, no day in the address; meta tags
    ArticleTitle, PubDate, ContentSource, which the reader takes. Assumed: the column; further pages index_2.html …"""

    name = "gd-zs"
    outlet = "中山市人民政府"
    home = "http://www.zs.gov.cn"
    article = r"/(?:\w+/)+content/post_\d+\.html"
    lists = ("/ywb/zwdt/",)
    next_page = "index_{n}.html"
