"""The pages of a run as counts, which the monitors compare with the runs before."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from archive.model import Article
from archive.pipeline.deriving import Derived

_MAX_TITLES = 20_000  # kept in memory


class Quality:
    """Counts of one run. Articles off topic count too: their pages have the same structure."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.titles: Counter[str] = Counter()

    def of(self, derived: Derived, day: date | None) -> Iterator[tuple[str, int]]:
        """The counts of one page, as (name, number). `day` is the day that its list states."""
        article = derived.found
        if not isinstance(article, Article):
            yield f"page/{article.kind}", 1
            return
        if article.parts and article.parts[0] != article.url:
            yield "page/part", 1  # its article is counted by the first page
            return
        yield "page/article", 1
        yield f"method/{article.method}", 1
        yield f"dated_by/{article.dated_by or 'nothing'}", 1
        yield f"encoding/{article.encoding.used}", 1
        yield f"declared/{article.encoding.declared or 'nothing'}", 1
        yield f"provenance/{article.provenance.kind}", 1
        yield "minute", isinstance(article.published, datetime)
        yield "dated", article.published is not None
        yield "credited", bool(article.authors or article.editor)
        yield "repaired", bool(article.encoding.repaired)
        yield "characters", len(article.text)
        yield "paragraphs", len(article.blocks)
        yield "facts", len(derived.facts)
        yield "title_again", self._again(article.title)
        published = article.published.date() if isinstance(article.published, datetime) else article.published
        if published:
            yield "in_the_future", published > self.today + timedelta(days=1)
            if day:
                yield "day_stated", 1
                yield "day_differs", abs((published - day).days) > 1

    def _again(self, title: str) -> bool:
        again = self.titles[title] > 0
        if len(self.titles) < _MAX_TITLES:
            self.titles[title] += 1
        return again
