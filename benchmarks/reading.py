"""Reading beside the libraries that people would otherwise use, on the same pages in the same run.

    make bench                       or: .venv-bench/bin/python benchmarks/reading.py --help

Every tool gets what its users feed it: raw bytes where it takes them, else the text that Scrapy makes of them.
Speed and memory are those of a fresh process that does nothing else; quality is counted where the truth is known.
"""

import argparse
import contextlib
import gzip
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import truediv
from pathlib import Path
from statistics import mean, median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import reading_peers as peers
from spread import spread

PAGES = Path(__file__).parent.parent.parent / "shared/corpus/pages"
WEAK = ("goose3__data_content_test_bbc_chinese", "omnivore__caixin")  # truths known to be wrong
LEAKS = {
    "editor line": r"责任编辑|责编\s*[:：]|[(（【\[]编辑\s*[:：]",
    "source line": r"(?:^|\n)\s*(?:文章)?来源\s*[:：]",
    "related": r"相关阅读|相关新闻|相关报道|推荐阅读|延伸阅读|热门推荐|为您推荐|猜你喜欢",
    "share": r"分享到|分享至|扫一扫|扫码",
    "app": r"下载.{0,6}(?:APP|客户端)",
    "rights": r"版权所有|未经授权|ICP备|Copyright",
    "interface": r"字号|打印本页|关闭窗口|加入收藏|上一篇|下一篇|网友评论|跟贴",
    "navigation": r"当前位置|您的位置|首页\s*>",
}


@dataclass
class Labelled:
    """One page with what is known of it."""

    name: str
    url: str
    body: bytes
    encoding: str
    truth: dict[str, Any]


