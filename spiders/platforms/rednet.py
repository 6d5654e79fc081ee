"""红网 and its city and county sites.

Known (stored addresses, public code): three forms of article addresses, one of them without a day; lists are
/channel/ID.html; title h1.detail_title or .title h1; body .detail_article_content, article.detail-article, once
#articlecontent; time span.p_l_25, .time, once span.pubdate. Assumed: how a channel's further pages are addressed (taken from
its links), and until when the oldest layout was sent.
"""

from datetime import date

from spiders.base import Layout, SiteSpider


class RednetSite(SiteSpider):
    """A site of 红网; a site adds outlet, home and its channels."""

    fingerprint = r"^[\w.]*rednet\.cn/"
    article = r"/content/\d{4}/\d\d/\d\d/\d+\.html|/content/\d{6}/\d\d/\d+\.html|/c/\d{4}/\d\d/\d\d/\d+\.html?"
    more = r"/channel/\d+(?:_\d+)?\.html(?:\?page=\d+)?"
    layouts = (
        Layout(body="#articlecontent", time="span.pubdate", until=date(2018, 12, 31)),
        Layout(body="article.detail-article", title=".title h1", time=".time"),
        Layout(body=".detail_article_content", title="h1.detail_title", time="span.p_l_25"),
    )
