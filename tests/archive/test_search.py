"""Search: what the index finds is what the text holds, in either script."""

import sqlite3

import pytest

from archive.search.fts import query, tokens
from archive.text import clean, fold
from crawler.sample.mirror import distort
from crawler.sample.outlets import stories

TEXTS = ["\n".join(story.paragraphs(1)) for story in stories()]
TEXTS += [distort(text, "") for text in TEXTS]


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5 (text, content = '', tokenize = 'ascii')")
    connection.executemany(
        "insert into t (rowid, text) values (?, ?)", [(n, tokens(text)) for n, text in enumerate(TEXTS)]
    )
    return connection


def _found(index: sqlite3.Connection, written: str) -> set[int]:
    return {row[0] for row in index.execute("select rowid from t where t match ?", [query(written)])}


@pytest.mark.parametrize(
    "word",
    [
        "党员",
        "黨員",
        "站",
        "党群服务站",
        "黨群服務站",
        "书",
        "2300",
        "42名",
        "喆园",
        "堃和社区",
        "小区",
        "服务站举办",
        "没有这个词",
        "党员６８名",
    ],
)
def test_exact_against_the_text(index: sqlite3.Connection, word: str) -> None:
    wanted = {n for n, text in enumerate(TEXTS) if fold(word) in fold(clean(text).text)}
    assert _found(index, word) == wanted


def test_phrases_do_not_run_over_punctuation(index: sqlite3.Connection) -> None:
    assert "党员61名" in TEXTS[0] + "".join(TEXTS)
    assert not _found(index, "名桂苑里")  # …名。\n桂苑里…


def test_words_combine(index: sqlite3.Connection) -> None:
    assert _found(index, "捐赠 图书") == _found(index, "捐赠") & _found(index, "图书")
    assert _found(index, "党群服务站 -捐赠") == _found(index, "党群服务站") - _found(index, "捐赠")
    assert _found(index, '"党群 服务站"') == _found(index, "党群服务站")


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        '"',
        "' or 1=1 --",
        "AND OR NOT",
        "a* NEAR(b)",
        "text:x",
        "(((",
        "-",
        "- -党员",
        "ǁ",
        "\x00",
        "😀" * 300,
        "”“",
    ],
)
def test_no_query_is_an_error(index: sqlite3.Connection, hostile: str) -> None:
    _found(index, hostile)
