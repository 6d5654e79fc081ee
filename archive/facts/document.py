"""A text laid out for reading: folded, cut into sentences, with its names, quantities and dates found."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from archive.facts.propose import dates, names, quantities
from archive.facts.propose.dates import DateMention
from archive.facts.propose.mentions import Mentions
from archive.facts.propose.names import Name
from archive.facts.propose.paths import Paths
from archive.places.divisions import LEVELS
from archive.places.resolve import Places, resolve
from archive.text import Clean, clean, fold
from archive.text.furniture import body_end

# The end of a quotation is no end where its speaker follows: “……有37名志愿者。”青禾小区党群服务站站长说。
_SENTENCE_END = re.compile(r"[。!?;;…]+(?![”\"。!?;;…])|[。!?…]+[”\"](?=\n|$)|\n+")
_MAX_SENTENCE, _MAX_CLAUSE, _MAX_NAMES = 1000, 400, 300
# Asides: in brackets, or about a neighbour (紧邻红枫小区, 比起红枫小区).
_ASIDE = re.compile(r"\([^()\n]{2,60}\)|(?:紧邻|毗邻|比邻|邻近|临近|靠近|比起|相比|不同于)[^,。;!?\n的]{2,16}")
_CLAUSE_END = re.compile(r"[,:。!?;…\n()]")


@dataclass(frozen=True)
class Document:
    """One text under analysis. All positions refer to `text`, which is folded; `span` leads back."""

    clean: Clean
    text: str
    anchor: dates.Anchor

    @classmethod
    def of(cls, raw: str, published: date | None = None) -> "Document":
        """Prepare `raw`; page furniture at its end (editor, source, related headlines) is left out."""
        cleaned = clean(raw)
        whole = fold(cleaned.text)
        text = whole[: body_end(whole)]
        year, month = dates.issue(whole)
        anniversary = dates.anniversary_year(text)
        published = published or dates.header_date(whole)
        today = dates.dateline(text, published)
        return cls(cleaned, text, dates.Anchor(published, anniversary or year, today, None if anniversary else month))

    @cached_property
    def names(self) -> list[Name]:
        """Named places and bodies, in order."""
        return names.find(self.text)

    @cached_property
    def names_at(self) -> dict[int, list[Name]]:
        """The names by where they start."""
        starting: dict[int, list[Name]] = {}
        for name in self.names:
            starting.setdefault(name.start, []).append(name)
        return starting

    @cached_property
    def paths(self) -> Paths:
        """The places that are written one behind the other."""
        return Paths(self.text, self.names)

    @cached_property
    def places(self) -> Places:
        """The divisions that the named places are, as far as they are certain."""
        return resolve(list(dict.fromkeys(path.steps for path in self.paths))[:_MAX_NAMES])

    @cached_property
    def first_named(self) -> dict[str, int]:
        """Code of a division -> the position where it, or a part of it, is named first."""
        found: dict[str, int] = {}
        for path in self.paths:
            codes = self.places.codes.get(path.steps, ())
            for name, code in zip(path.names, codes, strict=False):
                for digits in LEVELS:
                    if digits <= len(code):
                        found.setdefault(code[:digits], name.start)
        return found

    @cached_property
    def same_names(self) -> dict[tuple[str, str], list[Name]]:
        """All mentions of each name, by its text and kind."""
        same: dict[tuple[str, str], list[Name]] = {}
        for name in self.names:
            same.setdefault((name.text, name.kind), []).append(name)
        return same

    @cached_property
    def distinct_names(self) -> list[Name]:
        """The first mention of each name, in order; of the many that only a forged text has, the first 300."""
        return [mentions[0] for mentions in self.same_names.values()][:_MAX_NAMES]

    @cached_property
    def mentions(self) -> Mentions:
        """Who is mentioned where."""
        return Mentions(self.text, self.names, self.sentence)

    @cached_property
    def quantities(self) -> list[quantities.Quantity]:
        """Counted numbers, in order."""
        return quantities.find(self.text)

    @cached_property
    def dates(self) -> list[DateMention]:
        """Dates, in order."""
        return dates.find(self.text, self.anchor)

    @cached_property
    def date_at(self) -> dict[int, DateMention]:
        """The dates by where they start."""
        return {mention.start: mention for mention in self.dates}

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [0, *(m.end() for m in _SENTENCE_END.finditer(self.text)), len(self.text)]

    def sentence_number(self, position: int) -> int:
        """Which sentence a position is in, counted from 1."""
        return bisect_right(self._sentence_ends, position)

    def sentence(self, position: int) -> tuple[int, int]:
        """The span of the sentence around a position, at most `_MAX_SENTENCE` to either side."""
        at = self.sentence_number(position)
        ends = self._sentence_ends
        start, end = ends[at - 1], ends[min(at, len(ends) - 1)]
        return max(start, position - _MAX_SENTENCE), min(end, position + _MAX_SENTENCE)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The span of the clause (between commas) around a span."""
        sentence_start, sentence_end = self.sentence(start)
        sentence_start = max(sentence_start, start - _MAX_CLAUSE)
        before = [m.end() for m in _CLAUSE_END.finditer(self.text, sentence_start, start)]
        sentence_end = min(sentence_end, end + _MAX_CLAUSE)
        after = _CLAUSE_END.search(self.text, end, sentence_end)
        return (before[-1] if before else sentence_start), (after.start() if after else sentence_end)

    def is_aside(self, position: int, number: int) -> bool:
        """Whether a name at a position cannot be the subject of a number: it is in brackets that the number is not in, or it
        is only named as a neighbour, in the number's sentence."""
        aside = self._asides.get(position)
        if aside is None or aside[0] <= number < aside[1]:
            return False
        return self.text[aside[0]] == "(" or self.sentence_number(position) == self.sentence_number(number)

    @cached_property
    def _asides(self) -> dict[int, tuple[int, int]]:
        """The positions in brackets and in names of neighbours -> the span that each is part of."""
        return {at: match.span() for match in _ASIDE.finditer(self.text) for at in range(*match.span())}

    def name_text(self, name: Name) -> str:
        """A name in the script it was published in."""
        return "".join(self.published_text(*part) for part in name.parts or ((name.start, name.end),))

    def published_text(self, start: int, end: int) -> str:
        """The words of a span in the script they were published in, without notes."""
        return self.clean.text[start:end]
