"""What the words around a number, and the contract, determine of a decision. The network decides the rest."""

import re

from archive.facts.decide.decoding import DONATIONS, Decision, Span
from archive.facts.document import Document

_STOP = re.compile(r"[,。;:!?、\n]")
_REACH = 16  # characters before and behind a number in which its noun is
_NOT_REGISTERED = re.compile(r"(?:非|不)在册|流动党员|双报到|在职党员.{0,6}报到|报到.{0,6}党员")
_REGISTERED = re.compile(r"在册|直管|组织关系")
# Only a part is counted: of an age, or after an action. 35岁以下党员12名, 培训党员300名
_PART = re.compile(
    r"(\d{1,3}周?岁及?以[上下])[^,。;:!?、\n\d]{0,6}$|(培训|轮训|发展|吸收|表彰|慰问|帮扶|接收|转入|转出|流失|选派|抽调)党员$"
)
_PEOPLE = ("party_members", "residents", "volunteers", "services", "participants")
_MEMBERS = ("registered", "non_registered")


def recipient(document: Document, decision: Decision) -> Span | str | None:
    """The recipient of a donation: its subject. Where that is the donor, the network decides."""
    subject, donor = decision.subject, decision.donor
    if decision.type not in DONATIONS or subject is None:
        return decision.recipient
    return decision.recipient if _words(document, subject) == _words(document, donor) else subject


def donor(document: Document, decision: Decision) -> Span | str | None:
    """The donor of a donation; None where the network names one body as donor and recipient, because that cannot be."""
    gave = _words(document, decision.donor)
    return None if gave and gave == _words(document, recipient(document, decision)) else decision.donor


def _words(document: Document, named: Span | str | None) -> str:
    return document.text[slice(*named)] if isinstance(named, tuple) else ""


def part(document: Document, decision: Decision) -> Span | None:
    """The words that say which part of the people is counted: those that the network points at, or an age or an action
    right before the number."""
    if decision.words or decision.type not in _PEOPLE:
        return decision.words
    start = decision.candidate.start
    match = _PART.search(document.text, max(0, start - _REACH), start)
    return match.span(match.lastindex or 0) if match else None


def closed_words(document: Document, decision: Decision) -> tuple[str, ...]:
    """The closed words of a decision. The grammar decides those of rates and shares, the words beside the number those of
    members, the day those of events."""
    quantity = decision.candidate.quantity
    if quantity is None:
        return tuple(dict.fromkeys([*decision.closed, *_to_come(document, decision)]))
    words = [
        word for word in decision.closed if word not in _MEMBERS and not (quantity.rate and word.startswith("per "))
    ]
    if quantity.each and "each" not in words:
        words.append("each")
    if decision.type == "party_members":
        words += _membership(document, decision)
    return (*words, *filter(None, [quantity.rate]))


def _to_come(document: Document, decision: Decision) -> list[str]:
    """An event on a day after the report is planned."""
    date, published = decision.candidate.date, document.anchor.published
    later = date is not None and published is not None and date.iso[:2] != "--" and date.iso > published.isoformat()
    return ["planned"] if later else []


def _membership(document: Document, decision: Decision) -> list[str]:
    """Which members are counted, by the words around the number up to the next stops."""
    text, start, end = document.text, decision.candidate.start, decision.candidate.end
    stops = [m.end() for m in _STOP.finditer(text, max(0, start - _REACH), start)]
    stop = _STOP.search(text, end, end + _REACH)
    around = text[stops[-1] if stops else max(0, start - _REACH) : stop.start() if stop else end + _REACH]
    if _NOT_REGISTERED.search(around):
        return ["non_registered"]
    return ["registered"] if _REGISTERED.search(around) else [w for w in decision.closed if w in _MEMBERS]
