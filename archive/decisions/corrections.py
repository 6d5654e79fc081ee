"""What a person may put in the place of what the machine read: numbers and dates, and what they cannot be."""

import re
from calendar import monthrange
from collections.abc import Mapping

from archive.errors import ArchiveError
from archive.facts import fact_types

CORRECTABLE = ("type", "subject", "value", "value_high", "date", "qualifier")
NUMBERS = ("value", "value_high")
_MAX_NUMBER = 1e15  # above it, a number is no longer exact
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4}|-(?=-))(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NARROW = str.maketrans("０１２３４５６７８９．，＋－", "0123456789.,+-")


class ReviewError(ArchiveError):
    """A decision that cannot be taken; the message says why."""


def written_number(written: str) -> float:
    """The number that somebody wrote in digits, with commas between thousands and a decimal point, full-width or not.
    Raises ReviewError."""
    plain = written.translate(_NARROW).strip()
    if not _NUMBER.fullmatch(plain):
        raise ReviewError(
            f"{written[:40]!r} is not a number. Write digits alone, such as 1860. 请只填数字，例如 1860。"
        )
    return float(plain.replace(",", ""))


def check(corrected: Mapping[str, object], fact: Mapping[str, object]) -> None:
    """Raises ReviewError where what is corrected (field -> value) cannot be right of `fact`."""
    for name, value in corrected.items():
        if name not in CORRECTABLE:
            raise ReviewError(f"{name} cannot be corrected; {', '.join(CORRECTABLE)} can.")
        if name in NUMBERS:
            _check_number(name, value)
    if corrected.get("type", "") not in ("", *fact_types()):
        raise ReviewError(f"There is no fact type {corrected['type']!r}.")
    if "date" in corrected and not _is_date(str(corrected["date"])):
        raise ReviewError(
            f"{str(corrected['date'])[:40]!r} is not a date. Write 2021-06-30, 2021-06, 2021 or --06-30. 日期请写作 2021-06-30。"
        )
    if any(name in corrected for name in NUMBERS):
        _check_range({name: fact[name] for name in ("type", *NUMBERS)} | dict(corrected))


def _check_number(name: str, value: object) -> None:
    if not isinstance(value, int | float):
        raise ReviewError(f"{name} must be a number, not {value!r}.")
    if not 0 <= value < _MAX_NUMBER:  # nor what is no number (nan)
        raise ReviewError(f"{value:g} cannot be the number of a fact: 0 to {_MAX_NUMBER:g} can. 数值超出范围。")


def _check_range(fact: Mapping[str, object]) -> None:
    type_, value, high = fact_types().get(str(fact["type"])), fact["value"], fact["value_high"]
    if type_ and type_.shape == "date":
        raise ReviewError(f"{type_.en} has a date and no number. {type_.zh}只有日期，没有数值。")
    if isinstance(high, int | float) and not (isinstance(value, int | float) and value <= high):
        raise ReviewError(f"The upper end {high:g} is below the number, or there is none. 上限小于数值，或缺少数值。")


def _is_date(written: str) -> bool:
    """Whether a date is written as facts have it, and is in the calendar."""
    found = _DATE.fullmatch(written)
    if not found or (found[1] == "-" and not found[2]):
        return False
    year, month, day = 2000 if found[1] == "-" else int(found[1]), int(found[2] or 1), int(found[3] or 1)
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
