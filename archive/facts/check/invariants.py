"""The checks that no decision overrides."""

import re

from archive.facts.types import FactType
from archive.model import Fact

_DATE = re.compile(r"(?:\d{4}(?:-\d\d(?:-\d\d)?)?|--\d\d(?:-\d\d)?)?")


def broken(raw: str, fact: Fact, type_: FactType) -> str:
    """Why a statement cannot be a fact of a text, in words; empty where it can."""
    if raw[fact.start : fact.end] != fact.quote or not fact.quote:
        return "the quote is not what the text says"
    if "、" in fact.subject:
        return "two places, and no name for both"
    if fact.tainted:
        return "damage may have touched the number"
    if (fact.value is None) != (type_.shape != "number"):
        return "a number and a type without one, or the other way round"
    if fact.value is not None and fact.value > type_.ceiling.get(fact.subject_kind, float("inf")):
        return "more than can be believed of such a subject"
    if fact.value_high is not None and (fact.value is None or fact.value_high <= fact.value):
        return "a range that does not rise"
    if not _DATE.fullmatch(fact.date) or (type_.shape == "date" and not fact.date):
        return "no date"
    return ""
