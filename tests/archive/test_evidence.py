"""Evidence outlives readers: an archive and decisions made by an earlier version, read by readers that see things otherwise.

Every decision about a statement that is still read attaches to it, the rest are listed; addresses of facts answer; no
alert is sent twice.
"""

import random
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from readers import facts_of, read_by
from serving import site
from support import exchange, page

from archive.model import Fact
from archive.pipeline.ingest import ingest
from archive.pipeline.rebuild import rebuild
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.site import alerts as alerting
from archive.site import fact_by_evidence, former_fact
from archive.stations import evidence
from archive.stations.evidence import Statement
from archive.storage.store import Archive, open_for_writing

_ADDED = "communities"  # a type that the old archive has no fact of
OLD = Path(__file__).with_name("old_archive.tar.xz")
URL = "http://a.example/1.html"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder as an earlier version left it."""
    with tarfile.open(OLD) as packed:
        packed.extractall(tmp_path / "data", filter="data")
    return tmp_path / "data"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What alerts report: the last part of each address."""
    sent: list[str] = []

    def deliver(follow, message: str, new, *_: object) -> alerting.Sent:
        sent.extend(one["url"].rpartition("/")[2] for one in new)
        return alerting.Sent(follow["id"], "", message, len(new))

    monkeypatch.setattr(alerting, "_deliver", deliver)
    return sent


@dataclass
class Otherwise:
    """A reader with other quotes, subjects, qualifiers and dates, that misses some facts and sees more. It remembers which
    of today's facts it reads, and how."""

    seed: int
    reads: dict[str, Fact] = field(default_factory=dict)
    adds: int = 0

    def __call__(self, fact: Fact, text: str) -> Iterable[Fact]:
        key = _identity(fact, text)
        chance = random.Random(f"{self.seed}{key}")
        if chance.random() < 0.04:
            return
        start, end = _moved(fact, text, chance)
        changed = replace(fact, start=start, end=end, quote=text[start:end])
        if chance.random() < 0.3:
            changed = replace(changed, subject=changed.subject[2:] or "某小区")
        if chance.random() < 0.2 and fact.unit != "text":
            changed = replace(changed, qualifier="planned" if fact.qualifier != "planned" else "")
        if chance.random() < 0.3 and fact.unit != "date":
            changed = replace(changed, date="2021-06" if fact.date != "2021-06" else "")
        self.reads[key] = changed
        yield changed
        if chance.random() < 0.1 and fact.value:
            self.adds += 1
            yield replace(changed, type=_ADDED, value=fact.value + 1, probability=990)


def _identity(fact: Fact, text: str) -> str:
    """A fact of today's reader, by its article and words."""
    return repr((text[:40], text[-40:], fact.type, fact.subject, fact.quote, fact.value, fact.qualifier, fact.date))


def _moved(fact: Fact, text: str, chance: random.Random) -> tuple[int, int]:
    """A longer or shorter quote, which holds the number still."""
    start, end = fact.start, fact.end
    number = re.search(r"\d+", fact.quote)
    if number and chance.random() < 0.5:
        return start + number.start(), end
    while start > 0 and text[start - 1] not in "，。\n" and chance.random() < 0.9:
        start -= 1
    while end < len(text) and text[end] not in "，。\n" and chance.random() < 0.7:
        end += 1
    return start, end


def _attached(archive: Archive, reader: Otherwise) -> tuple[int, int]:
    """Of the decisions about what a reader still reads: how many attach to what it reads, and how many there are."""
    attached, is_open = archive.reviews.attached(archive.connection)
    standing = archive.reviews.standing()
    assert {review.id for review in [*attached.values(), *is_open]} == {review.id for review in standing.values()}
    by_review = {review.id: key for key, review in attached.items()}
    right = wanted = 0
    for review in standing.values():
        fact = review.fact
        text = archive.connection.execute("select text from articles where url = ?", [fact["url"]]).fetchone()[0]
        now = reader.reads.get(
            repr((text[:40], text[-40:], *(fact[name] for name in ("type", "subject", "quote")), _int(fact["value"]), fact["qualifier"], fact["date"]))
        )  # fmt: skip
        if now is None:
            continue
        wanted += 1
        row = archive.connection.execute(
            'select type, value, start, "end", subject from facts where evidence = ?', [by_review.get(review.id)]
        ).fetchone()
        right += row == (now.type, now.value, now.start, now.end, now.subject)
    return right, wanted


def _int(value: object) -> object:
    return int(value) if isinstance(value, float) and value == int(value) else value


def _keys(archive: Archive) -> list[tuple[str, str]]:
    return archive.connection.execute("select evidence, quote from facts order by evidence").fetchall()


def _send(archive: Archive, path: Path) -> None:
    with closing(alerting.Alerts(archive.folder / "reviews.db")) as opened, closing(sqlite3.connect(path)) as snapshot:
        list(opened.send(snapshot, "http://archive.example", None))


