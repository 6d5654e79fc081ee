"""Parsers of numbers and money beside the extractor: which labelled numbers each finds, and how much else.

They know no subject, type or qualifier, so only values are compared: as a multiset a text, a range by its lower end.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

Values = Callable[[str], list[float]]


def dangqun(text: str) -> list[float]:
    from archive.facts import extract_text

    return [fact.value for fact in extract_text(text) if fact.value is not None]


def dangqun_money(text: str) -> list[float]:
    from archive.facts import extract_text

    return [fact.value for fact in extract_text(text) if fact.value is not None and fact.unit == "CNY"]


def recognizers(text: str) -> list[float]:
    found = [one.resolution["value"] for one in _recognizers().parse(text)]
    return [float(value) for value in found if value.replace(".", "", 1).isdigit()]


@cache
def _recognizers() -> Any:
    from recognizers_number import NumberRecognizer
    from recognizers_text import Culture

    return NumberRecognizer(Culture.Chinese).get_number_model(Culture.Chinese)


def jionlp_money(text: str) -> list[float]:
    numbers = [one["detail"]["num"] for one in _jionlp().ner.extract_money(text, with_parsing=True)]
    return [float(number[0] if isinstance(number, list) else number) for number in numbers]


@cache
def _jionlp() -> Any:
    with contextlib.redirect_stdout(None):  # it greets
        import jionlp

    return jionlp


# name -> (its values, whether it looks for money alone)
PEERS: dict[str, tuple[Values, bool]] = {
    "dangqun": (dangqun, False),
    "recognizers-text-number": (recognizers, False),
    "dangqun, money": (dangqun_money, True),
    "JioNLP, money": (jionlp_money, True),
}


def report(name: str, labelled: Iterable[tuple[str, list[tuple[float, bool]]]]) -> None:
    """Print the scores of each installed tool on texts with their labelled (value, is it money)."""
    texts = list(labelled)
    print(f"\n### {name}: numbers alone, beside parsers of numbers\n")
    print("| tool | labelled numbers | found | recall | other numbers | precision |\n|---|---|---|---|---|---|")
    for tool, (values, money) in PEERS.items():
        try:
            values("一")
        except ImportError:
            continue
        wanted = found = predicted = 0
        for text, labels in texts:
            of_text = Counter(value for value, is_money in labels if is_money or not money)
            got = Counter(values(text))
            wanted, found, predicted = (
                wanted + of_text.total(),
                found + (of_text & got).total(),
                predicted + got.total(),
            )
        print(
            f"| {tool} | {wanted} | {found} | {found / max(1, wanted):.2f} | {predicted - found} | {found / max(1, predicted):.2f} |"
        )


def speeds() -> dict[str, Callable[[str], object]]:
    """What is installed of the parsers of money, time and numbers."""
    found: dict[str, Callable[[str], object]] = {}
    with contextlib.suppress(ImportError):
        found |= {"JioNLP, money only": _jionlp().ner.extract_money, "JioNLP, time only": _jionlp().ner.extract_time}
    with contextlib.suppress(ImportError):
        found["recognizers-text-number, numbers only"] = _recognizers().parse
    return found
