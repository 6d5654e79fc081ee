"""Digital newspapers of Founder's system (方正), by date.

Known: a day's first page is node_1.htm or node_N.htm in a folder named by the date; its links lead to the day's other
pages (node_N.htm) and articles (content_N.htm, or nw.D…-N.htm); an enpproperty comment repeats date, author and title, and
the reader uses it; the body stands in #ozoom or <founder-content>. Assumed: the number of the first page.
"""

from datetime import timedelta

from spiders.base import Layout, SiteSpider


class FounderPaper(SiteSpider):
    """A newspaper as it was printed; a paper adds outlet, home and the address of a day's first page."""

    fingerprint = r"/\d{4}-\d\d/\d\d/content_\d+\.html?$"
    article = r"/(?:\w+/)*\d{4}-\d\d/\d\d/content_\d+\.html?"
    more = r"/(?:\w+/)*\d{4}-\d\d/\d\d/node_\d+\.html?"
    layouts: tuple[Layout, ...] = (Layout(body="founder-content"), Layout(body="#ozoom"))
    every = timedelta(hours=24)
