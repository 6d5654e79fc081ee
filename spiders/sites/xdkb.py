"""现代快报."""

from spiders.platforms.founder import FounderPaper


class ModernExpress(FounderPaper):
    """现代快报. Known (stored addresses): /html/YYYY-MM/DD/content_N.htm. Assumed: the first page's number."""

    name = "xdkb"
    outlet = "现代快报"
    home = "http://dz.xdkb.net"
    papers = "/html/%Y-%m/%d/node_1.htm"
