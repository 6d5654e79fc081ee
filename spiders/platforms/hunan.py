"""The platform that Hunan's county media share, as ytxww.com shows it.

Known (from mirrors of ytxww.com and of another county's site with the same header and footer): articles are /content/ID with
a number of five to eight digits, lists /list/ID?page=N; the header reads "YYYY-MM-DD HH:MM:SS 来源: | 编辑: | 作者:", and the
body ends with 责编. No date is in the address. Assumed: that the number of a list's further pages begins with 2, and that no
template marks the body (so the general reader finds it).
"""

from spiders.base import SiteSpider


class HunanCounty(SiteSpider):
    """A county's news on the shared platform; a site adds outlet, home and the numbers of its lists."""

    fingerprint = r"^[\w.]+/content/\d{5,8}$"
    article = r"/content/\d{5,8}"
    next_page = "?page={n}"
