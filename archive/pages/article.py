"""An article's page: its text with every quote marked, its versions, its cluster, its capture."""

import json
import re
import sqlite3
from difflib import SequenceMatcher
from itertools import pairwise

from archive import labels
from archive.pages.shared import FACT, Row, shown, web_address
from archive.rows import rows

_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")
_COMPARED = 3000  # sentences; longer texts are not compared


def article(connection: sqlite3.Connection, article_id: int) -> Row | None:
    """One article: its text cut into segments with the facts that each carries, capture, revisions, cluster."""
    found = rows(
        connection,
        "select articles.*, outlets.name as outlet, outlets.key as outlet_key, captures.digest, captures.fetched_at, captures.warc_file,"
        " captures.warc_offset, captures.source as file from articles"
        " join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id where articles.id = ?",
        article_id,
    )
    if not found:
        return None
    facts = [shown(fact) for fact in rows(connection, FACT + " where facts.article_id = ? order by start", article_id)]
    current = [fact for fact in facts if fact["current"]]
    return {
        "article": _unpacked(found[0]),
        "link": web_address(found[0]["url"]),
        "paragraphs": paragraphs(found[0]["text"], current),
        "facts": current,
        "past": [fact for fact in facts if not fact["current"]],
        "revisions": _revisions(connection, article_id, facts),
        "cluster": _cluster(connection, article_id),
    }


def _revisions(connection: sqlite3.Connection, article_id: int, facts: list[Row]) -> list[Row]:
    """The versions of an article, the latest first, each with what it changed in the facts: what appeared, what vanished,
    and what was one number and is another now."""
    versions = rows(
        connection,
        "select number, title, text, fetched_at, digest, capture_id from revisions join captures on captures.id = capture_id"
        " where article_id = ? order by number desc",
        article_id,
    )
    shown = {fact["id"]: fact for fact in facts}
    changes = rows(connection, "select revision, change, fact_id from fact_changes where article_id = ?", article_id)
    for version, older in zip(versions, [*versions[1:], None], strict=True):
        version["difference"] = difference(older["text"], version["text"]) if older else []
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


def difference(before: str, after: str) -> list[Row]:
    """Two versions of a text as segments {text, kind}, kind being same, del or ins; whole sentences that stayed the same
    are left out but for the one on either side of a change."""
    old, new = (_SENTENCE.findall(text)[:_COMPARED] for text in (before, after))
    found: list[Row] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            kept = old[a:b]
            if len(kept) > 2:
                kept = [*(kept[:1] if found else []), "…", kept[-1] if b < len(old) else ""]
            found.append({"text": "".join(kept), "kind": "same"})
        else:
            found += _within("".join(old[a:b]), "".join(new[c:d]))
    return [segment for segment in found if segment["text"]]


def _within(old: str, new: str) -> list[Row]:
    """The difference of two stretches, character by character where most of it stayed."""
    matcher = SequenceMatcher(None, old[:_COMPARED], new[:_COMPARED], autojunk=False)
    if max(len(old), len(new)) > _COMPARED or matcher.ratio() < 0.5:
        return [{"text": old, "kind": "del"}, {"text": new, "kind": "ins"}]
    found: list[Row] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append({"text": old[a:b], "kind": "same"})
        else:
            found += [{"text": old[a:b], "kind": "del"}, {"text": new[c:d], "kind": "ins"}]
    return found


def paragraphs(text: str, facts: list[Row]) -> list[list[Row]]:
    """The text as paragraphs of segments {text, facts}; overlapping quotes are cut at each other's ends."""
    edges = {0, len(text)}
    for fact in facts:
        edges |= {fact["start"], fact["end"]}
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(text))
    lines: list[list[Row]] = [[]]
    for start, end in pairwise(cuts):
        inside = [fact for fact in facts if fact["start"] <= start and end <= fact["end"]]
        for number, piece in enumerate(text[start:end].split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append({"text": piece, "facts": inside})
    return [line for line in lines if line]


def _cluster(connection: sqlite3.Connection, article_id: int) -> list[Row]:
    """The same story elsewhere: the other members of an article's cluster, the likely original first, with what speaks for
    it."""
    found = rows(
        connection,
        "with story as (select coalesce((select original_id from reprints where article_id = :id), :id) as id)"
        " select articles.id, articles.key, title, published, outlets.name as outlet, articles.id = story.id as original,"
        " coalesce((select min(reasons) from reprints where original_id = articles.id), '[]') as reasons"
        " from articles join outlets on outlets.id = outlet_id, story"
        " where articles.id != :id and (articles.id = story.id"
        " or articles.id in (select article_id from reprints where original_id = story.id))"
        " order by original desc, published",
        {"id": article_id},
    )
    return [row | {"reasons": json.loads(row["reasons"])} for row in found]


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
