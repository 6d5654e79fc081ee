"""Makes the weights: trains, exports, calibrates on held-out texts, and writes the model card.

    make train                    or: .venv-training/bin/python -m training.make --help

Without --folds, the texts that `training/unseen.txt` lists are held out for calibration. With --folds N, calibration is cross-validated: each of N
parts is held out in turn, then the weights are trained on all texts, which takes N + 1 times as long.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from archive.facts.decide import model
from archive.facts.decide.decoding import decode
from archive.facts.decide.labels import TYPES
from training import calibrate, sets
from training.batches import examples
from training.card import card
from training.data import IGNORED, Text, folds, group_duplicates
from training.evaluate import ATTRIBUTES, Tally, interval, same_subject, tally
from training.export import export, load
from training.network import SIZES, Reader
from training.train import logits, new_reader, train

_SUBJECT, _ROOM = 0.5, 0.25  # threshold of a subject; how far candidates reach below the publishing threshold
_ENOUGH = 200  # predictions of a type that make its own calibration error meaningful
_MANY = 10_000  # candidates that float32 and int8 weights are compared on
LIMITS, UNSEEN = (Path(__file__).with_name(name) for name in ("limits.md", "unseen.txt"))
_FURTHER = {"encoder_rate": 2e-4, "head_rate": 5e-4}  # learning rates of training that goes on
_SHARE = (
    0.7  # of the further trained weights in their mean with those that they go on from, which does better than either
)


def predictions(reader: Reader, texts: list[Text]) -> list[dict[str, Any]]:
    """Predictions of a reader on texts that it was not trained on: one row for each candidate with a target."""
    rows = []
    for text in texts:
        for window, targets in zip(text.windows, text.targets, strict=True):
            for decision, target in zip(decode(text.document, window, logits(reader, window)), targets, strict=True):
                if target.type == IGNORED:
                    continue
                correct = target.type == TYPES.index(decision.type)
                named = target.label["subject"] if correct and target.label else ""
                subject = text.document.published_text(*decision.subject) if decision.subject else ""
                rows.append({
                    "id": text.id, "set": text.set, "type": decision.type, "raw": decision.raw, "correct": correct,
                    "raw_subject": decision.raw_subject, "subject_correct": same_subject(named, subject) if correct else None,
                })  # fmt: skip
    return rows


def calibration(rows: list[dict[str, Any]], labels: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The calibration from predictions on unseen texts with so many labels, and the measurements of it for the record."""
    raw, correct = (np.array([float(row[key]) for row in rows]) for key in ("raw", "correct"))
    named = [row for row in rows if row["subject_correct"] is not None]
    raw_subject, subject_correct = (
        np.array([float(row[key]) for row in named]) for key in ("raw_subject", "subject_correct")
    )
    points, subject_points = calibrate.fit(raw, correct), calibrate.fit(raw_subject, subject_correct)
    sure = calibrate.apply(raw, points)
    publish = calibrate.best_threshold(sure, correct, labels)
    values = {
        "points": points, "subject_points": subject_points, "publish": publish, "candidate": round(max(0.1, publish - _ROOM), 3),
        "subject": _SUBJECT, "offsets": {},
    }  # fmt: skip
    measured = {
        "predictions": len(rows),
        "error": round(calibrate.error(sure, correct), 4),
        "subject_error": round(calibrate.error(calibrate.apply(raw_subject, subject_points), subject_correct), 4),
        "types": {
            name: [len(own), round(calibrate.error(sure[own], correct[own]), 4)]
            for name in TYPES
            if len(own := np.flatnonzero([row["type"] == name for row in rows])) >= _ENOUGH
        },
        "diagram": [[round(a, 3), round(b, 3), n] for a, b, n in calibrate.diagram(sure, correct)],
    }
    return values, measured


def change_sides(reader: Reader, texts: list[Text], threshold: int) -> tuple[int, int]:
    """(candidates compared, candidates that cross the publishing threshold) between float32 and the shipped weights."""
    compared = changed = 0
    for text in texts:
        for window in text.windows:
            pair = (decode(text.document, window, outputs) for outputs in (logits(reader, window), model.run(window)))
            for one, other in zip(*pair, strict=True):
                sides = [model.calibration().probability(d.raw) >= threshold for d in (one, other)]
                same = sides == [False, False] or (sides[0] == sides[1] and one.type == other.type)
                compared, changed = compared + 1, changed + (not same)
        if compared >= _MANY:
            break
    return compared, changed


def scored() -> dict[str, list[Tally]]:
    """What the shipped weights find in each text of the held-out sets, compared with its labels."""
    from archive.facts import extract_text

    return {
        name: [tally(t, [f for f in extract_text(t.document.clean.raw) if not f.is_candidate]) for t in texts]
        for name, texts in sets.held_out().items()
    }


def scores(of_sets: Mapping[str, list[Tally]]) -> str:
    """The scores on the held-out texts, as a table."""
    head = f"| set | texts | facts | precision | recall | F1 | {' | '.join(ATTRIBUTES)} |\n|{'---|' * (6 + len(ATTRIBUTES))}"
    lines = [head]
    for name, tallies in of_sets.items():
        whole = sum(tallies, Tally())
        low, high = interval(tallies, lambda t: t.scores()[2])
        precision, recall, f1 = whole.scores()
        attributes = " | ".join(f"{whole.agreement(a):.2f}" if whole.compared[a] else "" for a in ATTRIBUTES)
        lines.append(
            f"| {name} | {len(tallies)} | {whole.right.total() + whole.missed.total()} | {precision:.3f} | {recall:.3f}"
            f" | {f1:.3f} ({low:.2f}–{high:.2f}) | {attributes} |"
        )
    return (
        "Texts in `training/heldout/`, labelled last and never trained on; brackets hold the middle 95 % when texts are resampled."
        " `scores.json` counts every type, and the site shows it.\n\n" + "\n".join(lines)
    )


