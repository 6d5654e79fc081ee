"""Shape `count`: a number with a measure word that counts a noun (党员36名, 36名党员) or is enough alone (2276户)."""

import re
from functools import cache

from archive.facts.document import Document
from archive.facts.propose.quantities import MEASURES, Quantity
from archive.facts.shapes.found import Found, qualifier_of
from archive.facts.shapes.shared import find_shared
from archive.facts.types import FactType

# Between a noun and its number: 党员有173人, 党支部共29个, 小区33个.
_LINK = (
    r"(?:\s|总人数|人数|总数|数量|总量|数|面积|共计|合计|总计|累计|共有|共|现有|已有|拥有|还有|有|已达到|达到了|达到|已达|达|扩至|增至"
    r"|办了|开展了|举办了|举行了|为|计|约|的|就|已|虽然|虽|足|只|仅|是|则|也|在|扩|合|[:(]"
    r"|[由从][^,。;]{0,14}(?:扩大|扩展|扩充|扩|增加|增长|拓展|提升|壮大|发展|增)(?:[到至](?:如今|现在|目前)?的?)"
    r"|(?:扩大|扩展|扩充|增加|增长|拓展|壮大|发展|调整)(?:到|至|为)了?)*"
)
# Between a number and its noun: only what can modify it, never a verb.
_VERB = (
    r"打造|建设|建成|建立|建起|成立|开展|组织|发出|来自|参加|参与|服务[前于]|深入|联合|为|与|和|在(?!职|册|校)|到|从|中(?![心共])|对|将|已|有|是|了"
    r"|把|被|着"
)
_MODIFIER = rf"(?:(?!{_VERB})[一-鿿“”A-Za-z+]){{0,10}}?"
_STANDING = re.compile(
    r"现有|共有|拥有|共|有|登记|在册|在职|辖|达|(?:总数|数量|调整|合并|整合|划分|细分|优化|分设)为|报到|直管|常住|管理|管着|管辖|下辖|覆盖|设|划分|分成|分为|分到|建成|建立|成立|全|各|带动|依托|等$"
    r"|服务着|住着|生活着|(?:居民|住户|村民)$"
)
_ASIDE = re.compile(r"^\([^)]{1,8}\)")  # 894个小区(网格)党组织
_THING = re.compile(r"的[^,。;、]{1,16}")
_HOUSED = re.compile(r"中心|[站点楼院]|阵地|场所|用房|社区|小区|街道|[村镇乡]|之家|空间|综合体|驿|场地|地方|屋|房")
_THERE_ARE = re.compile(r"(?:^|就|先后|便|还|[^一-鿿])有(?:约|近|超过?|逾)?$")
_DOING = re.compile(r"的?(?:居民|业主|住户|村民|群众|党员|家庭)(?!居住|生活|常住|入住|住在|住着|以上|以下)[一-鿿]")
_DONE = re.compile(r"累计|已|共|以来|期间|年来|[年月]间|[年月]里|总计")
_HOLDER = re.compile(r"(?:社区|小区|街道|镇|村|委员会)$")  # 第四居民委员会6个网格
_OF_PLACES = frozenset("个栋幢")  # a place has these, and only these need no word that says so
_BEFORE = 30  # characters before a number in which its verb may stand
_AROUND = 150  # characters before a number in which its topic may be named
_LIST_GOES_ON = re.compile(r"(?:居民|住户|村民)?[,、]")
_WHO = re.compile(r"^(?:居民|住户|村民)")
_ENDS_HERE = re.compile(r"^(?:之间)?(?:[,。;、!)]|$)")
# Behind 党支部29个 nothing more is counted; in 社区的16个党支部 the noun comes after.
_NO_NOUN = re.compile(r"^(?:之间|[,。;、!?()\s\d]|$|[和及与的在])")


