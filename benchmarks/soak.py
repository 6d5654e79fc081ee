"""A long run of everything at once: sites that publish, correct, delete, break and recover, a scheduler that is killed, a disk
that is full, a hostile site, and readers on the web site all the while.

    .venv/bin/python benchmarks/soak.py [--minutes 120] [--outlets 20] [--seed 1] [--keep FOLDER]

`dangqun schedule` crawls the outlets of an invented world (`invented.py`) on loopback, each every half minute; `dangqun
serve` serves what is published. The report at the end states whether each of these holds, and the exit code is 1 where one
does not: `verify` passes; no number is published that the world does not state; every article that is online is archived,
and no page is kept twice in a row; each break was reported while it lasted; no reader met an error; memory and file handles
of the server are level.
"""

import argparse
import contextlib
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import mean
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from invented import InventedArticle, World, page
from serving import below, running
from support import free_ports
from truth import published, scores
from web import Answer, Request, Web

from archive.storage.store import Archive, open_for_reading

_EVERY = 30  # seconds between two crawls of a site
_TICK = 20.0  # seconds between two things that an outlet does
_BROKEN = 90.0  # seconds that a break lasts at least; it also lasts until two crawls have met it, since only a crawl can report it
_KILLS = (60, 240)  # seconds between two kills, at random
_UNMET = 900.0  # seconds after which a break is repaired in any case
_DISK = "1500m"
_LIST = 30


def _shell(path: str, answer: Answer) -> Answer:
    shell = Answer('<html><body><div id="app"></div><script src="/a.js"></script></body></html>')
    return shell if path == "/list.html" else answer


def _no_sitemap(path: str, answer: Answer) -> Answer:
    return Answer("<html><body>系统维护</body></html>", 200) if path == "/sitemap.xml" else answer


def _of_articles(change: Answer) -> Callable[[str, Answer], Answer]:
    return lambda path, answer: change if path[:2] == "/2" else answer


# The ways in which a site can break, by name.
BREAKS = {
    "the list is drawn by a script": _shell,
    "articles ask to log in": _of_articles(Answer("<html><body><h1>请先登录</h1><p>请先登录后查看全文。</p></body></html>")),
    "articles are error pages with status 200": _of_articles(Answer("<html><head><title>提示</title></head><body>您访问的页面不存在</body></html>")),
    "the server fails": lambda path, answer: Answer("<html><body>服务器错误</body></html>", 500),
    "the sitemap is an error page": _no_sitemap,
    "articles lost their text": _of_articles(Answer("<html><head><title>x</title></head><body></body></html>")),
}  # fmt: skip


class Outlet(Web):
    """A running site of the world. The calls determine what it does."""

    def __init__(self, world: World, name: str, outlet: str, layout: int) -> None:
        super().__init__({})
        self.world, self.name, self.outlet, self.layout = world, name, outlet, layout
        self.articles: dict[str, InventedArticle] = {}
        self.changed: dict[str, datetime] = {}
        self.gone: set[str] = set()
        self.broken = ""
        self._lock_of_world = threading.Lock()
        threading.Thread(target=self._run, daemon=True).start()

    def answer(self, request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer("User-agent: *\nAllow: /\n", kind="text/plain")
        with self._lock_of_world:
            whole = self._whole(request.path)
        broken = self.broken
        return BREAKS[broken](request.path, whole) if broken else whole

    def _whole(self, path: str) -> Answer:
        if path == "/list.html":
            newest = list(self.articles.values())[::-1][:_LIST]
            rows = "".join(
                f'<li><a href="{one.path}">{one.title}</a><span>{one.day:%Y-%m-%d}</span></li>' for one in newest
            )
            return Answer(f"<html><head><title>{self.outlet}</title></head><body><ul>{rows}</ul></body></html>")
        if path == "/sitemap.xml":
            rows = "".join(
                f"<url><loc>{self.address}{one}</loc><lastmod>{at:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
                for one, at in self.changed.items()
            )
            return Answer(
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>', kind="application/xml"
            )
        if path in self.gone:
            return Answer("<html><body>该文章已被删除</body></html>", 404)
        if path in self.articles:
            return Answer(page(self.articles[path], self.outlet), kind="text/html")
        return Answer("<html><body>页面不存在</body></html>", 404)

    def publish(self) -> None:
        """A new article."""
        with self._lock_of_world:
            self._put(replace(self.world.article(datetime.now(UTC).date()), layout=self.layout))

    def correct(self, chance: random.Random) -> None:
        """An article is published again, with other numbers."""
        with self._lock_of_world:
            if self.articles:
                old = chance.choice(list(self.articles.values()))
                new = self.world.article(old.day)
                self._put(replace(new, path=old.path, title=f"{old.title}（更新）", layout=self.layout))

    def delete(self, chance: random.Random) -> None:
        """An article is deleted."""
        with self._lock_of_world:
            if len(self.articles) > 5:
                path = chance.choice(list(self.articles))
                del self.articles[path]
                self.gone.add(path)
                self.changed[path] = _soon()

    def touch(self) -> None:
        """Mark all articles as changed: after a break, so that they are fetched again."""
        with self._lock_of_world:
            for path in self.changed:
                self.changed[path] = _soon()

    def _put(self, article: InventedArticle) -> None:
        self.articles[article.path] = article
        self.changed[article.path] = _soon()


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)  # a page fetched in this very second is fetched again


