"""The declarations of types.toml as objects."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("types.toml")


@dataclass(frozen=True, eq=False)
class FactType:
    """One declaration; the fields are explained at the top of types.toml."""

    id: str
    zh: str
    en: str
    unit: str
    shape: str
    subjects: tuple[frozenset[str], ...]
    measures: tuple[str, ...] = ()
    not_measures: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    standing: bool = False
    requires: dict[str, str] = field(default_factory=dict)
    only: dict[str, list[str]] = field(default_factory=dict)
    ceiling: dict[str, float] = field(default_factory=dict)


@cache
def load() -> dict[str, FactType]:
    """All fact types by id, in the order of the file.

    Raises ValueError naming the type and the field where a declaration has one that is unknown or lacks one.
    """
    types = {}
    for name, fields in tomllib.loads(_FILE.read_text("utf-8")).items():
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        values["subjects"] = tuple(frozenset(kinds.split("|")) for kinds in fields.get("subjects", ()))
        try:
            types[name] = FactType(id=name, **values)
        except TypeError as error:
            raise ValueError(f"{_FILE.name}: [{name}] {error}") from None
    return types
