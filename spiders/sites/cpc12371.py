"""共产党员网."""

from spiders.base import Layout, SiteSpider


class Cpc12371(SiteSpider):
    """共产党员网. Known (public code): the list /zxfb/ holds item=[…] with title, brief (the time) and link_add in a script;
    the body stands in .word. Assumed: the form of article addresses, and UTF-8."""

    name = "12371"
    outlet = "共产党员网"
    home = "https://www.12371.cn"
    article = r"/\d{4}/\d\d/\d\d/ARTI\d+\.shtml"
    lists = ("/zxfb/",)
    in_script = r"link_add['\"]?\s*:\s*['\"]([^'\"]{1,300})"
    layouts = (Layout(body=".word", title="h1"),)
