"""Fine-tunes the reader on labelled texts.

The loss is a sum over the type of each candidate, its closed qualifiers, its pointers, and the tags of lists and addresses.
"""

import random
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from archive.facts.decide.decoding import Logits
from archive.facts.decide.labels import ROLES
from archive.facts.decide.windows import Window, vocabulary
from training.batches import Batch, Example, batches, collate, example
from training.data import IGNORED
from training.network import SIZES, Outputs, Reader

BATCH = 2560  # tokens of a batch
_WEIGHTS = {"subject": 1.0, "words": 0.3, "date": 1.0, "donor": 0.6, "recipient": 0.6}
_TAG_WEIGHTS = (0.4, 1.0, 1.0, 1.0, 1.0)
_DECAY = 0.99  # of the exponential moving average of the weights
_DATE = ROLES.index("date")


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
    reader: Reader, examples: list[Example], *, epochs: int = 12, seed: int = 0, encoder_rate: float = 4e-4,
    head_rate: float = 1e-3, tokens: int = BATCH, device: str = "cpu", report: Callable[[str], None] = print,
    after: Callable[[int, dict[str, Tensor]], None] = lambda epoch, weights: None,
) -> Reader:  # fmt: skip
    """Train a reader; its weights are then a moving average of those of the last steps.

    Args:
        reader: the reader; it is changed.
        examples: labelled windows.
        epochs: passes over the examples.
        seed: of the order of the batches and of the augmentation.
        encoder_rate: the highest learning rate of the encoder.
        head_rate: the highest learning rate of the heads.
        tokens: tokens of a batch, with padding.
        device: where to train, as torch names it.
        report: called with a line about each epoch.
        after: called with the number of each epoch and the weights so far.

    Returns:
        The reader, in evaluation mode, on `device`.
    """
    rng = random.Random(seed)
    reader.to(device).train()
    heads = [p for name, p in reader.named_parameters() if not name.startswith("enc.")]
    groups = [{"params": reader.enc.parameters(), "lr": encoder_rate}, {"params": heads, "lr": head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.02, betas=(0.9, 0.98), fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    steps, step = epochs * len(list(batches(examples, tokens, random.Random(0)))), 0
    mean = {name: value.detach().clone() for name, value in reader.state_dict().items()}
    for block in reader.enc.bl if device == "cpu" else ():
        block.compile(dynamic=True)
    for epoch in range(epochs):
        began, total = time.monotonic(), torch.zeros((), device=device)
        for chosen in batches(examples, tokens, rng):
            slope = min(1.0, (step + 1) / (0.1 * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * slope
            batch = collate(chosen, np.random.default_rng(rng.getrandbits(32))).to(device)
            with torch.autocast(torch.device(device).type, torch.bfloat16):
                loss = _loss(reader(batch.inputs), batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            step, total = step + 1, total + loss.detach()
            decay = min(_DECAY, step / (step + 10))
            torch._foreach_lerp_(list(mean.values()), list(reader.state_dict().values()), 1 - decay)
        report(
            f"epoch {epoch + 1} of {epochs}: loss {total.item() * epochs / steps:.3f}, {time.monotonic() - began:.0f} s"
        )
        after(epoch + 1, mean)
    reader.load_state_dict(mean)
    return reader.eval()


def _loss(outputs: Outputs, batch: Batch) -> Tensor:
    weight = torch.tensor(_TAG_WEIGHTS, device=batch.tags.device)
    loss = F.cross_entropy(
        outputs.tags.flatten(0, 1), batch.tags.flatten(), ignore_index=IGNORED, weight=weight
    ).nan_to_num()
    loss = loss + 1.5 * _mean(
        F.cross_entropy(outputs.types.flatten(0, 1), batch.types.flatten(), ignore_index=IGNORED, reduction="none"),
        batch.types.flatten() != IGNORED,
    )
    known, closed = batch.closed[..., 0] > 0, batch.closed[..., 1:]
    loss = loss + _mean(F.binary_cross_entropy_with_logits(outputs.closed, closed, reduction="none").sum(-1), known) / 4
    window, item, role = batch.pointers.unbind(1)
    chances = outputs.spans[window, item, role].log_softmax(-1)
    real, at = batch.answers[..., 0] >= 0, batch.answers.clamp(min=0)
    each = chances[:, 0].gather(1, at[..., 0]) + chances[:, 1].gather(1, at[..., 1]) * (role != _DATE)[:, None]
    missed = -each.masked_fill(~real, -1e4).logsumexp(1)  # any of the right spans will do
    return loss + sum(weight * _mean(missed, role == ROLES.index(name)) for name, weight in _WEIGHTS.items())


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean; 0 where nothing has a weight."""
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)


@torch.no_grad()
def logits(reader: Reader, window: Window) -> Logits:
    """The logits of a reader for one window."""
    outputs = reader.eval()(collate([example(window)]).inputs)
    return Logits(*(each[0].numpy() for each in outputs))
