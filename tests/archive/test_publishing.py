"""Publishing: sound or not at all, the last snapshot kept, and tables that other tools read."""

import csv
import errno
import hashlib
import io
import json
import logging
import re
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyarrow import parquet
from support import ROOT, dangqun, exchange, page

from archive.configuration import FILE
from archive.decisions.reviews import ReviewError
from archive.pipeline.ingest import ingest
from archive.publishing import wacz
from archive.publishing.codebook import TABLES
from archive.publishing.snapshot import inspected, must_pack, publish, published, withdraw
from archive.publishing.tables import export_tables
from archive.search.engine import find
from archive.search.wanted import Wanted
from archive.storage import schema
from archive.storage.store import Archive, ArchiveError, ArchiveOutdated, open_for_writing
from crawler.cli import main

TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，青禾小区现有在册党员{}名，居民860户。大家都说这里办事方便。"
FRICTIONLESS = ROOT / ".venv-replay" / "bin" / "frictionless"


def _take(store: Archive, number: int, title: str = "青禾小区党群服务站") -> None:
    capture_id = store.save_capture(
        exchange(f"http://a.example/{number}", page(title, TEXT.format(number + 2)), outlet="=1+1"), None
    )
    assert capture_id is not None
    ingest(store, capture_id)


def test_a_snapshot_that_shrank_is_refused_and_the_last_one_kept(store: Archive) -> None:
    for number in range(10):
        _take(store, number)
    snapshot = publish(store)
    first = snapshot.read_bytes()
    store.connection.execute("pragma foreign_keys = off")
    store.connection.execute("delete from facts where article_id > 3")
    with pytest.raises(ArchiveError, match="facts, where the last snapshot had"):
        publish(store)
    assert snapshot.read_bytes() == first
    (store.folder / FILE).write_text("[publish]\nmax_shrink = 1")
    assert publish(store) == snapshot
    assert (snapshot.parent / "archive.previous.db").read_bytes() == first
    assert sorted(path.name for path in snapshot.parent.iterdir()) == [
        "archive.db",
        "archive.previous.db",
        "candidates.db",
        "changes",
        "inspect.json",
        "tables",
    ]


