"""The model card: what the weights are, their training data, scores and limits."""

from typing import Any

_TEXT = """# The reader of facts: model card

**What it is.** A character encoder (transformer, 4 layers, width 256, 4 heads, rotary positions, 4.4 million parameters) with heads that decide about each candidate that the grammar proposes: its type or none, closed qualifiers, who it is about, the free words of its qualifier, its date, its donor and recipient, and the characters of lists and addresses. It reads folded text (simplified, half width) without blanks, one token a character, in windows of at most 512. `weights.onnx` holds int8 weights with a scale a row; ONNX Runtime expands them to float32 when it loads them. A window runs alone, unpadded, on one thread, so that its result depends on nothing else.

**What it is for.** Chinese news about communities and party-service stations. It decides between candidates; `archive/facts/check` has the last word. It is not meant for other topics, other languages, or for deciding anything about persons.

## What it was made from
Made on {on} with seed {seed}, {epochs} epochs, by `make train`{start}. {counted} texts with {labels} labelled facts were at hand; {left} of the texts were left out of training and used to calibrate.

| set | texts | labels | where it lies |
|---|---|---|---|
{sets}

The encoder was pretrained by guessing hidden characters in 46 million characters of national press (36,000 articles of 2020 and 2023) and of the unlabelled texts beside them; the file has SHA-256 `{pretrained}`. The labelled texts together have SHA-256 `{texts}`. Texts that are not ours are not shipped; `training/labels/` says where they lie. Labels were made by language models that followed the contract, not by people: readers of one kind agree too easily, so take agreement between them as an upper bound.

## How sure it is
On {predictions} candidates of texts left out: expected calibration error {error:.3f} (ten bins of equal mass), of subjects {subject_error:.3f}. Facts are published from a probability of {publish:.2f} on and kept as candidates for people from {candidate:.2f} on; a subject counts from {subject:.2f} on.

| mean probability | share right | predictions |
|---|---|---|
{diagram}

Calibration error of the types with 200 predictions or more: {types}.

Of {compared} candidates, {changed} change sides between the float32 weights and those that are shipped.

## What it scores
{scores}

## Limits
{limits}
"""


def card(made: dict[str, Any], calibration: dict[str, Any], scores: str, limits: str) -> str:
    """The text of the card, from the record of a training run."""
    measured = made["calibration"]
    places = {True: "`training/texts/`", False: "`../shared`, labels there or in `training/labels/`"}
    return _TEXT.format(
        on=made["on"],
        seed=made["seed"],
        epochs=made["epochs"],
        start=f", which went on from the weights with SHA-256 `{made['start']}` and took the mean of both"
        if made["start"]
        else "",
        counted=sum(texts for texts, _ in made["sets"].values()),
        labels=sum(labels for _, labels in made["sets"].values()),
        left=made["left_out"],
        sets="\n".join(
            f"| {name} | {texts} | {labels} | {places[name in made['own']]} |"
            for name, (texts, labels) in made["sets"].items()
        ),
        pretrained=made["pretrained"],
        texts=made["texts"],
        types=", ".join(f"{name} {error:.3f} ({count})" for name, (count, error) in measured["types"].items()),
        predictions=measured["predictions"],
        error=measured["error"],
        subject_error=measured["subject_error"],
        publish=calibration["publish"],
        candidate=calibration["candidate"],
        subject=calibration["subject"],
        diagram="\n".join(f"| {sure:.2f} | {right:.2f} | {count} |" for sure, right, count in measured["diagram"]),
        compared=made["compared"],
        changed=made["changed_sides"],
        scores=scores,
        limits=limits,
    )
