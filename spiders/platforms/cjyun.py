"""长江云, the cloud of Hubei's county media: CITY.cjyun.org.

Known (stored addresses): articles are /p/ID.html, with no date in the address; source and reviewers stand in a closing
bracket, and the text of a captcha may trail behind. Assumed: the lists' addresses /list/ID.html (taken from the home page's
links) and that no template marks the body.
"""

from spiders.base import SiteSpider


class CjyunCity(SiteSpider):
    """A city's or county's news on 长江云; a site adds outlet and home."""

    fingerprint = r"^[\w-]+\.cjyun\.org/"
    article = r"/p/\d+\.html"
    lists = ("/",)
    more = r"/list/\d+\.html(?:\?page=\d+)?"
