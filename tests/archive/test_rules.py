"""Types that the model has not learned: decided by the words of their declarations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.facts import extract_text, fact_types, types
from archive.facts.decide import rules
from archive.facts.document import Document
from archive.facts.extract import _read

STEWARDS = """
[stewards]
zh = "楼栋长"
en = "Building stewards"
unit = "person"
shape = "number"
measures = ["person"]
heads = ["楼栋长"]
excludes = ["表彰"]
subjects = ["community|estate", "town"]
"""


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    whole = types._FILE.read_text("utf-8")

    def add(declaration: str) -> None:
        (tmp_path / "types.toml").write_text(whole + declaration, "utf-8")
        monkeypatch.setattr(types, "_FILE", tmp_path / "types.toml")
        _forget()

    yield add
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    types.load.cache_clear()
    _read.cache_clear()


def test_a_new_type_needs_no_code(declare) -> None:
    declare(STEWARDS)
    text = "青禾社区设楼栋长237名。乙成社区表彰楼栋长20名。"
    (fact,) = [fact for fact in extract_text(text) if fact.type == "stewards"]
    assert (fact.subject, fact.value, fact.quote) == ("青禾社区", 237, "青禾社区设楼栋长237名")
    assert fact.probability is None and fact.status == "candidate"


def test_it_is_published_where_its_declaration_says_so(declare) -> None:
    declare(STEWARDS + "published = true\n")
    found = [fact for fact in extract_text("青禾社区有237名楼栋长，社区党委很重视。") if fact.type == "stewards"]
    assert [(fact.value, fact.status) for fact in found] == [(237, "published")]


def test_a_type_of_dates(declare) -> None:
    declare(
        '\n[renamed_on]\nzh = "更名日期"\nen = "Renamed on"\nunit = "date"\nshape = "date"\nverbs = ["更名"]\n'
        'subjects = ["community"]\n'
    )
    document = Document.of("2021年3月，青禾社区更名。2022年5月，青禾社区的中心扩建。")
    (found,) = rules.decide(document, [types.load()["renamed_on"]])
    assert found.candidate.date is not None and found.candidate.date.iso == "2021-03"
    assert found.subject is not None and document.text[slice(*found.subject)] == "青禾社区"


def test_without_declarations_there_is_nothing_to_decide() -> None:
    assert all(fact.probability is not None for fact in extract_text("青禾社区设楼栋长237名，党员36名。"))
    assert "stewards" not in fact_types()
