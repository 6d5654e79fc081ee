"""The network's weights, run with ONNX Runtime: one session a process, one thread, one window at a time.

A window is never padded and never run beside another, so that its outputs depend on nothing else.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import ModelUnavailable
from archive.facts.decide.decoding import Logits
from archive.facts.decide.labels import TYPES, allowed
from archive.facts.decide.windows import FEATURES, GUESSES, Window, vocabulary

if TYPE_CHECKING:
    import onnxruntime

FOLDER = Path(__file__).parent
WEIGHTS, CALIBRATION = "weights.onnx", "calibration.json"
INPUTS = ("tokens", "hints", "sentences", "first", "last", "features", "guesses", "allowed")
OUTPUTS = ("types", "closed", "spans", "tags")


@dataclass(frozen=True)
class Calibration:
    """How the network's outputs become probabilities, and the thresholds for facts.

    `weights` is the SHA-256 of the weights that it belongs to (empty: not known). `points` and `subject_points` map the
    network's outputs to probabilities, by straight lines between the points. The thresholds are probabilities: facts are
    published from `publish` on (plus the offset of their type), kept as candidates from `candidate` on, and attached to
    their subject from `subject` on.
    """

    points: tuple[tuple[float, float], ...]
    subject_points: tuple[tuple[float, float], ...]
    publish: float
    candidate: float
    subject: float
    offsets: dict[str, float]
    weights: str = ""

    def probability(self, raw: float) -> int:
        """Thousandths that a type and its value are right."""
        return _thousandths(raw, self.points)

    def subject_probability(self, raw: float) -> int:
        """Thousandths that a subject is right."""
        return _thousandths(raw, self.subject_points)

    def thresholds(self, type_: str) -> tuple[int, int]:
        """Thousandths from which a fact of a type is a candidate, and from which it is published."""
        return round(1000 * self.candidate), round(1000 * (self.publish + self.offsets.get(type_, 0.0)))

    @property
    def subject_threshold(self) -> int:
        """Thousandths from which a fact is attached to its subject."""
        return round(1000 * self.subject)


def _thousandths(raw: float, points: tuple[tuple[float, float], ...]) -> int:
    return round(1000 * float(np.interp(raw, [x for x, _ in points], [y for _, y in points])))


@cache
def calibration() -> Calibration:
    """The calibration that belongs to the weights. Raises ModelUnavailable where it cannot be read."""
    path = FOLDER / CALIBRATION
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for name in ("points", "subject_points"):
            values[name] = tuple((float(x), float(y)) for x, y in values[name])
        return Calibration(**values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(_broken(path, error)) from None


@cache
def _session() -> "onnxruntime.InferenceSession":
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelUnavailable(
            f"Facts cannot be read here: ONNX Runtime is not installed or has no build for this machine ({error})."
            " Crawling, reading, searching and serving an archive work without it."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    path = FOLDER / WEIGHTS
    try:
        content = path.read_bytes()
        if calibration().weights not in ("", hashlib.sha256(content).hexdigest()):
            raise ValueError("they are damaged, or not those that calibration.json belongs to")
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except ModelUnavailable:
        raise
    except Exception as error:  # the runtime has no common base for what a broken file raises
        raise ModelUnavailable(_broken(path, error)) from None


def _broken(path: Path, error: Exception) -> str:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return f"The weights in {path} cannot be used ({reason}). Install the project again."


def check() -> None:
    """Make the network ready to run. Raises ModelUnavailable."""
    calibration()
    vocabulary()
    _session()


def run(window: Window) -> Logits:
    """The network's outputs for a window. Raises ModelUnavailable."""
    items = window.items
    mask = np.zeros((len(items), len(TYPES)), dtype=np.float32)
    for row, item in enumerate(items):
        mask[row, list(allowed(item.candidate))] = 1
    inputs = {
        "tokens": window.tokens,
        "hints": window.hints,
        "sentences": window.sentences,
        "first": np.array([item.first for item in items], dtype=np.int64),
        "last": np.array([item.last for item in items], dtype=np.int64),
        "features": np.array([item.features for item in items], dtype=np.int64).reshape(-1, len(FEATURES)),
        "guesses": np.array([item.guesses for item in items], dtype=np.int64).reshape(-1, GUESSES),
        "allowed": mask,
    }
    session = _session()
    try:
        return Logits(*session.run(list(OUTPUTS), inputs))
    except Exception as error:  # as above
        raise ModelUnavailable(_broken(FOLDER / WEIGHTS, error)) from None
