"""Labelled texts as targets for the network."""

import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from archive.facts.decide.decoding import DONATIONS, TAGS
from archive.facts.decide.labels import CLOSED, TYPES, allowed
from archive.facts.decide.windows import HINTS, Item, Window, windows
from archive.facts.document import Document
from archive.text import clean, fold

KINDS = {"facilities": "list", "address": "address", "opened_on": "date", "started_on": "date"}
IGNORED = -100
_MONTH = len("2020-06")


@dataclass
class Target:
    """The correct outputs for one candidate. `spans`: role -> the correct token spans (one is enough), None where the labels
    do not say."""

    type: int
    closed: list[float] | None = None
    spans: dict[str, list[tuple[int, int]] | None] = field(default_factory=dict)
    label: dict[str, Any] | None = None


@dataclass
class Text:
    """One labelled text."""

    id: str
    set: str
    group: str
    document: Document
    labels: list[dict[str, Any]]
    windows: list[Window] = field(default_factory=list)
    targets: list[list[Target]] = field(default_factory=list)
    tags: list[np.ndarray] = field(default_factory=list)


def load(folder: Path, *, parties: bool = False) -> list[Text]:
    """The texts of a labelled folder: gold.jsonl, and ID.txt beside it or in texts/.

    `parties`: whether the labels of every donation in the set state donor and recipient, so that an empty one means none.
    """
    by_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        if line.strip():
            label = json.loads(line)
            by_id[label["id"]].append(label)
    texts = []
    within = folder / "texts"
    for path in sorted((within if within.is_dir() else folder).glob("*.txt")):
        document = Document.of(path.read_text("utf-8"))
        text = Text(path.stem, folder.name, path.stem, document, by_id[path.stem])
        prepare(text, parties=parties)
        texts.append(text)
    return texts


def prepare(text: Text, *, parties: bool) -> None:
    """Split a text into windows, and set the target of each candidate."""
    document = text.document
    raw = document.clean.raw
    spans = [_span(raw, label) for label in text.labels]
    text.windows, text.targets, text.tags = windows(document), [], []
    taken: set[int] = set()
    for window in text.windows:
        targets = []
        for item in window.items:
            at = document.clean.span(item.candidate.start, item.candidate.end)
            number = _label_of(item, at, text.labels, spans, taken)
            if number is None:
                targets.append(Target(_none(item, text.labels)))
                continue
            taken.add(number)
            targets.append(_target(document, window, item, text.labels[number], parties))
        text.targets.append(targets)
        text.tags.append(_tags(document, window, text.labels, spans))


def _span(raw: str, label: dict[str, Any]) -> tuple[int, int]:
    start = label["start"] if label.get("start") is not None else raw.find(label["quote"])
    return start, start + len(label["quote"])


def _label_of(
    item: Item, at: tuple[int, int], labels: list[dict[str, Any]], spans: list[tuple[int, int]], taken: set[int]
) -> int | None:
    candidate = item.candidate
    for number, (label, span) in enumerate(zip(labels, spans, strict=True)):
        kind = KINDS.get(label["type"], "number")
        if kind != candidate.kind or not (at[0] < span[1] and span[0] < at[1]):
            continue
        if number in taken and candidate.kind in ("date", "number"):
            continue
        if candidate.quantity is None:
            return number
        if (candidate.quantity.value, candidate.quantity.value_high) == (label["value"], label.get("value_high")):
            return number
    return None


def _none(item: Item, labels: list[dict[str, Any]]) -> int:
    """The type none, or IGNORED where a label has the same number (or date): a repeat is no error."""
    candidate = item.candidate
    for label in labels:
        same = candidate.quantity is not None and label["value"] == candidate.quantity.value
        dated = (
            candidate.date is not None
            and label["type"] in ("opened_on", "started_on")
            and label.get("date") == candidate.date.iso
        )
        if (same and TYPES.index(label["type"]) in allowed(candidate)) or dated:
            return IGNORED
    return 0


def _target(document: Document, window: Window, item: Item, label: dict[str, Any], parties: bool) -> Target:
    type_ = TYPES.index(label["type"])
    if label.get("optional") or type_ not in allowed(item.candidate):
        type_ = IGNORED
    closed, rest = _qualifier(label.get("qualifier") or "")
    target = Target(type_, [float(c in closed) for c in CLOSED], label=label)
    target.spans["subject"] = _occurrences(document, window, label["subject"]) or None
    if label["type"] not in ("opened_on", "started_on"):
        target.spans["words"] = (_occurrences(document, window, rest, item) or None) if rest else [(0, 0)]
        target.spans["date"] = _dates(document, window, label.get("date") or "")
    if label["type"] in DONATIONS:
        for role in ("donor", "recipient"):
            name = label.get(role) or ""
            if name == "person":
                target.spans[role] = [(len(window.tokens) - 1, len(window.tokens) - 1)]
            elif name:
                target.spans[role] = _occurrences(document, window, name, item) or None
            elif parties:
                target.spans[role] = [(0, 0)]
    return target


