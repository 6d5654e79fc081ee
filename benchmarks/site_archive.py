"""A generated archive of any size, before publication: Chinese texts of realistic lengths, ten facts each.

    .venv/bin/python benchmarks/site_archive.py FOLDER [--articles 1000000]

Rows are written straight into the tables that `archive.storage.schema` makes. Words follow a long-tailed distribution, so that
searches meet frequent and rare ones; dates are not in the order of the numbers; stations lie in real divisions.
"""

import argparse
import hashlib
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from archive.places.divisions import above
from archive.storage.store import open_for_writing

_BATCH = 5000
_OUTLETS = 200
FREQUENT = (
    "社区 居民 党员 服务 工作 活动 群众 街道 小区 党群服务中心 网格 志愿者 治理 建设 基层 邻里 书记 走访 议事 物业 老人 孩子 课堂 "
    "便民 调解 文明 健康 楼栋 红色 驿站 党支部 入户 需求 问题 解决 组织 开展 参与 共建 共治 共享 平台 机制 队伍 阵地 暖心 幸福 家园"
).split()
# The common characters: the first level of GB 2312.
_HAN = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
_SHAPES = (  # fact type, unit, words with the number
    ("party_members", "person", "党员{}名"), ("households", "household", "居民{}户"), ("residents", "person", "常住人口{}人"),
    ("floor_area", "m2", "建筑面积{}平方米"), ("investment", "CNY", "总投资{}元"), ("volunteers", "person", "志愿者{}名"),
    ("activities", "count", "开展活动{}场"), ("buildings", "building", "楼栋{}栋"), ("party_branches", "count", "党支部{}个"),
    ("services", "person_time", "服务居民{}人次"),
)  # fmt: skip


def words(chance: random.Random, count: int) -> list[str]:
    """Words of two or three characters, the frequent ones first."""
    return FREQUENT + ["".join(chance.choices(_HAN, k=chance.choice((2, 2, 3)))) for _ in range(count)]


def sentences(chance: random.Random, count: int) -> list[str]:
    """Sentences of some forty characters."""
    known = words(chance, 20_000)
    weights = list(accumulate(1 / (number + 8) for number in range(len(known))))
    found = []
    for _ in range(count):
        picked = chance.choices(known, cum_weights=weights, k=chance.randrange(12, 24))
        half = len(picked) // 2
        found.append(f"{''.join(picked[:half])}，{''.join(picked[half:])}。")
    return found


