"""The language that a reader is answered in: one for each request, held in a context variable.

The name of the archive, which its operator decides, is held in the same way. Whoever answers a request sets both; words are
chosen where they are shown (archive/labels.py, the templates of the site). What is stored, and what programs read, has codes
instead of words.
"""

from contextvars import ContextVar
from enum import StrEnum

Words = tuple[str, str]  # Chinese, English


class Language(StrEnum):
    """A language of the site, by its tag (BCP 47)."""

    ZH = "zh-Hans"
    EN = "en"


NAME: ContextVar[Words] = ContextVar("name", default=("党群服务站报道档案", "Dangqun Archive"))  # of the archive
LANGUAGE: ContextVar[Language] = ContextVar("language", default=Language.ZH)


def chosen(words: Words) -> str:
    """The words in the language of the request."""
    return words[LANGUAGE.get() == Language.EN]
