"""Chinese full-text search: what is indexed, and how a reader's query becomes an FTS5 query.

The index holds a shadow of the text: script-folded, one token a letter or digit (Han or not), and a break where
punctuation stands or a line ends, so that a phrase never runs over a comma. A query is cut the same way and run as
phrases: it finds what LIKE would find in the folded text, whatever the length, in either script. Blanks within a line
and which sign of punctuation stands there make no difference.
"""

import re
from collections.abc import Mapping
from itertools import pairwise

from archive.text import clean, fold

BREAK = "ǁ"  # a letter to the tokenizer, and in no text of ours
_TOKEN = re.compile(r"[^\W_]|[^\w\s]|_|\n")
_PHRASES = re.compile(r"(-?)(?:\"([^\"]*)\"?|“([^”]*)”?|(\S+))")
_MAX_QUERY = 200


def shadow(text: str) -> str:
    """The text as it is indexed."""
    return _tokens(fold(clean(text).text))


def query(written: str) -> str:
    """A reader's query as an FTS5 query: blanks mean and, quotes keep a phrase, a leading minus excludes.

    A query without anything to look for finds nothing.
    """
    wanted, unwanted = ([f'"{phrase}"' for phrase in phrases] for phrases in parse_query(written))
    if not wanted:
        return f'"{BREAK} {BREAK}"'
    return " AND ".join(wanted) + "".join(f" NOT {phrase}" for phrase in unwanted)


def parse_query(written: str) -> tuple[list[str], list[str]]:
    """The phrases that a reader wants and those that must not stand there, as tokens with blanks between them."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for match in _PHRASES.finditer(fold(written[:_MAX_QUERY])):
        tokens = _tokens(match[2] or match[3] or match[4] or "").strip(f"{BREAK} ")
        if tokens:
            (unwanted if match[1] else wanted).append(tokens)
    return wanted, unwanted


def only_without(written: str) -> bool:
    """Whether a query has words to leave out and none to look for, so that it finds nothing."""
    wanted, unwanted = parse_query(written)
    return bool(unwanted) and not wanted


def without_breaks(phrases: list[str]) -> list[str]:
    """The pieces of phrases between their breaks, which stand in every text too often to be looked for."""
    return [piece for phrase in phrases for piece in phrase.split(f" {BREAK} ") if piece != BREAK]


def rarest_part(phrases: list[str], counts: Mapping[str, int], length: int) -> str:
    """An FTS5 query for so many neighbouring tokens of one of these phrases, those that fewest rows hold; `counts` says
    how many hold each. Whatever holds all phrases holds these."""
    parts = [
        tokens[at : at + length]
        for phrase in phrases
        for tokens in [phrase.split()]
        for at in range(max(1, len(tokens) - length + 1))
    ]
    rarest = min(parts, key=lambda part: sorted(counts[token] for token in part))
    return f'"{" ".join(rarest)}"'


def pairs(tokens: str) -> str:
    """The tokens and the neighbours among them as words of two, each once: an index of these knows a text's rare phrases
    at once."""
    cut = tokens.split()
    both = {one + other for one, other in pairwise(cut) if BREAK not in (one, other)}
    return " ".join(both.union(cut) - {BREAK})


def in_pairs(pieces: list[str]) -> set[str]:
    """What `pairs` holds of whatever holds all these pieces: their pairs, and tokens that stand alone."""
    cut = [piece.split() for piece in pieces]
    return {one + other for tokens in cut for one, other in pairwise(tokens)} | {t[0] for t in cut if len(t) == 1}


def marker(written: str) -> re.Pattern[str] | None:
    """What to mark in a folded text that a query has found; None where it asks for nothing."""
    signs = [
        r"\s*".join(r"[^\w\s]+" if token == BREAK else re.escape(token) for token in phrase.split())
        for phrase in sorted(parse_query(written)[0], key=len, reverse=True)
    ]
    return re.compile("|".join(signs), re.IGNORECASE) if signs else None


def of_fact(subject: str, quote: str, label: str) -> str:
    """What is indexed of a fact: who, the words, and its type."""
    return shadow(f"{subject} | {quote} | {label}")


def of_station(names: list[str], place: str) -> str:
    """What is indexed of a station: all its names, and its place."""
    return shadow(" | ".join([*names, place]))


def _tokens(folded: str) -> str:
    tokens: list[str] = []
    for match in _TOKEN.finditer(folded.lower()):
        token = match[0]
        if not token.isalnum():
            token = BREAK
            if tokens and tokens[-1] == BREAK:
                continue
        tokens.append(token)
    return " ".join(tokens)
