"""Questions: the sentences about their answers, in both languages, and how answers are counted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.language import LANGUAGE, Language
from archive.publishing.questions import answers, questions
from archive.site.chart import Kind
from archive.site.question import question_cards, sentence


@pytest.fixture
def english() -> Iterator[None]:
    token = LANGUAGE.set(Language.EN)
    yield
    LANGUAGE.reset(token)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("template", "found", "expected"),
    [
        ("{n|station|stations} report it.", {"n": 1}, "1 station report it."),
        ("{n|station|stations}", {"n": 0}, "0 stations"),
        ("{n} in {year}, {day}", {"n": 1204, "year": "2020", "day": "2020-06-30"}, "1,204 in 2020, 30 June 2020"),
        ("{place} has most", {"place": "望潭区"}, "望潭区 has most"),
    ],
)
def test_a_sentence(template: str, found: dict[str, object], expected: str) -> None:
    assert "".join(part.text for part in sentence(template, found)) == expected


def test_names_in_a_sentence_are_words_of_articles() -> None:
    assert [part.text for part in sentence("{place}有{n}个", {"place": "望潭区", "n": 3}) if part.source] == ["望潭区"]
    assert list(sentence("{place}", None)) == []


def test_every_question_is_declared_whole() -> None:
    for name, question in questions().items():
        assert question.chart["kind"] in set(Kind), name
        for words in (
            question.title,
            question.note,
            question.finding,
            question.chart["title"],
            *question.chart["series"],
        ):
            assert words["zh"] and words["en"] and words["zh"] != words["en"], name


def test_what_is_kept_of_answers(demo: tuple[Path, str]) -> None:
    with closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as connection:
        for name, kept in answers(connection).items():
            assert kept["total"] == connection.execute(f"select count(*) from answer_{name}").fetchone()[0]
            assert len(kept["drawn"]) <= min(30, kept["drawn_of"])
            template = questions()[name].finding
            for language in ("zh", "en"):
                "".join(part.text for part in sentence(template[language], kept["found"]))
        [members] = [card for card in question_cards(connection) if card["question"].name == "members_by_city_and_year"]
        for mark in members["chart"]["series"][0]["marks"]:
            assert 0 < mark["n"] <= mark["of"]
        key = members["chart"]["series"][0]["marks"][0]["page"].removeprefix("/place/")
        assert connection.execute("select count(*) from places where key = ?", [key]).fetchone() == (1,)
