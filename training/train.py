"""Fine-tunes the reader on labelled texts.

The loss is a sum over the type of each candidate, its closed qualifiers, its pointers, and the tags of lists and addresses.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from archive.facts.decide.decoding import Logits
from archive.facts.decide.labels import ROLES, TYPES, allowed
from archive.facts.decide.windows import FEATURES, GUESSES, HINTS, PAD, Window, vocabulary
from training.data import IGNORED, Target, Text
from training.network import MASK, SIZES, Items, Reader

BATCH, _STEP = 2560, 64  # tokens of a batch; windows are padded to multiples of the step
_WEIGHTS = {"subject": 1.0, "words": 0.3, "date": 0.8, "donor": 0.4, "recipient": 0.3}
_TAG_WEIGHTS = (0.4, 1.0, 1.0, 1.0, 1.0)
_DECAY = 0.99  # of the exponential moving average of the weights
_STEM, _RENAMED = 2, 0.3  # characters of a name that are replaced, and the share of names
_NAMES = (
    "安柏白百宝碧滨彩沧长朝辰城澄春翠大丹德东芳丰枫凤福港高古观光桂海和河荷鹤恒红洪湖虎花华槐环皇黄惠佳嘉建江金锦景静九"
    "菊君康孔兰乐李莲良林临岭柳龙隆鹿罗绿麻马茂梅美明木南宁牌盘平坪蒲七祁清秋曲泉人仁荣瑞三沙山上尚深胜石双水松塔泰唐"
    "桃天田桐铁望文梧五西溪峡仙祥象小新星兴杏秀旭学雪岩阳杨姚银永友榆玉园源月云枣张樟竹紫"
)

Example = tuple[Window, list[Target], np.ndarray]


def new_reader(size: str, pretrained: dict[str, Tensor] | None, seed: int) -> Reader:
    """A reader of a size of `SIZES`, its encoder as pretrained where weights are given."""
    torch.manual_seed(seed)
    reader = Reader(len(vocabulary()), **SIZES[size])
    if pretrained is not None:
        weights = {k[4:]: v.float() for k, v in pretrained.items() if k.startswith("enc.")}
        missing = reader.enc.load_state_dict(weights, strict=False)
        assert missing.missing_keys == ["hint.weight"] and not missing.unexpected_keys, missing
    return reader


def train(
    texts: list[Text], size: str = "S", pretrained: dict[str, Tensor] | None = None, *, epochs: int = 12, seed: int = 0,
    encoder_rate: float = 4e-4, head_rate: float = 1e-3, report: Callable[[str], None] = print,
    after: Callable[[int, dict[str, Tensor]], None] = lambda epoch, weights: None,
) -> Reader:  # fmt: skip
    """A reader trained on texts, with the moving average of the weights.

    `report` gets a line about each epoch, `after` its number and the averaged weights.
    """
    reader = new_reader(size, pretrained, seed)
    rng = random.Random(seed)
    examples = [e for text in texts for e in zip(text.windows, text.targets, text.tags, strict=True)]
    heads = [p for name, p in reader.named_parameters() if not name.startswith("enc.")]
    groups = [{"params": reader.enc.parameters(), "lr": encoder_rate}, {"params": heads, "lr": head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.02, betas=(0.9, 0.98))
    rates = [group["lr"] for group in optimizer.param_groups]
    steps, step = epochs * len(list(_batches(examples, random.Random(0)))), 0
    mean = {name: value.detach().clone() for name, value in reader.state_dict().items()}
    reader.train()
    for block in reader.enc.bl:
        block.compile(dynamic=True)
    for epoch in range(epochs):
        began, total = time.monotonic(), 0.0
        for batch in _batches(examples, rng):
            slope = min(1.0, (step + 1) / (0.1 * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * slope
            with torch.autocast("cpu", torch.bfloat16):
                loss = _loss(reader, batch, rng)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            step, total = step + 1, total + loss.item()
            decay = min(_DECAY, step / (step + 10))
            for name, value in reader.state_dict().items():
                mean[name].lerp_(value, 1 - decay)
        report(f"epoch {epoch + 1} of {epochs}: loss {total * epochs / steps:.3f}, {time.monotonic() - began:.0f} s")
        after(epoch + 1, mean)
    reader.load_state_dict(mean)
    return reader.eval()


def _batches(examples: list[Example], rng: random.Random) -> Iterator[list[Example]]:
    """Windows of like length together, at most `BATCH` tokens with padding; the batches in random order."""
    by_length: dict[int, list[Example]] = defaultdict(list)
    for example in rng.sample(examples, len(examples)):
        by_length[_padded(example[0])].append(example)
    batches = [
        alike[at : at + BATCH // length]
        for length, alike in by_length.items()
        for at in range(0, len(alike), BATCH // length)
    ]
    rng.shuffle(batches)
    yield from batches


def _padded(window: Window) -> int:
    """The length that a window is padded to: few lengths, since the compiler takes long for each new one."""
    return -(-len(window.tokens) // _STEP) * _STEP


def _inputs(windows: list[Window], rng: random.Random | None) -> tuple[Tensor, Tensor, Tensor, Items]:
    longest = max(map(_padded, windows)) if rng else max(len(w.tokens) for w in windows)
    tokens, hints, sentences = (np.full((len(windows), longest), PAD, dtype=np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        tokens[row, : len(window.tokens)] = _augmented(window, rng) if rng else window.tokens
        hints[row, : len(window.hints)] = window.hints
        sentences[row, : len(window.sentences)] = window.sentences
    laid_out = (torch.from_numpy(each) for each in (tokens, hints, sentences))
    return (*laid_out, [_items(window) for window in windows])


def _items(window: Window) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    mask = np.zeros((len(window.items), len(TYPES)), dtype=np.float32)
    for row, item in enumerate(window.items):
        mask[row, list(allowed(item.candidate))] = 1
    return (
        torch.tensor([item.first for item in window.items]),
        torch.tensor([item.last for item in window.items]),
        torch.tensor([item.features for item in window.items]).view(-1, len(FEATURES)),
        torch.tensor([item.guesses for item in window.items]).view(-1, GUESSES),
        torch.from_numpy(mask),
    )


def _augmented(window: Window, rng: random.Random) -> np.ndarray:
    """Augmented tokens: other names and digits, and some characters masked, so that the model memorizes none."""
    known = vocabulary()
    digits = [known[c] for c in "123456789"]
    tokens = augmented = _renamed(window, rng)
    for at, token in enumerate(tokens.tolist()):
        if token in digits and rng.random() < 0.3:
            augmented[at] = rng.choice(digits)
        elif token > MASK and rng.random() < 0.03:
            augmented[at] = MASK if rng.random() < 0.5 else rng.randrange(MASK + 1, len(known))
    return augmented


def _loss(reader: Reader, batch: list[Example], rng: random.Random) -> Tensor:
    tokens, hints, sentences, items = _inputs([window for window, _, _ in batch], rng)
    decided, tagged = reader(
        tokens, hints, sentences, items, torch.tensor([len(window.tokens) for window, _, _ in batch])
    )
    targets = [target for _, own, _ in batch for target in own]
    types = torch.tensor([t.type for t in targets])
    tags = torch.full(tokens.shape, IGNORED)
    for row, (_, _, own) in enumerate(batch):
        tags[row, : len(own)] = torch.from_numpy(own)
    loss = F.cross_entropy(
        tagged.flatten(0, 1), tags.flatten(), ignore_index=IGNORED, weight=torch.tensor(_TAG_WEIGHTS)
    )
    if (types >= 0).any():
        loss = loss + 1.5 * F.cross_entropy(torch.cat([d.types for d in decided]), types, ignore_index=IGNORED)
    facts = [n for n, t in enumerate(targets) if t.closed is not None]
    if facts:
        closed = torch.tensor([targets[n].closed for n in facts])
        logits = torch.cat([d.closed for d in decided])[facts]
        loss = loss + F.binary_cross_entropy_with_logits(logits, closed) * closed.shape[1] / 4
        spans = torch.cat([d.spans for d in decided])
        loss = loss + sum(weight * _pointer_loss(spans, targets, role) for role, weight in _WEIGHTS.items())
    return loss


def _pointer_loss(logits: Tensor, targets: list[Target], role: str) -> Tensor:
    """The mean negative log likelihood that a pointer selects any of the correct spans."""
    labelled = [(n, spans) for n, target in enumerate(targets) if (spans := target.spans.get(role))]
    if not labelled:
        return torch.zeros(())
    log_probs = logits[[n for n, _ in labelled], ROLES.index(role)].log_softmax(-1)
    most = max(len(spans) for _, spans in labelled)
    offsets = torch.tensor([(spans + spans[:1] * most)[:most] for _, spans in labelled])
    real = torch.tensor([[k < len(spans) for k in range(most)] for _, spans in labelled])
    each = log_probs[:, 0].gather(1, offsets[..., 0])
    if role != "date":
        each = each + log_probs[:, 1].gather(1, offsets[..., 1])
    return -each.masked_fill(~real, -1e4).logsumexp(1).mean()


def _renamed(window: Window, rng: random.Random) -> np.ndarray:
    """A copy of the tokens in which some names begin with two other characters, at every occurrence."""
    tokens = window.tokens.copy()
    begins = {
        tuple(window.tokens[at : at + _STEM].tolist())
        for at in np.flatnonzero((window.hints % 3 == 1) & (window.hints < HINTS - 2))
    }
    for stem in sorted(begins):
        if len(stem) < _STEM or rng.random() > _RENAMED:
            continue
        at = np.flatnonzero((window.tokens[:-1] == stem[0]) & (window.tokens[1:] == stem[1]))
        tokens[at], tokens[at + 1] = (rng.choice(_stems()) for _ in range(_STEM))
    return tokens


@cache
def _stems() -> list[int]:
    """Characters that names are made of, as tokens."""
    known = vocabulary()
    return [known[c] for c in _NAMES if c in known]


@torch.no_grad()
def logits(reader: Reader, window: Window) -> Logits:
    """The logits of a reader for one window."""
    decided, tags = reader.eval()(*_inputs([window], None))
    first = decided[0]
    return Logits(first.types.numpy(), first.closed.numpy(), first.spans.numpy(), tags[0].numpy())
