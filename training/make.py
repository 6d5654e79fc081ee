"""Makes the weights: cross-validates, trains on everything, exports, calibrates, and writes the model card.

make train                    or: .venv/bin/python -m training.make --help
"""

import argparse
import hashlib
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from archive.facts.decide import model
from archive.facts.decide.decoding import decode
from archive.facts.decide.labels import TYPES
from training import calibrate, sets
from training.data import IGNORED, Text, folds, group_duplicates
from training.evaluate import same_subject
from training.export import export
from training.network import Reader
from training.train import logits, train

_SUBJECT, _ROOM = 0.5, 0.25  # probability of a subject that is believed; how far below the threshold candidates reach
_ENOUGH = 150  # out-of-fold predictions of a type that support a threshold of its own
_PARTS = 5


def out_of_fold(reader: Reader, texts: list[Text]) -> list[dict[str, Any]]:
    """What a reader says of texts that it has not seen: one row a candidate that the labels decide."""
    rows = []
    for text in texts:
        for window, targets in zip(text.windows, text.targets, strict=True):
            for decision, target in zip(decode(text.document, window, logits(reader, window)), targets, strict=True):
                if target.type == IGNORED:
                    continue
                right = target.type == TYPES.index(decision.type)
                named = target.label["subject"] if right and target.label else ""
                said = text.document.published_text(*decision.subject) if decision.subject else ""
                rows.append({
                    "id": text.id, "set": text.set, "type": decision.type, "raw": decision.raw, "right": right,
                    "raw_subject": decision.raw_subject, "subject_right": same_subject(named, said) if right else None,
                })  # fmt: skip
    return rows


def calibration(rows: list[dict[str, Any]], labels: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The calibration that rows of unseen texts give, and what is to be said of it."""
    raw, right = (np.array([float(row[key]) for row in rows]) for key in ("raw", "right"))
    named = [row for row in rows if row["subject_right"] is not None]
    raw_subject, subject_right = (
        np.array([float(row[key]) for row in named]) for key in ("raw_subject", "subject_right")
    )
    points, subject_points = calibrate.fit(raw, right), calibrate.fit(raw_subject, subject_right)
    sure = calibrate.apply(raw, points)
    publish = calibrate.best_threshold(sure, right, labels)
    made = {
        "points": points, "subject_points": subject_points, "publish": publish, "candidate": round(max(0.1, publish - _ROOM), 3),
        "subject": _SUBJECT, "offsets": {},
    }  # fmt: skip
    told = {
        "predictions": len(rows),
        "error": round(calibrate.error(sure, right), 4),
        "subject_error": round(calibrate.error(calibrate.apply(raw_subject, subject_points), subject_right), 4),
        "diagram": calibrate.diagram(sure, right),
    }
    return made, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pretrained",
        type=Path,
        default=sets.SHARED / "models" / "encoder-S.safetensors",
        help="weights of the encoder",
    )
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument(
        "--folds", type=int, default=_PARTS, help=f"parts of {_PARTS} that are left out in turn, for calibration"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=model.FOLDER, help="folder of weights, calibration and card")
    options = parser.parse_args()
    torch.set_num_threads(2)
    texts = [*sets.own(), *sets.shared()]
    group_duplicates(texts)
    pretrained = load_file(options.pretrained) if options.pretrained.exists() else None
    if pretrained is None or not any(text.set == "dev" for text in texts):
        print(
            "../shared is not at hand: these weights are made from our own texts alone, and are weaker than those shipped."
        )
    parts = folds(texts, _PARTS)
    rows: list[dict[str, Any]] = []
    seen: list[Text] = []
    for number in range(options.folds):
        others = [text for other, part in enumerate(parts) if other != number for text in part]
        print(f"part {number + 1} of {options.folds}: {len(others)} texts")
        rows += out_of_fold(train(others, "S", pretrained, epochs=options.epochs, seed=options.seed), parts[number])
        seen += parts[number]
    labels = sum(not label.get("optional") for text in seen for label in text.labels)
    made, told = calibration(rows, labels)
    print(f"all: {len(texts)} texts; calibration error {told['error']}, published from {made['publish']}")
    options.out.mkdir(parents=True, exist_ok=True)
    export(train(texts, "S", pretrained, epochs=options.epochs, seed=options.seed), options.out / model.WEIGHTS)
    (options.out / model.CALIBRATION).write_text(json.dumps(made), "utf-8")
    (options.out / "made.json").write_text(
        json.dumps(_made(texts, options, told), ensure_ascii=False, indent=1), "utf-8"
    )


def _made(texts: list[Text], options: argparse.Namespace, told: dict[str, Any]) -> dict[str, Any]:
    """What the weights were made from, for the model card."""
    counted: dict[str, list[int]] = {}
    for text in texts:
        entry = counted.setdefault(text.set, [0, 0])
        entry[0] += 1
        entry[1] += len(text.labels)
    return {
        "on": date.today().isoformat(),
        "epochs": options.epochs,
        "seed": options.seed,
        "sets": counted,
        "texts": hashlib.sha256("".join(sorted(t.document.clean.raw for t in texts)).encode()).hexdigest(),
        "pretrained": hashlib.sha256(options.pretrained.read_bytes()).hexdigest()
        if options.pretrained.exists()
        else "",
        "calibration": told,
    }


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
