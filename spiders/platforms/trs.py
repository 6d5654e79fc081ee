"""TRS WCM, which many cities' news sites and governments run on.

Known (public code, stored addresses): articles lie in …/YYYYMM/tYYYYMMDD_ID.html (.shtml); lists are static, index.html
first, then index_1.html, index_2.html …; the body stands in .TRS_Editor, in newer templates in .trs_editor_view; meta tags
ArticleTitle, PubDate, ContentSource on government sites. Assumed: that a site's columns keep to the static pager.
"""

from spiders.base import Layout, SiteSpider


class TrsSite(SiteSpider):
    """Sites on TRS WCM; a site adds outlet, home and its columns."""

    fingerprint = r"/\d{6}/t\d{8}_[0-9a-z]+\.s?html?$"
    article = r"/(?:[\w-]+/)+\d{6}/t\d{8}_[0-9a-z]+\.s?html?"
    next_page = "index_{n}.html"
    next_first = 1
    layouts: tuple[Layout, ...] = (Layout(body=".TRS_Editor"), Layout(body=".trs_editor_view"))
