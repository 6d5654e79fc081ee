"""Chinese full-text search: what is indexed, and how a reader's query becomes an FTS5 query.

Of a text, its letters count (digits, too): in simplified characters, with a break where punctuation stands or a line ends. The
index holds each letter together with the one that follows, and, once, each letter alone. A phrase is all its pairs in a
row. So a query finds what LIKE would find in the folded text, whatever the length, in either script, and a phrase never runs
over a comma. Blanks within a line and which sign of punctuation stands there make no difference.
"""

import re
from operator import add

from archive.text import clean, fold

BREAK = "ǁ"  # a letter to the tokenizer, and in no text of ours
_BLANKS = re.compile(r"[^\S\n]+")
_SIGNS = re.compile(r"[\W_]+")
_PHRASES = re.compile(r"(-?)(?:\"([^\"]*)\"?|“([^”]*)”?|(\S+))")
_MAX_QUERY = 200


def letters(text: str) -> str:
    """The letters of a text as they are compared, with breaks."""
    return _letters(fold(clean(text).text))


def tokens(text: str) -> str:
    """A text as it is indexed: its letters, then its pairs; the last letter of each clause makes one with the break."""
    found = letters(text) + BREAK
    return " ".join([*dict.fromkeys(found), *map(add, found, found[1:])])


def query(written: str) -> str:
    """A reader's query as an FTS5 query: blanks mean and, quotes keep a phrase, a leading minus excludes.

    A query without anything to look for finds nothing.
    """
    wanted, unwanted = (list(map(_phrase, phrases)) for phrases in parse_query(written))
    return " AND ".join(wanted or ['""']) + "".join(f" NOT {phrase}" for phrase in unwanted)


def parse_query(written: str) -> tuple[list[str], list[str]]:
    """The phrases that a reader wants and those that must not stand there, as letters with breaks."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for match in _PHRASES.finditer(fold(written[:_MAX_QUERY])):
        phrase = _letters(match[2] or match[3] or match[4] or "").strip(BREAK)
        if phrase:
            (unwanted if match[1] else wanted).append(phrase)
    return wanted, unwanted


def only_without(written: str) -> bool:
    """Whether a query has words to leave out and none to look for, so that it finds nothing."""
    wanted, unwanted = parse_query(written)
    return bool(unwanted) and not wanted


def marker(written: str) -> re.Pattern[str] | None:
    """What to mark in a folded text that a query has found; None where it asks for nothing."""
    signs = [
        r"\s*".join(r"[^\w\s]+" if letter == BREAK else re.escape(letter) for letter in phrase)
        for phrase in sorted(parse_query(written)[0], key=len, reverse=True)
    ]
    return re.compile("|".join(signs), re.IGNORECASE) if signs else None


def _letters(folded: str) -> str:
    return _SIGNS.sub(BREAK, _BLANKS.sub("", folded.lower()))


def _phrase(phrase: str) -> str:
    return f'"{" ".join(map(add, phrase, phrase[1:])) or phrase}"'