def find_counts(document: Document, types: list[FactType]) -> list[Found]:
    """Give every quantity of the document to the first type that it fits."""
    matched: list[tuple[Quantity, Found | None]] = []
    previous: Found | None = None
    fitting = _by_measure(tuple(types))
    for quantity in document.quantities:
        candidates = fitting.get(quantity.measure, ())
        previous = next((f for t in candidates if (f := _match(document, quantity, t, previous))), None)
        matched.append((quantity, previous))
    return [found for _, found in matched if found] + find_shared(document, matched, types)


@cache
def _by_measure(types: tuple[FactType, ...]) -> dict[str, tuple[FactType, ...]]:
    """Measure word -> the types that may be counted by it, in the order in which they are tried."""
    words = {word for type_ in types for family in type_.measures for word in MEASURES[family]}
    return {
        word: tuple(t for t in types if word not in t.not_measures and any(word in MEASURES[f] for f in t.measures))
        for word in words
    }


def _match(document: Document, quantity: Quantity, type_: FactType, previous: Found | None) -> Found | None:
    text = document.text
    if type_.unit == "m2" and quantity.approx != "exact" and text.startswith(("以上的", "以下的"), quantity.end - 2):
        return None  # 500平方米以上的…达到77%: a class, not a size
    start, end = document.clause(quantity.start, quantity.end)
    before, after, clause = text[start : quantity.start], text[quantity.end : end], text[start:end]
    if type_.unit == "m2" and (thing := _THING.match(after)) and not _HOUSED.search(thing[0]):
        return None  # 占地20多亩的鱼塘
    said = clause.replace("将近", "")  # nearly, and nothing to come
    if any(word in said for word in type_.excludes) or _is_article(quantity, text, before, after):
        return None
    around = text[max(0, quantity.start - _AROUND) : min(document.sentence(quantity.start)[1], end + _AROUND)]
    if type_.topic and not any(word in around for word in type_.topic):
        return None
    span = _head(type_, quantity, before, after, text, previous)
    if span is None and previous and previous.type.id in type_.shares:
        joined = text[previous.end : quantity.start].strip(",、和及共约计合 ") == ""
        alone = _ENDS_HERE.match(after) or (
            joined and not after.startswith(type_.not_after) and "、" in text[previous.end : quantity.start]
        )
        span = (quantity.start, quantity.noun_end) if joined and alone else None
    if span is None or not _has_verb(type_, before, after):
        return None
    earlier = text[max(document.sentence(quantity.start)[0], start - _AROUND) : start]
    qualifier = qualifier_of(type_, text[span[0] : span[1]], clause, before, earlier)
    return Found.counted(type_, quantity, *span, qualifier)


