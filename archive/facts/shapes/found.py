"""What a shape hands back, and the words that narrow a statement."""

import re
from dataclasses import dataclass

from archive.facts.propose.quantities import Quantity
from archive.facts.types import FactType


@dataclass(frozen=True)
class Found:
    """A statement in folded text, before its subject is known and its quote led back to the raw text."""

    type: FactType
    start: int
    end: int
    value: int | float | None = None
    value_high: int | float | None = None
    approx: str = "exact"
    qualifier: str = ""
    date: str = ""
    tainted: bool = False

    @classmethod
    def counted(cls, type_: FactType, quantity: Quantity, start: int, end: int, qualifier: str = "") -> "Found":
        """A statement of a quantity."""
        return cls(
            type_, start, end, quantity.value, quantity.value_high, quantity.approx, qualifier, tainted=quantity.tainted
        )


_NON_REGISTERED = re.compile(r"非在册|流动党员|在职党员|双报到|报到|不在册")
_REGISTERED = re.compile(r"在册|直管|组织关系")
_AND_OWN = re.compile(r"支部党员|(?:在册|直管)党员[和及、加].{0,6}报到")
PLANNED = re.compile(r"拟|将(?!军|来|近|[^,]{0,4}(?:分|列|打))|计划|预计|规划|力争|到20[2-9]\d年")
_BUILDS = re.compile(r"(?:新建|改扩?建|扩建|建设|建成|打造)")
_EACH = re.compile(r"各(?![类项种级地县区市镇村部单界方])[一-鿿]{0,2}$|每[一-鿿]{0,6}$")


def qualifier_of(type_: FactType, quote: str, clause: str, before: str, earlier: str = "") -> str:
    """What narrows a number: the kind of membership, each, planned; empty for a plain statement. `earlier`
    is what the sentence says before the clause: 将投资1亿元,新建15个."""
    if type_.id == "party_members":
        if _NON_REGISTERED.search(clause) and _AND_OWN.search(clause):
            return ""  # 本支部党员和“双报到”党员共128人
        if _NON_REGISTERED.search(quote) or (_NON_REGISTERED.search(clause) and not _REGISTERED.search(quote)):
            return "non_registered"
        if _REGISTERED.search(quote):
            return "registered"
    if _EACH.search(before):
        return "each"
    goes_on = _BUILDS.match(clause) is not None and PLANNED.search(earlier) is not None
    return "planned" if goes_on or PLANNED.search(clause) else ""
