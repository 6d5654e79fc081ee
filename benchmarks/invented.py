"""An invented world with known facts: places, events, and how outlets report them, with every fact that they state.

The sentences were written without running the extractor. They follow local news, each in several phrasings and number
styles, among sentences that state nothing. Pages come in five layouts and two charsets.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

_ESTATES = "锦帆 青禾 望江 松涛 云溪 白鹭 紫荆 海棠 金穗 长青 玉兰 翠屏 芙蓉 桂苑 映月 枫林 兰亭 月湖 石桥 银杏 丁香 和畅 梧桐 雅居 听雨 晴川 竹海 橘洲 柳岸 荷塘".split()
_TOWNS = "澄浦 青萝 松岭 云台 河东 南塘 北苑 东郊".split()
_DISTRICTS = ("望潭区", "芷岸区")
_FIRMS = "永泰建材有限公司 嘉禾食品公司 远山科技公司 同心商会 安居物业公司".split()
_GOODS = (("图书", "册"), ("口罩", "只"), ("棉被", "床"), ("大米", "袋"), ("轮椅", "台"))
_HAN = "零一二三四五六七八九"
_ROOMS = "图书室 舞蹈室 党员活动室 调解室 儿童托管室 健身房 老年食堂 心理咨询室 会议室 书画室".split()


@dataclass(frozen=True)
class Stated:
    """A fact that an article states."""

    type: str
    subject: str
    value: float | None
    approx: str = "exact"
    qualifier: str = ""
    date: str = ""


@dataclass
class Community:
    """A community with its station. Its numbers change with time."""

    name: str
    station: str
    town: str
    district: str
    now: dict[str, int] = field(default_factory=dict)


@dataclass
class InventedArticle:
    """An article: its address (path), title, day, paragraphs, and what it states."""

    path: str
    title: str
    day: date
    paragraphs: list[str]
    facts: list[Stated]
    layout: int = 0


# Numbers as they are written


def number(value: int, chance: random.Random) -> tuple[str, int, str]:
    """A way of writing about `value`: (words, the number that they state, approx)."""
    style = chance.randrange(10)
    if style == 0 and value >= 1000:
        return f"{value:,}", value, "exact"
    if style == 1:
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value)), value, "exact"
    if style == 2 and 10 < value < 100:
        tens, ones = divmod(value, 10)
        return f"{_HAN[tens] if tens > 1 else ''}十{_HAN[ones] if ones else ''}", value, "exact"
    if style == 3 and value > 50:
        rounded = value // 10 * 10
        return f"{rounded}{chance.choice('余多')}", rounded, "more_than"
    if style == 4 and value > 50:
        rounded = value // 10 * 10
        return f"{chance.choice(('近', '将近'))}{rounded}", rounded, "nearly"
    if style == 5 and value > 50:
        rounded = value // 10 * 10
        return f"{chance.choice(('约', '大约'))}{rounded}", rounded, "about"
    if style == 6 and value >= 10_000:
        rounded = value // 1000 * 1000
        return f"{rounded / 10_000:g}万", rounded, "exact"
    return str(value), value, "exact"


def money(value: int, chance: random.Random) -> tuple[str, int, str]:
    """The same for an amount in yuan, with the unit."""
    style = chance.randrange(5)
    if style == 0:
        return f"{value * 10_000}元", value * 10_000, "exact"
    if style == 1:
        return f"{value}余万元", value * 10_000, "more_than"
    if style == 2:
        return f"{value}.5万元", value * 10_000 + 5000, "exact"
    return f"{value}万元", value * 10_000, "exact"


# What outlets report. Each reporter writes the sentences of one paragraph, and adds the facts that they state.

Reporter = Callable[[Community, date, random.Random, list[Stated]], str]


def _state(
    chance: random.Random,
    facts: list[Stated],
    subject: str,
    type_: str,
    value: int,
    shapes: tuple[str, ...],
    **more: str,
) -> str:
    words, stated, approx = number(value, chance)
    facts.append(Stated(type_, subject, stated, approx, **more))
    return chance.choice(shapes).format(words)


def profile(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """Who lives there."""
    pieces = [
        _state(chance, facts, of.name, "households", of.now["households"], ("居民{}户", "住户{}户", "{}户居民")),
        _state(chance, facts, of.name, "residents", of.now["residents"], ("常住人口{}人", "总人口{}人", "居民{}人", "辖区人口{}人")),
        _state(chance, facts, of.name, "buildings", of.now["buildings"], ("楼栋{}栋", "住宅楼{}栋", "{}栋居民楼")),
    ]  # fmt: skip
    pieces = chance.sample(pieces, 3)
    opening = chance.choice(
        (
            f"{of.name}地处{of.town}中心，现有",
            f"据了解，{of.name}有",
            f"记者了解到，{of.name}共有",
            f"走进{of.town}{of.name}，这里有",
        )
    )
    return opening + "、".join(pieces) + "。"


def party(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """Its party body."""
    members = _state(
        chance,
        facts,
        of.name,
        "party_members",
        of.now["party_members"],
        ("党员{}名", "{}名党员", "党员{}人", "在册党员{}名"),
    )
    if "在册" in members:
        facts[-1] = Stated(**vars(facts[-1]) | {"qualifier": "registered"})
    branches = _state(chance, facts, of.name, "party_branches", of.now["party_branches"], ("{}个党支部", "党支部{}个"))
    return chance.choice(
        (
            f"{of.name}党委下辖{branches}，共有{members}。",
            f"目前，{of.name}设{branches}，有{members}。",
            f"“我们社区有{branches}，{members}。”{of.name}党委书记周明说。",
        )
    )


def opening(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """The station opens."""
    invested, sum_, approx = money(chance.randrange(20, 600), chance)
    facts.append(Stated("investment", of.station, sum_, approx))
    area = _state(
        chance,
        facts,
        of.station,
        "floor_area",
        chance.randrange(120, 3000),
        ("建筑面积{}平方米", "总建筑面积{}平方米", "面积{}平方米", "使用面积{}㎡"),
    )
    earlier = day - timedelta(days=chance.randrange(0, 4))
    facts.append(Stated("opened_on", of.station, None, date=earlier.isoformat()))
    rooms = "、".join(chance.sample(_ROOMS, 4))
    facts.append(Stated("facilities", of.station, None))
    when = f"{earlier.month}月{earlier.day}日"
    return chance.choice(
        (
            f"{when}，{of.district}{of.town}{of.station}正式揭牌。该站总投资{invested}，{area}，设有{rooms}等功能室。",
            f"{when}上午，{of.town}{of.station}揭牌启用。据介绍，站点投入资金{invested}，{area}，内设{rooms}。",
            f"{of.district}{of.town}{of.station}{when}正式投入使用。该项目投资{invested}建成，{area}，设置了{rooms}等。",
        )
    )


def activity(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """People come together."""
    who = chance.choice(("居民", "党员群众", "志愿者和居民", "群众"))
    people = _state(
        chance,
        facts,
        of.station,
        "participants",
        chance.randrange(20, 400),
        ("{}人", "{}名" + who) if who != "志愿者和居民" else ("{}人",),
    )
    what = chance.choice(
        ("“邻里百家宴”", "消防演练", "“红歌颂党恩”文艺汇演", "健康义诊", "“我们的节日·端午”包粽子比赛")
    )
    when = f"{day.month}月{day.day}日"
    return chance.choice(
        (
            f"{when}，{of.station}举办{what}活动，{people}参加。",
            f"近日，{of.station}组织开展{what}，吸引{people}参加。",
            f"{when}，{what}在{of.station}举行，共有{people}参与。",
        )
    )


def year(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """What was done in a year."""
    held = _state(
        chance,
        facts,
        of.station,
        "activities",
        chance.randrange(12, 400),
        ("开展各类活动{}场", "组织活动{}场次", "举办活动{}场", "开展志愿服务活动{}次"),
    )
    served = _state(
        chance,
        facts,
        of.station,
        "services",
        chance.randrange(800, 60_000),
        ("服务群众{}人次", "服务居民{}人次", "接待群众{}人次"),
    )
    solved = _state(
        chance,
        facts,
        of.station,
        "cases",
        chance.randrange(12, 500),
        ("解决群众诉求{}件", "化解矛盾纠纷{}起", "为居民解决难题{}个", "办结民生实事{}件"),
    )
    return (
        chance.choice(("今年以来，", "一年来，", "自启用以来，", "截至目前，"))
        + f"{of.station}"
        + f"{held}，{served}，{solved}"
        + "。"
    )


def team(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """Those who help."""
    return _state(
        chance, facts, of.name, "volunteers", chance.randrange(15, 600),
        (f"{of.name}组建了一支{{}}人的志愿服务队，", f"{of.name}现有注册志愿者{{}}名，", f"在{of.name}，{{}}名志愿者活跃在楼栋之间，"),
    ) + chance.choice(("谁家有困难都会搭把手。", "风雨无阻。", "成了居民身边的贴心人。"))  # fmt: skip


def grids(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """How it is divided."""
    return _state(
        chance, facts, of.name, "grids", of.now["grids"],
        (f"{of.name}将辖区划分为{{}}个网格，", f"{of.name}共划分{{}}个网格，", f"依托{{}}个网格，{of.name}"),
    ) + chance.choice(("把服务送到居民家门口。", "做到小事不出网格。"))  # fmt: skip


def gift(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """A donation."""
    firm = chance.choice(_FIRMS)
    if chance.random() < 0.5:
        words, value, approx = money(chance.randrange(1, 40), chance)
        facts.append(Stated("donation_money", of.station, value, approx))
        return chance.choice(
            (
                f"{firm}向{of.station}捐款{words}。",
                f"{firm}为{of.station}捐赠资金{words}。",
                f"活动现场，{firm}向{of.station}捐赠{words}。",
            )
        )
    goods, unit = chance.choice(_GOODS)
    words, value, approx = number(chance.randrange(20, 900), chance)
    facts.append(Stated("donation_goods", of.station, value, approx, goods))
    return chance.choice(
        (f"{firm}向{of.station}捐赠{goods}{words}{unit}。", f"{firm}为{of.station}捐赠了{words}{unit}{goods}。")
    )


def nothing(of: Community, day: date, chance: random.Random, facts: list[Stated]) -> str:
    """Sentences without a fact that is wanted: ages, shares, prices, thresholds, phones, services by name."""
    return chance.choice(
        (
            "按照要求，社区综合服务设施面积应不少于500平方米，每百户居民拥有面积不低于30平方米。",
            f"“{chance.randrange(61, 90)}岁了，能在家门口吃上{chance.randrange(6, 18)}元一份的热饭，真好。”居民陈秀兰笑着说。",
            f"群众满意率达{chance.randrange(90, 100)}.{chance.randrange(10)}%，“15分钟党建服务圈”越来越实。",
            f"服务热线：0731-{chance.randrange(20000000, 89999999)}，每天8:30至21:00开放。",
            "落实“三会一课”制度，学习贯彻党的二十大精神，推行“1+5+N”工作法。",
            f"小区建于{chance.randrange(1985, 2012)}年，因年代久远，曾经管道老化、路灯不亮。",
            "下一步，将继续聚焦群众的急难愁盼，把服务做得更细更实。",
            "从第1网格走到第6网格，第一书记李建国一走就是大半天。",
        )
    )


_REPORTERS: tuple[Reporter, ...] = (profile, party, opening, activity, year, team, grids, gift)


class World:
    """Communities, and the articles that outlets publish about them; the same seed makes the same world."""

    def __init__(self, seed: int, communities: int = 30) -> None:
        self.chance = random.Random(seed)
        self.communities = [self._community(n) for n in range(communities)]
        self.count = 0

    def _community(self, number: int) -> Community:
        chance = self.chance
        stem = _ESTATES[number % len(_ESTATES)] + (
            "" if number < len(_ESTATES) else "东南西北"[number // len(_ESTATES) - 1]
        )
        town = f"{_TOWNS[number % len(_TOWNS)]}街道"
        of = Community(f"{stem}社区", f"{stem}社区党群服务中心", town, _DISTRICTS[number % len(_TOWNS) % 2])
        of.now = {
            "households": chance.randrange(400, 6000), "residents": chance.randrange(1200, 20_000), "buildings": chance.randrange(8, 120),
            "party_members": chance.randrange(40, 600), "party_branches": chance.randrange(2, 14), "grids": chance.randrange(3, 20),
        }  # fmt: skip
        return of

    def article(self, day: date) -> InventedArticle:
        """A new article: two or three topics of one community, among sentences that state nothing."""
        chance = self.chance
        of = chance.choice(self.communities)
        for name in ("households", "residents", "party_members"):
            of.now[name] += chance.randrange(0, 9)
        facts: list[Stated] = []
        reporters: list[Reporter] = [*chance.sample(_REPORTERS, chance.choice((2, 2, 3))), nothing, nothing]
        chance.shuffle(reporters)
        paragraphs = [reporter(of, day, chance, facts) for reporter in reporters]
        lead = f"本网讯（记者 王小雨）在{of.district}{of.town}{of.name}，党群服务中心成了居民常去的地方。"
        self.count += 1
        path = f"/{day.year}/{day.month:02}/{day.day:02}/{100_000 + self.count}.html"
        title = chance.choice(
            (
                f"{of.name}：服务就在家门口",
                f"{of.town}{of.name}党群服务中心见闻",
                f"把事办到居民心坎上——{of.name}党建引领小记",
            )
        )
        return InventedArticle(
            path, f"{title}（{self.count}）", day, [lead, *paragraphs], facts, self.count % len(LAYOUTS)
        )


# Pages


def _article(article: InventedArticle, outlet: str) -> str:
    body = "".join(f"<p>　　{one}</p>" for one in article.paragraphs)
    return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{article.title}_{outlet}</title></head><body>
<nav><a href="/">首页</a><a href="/list.html">要闻</a></nav><main><article><h1>{article.title}</h1>
<div class="meta"><span>{article.day:%Y-%m-%d} 09:12</span><span>来源：{outlet}</span></div><div class="content">{body}</div></article></main>
<aside><h3>相关阅读</h3><a href="/old/1.html">某地投资900万元建成党群服务中心</a></aside><footer>备案号 湘ICP备08000012号</footer></body></html>"""


