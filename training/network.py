"""The network: a character encoder, and heads that decide about each candidate.

Shapes: B windows of T tokens, N candidates in all of them together.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archive.facts.decide.decoding import TAGS
from archive.facts.decide.labels import CLOSED, ROLES, TYPES
from archive.facts.decide.windows import FEATURES, GUESSES, HINTS

SIZES = {
    "S": {"width": 256, "layers": 4, "heads": 4, "inner": 1024},
    "M": {"width": 384, "layers": 6, "heads": 6, "inner": 1536},
}
MASK = 4  # the token of a hidden character
_KEYS = 64  # width of a pointer's keys
_FAR = 12  # distance buckets to either side: powers of two
_POSITIONS = 8  # relative sentence positions of a token to a candidate
_NEVER = -1e4


class Block(nn.Module):
    """A pre-norm transformer layer with rotary positions."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.f1, self.f2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        b, t, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = _rotate(q, cos, sin) @ _rotate(k, cos, sin).transpose(-1, -2) * (d // self.heads) ** -0.5
        y = (scores if mask is None else scores + mask).softmax(-1).to(v.dtype) @ v
        x = x + self.o(y.transpose(1, 2).reshape(b, t, d))
        return x + self.f2(F.gelu(self.f1(self.n2(x))))


def _rotate(z: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = z.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Encoder(nn.Module):
    """Characters to states; the names of its parameters are those of the pretrained weights."""

    def __init__(self, words: int, width: int, layers: int, heads: int, inner: int) -> None:
        super().__init__()
        self.emb, self.ne = nn.Embedding(words, width), nn.LayerNorm(width)
        self.hint = nn.Embedding(HINTS, width)
        self.bl = nn.ModuleList(Block(width, heads, inner) for _ in range(layers))
        self.nf = nn.LayerNorm(width)
        self.per_head = width // heads
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, 0, 0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        nn.init.zeros_(self.hint.weight)  # a pretrained encoder starts unchanged

    def forward(self, tokens: Tensor, hints: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, T) tokens and hints -> (B, T, width) states."""
        x = self.ne(self.emb(tokens)) + self.hint(hints)
        step = 10000 ** (-torch.arange(0, self.per_head, 2, device=x.device).float() / self.per_head)
        angle = torch.arange(tokens.shape[1], device=x.device).float()[:, None] * step[None]
        for block in self.bl:
            x = block(x, angle.cos().to(x.dtype), angle.sin().to(x.dtype), mask)
        return self.nf(x)


Items = list[tuple[Tensor, Tensor, Tensor, Tensor, Tensor]]  # of each window: first, last, features, guesses, allowed


@dataclass
class Decisions:
    """The logits of the N candidates of a window: types (N, types), closed (N, closed), spans (N, roles, 2, T)."""

    types: Tensor
    closed: Tensor
    spans: Tensor


class Reader(nn.Module):
    """The encoder and its heads."""

    def __init__(self, words: int, width: int, layers: int, heads: int, inner: int, drop: float = 0.15) -> None:
        super().__init__()
        self.enc = Encoder(words, width, layers, heads, inner)
        self.drop = nn.Dropout(drop)
        self.features = nn.ModuleList(nn.Embedding(n, 32) for n in FEATURES)
        self.join = nn.Sequential(nn.Linear(5 * width + 32, width), nn.GELU(), nn.LayerNorm(width))
        self.types, self.closed = nn.Linear(width, len(TYPES)), nn.Linear(width, len(CLOSED))
        self.tags = nn.Linear(width, len(TAGS))
        self.ask, self.keys = nn.Linear(width, len(ROLES) * 2 * _KEYS), nn.Linear(width, len(ROLES) * 2 * _KEYS)
        self.near = nn.Embedding(2 * _FAR + 1, len(ROLES) * 2)
        self.stands = nn.Embedding(_POSITIONS * HINTS, len(ROLES) * 2)
        self.guess = nn.Linear(width, GUESSES * len(ROLES))
        for added in (self.near, self.stands, self.guess):
            nn.init.zeros_(added.weight)

    def forward(
        self, tokens: Tensor, hints: Tensor, sentences: Tensor, items: Items, lengths: Tensor | None = None
    ) -> tuple[list[Decisions], Tensor]:
        """(B, T) tokens, hints and sentences, the candidates of each window -> decisions by window, and (B, T, tags) tags."""
        mask = None
        if lengths is not None:
            mask = (torch.arange(tokens.shape[1])[None] >= lengths[:, None])[:, None, None, :] * _NEVER
        x = self.drop(self.enc(tokens, hints, mask))
        keys = self.keys(x)
        decided = [
            self.decide(
                x[row], keys[row], hints[row], sentences[row], *own, length=None if lengths is None else lengths[row]
            )
            for row, own in enumerate(items)
        ]
        return decided, self.tags(x).float()

    def decide(
        self, x: Tensor, keys: Tensor, hints: Tensor, sentences: Tensor, first: Tensor, last: Tensor, features: Tensor,
        guesses: Tensor, allowed: Tensor, *, length: Tensor | None = None,
    ) -> Decisions:  # fmt: skip
        """One window. x: (T, width). keys: (T, roles * 2 * keys). hints, sentences: (T). first, last: (N). features: (N,
        features). guesses: (N, guesses). allowed: (N, types), 0 or 1."""
        steps = torch.arange(x.shape[0])
        inside = ((steps[None] >= first[:, None]) & (steps[None] <= last[:, None])).to(x.dtype)
        mean = inside @ x / inside.sum(1, keepdim=True)
        feature_sum = torch.stack([table(features[:, i]) for i, table in enumerate(self.features)]).sum(0)
        r = self.drop(self.join(torch.cat([x[first], x[last], x[last + 1], x[first - 1], mean, feature_sum], -1)))
        types = self.types(r).float() + (1 - allowed) * _NEVER
        queries = self.ask(r).view(-1, len(ROLES) * 2, _KEYS).transpose(0, 1)
        far = steps[None] - first[:, None]
        bucket = (torch.sign(far) * torch.log2(far.abs().float() + 1)).round().long().clamp(-_FAR, _FAR) + _FAR
        scores = queries @ keys.view(-1, len(ROLES) * 2, _KEYS).permute(1, 2, 0)
        spans = scores.transpose(0, 1).float() / math.sqrt(_KEYS) + self.near(bucket).permute(0, 2, 1).float()
        spans = (
            spans + self.stands(_relative_positions(sentences, first) * HINTS + hints[None]).permute(0, 2, 1).float()
        )
        guessed = (steps == guesses[:, :, None]).float() * (guesses > 0)[:, :, None]  # (N, guesses, T)
        trust = self.guess(r).float().view(-1, len(ROLES), GUESSES)
        begins = (trust @ guessed)[:, :, None]
        spans = spans.view(first.shape[0], len(ROLES), 2, -1) + F.pad(begins, (0, 0, 0, 1))
        if length is not None:
            spans = spans.masked_fill(steps >= length, _NEVER)
        return Decisions(types, self.closed(r).float(), spans)


def _relative_positions(sentences: Tensor, first: Tensor) -> Tensor:
    """The position of each token relative to each candidate: (T) sentences, (N) first tokens -> (N, T), below `_POSITIONS`.

    0: in a later sentence. 1, 2: before and behind the candidate in its sentence. 3 to 6: one, two, three to five, and more
    sentences before. 7: in the title.
    """
    back = sentences[first][:, None] - sentences[None]
    behind = (torch.arange(sentences.shape[0])[None] > first[:, None]).long()
    positions = torch.where(back == 0, 1 + behind, 2 + back.clamp(max=3) + (back > 5).long())
    return torch.where((sentences[None] == 1) & (back > 0), 7, positions * (back >= 0).long())
