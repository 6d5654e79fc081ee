"""What the grammar shows the network beside the characters: nouns, verbs, names that are meant, sentences."""

from datetime import date

import pytest

from archive.facts.candidates import Candidate, find
from archive.facts.decide import narrowing
from archive.facts.decide.decoding import Decision
from archive.facts.decide.labels import TYPES
from archive.facts.decide.nouns import beside
from archive.facts.decide.windows import Window, windows
from archive.facts.document import Document


def _beside(text: str, kind: str) -> tuple[str, str]:
    document = Document.of(text, date(2022, 5, 7))
    candidate = next(c for c in find(document) if c.kind == kind)
    following, preceding = beside(document, candidate)
    return TYPES[following], TYPES[preceding]


@pytest.mark.parametrize(
    ("text", "following", "preceding"),
    [
        ("青禾社区有5个小区", "estates", "communities"),
        ("青禾社区现有在册党员128名", "none", "party_members"),
        ("来了36名退休老党员", "party_members", "none"),
        ("全长36公里,花了3万元,党员带头", "none", "none"),
    ],
)
def test_nouns_beside_a_number(text: str, following: str, preceding: str) -> None:
    assert _beside(text, "number") == (following, preceding)


@pytest.mark.parametrize(
    ("text", "following", "preceding"),
    [
        ("驿站于2021年5月6日启用", "opened_on", "none"),
        ("驿站开工是2021年5月6日", "none", "started_on"),
        ("驿站建成。2021年5月6日,居民来了", "none", "none"),
    ],
)
def test_verbs_beside_a_date(text: str, following: str, preceding: str) -> None:
    assert _beside(text, "date") == (following, preceding)


TWO = "青禾社区和白榆社区\n2022-05-07\n青禾社区有居民860户。白榆社区紧挨着它,社区有居民310户。社区党员36名。"


def _named_at(document: Document, window: Window, token: int) -> str:
    """The name of the grammar that begins at a token."""
    return max((n.text for n in document.names_at.get(window.offsets[token], ())), key=len, default="")


def test_a_guess_is_the_name_that_was_meant_last() -> None:
    document = Document.of(TWO)
    (window,) = windows(document)
    guessed = [_named_at(document, window, i.guesses[0]) for i in window.items if i.candidate.quantity]
    assert guessed == ["青禾社区", "白榆社区", "白榆社区"]


def test_guesses_and_sentences_fit_the_window() -> None:
    document = Document.of("青禾社区的账本\n2022-05-07\n" + TWO * 40)
    for window in windows(document):
        assert len(window.sentences) == len(window.tokens) == len(window.hints)
        assert all(0 <= guess < len(window.tokens) for item in window.items for guess in item.guesses)


@pytest.mark.parametrize(("donor", "given_to"), [((5, 9), (0, 4)), ((0, 4), None)])
def test_a_gift_goes_to_whom_it_is_about_unless_they_gave_it(
    donor: tuple[int, int], given_to: tuple[int, int] | None
) -> None:
    document = Document.of("青禾社区收到白榆公司捐的口罩300只")
    gift = Decision(Candidate("number", 14, 18), "donation_goods", 14, 18, (0, 4), donor=donor)
    assert narrowing.recipient(document, gift) == given_to