class Hostile(Outlet):
    """A site that attacks: calendars without an end, bombs, redirects to private addresses, pages that never end."""

    def answer(self, request: Request) -> Answer:
        path = request.path
        if path == "/list.html":
            traps = "".join(f'<li><a href="/2024/01/0{n}/{n}.html">消息{n}</a></li>' for n in range(1, 8))
            whole = super().answer(request)
            return Answer(str(whole.body).replace("<ul>", f"<ul>{traps}"))
        if path.startswith("/2024/01/0"):
            return self._trap(path)
        return super().answer(request)

    def _trap(self, path: str) -> Answer:
        kind = path[-6]
        if kind in "12":
            return Answer(
                status=302,
                headers={"Location": f"http://{('169.254.169.254', '10.0.0.1')[kind == '2']}/latest/meta-data/"},
            )
        if kind == "3":
            bomb = gzip.compress(b"<p>" + b"A" * 30_000_000)
            return Answer(bomb, headers={"Content-Encoding": "gzip"})
        if kind == "4":
            return Answer(_for_ever())
        links = "".join(f'<a href="/2024/01/0{n}/{random.randrange(10**9)}{kind}.html">次</a>' for n in range(1, 9))
        return Answer(f"<html><body>{links}<p>党员１００００名</p></body></html>")


def _for_ever() -> Iterator[bytes]:
    for _ in range(600):
        yield b"<p>...</p>"
        time.sleep(0.5)


@dataclass
class Break:
    """A break of one site: which, from when to when."""

    outlet: Outlet
    what: str
    begun: datetime
    ended: datetime | None = None

    def met(self, archive: Archive) -> list[int]:
        """The crawls that ran within it from beginning to end, and finished by themselves."""
        return [
            row[0]
            for row in archive.connection.execute(
                "select id from runs where site = ? and outcome = 'finished' and started > ? and finished < ? order by id",
                [self.outlet.name, self.begun.isoformat(), (self.ended or datetime.now(UTC)).isoformat()],
            )
        ]


