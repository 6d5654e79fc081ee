"""Pretrains the encoder: it guesses hidden characters of unlabelled news, before it learns what facts are.

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


class Guesser(nn.Module):
    """The encoder with a head that guesses characters; the head's names are those of the weights in ../shared/models."""

    def __init__(self, encoder: Encoder, width: int) -> None:
        super().__init__()
        self.enc, self.t, self.n = encoder, nn.Linear(width, width), nn.LayerNorm(width)
        self.b = nn.Parameter(torch.zeros(len(vocabulary())))

    def forward(self, tokens: Tensor, hidden: Tensor) -> Tensor:
        """tokens: (B, T). hidden: places in the flattened batch. Logits over the vocabulary for each."""
        x = self.enc(tokens, torch.zeros_like(tokens)).flatten(0, 1)[hidden]
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


def hide(tokens: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Tokens with spans of one to three characters hidden, and the places that are to be guessed."""
    chance = torch.rand(tokens.shape, generator=rng, device=tokens.device)
    begins = chance < _HIDDEN
    hidden = begins.clone()
    hidden[:, 1:] |= begins[:, :-1] & (chance[:, :-1] < _HIDDEN * _LONGER)
    hidden[:, 2:] |= begins[:, :-2] & (chance[:, :-2] < _HIDDEN * _LONGER * _LONGEST)
    hidden &= tokens > MASK
    places = hidden.flatten().nonzero()[:, 0]
    how = torch.rand(places.shape, generator=rng, device=tokens.device)
    other = torch.randint(MASK + 1, len(vocabulary()), places.shape, generator=rng, device=tokens.device)
    shown = tokens.flatten().clone()
    shown[places] = torch.where(how < 0.8, MASK, torch.where(how < 0.9, other, shown[places]))
    return shown.view_as(tokens), places


def pretrain(tokens: Tensor, size: str, steps: int, batch: int, rate: float = 1.2e-3, seed: int = 1) -> Guesser:
    """A guesser that has seen `steps` batches of windows of `tokens`."""
    torch.manual_seed(seed)
    random.seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokens = tokens.to(device)
    guesser = Guesser(Encoder(len(vocabulary()), **SIZES[size]), SIZES[size]["width"]).to(device)
    optimizer = torch.optim.AdamW(guesser.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    rng = torch.Generator(device=device).manual_seed(seed)
    began = time.monotonic()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / _WARM) * max(0.02, 1 - step / steps)
        starts = torch.randint(0, len(tokens) - LENGTH, (batch, 1), generator=rng, device=device)
        window = tokens[starts + torch.arange(LENGTH, device=device)].long()
        shown, places = hide(window, rng)
        with torch.autocast(device, torch.bfloat16):
            loss = F.cross_entropy(guesser(shown, places).float(), window.flatten()[places])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(guesser.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return guesser


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
    guesser = pretrain(read_tokens(options.texts), options.size, options.steps, options.batch)
    weights = {
        name: value.detach().cpu().half().contiguous()
        for name, value in guesser.state_dict().items()
        if name != "enc.hint.weight"
    }
    save_file(weights, options.out)


if __name__ == "__main__":
    main()
