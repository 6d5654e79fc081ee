"""闽南日报."""

from spiders.platforms.founder import FounderPaper


class MinnanDaily(FounderPaper):
    """闽南日报 (漳州新闻网). Known (stored addresses): /pad/content/YYYYMM/DD/content_N.html. Assumed: the day's first page."""

    name = "mnrb"
    outlet = "闽南日报"
    home = "http://www.zzxww.com"
    article = r"/pad/content/\d{6}/\d\d/content_\d+\.html"
    more = r"/pad/layout/\d{6}/\d\d/node_\d+\.html"
    papers = "/pad/layout/%Y%m/%d/node_01.html"