def counts(of_sets: Mapping[str, list[Tally]]) -> dict[str, Any]:
    """What scores.json holds: for each set its texts, and by type how many facts are right, false and missed."""
    recorded = {}
    for name, tallies in of_sets.items():
        whole = sum(tallies, Tally())
        types = sorted({*whole.right, *whole.false, *whole.missed})
        recorded[name] = {
            "texts": len(tallies),
            "types": {one: [whole.right[one], whole.false[one], whole.missed[one]] for one in types},
        }
    return recorded


def left_out(texts: list[Text]) -> list[Text]:
    """The texts that calibrate: no version of the weights was trained on them, so that training may go on from any. Raises
    ValueError where none of them is there."""
    listed = {tuple(line.split("\t")) for line in UNSEEN.read_text("utf-8").splitlines()}
    found = [text for text in texts if (text.set, text.id) in listed]
    if not found:
        raise ValueError(f"None of the texts that {UNSEEN} lists is there, so nothing could be calibrated.")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pretrained",
        type=Path,
        help="weights of the encoder; by default those of its size in ../shared/models",
    )
    parser.add_argument("--size", choices=SIZES, default="S", help="size of the network")
    parser.add_argument("--device", default="cpu", help="where to train, as torch names it: cpu or cuda")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument(
        "--folds", type=int, default=0, help="split the texts into so many parts, and hold each out in turn"
    )
    parser.add_argument(
        "--start", type=Path, help="go on from these weights of a reader (weights.onnx), not from an encoder"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.pretrained = options.pretrained or sets.SHARED / "models" / f"encoder-{options.size}.safetensors"
    torch.set_num_threads(2)
    texts = [*sets.own(), *sets.shared()]
    group_duplicates(texts)
    pretrained = load_file(options.pretrained) if options.pretrained.exists() else None
    if pretrained is None or not any(text.set == "dev" for text in texts):
        print(
            "../shared is missing: these weights are trained on our own texts alone, and are weaker than those shipped."
        )
    parts = folds(texts, options.folds) if options.folds else [left_out(texts)]
    rows: list[dict[str, Any]] = []
    reader: Reader | None = None
    for number, part in enumerate(parts, 1):
        print(f"without part {number} of {len(parts)}")
        groups = {text.group for text in part}
        reader = _trained([text for text in texts if text.group not in groups], pretrained, options)
        rows += predictions(reader, part)
    if options.folds or reader is None:
        print("on all texts")
        reader = _trained(texts, pretrained, options)
    save(reader, rows, texts, [text for part in parts for text in part], options)


def _trained(texts: list[Text], pretrained: dict[str, Tensor] | None, options: argparse.Namespace) -> Reader:
    def trained(reader: Reader, **rates: float) -> Reader:
        return train(
            reader, examples(texts), epochs=options.epochs, seed=options.seed, device=options.device, **rates
        ).cpu()

    reader = new_reader(options.size, pretrained, options.seed)
    if not options.start:
        return trained(reader)
    load(options.start, reader)
    first = {name: value.clone() for name, value in reader.state_dict().items()}
    further = trained(reader, **_FURTHER).state_dict()
    reader.load_state_dict({name: value.lerp(further[name], _SHARE) for name, value in first.items()})
    return reader


def save(
    reader: Reader, rows: list[dict[str, Any]], texts: list[Text], unseen: list[Text], options: argparse.Namespace
) -> None:
    """Write weights, calibration and card into the package."""
    start = _digest(options.start)
    made, measured = calibration(rows, sum(not label.get("optional") for text in unseen for label in text.labels))
    export(reader, model.FOLDER / model.WEIGHTS)
    made["weights"] = hashlib.sha256((model.FOLDER / model.WEIGHTS).read_bytes()).hexdigest()
    (model.FOLDER / model.CALIBRATION).write_text(json.dumps(made) + "\n", "utf-8")
    model.calibration.cache_clear()
    model._session.cache_clear()  # noqa: SLF001 (the weights are others now)
    compared, changed = change_sides(reader, texts, round(1000 * made["publish"]))
    counted: dict[str, list[int]] = {}
    for text in texts:
        entry = counted.setdefault(text.set, [0, 0])
        counted[text.set] = [entry[0] + 1, entry[1] + len(text.labels)]
    about = {
        "on": datetime.now(UTC).date().isoformat(),
        "epochs": options.epochs,
        "seed": options.seed,
        "start": start,
        "sets": counted,
        "own": sorted({text.set for text in sets.own()}),
        "left_out": len(unseen),
        "texts": hashlib.sha256("".join(sorted(t.document.clean.raw for t in texts)).encode()).hexdigest(),
        "pretrained": _digest(options.pretrained),
        "calibration": measured,
        "compared": compared,
        "changed_sides": changed,
    }
    (model.FOLDER / "made.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    of_sets = scored()
    (model.FOLDER / "scores.json").write_text(json.dumps(counts(of_sets), indent=1) + "\n", "utf-8")
    words = card(about, made, scores(of_sets), LIMITS.read_text("utf-8").strip())
    (model.FOLDER / "card.md").write_text(words, "utf-8")


def _digest(path: Path | None) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path and path.exists() else ""


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
