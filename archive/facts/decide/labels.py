"""What the model decides between: types, closed qualifiers, and the roles that it points at."""

from functools import cache

from archive.facts.candidates import Candidate
from archive.facts.propose.quantities import families_of
from archive.facts.types import load

NUMBERS = (
    "party_members", "party_branches", "party_groups", "households", "residents", "buildings", "estates", "communities", "grids",
    "investment", "donation_money", "donation_goods", "floor_area", "site_area", "volunteers", "participants", "activities",
    "services", "cases", "stations",
)  # fmt: skip
TYPES = (
    "none",
    *NUMBERS,
    "opened_on",
    "started_on",
    "facilities",
    "address",
)  # learned; the order is that of the weights
CLOSED = ("planned", "each", "registered", "non_registered", "per day", "per month", "per year")
ROLES = ("subject", "words", "date", "donor", "recipient")  # words: the free part of a qualifier


def allowed(candidate: Candidate) -> tuple[int, ...]:
    """The types that a candidate can be, as positions in `TYPES`; none is always among them."""
    return _allowed(candidate.kind, families_of(candidate.quantity.measure) if candidate.quantity else ())


@cache
def _allowed(shape: str, families: tuple[str, ...]) -> tuple[int, ...]:
    declared = load()
    fitting = [
        number
        for number, name in enumerate(TYPES)
        if name in declared
        and declared[name].shape == shape
        and (not families or set(families) & set(declared[name].measures))
    ]
    return (0, *fitting)
