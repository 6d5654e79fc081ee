"""The labelled texts that the weights are trained on, and where they are.

`training/texts/` holds texts of our own, with their labels. `training/labels/` holds standoff labels for texts that are not
ours: each names its text in `../shared` and the offsets of its facts, and quotes nothing.
"""

import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from archive.facts.decide.windows import CLS, SEP, UNKNOWN
from archive.facts.document import Document
from training.data import Text, load, prepare

ROOT = Path(__file__).parent.parent
OWN, LABELS, HELD_OUT = (ROOT / "training" / name for name in ("texts", "labels", "heldout"))
SHARED = ROOT.parent / "shared"
MENDED = "mended.jsonl"
_PRETRAINED = "ids-"  # and the number of an article that the encoder was pretrained on
_HEAD = re.compile(r"连接:\S*_(\d{4})(\d\d)(\d\d)_\S*\n标题:(.*?)\n?内容:\n", re.DOTALL)
GOLD = ("dev", "train/A", "train/B", "train/D", "train/E", "train/R")


def own() -> list[Text]:
    """The texts that we wrote."""
    folders = [folder for folder in sorted(OWN.iterdir()) if folder.is_dir()] if OWN.is_dir() else []
    return [
        text
        for folder in folders
        for text in load(folder, parties='"donor": "' in (folder / "gold.jsonl").read_text("utf-8"))
    ]


def shared() -> list[Text]:
    """The texts that are not ours; none where `../shared` is missing."""
    if not (SHARED / "gold").is_dir():
        return []
    gold = [text for name in GOLD for text in load(SHARED / "gold" / name)]
    _correct(gold)
    gold += load(SHARED / "seed")
    return gold + [
        text for path in sorted(LABELS.glob("*.jsonl")) if path.name != MENDED for text in _standoff_texts(path)
    ]


def held_out() -> dict[str, list[Text]]:
    """The held-out texts, by set, as far as they are available. No weights were trained on them, and nothing was tuned to them."""
    found = {folder.name: load(folder, parties=True) for folder in sorted(HELD_OUT.iterdir()) if folder.is_dir()}
    if (SHARED / "corpus").is_dir():
        found |= {path.stem: list(_standoff_texts(path)) for path in sorted(HELD_OUT.glob("*.jsonl"))}
    return found


def _correct(texts: list[Text]) -> None:
    """Correct the labels of ../shared/gold that contradict ../shared/FACTS.md (mended.jsonl)."""
    path = LABELS / MENDED
    if not path.exists():
        return
    changes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in path.read_text("utf-8").splitlines():
        change = json.loads(line)
        changes.setdefault((change["set"], change["id"]), []).append(change)
    for text in texts:
        own_changes = changes.get((text.set, text.id))
        if not own_changes:
            continue
        for change in own_changes:
            if "label" in change:
                text.labels[change["label"]] = (
                    {} if change.get("drop") else text.labels[change["label"]] | change["set_to"]
                )
        added = [_resolved(text.document.clean.raw, change["add"]) for change in own_changes if "add" in change]
        text.labels[:] = [label for label in text.labels if label] + added
        prepare(text, parties=False)


def _standoff_texts(path: Path) -> Iterator[Text]:
    pointers = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    articles = _corpus() | _pretrained({pointer["source"] for pointer in pointers})
    for pointer in pointers:
        row = articles.get(pointer["source"])
        raw = f"{row['title']}\n{str(row['date'])[:10]}\n{row['text'][pointer['from'] : pointer['to']]}" if row else ""
        if hashlib.sha256(raw.encode()).hexdigest()[:16] != pointer["sha256"]:
            continue  # another corpus, with other offsets
        labels = [_resolved(raw, fact) for fact in pointer["facts"]]
        text = Text(pointer["id"], path.stem, pointer["source"], Document.of(raw), labels)
        prepare(text, parties=True)
        yield text


@cache
def _corpus() -> dict[str, dict[str, Any]]:
    """The articles of `../shared/corpus`, by their names."""
    rows: dict[str, dict[str, Any]] = {}
    for file in sorted((SHARED / "corpus" / "articles").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows |= {row["id"]: row for row in map(json.loads, lines)}
    return rows


def _pretrained(sources: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Of the sources, the articles that the encoder was pretrained on: folded, and with □ for characters it does not know."""
    wanted = [source for source in sources if source.startswith(_PRETRAINED)]
    path = SHARED / "models" / "pretrain-ids.npy.xz"
    if not wanted or not path.exists():
        return {}
    with lzma.open(path) as file:
        tokens = np.load(file)
    characters = json.loads((SHARED / "models" / "vocab.json").read_text("utf-8"))
    characters[UNKNOWN], characters[CLS], characters[SEP] = "□", "", ""
    starts = np.flatnonzero(tokens == CLS)
    rows = {}
    for source in wanted:
        number = int(source.removeprefix(_PRETRAINED))
        text = "".join(characters[token] for token in tokens[slice(*starts[number : number + 2])])
        if head := _HEAD.match(text):
            *day, title = head.groups()
            rows[source] = {"title": " ".join(title.strip().split("\n")), "date": "-".join(day), "text": text}
    return rows


def _resolved(raw: str, fact: dict[str, Any]) -> dict[str, Any]:
    """A label in full: offsets replaced by the words of the text."""
    words = {key: raw[slice(*value)] if isinstance(value, list) else value for key, value in fact.items()}
    return words | {"quote": raw[fact["start"] : fact["end"]]}


def standoff(id_: str, source: str, start: int, end: int, raw: str, labels: list[dict[str, Any]]) -> dict[str, Any]:
    """Standoff labels of a text that is not ours, in the format of `training/labels/`."""
    facts = []
    for label in labels:
        fact = {
            key: value for key, value in label.items() if key not in ("id", "quote", "unit") and value not in ("", None)
        }
        for key in ("subject", "donor", "recipient", "qualifier"):
            at = raw.find(label.get(key) or "\0")
            if at >= 0:
                fact[key] = [at, at + len(label[key])]
        facts.append({"value": None} | fact)
    return {
        "id": id_, "source": source, "from": start, "to": end, "sha256": hashlib.sha256(raw.encode()).hexdigest()[:16], "facts": facts,
    }  # fmt: skip
