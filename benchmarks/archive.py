"""The archive: what storing costs beside bare inserts, whether look-ups stay as fast as it grows, what a second core brings.

    .venv/bin/python benchmarks/archive.py [--articles 1000000] [--pages 1500] [--passes 3]

Storing: all rows that an article brings (its versions, facts, names, bands, the cluster it joins), against a bare
`executemany` of the very same rows into the same tables, with the same indexes. Growth: the time to find a new article's
cluster, from its text, and its stations, in an archive of 10,000 and of --articles generated ones. Cores: `extract --all`
of twice as many pages as --pages.
"""

import argparse
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from operator import truediv
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from spread import quartiles, spread
from stories import story
from support import exchange, page

from archive.pipeline.deriving import Derived, derive
from archive.pipeline.ingest import readings, replace_page
from archive.pipeline.reread import outdated, reread
from archive.reprints import stories
from archive.stations import identity, names
from archive.storage.store import Archive, open_for_writing


def fill(archive: Archive, count: int) -> None:
    """Save generated captures; nothing is read yet."""
    chance = random.Random(5)
    for number in range(count):
        title, paragraphs = story(number, chance)
        html = page(title, *paragraphs, published=f"2023-{number % 12 + 1:02}-{number % 28 + 1:02} 08:00")
        archive.save_capture(exchange(f"http://a.example/{number}.html", html, outlet="云泽新闻网"), None)


# Storing


def storing(folder: Path, count: int, passes: int) -> None:
    """Print what storing costs, as a multiple of bare inserts."""
    with open_for_writing(folder / "start") as archive:
        fill(archive, count)
        captures = archive.connection.execute("select id from captures").fetchall()
        derived = {id_: derive(archive.capture(id_)) for (id_,) in captures}
    taken: dict[str, list[float]] = {"ours": [], "one": [], "each": []}
    for _ in range(passes):
        seconds, rows = _ours(folder, derived)
        taken["ours"].append(seconds / count * 1000)
        for transactions in ("one", "each"):
            taken[transactions].append(_bare(folder, rows, transactions) / count * 1000)
    print("\n### Storing an article with its facts\n")
    print(f"{count} articles, {sum(map(len, rows.values())) / count:.0f} rows each; {passes} passes in turns.\n")
    print("| | ms an article: median (lowest–highest) | times bare |\n|---|---|---|")
    print(f"| archive, a transaction an article | {spread(taken['ours'], 2)} | |")
    for transactions, words in (("one", "all in one transaction"), ("each", "a transaction an article")):
        times = spread(list(map(truediv, taken["ours"], taken[transactions])), 2)
        print(f"| bare executemany, {words} | {spread(taken[transactions], 2)} | {times} |")


_TABLES = (
    "outlets articles revisions stations station_names facts fact_mentions bands similar_articles reprints"
).split()


def _ours(folder: Path, derived: dict[int, Derived]) -> tuple[float, dict[str, list[tuple[object, ...]]]]:
    """Seconds to store the articles of all captures, and the rows that makes."""
    shutil.rmtree(folder / "ours", ignore_errors=True)
    shutil.copytree(folder / "start", folder / "ours")
    with open_for_writing(folder / "ours") as archive:
        jobs = outdated(archive)
        started = time.perf_counter()
        for url, _ in jobs:
            replace_page(archive, url, readings(archive, url, derived.__getitem__))
        return time.perf_counter() - started, _rows(archive.connection)


def _rows(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: connection.execute(f"select * from {table}").fetchall() for table in _TABLES}


