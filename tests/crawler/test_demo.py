"""The whole path on the sample site, over loopback, in processes of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from forking import kill
from support import ROOT, begun_dangqun, dangqun

from archive.publishing.snapshot import totals
from archive.storage.store import open_for_reading


def _totals(folder: Path) -> dict[str, int]:
    with open_for_reading(folder) as archive:
        return totals(archive)


def _rows(folder: Path, sql: str) -> list[tuple]:
    with open_for_reading(folder) as archive:
        return archive.connection.execute(sql).fetchall()


def test_first_demo_finds_everything(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert "articles: 33, stations: 11" in printed
    kinds = dict(_rows(folder, "select kind, count(*) from captures group by kind"))
    assert {k: n for k, n in kinds.items() if k not in ("list", "sitemap", "robots")} == {
        "article": 34, "part": 1, "off_topic": 2, "gone": 1, "redirect": 1,
    }  # fmt: skip
    assert _totals(folder)["revised"] == 1
    assert _totals(folder)["reprints"] == 11
    past = _rows(folder, "select quote from facts where not current")
    assert [quote for (quote,) in past if "64名" in quote]


def test_second_demo_adds_nothing_and_says_so(demo: tuple[Path, str], sample_environment: dict[str, str]) -> None:
    folder, _ = demo
    before = _totals(folder)
    done = dangqun("--archive", str(folder), "demo", "--no-serve", environment=sample_environment)
    assert done.returncode == 0, done.stderr
    assert "Nothing was added" in done.stderr
    assert _totals(folder) == before


def test_runs_are_recorded(demo: tuple[Path, str]) -> None:
    rows = _rows(demo[0], "select site, outcome, stats from runs order by id limit 3")
    assert {site for site, _, _ in rows} == {"sample-city", "sample-district", "sample-mirror"}
    assert all(outcome == "finished" and "read/article" in stats for _, outcome, stats in rows)
    read, new = _rows(demo[0], "select sum(stats ->> '$.\"read/article\"'), sum(stats ->> '$.\"read/new\"') from runs")[
        0
    ]
    assert (read, new) == (34, 33)  # one was corrected


def test_members_at_three_dates(demo: tuple[Path, str]) -> None:
    rows = _rows(
        demo[0],
        "select distinct coalesce(as_of, reported_on) as at, value from facts join stations on stations.id = station_id where name = '映月花园小区党群服务站'"
        " and type = 'party_members' and qualifier = 'registered' order by at",
    )
    assert rows == [("2019-07-03", 42), ("2021-06-28", 58), ("2023-07-01", 73)]


def test_damage_never_becomes_a_number(demo: tuple[Path, str]) -> None:
    rows = _rows(
        demo[0],
        "select outlets.name, value from facts join articles on articles.id = article_id join outlets on outlets.id = outlet_id"
        " where type = 'households' and title like '松%三个%' or type = 'households' and title like '松%三個%' order by 2",
    )
    assert [value for name, value in rows if name == "云泽新闻网"] == [432, 986, 1508]
    assert [value for name, value in rows if name == "環球頭條匯"] == [432, 1508]


def test_killed_and_started_again(demo: tuple[Path, str], sample_environment: dict[str, str], tmp_path: Path) -> None:
    """A demo killed in the middle of its crawl ends, started again, as an undisturbed one."""
    folder = tmp_path / "data"
    for wanted in (5, 20):
        process = begun_dangqun("--archive", str(folder), "demo", "--no-serve", environment=sample_environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.is_alive() and _count(folder) < wanted:
            time.sleep(0.01)
        kill(process)
    done = dangqun("--archive", str(folder), "demo", "--no-serve", environment=sample_environment)
    assert done.returncode == 0, done.stderr
    sql = "select url, title, text from articles order by url"
    assert _rows(folder, sql) == _rows(demo[0], sql)
    sql = "select articles.url, type, value, quote from facts join articles on articles.id = article_id where current order by 1, 2, 3, 4"
    assert _rows(folder, sql) == _rows(demo[0], sql)
    assert (
        _rows(folder, "select url, digest from captures where duplicate_of is null group by 1, 2 having count(*) > 1")
        == []
    )


def _count(folder: Path) -> int:
    if not (folder / "archive.db").exists():
        return 0
    try:
        return _rows(folder, "select count(*) from captures")[0][0]
    except Exception:  # the first migration may not have run yet
        return 0


def test_scrapy_crawl_works_too(sample_environment: dict[str, str], tmp_path: Path) -> None:
    environment = os.environ | sample_environment | {"DANGQUN_ARCHIVE": str(tmp_path / "data")}
    script = (
        "import subprocess, sys\nfrom crawler.sample.server import serve\n"
        "with serve(): sys.exit(subprocess.run([sys.executable, '-m', 'scrapy', 'crawl', 'sample-district']).returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _totals(tmp_path / "data")["articles"] == 7
