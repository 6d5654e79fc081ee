"""Past one machine: Ray and a storage produce what one machine does, whichever process is killed."""

import gzip
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from support import ROOT, begun_dangqun, dangqun, free_ports, page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Article, Capture
from archive.pipeline import shards
from archive.pipeline.deriving import derive
from archive.pipeline.verify import DERIVED
from archive.storage.store import open_for_reading, open_for_writing
from crawler.cluster.storage import Storage, is_remote
from crawler.sample.server import serve

pytest.importorskip("ray")
sys.path.append(str(ROOT / "benchmarks"))  # last: its archive.py must not hide the package in child processes

_SITES = ("sample-city", "sample-district", "sample-mirror")
_VICTIMS = ["worker", "head"] if "DANGQUN_KILLS" in os.environ else []  # `make crash` strikes both in each command
_MOTO = ROOT / ".venv-replay" / "bin" / "moto_server"


# What is compared


def _rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is derived, as `verify` compares it."""
    with open_for_reading(folder) as archive:
        return {
            name: sorted(archive.connection.execute(question.format(db="main")).fetchall(), key=repr)
            for name, question in DERIVED.items()
        }


def _is_proved(folder: Path, environment: dict[str, str] | None = None) -> bool:
    done = dangqun("--archive", str(folder), "verify", environment=environment)
    return done.returncode == 0 or bool(pytest.fail(done.stdout + done.stderr))


# Pages as a crawl of the whole web has them


@pytest.fixture(scope="module")
def warcs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four WARC files: stories, their copies, and pages in other languages and about other things."""
    from stories import story

    folder, chance = tmp_path_factory.mktemp("warcs"), random.Random(5)
    pages = [(f"http://news.example/{n}.html", page(*_shaped(story(n, chance)))) for n in range(60)]
    pages += pages[::10]  # met twice
    others = (
        ("Local news", "The mayor opened a bridge over the river. " * 20),
        ("大桥通车", "市里的大桥今天通车，过江只要三分钟。" * 20),
    )
    pages += [(f"http://other.example/{n}.html", page(*others[n % 2], source="")) for n in range(80)]
    chance.shuffle(pages)
    for number in range(4):
        with (folder / f"news-{number}.warc.gz").open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for url, html in pages[number::4]:
                headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                writer.write_record(
                    writer.create_warc_record(
                        url, "response", payload=io.BytesIO(html.encode()), http_headers=headers,
                        warc_headers_dict={"WARC-Date": "2025-03-04T05:06:07Z"},
                    )
                )  # fmt: skip
    return folder


def _shaped(story: tuple[str, list[str]]) -> tuple[str, ...]:
    return story[0], *story[1]


