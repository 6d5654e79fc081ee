"""What the tables that are given away hold: every column, in Chinese and English, and every fact type."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from archive.labels import APPROX, QUALIFIERS, UNITS

ColumnKind = Literal["string", "integer", "number", "boolean"]  # types of a Frictionless schema


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind, what it means, the SQL it comes from where that is not the column of the table's
    own name, and the column of TABLES (TABLE.COLUMN) whose values it has where it refers to another row."""

    name: str
    kind: ColumnKind
    zh: str
    en: str
    source: str = ""
    refers_to: str = ""


_ARTICLE = Column("article_id", "integer", "报道编号", "number of the article", refers_to="articles.id")
_STATION = Column("station_id", "integer", "站点编号", "number of the station", refers_to="stations.id")
# What facts and statements both have.
_ABOUT = (
    Column("type", "string", "事实类型", "fact type, see below"),
    Column("subject", "string", "主体", "who the number is about, as the text names it"),
)
_UNIT = (
    Column("value_high", "number", "数值上限", "upper end of a range"),
    Column("unit", "string", "单位", "unit, see below"),
)
_DETAILS = (
    Column("approx", "string", "约数", "whether the text says about, more than, less than, nearly"),
    Column("qualifier", "string", "限定", "what narrows the number; the goods of a donation"),
    Column("date", "string", "日期", "the date stated (ISO; --MM-DD where the year is open)"),
    Column("as_of", "string", "截至", "that date where its year is known; empty where the text states none"),
)
TABLES: dict[str, tuple[Column, ...]] = {
    "facts": (
        Column("id", "integer", "事实编号", "number of the fact in this snapshot"),
        *_ABOUT,
        Column("value", "number", "数值", "the number; where a person corrected it, the corrected one"),
        *_UNIT,
        Column("measure", "string", "量词", "the measure word as the text has it (册, 箱, 床); empty where it is the unit's own"),
        *_DETAILS,
        Column("reported_on", "string", "报道于", "the day on which the article appeared"),
        Column("quote", "string", "原文", "the exact words that say it"),
        Column("start", "integer", "起", "offset of the quote in the article's text, in characters"),
        Column("end", "integer", "止", "end of the quote", 'facts."end"'),
        _ARTICLE,
        replace(_STATION, source="statement_facts.station_id"),
        Column("story", "integer", "报道簇", "the likely original of the article's reprint cluster, else the article", "statement_facts.story", "articles.id"),
        Column("statement", "integer", "说法", "number of the fact that counts for the statement that this one makes; to add up facts, take the table statements", "statement_facts.statement", "facts.id"),
        Column("current", "boolean", "现行", "whether the latest version of the article says it"),
        Column("donor", "string", "捐赠方", "who gave"),
        Column("recipient", "string", "受赠方", "who got"),
        Column("repaired", "boolean", "修复", "damage within the quote was repaired to read it"),
        Column("probability", "integer", "把握", "how sure the program is of type and value, in thousandths; empty where rules decided"),
        Column("subject_probability", "integer", "主体把握", "how sure it is of the subject, in thousandths"),
        Column("review", "string", "复核", "what a person decided about the statement, here or in a reprint: confirm or correct; empty where nobody has. What was rejected is no fact"),
        Column("reviewed_value", "number", "复核值", "the number after review; empty where nobody reviewed it"),
        Column("extracted", "string", "程序所读", "what the program extracted where people decided otherwise (JSON: column, value)"),
        Column("evidence", "string", "证据键", "key of the statement, the same in every snapshot; its page is /fact/KEY"),
        Column("article_key", "string", "报道键", "key of the article", "articles.key"),
        Column("station_key", "string", "站点键", "key of the station", "stations.key"),
    ),
    "statements": (
        Column("fact_id", "integer", "事实编号", "the fact that counts for the statement", refers_to="facts.id"),
        *_ABOUT,
        Column("about", "string", "通用写法", "number of the station or, where there is none, the subject in comparable form", "cast(about as text)"),
        Column("value", "number", "数值", "the number, after review where there was one"),
        *_UNIT,
        *_DETAILS,
        Column("reported_on", "string", "报道于", "the first day on which an article stated it"),
        _STATION,
        Column("story", "integer", "报道簇", "the likely original of the reprint cluster, else the article", refers_to="articles.id"),
        Column("sources", "integer", "来源数", "how many articles say it"),
        Column("variant", "boolean", "异文", "a copy's other number in the place of one that counts; not to be added up"),
        Column("cumulative", "boolean", "累计数", "of a whole town, district or city, or a running total; not to be added up"),
    ),
    "articles": (
        Column("id", "integer", "报道编号", "number of the article in this snapshot"),
        Column("key", "string", "键", "key of the article, the same in every snapshot; its page is /article/KEY"),
        Column("url", "string", "网址", "address as fetched"),
        Column("outlet", "string", "媒体", "outlet on whose site it stands", "outlets.name"),
        Column("title", "string", "标题", "title"),
        Column("published", "string", "发布时间", "ISO; with +08:00 where a time is stated; empty where none is"),
        Column("source", "string", "来源", "the outlet that the page names as its source"),
        Column("authors", "string", "作者", "authors, joined by 、"),
        Column("editor", "string", "编辑", "editor"),
        Column("text", "string", "正文", "text as published"),
        Column("revision", "integer", "版本数", "how many versions were seen"),
        Column("gone_at", "string", "消失于", "when the page was first found gone"),
        Column("provenance", "string", "出处", "original, reprint, mirror, unknown"),
        Column("page_spans", "string", "分页", "of an article that its site shows in several pages: the capture that each span of the text is from (JSON: [start, end, capture])"),
        Column("missing_pages", "string", "缺页", "addresses of its pages that were not captured (JSON)"),
        Column("digest", "string", "校验和", "digest of the bytes captured", "captures.digest"),
        Column("fetched_at", "string", "抓取时间", "when they were fetched (UTC)", "captures.fetched_at"),
        Column("reader_version", "string", "阅读器版本", "version of the reader", "articles.reader_version"),
        Column("extractor_version", "string", "抽取器版本", "version of the extractor", "articles.extractor_version"),
        Column("outlet_key", "string", "媒体键", "key of the outlet", "outlets.key", "outlets.key"),
    ),
    "stations": (
        Column("id", "integer", "站点编号", "number of the station in this snapshot"),
        Column("key", "string", "键", "key of the station, the same in every snapshot; its page is /station/KEY"),
        Column("name", "string", "名称", "its fullest name"),
        Column("place", "string", "所在", "the places named with it, largest first"),
        Column("division", "string", "区划代码", "code of the national division where that is certain"),
        Column("division_name", "string", "区划", "names of that division"),
    ),
    "outlets": (
        Column("id", "integer", "媒体编号", "number of the outlet in this snapshot"),
        Column("key", "string", "键", "key of the outlet, the same in every snapshot; its page is /outlet/KEY"),
        Column("name", "string", "名称", "name"),
        Column("host", "string", "主机", "host"),
    ),
    "reprints": (
        _ARTICLE,
        Column("original_id", "integer", "原发编号", "likely original of its cluster", refers_to="articles.id"),
        Column("similarity", "number", "相似度", "share of the shorter text that is met"),
        Column("reasons", "string", "理由", "what speaks for the original (JSON)"),
    ),
    "accuracy": (
        Column("type", "string", "事实类型", "fact type"),
        Column("confirmed", "integer", "确认", "facts confirmed by a person"),
        Column("reviewed", "integer", "复核", "facts reviewed"),
        Column("share", "number", "准确率", "confirmed of reviewed; empty where none was reviewed"),
    ),
}  # fmt: skip


