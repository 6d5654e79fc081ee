"""新华网."""

from datetime import date, timedelta

from spiders.base import Layout, SiteSpider


class Xinhua(SiteSpider):
    """新华网. Known (public code, mirrors): /YYYYMMDD/32 hex digits/c.html, older /COLUMN/YYYY-MM/DD/c_ID.htm; body #detail,
    older #p-detail. Assumed: the lists, UTF-8, when the older layout ended."""

    name = "xinhua"
    outlet = "新华网"
    home = "http://www.news.cn"
    article = r"(?:/\w+)?/\d{8}/[0-9a-f]{32}/c\.html|/\w+/\d{4}-\d\d/\d\d/c_\d+\.htm"
    lists = ("/politics/", "/local/")
    also = ("www.xinhuanet.com",)
    layouts = (Layout(body="#p-detail", until=date(2021, 6, 30)), Layout(body="#detail"))
    every = timedelta(hours=6)
