"""浙江在线."""

from spiders.base import Layout
from spiders.platforms.trs import TrsSite


class Zjol(TrsSite):
    """浙江在线. Known: address form; body .contTxt or .news_content (public code). Assumed: the column and its pager."""

    name = "zjol"
    outlet = "浙江在线"
    home = "https://zjnews.zjol.com.cn"
    lists = ("/zjnews/",)
    next_page = "index_{n}.shtml"
    layouts = (Layout(body=".contTxt"), Layout(body=".news_content"))
