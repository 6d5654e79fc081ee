"""Noise in a text, with a map back: characters that nobody sees (a zero-width joiner, a byte order mark) and the pinyin
notes of mirror sites (進(jìn)) are stripped, and what mirrors broke is repaired where it is sure (repair.py).

>>> c = clean("黨群服務(wù)站有12名黨員")
>>> c.text
'黨群服務站有12名黨員'
>>> c.raw[slice(*c.span(3, 6))]
'服務(wù)站'
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from archive.text.repair import repairs

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_NOTE = re.compile(rf"(?<=[㐀-鿿])[(（]\s?([a-zü{_TONED}]{{1,7}})\s?[)）]")
# Zero-width spaces, joiners and marks, soft hyphens, directions, variation selectors: 1\u200d450户 is 1450户.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
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
    """A text without what is invisible and without notes, and the way back.

    `starts[i]` is the position in `text` where the i-th kept segment begins, `shifts[i]` what to add to a
    position in it to get the position in `raw`. `repaired` are the spans of `text` that were repaired, each with
    the span of `raw` that shows it broken.
    """

    raw: str
    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]
    repaired: tuple[tuple[int, int, int, int], ...] = ()

    def raw_at(self, position: int) -> int:
        """Where the character at `position` of `text` stands in `raw`."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `raw` that shows `text[start:end]`; a note after its last character stays outside. What was
        repaired is shown whole or not at all."""
        if start >= end:
            at = self.raw_at(start)
            return at, at
        first, last = self.raw_at(start), self.raw_at(end - 1) + 1
        for here, there, raw_start, raw_end in self.repaired:
            if here <= start < there:
                first = raw_start
            if here < end <= there:
                last = raw_end
        return first, last

    def is_repaired(self, start: int, end: int) -> bool:
        """Whether a part of `text[start:end]` was repaired."""
        return any(here < end and start < there for here, there, _, _ in self.repaired)


def clean(raw: str) -> Clean:
    """Strip what is invisible and pinyin notes, and repair what is sure; see `Clean`."""
    matches = list(_NOTE.finditer(raw))
    toned = any(any(c in _TONED for c in m[1]) for m in matches)
    changes = [(m.start(), m.end(), "") for m in matches if _is_note(m, toned)]
    if "?" in raw:
        changes = sorted(changes + [(r.start, r.end, r.text) for r in repairs(raw) if r.sure])
    unseen = [(m.start(), m.end(), "") for m in INVISIBLE.finditer(raw)]
    if unseen:
        changes = _apart(sorted(changes + unseen))
    pieces, starts, shifts, repaired = [], [0], [0], []
    at = length = 0
    for start, end, text in changes:
        pieces.append(raw[at:start])
        length += start - at
        if text:
            pieces.append(text)
            repaired.append((length, length + len(text), start, end))
            _begin(starts, shifts, length, start - length)
            length += len(text)
        at = end
        _begin(starts, shifts, length, at - length)
    pieces.append(raw[at:])
    return Clean(raw, "".join(pieces), tuple(starts), tuple(shifts), tuple(repaired))


def _apart(changes: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The changes without those that lie within the one before."""
    kept: list[tuple[int, int, str]] = []
    for change in changes:
        if not kept or change[0] >= kept[-1][1]:
            kept.append(change)
    return kept


def _begin(starts: list[int], shifts: list[int], position: int, shift: int) -> None:
    """Begin a segment; one that held nothing is replaced."""
    if position == starts[-1]:
        shifts[-1] = shift
    else:
        starts.append(position)
        shifts.append(shift)