class Soak:
    """The run: what it started, and what it saw."""

    def __init__(self, folder: Path, outlets: int, seed: int, minutes: float) -> None:
        self.folder, self.end = folder / "data", time.monotonic() + minutes * 60
        self.minutes = minutes
        self.chance = random.Random(seed)
        self.outlets = [Outlet(World(seed * 1000 + n), f"soak-{n:02}", f"第{n}号新闻网", n % 5) for n in range(outlets)]
        self.hostile = Hostile(World(seed * 1000 + 999), "soak-hostile", "恶意网", 0)
        self.breaks: list[Break] = []
        self.killed: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.levels: dict[str, list[tuple[int, int]]] = {"server": [], "scheduler": []}  # MB, file handles
        self.scheduler = 0  # the id of its process
        (folder / "sites").mkdir()
        (folder / "sites" / "soak_sites.py").write_text(self._classes(), "utf-8")
        self.environment = os.environ | {
            "DANGQUN_SITES": "soak_sites", "PYTHONPATH": f"{folder / 'sites'}{os.pathsep}{ROOT}", "DANGQUN_ARCHIVE": str(self.folder),
        }  # fmt: skip
        self.log = (folder / "log.txt").open("wb")

    def _classes(self) -> str:
        head = "from datetime import timedelta\n\nfrom spiders.base import SiteSpider\n"
        return head + "".join(
            f"""

class Site{number}(SiteSpider):
    name = "{one.name}"
    outlet = "{one.outlet}"
    home = "{one.address}/"
    article = r"/\\d{{4}}/\\d\\d/\\d\\d/\\d+\\.html"
    lists = ("/list.html",)
    sitemaps = ("/sitemap.xml",)
    every = timedelta(seconds={_EVERY})
    loopback = True
    custom_settings = {{"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "DOWNLOAD_TIMEOUT": 8, "RETRY_TIMES": 0}}
"""
            for number, one in enumerate([*self.outlets, self.hostile])
        )

    @property
    def names(self) -> list[str]:
        return [one.name for one in (*self.outlets, self.hostile)]

    def dangqun(self, *arguments: str, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crawler.cli", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip

    def schedule(self) -> subprocess.Popen[bytes]:
        self.dangqun("sites", "enable", *self.names)
        command = [sys.executable, "-m", "crawler.cli", "schedule", *self.names]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)
        self.scheduler = process.pid
        return process

    # During the run

    def world(self) -> None:
        """Outlets publish, correct, delete, break and recover."""
        started, kinds = time.monotonic(), list(BREAKS)
        calm = min(240.0, self.minutes * 60 / 4)  # until the monitors know what is usual, and at the end
        nth = 0
        next_break = started + calm
        while time.monotonic() < self.end:
            self.edit()
            now = time.monotonic()
            for fault in self.breaks:
                if not fault.ended and self.enough(fault):
                    self.mend(fault)
            if now > next_break and now < self.end - calm / 2 - _BROKEN:
                whole = [one for one in self.outlets if not one.broken]
                one = whole[nth % len(whole)]
                one.broken = kinds[nth % len(kinds)]
                self.breaks.append(Break(one, one.broken, datetime.now(UTC)))
                nth += 1
                next_break = now + max(30.0, self.minutes * 60 / 40)
            time.sleep(_TICK)
        for fault in self.breaks:
            if not fault.ended:
                self.mend(fault)

    def edit(self) -> None:
        """Each outlet publishes; some correct or delete something."""
        for one in (*self.outlets, self.hostile):
            one.publish()
            if self.chance.random() < 0.15:
                one.correct(self.chance)
            if self.chance.random() < 0.05:
                one.delete(self.chance)

    def enough(self, fault: Break) -> bool:
        """Whether a break has lasted: two crawls have met it, or it cannot wait longer."""
        lasted = (datetime.now(UTC) - fault.begun).total_seconds()
        if lasted < _BROKEN:
            return False
        with contextlib.suppress(Exception), open_for_reading(self.folder) as archive:  # it may be full, or busy
            return lasted > _UNMET or len(fault.met(archive)) > 1
        return False

    def mend(self, fault: Break) -> None:
        fault.ended = datetime.now(UTC)
        fault.outlet.broken = ""
        fault.outlet.touch()

    def readers(self, base: str) -> None:
        """Requests of readers to the site."""
        chance = random.Random()
        shapes = ("/", "/search?q=党员", "/search.json?q=社区", "/archive/articles", "/archive/facts?type=households", "/archive/stations/{n}", "/health",
                  "/archive/articles/{n}.json", "/feed/search.atom?q=居民")  # fmt: skip
        while time.monotonic() < self.end:
            address = base + quote(chance.choice(shapes).format(n=chance.randrange(1, 60)), safe="/?&=.:")
            try:
                urllib.request.urlopen(address, timeout=30).read()
                self.read["answered"] += 1
            except urllib.error.HTTPError as error:
                self.read["answered" if error.code == 404 else f"{error.code} {address[len(base) :]}"] += 1
            except OSError as error:
                self.read[f"{type(error).__name__}"] += 1
            time.sleep(0.4)

    def measure(self, server: int) -> None:
        """The memory and the file handles of the server (with all processes that it started) and of the scheduler (without)."""
        while time.monotonic() < self.end:
            with contextlib.suppress(OSError, IndexError):
                self.levels["server"].append(_held(below(server)))
                self.levels["scheduler"].append(_held([self.scheduler]))
            time.sleep(5)

    def crawl(self) -> None:
        """The scheduler, killed and started again; once the disk is full."""
        process = self.schedule()
        fill_at = time.monotonic() + self.minutes * 60 / 2
        while time.monotonic() < self.end:
            time.sleep(self.chance.uniform(*_KILLS))
            if fill_at and time.monotonic() > fill_at:
                fill_at = 0
                self.fill_disk()
            if process.poll() is not None:
                self.killed["scheduler, by itself"] += 1
                process = self.schedule()
            crawls = _children(process.pid)
            if crawls and self.chance.random() < 0.7:
                os.kill(crawls[0], signal.SIGKILL)
                self.killed["crawl"] += 1
            elif self.chance.random() < 0.5:
                process.kill()
                process.wait()
                self.killed["scheduler"] += 1
                process = self.schedule()
        process.send_signal(signal.SIGTERM)
        process.wait(300)

    def fill_disk(self) -> None:
        ballast = self.folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb") as stream:
            while True:
                stream.write(bytes(1 << 20))
        self.killed["full disk"] += 1
        time.sleep(25)
        ballast.unlink()

    # At the end

    def settle(self) -> None:
        """Crawl everything twice more, since a kill may have left work. Wait for crawls that a killed scheduler left running."""
        for _ in range(2):
            for _ in range(60):
                done = self.dangqun("crawl", *self.names)
                self.log.write(done.stderr.encode())
                if "Another dangqun process" not in done.stderr:
                    break
                time.sleep(10)

    def report(self) -> list[tuple[str, bool, str]]:
        verified = self.dangqun("verify")
        found = [("verify passes", verified.returncode == 0, (verified.stdout + verified.stderr).strip()[-400:])]
        expected = {one.address + path: article.facts for one in self.outlets for path, article in one.articles.items()}
        gone = {one.address + path for one in self.outlets for path in one.gone}
        expected |= {self.hostile.address + path: article.facts for path, article in self.hostile.articles.items()}
        gone |= {self.hostile.address + path for path in self.hostile.gone}
        port = free_ports(1)
        command = [sys.executable, "-m", "crawler.cli", "serve", "--port", str(port), "--no-rate-limit"]
        with running(command, port, ROOT, self.environment) as (base, _):
            rows = [row for row in published(base) if row["url"] not in gone]
        by_type, wrong = scores(expected, rows)
        total: Counter[str] = sum(by_type.values(), Counter())
        false = [line for line in wrong if line.startswith("false")]
        found.append(
            (
                "no number is published that the world does not state",
                not false,
                f"{total['right']} right, {len(false)} false, {total['missed']} missed; {' / '.join(false[:3])}",
            )
        )
        with open_for_reading(self.folder) as archive:
            there = {row[0] for row in archive.connection.execute("select url from articles")}
            # A page that was another one in between (a break) is kept again.
            twice = archive.connection.execute(
                "select count(*) from (select digest, status, duplicate_of, lag(digest) over pages as before,"
                " lag(status) over pages as then_, kind from captures window pages as (partition by url order by id))"
                " where duplicate_of is null and kind = 'article' and digest = before and then_ in (status, 304)"
            ).fetchone()[0]
            reported = {row[0] for row in archive.connection.execute("select run_id from findings")}
            met = [(fault, fault.met(archive)) for fault in self.breaks]
        missing = expected.keys() - there
        found.append(
            (
                "every article that is online is archived",
                not missing,
                f"{len(expected)} online, {len(missing)} missing {sorted(missing)[:2]}",
            )
        )
        found.append(("nothing is there twice", twice == 0, f"{twice} captures repeat the one before in full"))
        silent = [(fault.outlet.name, fault.what) for fault, crawls in met if not reported.intersection(crawls)]
        at_once = sum(crawls[0] in reported for _, crawls in met if crawls)
        found.append(
            (
                "every break was reported",
                not silent,
                f"{len(met)} breaks, {at_once} in the first crawl that met them; unreported: {silent}",
            )
        )
        errors = {name: count for name, count in self.read.items() if name != "answered"}
        found.append(("the scheduler ran on", not self.killed["scheduler, by itself"], "until it was killed"))
        found.append(("no reader met an error", not errors, f"{self.read['answered']} answers, {dict(errors)}"))
        found += [_level(name, levels) for name, levels in self.levels.items()]
        return found