def test_what_a_plug_in_read_is_not_published_without_it(store: Archive) -> None:
    _take(store, 1)
    connection = store.connection
    [fact] = connection.execute("select id from facts where type = 'households'").fetchone()
    store.reviews.decide(connection, fact, "correct", "甲", corrected={"type": "residents"})
    store.reviews._connection.execute("update reviews set corrected = replace(corrected, 'residents', 'care_beds')")
    with closing(sqlite3.connect(publish(store))) as snapshot:  # nothing declares the type that the person chose
        assert [kind for (kind,) in snapshot.execute("select type from facts")] == ["party_members"]
    connection.execute("insert into fact_types values ('care_beds', '床位', 'Beds', 'item', 99)")
    connection.execute("update facts set type = 'care_beds' where id = ?", [fact])
    with pytest.raises(ArchiveError, match="facts of types that nothing declares: care_beds"):
        publish(store)
    schema.refresh_fact_types(connection)
    assert connection.execute("select 1 from fact_types where id = 'care_beds'").fetchone()  # as a fact is of it
    connection.execute("update facts set type = 'households' where id = ?", [fact])
    schema.refresh_fact_types(connection)
    assert not connection.execute("select 1 from fact_types where id = 'care_beds'").fetchone()
    connection.execute("update captures set extractor_version = extractor_version || '+care-1'")
    with pytest.raises(ArchiveError, match="read with the plug-in care, which is not here"):
        publish(store)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_publication_that_fails_changes_no_file(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        _take(store, number)
        folder = publish(store).parent
    before = _files(folder)
    _take(store, 4)
    for step in ("archive.publishing.tables.export_tables", "archive.publishing.snapshot.write_inspection"):
        with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
            patched.setattr(step, _no_room)
            publish(store)
        assert _files(folder) == before
    publish(store)
    assert _files(folder).keys() > before.keys()  # with what it changed
    assert _files(folder)["archive.previous.db"] == before["archive.db"]


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_cost_of_each_stage_is_logged(store: Archive, caplog: pytest.LogCaptureFixture) -> None:
    _take(store, 1)
    with caplog.at_level(logging.DEBUG, "archive.publishing"):
        publish(store)
    for name in ("copy", "statements", "search index", "snapshot", "checks", "tables", "digest"):
        assert f"Publishing, {name}: 0." in caplog.text


def test_what_was_counted_is_known_of_no_other_file(store: Archive, tmp_path: Path) -> None:
    _take(store, 1)
    snapshot = publish(store)
    known = inspected(snapshot)
    assert known and known["archive"]["hash"] == hashlib.sha256(snapshot.read_bytes()).hexdigest()
    copy = Path(shutil.copytree(snapshot.parent, tmp_path / "copy")) / snapshot.name  # keeps times, as a backup does
    assert inspected(copy) == known
    shutil.copyfile(snapshot, copy)  # as large, and perhaps another: killed between the two files
    assert inspected(copy) is None
    copy.with_name("inspect.json").write_text("[]")
    assert inspected(copy) is None


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_a_damaged_snapshot_is_made_again(content: bytes, store: Archive) -> None:
    _take(store, 1)
    snapshot = publish(store)
    snapshot.write_bytes(content)
    store.close()
    command = ("--archive", str(store.folder), "publish")
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1 and "Delete it and run `dangqun publish`" in refused.stderr
    snapshot.unlink()
    assert CliRunner().invoke(main, command).exit_code == 0


def test_a_list_of_takedowns_that_was_lost_shows_nothing_again(store: Archive) -> None:
    for number in range(5):
        _take(store, number)
    store.reviews.take_down("article", "http://a.example/2", "甲", "来函")
    snapshot = publish(store)
    first = snapshot.read_bytes()
    store.close()
    (store.folder / "reviews.db").write_bytes(b"")
    with open_for_writing(store.folder) as again, pytest.raises(ArchiveError, match="does not know all takedowns"):
        publish(again)
    assert snapshot.read_bytes() == first


def test_tables_that_could_not_be_packed_are_packed_later(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        _take(store, number)
    snapshot = publish(store)
    gone, tables = b"http://a.example/2", snapshot.with_name("tables")
    assert gone in (tables / "articles.csv").read_bytes()
    store.reviews.take_down("article", gone.decode(), "甲", "来函")
    snapshot.with_name("archive.db.withdrawn-journal").write_bytes(b"of one that was killed")
    snapshot.with_name("tables.zip").write_bytes(b"of an older version")
    (snapshot.with_name("candidates.db")).write_bytes(b"damaged" * 1000)
    with monkeypatch.context() as patched, pytest.raises(ArchiveError, match="cannot be packed again: No space"):
        patched.setattr("archive.publishing.tables.export_tables", _no_room)
        withdraw(store.folder)
    assert gone not in snapshot.read_bytes() and not tables.exists() and must_pack(snapshot)
    assert not withdraw(store.folder)  # nothing is left to withdraw
    assert (tables / "tables.zip").exists() and not must_pack(snapshot)
    assert gone not in (tables / "articles.csv").read_bytes()
    assert inspected(snapshot)
    assert {path.name for path in snapshot.parent.iterdir()} == {"archive.db", "changes", "inspect.json", "tables"}


def test_tables_say_the_same_in_every_form(store: Archive, tmp_path: Path) -> None:
    for number in range(5):
        _take(store, number, "=cmd|' /C calc'!A0" if number == 0 else "青禾小区党群服务站")
    (store.folder / FILE).write_text('[pages]\ntitle_en = "Qinghe Archive"')
    snapshot = publish(store)
    counts = export_tables(snapshot, tmp_path / "out")
    assert counts["articles"] == 5 and counts["facts"] == 10
    for name, count in counts.items():
        lines = [json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert len(lines) == count
        assert parquet.read_table(tmp_path / "out" / f"{name}.parquet").to_pylist() == lines
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == count
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert {resource["name"] for resource in package["resources"]} == set(counts)
    assert package["title"] == json.loads(_datapackage(store, tmp_path))["title"] == "Qinghe Archive"
    with sqlite3.connect(snapshot) as connection:
        types = connection.execute("select id from fact_types").fetchall()
    codebook = (tmp_path / "out" / "codebook.md").read_text("utf-8")
    assert all(f"| {type_} |" in codebook for (type_,) in types)


def _datapackage(store: Archive, folder: Path) -> bytes:
    with zipfile.ZipFile(wacz.export(store, folder / "archive.wacz")) as zipped:
        return zipped.read("datapackage.json")


def test_the_data_package_describes_what_is_published(demo: tuple[Path, str]) -> None:
    folder = demo[0] / "published" / "tables"
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert re.fullmatch(r"[a-z0-9._/-]+", package["name"]) and package["profile"] == "tabular-data-package"
    snapshot = hashlib.sha256((demo[0] / "published" / "archive.db").read_bytes()).hexdigest()
    assert re.fullmatch(rf"\d{{4}}\.[1-9]\d?\.[1-9]\d?\+{snapshot[:12]}", package["version"])
    assert datetime.fromisoformat(package["created"]) and len(package["sources"]) == 3
    assert all(source["title"] and source["path"].startswith("http://") for source in package["sources"])
    assert package["licenses"][0]["name"] == "Apache-2.0" and package["licenses"][0]["path"].startswith("https://")
    resources = {one["name"]: one for one in package["resources"]}
    assert list(resources) == list(TABLES) and resources["articles"]["licenses"] == [
        {"path": "codebook.md", "title": "No licence: the texts belong to their outlets, see codebook.md."}
    ]
    values: dict[str, dict[str, list[str]]] = {}
    for name, resource in resources.items():
        content = (folder / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len(rows) == resource["rows"] == parquet.read_metadata(folder / f"{name}.parquet").num_rows
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert not rows or list(rows[0]) == fields
        values[name] = {field: [row[field] for row in rows] for field in fields}
        keys = values[name][resource["schema"]["primaryKey"]]
        assert len(set(keys)) == len(keys) and all(keys)
    foreign = [(name, key) for name, one in resources.items() for key in one["schema"].get("foreignKeys", ())]
    assert {name for name, _ in foreign} == {"facts", "statements", "articles", "reprints"}
    for name, key in foreign:
        other = values[key["reference"]["resource"] or name][key["reference"]["fields"]]
        assert {*filter(None, values[name][key["fields"]])} <= {*other}, (name, key)


@pytest.mark.skipif(not FRICTIONLESS.exists(), reason="frictionless is not here: `make test` installs it")
def test_the_data_package_is_valid(demo: tuple[Path, str], tmp_path: Path) -> None:
    done = dangqun("--archive", str(demo[0]), "export", "tables", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    command = [str(FRICTIONLESS), "validate", "--json", "datapackage.json"]
    validated = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, check=False, text=True, timeout=120)
    report = json.loads(validated.stdout)
    assert report["valid"] and report["stats"]["tasks"] == 7, validated.stdout
    broken = tmp_path / "broken"
    shutil.copytree(tmp_path / "out", broken)
    facts = (broken / "facts.csv").read_text("utf-8-sig").replace(",true,", ",perhaps,", 1)
    (broken / "facts.csv").write_text(facts, "utf-8-sig")
    assert subprocess.run(command, cwd=broken, capture_output=True, check=False, timeout=120).returncode != 0


def test_nothing_to_export(tmp_path: Path) -> None:
    done = dangqun("--archive", str(tmp_path / "data"), "export", "tables", str(tmp_path / "out"))
    assert done.returncode == 1 and "Nothing is published" in done.stderr


def _everywhere(snapshot: Path, folder: Path) -> str:
    """All that is published, as one text: the snapshot and every exported file."""
    export_tables(snapshot, folder)
    with sqlite3.connect(snapshot) as connection:
        dump = "\n".join(connection.iterdump())
    files = [path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.iterdir())]
    return "\n".join([dump, *files])


def test_what_is_taken_down_is_nowhere_and_comes_back(store: Archive, tmp_path: Path) -> None:
    for number in range(25):
        _take(store, number)
    secret = "居民向晚晴说，她家住在三楼，膝盖不好，如今下楼就能办事。"
    notes = "镜像站的写法是向晚(wǎn)晴，也照样要涂去，读者在哪里都看不到这位居民的名字。"
    html = page("向晚晴和她的邻居", TEXT.format(90), secret, notes, "向晚晴捐款500元给青禾小区党群服务站。")
    capture_id = store.save_capture(exchange("http://a.example/secret", html), None)
    assert capture_id is not None
    ingest(store, capture_id)
    url = "http://a.example/7"
    assert "向晚晴" in _everywhere(publish(store), tmp_path / "0") and url in _everywhere(
        publish(store), tmp_path / "1"
    )
    store.reviews.decide(store.connection, 1, "confirm", "甲")
    gone = ["http://a.example/secret", url]  # reviews whose evidence is gone say what they were about
    for number, address in enumerate(gone):
        fact = json.dumps({"url": address, "subject": "向晚晴", "type": "households"}, ensure_ascii=False)
        store.reviews._connection.execute(
            "insert into reviews (evidence, said, decision, by, at) values (?, ?, 'confirm', '甲', '')",
            [str(number), fact],
        )
    assert "向晚晴" in _everywhere(publish(store), tmp_path / "again")
    name_entry = store.reviews.take_down("name", "向晚晴", "甲", "本人要求")
    article_entry = store.reviews.take_down("article", url, "甲", "来函")
    snapshot = publish(store, fall=0.1)
    everything = _everywhere(snapshot, tmp_path / "2")
    assert (
        "向晚晴" not in everything
        and "向晚(wǎn)晴" not in everything
        and "向 晚 晴" not in everything
        and f"{url}'" not in everything
        and f'"{url}"' not in everything
    )
    assert "向晚晴".encode() not in snapshot.read_bytes()  # nor in what the file no longer uses
    with sqlite3.connect(snapshot) as connection:
        title, text = connection.execute("select title, text from articles where url like '%secret'").fetchone()
        assert title == "■■■和她的邻居" and "居民■■■说" in text
        quotes = connection.execute(
            "select quote, start from facts join articles on articles.id = article_id where url like '%secret'"
        )
        assert all(text[start : start + len(quote)] == quote for quote, start in quotes)
        assert connection.execute("select count(*) from articles").fetchone() == (25,)
        assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert [row["value"] for row in store.reviews.takedown_list()] == ["向晚晴", url]
    store.reviews.undo_takedown(name_entry, "乙")
    store.reviews.undo_takedown(article_entry, "乙")
    assert "向晚晴" in _everywhere(publish(store), tmp_path / "3")
    assert store.connection.execute("select count(*) from articles").fetchone() == (26,)


@pytest.mark.parametrize(("kind", "value", "message"), [("name", "向", "一个字"), ("dog", "旺财", "不是'dog'")])
def test_takedowns_that_cannot_be(store: Archive, kind: str, value: str, message: str) -> None:
    with pytest.raises(ReviewError, match=message):
        store.reviews.take_down(kind, value, "甲", "因为")


def test_what_people_decided_is_what_questions_and_filters_count(store: Archive) -> None:
    for number in range(4):
        _take(store, number)
    connection = store.connection
    members = [n for (n,) in connection.execute("select id from facts where type = 'party_members' order by id")]
    households = connection.execute("select id from facts where type = 'households' order by id").fetchone()[0]
    before = sqlite3.connect(publish(store))
    (year,) = before.execute(
        "select distinct substr(coalesce(as_of, reported_on), 1, 4) from statements where type = 'party_members'"
    ).fetchone()
    before.close()
    store.reviews.decide(connection, members[0], "reject", "甲")
    store.reviews.decide(connection, members[1], "correct", "甲", corrected={"date": "2011-05-04", "value": 900})
    store.reviews.decide(connection, households, "confirm", "甲")
    with sqlite3.connect(publish(store)) as snapshot:
        stated = snapshot.execute(
            "select substr(coalesce(as_of, reported_on), 1, 4), value from statements where type = 'party_members'"
        ).fetchall()
        assert sorted(stated) == [("2011", 900.0), (year, 4.0), (year, 5.0)]
        answer = dict(snapshot.execute("select year, members from answer_members_by_city_and_year").fetchall())
        assert answer["2011"] == 900 and set(answer) == {"2011", year}
        article = dict(snapshot.execute("select id, article_id from facts").fetchall())
        confirmed = {
            n for (n,) in snapshot.execute("select id from facts where type = 'households'")
        }  # reprints say it
        assert households in confirmed and len(confirmed) == 4
        for wanted, expected in (
            (Wanted(reviewed=True, reprints=True), {members[1], *confirmed}),
            (Wanted(reviewed=True, type="households", reprints=True), confirmed),
        ):
            assert {row["id"] for row in find(snapshot, "facts", wanted).rows} == expected
            assert {row["id"] for row in find(snapshot, "articles", wanted).rows} == {article[n] for n in expected}
        waiting = {n for (n,) in snapshot.execute("select fact_id from review_queue")}
        assert waiting == set(article) - {members[1], *confirmed}


def test_a_snapshot_of_another_version_is_not_served(demo: tuple[Path, str], tmp_path: Path) -> None:
    """Its database is the same, but it may lack what pages are made of."""
    shutil.copytree(demo[0], tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "published" / "archive.db")) as snapshot:
        snapshot.execute("pragma application_id = 1")
    with pytest.raises(ArchiveOutdated, match="Run `dangqun publish`"):
        published(tmp_path / "data")
