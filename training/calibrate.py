"""Calibrates the network's outputs: probabilities by isotonic regression, and the thresholds that follow."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Points = list[tuple[float, float]]

_MAX_POINTS = 12  # points of a calibration
_BINS = 10


def fit(raw: Floats, correct: Floats) -> Points:
    """Points of a rising line from raw outputs to the share that is correct (isotonic regression, with few points)."""
    order = np.argsort(raw, kind="stable")
    blocks: list[list[float]] = []  # of each: weight, sum of raw outputs, number of correct ones
    for x, y in zip(raw[order], correct[order], strict=True):
        blocks.append([1.0, x, y])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][0] >= blocks[-1][2] * blocks[-2][0]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    min_weight = len(raw) / _MAX_POINTS
    merged: list[list[float]] = []
    for block in blocks:
        if merged and merged[-1][0] < min_weight:
            merged[-1] = [a + b for a, b in zip(merged[-1], block, strict=True)]
        else:
            merged.append(block)
    points = [(x / n, (y + 0.5) / (n + 1)) for n, x, y in merged]
    return [(0.0, 0.0), *((round(x, 5), round(y, 4)) for x, y in points), (1.0, round(points[-1][1], 4))]


def apply(raw: Floats, points: Points) -> Floats:
    """Probabilities of raw outputs."""
    return np.interp(raw, [x for x, _ in points], [y for _, y in points])


def error(probability: Floats, correct: Floats) -> float:
    """Expected calibration error over ten bins of equal mass."""
    order = np.argsort(probability, kind="stable")
    bins = np.array_split(order, _BINS)
    return float(sum(len(b) * abs(probability[b].mean() - correct[b].mean()) for b in bins if len(b)) / len(order))


def diagram(probability: Floats, correct: Floats) -> list[tuple[float, float, int]]:
    """Of each bin: the mean probability, the share that is correct, and the count."""
    order = np.argsort(probability, kind="stable")
    return [
        (float(probability[b].mean()), float(correct[b].mean()), len(b)) for b in np.array_split(order, _BINS) if len(b)
    ]


def best_threshold(probability: Floats, correct: Floats, labels: int, precision: float = 0.925) -> float:
    """The threshold with the best F1 among those of at least `precision`; the best of all where none reaches it."""
    best, fallback = (-1.0, 0.5), (-1.0, 0.5)
    for threshold in np.arange(0.2, 0.9, 0.01):
        kept = probability >= threshold
        hits, predicted = float(correct[kept].sum()), int(kept.sum())
        if not predicted:
            continue
        f1 = 2 * hits / (predicted + labels)
        fallback = max(fallback, (f1, float(threshold)))
        if hits / predicted >= precision:
            best = max(best, (f1, float(threshold)))
    return round((best if best[0] >= 0 else fallback)[1], 3)
