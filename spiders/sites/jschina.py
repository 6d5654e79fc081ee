"""中国江苏网."""

from spiders.platforms.trs import TrsSite


class Jschina(TrsSite):
    """中国江苏网. Known (stored addresses, public code): /…/YYYYMM/tYYYYMMDD_ID.shtml with ids of digits or s and hex, older
    ones /system/YYYY/MM/DD/ID.shtml; UTF-8. Assumed: the column, its pager."""

    name = "jschina"
    outlet = "中国江苏网"
    home = "http://jsnews.jschina.com.cn"
    article = rf"{TrsSite.article}|/system/\d{{4}}/\d\d/\d\d/\d+\.shtml"
    lists = ("/jsyw/",)
    next_page = "index_{n}.shtml"
