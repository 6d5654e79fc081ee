"""Who a number is about: the nearest mention of a fitting kind, as the discourse has it.

A type says which kinds of subject it takes, the best first. For each of these in turn: a name inside the
quote, the last mention before it in its sentence, a station named after it in its sentence (投入14万元,打造的…
服务站), the name that heads its clause, then the last mention in earlier sentences. Where nothing is named, the
bare word itself is the subject. What a mention is, mentions.py says.
"""

import re
from dataclasses import replace

from archive.facts.document import Document
from archive.facts.propose.mentions import STATION_WORDS, WIDE, Mention
from archive.facts.propose.names import UNNAMED, Name

_BARE = re.compile(
    rf"(?P<station>{STATION_WORDS}|“[^”]{{2,6}}中心”|(?<=级)中心|(?<=每个)中心|服务站|服务中心)|(?P<estate>小区)|(?P<community>社区|(?<![农乡])村)|(?P<town>街道|(?<![城乡])镇)"
    r"|(?P<city>全市)|(?P<district>全[区县])"
)
_THIS = re.compile(r"[“\"]?(?:[这该本其]|我们|中心|小区|社区)")
_SOMEBODY = re.compile(r"[一某][家名位些]|某|的|[一-鿿]{0,6}(?:公司|企业|银行|协会|集团|医院|学校)")  # 云泽市一家超市
_DIGIT = re.compile(r"\d")
_FAR = 300  # characters back to a subject; beyond that nobody would take them together
_LONG = 600  # characters of a sentence that are looked at on either side of a number

Wanted = tuple[frozenset[str], ...]


def of(
    document: Document,
    start: int,
    end: int,
    wanted: Wanted,
    before: tuple[Name, int] | None = None,
    owned: bool = False,
) -> Name | None:
    """The subject of a statement at `start`..`end`, None where no name of a wanted kind is near enough.

    `before` is the subject of the statement before and where that one ends: statements of one sentence share
    their subject until another is named. `owned`: the statement begins with a noun that belongs to whoever is named
    right before it (双溪村占地3600亩).
    """
    sentence_start, sentence_end = document.sentence(start)
    sentence_start, sentence_end = max(sentence_start, start - _LONG), min(sentence_end, end + _LONG)
    around = document.mentions.within(min(sentence_start, start - _FAR) - 30, sentence_end)
    if owned:
        named = [m for m in around if not m.tells and any(m.name.kind in kinds for kinds in wanted)]
        owner = [m for m in named if _is_cut(m, start, end)] or [m for m in named if m.end == start]
        if owner:
            return owner[-1].name
    if before and wanted and before[0].kind in wanted[0] and sentence_start <= before[1] <= start:
        between = [m for m in around if before[1] <= m.start and m.end <= end and m.name.kind in wanted[0]]
        if not between:
            return before[0]
    text = document.text  # 宝庆社区等10个社区 are not 宝庆社区's
    heads = _heads(document, around, start, end, wanted)
    earlier: Mention | None = None
    for kinds in wanted:
        fitting = [m for m in around if m.name.kind in kinds and not m.tells and text[m.end : start] != "等"]
        ahead = [m for m in fitting if m.start >= end and m.end <= sentence_end and m.name.kind == "station"]
        ahead = [m for m in ahead if not _DIGIT.search(document.text, end, m.start)]  # another number comes first
        inside = [m for m in fitting if (start <= m.start and m.end <= end) or _is_cut(m, start, end)]
        here = [m for m in fitting if m.end <= start and m.start >= sentence_start]
        for nearest in (inside[:1], here[-1:], ahead[:1], heads[:1]):
            if nearest:
                return nearest[0].name
        earlier = earlier or next(iter(_near(document, fitting, start, kinds)), None)
    here = [m for m in around if sentence_start <= m.start and m.end <= start]
    bare = _unnamed(document, start, wanted)
    if here and _is_of_another(document, here, sentence_start):
        earlier = earlier if earlier and (earlier.name.kind in WIDE or earlier.start >= sentence_start) else None
        bare = bare if bare and bare.start >= sentence_start else None
    if earlier:
        return earlier.name
    after = [m for m in around if end <= m.start and m.end <= sentence_end and any(m.name.kind in k for k in wanted)]
    return bare or (after[0].name if after else None)


def _is_of_another(document: Document, here: list[Mention], sentence: int) -> bool:
    """Whether a sentence has a subject of its own, so that the place named in an earlier one cannot be meant: a wider
    place (舒兰市…,人口60多万), or something without a kind that stands somewhere (世昌堂位于白鹭村,占地400平方米)."""
    last = here[-1]
    wide = last.name.kind in WIDE and not last.tells and not _SOMEBODY.match(document.text, last.end)
    unknown = here[0].tells and not _THIS.match(document.text, sentence)
    return wide or unknown


def _is_cut(mention: Mention, start: int, end: int) -> bool:
    """Whether a quote begins inside a station's name: 臻锦园小区|党群服务站面积90平方米."""
    return mention.name.kind == "station" and mention.start < start < mention.end <= end


def _near(document: Document, fitting: list[Mention], start: int, kinds: frozenset[str]) -> list[Mention]:
    """The last mention before a position, in earlier sentences too; cities and districts however far."""
    if not kinds - WIDE:
        return [m for m in document.mentions.wide_before(start) if m.name.kind in kinds and not m.listed][:1]
    near = [m for m in fitting if m.end <= start <= m.end + _FAR and not m.listed]
    return ([m for m in near if m.is_named] or near)[-1:]


def _heads(document: Document, around: list[Mention], start: int, end: int, wanted: Wanted) -> list[Mention]:
    """The name that heads the number's own clause (望潭区青萝街道|锦帆社区 is headed by the last of them)."""
    at, _ = document.clause(start, end)
    head: list[Mention] = []
    while following := [m for m in around if m.start == at and m.end <= start and m.end > at]:
        head = following[-1:]
        at = head[0].end
    return [m for m in head if any(m.name.kind in kinds for kinds in wanted)]


def _unnamed(document: Document, start: int, wanted: Wanted) -> Name | None:
    """The bare word (社区, 街道) that a text without a name speaks of: the last that heads a clause before the number."""
    sentence, _ = document.sentence(start)
    words = [
        Name(match.start(), match.end(), match.lastgroup or "", match[0])
        for match in _BARE.finditer(document.text, max(0, start - _FAR), start)
    ]
    for kinds in wanted:
        heads = [
            word
            for word in words
            if word.kind in kinds
            and (
                word.start == 0
                or document.text[word.start - 1] in ",。;:!?\n我本该"
                or (word.kind == "station" and word.start >= sentence)
            )
        ]
        if heads:
            return replace(heads[-1], kind=UNNAMED)
    return None
