"""Named places and bodies in running text: 东方名苑臻锦园小区党群服务站, 云盘社区, 宝塔街道.

No list holds the names of 小区 and stations, so grammar finds them: a chunk of text between function words
is cut after each kind word (…街道|…社区|…小区|…党群服务站), and a station takes the place before it into its
name. Positions refer to folded text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.places import gazetteer
from archive.places.divisions import codes_of
from archive.plugins import words

# Kind -> the words that end a name of that kind. Order is the order of places, smallest first.
KINDS: dict[str, tuple[str, ...]] = {
    "station": (
        "党群服务活动中心", "党群活动服务中心", "党群服务中心", "党群服务站", "党群服务驿站", "党群服务点", "党群活动中心", "党群活动站", "党群驿站",
        "社区服务中心", "社区服务站", "党员服务中心", "党员服务站", "公共服务中心", "便民服务中心", "党建服务站",
        *words("stations"),
    ),
    "team": ("志愿服务队", "志愿者服务队", "志愿服务协会", "志愿者协会", "志愿队"),
    "estate": ("小区", "家属院", "片区"),
    "community": ("社区", "居民委员会", "村"),
    "town": ("街道办事处", "街道", "镇", "乡", "办事处"),
    "district": ("开发区", "高新区", "新区", "区", "县"),
    "city": ("市",),
    "province": ("省", "自治区"),
}  # fmt: skip

_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}
# A kind word of one character may be the start of another word: 乡村, 市场, 区域, 村民.
_NOT_HERE = {
    "乡": "村亲镇土情音愁贤友", "市": "场民政容值级直内辖", "县": "级城域内", "区": "域间别块级内位", "镇": "定静压域级",
    "村": "庄民落容貌史寨医官居级", "省": "级内",
}  # fmt: skip
_WORDS = "|".join(
    word + (f"(?![{_NOT_HERE[word]}])" if word in _NOT_HERE else "") for word in sorted(_KIND_OF, key=len, reverse=True)
)
_WORD = re.compile(_WORDS)
_PIECE = re.compile(rf"(?P<name>[^\s]{{0,14}}?)(?P<word>{_WORDS})")

# Where a name cannot go on: punctuation and the words between names.
_BREAK = re.compile(
    r"[^一-鿿㐀-䶿\w“”\"·]+"
    r"|着力|打造|建设|支持|建成|建起|新建|改建|改造(?=成|为|提升)|提升|提档|谈起|谈到|说起|说到|讲起|聊起|提到|创建|成立|成为|成功|位于|坐落|座落|地处|走进|来到|走访|前往|针对|围绕|依托|通过"
    r"|组织|开展|举办|举行|召开|联合|会同|邀请|带领|推动|推进|指导|帮助|服务于|覆盖|涉及|包括|包含|隶属|属于|下辖|管辖|辖区"
    r"|改扩建|扩建|慰问|集中|捐赠|转赠|赠送|送到|发放|荣获|组建|吸纳|实现|新增|困扰|引导|当选|还向|年前|协助|毗邻|其中|目前|现有|共有|拥有|设有|设立|作为|根据|按照|为了|由于|以及|还有|正在|已经|记者|近日|日前|今年|去年|当天|日上午|日下午|上午|下午"
    r"|(?:(?<=社区|小区|街道|物业|党员|居民|群众|单位|干部|中心)|(?<=[镇乡县市区村站会户组线品]))[和与及同]|(?<=[民员众人站者们业司校会师长士生客友队院店厂团])向|如今|现在|过去|当时|此前|随后|同时|同日"
    r"|网友|网传|谣传|据传|据说|听说|比起|相比|紧邻|称(?!号)"
    r"|吸引|众多|整合|树立|发挥|打通|改成|承接|盘活|并入|联系|一再|解决|投入|选中|拉来|管着|眼下|先后|最早|据了解|据介绍|融入|深入|下沉|划作|借自|向(?=小区|社区|居民|党员|群众|全|上级)"
    r"|[的了在到由从为是将把被对于让给以该本各全此这那某每个着离却据靠找也又才等它他她]|\d+|有(?!限)"
)
# Words that no name of a 小区 or 社区 holds: the grammar has run into a clause.
_NO_NAME = re.compile(
    r"老旧$|提起|提醒|人民政府|优秀|一届|积极|搭建|率先|实施|补齐|公司|^[们委]|最后|和谐|共建|计算|重点|小康|平均|(?:院|中心|站|校|部门|单位|企业|街道|小区|社区)[和与及]$|党支部|党组织|党委|书记|党员|居民|业主|群众|市民|农民|干部|企业|单位|学校|医院|老年|青年|志愿|人口|患者|团队"
    r"|活动|服务|工作|生活|就业|疫情|防控|养老|居家|发展|治理|改造|办法|主动|广场|文明|元投|一站|进小"
    r"|加强|推广|协调|构建|增加|减少|奔赴|坚守|直接|送至|看来|希望|建立|进入|全力|支持|参与|保障|提升|完善|优化"
    r"|关爱|走出|离开|回到|家住|住在|搬进|入住|开始|结合|关闭|封闭|排查|选聘|讲述|捐赠|自编|动员|带动|促进|深化"
    r"|负责|担任|上报|采取|立刻|经营|不用|洗漱|精品|千万|一些|许多|很多|不少|其他|有关|相关|所有|整个|全国|世界|国际|中国|我国|特色|田园|海外|籍"
)
# Kind words that are only half of another word.
_FALSE_WORD = re.compile(
    r"(?:辖|城|园|景|校|战|地|库|驻|住宅|功能|示范|活动|阅读|休闲|阅览|服务|展示|办公|娱乐|培训教育|平台|游乐)区$"
    r"|^(?:老|山|矿|郊|市|灾|牧|林|特|军|厂|街|分|农|病|台|院|疫|红|全)区$"
    r"|(?:农|乡|本|全|各|新|同|邻|驻|扶贫|脱贫|强|美丽乡|山|城中|行政|自然)村$|(?:城|市|超|股|都|全|本|地级|县级)市$|(?:城|乡|小|重|全|古|本)镇$"
    r"|(?:城|全|本|各|郊|邻|贫困)县$|(?:老|下|返|家|故|还|入|城|回|之)乡$|缓冲区$|(?:全|各|外|本)省$|(?:节|反)省$"
)
# Names that name nothing: 城市社区, 老旧小区, 示范小区.
_GENERIC = re.compile(
    r"^(?:[我你贵该]|居住地|户籍地|新型|单体|开放式|党建引领|非商业|商业|不出|走出|走进|深入|近|超|数|上|[零一二两三四五六七八九十百千万几余多]+(?=[名个户位家座])|多名|城市|农村|弃管|绿色|智慧|居民|老旧|旧|示范|标杆|试点|住宅|安置房?|商品房|各级|级|多个|几个|个|名|户|处|座|所|首批|一批|部分|全部|多数"
    r"|高标准|标准化|一流|我们|咱们|他们|同|无物业|开放式|新|老|大|小|智慧|红色|和谐|文明|平安|美丽|所属|下属|辖内|周边|附近|基层|综合|便民|村级|镇级|街级"
    r"|级党群|个人|区级|市级|县级|街道级|物业|有条件|重点|代表|党员|群众)*$"
)  # Words that run into a name and are cut off where the text has the name without them.
_LEAD = re.compile(r"向|原|据|像|便|即|而|但|则|还|更|来自|走出|就是|正是|[一-鿿]{1,6}[和与及同]")


OTHER = "other"  # the kind of a name whose words do not show it
UNNAMED = "unnamed"  # the kind of a bare word (社区): it is no station or place of its own
_ENDING = re.compile(
    rf"(?:{'|'.join(sorted(_KIND_OF, key=len, reverse=True))}|(?:党群|党员|党建|邻里)[一-鿿]{{0,6}}(?:中心|站|点|阵地))$"
)
_BARE = re.compile(r"(?:我们|咱们|这个|那个|[该本全我各这新])?(?:城市|老旧)?")
_AROUND = re.compile(r"[^一-鿿㐀-䶿\w]")
_LONG_NAME = 4  # characters: a longer name of a city or district is in the list or is none (隔壁老哥常跑市)
_SLOGAN = re.compile(r"“[一-鿿]{2,6}(?:社区|小区)[一-鿿]{2,8}”")  # “书香社区有你有我” names no community


@dataclass(frozen=True)
class Name:
    """A named place or body: `start`..`end` of its name in folded text; `parts` are the spans of a name that the
    text writes in pieces (望潭小区 … 党群服务站)."""

    start: int
    end: int
    kind: str
    text: str
    parts: tuple[tuple[int, int], ...] = ()


def find(text: str) -> list[Name]:
    """All names of folded text in order of appearance; a name may be inside a longer one."""
    places = gazetteer.find(text, lambda position: _begins(text, position))
    listed = [(Name(p.start, p.end, p.kind, text[p.start : p.end]), p.loose) for p in places]
    found: list[Name] = []
    at, before = 0, None
    for name in (name for name, loose in listed if not loose):
        found.extend(_between(text, at, name.start, before))
        found.append(name)
        at, before = name.end, name
    found.extend(_between(text, at, len(text), before))
    found = [name for name in _trimmed(found) if not _SLOGAN.match(text, name.start - 1)]
    taken = bytearray(len(text))
    for name in found:
        taken[name.start : name.end] = b"\x01" * (name.end - name.start)
    found.extend(name for name, loose in listed if loose and not any(taken[name.start : name.end]))
    return sorted(found, key=lambda name: (name.start, name.end))


def at(text: str, start: int, end: int, without_place: bool = False) -> Name:
    """The name in a span of folded text, whether the grammar finds it or not.

    Its kind follows from the list of divisions or from its last word; `UNNAMED` where it is a bare word (该社区), `OTHER`
    where no word shows it. `without_place` leaves out the provinces, cities and districts that it begins with
    (岳塘区|云峰社区). Blanks, punctuation and quotation marks around it are no part of it.
    """
    start, end = _stripped(text, start, end)
    places = gazetteer.find(text[start:end], lambda position: position == 0)
    if without_place:
        for place in places:
            if place.start == 0 and place.end < end - start and not place.loose:
                return at(text, start + place.end, end, without_place)
    words = text[start:end]
    for place in places[-1:]:
        if place.end == len(words) and (not place.loose or place.start == 0):
            return Name(start, end, place.kind, words)
    ending = _ENDING.search(words)
    if not ending:
        return Name(start, end, OTHER, words)
    bare = _BARE.fullmatch(words[: ending.start()]) is not None
    return Name(start, end, UNNAMED if bare else _KIND_OF.get(ending[0], "station"), words)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and _AROUND.match(text[start]):
        start += 1
    while start < end and _AROUND.match(text[end - 1]):
        end -= 1
    return start, end


def _begins(text: str, position: int) -> bool:
    """Whether a name can begin at a position: at the head of a text or behind a break."""
    return position == 0 or any(gap.end() == position for gap in _BREAK.finditer(text, max(0, position - 6), position))


def _between(text: str, start: int, end: int, before: Name | None) -> Iterator[Name]:
    """The names that grammar finds between two places of the list; `before` is the one that ends at `start`."""
    at = start
    for gap in [*_BREAK.finditer(text, start, end), None]:
        stop = gap.start() if gap else end
        if stop > at and _WORD.search(text, at, stop):
            yield from _cut(text, at, stop, before if at == start else None)
        at = gap.end() if gap else at


def _trimmed(found: list[Name]) -> list[Name]:
    """向喆园小区 is 喆园小区 where the text has that too: a word of the clause is no part of the name."""
    known = {name.text for name in found}
    trimmed = []
    for name in found:
        match = _LEAD.match(name.text)
        cut = match.end() if match and name.text[match.end() :] in known else 0
        trimmed.append(Name(name.start + cut, name.end, name.kind, name.text[cut:]))
    return trimmed


def _cut(text: str, start: int, end: int, before: Name | None) -> list[Name]:
    """The names of a chunk; `before` is the name that ends where it begins."""
    names: list[Name] = []
    for piece in _PIECE.finditer(text, start, end):
        kind, name = _KIND_OF[piece["word"]], _after_quotation(piece["name"])
        if _FALSE_WORD.search(piece[0]):
            before = None
            continue
        at = piece.start() + len(piece["name"]) - len(name)
        if re.search(r"[\d余多一两三四五六七八九十百千万][个处所家座]$", text[max(0, at - 2) : at]):
            before = None  # 9个沿湖党群服务驿站: counted, not named
            continue
        adjoins = before is not None and before.end == piece.start()
        if (
            kind == "station"
            and adjoins
            and before is not None
            and before.kind in ("estate", "community", "town", "district")
        ):
            at, name = before.start, before.text + name  # 臻锦园小区 + 党群服务站
        elif not name and adjoins and before is not None and kind in ("town", "estate") and before.kind != "city":
            at, name = before.start, before.text  # 南区 + 街道
        if _names_nothing(name, kind):
            before = None
            continue
        before = Name(at, piece.end(), kind, text[at : piece.end()])
        names.append(before)
    return names


def _after_quotation(name: str) -> str:
    """我爱湘潭我的家”岳塘区: the name begins after the quotation that ends in the chunk."""
    closed = max(name.rfind("”"), name.rfind('"'))
    return name[closed + 1 :] if closed >= 0 and "“" not in name[: closed + 1] else name.lstrip('“"')


def _names_nothing(name: str, kind: str) -> bool:
    short = len(name) < (1 if kind in ("city", "district") else 2)
    long = len(name) > (12 if kind in ("station", "estate", "community") else 6)
    if kind in ("estate", "community", "town") and "“" in name:
        return True  # 深耕“红色物业进小区”: a slogan
    if short or long or _GENERIC.match(name):
        return True
    if kind in ("district", "city") and len(name) > _LONG_NAME:
        return not name.endswith(("自治", "经济技术", "高新技术", "经济", "产业"))
    clause = kind != "station" and _NO_NAME.search(name)
    return bool(clause) and not (
        kind == "community" and any(codes_of(name + word) for word in ("村", "社区"))
    )  # 田园村
