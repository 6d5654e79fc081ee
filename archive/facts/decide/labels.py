"""What the model decides between: types, closed qualifiers, and the roles that it points at."""

from archive.facts.propose.candidates import Candidate
from archive.facts.propose.quantities import families_of

NUMBERS = (
    "party_members", "party_branches", "party_groups", "households", "residents", "buildings", "estates", "communities", "grids",
    "investment", "donation_money", "donation_goods", "floor_area", "site_area", "volunteers", "participants", "activities",
    "services", "cases", "stations",
)  # fmt: skip
DATES = ("opened_on", "started_on")
TYPES = ("none", *NUMBERS, *DATES, "facilities", "address")
CLOSED = ("planned", "each", "registered", "non_registered", "per day", "per month", "per year")
ROLES = ("subject", "words", "date", "donor", "recipient")  # words: the free part of a qualifier

_FAMILY_TYPES: dict[str, tuple[str, ...]] = {
    "CNY": ("investment", "donation_money"),
    "m2": ("floor_area", "site_area"),
    "household": ("households",),
    "building": ("buildings", "stations", "cases"),
    "person": ("party_members", "residents", "volunteers", "participants", "services"),
    "person_time": ("services", "participants", "volunteers"),
    "activity": ("activities", "cases", "services", "donation_goods"),
    "case": ("cases", "donation_goods", "activities", "stations"),
    "goods": ("donation_goods", "cases", "activities", "stations"),
    "count": (
        "party_branches", "party_groups", "buildings", "estates", "communities", "grids", "stations", "cases", "activities",
        "donation_goods", "households", "participants", "residents", "volunteers", "party_members",
    ),
    "none": NUMBERS,
}  # fmt: skip
_OF_KIND = {"date": DATES, "list": ("facilities",), "address": ("address",)}


def allowed(candidate: Candidate) -> tuple[int, ...]:
    """The types that a candidate can be, as positions in `TYPES`; none is always among them."""
    if candidate.quantity is not None:
        of = {type_ for family in families_of(candidate.quantity.measure) for type_ in _FAMILY_TYPES[family]}
    else:
        of = set(_OF_KIND[candidate.kind])
    return (0, *(i for i, name in enumerate(TYPES) if name in of))