def _children(process: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _held(processes: list[int]) -> tuple[int, int]:
    """MB of memory and file handles of some processes together."""
    memory = sum(int(Path(f"/proc/{n}/status").read_text().split("VmRSS:")[1].split()[0]) for n in processes) // 1024
    return memory, sum(len(list(Path(f"/proc/{n}/fd").iterdir())) for n in processes)


def _level(name: str, levels: list[tuple[int, int]]) -> tuple[str, bool, str]:
    third = len(levels) // 3
    (memory, later), (handles, later_handles) = (
        [mean(level[n] for level in part) for part in (levels[third : 2 * third], levels[2 * third :])] for n in (0, 1)
    )
    return (
        f"memory and file handles of the {name} are level",
        later < 1.25 * memory + 20 and later_handles < handles + 10,
        f"MB {memory:.0f} → {later:.0f}, handles {handles:.0f} → {later_handles:.0f}",
    )


def run(folder: Path, outlets: int, seed: int, minutes: float, *, keep: bool = False) -> int:
    soak = Soak(folder, outlets, seed, minutes)
    for one in (*soak.outlets, soak.hostile):
        for _ in range(12):
            one.publish()
    soak.folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(soak.folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        print("No file system can be mounted here: the disk is not filled.", file=sys.stderr)
        soak.fill_disk = lambda: None  # type: ignore[method-assign]
    try:
        first = soak.dangqun("crawl", *soak.names)
        print(first.stderr[-1500:], file=sys.stderr)
        port = free_ports(1)
        command = [sys.executable, "-m", "crawler.cli", "serve", "--port", str(port), "--no-rate-limit"]
        with running(command, port, ROOT, soak.environment) as (base, server):
            work = [soak.world, soak.crawl, partial(soak.measure, server), *[partial(soak.readers, base)] * 2]
            at_once(work)
        for one in soak.outlets:
            one.broken = ""
            one.touch()
        soak.settle()
        rows = soak.report()
    finally:
        if keep:
            shutil.copytree(soak.folder, folder / "archive", ignore=shutil.ignore_patterns("ballast"))
        if not mounted.returncode:
            subprocess.run(["umount", "-l", str(soak.folder)], check=False)
    print(f"### Soak: {minutes:g} minutes, {outlets} outlets and a hostile one, seed {seed}\n")
    print(f"Killed: {dict(soak.killed)}. Breaks: {dict(Counter(one.what for one in soak.breaks))}.\n")
    return printed(rows)


def at_once(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def printed(rows: list[tuple[str, bool, str]]) -> int:
    """Print what holds; returns the exit code."""
    print("| what | holds | |\n|---|---|---|")
    for what, holds, detail in rows:
        print(f"| {what} | {'yes' if holds else '**no**'} | {' '.join(detail.split())} |")
    return 0 if all(holds for _, holds, _ in rows) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--outlets", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the archive and the log (default: they are deleted)")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True)
        sys.exit(run(given.keep, given.outlets, given.seed, given.minutes, keep=True))
    with tempfile.TemporaryDirectory() as made:
        sys.exit(run(Path(made), given.outlets, given.seed, given.minutes))
