"""咸宁网."""

from spiders.platforms.trs import TrsSite


class Xnnews(TrsSite):
    """咸宁网. Known (stored addresses): /COLUMN/YYYYMM/tYYYYMMDD_ID.shtml. Assumed: the column, its pager, the body's name."""

    name = "xnnews"
    outlet = "咸宁网"
    home = "http://news.xnnews.com.cn"
    lists = ("/xnxw/",)
    next_page = "index_{n}.shtml"
