"""What a person may put in the place of what the machine read: numbers and dates, and what they cannot be."""

import re
from calendar import monthrange
from collections.abc import Mapping

from archive.errors import LocalizedError
from archive.facts import fact_types

CORRECTABLE = ("type", "subject", "value", "value_high", "date", "qualifier")
NUMBERS = ("value", "value_high")
_MAX_NUMBER = 1e15  # above it, a number is no longer exact
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4}|-(?=-))(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NARROW = str.maketrans("０１２３４５６７８９．，＋－", "0123456789.,+-")


class ReviewError(LocalizedError):
    """A decision that cannot be taken; the message says why.

    Attributes:
        field: the field of a form that is wrong; empty where it is no single one.
    """

    def __init__(self, zh: str, en: str, field: str = "") -> None:
        super().__init__(zh, en)
        self.field = field


def written_number(written: str, field: str = "value") -> float:
    """The number that somebody wrote into a field in digits, with commas between thousands and a decimal point, full-width or
    not. Raises ReviewError."""
    plain = written.translate(_NARROW).strip()
    if not _NUMBER.fullmatch(plain):
        raise ReviewError(
            f"“{written[:40]}”不是数字。请只填数字，例如1860。",
            f"“{written[:40]}” is not a number. Write digits alone, such as 1860.",
            field,
        )
    return float(plain.replace(",", ""))


def check(corrected: Mapping[str, object], fact: Mapping[str, object]) -> None:
    """Raises ReviewError where what is corrected (field -> value) cannot be right of `fact`."""
    for name, value in corrected.items():
        if name not in CORRECTABLE:
            raise ReviewError(
                f"{name}不能更正；可以更正的是{'、'.join(CORRECTABLE)}。",
                f"{name} cannot be corrected; {', '.join(CORRECTABLE)} can.",
            )
        if name in NUMBERS:
            _check_number(name, value)
    if corrected.get("type", "") not in ("", *fact_types()):
        raise ReviewError(
            f"没有“{corrected['type']}”这种事实类型。", f"There is no fact type {corrected['type']!r}.", "type"
        )
    if "date" in corrected and not _is_date(str(corrected["date"])):
        raise ReviewError(
            f"“{str(corrected['date'])[:40]}”不是日期。请写作2021-06-30、2021-06、2021或--06-30。",
            f"“{str(corrected['date'])[:40]}” is not a date. Write 2021-06-30, 2021-06, 2021 or --06-30.",
            "date",
        )
    given = [name for name in NUMBERS if name in corrected]
    if given:
        _check_range({name: fact[name] for name in ("type", *NUMBERS)} | dict(corrected), given[0])


def _check_number(name: str, value: object) -> None:
    if not isinstance(value, int | float):
        raise ReviewError(f"{name}须为数字，不能是{value!r}。", f"{name} must be a number, not {value!r}.", name)
    if not 0 <= value < _MAX_NUMBER:  # nor what is no number (nan)
        raise ReviewError(
            f"{value:g}超出范围：事实的数值在0与{_MAX_NUMBER:g}之间。",
            f"{value:g} cannot be the number of a fact: 0 to {_MAX_NUMBER:g} can.",
            name,
        )


def _check_range(fact: Mapping[str, object], field: str) -> None:
    type_, value, high = fact_types().get(str(fact["type"])), fact["value"], fact["value_high"]
    if type_ and type_.shape == "date":
        raise ReviewError(f"{type_.zh}只有日期，没有数值。", f"{type_.en} has a date and no number.", field)
    if isinstance(high, int | float) and not (isinstance(value, int | float) and value <= high):
        raise ReviewError(
            f"上限{high:g}小于数值，或缺少数值。",
            f"The upper end {high:g} is below the number, or there is none.",
            "value_high",
        )


def _is_date(written: str) -> bool:
    """Whether a date is written as facts have it, and is in the calendar."""
    found = _DATE.fullmatch(written)
    if not found or (found[1] == "-" and not found[2]):
        return False
    year, month, day = 2000 if found[1] == "-" else int(found[1]), int(found[2] or 1), int(found[3] or 1)
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
