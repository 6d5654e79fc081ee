"""红网: the province and its cities."""

from spiders.families.rednet import RednetSite


class RednetHunan(RednetSite):
    """红网湖南. Known: host and address forms. Assumed: the channel."""

    name = "rednet-hn"
    outlet = "红网"
    home = "https://hn.rednet.cn"
    lists = ("/", "/channel/7086.html")


class RednetChangsha(RednetSite):
    """红网长沙站. Known: host and address forms. Assumed: that its home page lists the newest."""

    name = "rednet-cs"
    outlet = "红网长沙站"
    home = "https://cs.rednet.cn"
    lists = ("/",)


class RednetJishou(RednetSite):
    """红网吉首站. Known: host and address forms. Assumed: that its home page lists the newest."""

    name = "rednet-jishou"
    outlet = "红网吉首站"
    home = "https://jishou.rednet.cn"
    lists = ("/",)