_PLACE = tuple(
    column
    for name, zh, en, digits in (
        ("province", "省", "province", 6),
        ("city", "市", "city", 6),
        ("district", "区县", "district or county", 6),
        ("town", "街道乡镇", "street office, town or township", 9),
        ("community", "社区村", "community or village", 12),
    )
    for column in (
        Column(name, "string", zh, f"{en} in which the station lies; empty where that is not certain"),
        Column(f"{name}_code", "string", f"{zh}代码", f"its code in the national list, {digits} digits as text"),
    )
)
_FROM = (
    Column("outlet", "string", "媒体", "outlet on whose site the article stands"),
    Column("outlet_key", "string", "媒体键", "its key; its page is /outlet/KEY"),
)
_COPY = (
    Column("original", "boolean", "原发", "false where the article is a reprint of another one here"),
    Column("reprint_of", "string", "转载自", "permanent address of the likely original; empty for an original"),
)
_SNAPSHOT = Column("snapshot", "string", "快照", "which snapshot the row is of: the begin of its SHA-256")
# What lists are downloaded as, by the name of the list: one flat row an item (archive/site/flat.py).
LISTS: dict[str, tuple[Column, ...]] = {
    "facts": (
        *_PLACE,
        Column("station", "string", "站点", "name of the station that the fact is about, where that is certain"),
        Column("subject", "string", "主体", "who the number is about, in the article's words"),
        Column("type", "string", "事实类型", "code of the fact type"),
        Column("type_zh", "string", "类型（中文）", "name of the fact type in Chinese"),
        Column("type_en", "string", "类型（英文）", "name of the fact type in English"),
        Column("value", "number", "数值", "the number as shown: the reviewed one, else as read"),
        Column("value_high", "number", "数值上限", "upper end of a range"),
        Column("approximation", "string", "约数", "exact, about, more_than, less_than or nearly"),
        Column("qualifier", "string", "限定", "what narrows the number (registered, planned, each, a subgroup); the goods of a donation"),
        Column("unit", "string", "单位", "unit, see below"),
        Column("measure", "string", "量词", "the measure word as the text has it; empty where it is the unit's own"),
        Column("as_of", "string", "截至", "the date that the text states for the number: a day, month or year; empty where it states none"),
        Column("as_of_precision", "string", "截至精度", "day, month or year; empty with `as_of`"),
        Column("reported_on", "string", "报道于", "day on which the article appeared, Beijing time"),
        Column("date", "string", "日期", "the date as the fact states it (opened, started); --MM-DD where the year is open"),
        Column("donor", "string", "捐赠方", "who gave"),
        Column("recipient", "string", "受赠方", "who got"),
        Column("quote", "string", "原文", "the exact words that say it"),
        Column("start", "integer", "起", "offset of the quote in the article's text, in characters"),
        Column("end", "integer", "止", "end of the quote"),
        Column("confidence", "number", "把握", "how sure the program is of type and value, 0 to 1; empty where rules decided"),
        Column("subject_confidence", "number", "主体把握", "how sure it is of the subject, 0 to 1"),
        Column("review", "string", "复核", "what a person decided: none, confirmed or corrected. What was rejected is no fact"),
        Column("reviewed_at", "string", "复核于", "day of that decision"),
        Column("read_value", "number", "程序读数", "the number as the program read it"),
        Column("read_value_high", "number", "程序读数上限", "upper end of the range as the program read it"),
        *_FROM,
        Column("article_title", "string", "报道标题", "title of the article"),
        Column("article_url", "string", "报道网址", "its address as fetched"),
        Column("article_link", "string", "报道固定地址", "its permanent address in this archive"),
        *_COPY,
        Column("sources", "integer", "来源数", "how many articles of the story say the same"),
        Column("damaged", "boolean", "原文损坏", "whether damage in the quote was repaired to read it"),
        Column("captured_at", "string", "抓取时间", "when the article was fetched (UTC)"),
        Column("fact", "string", "证据键", "key of the statement, the same in every snapshot"),
        Column("link", "string", "固定地址", "permanent address of the fact"),
        Column("station_key", "string", "站点键", "key of the station"),
        Column("station_link", "string", "站点固定地址", "permanent address of the station"),
        _SNAPSHOT,
    ),
    "articles": (
        Column("title", "string", "标题", "title"),
        *_FROM,
        Column("published", "string", "发布时间", "ISO; with +08:00 where a time is stated; empty where none is"),
        Column("url", "string", "网址", "address as fetched"),
        Column("link", "string", "固定地址", "permanent address of the article in this archive"),
        Column("source", "string", "来源", "the outlet that the page names as its source"),
        Column("authors", "string", "作者", "authors, joined by 、"),
        Column("editor", "string", "编辑", "editor"),
        Column("provenance", "string", "出处", "what the page says of its origin: original, reprint, mirror or unknown"),
        *_COPY,
        Column("facts", "integer", "事实数", "how many facts its latest version states"),
        Column("characters", "integer", "字数", "length of its text"),
        Column("versions", "integer", "版本数", "how many versions were seen"),
        Column("gone_at", "string", "消失于", "when the page was first found gone"),
        Column("incomplete", "boolean", "不完整", "whether pages of it were not captured"),
        Column("captured_at", "string", "抓取时间", "when the version was fetched (UTC)"),
        Column("article", "string", "报道键", "key of the article, the same in every snapshot"),
        _SNAPSHOT,
    ),
    "stations": (
        *_PLACE,
        Column("station", "string", "站点", "name of the station, in its fullest form"),
        Column("place", "string", "所在", "the places that articles name with it, largest first"),
        Column("articles", "integer", "报道数", "how many articles state a fact about it"),
        Column("facts", "integer", "事实数", "how many facts are about it, reprints counted"),
        Column("statements", "integer", "说法数", "how many statements are about it, reprints folded"),
        Column("latest", "string", "最近报道", "when the latest of its articles appeared"),
        Column("link", "string", "固定地址", "permanent address of the station"),
        Column("station_key", "string", "站点键", "key of the station, the same in every snapshot"),
        _SNAPSHOT,
    ),
    "outlets": (
        Column("outlet", "string", "媒体", "name of the outlet"),
        Column("host", "string", "主机", "host of its site"),
        Column("articles", "integer", "报道数", "how many of its articles are here"),
        Column("reprints", "integer", "转载数", "how many of these are reprints of articles here"),
        Column("facts", "integer", "事实数", "how many facts its articles state"),
        Column("first", "string", "最早报道", "when the earliest of these articles appeared"),
        Column("latest", "string", "最近报道", "when the latest of them appeared"),
        Column("last_fetched_at", "string", "最近抓取", "when its newest article was first fetched (UTC)"),
        Column("link", "string", "固定地址", "permanent address of the outlet"),
        Column("outlet_key", "string", "媒体键", "key of the outlet, the same in every snapshot"),
        _SNAPSHOT,
    ),
}  # fmt: skip
# What downloads of articles have as well where the operator allows it.
TEXT = Column("text", "string", "正文", "text as published")


