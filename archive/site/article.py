"""An article's page: its text with every quote marked, its versions, its cluster, its capture. A page shows one part of
a very long text, with the facts that begin in it, so that no visit costs more than one part."""

import json
import re
import sqlite3
import sys
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import TypedDict

from archive import labels
from archive.site.shared import FACT, web_address
from archive.sql.rows import Row, rows

_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")
_PART = 20_000  # characters of a text that one page shows
_MIN_PART = _PART // 2  # characters that every part except the last has at least: a fact before that is on the first
_COMPARED = 3000  # sentences; longer texts are not compared
_ALIKE = 200_000  # pairs of equal pieces; texts that repeat themselves so much are not compared but shown one after the other
_MAX_CLUSTER = 100  # articles of one story that a page lists
_LATEST = 50  # versions whose differences from the previous text the page shows; older ones are only listed


class Change(StrEnum):
    """What happened to a stretch of a text from one version to the next."""

    SAME = "same"
    DELETED = "del"
    INSERTED = "ins"


class Changed(TypedDict):
    """A stretch of two versions of a text."""

    text: str
    kind: Change


class Segment(TypedDict):
    """A stretch of a text, and the facts whose quotes it is part of."""

    text: str
    facts: list[Row]


class MissingPage(TypedDict):
    """The address of a page that was not captured, and the same if a browser may follow it."""

    url: str
    link: str


class Pages(TypedDict):
    """The pages of an article that its site shows in several, in their order: captures, and those that are not there."""

    there: list[Row]
    missing: list[MissingPage]


class ArticlePage(TypedDict):
    """An article, or one part of a long one.

    The text is cut into segments. The facts are those that begin in the part: `facts` the current ones, `past` those that only
    an earlier version states.
    """

    article: Row
    link: str
    pages: Pages
    part: int  # from 1 on
    parts: int
    paragraphs: list[list[Segment]]
    facts: list[Row]
    past: list[Row]
    damaged: int  # facts whose quotes were damaged and have been repaired
    revisions: list[Row]
    cluster: list[
        Row
    ]  # the articles of its story with itself, the likely original first; empty where it is the only one


def article(connection: sqlite3.Connection, article_id: int, part: int = 1, fact: str = "") -> ArticlePage | None:
    """Build the page of an article.

    Args:
        connection: the published snapshot.
        article_id: the number of the article.
        part: which part of a long text to show, from 1 on.
        fact: the key of a fact; the part in which it begins is shown instead.

    Returns:
        The page, None if there is no such article or part.
    """
    found = rows(
        connection,
        "select articles.*, outlets.name as outlet, outlets.key as outlet_key, captures.digest, captures.fetched_at, captures.warc_file,"
        " captures.warc_offset, captures.source as file,"
        " (select count(*) from facts where article_id = articles.id and current) as facts from articles"
        " join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id where articles.id = ?",
        article_id,
    )
    if not found:
        return None
    text = found[0]["text"]
    begins = _begins(text)
    part = _part_of(connection, article_id, fact, begins) or part
    if not 1 <= part <= len(begins):
        return None
    start, end = [*begins, sys.maxsize][
        part - 1 : part + 1
    ]  # a fact of an earlier version may begin behind the present text
    facts = rows(
        connection,
        FACT + " where facts.article_id = ? and start >= ? and start < ? order by start",
        [article_id, start, end],
    )
    current = [row for row in facts if row["current"]]
    # A quote that goes on behind the part's end is shown whole.
    reaches = max([min(end, len(text)), *(row["end"] for row in current)])
    return {
        "article": _unpacked(found[0]),
        "link": web_address(found[0]["url"]),
        "pages": _pages(connection, found[0]),
        "part": part,
        "parts": len(begins),
        "paragraphs": paragraphs(text, current, start, reaches),
        "facts": current,
        "past": [row for row in facts if not row["current"]],
        "damaged": sum(1 for row in current if row["repaired"]),
        "revisions": _revisions(connection, article_id, facts, compared=part == 1),
        "cluster": _cluster(connection, article_id),
    }


def _pages(connection: sqlite3.Connection, article_: Row) -> Pages:
    """The pages that an article stands on, in their order, where its site shows it in several: the capture of each, and the
    addresses of those that are not there."""
    captures = [capture for *_, capture in json.loads(article_["page_spans"])]
    there = {row["id"]: row for row in rows(
        connection,
        "select id, url, fetched_at from captures where id in (select value from json_each(?))",
        json.dumps(captures),
    )}  # fmt: skip
    missing: list[MissingPage] = [
        {"url": url, "link": web_address(url)} for url in json.loads(article_["missing_pages"])
    ]
    return {"there": [there[number] for number in captures if number in there], "missing": missing}


def passage(fact: Row) -> str:
    """The end of an address that leads from an article to one of its facts: a fragment, behind a query if the fact may not be
    in the first part."""
    mark = f"#fact-{fact['evidence']}"
    return f"?fact={fact['evidence']}{mark}" if fact.get("start", 0) >= _MIN_PART else mark


def _begins(text: str) -> list[int]:
    """The offsets at which the parts of a text begin: at a paragraph if one begins in range, else at a sentence, else anywhere."""
    begins = [0]
    while len(text) - begins[-1] > _PART:
        earliest, latest = begins[-1] + _MIN_PART, begins[-1] + _PART
        ends = (text.rfind(mark, earliest, latest) for mark in "\n。")
        begins.append(next((end + 1 for end in ends if end >= 0), latest))
    return begins


def _part_of(connection: sqlite3.Connection, article_id: int, evidence: str, begins: list[int]) -> int | None:
    """The number of the part in which a fact of an article begins; None if the article has no such fact."""
    found = connection.execute(
        "select start from facts where evidence = ? and article_id = ?", [evidence, article_id]
    ).fetchone()
    return bisect_right(begins, found[0]) if found else None


