"""Pretrains the encoder: masked language modelling on unlabelled news, before fine-tuning.

    .venv-training/bin/python -m training.pretrain --out encoder-S.safetensors

Minutes on one GPU, days on two cores. The texts are token numbers with `[CLS]` and `[SEP]` around each article
(../shared/models/pretrain-ids.npy.xz), or plain text files.
"""

import argparse
import lzma
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from archive.facts.decide.windows import CLS, LENGTH, SEP, UNKNOWN, vocabulary
from archive.text import clean, fold
from training import sets
from training.network import MASK, SIZES, Encoder

_HIDDEN, _LONGER, _LONGEST = 0.11, 0.68, 0.47  # chance that a span begins, that it has a second and a third character
_WARM = 300  # steps


class MaskedModel(nn.Module):
    """The encoder with a head that predicts masked characters; its parameters have the names of the weights in ../shared/models."""

    def __init__(self, encoder: Encoder, width: int) -> None:
        super().__init__()
        self.enc, self.t, self.n = encoder, nn.Linear(width, width), nn.LayerNorm(width)
        self.b = nn.Parameter(torch.zeros(len(vocabulary())))

    def forward(self, tokens: Tensor, masked: Tensor) -> Tensor:
        """tokens: (B, T). masked: offsets of masked tokens in the flattened batch. Returns logits over the vocabulary for each."""
        x = self.enc(tokens, torch.zeros_like(tokens)).flatten(0, 1)[masked]
        return self.n(F.gelu(self.t(x))) @ self.enc.emb.weight.T + self.b


def read_tokens(path: Path) -> Tensor:
    """Token numbers of an .npy.xz file, or of the .txt files of a folder."""
    if path.is_file():
        with lzma.open(path) as packed:
            return torch.from_numpy(np.load(packed).astype(np.int16))
    known = vocabulary()
    numbers: list[int] = []
    for file in sorted(path.rglob("*.txt")):
        plain = fold(clean(file.read_text("utf-8")).text)
        numbers += [CLS, *(known.get(c, UNKNOWN) for c in plain if c == "\n" or not c.isspace()), SEP]
    return torch.tensor(numbers, dtype=torch.int16)


def mask_spans(tokens: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Tokens with spans of one to three characters masked, and the offsets to predict."""
    chance = torch.rand(tokens.shape, generator=rng, device=tokens.device)
    begins = chance < _HIDDEN
    hidden = begins.clone()
    hidden[:, 1:] |= begins[:, :-1] & (chance[:, :-1] < _HIDDEN * _LONGER)
    hidden[:, 2:] |= begins[:, :-2] & (chance[:, :-2] < _HIDDEN * _LONGER * _LONGEST)
    hidden &= tokens > MASK
    offsets = hidden.flatten().nonzero()[:, 0]
    how = torch.rand(offsets.shape, generator=rng, device=tokens.device)
    other = torch.randint(MASK + 1, len(vocabulary()), offsets.shape, generator=rng, device=tokens.device)
    shown = tokens.flatten().clone()
    shown[offsets] = torch.where(how < 0.8, MASK, torch.where(how < 0.9, other, shown[offsets]))
    return shown.view_as(tokens), offsets


def pretrain(tokens: Tensor, size: str, steps: int, batch: int, rate: float = 1.2e-3, seed: int = 1) -> MaskedModel:
    """A model trained on `steps` batches of windows of `tokens`."""
    torch.manual_seed(seed)
    random.seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokens = tokens.to(device)
    masked_model = MaskedModel(Encoder(len(vocabulary()), **SIZES[size]), SIZES[size]["width"]).to(device)
    optimizer = torch.optim.AdamW(masked_model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    rng = torch.Generator(device=device).manual_seed(seed)
    began = time.monotonic()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / _WARM) * max(0.02, 1 - step / steps)
        starts = torch.randint(0, len(tokens) - LENGTH, (batch, 1), generator=rng, device=device)
        window = tokens[starts + torch.arange(LENGTH, device=device)].long()
        shown, offsets = mask_spans(window, rng)
        with torch.autocast(device, torch.bfloat16):
            loss = F.cross_entropy(masked_model(shown, offsets).float(), window.flatten()[offsets])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(masked_model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return masked_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--texts",
        type=Path,
        default=sets.SHARED / "models" / "pretrain-ids.npy.xz",
        help="token numbers, or a folder of .txt files",
    )
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--steps", type=int, default=5000, help="batches (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=256, help="windows a batch (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="a .safetensors file")
    options = parser.parse_args()
    masked_model = pretrain(read_tokens(options.texts), options.size, options.steps, options.batch)
    weights = {
        name: value.detach().cpu().half().contiguous()
        for name, value in masked_model.state_dict().items()
        if name != "enc.hint.weight"
    }
    save_file(weights, options.out)


if __name__ == "__main__":
    main()
