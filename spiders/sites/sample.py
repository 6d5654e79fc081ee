"""The sample outlets that ship with the project; `dangqun demo` serves them."""

from datetime import date

from crawler import sample
from spiders.base import Layout, SiteSpider


class SampleCity(SiteSpider):
    """云泽新闻网: UTF-8, list pages with a pager, a sitemap."""

    name = "sample-city"
    outlet = "云泽新闻网"
    home = sample.address("city")
    lists = ("/list/1.html",)
    article = r"/content/\d{4}/\d\d/\d\d/\d+\.html|/2020/\w+\.html"
    more = r"/list/\d+\.html"
    sitemaps = ("/sitemap.xml",)
    layouts = (
        Layout(body=".text", title=".headline h2", time=".headline", until=date(2019, 12, 31)),
        Layout(body=".detail-content", title="h1.detail-title", time=".info"),
    )
    loopback = True
    custom_settings = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}  # our own server


class SampleDistrict(SiteSpider):
    """望潭发布: GBK bytes under a gb2312 declaration."""

    name = "sample-district"
    outlet = "望潭发布"
    home = sample.address("district")
    lists = ("/xw/index.html",)
    article = r"/xw/\d{6}/t\d{8}_\d+\.html"
    more = r"/xw/index_\d+\.html"
    loopback = True
    custom_settings = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}


class SampleMirror(SiteSpider):
    """環球頭條匯: a mirror that reprints the other two."""

    name = "sample-mirror"
    outlet = "環球頭條匯"
    home = sample.address("mirror")
    lists = ("/",)
    article = r"/content/\d+"
    loopback = True
    custom_settings = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