@pytest.fixture(scope="module")
def imported(warcs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What one machine makes of them, and what it says."""
    folder = tmp_path_factory.mktemp("imported") / "data"
    done = dangqun("--archive", str(folder), "import", str(warcs), "--prefilter", "--no-publish")
    assert done.returncode == 0, done.stderr
    return folder, done.stderr


def _last_lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.endswith(".") and ("pages" in line or "articles" in line)]


@pytest.mark.parametrize("victim", _VICTIMS or ["head"])
def test_import_is_what_one_machine_makes(warcs: Path, imported: tuple[Path, str], tmp_path: Path, victim: str) -> None:
    """Whichever process is killed meanwhile."""
    folder = tmp_path / "data"
    command = ["--archive", str(folder), "import", str(warcs), "--prefilter", "--no-publish", "--engine", "ray"]
    process = begun_dangqun(*command)
    is_over = _struck(victim, _worker(process, "read_input"), process)
    if is_over:
        assert dangqun(*command).returncode == 0
    assert _rows(folder) == _rows(imported[0]) and len(_rows(folder)["articles"]) == 60
    assert not list((folder / "shards").iterdir())
    # Read again on the cluster, it stays as it is.
    again = dangqun("--archive", str(folder), "extract", "--all", "--no-publish", "--engine", "ray")
    assert again.returncode == 0 and "60 articles" in again.stderr, again.stderr
    assert _rows(folder) == _rows(imported[0])
    assert _is_proved(folder)


# Sites


@pytest.fixture(scope="module")
def sample_site(sample_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The sample site, running; the environment of the commands that crawl it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.sample.FIRST_PORT", int(sample_environment["DANGQUN_SAMPLE_PORT"]))
        with serve():
            yield sample_environment


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, sample_site: dict[str, str]) -> Path:
    """What one machine crawls."""
    folder = tmp_path_factory.mktemp("crawled") / "data"
    assert dangqun(*_crawl(folder), environment=sample_site).returncode == 0
    return folder


def _crawl(folder: Path, *options: str) -> list[str]:
    return ["--archive", str(folder), "crawl", *_SITES, "--no-publish", *options]


# Pages that were fetched in full more than once, though they had not changed.
_TWICE = (
    "select count(*) from (select 1 from captures where duplicate_of is null group by url, digest having count(*) > 1)"
)


def _contents(folder: Path) -> dict[str, set[tuple[object, ...]]]:
    """The content of the archive, independent of the times and the order of fetching."""
    with open_for_reading(folder) as archive:
        return {
            name: set(archive.connection.execute(question))
            for name, question in {
                "articles": "select url, title, published, text, revision from articles",
                "facts": "select evidence, type, subject, value, date, as_of, reported_on, quote from facts",
                "stations": "select name, place, division from stations",
                "captures": "select url, status, digest, kind, outlets.name from captures left join outlets on outlets.id = outlet_id where duplicate_of is null",
            }.items()
        }


@pytest.mark.parametrize("victim", _VICTIMS or ["worker"])
def test_crawl_is_what_one_machine_crawls(
    crawled: Path, tmp_path: Path, sample_site: dict[str, str], victim: str
) -> None:
    """Whichever process is killed meanwhile."""
    folder = tmp_path / "data"
    command = _crawl(folder, "--engine", "ray")
    process = begun_dangqun(*command, environment=sample_site)
    worker = _worker(process, "crawl_sites")
    _wait_until(lambda: any((folder / "sites").rglob("*.warc.gz")), 60)
    is_over = _struck(victim, worker, process)
    for _ in range(1 + is_over):
        done = dangqun(*command, environment=sample_site)
        assert done.returncode == 0, done.stderr
    assert _contents(folder) == _contents(crawled)
    assert _one(folder, _TWICE) == 0
    with open_for_reading(folder) as archive:
        runs = archive.connection.execute("select outcome from runs order by id desc limit 3").fetchall()
    assert [outcome for (outcome,) in runs] == ["finished"] * 3
    assert _is_proved(folder, sample_site)


def test_a_site_that_is_left_alone_is_left_alone_by_all_nodes(tmp_path: Path) -> None:
    with open_for_writing(tmp_path / "data") as archive:
        archive.finish_run(archive.start_run("crawl", "sample-city"), "challenged", {})
    done = dangqun("--archive", str(tmp_path / "data"), "crawl", "sample-city", "--no-publish", "--engine", "ray")
    assert done.returncode == 0 and "left alone" in done.stderr, done.stderr
    assert not (tmp_path / "data" / "sites").exists()


# Object stores


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An address in an S3 server on loopback; {} stands for the folder."""
    if not _MOTO.exists():
        pytest.skip("moto is not here: make test installs it")
    port = free_ports(1)
    quiet = subprocess.DEVNULL
    with subprocess.Popen([_MOTO, "-H", "127.0.0.1", "-p", str(port)], stdout=quiet, stderr=quiet) as process:
        try:
            _wait_until(lambda: _answers(f"http://127.0.0.1:{port}/moto-api/"), 60)
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/archive", method="PUT")).close()
            yield f"s3://key:secret@archive/{{}}?region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{port}"
        finally:
            process.terminate()


def test_object_store_of_imports(warcs: Path, imported: tuple[Path, str], bucket: str, tmp_path: Path) -> None:
    given = Storage(bucket.format("given"))
    for path in sorted(warcs.iterdir()):
        given.put(path, path.name)
    assert list(given.sizes()) == [f"news-{n}.warc.gz" for n in range(4)]
    command = ("--archive", str(tmp_path / "data"), "import")
    done = dangqun(
        *command, bucket.format("given/news-*.warc.gz"), "--prefilter", "--no-publish",
        "--engine", "ray", "--storage", bucket.format("work"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _rows(tmp_path / "data") == _rows(imported[0])
    assert _last_lines(done.stderr) == _last_lines(imported[1]) and "40 other_language, 40 unlikely" in done.stderr
    with open_for_reading(tmp_path / "data") as archive:  # runs are published
        kept = archive.connection.execute("select site from runs").fetchall()
    assert kept == [("s3://archive/given/news-*.warc.gz",)]
    missing = dangqun(*command, bucket.format("given/none-*.warc.gz"))
    assert missing.returncode == 1 and "There is no file s3://archive/given/none-*" in missing.stderr
    assert "secret" not in missing.stderr.replace("\n", "")


def test_object_store_of_crawls(crawled: Path, bucket: str, tmp_path: Path, sample_site: dict[str, str]) -> None:
    """What one machine knows is not fetched again."""
    folder = tmp_path / "data"
    shutil.copytree(crawled, folder)
    pages, runs = (
        "select count(*) from captures where url like '%.html' and role = ''",
        "select count(*) from runs where outcome = 'finished'",
    )
    before = _one(folder, pages)
    done = dangqun(*_crawl(folder, "--engine", "ray", "--storage", bucket.format("crawls")), environment=sample_site)
    assert done.returncode == 0, done.stderr
    assert (_one(folder, pages), _one(folder, runs)) == (before, 6)
    assert _contents(folder) == _contents(crawled)
    assert _is_proved(folder, sample_site)


# Pieces


def test_shards_give_back_what_they_were_given(shared: Path) -> None:
    pages = sorted((shared / "corpus" / "pages").glob("*"))[:40]
    found = 0
    for path in pages:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        derived = derive(Capture("http://x.example/a.html", body))
        assert shards.unpacked(shards.packed(derived)) == derived
        found += isinstance(derived.found, Article)
    assert found > 10


def test_shards_keep_days_apart_from_times() -> None:
    for published in ("2021-06-28", "2021-06-28 16:05", "2021-06-28 00:00"):
        html = page("锦帆社区党群服务站揭牌", "望潭区锦帆社区党群服务站揭牌，现有党员36名。" * 3, published=published)
        derived = derive(Capture("http://x.example/a.html", html.encode()))
        again = shards.unpacked(shards.packed(derived))
        assert isinstance(derived.found, Article) and isinstance(again.found, Article)
        assert again == derived and again.found.published_iso == derived.found.published_iso


def test_a_worker_knows_its_environment_before_it_reads_plug_ins() -> None:
    check = "import sys, crawler.cluster.engine; assert 'archive.plugins' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_options_are_explained() -> None:
    assert is_remote("s3://a/b") and not is_remote("/a/b")
    done = dangqun("extract", "--ray-address", "auto")
    assert done.returncode == 2 and "--engine ray" in done.stderr
    done = dangqun("extract", "--engine", "ray", "--ray-address", "auto")
    assert done.returncode == 2 and "--storage" in done.stderr


# Processes


def _struck(victim: str, worker: int, process: BaseProcess) -> bool:
    """Kill a worker, which its head outlives, or the head, with which a cluster of one machine ends; whether it is over."""
    os.kill(worker if victim == "worker" else process.pid or 0, signal.SIGKILL)
    process.join(120)
    if victim == "worker":
        assert process.exitcode == 0
        return False
    assert process.exitcode == -signal.SIGKILL
    _wait_until(lambda: not _alive(worker), 60)
    return True


def _worker(head: BaseProcess, task: str) -> int:
    """The process of Ray that runs a task for this head."""
    found: list[int] = []

    def look() -> bool:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                name = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if name.startswith(f"ray::{task}".encode()) and head.pid in _above(int(entry.name)):
                found.append(int(entry.name))
        return bool(found)

    _wait_until(look, 90)
    return found[0]


def _above(process: int) -> list[int]:
    """The processes that a process descends from."""
    found = []
    while process > 1:
        try:
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
        found.append(process)
    return found


def _alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()
        return True
    except OSError:
        return False


def _wait_until(holds, seconds: float) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def _one(folder: Path, question: str) -> int:
    with open_for_reading(folder) as archive:
        return archive.connection.execute(question).fetchone()[0]
