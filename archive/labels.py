"""The words that readers see for the codes in the database, Chinese first, English beside it."""

import json
from collections.abc import Mapping
from typing import Any

from archive.decisions.records import Decision
from archive.facts import fact_types
from archive.model import DateSource, Origin

Words = tuple[str, str]  # Chinese, English
APPROX = {
    "exact": ("", ""),
    "about": ("约", "about"),
    "more_than": ("超过", "more than"),
    "less_than": ("不足", "less than"),
    "nearly": ("近", "nearly"),
}
UNITS = {
    "CNY": ("元", "CNY"),
    "person": ("人", "people"),
    "household": ("户", "households"),
    "building": ("栋", "buildings"),
    "m2": ("平方米", "m²"),
    "item": ("件", "items"),
    "count": ("个", ""),
    "person_time": ("人次", "visits"),
    "date": ("", ""),
    "text": ("", ""),
}
QUALIFIERS = {
    "registered": ("在册", "registered"),
    "non_registered": ("非在册", "not registered here"),
    "planned": ("计划", "planned"),
    "each": ("每个", "each"),
}
REVIEWS: dict[str, Words] = {
    Decision.CONFIRM: ("已核实", "confirmed"),
    Decision.CORRECT: ("已更正", "corrected"),
    Decision.REJECT: ("已否定", "rejected"),
}
PROVENANCE: dict[str, Words] = {
    Origin.ORIGINAL: ("本站稿件", "original"),
    Origin.REPRINT: ("转载", "reprint"),
    Origin.MIRROR: ("镜像抄录", "mirror copy"),
    Origin.UNKNOWN: ("未能判断", "undetermined"),
}
PLACES: dict[str, Words] = {
    DateSource.LAYOUT: ("版面规则", "site layout"),
    DateSource.HEADER: ("标题下", "header line"),
    DateSource.META: ("页面元数据", "meta tag"),
    DateSource.DATA: ("页面数据", "page data"),
    DateSource.ENDING: ("文末", "end of the text"),
    DateSource.URL: ("仅据网址", "only the address"),
}

CHANGES = {"appeared": ("新增", "appeared"), "vanished": ("删去", "vanished")}

COLUMNS = {
    "place": ("地方", "place"),
    "year": ("年", "year"),
    "month": ("月", "month"),
    "stations": ("站点", "stations"),
    "members": ("党员", "members"),
    "amounts": ("笔数", "amounts"),
    "invested": ("投入", "invested"),
    "planned": ("计划", "planned"),
    "donor": ("捐赠方", "donor"),
    "recipient": ("受赠方", "recipient"),
    "subject": ("主体", "subject"),
    "goods": ("物资", "goods"),
    "value": ("数值", "value"),
    "unit": ("单位", "unit"),
    "as_of": ("截至", "as of"),
    "reported_on": ("报道于", "reported on"),
    "reported_in": ("其中按报道年份", "of them, reported in"),
    "date": ("日期", "date"),
    "quote": ("原文", "quote"),
    "article_key": ("文章", "article"),
    "fact_key": ("事实", "fact"),
    "outlet": ("媒体", "outlet"),
    "articles": ("文章", "articles"),
    "reprints": ("转载", "reprints"),
    "facts": ("事实", "facts"),
    "statements": ("说法", "statements"),
    "sources": ("来源数", "sources"),
    "latest": ("最近", "latest"),
    "title": ("标题", "title"),
    "revision": ("版本", "version"),
    "change": ("变动", "change"),
    "type": ("类型", "type"),
}


def type_label(type_id: str) -> str:
    """党员数 Party members."""
    known = fact_types().get(type_id)
    return f"{known.zh} {known.en}" if known else type_id


def word_label(code: str, column: str) -> str:
    """件 items; a code of the columns `approx`, `unit` and `change`."""
    words = {"approx": APPROX, "unit": UNITS, "change": CHANGES}[column]
    return " ".join(filter(None, words.get(code, ()))) or code


def qualifier_label(qualifier: str) -> str:
    """在册 registered; goods of a donation are shown as the text has them."""
    return " ".join(QUALIFIERS[qualifier]) if qualifier in QUALIFIERS else qualifier


def value_label(value: float | None, value_high: float | None, approx: str, unit: str, measure: str = "") -> str:
    """Returns a number in words: 约 1,200 平方米, or 300 件（册） with the measure word as written; empty without a number."""
    if value is None:
        return ""
    number = _number(value) if value_high is None else f"{_number(value)}–{_number(value_high)}"
    word = UNITS.get(unit, (unit, ""))[0]
    word += f"（{measure}）" if measure and measure != word else ""
    return " ".join(part for part in (APPROX.get(approx, ("", ""))[0], number, word) if part)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")


def review_note(fact: Mapping[str, Any]) -> str:
    """What a person decided about a fact, with what the program reads where that is something else."""
    if not fact["review"]:
        return ""
    words = " ".join(REVIEWS.get(fact["review"], ()))
    extracted = json.loads(fact["extracted"])
    differing = [
        type_label(extracted["type"]) if "type" in extracted else "",
        str(extracted.get("subject", "")),
        _extracted_value(fact, extracted) if extracted.keys() & {"value", "value_high"} else "",
        qualifier_label(str(extracted.get("qualifier", ""))),
        str(extracted.get("date", "")),
    ]
    changes = ", ".join(filter(None, differing))
    return f"{words}; 程序读作 read by the program as: {changes}" if changes else words


def _extracted_value(fact: Mapping[str, Any], extracted: Mapping[str, Any]) -> str:
    named = ("value", "value_high", "approx", "unit", "measure")
    return value_label(*(extracted[name] if name in extracted else fact[name] for name in named))