def _head(
    type_: FactType, quantity: Quantity, before: str, after: str, text: str, previous: Found | None
) -> tuple[int, int] | None:
    """The span of noun and number together, None where the counted noun is another."""
    if type_.standing and _acts(before, after):
        return None
    if not type_.heads:
        if any(after.lstrip("的").startswith(word) for word in type_.not_after) or before.endswith(type_.not_before):
            return None
        if (
            quantity.measure in MEASURES["person"]
            and type_.served
            and not (_close(type_.served).search(before) and _DONE.search(before[-_BEFORE:]))
        ):
            return None
        if type_.standing and not (
            _ENDS_HERE.match(after)
            or _STANDING.search(before[-8:])
            or (previous and _goes_on(type_, previous, text[previous.end : quantity.start], _WHO.sub("", after)))
        ):
            return None  # 百余户居民把书送来: they act, nobody counts who lives there
        said = _lead(type_.verbs).search(before)  # 投入资金 + 14万元
        return quantity.start - (len(before) - said.start() if said else 0), quantity.noun_end
    ahead, behind = _patterns(type_.heads)
    match = behind.search(before)
    if match and _NO_NOUN.match(after) and not before[: match.start("head")].endswith(type_.not_before):
        needed = type_.requires.get(match["head"])
        if needed is None or needed == quantity.measure:
            return quantity.start - (len(before) - match.start("phrase")), quantity.end
    match = ahead.match(after)
    if (
        match
        and not match["modifier"].endswith(type_.not_before)
        and not (type_.unit == "m2" and "面积" in match["head"])
        and (quantity.measure not in type_.only or match["head"] in type_.only[quantity.measure])
    ):
        standing = (
            not type_.standing
            or _STANDING.search(before[-8:] + match["modifier"])
            or after[match.end() :] == "中"  # 29个小区党支部中,28个…
            or (quantity.measure in _OF_PLACES and _HOLDER.search(before))
            or (
                previous is not None
                and _goes_on(type_, previous, text[previous.end : quantity.start], after[match.end() :])
            )
        )
        if standing and not _ASIDE.sub("", after[match.end() :]).startswith(type_.not_after):
            return quantity.start, quantity.end + match.end()
    again = previous is not None and previous.type is type_ and _ENDS_HERE.match(after)
    if again and type_.repeats and (verb := re.search(rf"^(?:{'|'.join(type_.repeats)})(?:了|共)?$", before)):
        return quantity.start - (len(before) - verb.start()), quantity.end
    done = re.search(rf"(?:{'|'.join(type_.alone)})(?:了|共|各类)?$", before) if type_.alone else None
    if done and _ENDS_HERE.match(after):  # 解决45条: what was done is noun enough
        return quantity.start - (len(before) - done.start()), quantity.end
    return None


def _goes_on(type_: FactType, previous: Found, between: str, after: str) -> bool:
    """Whether a number goes on counting what the one before it began to count: 有1400多户居民, 130多名党员."""
    if previous.type is type_ and between in ("和", "、", "及"):
        return True
    return previous.type.standing and _LIST_GOES_ON.fullmatch(between) is not None and bool(_ENDS_HERE.match(after))


def _acts(before: str, after: str) -> bool:
    """Whether people are counted because they do something: 有213户居民签名, not 有213户居民."""
    return _THERE_ARE.search(before) is not None and _DOING.match(after) is not None


def _is_article(quantity: Quantity, text: str, before: str, after: str) -> bool:
    """Whether 一个 is the article of Chinese and counts nothing, as it does beside another number (一个…和两个…)."""
    if quantity.value != 1 or "一" not in text[quantity.start : quantity.end]:
        return False
    beside = re.match(rf"[^,。;]{{0,12}}[和、][两二三四五六七八九十\d]{{1,3}}{quantity.measure}", after)
    return not beside


@cache
def _patterns(heads: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A noun behind its number, and one before it."""
    nouns = "|".join(sorted(heads, key=len, reverse=True))
    return (
        re.compile(rf"的?(?P<modifier>{_MODIFIER})(?P<head>{nouns})"),
        re.compile(rf"(?P<phrase>(?:非?在册|流动|在职|直管|住宅|居民|小区|常住|注册)*(?P<head>{nouns}){_LINK})$"),
    )


@cache
def _lead(verbs: tuple[str, ...]) -> re.Pattern[str]:
    """The words right before a number that belong into its quote."""
    words = "|".join(sorted(verbs, key=len, reverse=True))
    return re.compile(rf"(?:{words})[^,。;、\d]{{0,6}}$" if words else r"(?:居民|住户|共)(?:共|有|约|计)*$")


@cache
def _close(verbs: tuple[str, ...]) -> re.Pattern[str]:
    """A verb right before a number, with nothing but its object between."""
    return re.compile(
        rf"(?:{'|'.join(verbs)})(?:了|各类|周边|辖区|居民|群众|市民|老年人|老人|村民|党员|孩子|儿童|学生|共计?|累计|已达?|达|超){{0,3}}$"
    )


def _has_verb(type_: FactType, before: str, after: str) -> bool:
    return not type_.verbs or any(verb in before[-_BEFORE:] or verb in after[:14] for verb in type_.verbs)
