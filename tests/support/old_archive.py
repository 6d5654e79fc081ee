"""Makes tests/archive/old_archive.tar.xz: an archive of invented pages with decisions and an alert, as the version that
runs this leaves it. `python tests/support/old_archive.py TARGET`, in a checkout of that version.

It was made by the last version whose keys changed with the reader, and is not to be made again.
"""

import random
import sqlite3
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.search.wanted import Wanted
from archive.site.alerts import Alerts
from archive.storage.store import open_for_writing

_PAGES = 30
_ESTATES = "青禾 映月 云栖 松涛 柳岸 东篱 石榴 南塘 晓园 听雨 望江 枫桥".split()
_STREETS = "青萝街道 白鹭街道 丹枫街道".split()
_SENTENCES = (
    "{e}小区现有在册党员{a}名，居民{b}户。",
    "据了解，{e}小区党群服务站面积约{c}平方米，投入资金{d}万元。",
    "{e}小区共有居民楼{f}栋、{b}户，常住人口{g}人。",
    "{y}年{m}月{n}日，{e}小区党群服务站正式启用。",
    "{e}小区党群服务站组建了{f}支志愿服务队，志愿者{a}名。",
    "截至{y}年底，{s}建成党群服务站{f}个。",
    "{e}小区设党支部{h}个，党小组{f}个，划分网格{h}个。",
    "爱心企业向{e}小区党群服务站捐赠图书{g}册。",
    "{e}小区和{o}小区各有党员{a}名。",
    "投入资金{d}万元后，{e}小区党群服务站去年服务居民{g}人次。",
)


def _pages() -> list[str]:
    chance = random.Random(21)
    pages = []
    for number in range(_PAGES):
        estate, other = chance.sample(_ESTATES, 2)
        street = chance.choice(_STREETS)
        numbers = {
            "a": chance.randrange(12, 99), "b": chance.randrange(300, 2900), "c": chance.randrange(80, 900), "d": chance.randrange(5, 90),
            "f": chance.randrange(3, 30), "g": chance.randrange(1000, 9000), "h": chance.randrange(2, 9), "m": chance.randrange(1, 6),
            "n": chance.randrange(1, 28), "y": chance.choice((2019, 2020, 2021)),
        }  # fmt: skip
        sentences = [form.format(e=estate, o=other, s=street, **numbers) for form in chance.sample(_SENTENCES, 6)]
        opening = f"近日，记者走进望潭区{street}{estate}小区党群服务站，这里窗明几净。"
        closing_ = f"居民们都说，第{number + 1}次来这里，办事还是这样方便，心里暖洋洋的。"
        pages.append(page(f"{estate}小区党群服务站见闻", opening, *sentences, closing_, published="2021-06-28 16:05"))
    return pages


def make(target: Path) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made) / "data"
        with open_for_writing(folder) as archive:
            for number, html in enumerate(_pages()):
                url = f"http://a.example/{number}.html"
                capture = archive.save_capture(exchange(url, html, outlet="云泽新闻网"), None)
                assert capture is not None
                ingest(archive, capture)
            publish(archive)
            facts = archive.connection.execute("select id, value from facts order by id").fetchall()
            for number, value in facts:
                decision = "confirm" if number % 5 else "reject" if number % 2 or value is None else "correct"
                corrected = {"value": value + 1} if decision == "correct" else {}
                archive.reviews.decide(archive.connection, number, decision, "甲", corrected=corrected)
            with (
                closing(Alerts(folder / "reviews.db")) as alerts,
                closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot,
            ):
                alerts.follow(snapshot, "甲", "facts", Wanted(), "webhook", "http://127.0.0.1:9/hook")
                alerts.follow(snapshot, "甲", "articles", Wanted(q="党群"), "webhook", "http://127.0.0.1:9/hook")
        for name in ("archive.db", "reviews.db"):
            with closing(sqlite3.connect(folder / name)) as connection:
                connection.execute("pragma journal_mode = delete")
                connection.execute("vacuum")
        with tarfile.open(target, "w:xz") as packed:
            for path in (folder / "archive.db", folder / "reviews.db", folder / "warc"):
                packed.add(path, path.name)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