def _qualifier(qualifier: str) -> tuple[set[str], str]:
    """The closed words of a qualifier, and the free remainder."""
    found = set()
    for word in CLOSED:
        if re.search(rf"(?<!\S){word}(?!\S)", qualifier):
            found.add(word)
            qualifier = re.sub(rf"(?<!\S){word}(?!\S)", " ", qualifier)
    return found, qualifier.strip()


@cache
def _plain(name: str) -> str:
    return re.sub(r"\s", "", fold(clean(name).text))


def _occurrences(document: Document, window: Window, name: str, item: Item | None = None) -> list[tuple[int, int]]:
    """The occurrences of a name in a window, as spans of tokens; with an item, only the nearest."""
    wanted = _plain(name)
    if not wanted:
        return []
    written = "".join("\0" if at < 0 else document.text[at] for at in window.offsets)
    found = [(m.start(), m.start() + len(wanted) - 1) for m in re.finditer(re.escape(wanted), written)]
    if not found:
        bare = re.sub(r"[“”\"《》]", "", wanted)
        pattern = '[“”"《》]?'.join(map(re.escape, bare))
        found = [(m.start(), m.end() - 1) for m in re.finditer(pattern, written)] if bare else []
    if item is not None and found:
        found = [min(found, key=lambda s: (abs(s[0] - item.first), s[0]))]
    return found


def _dates(document: Document, window: Window, iso: str) -> list[tuple[int, int]] | None:
    if not iso:
        return [(0, 0)]
    token_of = {at: number for number, at in enumerate(window.offsets) if at >= 0}
    found = [
        token_of[d.start]
        for d in document.dates
        if d.start in token_of and (iso in (d.iso, d.counted_on) or (len(iso) == _MONTH and d.closing.startswith(iso)))
    ]
    return [(at, at) for at in found] or None


def _tags(document: Document, window: Window, labels: list[dict[str, Any]], spans: list[tuple[int, int]]) -> np.ndarray:
    tags = np.zeros(len(window.tokens), dtype=np.int64)
    for label, (start, end) in zip(labels, spans, strict=True):
        if label["type"] not in ("address", "facilities"):
            continue
        for number, at in enumerate(window.offsets):
            if at >= 0 and start <= document.clean.span(at, at + 1)[0] < end:
                tags[number] = TAGS.index(label["type"])
    _tag_names(document, window, labels, tags)
    return tags


def _tag_names(document: Document, window: Window, labels: list[dict[str, Any]], tags: np.ndarray) -> None:
    """Tag every occurrence of the labelled names; names that only the grammar found are IGNORED."""
    start, inside = TAGS.index("name start"), TAGS.index("name inside")
    tags[(tags == 0) & (window.hints > 0) & (window.hints < HINTS - 2)] = IGNORED
    names = {label.get(role) or "" for label in labels for role in ("subject", "donor", "recipient")}
    for name in sorted(names, key=len):
        for first, last in _occurrences(document, window, name):
            if (tags[first : last + 1] <= 0).all() or (tags[first : last + 1] >= start).all():
                tags[first : last + 1] = inside
                tags[first] = start


def folds(texts: Iterable[Text], count: int) -> list[list[Text]]:
    """The texts in `count` parts; near duplicates (one group) stay in one part."""
    groups: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        groups[text.group].append(text)
    parts: list[list[Text]] = [[] for _ in range(count)]
    for _, members in sorted(groups.items(), key=lambda kv: (-len(kv[1]), _shuffled(kv[0]))):
        min(parts, key=len).extend(members)
    return parts


def _shuffled(key: str) -> int:
    return zlib.crc32(key.encode())


def group_duplicates(texts: list[Text], share: float = 0.1) -> None:
    """Put texts that share rare strings into one group: they may go back to one source."""
    grams: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        plain = re.sub(r"\W", "", text.document.text)
        for gram in {plain[i : i + 6] for i in range(len(plain) - 5)}:
            grams[gram].append(number)
    rare = (where for where in grams.values() if 1 < len(where) <= 4)
    shared = Counter(pair for where in rare for pair in combinations(where, 2))
    for (a, b), count in shared.items():
        if count > share * min(len(texts[a].document.text), len(texts[b].document.text)):
            _join_groups(texts, texts[b].group, texts[a].group)


def _join_groups(texts: list[Text], old: str, new: str) -> None:
    for text in texts:
        if text.group == old:
            text.group = new
