"""Shape `event`: the day something happened to a station (于6月30日揭牌)."""

import re

from archive.facts.document import Document
from archive.facts.propose.dates import DateMention
from archive.facts.shapes.found import PLANNED, Found
from archive.facts.types import FactType

_HELD = re.compile(r"(?:[上下]午|当天|晚)?(?:正式|隆重)?(?:举行|举办)")
_PART_OF_YEAR = re.compile(r"(?:[上下]半年|[年]?[初中底末]|[春夏秋冬][季天]?)起?[^,。;]{0,3}")
_FAR = 40  # characters between a date and its verb


def find_events(document: Document, type_: FactType) -> list[Found]:
    """Dates whose sentence says, close behind, one of the type's verbs about a station."""
    text, found = document.text, []
    for number, mention in enumerate(document.dates):
        if not mention.has_month and not _PART_OF_YEAR.match(text, mention.end):
            continue
        _, sentence_end = document.sentence(mention.start)
        following = document.dates[number + 1].start if number + 1 < len(document.dates) else len(text)
        stretch = text[mention.end : min(sentence_end, following, mention.end + _FAR)]
        verbs = [(stretch.find(verb), verb) for verb in type_.verbs if verb in stretch]
        if not verbs:
            found.extend(_ceremony(document, type_, mention, stretch))
            continue
        at, verb = min(verbs)
        if any(word in stretch[: at + len(verb) + 4] for word in type_.excludes):
            continue
        sentence = text[slice(*document.sentence(mention.start))]
        if not any(word in sentence for word in ("党群", "服务站", "服务中心", "驿站", "阵地", "工程", "该站", "中心")):
            continue
        start = mention.start - 1 if text[mention.start - 1 : mention.start] in ("于", "在") else mention.start
        told_from, _ = document.clause(mention.start, mention.end)
        qualifier = "planned" if PLANNED.search(text, told_from, mention.end + at) else ""
        found.append(Found(type_, start, mention.end + at + len(verb), date=mention.iso, qualifier=qualifier))
    return found


def _ceremony(document: Document, type_: FactType, mention: DateMention, stretch: str) -> list[Found]:
    """揭牌仪式于7月1日上午举行: the verb stands before its date."""
    held = _HELD.match(stretch)
    start, _ = document.clause(mention.start, mention.end)
    said = re.search(rf"(?:{'|'.join(type_.verbs)})仪式[于在]?$", document.text[start : mention.start])
    if not held or not said:
        return []
    return [Found(type_, start + said.start(), mention.end + held.end(), date=mention.iso)]