def pages(folder: Path) -> Iterator[Labelled]:
    """The articles of a folder with an index.jsonl, one at a time."""
    for line in (folder / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["kind"] == "article":
            body = gzip.decompress((folder / row["file"]).read_bytes())
            known = {} if row["file"].startswith(WEAK) else row["ground_truth"] or {}
            yield Labelled(row["file"], row["url"] or "", body, row["encoding"], known)


# Quality


def plain(text: object) -> str:
    """NFKC without white space."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text or "")))


def names(value: object) -> frozenset[str]:
    """The names of an author field, however they are joined."""
    text = "、".join(value) if isinstance(value, list | tuple) else str(value or "")
    return frozenset(filter(None, (plain(name) for name in re.split(r"[\s、,，;；]+", text))))


def f1(truth: str, got: str) -> float:
    """F1 over the multiset of character 5-grams."""
    a, b = (Counter(text[i : i + 5] for i in range(max(1, len(text) - 4))) for text in (plain(truth), plain(got)))
    common = sum((a & b).values())
    return 2 * common / (sum(a.values()) + sum(b.values()))


def leaks(truth: str, got: str) -> bool:
    """Whether any furniture occurs more often in a text than in its truth."""
    return any(len(re.findall(p, got)) > len(re.findall(p, truth)) for p in LEAKS.values())


def score(tool: str, labelled: list[Labelled], *, verbose: bool) -> dict[str, float]:
    """The share right of each field, for one tool."""
    right: dict[str, list[float]] = {}
    for page in labelled:
        got = reading(tool, page, verbose=verbose)
        for field, value, truth, was in [*judged_fields(page.truth, got), *judged_text(page.truth, got)]:
            right.setdefault(field, []).append(value)
            if verbose and value < 0.9:
                print(f"  {tool} {field} {page.name}: {str(truth)[:60]!r} read as {str(was)[:60]!r}", file=sys.stderr)
    shares = {field: mean(values) for field, values in right.items()}
    shares["leak"] = 1 - shares.get("leak", 1.0)
    return shares | {f"n {field}": len(values) for field, values in right.items()}


def reading(tool: str, page: Labelled, *, verbose: bool) -> peers.Reading:
    """What a tool reads on a page."""
    try:
        return peers.TOOLS[tool](page.url, page.body)
    except ImportError:  # the library lacks a part: every page would count as not read
        raise
    except Exception as error:  # a library that fails on a page has read nothing
        if verbose:
            print(f"  {tool} {page.name}: {type(error).__name__}: {error}", file=sys.stderr)
        return peers.Reading()


Judged = tuple[str, float, object, object]  # a field, how right it is, what is true, what was read


def judged_fields(truth: dict[str, Any], got: peers.Reading) -> Iterator[Judged]:
    """The fields of a reading, as far as the truth has them."""
    if truth.get("title"):
        accepted = {plain(truth["title"]), plain(truth["title"].split("--")[0])}  # some truths hold the site's name
        yield "title", plain(got.title) in accepted, truth["title"], got.title
    if truth.get("date"):
        stated = truth["date"].replace("T", " ")
        yield "day", got.published[:10] == stated[:10], stated, got.published
        if len(stated) > 10 and not stated.endswith("00:00:00"):  # midnight means that only the day is known
            yield "minute", got.published[:16] == stated[:16], stated, got.published
    for field, label in (("outlet", "press_source"), ("editor", "editor")):
        if truth.get(label):
            value = getattr(got, field)
            yield field, plain(value) == plain(truth[label]), truth[label], value
    if truth.get("author"):
        yield "authors", names(got.authors) == names(truth["author"]), truth["author"], got.authors


def judged_text(truth: dict[str, Any], got: peers.Reading) -> Iterator[Judged]:
    """The text of a reading, where the truth has it."""
    if not truth.get("body"):
        return
    likeness = f1(truth["body"], got.text)
    yield "body F1", likeness, "", got.text
    yield "body ≥ .9", likeness >= 0.9, "", likeness
    yield "leak", 1 - leaks(truth["body"], got.text), "", got.text[-200:]
    if len(plain(truth["body"])) < 300:
        yield "short F1", likeness, "", got.text


# Decoding

CHARSET = re.compile(r"""(charset\s*=\s*["']?)[\w-]+""", re.IGNORECASE)


def variants(text: str) -> dict[str, tuple[bytes, str]]:
    """Name -> (the page in other bytes, the text that they hold)."""

    def declared(name: str) -> str:
        return CHARSET.sub(rf"\g<1>{name}" if name else r"\g<1>", text, count=1)

    def gbk(page: str) -> tuple[bytes, str]:
        body = page.encode("gbk", "xmlcharrefreplace")
        return body, body.decode("gbk")

    utf8 = text.encode()
    broken = bytearray(utf8)
    spots = [match.start() + 1 for match in re.finditer(rb"[\xe4-\xe9][\x80-\xbf]{2}", utf8)]
    for share in (1, 2, 3):
        broken[spots[len(spots) * share // 4]] = 0x41
    lossy = bytes(broken).decode("utf-8", "replace")
    cut = utf8[: spots[-1]]
    return {
        "UTF-8 declared utf-8": (declared("utf-8").encode(), declared("utf-8")),
        "GBK declared gb2312": gbk(declared("gb2312")),
        "GBK declared utf-8": gbk(declared("utf-8")),
        "GBK undeclared": gbk(CHARSET.sub("", text)),
        "UTF-8 declared gb2312": (declared("gb2312").encode(), declared("gb2312")),
        "three broken bytes": (bytes(broken), lossy),
        "cut at the end": (cut, cut.decode("utf-8", "replace")),
    }


def decoding(labelled: list[Labelled], decoders: dict[str, Callable[[bytes], str]]) -> dict[str, dict[str, int]]:
    """Form of the bytes -> decoder -> pages that came out character for character."""
    table: dict[str, dict[str, int]] = {}
    for page in labelled:
        text = page.body.decode(page.encoding, "replace")
        forms = {"as it is": (page.body, text)} | variants(text)
        for form, (body, wanted) in forms.items():
            for name, decoder in decoders.items():
                got = decoder(body)
                row = table.setdefault(form, dict.fromkeys(decoders, 0))
                row[name] += got.lstrip("\ufeff") == wanted.lstrip("\ufeff")
    return table


# Speed and memory, each in a process of its own


def measure(tool: str, folder: Path) -> None:
    """Print pages per CPU second and the peak memory in MB of this process."""
    read = peers.TOOLS[tool]
    spent, number = 0.0, 0
    for page in pages(folder):
        started = time.process_time()
        with contextlib.suppress(Exception):  # counted in quality
            read(page.url, page.body)
        if number >= 6:  # the first pages warm up
            spent += time.process_time() - started
        number += 1
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())  # ru_maxrss counts the parent's
    print(json.dumps([(number - 6) / spent, int(peak[1]) / 1024 if peak else 0]))


def speeds(tools: list[str], folder: Path, passes: int) -> dict[str, tuple[list[float], float]]:
    """Tool -> (pages per CPU second of each pass, peak MB); passes are interleaved."""
    runs: dict[str, list[list[float]]] = {tool: [] for tool in tools}
    for number in range(passes):
        for tool in tools:
            print(f"\rspeed: pass {number + 1} of {passes}, {tool:<20}", end="", file=sys.stderr, flush=True)
            command = [sys.executable, __file__, "--measure", tool, "--pages", str(folder)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            runs[tool].append(json.loads(done.stdout.splitlines()[-1]))
    print(file=sys.stderr)
    return {tool: ([rate for rate, _ in of], max(peak for _, peak in of)) for tool, of in runs.items()}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=PAGES, help="folder of labelled pages (default: %(default)s)")
    parser.add_argument("--passes", type=int, default=3, help="how often speed is measured (default: %(default)s)")
    parser.add_argument("--only", nargs="*", choices=list(peers.TOOLS), help="these tools alone")
    parser.add_argument("--verbose", action="store_true", help="say on stderr what was read wrongly")
    parser.add_argument("--measure", choices=list(peers.TOOLS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not (chosen.pages / "index.jsonl").exists():
        sys.exit(f"There are no labelled pages in {chosen.pages}: name a folder with an index.jsonl with --pages.")
    if chosen.measure:
        measure(chosen.measure, chosen.pages)
        return
    tools = chosen.only or list(peers.TOOLS)
    labelled = list(pages(chosen.pages))
    known = [page for page in labelled if page.truth]
    fields = ["title", "day", "minute", "outlet", "authors", "editor", "body F1", "body ≥ .9", "short F1", "leak"]
    print(f"## Reading\n\n{len(known)} of {len(labelled)} pages have a truth.\n")
    scores = {tool: score(tool, known, verbose=chosen.verbose) for tool in tools}
    first = scores[tools[0]]
    head = ["tool", *(f"{field} ({first.get(f'n {field}', 0):.0f})" for field in fields)]
    print(table(head, [[tool, *(f"{scores[tool].get(field, 0):.3f}" for field in fields)] for tool in tools]))
    if not chosen.only:
        print("\n## Decoding\n\nPages that come out character for character.\n")
        forms = decoding(labelled, peers.DECODERS)
        print(
            table(
                [f"bytes ({len(labelled)} pages)", *peers.DECODERS],
                [[form, *map(str, row.values())] for form, row in forms.items()],
            )
        )
    print("\n## Speed and memory\n")
    rows = speeds(tools, chosen.pages, chosen.passes)
    ours = rows[tools[0]][0]
    print(
        table(
            ["tool", "pages per CPU second: median (lowest–highest)", f"{tools[0]} is faster by", "peak MB"],
            [
                [tool, spread(rates), f"{median(map(truediv, ours, rates)):.1f}×", f"{peak:.0f}"]
                for tool, (rates, peak) in rows.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