def fill(folder: Path, articles: int) -> None:
    """Make the archive FOLDER/archive.db."""
    chance = random.Random(7)
    with open_for_writing(folder) as archive:
        connection = archive.connection
    connection = sqlite3.connect(folder / "archive.db", isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -6000000", "temp_store = memory"):
        connection.execute(f"pragma {pragma}")
    stations = _stations(connection, chance, max(20, articles // 25))
    connection.executemany(
        "insert into outlets (id, name, host) values (?, ?, ?)",
        [
            (n, f"{chance.choice(_HAN)}{chance.choice(_HAN)}新闻网{n}", f"news{n}.example")
            for n in range(1, _OUTLETS + 1)
        ],
    )
    pool = sentences(chance, 30_000)
    started = time.monotonic()
    for first in range(1, articles + 1, _BATCH):
        connection.execute("begin")
        _batch(connection, chance, pool, stations, range(first, min(first + _BATCH, articles + 1)))
        connection.execute("commit")
        if first % (_BATCH * 10) == 1:
            print(f"{first - 1:,} articles, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    connection.execute(
        "insert into reprints (article_id, original_id, similarity) select id, id - 1, 0.9 from articles where id % 10 = 0"
    )
    connection.close()


def _stations(connection: sqlite3.Connection, chance: random.Random, count: int) -> list[tuple[int, str, str]]:
    """(number, name, town) of generated stations; half of them with a code of the national list."""
    towns = sorted(code for code in above() if len(code) == 9)
    names = above()
    found = []
    for number in range(1, count + 1):
        code = chance.choice(towns)
        name = f"{''.join(chance.choices(_HAN, k=2))}社区党群服务中心"
        place = f"{names.get(code[:6], '')} {names[code]}".strip()
        division = code if number % 2 else ""
        path = " ".join(names[code[:n]] for n in (2, 4, 6, 9) if code[:n] in names) if division else ""
        connection.execute(
            "insert into stations (id, name, place, key, division, division_name) values (?, ?, ?, ?, ?, ?)",
            [number, name, place, f"{name}|{place}|{number}", division, path],
        )
        connection.execute(
            "insert into station_names (id, key, name, place, division, tail, station_id) values (?, ?, ?, ?, ?, ?, ?)",
            [number, f"{name}|{place}|{number}", name, place, division, name, number],
        )
        found.append((number, name, names[code]))
    return found


def _batch(
    connection: sqlite3.Connection,
    chance: random.Random,
    pool: list[str],
    stations: list[tuple[int, str, str]],
    numbers: range,
) -> None:
    rows: dict[str, list[tuple[object, ...]]] = {
        name: [] for name in ("captures", "articles", "revisions", "facts", "fact_mentions")
    }
    for number in numbers:
        _article(rows, chance, pool, chance.choice(stations), number)
    columns = {
        "captures": "id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length, outlet_id, kind, reason",
        "articles": "id, url, outlet_id, title, published, source, authors, editor, text, revision, capture_id, encoding, method,"
        " reader_version, extractor_version, provenance",
        "revisions": "article_id, number, capture_id, title, published, text",
        "facts": "id, type, subject, value, unit, approx, qualifier, date, reported_on, quote, article_id, station_id, start, \"end\","
        " revision, current, donor, recipient, evidence, station_name_id",
        "fact_mentions": 'fact_id, revision, start, "end"',
    }  # fmt: skip
    for table, of_table in rows.items():
        marks = ", ".join("?" * len(of_table[0]))
        connection.executemany(f"insert into {table} ({columns[table]}) values ({marks})", of_table)


def _article(
    rows: dict[str, list[tuple[object, ...]]],
    chance: random.Random,
    pool: list[str],
    station: tuple[int, str, str],
    number: int,
) -> None:
    station_id, name, town = station
    year, month, day = chance.randrange(2015, 2026), chance.randrange(1, 13), chance.randrange(1, 29)
    published = f"{year}-{month:02}-{day:02}T{chance.randrange(7, 20):02}:{chance.randrange(60):02}+08:00"
    outlet = chance.randrange(1, _OUTLETS + 1)
    pieces = [f"{town}{name}"]
    length = len(pieces[0])
    for index, (type_, unit, shape) in enumerate(_SHAPES):
        value = chance.randrange(2, 4000)
        quote = shape.format(value)
        fact_id = (number - 1) * len(_SHAPES) + index + 1
        evidence = hashlib.sha256(f"{number}/{index}".encode()).hexdigest()[:24]
        rows["facts"].append(
            (fact_id, type_, name, float(value), unit, "exact", "", "", published[:10], quote, number, station_id, length,
             length + len(quote), 1, 1, "", "", evidence, station_id)
        )  # fmt: skip
        rows["fact_mentions"].append((fact_id, 1, length, length + len(quote)))
        following = [quote, "，", *chance.choices(pool, k=chance.randrange(1, 5)), "\n"]
        pieces += following
        length += sum(map(len, following))
    text = "".join(pieces).rstrip("\n")
    title = f"{name}：{chance.choice(pool)[:18]}"
    url = f"http://news{outlet}.example/{year}/{number}.html"
    digest = "sha256:" + hashlib.sha256(url.encode()).hexdigest()
    fetched = f"{year}-{month:02}-{day:02}T{chance.randrange(20, 24):02}:00:00Z"
    file = f"dangqun-{number // 50_000:04}.warc.gz"
    rows["captures"].append(
        (number, url, fetched, 200, "text/html", digest, file, number % 50_000 * 9000, 8800, outlet, "article", "")
    )
    rows["articles"].append(
        (number, url, outlet, title, published, "", "", "", text, 1, number, '{"used": "utf-8", "declared": "utf-8", "repaired": 0}',
         "prose", "1", "1", "original")
    )  # fmt: skip
    rows["revisions"].append((number, 1, number, title, published, text))


def arguments() -> Iterator[object]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    given = parser.parse_args()
    yield from (given.folder, given.articles)


if __name__ == "__main__":
    fill(*arguments())  # type: ignore[arg-type]
