"""红网吉首站."""

from spiders.platforms.rednet import RednetSite


class RednetJishou(RednetSite):
    """红网吉首站. Known: host and address forms. Assumed: that its home page lists the newest."""

    name = "rednet-jishou"
    outlet = "红网吉首站"
    home = "https://jishou.rednet.cn"
    lists = ("/",)
