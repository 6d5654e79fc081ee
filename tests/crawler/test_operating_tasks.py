"""What editors and operators do from the command line, one after another over one archive, and what readers see of it."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from receivers import receiver
from serving import site
from support import dangqun

_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
ONE, OTHER = "白鹭汀社区党群服务中心", "堃和社区党群服务中心"


async def test_decisions_reach_readers_and_alerts(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder = shutil.copytree(demo[0], tmp_path / "data")

    def run(*command: str) -> str:
        done = dangqun("--archive", str(folder), *command, environment={"DANGQUN_REVIEWER": "amy"})
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    stations = {name: (number, key) for name, number, key in _rows(folder, "select name, id, key from stations")}
    ((fact, evidence, value),) = _rows(
        folder, "select id, evidence, value from facts where type = 'households' and current order by evidence limit 1"
    )
    ((url, article),) = _rows(folder, "select url, key from articles where title = '青萝街道党群服务站名单公布'")
    with closing(sqlite3.connect(folder / "archive.db")) as archive:
        ((waiting,),) = archive.execute("select id from candidates where type = 'donation_goods' limit 1")
    with receiver(lambda connection: connection.sendall(_TAKEN)) as (port, received):
        for kind in (("station", "--station", stations[ONE][1]), ("facts", "--search", "type=donation_goods")):
            run("alerts", "add", f"http://127.0.0.1:{port}/", "--kind", *kind)
        run("review", str(waiting), "confirm")
        run("stations", "same", *(str(stations[name][0]) for name in (ONE, OTHER)), "--reason", "同一处")
        run("review", str(fact), "correct", "--value", str(value + 1), "--note", "数错")
        run("takedown", "add", "article", url, "--reason", "来函")
        run("publish")
        assert "had no links" in run("alerts", "send", "--allow-private-addresses")
    (message,) = received  # of the search alone: what a merge brings to a station is not new
    (new,) = json.loads(message.body)["new"]
    assert "退休教师" in new["title"] and "url" not in new
    ds = site(folder / "published" / "archive.db")
    merged = [(await ds.client.get(f"/station/{stations[name][1]}")).status_code for name in (ONE, OTHER)]
    assert sorted(merged) == [200, 301]
    assert f"{value + 1:,g}户" in (await ds.client.get(f"/fact/{evidence}")).text
    assert (await ds.client.get(f"/article/{article}")).status_code == 410
    run("export", "tables", str(tmp_path / "tables"))
    with (tmp_path / "tables" / "facts.csv").open(encoding="utf-8-sig", newline="") as file:
        exported = {row["evidence"]: row for row in csv.DictReader(file)}
    assert float(exported[evidence]["reviewed_value"]) == value + 1
    assert url not in (tmp_path / "tables" / "articles.csv").read_text("utf-8")
    for undo in (("takedown", "undo", "1"), ("reviews", "--undo", "1"), ("stations", "undo", "1")):
        run(*undo)
    (entry,) = map(json.loads, run("takedown", "list").splitlines())
    assert entry["undone_by"] == "amy"


def _rows(folder: Path, sql: str, *given: object) -> list[tuple]:
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot:
        return snapshot.execute(sql, given).fetchall()
