"""Shape `goods`: things given, with what they are (捐献书籍658本, 六十余册书籍)."""

import re

from archive.facts.document import Document
from archive.facts.shapes.found import Found
from archive.facts.types import FactType

_GOODS_BEFORE = re.compile(
    r"(?>(?:捐赠|捐献|捐出|赠送|赠予|送来|赠|捐)?)(?>(?:了|的|出|各类|各种|共|等)*)(?>(?:(?:总?价值|市值)[^,。;、]{1,12}?[元币]的?)?)(?P<goods>[一-鿿]{1,8}?)(?:共|等|共计|合计|近|约)*$"
)
_LISTED = re.compile(
    r"(?:[、和及:]|包括|包含|其中|分别[是为])(?P<goods>[一-鿿]{1,8}?)(?:共|等|共计|合计|近|约)*$"
)  # 空调3台、书籍200册
_GOODS_AFTER = re.compile(r"(?P<goods>[一-鿿]{2,6})")
_GOES_ON = re.compile(r"包括|包含|其中|分别[是为]")
_VERB = re.compile(r"捐赠|捐献|捐出|赠送|送来|捐|赠")
_NO_GOODS = re.compile(r"[捐赠送]|党员|群众|居民|志愿|单位|企业|社区|小区|活动|服务|款|人|家庭|问题|矛盾|项目|商户")


def find_goods(document: Document, type_: FactType) -> list[Found]:
    """Donated goods; the qualifier says what was given."""
    text, found = document.text, []
    for quantity in document.quantities:
        if not quantity.is_measured(type_.measures):
            continue
        start, end = document.clause(quantity.start, quantity.end)
        if _GOES_ON.match(text, start) and start > document.sentence(start)[0]:
            start, _ = document.clause(start - 1, end)  # 捐赠物资一批,包括口罩2000个
        clause, before, after = text[start:end], text[start : quantity.start], text[quantity.end : end]
        if (
            quantity.value == 1
            or any(word in clause for word in type_.excludes)
            or not any(verb in clause for verb in type_.verbs)
        ):
            continue
        goods, quote_start, quote_end = "", quantity.start, quantity.end
        verb = list(_VERB.finditer(before))
        behind = _GOODS_BEFORE.match(before, verb[-1].start()) if verb else None
        if behind and behind["goods"] and not _NO_GOODS.search(behind["goods"]):
            goods, quote_start = behind["goods"], start + (verb[-1].start() if verb else 0)
        elif verb and (listed := _LISTED.search(before, verb[-1].end())) and not _NO_GOODS.search(listed["goods"]):
            goods, quote_start = listed["goods"], start + listed.start("goods")
        elif ahead := _GOODS_AFTER.match(after):
            goods = ahead["goods"]
            quote_end = quantity.end + ahead.end()
        if not goods or _NO_GOODS.search(goods):
            continue
        at = text.index(goods, quote_start, quote_end)
        found.append(
            Found(
                type_,
                quote_start,
                quote_end,
                quantity.value,
                quantity.value_high,
                quantity.approx,
                qualifier=document.published_text(at, at + len(goods)),
                date=_day_in_sentence(document, quantity.start),
                tainted=quantity.tainted,
            )
        )
    return found


def _day_in_sentence(document: Document, position: int) -> str:
    start, _ = document.sentence(position)
    days = [d for d in document.dates if start <= d.start < position and len(d.iso) == 10]
    return days[0].iso if days else ""