def test_decisions_addresses_and_alerts_outlive_readers(old: Path, sent: list[str]) -> None:
    known = facts_of(old / "archive.db")
    rebuild(old)
    with open_for_writing(old) as archive:
        read_by(archive, known=known)
        before = _keys(archive)
        assert {key for key, _ in before} == set(archive.reviews.standing())
        _send(archive, publish(archive))
        assert sent == []
        for seed in (1, 2):
            reader = Otherwise(seed)
            read_by(archive, reader, known)
            right, wanted = _attached(archive, reader)
            assert wanted > 200 and right >= 0.98 * wanted, (right, wanted)
            path = publish(archive, fall=1)
            _send(archive, path)
            _send(archive, path)
            with closing(sqlite3.connect(path)) as snapshot:
                types = dict(snapshot.execute("select evidence, type from facts").fetchall())
                # Only what no reader had read is sent, and once.
                assert reader.adds and len(sent) == len(set(sent))
                assert {types.get(key, _ADDED) for key in sent} == {_ADDED}
                for key, _ in before:
                    former = former_fact(snapshot, key)
                    assert (key in types) != bool(former)
                    if former:
                        assert former["fact"]["quote"]
                        assert not former["successor"] or former["successor"] in types
                    assert fact_by_evidence(snapshot, key)
        read_by(archive, known=known)
        assert _keys(archive) == before
        count = len(sent)
        _send(archive, publish(archive, fall=1))
        assert len(sent) == count


def test_decisions_attach_to_what_the_network_reads(old: Path, sent: list[str]) -> None:
    """Of the decisions of an archive that rules read: those about what the network states as well attach, the rest are listed."""
    rebuild(old)
    with open_for_writing(old) as archive:
        attached, is_open = archive.reviews.attached(archive.connection)
        assert len(attached) + len(is_open) == len(archive.reviews.standing())
        rows = archive.connection.execute(
            'select url, facts.type, facts.value, start, "end" from facts join articles on articles.id = article_id where current'
        ).fetchall()
        stated = [
            review.id
            for review in archive.reviews.standing().values()
            if any(
                (url, type_, value) == tuple(review.fact[k] for k in ("url", "type", "value"))
                and start < int(str(review.fact["end"])) and int(str(review.fact["start"])) < end
                for url, type_, value, start, end in rows
            )
        ]  # fmt: skip
        kept = {review.id for review in attached.values()}
        assert len(stated) > 50 and len(kept & set(stated)) >= 0.98 * len(stated)
        _send(archive, publish(archive, fall=1))
        assert len(sent) == len(set(sent))
        assert list(verify(archive)) == []


@pytest.mark.parametrize("with_database", [True, False])
def test_keys_come_back_when_the_database_is_rebuilt(old: Path, tmp_path: Path, with_database: bool) -> None:
    """With the old database for its keys; without it, decisions attach by what they say of facts."""
    fresh = tmp_path / "fresh"
    (fresh / "warc").mkdir(parents=True)
    for path in (old / "warc").iterdir():
        shutil.copy(path, fresh / "warc")
    shutil.copy(old / "reviews.db", fresh)
    reader = Otherwise(3)
    with open_for_writing(fresh) as archive:
        if with_database:
            with closing(sqlite3.connect(old / "archive.db")) as connection:
                evidence.carry(connection, archive.connection)
        read_by(archive, reader, facts_of(old / "archive.db"))
        right, wanted = _attached(archive, reader)
        assert wanted > 200 and right >= 0.98 * wanted, (right, wanted)
        kept = {key for key, _ in _keys(archive)} & set(archive.reviews.standing())
        assert len(kept) >= 0.98 * wanted


@pytest.fixture
def take(store: Archive) -> Iterator[Archive]:
    text = "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区现有在册党员36名，居民860户。大家都说这里办事方便。"
    ingest(store, store.save_capture(exchange(URL, page("青禾小区党群服务站", text), outlet="云泽新闻网"), None))
    return store


def test_what_was_confirmed_is_shown_as_it_was_confirmed(take: Archive) -> None:
    number = take.connection.execute("select id from facts where type = 'party_members'").fetchone()[0]
    take.reviews.decide(take.connection, number, "confirm", "甲")
    read_by(take, lambda fact, text: [replace(fact, subject="方便小区", qualifier="")])
    with closing(sqlite3.connect(publish(take))) as snapshot:
        row = snapshot.execute(
            "select subject, value, qualifier from statements where type = 'party_members'"
        ).fetchone()
        assert row == ("青禾小区", 36, "registered")
        shown = snapshot.execute("select subject, review, extracted from facts where type = 'party_members'").fetchone()
        assert shown == ("青禾小区", "confirm", '{"subject":"方便小区","qualifier":""}')


