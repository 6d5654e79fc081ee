"""红网."""

from spiders.platforms.rednet import RednetSite


class RednetHunan(RednetSite):
    """红网湖南. Known: host and address forms. Assumed: the channel."""

    name = "rednet-hn"
    outlet = "红网"
    home = "https://hn.rednet.cn"
    lists = ("/", "/channel/7086.html")
