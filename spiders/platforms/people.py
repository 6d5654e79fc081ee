"""人民网: its channels and the local channels under /n2/.

Known (public code, mirrors): articles are /n1/ or /n2/YYYY/MMDD/cCHANNEL-ID.html; lists /GB/ID/index.html with further pages
index2.html …; GBK under the code's own word, so the bytes decide; body .rm_txt_con or .show_text, older #rwb_zw, .box_con,
#p_content. Assumed: that list pages carry their links as <a>, and that the pager's addresses follow index{n}.html.
"""

from datetime import date

from spiders.base import Layout, SiteSpider


class PeopleChannel(SiteSpider):
    """A channel of 人民网; a channel adds home and its lists."""

    fingerprint = r"^[\w.]*people\.com\.cn/n[12]/"
    outlet = "人民网"
    article = r"/n[12]/\d{4}/\d{4}/c\d+-\d+\.html"
    next_page = "index{n}.html"
    layouts = (
        Layout(body="#p_content", until=date(2012, 12, 31)),
        Layout(body=".box_con", until=date(2016, 12, 31)),
        Layout(body="#rwb_zw", until=date(2020, 6, 30)),
        Layout(body=".show_text"),
        Layout(body=".rm_txt_con"),
    )