def _revisions(connection: sqlite3.Connection, article_id: int, facts: list[Row], *, compared: bool) -> list[Row]:
    """The versions of an article, the latest first, each with what it changed in these facts: what appeared, what vanished,
    and which numbers changed. `compared` asks for the differences of their texts, which only one part of a page shows."""
    versions = rows(
        connection,
        "select number, title, fetched_at, digest, capture_id,"
        " '/memento/' || strftime('%Y%m%d%H%M%S', fetched_at) || '/' || captures.url as memento, iif(:compared and number >="
        " (select max(number) from revisions where article_id = :id) - :latest, text, null) as text"
        " from revisions join captures on captures.id = capture_id where article_id = :id order by number desc",
        {"id": article_id, "compared": compared, "latest": _LATEST},
    )
    shown = {fact["id"]: fact for fact in facts}
    changes = (
        rows(connection, "select revision, change, fact_id from fact_changes where article_id = ?", article_id)
        if len(versions) > 1
        else []
    )
    for version, older in zip(versions, [*versions[1:], None], strict=True):
        version["difference"] = difference(older["text"], version["text"]) if older and older["text"] else []
        of_kind: dict[str, list[Row]] = {"appeared": [], "vanished": []}
        for change in changes:
            if change["revision"] == version["number"] and change["fact_id"] in shown:
                of_kind[change["change"]].append(shown[change["fact_id"]])
        changed = []
        for before in list(of_kind["vanished"]):
            same = [f for f in of_kind["appeared"] if (f["type"], f["subject"]) == (before["type"], before["subject"])]
            if same:
                of_kind["vanished"].remove(before)
                of_kind["appeared"].remove(same[0])
                changed.append({"before": before, "after": same[0]})
        version.update(of_kind, changed=changed)
    return versions


def difference(before: str, after: str) -> list[Changed]:
    """Returns what changed between two versions of a text. Of the sentences that stayed the same, only the one on either
    side of a change is there."""
    old, new = (_SENTENCE.findall(text)[:_COMPARED] for text in (before, after))
    found: list[Changed] = []
    if _alike(old, new) > _ALIKE:
        return _replaced(before, after)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            kept = old[a:b]
            if len(kept) > 2:
                kept = [*(kept[:1] if found else []), "…", kept[-1] if b < len(old) else ""]
            found.append({"text": "".join(kept), "kind": Change.SAME})
        else:
            found += _within("".join(old[a:b]), "".join(new[c:d]))
    return [segment for segment in found if segment["text"]]


def _replaced(before: str, after: str) -> list[Changed]:
    return [{"text": before, "kind": Change.DELETED}, {"text": after, "kind": Change.INSERTED}]


def _within(old: str, new: str) -> list[Changed]:
    """The difference of two pieces, character by character where most of it stayed."""
    matcher = SequenceMatcher(None, old[:_COMPARED], new[:_COMPARED], autojunk=False)
    too_much = max(len(old), len(new)) > _COMPARED or _alike(old, new) > _ALIKE
    if too_much or matcher.ratio() < 0.5:
        return _replaced(old, new)
    found: list[Changed] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append({"text": old[a:b], "kind": Change.SAME})
        else:
            found += _replaced(old[a:b], new[c:d])
    return found


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """The number of pairs of equal pieces in two sequences, which is the cost of comparing them."""
    counts = Counter(new)
    return sum(count * counts[piece] for piece, count in Counter(old).items())


def paragraphs(text: str, facts: list[Row], start: int = 0, end: int | None = None) -> list[list[Segment]]:
    """Returns a text, or the part of it between two offsets in characters, as paragraphs of segments. Overlapping quotes are
    cut at each other's ends. The facts come in the order in which they start."""
    end = len(text) if end is None else min(end, len(text))
    edges = {start, end} | {edge for fact in facts for edge in (fact["start"], fact["end"]) if start <= edge <= end}
    lines: list[list[Segment]] = [[]]
    coming, inside = deque(facts), list[Row]()
    for left, right in pairwise(sorted(edges)):
        while coming and coming[0]["start"] <= left:
            inside = [*inside, coming.popleft()]
        inside = [fact for fact in inside if right <= fact["end"]]
        for number, piece in enumerate(text[left:right].split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append({"text": piece, "facts": inside})
    return [line for line in lines if line]


def _cluster(connection: sqlite3.Connection, article_id: int) -> list[Row]:
    """The articles of a story: the likely original with what speaks for it, then its reprints in the order of their dates."""
    found = rows(
        connection,
        "with story as (select coalesce((select original_id from reprints where article_id = :id), :id) as id)"
        " select articles.id, articles.key, title, published, outlets.name as outlet, articles.id = story.id as original,"
        " coalesce((select min(reasons) from reprints where original_id = articles.id), '[]') as reasons"
        " from articles join outlets on outlets.id = outlet_id, story"
        " where articles.id in (select story.id union all select article_id from reprints where original_id = story.id)"
        f" order by original desc, published is null, published, articles.id limit {_MAX_CLUSTER}",
        {"id": article_id},
    )
    return [row | {"reasons": json.loads(row["reasons"])} for row in found] if len(found) > 1 else []


def _unpacked(article: Row) -> Row:
    """An article's row with its JSON columns read and its codes in words."""
    packed = ("encoding", "blocks", "links", "images", "cut", "provenance_reasons")
    return (
        article
        | {name: json.loads(article[name]) for name in packed}
        | {
            "provenance_label": labels.PROVENANCE.get(article["provenance"]),
            "dated_by_label": labels.PLACES.get(article["dated_by"]),
        }
    )
