"""湖南日报."""

from spiders.base import Layout
from spiders.platforms.founder import FounderPaper


class HunanDaily(FounderPaper):
    """湖南日报. Known (public code): pages node_N.htm, article links end in div=-1, title .font01, body #ozoom; one reader
    calls it guarded against crawlers. Assumed: the articles' file names and the first page's number."""

    name = "hnrb"
    outlet = "湖南日报"
    home = "https://hnrb.voc.com.cn"
    article = r"/hnrb_epaper/html/\d{4}-\d\d/\d\d/content_\d+\.htm(?:\?div=-1)?"
    papers = "/hnrb_epaper/html/%Y-%m/%d/node_201.htm"
    layouts = (Layout(body="#ozoom", title=".font01"),)