class TypeRow(NamedTuple):
    """A fact type, with its names in Chinese and English."""

    id: str
    zh: str
    en: str
    unit: str


def codebook(types: list[TypeRow]) -> str:
    """Returns the codebook as Markdown."""
    parts = [
        (
            "# 数据说明 Codebook\n\n数字是报道所说的话，由程序读出。每一行都带有原文。\n"
            "Numbers are what articles say, read by a program. Every row has the words that say it.\n\n"
            "全文和原文的权利属于各媒体。 The rights to texts and quotes belong to the outlets.\n"
        )
    ]
    for name, columns in TABLES.items():
        rows = "".join(f"| {c.name} | {c.kind} | {c.zh} | {c.en} |\n" for c in columns)
        parts.append(f"## {name}\n\n| column | type | 含义 | meaning |\n|---|---|---|---|\n{rows}")
    for name, columns in LISTS.items():
        rows = "".join(f"| {c.name} | {c.kind} | {c.zh} | {c.en} |\n" for c in columns)
        parts.append(
            f"## 列表下载 Download of the list: {name}\n\n| column | type | 含义 | meaning |\n|---|---|---|---|\n{rows}"
        )
    rows = "".join(f"| {id_} | {zh} | {en} | {unit} |\n" for id_, zh, en, unit in types)
    parts.append(f"## 事实类型 Fact types\n\n| type | 中文 | English | unit |\n|---|---|---|---|\n{rows}")
    for title, labels in (("单位 Units", UNITS), ("约数 Approximations", APPROX), ("限定 Qualifiers", QUALIFIERS)):
        rows = "".join(f"| {code} | {zh} | {en} |\n" for code, (zh, en) in labels.items())
        parts.append(f"## {title}\n\n| code | 中文 | English |\n|---|---|---|\n{rows}")
    return "\n".join(parts)
