"""贵州日报."""

from spiders.platforms.founder import FounderPaper


class GuizhouDaily(FounderPaper):
    """贵州日报. Known (stored addresses): /pc/cont/YYYYMM/DD/content_N.html; an enpproperty block repeats date, author and
    title. Assumed: the day's first page /pc/layout/YYYYMM/DD/node_01.html."""

    name = "gzrb"
    outlet = "贵州日报"
    home = "http://szb.eyesnews.cn"
    article = r"/pc/cont/\d{6}/\d\d/content_\d+\.html"
    more = r"/pc/layout/\d{6}/\d\d/node_\d+\.html"
    papers = "/pc/layout/%Y%m/%d/node_01.html"
