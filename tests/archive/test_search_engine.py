"""Search with filters: exact against LIKE, whichever way it goes, and page by page."""

import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import search
from archive.facts import fact_types
from archive.publishing import summaries
from archive.search import columns, lists, named
from archive.search.engine import find
from archive.search.wanted import ListKind, SearchError, Wanted
from archive.text import clean, fold

_KINDS = (ListKind.ARTICLES, ListKind.FACTS)
_WRITTEN = [
    "党员", "黨員", "站", "站 党员", "党员 -捐赠", "-捐赠 党员", "黨群服務站", "党群服务中心 居民", "2021", "12", "6月", "36名", "860户", "180", "18万元",
    '"党群服务站 揭牌"', "“小区党群服务站”", "书", "書", "喆", "喆园", "堃和", "社區", "没有这个词", "居民 没有这个词", "党员 -居民 -志愿者", "，", "。党", "万元，",
    "KTV", "app", "(", "名 户 人", "服务站举办", "环球", "環球", "志愿者108名", "党 员", "揭牌，", "3号楼", "100%", "a", "x", "平方米。",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    """Another limit finds the same rows by another way."""
    columns._KEPT.clear()


@pytest.fixture(scope="module")
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{demo[0] / 'published' / 'archive.db'}?immutable=1", uri=True)
    connection.create_function("plain", 1, _plain, deterministic=True)
    yield connection
    connection.close()


def _plain(text: str) -> str:
    """What LIKE looks into: folded, without blanks within a line, one sign for any punctuation or line's end."""
    return re.sub(r"[^\w]+|_+", "ǁ", re.sub(r"[^\S\n]+", "", fold(clean(text).text)).lower())


def _queries(snapshot: sqlite3.Connection) -> list[str]:
    """200 queries: written ones, and pieces of the texts, one to nine characters long, cut anywhere."""
    chance = random.Random(1)
    texts = [row[0] for row in snapshot.execute("select text from articles union all select quote from facts")]
    found = list(_WRITTEN)
    while len(found) < 200:
        text = chance.choice(texts)
        at = chance.randrange(len(text))
        piece = text[at : at + chance.choice((1, 2, 2, 3, 4, 6, 9))].strip()
        if piece and not re.search(r"[\s\"“”\-]", piece):
            found.append(piece)
    return found


def _liked(snapshot: sqlite3.Connection, kind: str, written: str) -> set[int]:
    """What LIKE finds."""
    wanted, unwanted = search.parse_query(written)
    if not wanted:
        return set()
    columns, table = (
        (("title", "text"), "articles")
        if kind == "articles"
        else (("subject", "quote || ' | ' || zh || ' ' || en"), "facts join fact_types on fact_types.id = type")
    )
    number = f"{kind}.id"
    conditions, values = ["current" if kind == "facts" else "1"], []
    for phrases, negation in ((wanted, ""), (unwanted, "not ")):
        for phrase in phrases:
            conditions.append(negation + "(" + " or ".join(f"plain({column}) like ?" for column in columns) + ")")
            values += [f"%{phrase}%"] * len(columns)
    return {
        row[0] for row in snapshot.execute(f"select {number} from {table} where {' and '.join(conditions)}", values)
    }


def _all(snapshot: sqlite3.Connection, kind: str, wanted: Wanted, size: int = 20) -> list[int]:
    """The numbers of all results, page by page."""
    found: list[int] = []
    after = ""
    while True:
        page = find(snapshot, kind, wanted, after, size)
        assert page.total is None or page.total >= len(page.rows)
        found += [row["id"] for row in page.rows]
        after = page.next
        if not after:
            return found


# How words are looked up where they are frequent.
_WAYS = {
    "gathered": {},
    "looked up": {"words.GATHERED": -1},
    "some looked up": {"words.GATHERED": 20, "words.LOOKED_UP": 5, "lists._MORE": 1},
    "walked": {"words.GATHERED": -1, "words.LOOKED_UP": -1},
}


@pytest.fixture(params=_WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in _WAYS[request.param].items():
        monkeypatch.setattr(f"archive.search.{name}", limit)


@pytest.mark.usefixtures("way")
def test_exact_against_like(snapshot: sqlite3.Connection) -> None:
    hits = 0
    for kind in _KINDS:
        for written in _queries(snapshot):
            found = _all(snapshot, kind, Wanted(q=written, reprints=True))
            assert len(found) == len(set(found)), written
            assert set(found) == _liked(snapshot, kind, written), (kind, written)
            hits += bool(found)
    assert hits > 250


@pytest.mark.parametrize("written", ["乾安县", "乾安縣", "吉林省 乾安县", "吉林省"])
def test_a_place_is_found_whose_name_folds_into_another(written: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table outlets (id integer primary key);"
        "create table stations (id integer primary key, place text, division text, division_name text);"
        "create table station_names (station_id integer, place text, division text);"
        "insert into stations values (1, '吉林省 乾安县', '', '');"
        "insert into station_names select id, place, division from stations"
    )
    summaries._lay_out_places(connection)
    connection.execute(f"create table {columns.TABLE} (name text, piece integer, data blob)")
    assert len(named.places(columns.Data(connection), written)) == 1


_FILTERS = [
    {"place": "望潭区"}, {"place": "松涛街道"}, {"place": "望潭区 澄浦街道"}, {"outlet": "望潭发布"}, {"outlet": "3"}, {"type": "party_members"},
    {"since": "2021"}, {"until": "2020"}, {"since": "2020", "until": "2021"}, {"q": "党员", "place": "芷岸区", "since": "2021"},
    {"q": "居民", "type": "households", "outlet": "3"}, {"type": "investment", "place": "望潭区", "until": "2021"}, {"reviewed": "1"},
    {"q": "党员", "since": "2021", "until": "2021"}, {"q": "居民 -党员", "since": "2020"}, {"q": "党群服务站 居民", "until": "2021", "place": "望潭区"},
    {"q": "服务", "since": "2031"}, {"q": "服务", "until": "1990"}, {"q": "居民", "type": "households", "since": "2021"},
]  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("given", _FILTERS, ids=str)
def test_filters_are_exact(snapshot: sqlite3.Connection, given: dict[str, str]) -> None:
    wanted = Wanted.of({**given, "reprints": "1"})
    facts = {}
    for number, type_, as_of, article, outlet, name, place in snapshot.execute(
        "select facts.id, type, coalesce(as_of, reported_on, ''), article_id, outlet_id, outlets.name, stations.place from facts"
        " join articles on articles.id = article_id join outlets on outlets.id = outlet_id"
        " join statement_facts on fact_id = facts.id left join stations on stations.id = statement_facts.station_id where current"
    ):
        facts[number] = (type_, as_of, article, {str(outlet), name}, place or "")
    liked = {kind: _liked(snapshot, kind, given["q"]) if "q" in given else None for kind in _KINDS}
    dates = dict(snapshot.execute("select id, coalesce(published, '') from articles"))
    outlets = {n: {str(o), name} for n, o, name in snapshot.execute("select articles.id, outlet_id, name from articles join outlets on outlets.id = outlet_id")}  # fmt: skip

    def in_years(date: str) -> bool:
        return (not given.get("since") or date[:4] >= given["since"]) and (
            not given.get("until") or "" < date[:4] <= given["until"]
        )

    def in_place(place: str) -> bool:
        return "place" not in given or (f" {place} ").find(f" {given['place']} ") >= 0

    by_type = {n for n, f in facts.items() if f[0] == given.get("type", f[0])}
    expected_facts = {
        n
        for n in by_type
        if in_years(facts[n][1])
        and in_place(facts[n][4])
        and given.get("outlet", facts[n][3].__iter__().__next__()) in facts[n][3]
        and (liked["facts"] is None or n in liked["facts"])
        and "reviewed" not in given
    }
    expected_articles = {
        n
        for n, date in dates.items()
        if in_years(date)
        and (not given.keys() & {"place", "type"} or any(facts[f][2] == n and in_place(facts[f][4]) for f in by_type))
        and ("outlet" not in given or given["outlet"] in outlets[n])
        and (liked["articles"] is None or n in liked["articles"])
        and "reviewed" not in given
    }
    assert set(_all(snapshot, "facts", wanted, 7)) == expected_facts
    found = _all(snapshot, "articles", wanted, 3)
    assert found == sorted(found, key=lambda number: (dates[number], number), reverse=True)
    assert set(found) == expected_articles


def test_the_newest_come_first_and_the_best_on_request(snapshot: sqlite3.Connection) -> None:
    dates = [row["published"] or "" for row in find(snapshot, "articles", Wanted(q="党员", reprints=True)).rows]
    assert dates == sorted(dates, reverse=True) and len(dates) == 20
    best = find(snapshot, "articles", Wanted(q="喆园", sort="relevance", reprints=True))
    assert best.sort == "relevance" and "喆园" in fold(best.rows[0]["title"])


def test_hits_are_marked_in_the_words_as_published(snapshot: sqlite3.Connection) -> None:
    for row in find(snapshot, "articles", Wanted(q="党群服务站")).rows:
        marked = [s["text"] for s in [*row["snippet"], *row["title_marked"]] if s["hit"]]
        assert marked and {fold(clean(text).text) for text in marked} == {"党群服务站"}
    row = find(snapshot, "facts", Wanted(q="36名")).rows[0]
    assert "".join(s["text"] for s in row["quote_marked"]) == row["quote"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"since": "21"}, "四位数字"),
        ({"type": "stewards"}, "没有事实类型"),
        ({"sort": "size"}, "须为date"),
        ({"place": "亚特兰蒂斯"}, "没有站点"),
        ({"outlet": "没有的报"}, "没有媒体"),
    ],
)
def test_what_cannot_be_searched_is_reported(snapshot: sqlite3.Connection, given: dict[str, str], says: str) -> None:
    with pytest.raises(SearchError, match=says):
        find(snapshot, "articles", Wanted.of(given))


def test_damage_in_the_results_is_reported(snapshot: sqlite3.Connection) -> None:
    with pytest.raises(SearchError, match="第一页"):
        find(snapshot, "articles", Wanted(), "1' or '1")


def test_a_search_that_takes_too_long_is_given_up(
    snapshot: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SECONDS", -1.0)
    monkeypatch.setattr("archive.sql.rows._STEPS", 1)
    with pytest.raises(SearchError, match="耗时过长"):
        find(snapshot, "facts", Wanted(q="居民 -党员 -志愿者"))


def test_every_fact_type_can_be_searched(snapshot: sqlite3.Connection) -> None:
    counted = sum(
        find(snapshot, "facts", Wanted(type=type_, reprints=True), size=1).total or 0 for type_ in fact_types()
    )
    assert counted == snapshot.execute("select count(*) from facts where current").fetchone()[0]
