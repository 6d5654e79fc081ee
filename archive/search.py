"""Chinese full-text search: what is indexed, and how a reader's query becomes an FTS5 query.

The index holds a shadow of the text: script-folded, one token a Han character, one a digit, words of other
scripts whole, and a break where punctuation stands, so that a phrase never runs over a comma. A query is
cut the same way and asked as phrases; so 党员, 站, 党群服务站 and 黨群服務站 all find what they should.
"""

import re

from archive.text import clean, fold

_BREAK = "ǁ"  # a letter to the tokenizer, and in no text of ours
_TOKEN = re.compile(r"[㐀-鿿豈-﫿𠀀-𪛟]|\d|[^\W\d_㐀-鿿豈-﫿𠀀-𪛟]+|[^\w\s]")
_PHRASES = re.compile(r"(-?)(?:\"([^\"]*)\"?|“([^”]*)”?|(\S+))")
_MAX_QUERY = 200


def shadow(text: str) -> str:
    """The text as it is indexed."""
    return _tokens(fold(clean(text).text))


def query(written: str) -> str:
    """A reader's query as an FTS5 query: blanks mean and, quotes keep a phrase, a leading minus excludes.

    A query without anything to look for finds nothing.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for match in _PHRASES.finditer(fold(written[:_MAX_QUERY])):
        tokens = _tokens(match[2] or match[3] or match[4] or "").replace(_BREAK, " ").split()
        if tokens:
            (unwanted if match[1] else wanted).append(f'"{" ".join(tokens)}"')
    if not wanted:
        return f'"{_BREAK} {_BREAK}"'
    return " AND ".join(wanted) + "".join(f" NOT {phrase}" for phrase in unwanted)


def _tokens(folded: str) -> str:
    tokens: list[str] = []
    for match in _TOKEN.finditer(folded.lower()):
        token = match[0]
        if not token[0].isalnum():
            token = _BREAK
            if tokens and tokens[-1] == _BREAK:
                continue
        tokens.append(token)
    return " ".join(tokens)
