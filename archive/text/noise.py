"""Noise that mirror sites put into a text: pinyin notes (進(jìn)). Stripped, with a map back.

>>> c = clean("黨群服務(wù)站有12名黨員")
>>> c.text
'黨群服務站有12名黨員'
>>> c.raw[slice(*c.span(3, 6))]
'服務(wù)站'
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_NOTE = re.compile(rf"(?<=[㐀-鿿])[(（]\s?([a-zü{_TONED}]{{1,7}})\s?[)）]")
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    rf"[iuü]?[aeiouü{_TONED}][aeiou{_TONED}]?(?:ng?|r)?"
)


def _is_note(match: re.Match[str], toned_seen: bool) -> bool:
    syllable = match[1]
    if not _SYLLABLE.fullmatch(syllable):
        return False
    # (men), (de): neutral tones are believed only in a text that has notes with a tone mark.
    return toned_seen or any(c in _TONED for c in syllable)


@dataclass(frozen=True)
class Clean:
    """A text without its notes, and the way back.

    `starts[i]` is the position in `text` where the i-th kept segment begins, `shifts[i]` what to add to a
    position in it to get the position in `raw`.
    """

    raw: str
    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def raw_at(self, position: int) -> int:
        """Where the character at `position` of `text` stands in `raw`."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `raw` that shows `text[start:end]`; a note after its last character stays outside."""
        if start >= end:
            at = self.raw_at(start)
            return at, at
        return self.raw_at(start), self.raw_at(end - 1) + 1


def clean(raw: str) -> Clean:
    """Strip pinyin notes; see `Clean`."""
    matches = list(_NOTE.finditer(raw))
    toned = any(any(c in _TONED for c in m[1]) for m in matches)
    pieces, starts, shifts = [], [0], [0]
    at = length = 0
    for match in matches:
        if not _is_note(match, toned):
            continue
        pieces.append(raw[at : match.start()])
        length += match.start() - at
        at = match.end()
        if length == starts[-1]:  # two notes in a row: nothing kept between them
            shifts[-1] = at - length
        else:
            starts.append(length)
            shifts.append(at - length)
    pieces.append(raw[at:])
    return Clean(raw, "".join(pieces), tuple(starts), tuple(shifts))
