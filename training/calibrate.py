"""From the network's numbers to probabilities that can be believed, and the thresholds that follow."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Points = list[tuple[float, float]]

_STRAIGHT = 12  # points of a calibration at most
_BINS = 10


def fit(raw: Floats, right: Floats) -> Points:
    """Points of a rising line that leads from raw numbers to the share that is right (isotonic regression, thinned out)."""
    order = np.argsort(raw, kind="stable")
    blocks: list[list[float]] = []  # of each: weight, sum of raw numbers, sum of right
    for x, y in zip(raw[order], right[order], strict=True):
        blocks.append([1.0, x, y])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][0] >= blocks[-1][2] * blocks[-2][0]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    least = len(raw) / _STRAIGHT
    merged: list[list[float]] = []
    for block in blocks:
        if merged and merged[-1][0] < least:
            merged[-1] = [a + b for a, b in zip(merged[-1], block, strict=True)]
        else:
            merged.append(block)
    points = [(x / n, (y + 0.5) / (n + 1)) for n, x, y in merged]
    return [(0.0, 0.0), *((round(x, 5), round(y, 4)) for x, y in points), (1.0, round(points[-1][1], 4))]


def apply(raw: Floats, points: Points) -> Floats:
    """Probabilities of raw numbers."""
    return np.interp(raw, [x for x, _ in points], [y for _, y in points])


def error(probability: Floats, right: Floats) -> float:
    """Expected calibration error over ten bins of equal mass."""
    order = np.argsort(probability, kind="stable")
    bins = np.array_split(order, _BINS)
    return float(sum(len(b) * abs(probability[b].mean() - right[b].mean()) for b in bins if len(b)) / len(order))


def diagram(probability: Floats, right: Floats) -> list[tuple[float, float, int]]:
    """Of each bin: the mean probability, the share that is right, and how many."""
    order = np.argsort(probability, kind="stable")
    return [
        (float(probability[b].mean()), float(right[b].mean()), len(b)) for b in np.array_split(order, _BINS) if len(b)
    ]


def best_threshold(probability: Floats, right: Floats, labels: int, precision: float = 0.94) -> float:
    """The threshold with the best F1 among those of at least `precision`; of the best F1 where none has it."""
    best, fallback = (-1.0, 0.5), (-1.0, 0.5)
    for threshold in np.arange(0.2, 0.9, 0.01):
        kept = probability >= threshold
        hits, said = float(right[kept].sum()), int(kept.sum())
        if not said:
            continue
        f1 = 2 * hits / (said + labels)
        fallback = max(fallback, (f1, float(threshold)))
        if hits / said >= precision:
            best = max(best, (f1, float(threshold)))
    return round((best if best[0] >= 0 else fallback)[1], 3)