def _table(article: InventedArticle, outlet: str) -> str:
    body = "<br><br>".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{one}" for one in article.paragraphs)
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{article.title}--{outlet}</title></head><body>
<table width="960"><tr><td><a href="/">首页</a> &gt;&gt; 正文</td></tr><tr><td align="center"><b style="font-size:22px">{article.title}</b></td></tr>
<tr><td align="center">{outlet}　{article.day.year}年{article.day.month:02}月{article.day.day:02}日08:30</td></tr><tr><td class="p">{body}</td></tr></table>
<div>版权所有 {outlet} 未经授权禁止转载</div></body></html>"""


def _meta(article: InventedArticle, outlet: str) -> str:
    body = "".join(f"<p>{one}</p>" for one in article.paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{article.title}</title>
<meta name="ArticleTitle" content="{article.title}"><meta name="PubDate" content="{article.day:%Y-%m-%d} 10:05:00"><meta name="ContentSource" content="{outlet}">
</head><body><div class="header"><img src="/logo.png" alt="{outlet}"></div><h2 class="tit">{article.title}</h2>
<div class="info">发布时间：{article.day:%Y-%m-%d} 10:05 来源：{outlet} 浏览次数：1203次 字体：[大 中 小]</div><div class="TRS_Editor">{body}</div>
<div class="share">分享到：微信 微博</div></body></html>"""