def test_a_decision_about_another_number_is_put_up_again(take: Archive) -> None:
    number = take.connection.execute("select id from facts where type = 'households'").fetchone()[0]
    take.reviews.decide(take.connection, number, "confirm", "甲")
    (key,) = take.reviews.standing()
    read_by(take, lambda fact, text: [replace(fact, value=86) if fact.type == "households" else fact])
    attached, (is_open,) = take.reviews.attached(take.connection)
    assert not attached and is_open.evidence == key
    (successor,) = take.connection.execute("select successor from former_facts where key = ?", [key]).fetchone()
    assert take.connection.execute("select value from facts where evidence = ?", [successor]).fetchone() == (86,)


async def test_what_is_read_no_more_answers_with_its_quote(take: Archive) -> None:
    keys = dict(take.connection.execute("select type, evidence from facts").fetchall())

    def less(fact: Fact, text: str) -> Iterable[Fact]:
        if fact.type == "investment":
            yield replace(fact, value=fact.value + 1)
        elif fact.type != "households":
            yield fact

    read_by(take, less)
    ds = site(publish(take, fall=1))
    gone = await ds.client.get(f"/fact/{keys['households']}")
    assert gone.status_code == 200 and "居民860户" in gone.text and "现在不再读出" in gone.text
    assert "不再读出" in (await ds.client.get(f"/fact/{keys['households']}.txt")).text
    moved = await ds.client.get(f"/fact/{keys['investment']}")
    there = await ds.client.get(moved.headers["location"])
    assert (moved.status_code, there.status_code) == (301, 200)
    assert (await ds.client.get(f"/fact/{keys['party_members']}")).status_code == 200
    assert (await ds.client.get(f"/fact/{'0' * 24}")).status_code == 404
    take.reviews.take_down("article", URL, "甲", "要求删除")
    ds = site(publish(take, fall=1))
    for gone in ("", ".txt"):
        assert (await ds.client.get(f"/fact/{keys['households']}{gone}")).status_code == 410


def _statement(quote: str, start: int, **more: object) -> Statement:
    values = {"key": quote, "type": "households", "value": 30.0, "unit": "household", "revision": 1} | more
    return Statement(quote=quote, start=start, end=start + len(quote), **values)


def test_one_key_for_one_statement() -> None:
    """Two statements of one number and one quote keep their keys by subject; a third has one of its own."""
    text = "甲小区和乙小区各有30户，丙小区有30户。"
    old = [_statement("各有30户", 7, key="a", subject="甲小区"), _statement("各有30户", 7, key="b", subject="乙小区")]
    new = [
        _statement("30户", 9, key="x", subject="乙小区"),
        _statement("30户", 9, key="y", subject="某小区"),
        _statement("有30户", 16, key="z", subject="丙小区"),
    ]
    assert evidence.keys(new, old, {1: text}) == ["b", "a", "z"]
    assert evidence.keys(new, [], {1: text}) == ["x", "y", "z"]


def test_a_key_in_use_is_not_given_twice() -> None:
    text = "居民30户。"
    moved = _statement("居民30户", 0, key="30户", value=31.0)
    fresh = evidence.keys([moved, _statement("30户", 2)], [_statement("30户", 2, key="30户")], {1: text})
    assert fresh[1] == "30户" and fresh[0] != "30户"


def test_what_takes_the_place_of_what_is_read_no_more() -> None:
    """The same words read as another number, or the same number read elsewhere; nothing where neither is."""
    text = "居民30户。社区有5个网格。居民楼里住着30户。"
    old = _statement("居民30户", 0, key="old", subject="甲小区")
    misread = _statement("居民30户", 0, key="misread", value=300.0)
    elsewhere = _statement("住着30户", text.index("住着"), key="elsewhere")
    other = _statement("5个网格", text.index("5个"), key="other", type="grids", value=5.0)
    assert evidence.successors([old], [elsewhere, misread, other], {1: text}) == {"old": "misread"}
    assert evidence.successors([old], [elsewhere, other], {1: text}) == {"old": "elsewhere"}
    assert evidence.successors([old], [other], {1: text}) == {}


class _Counted(str):
    """A text that counts how often it is searched."""

    __slots__ = ()
    searched = 0

    def find(self, *given: object) -> int:
        _Counted.searched += 1
        return super().find(*given)  # type: ignore[arg-type]


def test_a_quote_is_looked_for_once() -> None:
    """A long page with hundreds of numbers, all of which another reader reads otherwise, takes no hours."""
    text = _Counted("。".join(f"甲{n}号楼30户" for n in range(50)))
    old = [_statement(f"甲{n}号楼有30户", 9 * n, key=f"old {n}") for n in range(50)]
    new = [_statement(f"甲{n}号楼30户", text.index(f"甲{n}号"), key=f"new {n}") for n in range(50)]
    assert evidence.keys(new, old, {1: text}) == [one.key for one in new]
    assert len(evidence.successors(old, new, {1: text})) == 50
    assert _Counted.searched <= 2 * len(old)
