"""News sites and governments on TRS WCM."""

from crawler.discovery.layouts import Layout
from spiders.families.trs import TrsSite


class Jschina(TrsSite):
    """中国江苏网. Known (stored addresses, public code): /…/YYYYMM/tYYYYMMDD_ID.shtml with ids of digits or s and hex, older
    ones /system/YYYY/MM/DD/ID.shtml; UTF-8. Assumed: the column, its pager."""

    name = "jschina"
    outlet = "中国江苏网"
    home = "http://jsnews.jschina.com.cn"
    article = rf"{TrsSite.article}|/system/\d{{4}}/\d\d/\d\d/\d+\.shtml"
    lists = ("/jsyw/",)
    next_page = "index_{n}.shtml"


class Xnnews(TrsSite):
    """咸宁网. Known (stored addresses): /COLUMN/YYYYMM/tYYYYMMDD_ID.shtml. Assumed: the column, its pager, the body's name."""

    name = "xnnews"
    outlet = "咸宁网"
    home = "http://news.xnnews.com.cn"
    lists = ("/xnxw/",)
    next_page = "index_{n}.shtml"


class Zjol(TrsSite):
    """浙江在线. Known: address form; body .contTxt or .news_content (public code). Assumed: the column and its pager."""

    name = "zjol"
    outlet = "浙江在线"
    home = "https://zjnews.zjol.com.cn"
    lists = ("/zjnews/",)
    next_page = "index_{n}.shtml"
    layouts = (Layout(body=".contTxt"), Layout(body=".news_content"))


class GuizhouCivilAffairs(TrsSite):
    """贵州省民政厅. Known: address form (stored), .TRS_Editor (other TRS sites). Assumed: the column and its pager."""

    name = "guizhou-mzt"
    outlet = "贵州省民政厅"
    home = "https://mzt.guizhou.gov.cn"
    lists = ("/xwzx/gzdt/",)
