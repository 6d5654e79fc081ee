"""The declarations of types.toml as objects, checked when they are loaded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from archive import plugins
from archive.facts.propose.measures import MEASURES
from archive.facts.propose.names import KINDS
from archive.plugins import DeclarationError

_FILE = Path(__file__).with_name("types.toml")
UNITS = ("CNY", "person", "household", "building", "m2", "item", "count", "person_time", "date", "text")
SHAPES = {"number": None, "date": "date", "list": "text", "address": "text"}  # shape -> the one unit that it can have
# What a station has at a time, in the order in which pages show it.
LASTING = (
    "party_members", "households", "residents", "volunteers", "party_branches", "party_groups", "grids", "buildings", "estates",
    "floor_area", "site_area",
)  # fmt: skip
AMOUNTS = ("investment", "donation_money")  # each amount counts once
COMPARED = LASTING + AMOUNTS
_LISTS = ("measures", "heads", "verbs", "excludes", "subjects")


@dataclass(frozen=True, eq=False)
class FactType:
    """One declaration; the fields are explained at the top of types.toml."""

    id: str
    zh: str
    en: str
    unit: str
    shape: str
    measures: tuple[str, ...] = ()
    ceiling: dict[str, float] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    subjects: tuple[frozenset[str], ...] = ()
    published: bool = False


@cache
def load() -> dict[str, FactType]:
    """All fact types by id: ours in the order of the file, then those of plug-ins. Raises DeclarationError."""
    return plugins.tables(_FILE, _checked)


def _checked(name: str, fields: dict[str, Any]) -> FactType:
    _check_texts(name, fields)
    kinds = [frozenset(group.split("|")) for group in fields.get("subjects", [])]
    ceiling = fields.get("ceiling", {})
    _among(name, "unit", [fields["unit"]], UNITS)
    _among(name, "shape", [fields["shape"]], SHAPES)
    _among(name, "measures", fields.get("measures", []), MEASURES)
    _among(name, "subjects", (kind for group in kinds for kind in group), KINDS)
    _among(name, "ceiling", ceiling, KINDS)
    _check_unit(name, fields)
    if not all(isinstance(most, int | float) and most > 0 for most in ceiling.values()):
        raise DeclarationError(f"[{name}] ceiling must lead to numbers above 0.")
    if not isinstance(fields.get("published", False), bool):
        raise DeclarationError(f"[{name}] published must be true or false.")
    unknown = [key for key in fields if key not in FactType.__dataclass_fields__ or key == "id"]
    if unknown:
        raise DeclarationError(f"[{name}] has no field {unknown[0]}; its head lists those there are.")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return FactType(id=name, **values | {"subjects": tuple(kinds)})


def _check_texts(name: str, fields: dict[str, Any]) -> None:
    """Raise DeclarationError where a text is missing, or a list holds something else than texts."""
    for key in ("zh", "en", "unit", "shape"):
        if not isinstance(fields.get(key), str) or not fields[key]:
            raise DeclarationError(f"[{name}] needs {key}, a text.")
    for key in _LISTS:
        if not isinstance(fields.get(key, []), list) or not all(isinstance(w, str) and w for w in fields.get(key, [])):
            raise DeclarationError(f"[{name}] {key} must be a list of texts.")


def _check_unit(name: str, fields: dict[str, Any]) -> None:
    """Raise DeclarationError where the unit or the measures do not fit the shape."""
    wanted = SHAPES[fields["shape"]]
    if wanted and fields["unit"] != wanted:
        raise DeclarationError(f"[{name}] is of shape {fields['shape']}, so its unit must be {wanted}.")
    if not wanted and fields["unit"] in ("date", "text"):
        raise DeclarationError(f"[{name}] is a number, so its unit cannot be {fields['unit']}.")
    if not wanted and not fields.get("measures"):
        raise DeclarationError(f"[{name}] is a number, so it needs measures: {', '.join(MEASURES)}.")


def _among(name: str, key: str, given: Iterable[str], known: Iterable[str]) -> None:
    for word in given:
        if word not in known:
            raise DeclarationError(f"[{name}] {key}: {word!r} is none of {', '.join(known)}.")