def _bare(folder: Path, rows: dict[str, list[tuple[object, ...]]], transactions: str) -> float:
    """Seconds to insert the same rows into the same tables by executemany."""
    shutil.rmtree(folder / "bare", ignore_errors=True)
    shutil.copytree(folder / "start", folder / "bare")
    connection = sqlite3.connect(folder / "bare" / "archive.db", isolation_level=None)
    connection.execute("pragma synchronous = normal")
    connection.execute("delete from outlets")
    articles = len(rows["articles"])
    started = time.perf_counter()
    for number in range(articles if transactions == "each" else 1):
        connection.execute("begin immediate")
        for table, all_ in rows.items():
            part = (
                all_[number * len(all_) // articles : (number + 1) * len(all_) // articles]
                if transactions == "each"
                else all_
            )
            if part:
                marks = ", ".join("?" * len(part[0]))
                connection.executemany(f"insert into {table} values ({marks})", part)
        connection.execute("commit")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


# Growth


def growth(folder: Path, sizes: list[int]) -> None:
    """Print how long the look-ups take in archives of several sizes."""
    rows = []
    for size in sizes:
        with open_for_writing(folder / str(size)) as archive:
            _generate(archive.connection, size)
            bytes_ = (folder / str(size) / "archive.db").stat().st_size
            rows.append((size, bytes_ / 1e9, *_look_up(archive)))
        shutil.rmtree(folder / str(size))
    clusters, stations = (median(of) for of in rows[0][2:])
    print("\n### Growth: finding an article's cluster and its stations\n")
    print(
        "| articles | database, GB | cluster, ms: median (quartiles) | times | stations, ms: median (quartiles) | times |"
    )
    print("|---|---|---|---|---|---|")
    for size, gigabytes, cluster, station in rows:
        print(
            f"| {size:,} | {gigabytes:.2f} | {quartiles(cluster, 2)} | {median(cluster) / clusters:.2f}"
            f" | {quartiles(station, 2)} | {median(station) / stations:.2f} |"
        )


def _generate(connection: sqlite3.Connection, size: int) -> None:
    """An archive of so many articles, with bands as scattered as real ones, and a station name for every fifth."""
    chance = random.Random(9)
    connection.execute("pragma foreign_keys = off")
    connection.execute("begin")
    connection.execute("insert into outlets values (1, '某报', '')")
    for number in range(1, size + 1):
        _insert(connection, number, "文" * 40)
    for band in range(stories._BANDS + 1):
        hashes = sorted((band << 32 | chance.getrandbits(32), n, n) for n in range(1, size + 1))
        connection.executemany("insert into bands (hash, first_capture_id, article_id) values (?, ?, ?)", hashes)
    every = size // 5
    connection.executemany(
        "insert into stations (id, name, place, key) values (?, ?, '', ?)",
        ((n, f"第{n}小区党群服务站", str(n)) for n in range(1, every + 1)),
    )
    connection.executemany(
        "insert into station_names (id, key, name, place, division, tail, station_id) values (?, ?, ?, '', '', ?, ?)",
        ((n, str(n), f"第{n}小区党群服务站", names.tail(f"第{n}小区党群服务站"), n) for n in range(1, every + 1)),
    )
    connection.executemany(
        'insert into facts (id, type, subject, unit, approx, qualifier, date, quote, article_id, station_id, station_name_id, start, "end",'
        " revision, current, donor, recipient, evidence) values (?, 'residents', '', '', '', '', '', '', ?, ?, ?, 0, 0, 1, 1, '', '', ?)",
        ((n, n, n % every + 1, n % every + 1, str(n)) for n in range(1, size + 1)),
    )
    connection.execute("commit")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.execute("pragma foreign_keys = on")


def _insert(connection: sqlite3.Connection, number: int, text: str) -> None:
    """An article and the capture that it comes from, both of this id."""
    url = f"http://a.example/{number}"
    connection.execute(
        "insert into captures (id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length)"
        " values (?, ?, '2024-05-06T00:00:00Z', 200, '', '', '', ?, 0)",
        [number, url, number],
    )
    connection.execute(
        "insert into articles (id, url, outlet_id, title, source, authors, editor, text, revision, capture_id, encoding, method,"
        " reader_version, extractor_version) values (?, ?, 1, '题', '', '', '', ?, 1, ?, '{}', '', '', '')",
        [number, url, text, number],
    )


def _look_up(archive: Archive) -> tuple[list[float], list[float]]:
    """Milliseconds to find the cluster of a new article from its text, and to settle a new name of a station, 200 of each."""
    chance, connection = random.Random(3), archive.connection
    size = connection.execute("select count(*) from articles").fetchone()[0]
    clusters, stations = [], []
    for number in range(200):
        text = "\n".join(story(number, chance)[1])
        with archive.transaction():
            article_id = size + number + 1
            _insert(connection, article_id, text)
            clusters.append(
                _timed(lambda text=text, id_=article_id: stories.record(connection, id_, text, stories.bands_of(text)))
            )
        name = f"新{number}苑小区党群服务站"
        with archive.transaction():
            connection.execute(
                "insert into station_names (key, name, place, division, tail) values (?, ?, '望潭区', '', ?)",
                [name, name, names.tail(name)],
            )
            connection.execute("update facts set station_name_id = last_insert_rowid() where id = ?", [number + 1])
            stations.append(_timed(lambda name=name: identity.settle(connection, {names.tail(name)})))
    return [1000 * taken for taken in clusters], [1000 * taken for taken in stations]


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


# Cores


def cores(folder: Path, count: int, passes: int) -> None:
    """Print what a second core brings to `extract --all`: where all texts were decided before, and where none was."""
    with open_for_writing(folder / "cores") as archive:
        fill(archive, count)
        reread(archive, outdated(archive), processes=2)
    measured: dict[str, dict[int, list[tuple[float, float, float]]]] = {}
    for texts, part in (("decided before", count), ("decided again", count // 10)):
        measured[f"{part} texts, {texts}"] = of = {1: [], 2: []}
        for processes in (1, 2) * passes:
            shutil.copytree(folder / "cores", folder / "read")
            for kept in (folder / "read").glob("decided.db*") if texts == "decided again" else ():
                kept.unlink()
            with open_for_writing(folder / "read") as archive:
                jobs = outdated(archive, everything=True)[:part]
                import_module("archive.facts.extract")._read.cache_clear()  # this process keeps its latest texts
                before = _cpu()
                seconds = _timed(lambda a=archive, j=jobs, p=processes: reread(a, j, processes=p))
                of[processes].append((seconds, *(after - then for after, then in zip(_cpu(), before, strict=True))))
            shutil.rmtree(folder / "read")
    print(f"\n### `extract --all` on two cores: {passes} passes in turns\n")
    print(
        "By CPU: how many times faster two free cores are, as the CPU seconds of the process that writes and of all say.\n"
    )
    print(
        "| what | processes | seconds | times | CPU s: writing process | CPU s: all | times by CPU |\n|---|---|---|---|---|---|---|"
    )
    for what, of in measured.items():
        alone, work, _ = map(median, zip(*of[1], strict=True))
        for processes, found in of.items():
            seconds, own, others = map(median, zip(*found, strict=True))
            least = max(own, (own + others) / processes)
            print(
                f"| {what} | {processes} | {seconds:.1f} | {alone / seconds:.2f} | {own:.1f} | {own + others:.1f} | {work / least:.2f} |"
            )


def _cpu() -> tuple[float, float]:
    """CPU seconds of this process, and of those that it waited for."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--articles", type=int, default=1_000_000, help="how large the archive grows (default: %(default)s)"
    )
    parser.add_argument(
        "--pages", type=int, default=1500, help="pages for storing and for `extract` (default: %(default)s)"
    )
    parser.add_argument("--passes", type=int, default=3, help="how often these are measured (default: %(default)s)")
    chosen = parser.parse_args()
    print("## The archive")
    with tempfile.TemporaryDirectory() as folder:
        storing(Path(folder), min(600, chosen.pages), chosen.passes)
        cores(Path(folder), 2 * chosen.pages, chosen.passes)
        growth(Path(folder), [min(10_000, chosen.articles), chosen.articles])


if __name__ == "__main__":
    main()
