"""中国青年报."""

from spiders.platforms.founder import FounderPaper


class YouthDaily(FounderPaper):
    """中国青年报. Known (stored addresses): /html/YYYY-MM/DD/nw.D…_YYYYMMDD_N-PAGE.htm. Assumed: the rest of the platform."""

    name = "zqb"
    outlet = "中国青年报"
    home = "http://zqb.cyol.com"
    article = r"/html/\d{4}-\d\d/\d\d/nw\.D\d+zgqnb_\d{8}_\d+-\d+\.htm"
    more = r"/html/\d{4}-\d\d/\d\d/nbs\.D\d+zgqnb_\d\d\.htm"
    papers = "/html/%Y-%m/%d/nbs.D110000zgqnb_01.htm"
