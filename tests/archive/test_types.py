"""Declarations of fact types: what is wrong with one is reported in a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.facts import types
from archive.facts.types import DeclarationError

GOOD = {"zh": '"楼栋长"', "en": '"Stewards"', "unit": '"person"', "shape": '"number"', "measures": '["person"]'}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def of(**changes: str | None) -> dict[str, types.FactType]:
        fields = {key: value for key, value in (GOOD | changes).items() if value is not None}
        path = tmp_path / "types.toml"
        path.write_text("[stewards]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items()), "utf-8")
        monkeypatch.setattr(types, "_FILE", path)
        types.load.cache_clear()
        return types.load()

    yield of
    monkeypatch.undo()
    types.load.cache_clear()


def test_a_good_one(load) -> None:
    (made,) = load(subjects='["community|estate", "town"]').values()
    assert made.subjects == (frozenset({"community", "estate"}), frozenset({"town"})) and made.measures == ("person",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": '"conut"'}, r"\[stewards\] shape: 'conut' is none of number, date, list, address"),
        ({"subjects": '["comunity"]'}, r"\[stewards\] subjects: 'comunity' is none of station"),
        ({"measures": '["persons"]'}, r"\[stewards\] measures: 'persons' is none of CNY"),
        ({"unit": '"persons"'}, r"\[stewards\] unit: 'persons' is none of CNY"),
        ({"unit": '"date"'}, r"\[stewards\] is a number, so its unit cannot be date"),
        ({"shape": '"list"'}, r"\[stewards\] is of shape list, so its unit must be text"),
        ({"measures": None}, r"\[stewards\] is a number, so it needs measures"),
        ({"zh": None}, r"\[stewards\] needs zh"),
        ({"en": "3"}, r"\[stewards\] needs en"),
        ({"heads": '"楼栋长"'}, r"\[stewards\] heads must be a list of texts"),
        ({"heds": '["楼栋长"]'}, r"\[stewards\] has no field heds"),
        ({"ceiling": "{ comunity = 5 }"}, r"\[stewards\] ceiling: 'comunity' is none of station"),
        ({"ceiling": "{ community = 0 }"}, r"\[stewards\] ceiling must lead to numbers above 0"),
        ({"published": '"yes"'}, r"\[stewards\] published must be true or false"),
    ],
)  # fmt: skip
def test_a_wrong_one_is_reported(load, changes: dict[str, str | None], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        load(**changes)


@pytest.mark.parametrize("content", ['zh = "x"', "[stewards", "stewards = 3"])
def test_what_is_no_declaration_is_reported(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "types.toml").write_text(content, "utf-8")
    monkeypatch.setattr(types, "_FILE", tmp_path / "types.toml")
    types.load.cache_clear()
    try:
        with pytest.raises(DeclarationError, match=r"types\.toml"):
            types.load()
    finally:
        monkeypatch.undo()
        types.load.cache_clear()


def test_those_shipped_are_good() -> None:
    assert len(types.load()) == 24
