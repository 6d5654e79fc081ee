"""Labelled windows as arrays, and batches of them as the network takes them.

Shapes in a batch: B windows of T tokens with N candidates each, all three padded to the largest.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from archive.facts.decide.labels import CLOSED, ROLES, TYPES, allowed
from archive.facts.decide.windows import FEATURES, GUESSES, HINTS, PAD, Window, vocabulary
from training.data import IGNORED, Target, Text
from training.network import MASK, Inputs

_STEP = 64  # windows are padded to a multiple of this many tokens
_STEM, _RENAMED = 2, 0.3  # characters of a name that are replaced, and the share of names
_NAMES = (
    "安柏白百宝碧滨彩沧长朝辰城澄春翠大丹德东芳丰枫凤福港高古观光桂海和河荷鹤恒红洪湖虎花华槐环皇黄惠佳嘉建江金锦景静九"
    "菊君康孔兰乐李莲良林临岭柳龙隆鹿罗绿麻马茂梅美明木南宁牌盘平坪蒲七祁清秋曲泉人仁荣瑞三沙山上尚深胜石双水松塔泰唐"
    "桃天田桐铁望文梧五西溪峡仙祥象小新星兴杏秀旭学雪岩阳杨姚银永友榆玉园源月云枣张樟竹紫"
)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Example:
    """One window with T tokens, N candidates and G pointers that have an answer.

    `items` (N, 2 + guesses + features): first and last token, guesses, features. `allowed` (N, types). `types` (N),
    `IGNORED` where nothing is to be learned. `closed` (N, 1 + closed): whether it is known, and the closed qualifiers.
    `spans` (G, 4): candidate, role, first and last token; of several rows with one candidate and role, one is enough. `tags` (T).
    """

    tokens: Ints
    hints: Ints
    sentences: Ints
    items: Ints
    allowed: Ints
    types: Ints
    closed: Ints
    spans: Ints
    tags: Ints


@dataclass(frozen=True)
class Batch:
    """Windows as the network takes them, and the correct outputs.

    `types` (B, N), `closed` (B, N, 1 + closed), `tags` (B, T) as in `Example`. `spans` (P, A, 5): for each of P pointers
    its window, candidate, role, and A correct answers of first and last token, `-1` where there are fewer.
    """

    inputs: Inputs
    types: Tensor
    closed: Tensor
    tags: Tensor
    pointers: Tensor
    answers: Tensor

    def to(self, device: str) -> "Batch":
        """The batch on a device."""
        inputs = Inputs(*(each.to(device, non_blocking=True) for each in self.inputs))
        return Batch(inputs, *(getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)[1:]))


def examples(texts: Iterable[Text]) -> list[Example]:
    """The windows of labelled texts."""
    return [
        example(window, targets, tags)
        for text in texts
        for window, targets, tags in zip(text.windows, text.targets, text.tags, strict=True)
    ]


def example(window: Window, targets: list[Target] | None = None, tags: Ints | None = None) -> Example:
    """A window; without targets, one without labels."""
    count = len(window.items)
    targets = targets or [Target(IGNORED)] * count
    may = np.zeros((count, len(TYPES)), dtype=np.int64)
    for row, item in enumerate(window.items):
        may[row, list(allowed(item.candidate))] = 1
    spans = [
        (row, ROLES.index(role), first, last)
        for row, target in enumerate(targets)
        for role, answers in target.spans.items()
        for first, last in answers or ()
    ]
    return Example(
        window.tokens,
        window.hints,
        window.sentences,
        _rows([(i.first, i.last, *i.guesses, *i.features) for i in window.items], 2 + GUESSES + len(FEATURES)),
        may,
        np.array([target.type for target in targets], dtype=np.int64),
        _rows([(t.closed is not None, *(t.closed or [0] * len(CLOSED))) for t in targets], 1 + len(CLOSED)),
        _rows(spans, 4),
        np.full(len(window.tokens), IGNORED, dtype=np.int64) if tags is None else tags,
    )


def _rows(rows: list[tuple[object, ...]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def batches(many: list[Example], tokens: int, rng: random.Random) -> Iterator[list[Example]]:
    """Windows of like length together, at most so many tokens with padding; the batches in random order."""
    by_length: dict[int, list[Example]] = defaultdict(list)
    for one in rng.sample(many, len(many)):
        by_length[_padded(one)].append(one)
    cut = [
        alike[at : at + tokens // length]
        for length, alike in by_length.items()
        for at in range(0, len(alike), tokens // length)
    ]
    rng.shuffle(cut)
    yield from cut


def _padded(one: Example) -> int:
    """The length that a window is padded to: few lengths, since the compiler takes long for each new one."""
    return -(-len(one.tokens) // _STEP) * _STEP


def collate(many: list[Example], rng: np.random.Generator | None = None) -> Batch:
    """A batch; with `rng` augmented, so that the network memorizes no name and no number."""
    windows, longest = len(many), max(map(_padded, many)) if rng else max(len(one.tokens) for one in many)
    most = max(len(one.items) for one in many)
    tokens, hints, sentences, tags = (torch.full((windows, longest), value) for value in (PAD, PAD, PAD, IGNORED))
    items = torch.ones((windows, most, many[0].items.shape[1]), dtype=torch.long)  # 1: a token with neighbours
    items[..., 2:] = 0
    may = torch.zeros((windows, most, len(TYPES)))
    may[..., 0] = 1
    types = torch.full((windows, most), IGNORED)
    closed = torch.zeros((windows, most, 1 + len(CLOSED)))
    answers: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for row, one in enumerate(many):
        length, count = len(one.tokens), len(one.items)
        tokens[row, :length] = torch.from_numpy(_augmented(one, rng) if rng else one.tokens)
        hints[row, :length], sentences[row, :length] = torch.from_numpy(one.hints), torch.from_numpy(one.sentences)
        tags[row, :length] = torch.from_numpy(one.tags)
        items[row, :count], may[row, :count] = torch.from_numpy(one.items), torch.from_numpy(one.allowed).float()
        types[row, :count], closed[row, :count] = torch.from_numpy(one.types), torch.from_numpy(one.closed).float()
        for item, role, first, last in one.spans.tolist():
            answers[row, item, role].append((first, last))
    width = max(map(len, answers.values()), default=1)
    lengths = torch.tensor([len(one.tokens) for one in many])
    return Batch(
        Inputs(
            tokens,
            hints,
            sentences,
            items[..., 0],
            items[..., 1],
            *items[..., 2:].split((GUESSES, len(FEATURES)), -1),
            may,
            lengths,
        ),
        types,
        closed,
        tags,
        torch.tensor(list(answers), dtype=torch.long).view(-1, 3),
        torch.tensor([found + [(-1, -1)] * (width - len(found)) for found in answers.values()], dtype=torch.long).view(
            -1, width, 2
        ),
    )


def _augmented(one: Example, rng: np.random.Generator) -> Ints:
    """The tokens of a window with other names and digits, and some characters masked."""
    tokens = _renamed(one, rng)
    chance, other = rng.random(len(tokens)), rng.integers(MASK + 1, len(vocabulary()), len(tokens))
    digit = np.isin(tokens, _digits()) & (chance < 0.3)
    masked = ~digit & (tokens > MASK) & (chance > 0.97)
    augmented = np.where(digit, rng.choice(_digits(), len(tokens)), tokens)
    return np.where(masked, np.where(chance > 0.985, MASK, other), augmented)


def _renamed(one: Example, rng: np.random.Generator) -> Ints:
    """A copy of the tokens in which some names begin with two other characters, at every occurrence."""
    tokens = one.tokens.copy()
    begins = {
        tuple(one.tokens[at : at + _STEM].tolist())
        for at in np.flatnonzero((one.hints % 3 == 1) & (one.hints < HINTS - 2))
    }
    for stem in sorted(begins):
        if len(stem) < _STEM or rng.random() > _RENAMED:
            continue
        at = np.flatnonzero((one.tokens[:-1] == stem[0]) & (one.tokens[1:] == stem[1]))
        tokens[at], tokens[at + 1] = rng.choice(_stems(), _STEM)
    return tokens


@cache
def _digits() -> list[int]:
    return [vocabulary()[c] for c in "123456789"]


@cache
def _stems() -> list[int]:
    """Characters that names are made of, as tokens."""
    known = vocabulary()
    return [known[c] for c in _NAMES if c in known]
