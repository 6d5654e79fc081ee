"""Publishing: sound or not at all, the last snapshot kept, and tables that other tools read."""

import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from pyarrow import parquet
from support import ROOT, dangqun, exchange, page

from archive.ingest import ingest
from archive.publishing.snapshot import publish
from archive.publishing.tables import export_tables
from archive.store import Archive, ArchiveError

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
    assert publish(store, fall=1) == snapshot
    assert (snapshot.parent / "archive.previous.db").read_bytes() == first
    assert sorted(path.name for path in snapshot.parent.iterdir()) == ["archive.db", "archive.previous.db"]


def test_tables_say_the_same_in_every_form(store: Archive, tmp_path: Path) -> None:
    for number in range(5):
        _take(store, number, "=cmd|' /C calc'!A0" if number == 0 else "青禾小区党群服务站")
    snapshot = publish(store)
    counts = export_tables(snapshot, tmp_path / "out")
    assert counts["articles"] == 5 and counts["facts"] == 10
    for name, count in counts.items():
        lines = [json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert len(lines) == count
        assert parquet.read_table(tmp_path / "out" / f"{name}.parquet").to_pylist() == lines
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == count
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert {resource["name"] for resource in package["resources"]} == set(counts)
    with sqlite3.connect(snapshot) as connection:
        types = connection.execute("select id from fact_types").fetchall()
    codebook = (tmp_path / "out" / "codebook.md").read_text("utf-8")
    assert all(f"| {type_} |" in codebook for (type_,) in types)


@pytest.mark.skipif(not FRICTIONLESS.exists(), reason="frictionless is not here: `make test` installs it")
def test_the_data_package_is_valid(demo: tuple[Path, str], tmp_path: Path) -> None:
    done = dangqun("--archive", str(demo[0]), "export", "tables", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    command = [str(FRICTIONLESS), "validate", "--json", "datapackage.json"]
    validated = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, timeout=120)
    report = json.loads(validated.stdout)
    assert report["valid"] and report["stats"]["tasks"] == 6, validated.stdout
    broken = tmp_path / "broken"
    shutil.copytree(tmp_path / "out", broken)
    facts = (broken / "facts.csv").read_text("utf-8").replace(",true,", ",perhaps,", 1)
    (broken / "facts.csv").write_text(facts, "utf-8")
    assert subprocess.run(command, cwd=broken, capture_output=True, timeout=120).returncode != 0


def test_nothing_to_export(tmp_path: Path) -> None:
    done = dangqun("--archive", str(tmp_path / "data"), "export", "tables", str(tmp_path / "out"))
    assert done.returncode == 1 and "Nothing is published" in done.stderr
