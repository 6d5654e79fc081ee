"""荆楚网."""

from spiders.base import SiteSpider


class Cnhubei(SiteSpider):
    """荆楚网 (湖北日报网). Known (stored addresses): /COLUMN/p/ID.html, the time as YYYY年MM月DD日HH:MM 来源:. Assumed: the column
    and how its further pages are linked."""

    name = "cnhubei"
    outlet = "荆楚网"
    home = "http://news.cnhubei.com"
    article = r"/(?:\w+/)+p/\d+\.html"
    lists = ("/content/node_1.html", "/")
    more = r"/content/node_\d+(?:_\d+)?\.html"