def _paper(article: InventedArticle, outlet: str) -> str:
    body = "".join(f"<P>　　{one}</P>" for one in article.paragraphs)
    return f"""<html><head><meta charset="utf-8"><title>{article.title}-{outlet}</title></head><body><div class="date">{article.day.year}年{article.day.month}月{article.day.day}日 星期{"一二三四五六日"[article.day.weekday()]} {outlet}</div>
<div class="left"><a href="node_2.htm">第02版：要闻</a><a href="node_3.htm">第03版：民生</a></div><founder-content></founder-content>
<h1>{article.title}</h1><h4></h4><div id="ozoom">{body}</div><div><a href="#">上一篇</a><a href="#">下一篇</a></div></body></html>"""


def _modern(article: InventedArticle, outlet: str) -> str:
    body = "".join(f"<section><span>{one}</span></section>" for one in article.paragraphs)
    return f"""<!doctype html><html><head><meta charset="UTF-8"><meta property="og:title" content="{article.title}">
<meta property="article:published_time" content="{article.day:%Y-%m-%d}T07:45:00+08:00"><title>{article.title}</title></head><body><div id="page">
<h1 class="article-title">{article.title}</h1><p class="sub"><em>{outlet}</em> <time>{article.day:%Y-%m-%d} 07:45</time></p><div class="rich-text">{body}</div>
<ul class="hot"><li>热榜：一小区3栋楼加装电梯</li><li>本市新增口袋公园12个</li></ul></div></body></html>"""


LAYOUTS = (_article, _table, _meta, _paper, _modern)


def page(article: InventedArticle, outlet: str) -> bytes:
    """An article as the bytes that its outlet sends."""
    shape = LAYOUTS[article.layout]
    return shape(article, outlet).encode("gb18030" if shape is _table else "utf-8")
