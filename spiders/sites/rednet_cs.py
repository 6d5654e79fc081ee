"""红网长沙站."""

from spiders.platforms.rednet import RednetSite


class RednetChangsha(RednetSite):
    """红网长沙站. Known: host and address forms. Assumed: that its home page lists the newest."""

    name = "rednet-cs"
    outlet = "红网长沙站"
    home = "https://cs.rednet.cn"
    lists = ("/",)
