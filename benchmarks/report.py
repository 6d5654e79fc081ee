"""Every benchmark, one report: Markdown with the machine, the versions and what each printed, and a chart of each comparison.

    .venv-bench/bin/python benchmarks/report.py [--quick] [--only NAME ...] [--pages FOLDER] [--archive FOLDER] [--into FOLDER]

`make bench` runs it. The report takes the output of each benchmark unchanged. It marks one that fails, and continues with the
others. Each has a section in a file of its own; --only repeats some, and the report keeps the others. --archive measures
`load` at its full size, in an archive of a million articles that lies there, or is made there, and `growth` in it as well.
--quick measures less of everything (a quarter of an hour), to see that all of it runs.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).parent.parent
PRODUCT = ROOT / ".venv" / "bin" / "python"
CRAWLERS = ROOT / ".venv-crawlers" / "bin" / "python"

# name -> (the environment with what it is compared with, script and options, options of --quick)
BENCHMARKS = {
    "reading": (sys.executable, ["reading.py"], ["--passes", "1"]),
    "facts": (sys.executable, ["facts.py"], []),
    "archive": (sys.executable, ["archive.py"], ["--articles", "50000", "--pages", "400"]),
    "truth": (PRODUCT, ["truth.py"], ["--articles", "120"]),
    "batch": (PRODUCT, ["batch.py"], ["--files", "4", "--pages", "100", "--passes", "1"]),
    "prefilter": (PRODUCT, ["prefilter.py"], ["--pages", "3000", "--peer-pages", "60", "--passes", "1"]),
    "crawl": (PRODUCT, ["crawl.py", "--memory", "10000", "--refresh", "10000", "--others", "20000"],
              ["--pages", "1000", "--passes", "1", "--memory", "0", "--refresh", "500", "--others", "1000"]),
    "load": (PRODUCT, ["load.py", "--articles", "20000"], ["--articles", "3000", "--seconds", "2", "--passes", "1"]),
    "growth": (PRODUCT, ["growth.py"], ["--sizes", "2000", "10000"]),
}  # fmt: skip
# Headings whose table is drawn: the column of numbers, and what it counts.
CHARTS = {
    "Speed and memory": (1, "pages a CPU second"),
    "Speed: articles of 1200 characters a CPU second": (1, "articles a CPU second"),
    "Storing an article with its facts": (1, "ms an article"),
    "From end to end": (3, "recall"),
    "WARC files": (4, "stories a second"),
    "MB of HTML": (1, "MB a CPU second"),
    "Pages a second": (1, "pages a second"),
    "clients": (2, "p95, ms"),
    "Growth": (1, "GB"),
}
_VERSIONS = "scrapy datasette beautifulsoup4 lxml warcio ray trafilatura newspaper4k gne readability-lxml Resiliparse jionlp recognizers-text-number news-please fundus".split()


def machine() -> list[str]:
    """Where and with what it was measured."""
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / 1048576  # type: ignore[index]
    return [
        f"- {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()} {platform.release()}; Python {platform.python_version()}",
        "- " + ", ".join(f"{name} {found}" for name in _VERSIONS if (found := _version(name))),
    ]  # fmt: skip


def _version(name: str) -> str:
    """The version of a package, in the first of the environments that has it; '' in none."""
    for python in (sys.executable, PRODUCT, CRAWLERS):
        result = subprocess.run(
            [python, "-c", f"from importlib.metadata import version; print(version({name!r}))"],
            capture_output=True,
            check=False,
            text=True,
        )
        if result.returncode == 0:
            return result.stdout.strip()
    return ""


def tables(markdown: str) -> list[tuple[str, list[str], list[list[str]]]]:
    """(heading above it, column names, rows) of every table."""
    found, heading, lines = [], "", markdown.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if re.fullmatch(r"\|(?:\s*-+\s*\|)+", line.strip()):
            rows = []
            for row in lines[number + 1 :]:
                if not row.startswith("|"):
                    break
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
            found.append((heading, [cell.strip() for cell in lines[number - 1].strip("|").split("|")], rows))
    return found


def draw(target: Path, heading: str, names: list[str], values: list[float], unit: str) -> None:
    """A chart of bars, ours first as the benchmarks print it, distinguished by hatching as well as by colour."""
    figure, axes = plt.subplots(figsize=(7, 0.6 + 0.32 * len(names)))
    bars = axes.barh(
        names,
        values,
        color=["#1f5f8b", *["#b8c4cc"] * (len(names) - 1)],
        hatch=["", *["//"] * (len(names) - 1)],
        edgecolor="white",
    )
    axes.bar_label(bars, fmt="%.3g", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.set_title(heading, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(target, bbox_inches="tight")
    plt.close(figure)


def charts(name: str, markdown: str, into: Path) -> list[str]:
    """Draw each comparison; returns the lines of Markdown that show the charts."""
    shown = []
    for heading, _, rows in tables(markdown):
        wanted = next((CHARTS[key] for key in CHARTS if key in heading), None)
        if wanted is None:
            continue
        column, unit = wanted
        pairs = [(" ".join(row[:1]), re.search(r"-?\d[\d,]*\.?\d*", row[column])) for row in rows if len(row) > column]
        found = [(label, float(number[0].replace(",", ""))) for label, number in pairs if number]
        if len(found) > 1:
            target = into / f"{name}-{len(shown) + 1}.svg"
            draw(target, heading, [label for label, _ in found], [value for _, value in found], unit)
            shown.append(f"![{heading}: {unit}]({target.name})")
    return shown


def measured(name: str, given: argparse.Namespace) -> tuple[list[str], bool]:
    """The section of a benchmark, run now, and whether it ended well."""
    python, (script, *options), quick = BENCHMARKS[name]
    if name == "load" and given.archive:
        options, quick = ["--archive", given.archive, "--writing"], []
    if name == "growth" and given.archive:
        options = [*options, "--archive", given.archive]
    command = [str(python), str(ROOT / "benchmarks" / script), *options, *(quick if given.quick else [])]
    command += ["--pages", given.pages] if name == "reading" and given.pages else []
    begun, started = datetime.now(UTC), time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    words = " ".join(["python", f"benchmarks/{script}", *command[2:]])
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, check=False, text=True
    ).stdout
    lines = [
        f"# {name.capitalize()}",
        "",
        f"`{words}`, {begun:%Y-%m-%d %H:%M} UTC, commit {commit.strip() or 'unknown'}, {time.monotonic() - started:.0f} s",
        "",
    ]
    if done.returncode:
        lines += ["**It failed:**", "", "    " + (done.stderr.strip().splitlines() or ["no reason given"])[-1], ""]
        print(done.stderr[-2000:], file=sys.stderr)
    return [*lines, done.stdout.strip(), "", *charts(name, done.stdout, given.into), ""], not done.returncode


def assemble(into: Path) -> None:
    """The report of all sections that there are."""
    sections = [path.read_text("utf-8") for name in BENCHMARKS if (path := into / f"{name}.md").exists()]
    (into / "report.md").write_text("\n".join(["# Benchmarks", "", *machine(), "", *sections]), "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "report")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pages", help="labelled pages for `reading` (default: ../shared)")
    parser.add_argument("--archive", help="measure `load` and `growth` with a million articles, in this folder")
    parser.add_argument("--only", nargs="*", choices=list(BENCHMARKS), help="these alone")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in given.only or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        section, done = measured(name, given)
        failed += not done
        (given.into / f"{name}.md").write_text("\n".join(section), "utf-8")
        assemble(given.into)  # keeps the measurements if a later benchmark fails
    print(f"{given.into / 'report.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
