"""Reading many WARC files: one process, the process pool, Ray; and what each step costs, from which growth is computed.

    .venv/bin/python benchmarks/batch.py [--files 10] [--pages 400] [--passes 3]

Files hold generated stories of 1,200 characters among twice as many pages in other languages, as news of the whole web
do. Measured in turns: `import --prefilter` and `extract --all` by engine, in pages of stories a second. The rows of all
engines are compared.
"""

import argparse
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from stories import story
from support import page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.pipeline.verify import DERIVED
from archive.storage.store import open_for_reading

_OTHER = "The mayor of the town opened a bridge over the river on Monday, and many people came to see it. "


def make(folder: Path, files: int, pages: int) -> None:
    """The WARC files."""
    chance = random.Random(1)
    for number in range(files):
        with (folder / f"news-{number:03}.warc.gz").open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for n in range(pages * 3):
                if n % 3 == 0:
                    title, paragraphs = story(number * pages + n, chance)
                    url, html = f"http://news{number}.example/{n}.html", page(title, *paragraphs)
                else:
                    url, html = (
                        f"http://other{number}.example/{n}.html",
                        page(f"Bridge {n}", _OTHER * 30, source="Gazette"),
                    )
                headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                about = {"WARC-Date": "2026-03-04T05:06:07Z"}
                writer.write_record(
                    writer.create_warc_record(url, "response", payload=io.BytesIO(html.encode()), http_headers=headers, warc_headers_dict=about)
                )  # fmt: skip


def timed(*arguments: str) -> float:
    """Seconds of a command."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "crawler.cli", *arguments], cwd=ROOT, check=True, capture_output=True)
    return time.monotonic() - started


def rows(folder: Path) -> list[object]:
    """Everything that is derived."""
    with open_for_reading(folder) as archive:
        return [
            sorted(archive.connection.execute(question.format(db="main")).fetchall(), key=repr)
            for question in DERIVED.values()
        ]


def main(files: int, pages: int, passes: int) -> None:
    engines = {
        "import": {"one process": [], "Ray": ["--engine", "ray"]},
        "extract --all": {"one process": ["--processes", "1"], "process pool": [], "Ray": ["--engine", "ray"]},
    }
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "warcs").mkdir()
        make(folder / "warcs", files, pages)
        seconds: dict[tuple[str, str], list[float]] = {}
        first: list[object] = []
        for _ in range(passes):
            for engine, options in engines["import"].items():
                archive = folder / "data"
                shutil.rmtree(archive, ignore_errors=True)
                took = timed(
                    "--archive", str(archive), "import", str(folder / "warcs"), "--prefilter", "--no-publish", *options
                )
                seconds.setdefault(("import", engine), []).append(took)
                found = rows(archive)
                first = first or found
                assert found == first, f"{engine} makes other rows"
            for engine, options in engines["extract --all"].items():
                took = timed("--archive", str(archive), "extract", "--all", "--no-publish", *options)
                seconds.setdefault(("extract --all", engine), []).append(took)
                assert rows(archive) == first, f"{engine} makes other rows"
    total = files * pages
    print(
        f"### {files} WARC files, {total:,} stories among {3 * total:,} pages; {os.cpu_count()} cores; {passes} passes\n"
    )
    print(
        "| what | engine | seconds (median) | spread | stories a second | ratio to one process |\n|---|---|---|---|---|---|"
    )
    for (what, engine), times in seconds.items():
        middle, alone = median(times), median(seconds[what, "one process"])
        print(
            f"| {what} | {engine} | {middle:.1f} | {min(times):.1f}–{max(times):.1f} | {total / middle:.0f} | {alone / middle:.2f} |"
        )
    print("\nAll engines made the same rows.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--pages", type=int, default=400, help="stories a file")
    parser.add_argument("--passes", type=int, default=3)
    given = parser.parse_args()
    main(given.files, given.pages, given.passes)
