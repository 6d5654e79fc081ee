"""How to cite a fact: short, in full, by GB/T 7714, as BibTeX and as CSL-JSON. Each names the station with its place, the number and
its date, and what the article says of itself. Sentences are in the language of the request."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, NotRequired, TypedDict

from archive.decisions.records import Decision
from archive.labels import BEIJING, date_label, program_read, qualifier_label, type_label, value_label
from archive.language import NAME, Words, chosen
from archive.sql.rows import Row

FORMER: Words = ("现在的阅读不再读出", "the current reading no longer states it")
REJECTED: Words = ("经人工复核否定", "rejected by a person")
_STATED = "type subject value value_high unit approx qualifier date quote".split()  # that former facts have as well
_TEX = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


class Cited(TypedDict):
    """What a citation needs of a fact and of its article. `fetched_at` is UTC, ISO 8601."""

    evidence: str
    fact: Row  # what is stated, with `station`, its `station_place`, `as_of` and `reported_on` where they are known
    quote: str
    title: str
    authors: str  # with 、 between them
    outlet: str
    published: str | None
    url: str
    fetched_at: str
    former: NotRequired[Words]  # why it is no fact any more


def cited(fact: Row, article: Row, capture: Row) -> Cited:
    """Put together what a citation needs.

    Args:
        fact: the fact, or the former one, with its `evidence` and its `outlet`.
        article: the article that states it.
        capture: the capture that the words are from.

    Returns:
        It.
    """
    named = ("measure", "station", "station_place", "as_of", "reported_on", "review", "extracted")
    stated = {name: fact[name] for name in _STATED} | {name: fact.get(name) or "" for name in named}
    return {
        "evidence": fact["evidence"],
        "fact": stated,
        "quote": fact["quote"],
        "title": article["title"],
        "authors": article["authors"],
        "outlet": fact["outlet"],
        "published": article["published"],
        "url": article["url"],
        "fetched_at": capture["fetched_at"],
    }


def statement(fact: Cited) -> str:
    """What is stated of what, and as of when: 映月花园小区党群服务站（望潭区 青萝街道）：党员数58人，在册，截至2021年6月28日."""
    stated = fact["fact"]
    about = stated["station"] or stated["subject"]
    place = stated["station_place"] if stated["station"] else ""
    about += chosen((f"（{place}）", f" ({place})")) if place else ""
    number = value_label(
        stated["value"], stated["value_high"], stated["approx"], stated["unit"], stated["measure"]
    ) or {"date": date_label(stated["date"]), "text": f"“{stated['quote']}”"}.get(stated["unit"], "")
    stated_as = (f"{type_label(stated['type'])}{number}", f"{type_label(stated['type'])} {number}".strip())
    what = [chosen(stated_as), qualifier_label(stated["qualifier"]), _when(stated)]
    return chosen(("{}：{}", "{}: {}")).format(about, chosen(("，", ", ")).join(part for part in what if part))


def short(fact: Cited, address: str) -> str:
    """What is stated, who says so, and where it can be checked."""
    end = chosen(("。", ". "))
    source = chosen(("，", ", ")).join([fact["outlet"], _day(fact)])
    return f"{_remarked(fact)}{end}{source}{end}{address}"


def plain(fact: Cited, address: str) -> str:
    """In full: who says it where and when, the words, what was read from them, and where to check both."""
    form = chosen(
        (
            "{by}《{title}》，{outlet}，{day}：{words}（{what}）。{url}（{seen}抓取，北京时间）。{archive}：{address}",
            "{by}“{title}”. {outlet}, {day}: {words} ({what}). {url} (captured on {seen}, Beijing time). {archive}: {address}",
        )
    )
    return form.format(
        by=fact["authors"] + chosen(("：", ". ")) if fact["authors"] else "",
        title=fact["title"],
        outlet=fact["outlet"],
        day=_day(fact),
        words=f"“{fact['quote']}”",
        what=_remarked(fact),
        url=fact["url"],
        seen=date_label(_seen(fact)),
        archive=chosen(NAME.get()),
        address=address,
    )


def gbt7714(fact: Cited, address: str) -> str:
    """By GB/T 7714-2015, as an electronic source, with what is stated behind it."""
    by = "，".join(_authors(fact)) or fact["outlet"]
    published = f"({fact['published'][:10]})" if fact["published"] else ""
    return f"{by}. {fact['title']}[EB/OL]. {published}[{_seen(fact)}]. {fact['url']}. {_remarked(fact)}. {chosen(NAME.get())}: {address}."


def bibtex(fact: Cited, address: str) -> str:
    """A BibTeX entry; what is stated and the words are the note."""
    fields = {
        "title": fact["title"],
        "author": " and ".join(_authors(fact)) or f"{{{_tex(fact['outlet'])}}}",
        "organization": fact["outlet"],
        "year": (fact["published"] or "")[:4],
        "month": (fact["published"] or "")[5:7],
        "url": fact["url"],
        "urldate": _seen(fact),
        "note": f"{_remarked(fact)}. “{fact['quote']}”. {chosen(NAME.get())}: {address}",
    }
    braced = {"author"} if not _authors(fact) else set()
    lines = [f"  {name} = {{{value if name in braced else _tex(value)}}}" for name, value in fields.items() if value]
    return f"@online{{dangqun-{fact['evidence']},\n" + ",\n".join(lines) + "\n}\n"


def csl(fact: Cited, address: str) -> str:
    """A CSL-JSON list with one item."""
    item: dict[str, Any] = {
        "id": f"dangqun-{fact['evidence']}",
        "type": "article-newspaper",
        "title": fact["title"],
        "container-title": fact["outlet"],
        "author": [{"literal": name} for name in _authors(fact)],
        "URL": fact["url"],
        "accessed": {"date-parts": [_parts(_seen(fact))]},
        "note": f"{_remarked(fact)}. “{fact['quote']}”",
        "archive": chosen(NAME.get()),
        "archive_location": address,
    }
    if fact["published"]:
        item["issued"] = {"date-parts": [_parts(fact["published"])]}
    return json.dumps([item], ensure_ascii=False, indent=1)


FORMS: dict[str, Callable[[Cited, str], str]] = {
    "short": short,
    "full": plain,
    "gbt7714": gbt7714,
    "bibtex": bibtex,
    "csl": csl,
}


class CitationFile(NamedTuple):
    """What writes a citation as a file, and the media type of that."""

    write: Callable[[Cited, str], str]
    media_type: str


# By the ends of their names.
FILES = {
    "bib": CitationFile(bibtex, "application/x-bibtex; charset=utf-8"),
    "json": CitationFile(csl, "application/vnd.citationstyles.csl+json; charset=utf-8"),
    "txt": CitationFile(plain, "text/plain; charset=utf-8"),
}


def of_station(station: Row, address: str, today: str) -> str:
    """How to cite what the archive has on a station, as seen on a day (ISO 8601)."""
    place = station["division_name"] or station["place"]
    about = station["name"] + (chosen((f"（{place}）", f" ({place})")) if place else "")
    count = station["statements"]
    return chosen(
        (
            f"{chosen(NAME.get())}：{about}，{count}条事实。{address}（{date_label(today)}查阅）",
            f"{chosen(NAME.get())}: {about}, {count} facts. {address} (seen on {date_label(today)})",
        )
    )


def _when(stated: Row) -> str:
    """As of when a number is, or else when it was reported."""
    if stated["unit"] == "date":
        return ""
    if stated["as_of"]:
        return chosen(("截至{}", "as of {}")).format(date_label(stated["as_of"]))
    return (
        chosen(("报道于{}", "reported on {}")).format(date_label(stated["reported_on"]))
        if stated["reported_on"]
        else ""
    )


def _day(fact: Cited) -> str:
    return date_label((fact["published"] or "")[:10]) or chosen(("日期不详", "undated"))


def _seen(fact: Cited) -> str:
    """The day of the capture in Beijing, ISO 8601."""
    try:
        at = datetime.fromisoformat(fact["fetched_at"])
    except ValueError:
        return fact["fetched_at"][:10]
    return (at.astimezone(BEIJING) if at.tzinfo else at).date().isoformat()


def _remarked(fact: Cited) -> str:
    """What is stated; where an editor corrected it, what the program read; where it is no fact any more, why."""
    remark = chosen(fact["former"]) if "former" in fact else ""
    if fact["fact"]["review"] == Decision.CORRECT:
        read = program_read(fact["fact"])
        remark = chosen((f"已由编辑更正，程序读作{read}", f"corrected by an editor; the program read {read}"))
    return statement(fact) + (chosen((f"（{remark}）", f" ({remark})")) if remark else "")


def _authors(fact: Cited) -> list[str]:
    return [name for name in fact["authors"].split("、") if name]


def _parts(iso: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", iso[:10])]


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)
