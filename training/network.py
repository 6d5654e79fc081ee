"""The network: a character encoder, and heads that decide about each candidate.

Shapes: B windows of T tokens, N candidates in all of them together.
"""

import math
from typing import NamedTuple

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
        y = F.scaled_dot_product_attention(_rotate(q, cos, sin).to(v.dtype), _rotate(k, cos, sin).to(v.dtype), v, mask)
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


class Inputs(NamedTuple):
    """B windows of T tokens with N candidates each. tokens, hints, sentences: (B, T). first, last: (B, N). guesses: (B, N,
    guesses). features: (B, N, features). allowed: (B, N, types), 0 or 1. lengths: (B), tokens without padding."""

    tokens: Tensor
    hints: Tensor
    sentences: Tensor
    first: Tensor
    last: Tensor
    guesses: Tensor
    features: Tensor
    allowed: Tensor
    lengths: Tensor


class Outputs(NamedTuple):
    """The outputs of the heads, as logits. types: (B, N, types). closed: (B, N, closed). spans: (B, N, roles, 2, T). tags: (B, T, tags)."""

    types: Tensor
    closed: Tensor
    spans: Tensor
    tags: Tensor


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

    def forward(self, given: Inputs) -> Outputs:
        """Windows with padding -> the outputs of the heads."""
        padding = torch.arange(given.tokens.shape[1], device=given.tokens.device)[None] >= given.lengths[:, None]
        x = self.drop(self.enc(given.tokens, given.hints, ~padding[:, None, None]))
        outputs = self.decide(x, given)
        return outputs._replace(spans=outputs.spans.masked_fill(padding[:, None, None, None], _NEVER))

    def decide(self, x: Tensor, given: Inputs) -> Outputs:
        """States of the tokens (B, T, width) -> the outputs of the heads, for windows without padding."""
        steps, first, last = torch.arange(x.shape[1], device=x.device), given.first, given.last
        inside = ((steps >= first[..., None]) & (steps <= last[..., None])).to(x.dtype)
        mean = inside @ x / inside.sum(-1, keepdim=True)
        known = torch.stack([table(given.features[..., i]) for i, table in enumerate(self.features)]).sum(0)
        beside = [x.gather(1, at[..., None].expand(-1, -1, x.shape[-1])) for at in (first, last, last + 1, first - 1)]
        r = self.drop(self.join(torch.cat([*beside, mean, known], -1)))
        types = self.types(r).float() + (1 - given.allowed) * _NEVER
        return Outputs(types, self.closed(r).float(), self._spans(x, r, given), self.tags(x).float())

    def _spans(self, x: Tensor, r: Tensor, given: Inputs) -> Tensor:
        """States of tokens (B, T, width) and of candidates (B, N, width) -> the logits of the pointers (B, N, roles, 2, T)."""
        (windows, count, _), length, pointers = r.shape, x.shape[1], 2 * len(ROLES)
        steps, first = torch.arange(length, device=x.device), given.first
        ask = self.ask(r).view(windows, count, pointers, _KEYS).transpose(1, 2)
        keys = self.keys(x).view(windows, length, pointers, _KEYS).permute(0, 2, 3, 1)
        spans = (ask @ keys).transpose(1, 2).float() / math.sqrt(_KEYS)
        far = steps - first[..., None]
        bucket = (torch.sign(far) * torch.log2(far.abs().float() + 1)).round().long().clamp(-_FAR, _FAR) + _FAR
        stands = _relative_positions(given.sentences, first) * HINTS + given.hints[:, None]
        spans = spans + (self.near(bucket) + self.stands(stands)).permute(0, 1, 3, 2).float()
        guessed = (steps == given.guesses[..., None]).float() * (given.guesses > 0)[..., None]  # (B, N, guesses, T)
        trust = self.guess(r).float().view(windows, count, len(ROLES), GUESSES)
        begins = (trust @ guessed)[:, :, :, None]
        return spans.view(windows, count, len(ROLES), 2, length) + F.pad(begins, (0, 0, 0, 1))


def _relative_positions(sentences: Tensor, first: Tensor) -> Tensor:
    """The position of each token relative to each candidate: (B, T) sentences, (B, N) first tokens -> (B, N, T), below `_POSITIONS`.

    0: in a later sentence. 1, 2: before and behind the candidate in its sentence. 3 to 6: one, two, three to five, and more
    sentences before. 7: in the title.
    """
    back = sentences.gather(1, first)[..., None] - sentences[:, None]
    behind = (torch.arange(sentences.shape[1], device=sentences.device) > first[..., None]).long()
    positions = torch.where(back == 0, 1 + behind, 2 + back.clamp(max=3) + (back > 5).long())
    return torch.where((sentences[:, None] == 1) & (back > 0), 7, positions * (back >= 0).long())
