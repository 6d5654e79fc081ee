"""Newspapers as they were printed, day by day."""

from crawler.discovery.layouts import Layout
from spiders.families.papers import FounderPaper


class HunanDaily(FounderPaper):
    """湖南日报. Known (public code): pages node_N.htm, article links end in div=-1, title .font01, body #ozoom; one reader
    calls it guarded against crawlers. Assumed: the articles' file names and the first page's number."""

    name = "hnrb"
    outlet = "湖南日报"
    home = "https://hnrb.voc.com.cn"
    article = r"/hnrb_epaper/html/\d{4}-\d\d/\d\d/content_\d+\.htm(?:\?div=-1)?"
    papers = "/hnrb_epaper/html/%Y-%m/%d/node_201.htm"
    layouts = (Layout(body="#ozoom", title=".font01"),)


class YouthDaily(FounderPaper):
    """中国青年报. Known (stored addresses): /html/YYYY-MM/DD/nw.D…_YYYYMMDD_N-PAGE.htm. Assumed: the rest of the family."""

    name = "zqb"
    outlet = "中国青年报"
    home = "http://zqb.cyol.com"
    article = r"/html/\d{4}-\d\d/\d\d/nw\.D\d+zgqnb_\d{8}_\d+-\d+\.htm"
    more = r"/html/\d{4}-\d\d/\d\d/nbs\.D\d+zgqnb_\d\d\.htm"
    papers = "/html/%Y-%m/%d/nbs.D110000zgqnb_01.htm"


class ModernExpress(FounderPaper):
    """现代快报. Known (stored addresses): /html/YYYY-MM/DD/content_N.htm. Assumed: the first page's number."""

    name = "xdkb"
    outlet = "现代快报"
    home = "http://dz.xdkb.net"
    papers = "/html/%Y-%m/%d/node_1.htm"


class GuizhouDaily(FounderPaper):
    """贵州日报. Known (stored addresses): /pc/cont/YYYYMM/DD/content_N.html; an enpproperty block repeats date, author and
    title. Assumed: the day's first page /pc/layout/YYYYMM/DD/node_01.html."""

    name = "gzrb"
    outlet = "贵州日报"
    home = "http://szb.eyesnews.cn"
    article = r"/pc/cont/\d{6}/\d\d/content_\d+\.html"
    more = r"/pc/layout/\d{6}/\d\d/node_\d+\.html"
    papers = "/pc/layout/%Y%m/%d/node_01.html"


class MinnanDaily(FounderPaper):
    """闽南日报 (漳州新闻网). Known (stored addresses): /pad/content/YYYYMM/DD/content_N.html. Assumed: the day's first page."""

    name = "mnrb"
    outlet = "闽南日报"
    home = "http://www.zzxww.com"
    article = r"/pad/content/\d{6}/\d\d/content_\d+\.html"
    more = r"/pad/layout/\d{6}/\d\d/node_\d+\.html"
    papers = "/pad/layout/%Y%m/%d/node_01.html"
