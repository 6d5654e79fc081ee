"""What a number is counted per: over time (每年200场, 日均210人次), or of each of several (各5个, 每人200元)."""

import re

_SPELL = "(?<![去今近前头这那整第有年])一{}(?!下来|[内里间来多半以后级四一两])"
_RATE = re.compile(
    r"(?=[每日天月年一])(?:"
    rf"(?P<day>每[天日]|日均|天天|(?<=[,。;:!?\n])日(?=接待|服务)|{_SPELL.format('天')})"
    rf"|(?P<month>每个?月|月均|月月|{_SPELL.format('个月')})"
    rf"|(?P<year>每年|年均|年年|(?<=[,。;:!?\n])年(?=接待|服务)|{_SPELL.format('年')}))"
)
_TAIL = re.compile(r"(?:左右)?\s?[/每](?:个?(?P<month>月)|(?P<day>[天日])|(?P<year>年))")
_EACH = re.compile(
    r"各(?![类项种级地界县区市镇村部单方自族])|每(?![年天日月周次逢当晚季到隔]|[0-9一二两三四五六七八九十半几]{0,2}(?:个?(?:月|星期|季度|小时|学期)|[年天日周]))|[人户村]均(?!为|可)"
)
_ENDS_RATE = re.compile(r"[,。;:!?\n…()0-9]")
_ENDS_EACH = re.compile(r"[,。;:!?\n…()0-9]|[共总累合]计?")
_RATE_SIGNS, _TAIL_SIGNS, _EACH_SIGNS = frozenset("每均天月年日"), frozenset("/每左 "), frozenset("每各均")
_FAR, _NEAR = 24, 14  # characters between such a word and its number


def rate(text: str, start: int, end: int) -> str:
    """What the number at `start`..`end` is counted per, where its clause says so before the number with nothing but
    modifiers between, or right behind it (人次/天); else empty."""
    tail = _TAIL.match(text, end) if text[end : end + 1] in _TAIL_SIGNS else None
    if tail:
        return f"per {tail.lastgroup}"
    before = text[max(0, start - _FAR) : start]
    if _RATE_SIGNS.isdisjoint(before):
        return ""
    words = list(_RATE.finditer(text, max(0, start - _FAR), start))
    return f"per {words[-1].lastgroup}" if words and not _ENDS_RATE.search(text, words[-1].end(), start) else ""


def is_each(text: str, start: int) -> bool:
    """Whether the number at `start` is that of each of several."""
    before = text[max(0, start - _NEAR) : start]
    if _EACH_SIGNS.isdisjoint(before):
        return False
    return any(not _ENDS_EACH.search(text, m.end(), start) for m in _EACH.finditer(text, max(0, start - _NEAR), start))
