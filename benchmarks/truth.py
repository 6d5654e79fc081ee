"""From end to end against an invented world: precision and recall, by fact type, of what the site publishes.

    .venv/bin/python benchmarks/truth.py [--articles 600] [--seed 1] [--misses 10]

Invented articles (`invented.py`) are served by four outlets on loopback, crawled, read and published; the running site's JSON
is compared with them. A published number is correct if article, type and value are those of the world; a date or text if
the article states its type.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from crawling import crawled
from invented import InventedArticle, Stated, World, page
from serving import served
from web import Answer, web

OUTLETS = ("望潭日报", "芷岸在线", "澄浦发布", "青萝晚报")
_PER_LIST = 50
_START = date(2024, 3, 1)
Key = tuple[str, float | None]


def routes(articles: Sequence[InventedArticle], outlet: str) -> dict[str, Answer]:
    """The pages of an outlet: its articles, and lists that lead to them."""
    found = {one.path: Answer(page(one, outlet), kind="text/html") for one in articles}
    newest = list(articles)[::-1]
    parts = [newest[at : at + _PER_LIST] for at in range(0, len(newest), _PER_LIST)] or [[]]
    for number, part in enumerate(parts, 1):
        rows = "".join(f'<li><a href="{one.path}">{one.title}</a> <span>{one.day:%Y-%m-%d}</span></li>' for one in part)
        html = f"<html><head><title>{outlet}要闻</title></head><body><ul>{rows}</ul></body></html>"
        found["/list.html" if number == 1 else f"/list_{number}.html"] = Answer(html)
    return found


def described(home: str, outlet: str, name: str) -> dict[str, Any]:
    """The site class of an outlet, as a person would write it."""
    return {
        "name": name, "outlet": outlet, "home": home + "/", "lists": ["/list.html"], "next_page": "list_{n}.html",
        "article": r"/\d{4}/\d\d/\d\d/\d+\.html",
    }  # fmt: skip


def published(base: str) -> Iterator[dict[str, Any]]:
    """Every current fact of the site, with the address of its article, by the site's own JSON."""
    sql = (
        "select facts.id, type, subject, value, approx, qualifier, date, articles.url as url from facts"
        " join articles on articles.id = article_id where current and facts.id > :after order by facts.id limit 1000"
    )
    after = 0
    while True:
        query = urllib.parse.urlencode({"sql": sql, "after": after, "_shape": "array"})
        with urllib.request.urlopen(f"{base}/archive/-/query.json?{query}", timeout=30) as answer:
            rows = json.load(answer)
        yield from rows
        if len(rows) < 1000:
            return
        after = rows[-1]["id"]


def scores(world: dict[str, list[Stated]], site: list[dict[str, Any]]) -> tuple[dict[str, Counter[str]], list[str]]:
    """By fact type: right, false, missed, and of the right ones subject, approx and date; with a line for each error."""
    by_type: dict[str, Counter[str]] = defaultdict(Counter)
    published_by_url: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in site:
        published_by_url[row["url"]].append(row)
    wrong = []
    for url, stated in world.items():
        left = list(published_by_url.pop(url, []))
        for one in stated:
            twin = next((row for row in left if row["type"] == one.type and row["value"] == one.value), None)
            count = by_type[one.type]
            if twin is None:
                count["missed"] += 1
                wrong.append(f"missed  {one.type} {one.value} of {one.subject}  {url}")
                continue
            left.remove(twin)
            count["right"] += 1
            count["subject"] += twin["subject"] in one.subject or one.subject in twin["subject"]
            count["approx"] += twin["approx"] == one.approx
            count["dated"] += not one.date or twin["date"] == one.date
        for row in left:
            by_type[row["type"]]["false"] += 1
            wrong.append(f"false   {row['type']} {row['value']} of {row['subject']}  {url}")
    for url, rows in published_by_url.items():
        for row in rows:
            by_type[row["type"]]["false"] += 1
            wrong.append(f"false   {row['type']} {row['value']} on a page that is no article of the world  {url}")
    return by_type, wrong


def table(by_type: dict[str, Counter[str]]) -> list[str]:
    """The scores as lines of a Markdown table, all types together last."""
    total: Counter[str] = sum(by_type.values(), Counter())
    lines = ["| fact type | stated | precision | recall | subject | approx | date |", "|---|---|---|---|---|---|---|"]
    for name, count in [*sorted(by_type.items()), ("all", total)]:
        right, stated = count["right"], count["right"] + count["missed"]
        shares = [right / max(1, right + count["false"]), right / max(1, stated)]
        shares += [count[what] / max(1, right) for what in ("subject", "approx", "dated")]
        lines.append(f"| {name} | {stated} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    return lines


def run(articles: int, seed: int, folder: Path) -> tuple[dict[str, Counter[str]], list[str]]:
    """Make the world, crawl it, publish it, and compare it with the site."""
    world = World(seed)
    invented = [world.article(_START + timedelta(days=n // 4)) for n in range(articles)]
    truth: dict[str, list[Stated]] = {}
    with ExitStack() as running:
        for number, outlet in enumerate(OUTLETS):
            mine = invented[number :: len(OUTLETS)]
            site = running.enter_context(web(routes(mine, outlet)))
            truth |= {site.address + one.path: one.facts for one in mine}
            counts = crawled(folder, described(site.address, outlet, f"outlet-{number}"), timeout=1800)
            print(f"{outlet}: {counts.get('read/article', 0)} of {len(mine)} articles", file=sys.stderr)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "publish"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with served(folder, "--no-rate-limit") as base:
        return scores(truth, list(published(base)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=0, help="how many errors to print")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        found, wrong = run(given.articles, given.seed, Path(made) / "data")
    print("\n".join(table(found)))
    for line in wrong[: given.misses]:
        print(line)
