"""岳塘新闻网."""

from spiders.platforms.hunan import HunanCounty


class Ytxww(HunanCounty):
    """岳塘新闻网 (湘潭市岳塘区). Known: the form of its articles and of list 36981. Assumed: the host answers without www."""

    name = "ytxww"
    outlet = "岳塘新闻网"
    home = "https://www.ytxww.com"
    lists = ("/list/36981",)
    mobile = ("ytxww.com",)
