"""What makes facts one statement, in the form in which SQL compares it.

Facts of one story (archive/reprints/stories.py) are one statement where type, subject, number, unit and qualifier are the same,
whatever the script, the places named before the subject and the words of approximation. Details (dates, donors, the words
of what has no number) separate statements only where one article itself says both: a copy that resolves 去年 otherwise,
or begins an address with another word, says nothing else. The view `statement_facts` in schema.sql does the grouping.
"""

import re
from collections.abc import Mapping
from typing import Any

from archive.model import Fact, SubjectKind
from archive.stations.names import core, normal
from archive.text import clean, fold

# Kinds of subjects that hold many stations.
_WHOLE = frozenset([SubjectKind.TOWN, SubjectKind.DISTRICT, SubjectKind.CITY, SubjectKind.PROVINCE])
_RUNNING = re.compile("累计|累积|历年")
_CLAUSE_ENDS = re.compile(r"[，。；！？\n]")


def statement_keys(fact: Fact, text: str) -> dict[str, str | int]:
    """The columns of a fact's row that say which statement it is. `text` is the one that the fact was read from.

    `subject_key`, `qualifier_key` and `detail_key` are in comparable form; `cumulative` is 1 where the number holds what
    others hold, and is not added to them.
    """
    return {**comparable(vars(fact)), "cumulative": int(_is_cumulative(fact, text))}


def comparable(fact: Mapping[str, Any]) -> dict[str, str | int]:
    """The columns that follow from what a fact says, given as its row."""
    words = fact["quote"] if fact["value"] is None and not fact["date"] else ""
    details = (fact["date"], clean(words).text, fact["donor"], fact["recipient"])
    return {
        "subject_key": core(fact["subject"]),
        "qualifier_key": normal(fact["qualifier"]),
        "detail_key": " ".join(filter(None, map(normal, details))),
    }


def _is_cumulative(fact: Fact, text: str) -> bool:
    """Whether a number is of a whole town, district or city, or a running total."""
    before = _CLAUSE_ENDS.split(text[: fact.start])[-1]
    return fact.subject_kind in _WHOLE or bool(_RUNNING.search(fold(clean(before + fact.quote).text)))
