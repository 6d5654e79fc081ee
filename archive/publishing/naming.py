"""Where a taken-down name stands in a text, however it is typeset: what the site's search finds for it, and more.

Blanks of any width, line breaks and what nobody sees may stand between its characters; either script, a mirror's notes and
percent-encoding (of links) make no difference. A sign within the name stands for any signs, or none.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from archive.search.fts import BREAK, letters
from archive.text import clean, fold

_BYTE = re.compile("%(?:25)*([0-9A-Fa-f]{2})")  # %25E6: encoded twice
_BYTES = re.compile(f"(?:{_BYTE.pattern})+")
_HIDDEN = "\\s\x00-\x1f\x7f-\x9f\u2800\u3164\uffa0\U000e0000-\U000e0fff"
_JSON_BLANK = r"\\[bfnrt]|\\u00[01][0-9a-f]"  # as JSON columns hold it
_GAP = rf"(?:[{_HIDDEN}]|{_JSON_BLANK})*+"  # possessive: the time stays linear
_SIGNS = rf"(?:{_JSON_BLANK}|[\W_{_HIDDEN}])*+"
_SHOWN = re.compile(r"""\\.|[^\n ",:\[\]{}\\]""")  # without what lines and JSON are made of
_TAG = re.compile("<[^<>]*>")
_JSON = re.compile(r"\\u([0-9a-fA-F]{4})")


class Names:
    """Names to be looked for, all at once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._listed = _compiled(tuple(names))

    def __bool__(self) -> bool:
        """Whether there is any name."""
        return self._listed is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of each place in a text where one of the names stands, a note after it outside."""
        if self._listed is None:
            return
        unquoted, starts = _unquoted(text)
        cleaned = clean(unquoted)
        for match in self._listed.finditer(fold(cleaned.text)):
            start, end = cleaned.span(*match.span())
            yield starts[start], starts[end]

    def stand_in(self, text: str) -> bool:
        """Whether one of the names stands in a text."""
        return next(self.spans(text), None) is not None

    def stand_in_source(self, source: str) -> bool:
        """Whether one of the names stands in HTML or JSON: as it is written, or as it is read (entities, JSON's escapes,
        tags within the name)."""
        read = _TAG.sub("", html.unescape(_TAG.sub("", _without_json_escapes(source))))
        return self.stand_in(source) or self.stand_in(read)

    def blacked(self, text: str | None) -> str | None:
        """A text with ■ for each character of the names in it. Its length stays, and so do its lines, blanks and JSON."""
        if not text:
            return text
        pieces: list[str] = []
        at = 0
        for start, end in self.spans(text):
            pieces += text[at:start], _SHOWN.sub(lambda shown: "■" * len(shown[0]), text[start:end])
            at = end
        return "".join([*pieces, text[at:]])


@lru_cache(maxsize=8)
def _compiled(names: tuple[str, ...]) -> re.Pattern[str] | None:
    patterns = dict.fromkeys(_pattern(name) for name in names)
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _pattern(name: str) -> str:
    parts = letters(name).strip(BREAK).split(BREAK)
    cut = [_GAP.join(map(re.escape, part)) for part in parts]
    return _SIGNS.join(cut) or re.escape(fold(name))  # of signs alone: as it is


def _unquoted(text: str) -> tuple[str, Sequence[int]]:
    """The text with percent-encoded characters as they are read, and where each begins; at last, where the text ends."""
    if "%" not in text:
        return text, range(len(text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    for run in _BYTES.finditer(text):
        pieces.append(text[at : run.start()])
        starts.extend(range(at, run.start()))
        at = run.end()
        encoded = list(_BYTE.finditer(text, *run.span()))
        content = bytes(int(byte[1], 16) for byte in encoded)
        coding = _coding(content)
        done = 0
        for char in content.decode(coding, "surrogateescape"):
            pieces.append(char)
            starts.append(encoded[done].start())
            done += len(char.encode(coding, "surrogateescape"))
    pieces.append(text[at:])
    starts.extend(range(at, len(text) + 1))
    return "".join(pieces), starts


def _coding(content: bytes) -> str:
    for coding in ("utf-8", "gb18030"):
        try:
            content.decode(coding)
        except UnicodeDecodeError:
            continue
        return coding
    return "utf-8"


def _without_json_escapes(text: str) -> str:
    if "\\u" not in text:
        return text
    read = _JSON.sub(lambda match: chr(int(match[1], 16)), text)
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
