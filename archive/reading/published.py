"""When an article was published, and which place said so. Asia/Shanghai; a date that is not stated is None."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_META = (
    *("pubdate", "publishdate", "article:published_time", "og:release_date", "datepublished"),
    *("weibo: article:create_at", "apub:time", "publish_time", "date", "dc.date"),
)
_STAMP = re.compile(
    r"(?P<y>(?:19|20)\d\d|(?<=[:时间]\s)\d\d(?=-)|(?<=[:时间])\d\d(?=-))"
    r"\s*[-年/.]\s*(?P<m>1[0-2]|0?[1-9])\s*[-月/.]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*日?"
    r"(?:[\sT,(星期周週一二三四五六日)]{0,8}(?P<half>上午|下午|晚上|中午|凌晨|早上)?\s*"
    r"(?P<H>[01]?\d|2[0-3])\s*[::时]\s*(?P<M>[0-5]\d)(?:\s*[::分]\s*(?P<S>[0-5]\d))?(?:\.\d+)?(?P<z>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?"
)
_SCRIPT_DATE = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')
# What a site's own clock is announced by.
_CLOCK = re.compile(r"(?:今天|今日|现在|当前|北京)(?:是|时间|日期|为)?\s*[:,]?\s*$")
_FAR = timedelta(days=31)  # no story is dated so far from its address: one of the two is about something else
# t20210304_…, /2021/0304/, /2021-03/04/, /202103/04/, /20210304/
_IN_PATH = re.compile(r"(?<!\d)(?P<y>20\d\d)[-/]?(?P<m>0[1-9]|1[0-2])[-/]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")


def has_stamp(folded: str) -> bool:
    """Whether a folded text states a full date."""
    return _STAMP.search(folded) is not None


def first_stamp(folded: str) -> re.Match[str] | None:
    """The first full date of a folded text."""
    return _STAMP.search(folded)


def stamps(folded: str) -> Iterator[datetime | date]:
    """The full dates of a folded text, with their time where it is stated."""
    for match in _STAMP.finditer(folded):
        stamp = _stamp(match)
        if stamp is not None and not _CLOCK.search(folded, max(0, match.start() - 12), match.start()):
            yield stamp


def find_published(
    header: str, meta: dict[str, str], data: Iterable[str], ending: str, url: str
) -> tuple[datetime | date | None, str]:
    """The time of publication and its place: header, meta, data (JSON-LD), ending or url; (None, "") where none says it.

    A place with a clock time goes before a better place with a bare day. `header` and `ending` are folded.
    """
    said: list[tuple[datetime | date, str]] = [(stamp, "header") for stamp in [*stamps(header)][:6]]
    said += [(stamp, "meta") for name in _META if name in meta for stamp in stamps(meta[name])]
    said += [(stamp, "data") for script in data for m in _SCRIPT_DATE.finditer(script) for stamp in stamps(m[1])]
    if re.search(r"时间|日期", ending):
        said += [(stamp, "ending") for stamp in stamps(ending)]
    named = day_in(url)
    timed = [pair for pair in said if isinstance(pair[0], datetime)]
    for stamp, place in (*timed, *said):
        if named is None or is_near(stamp, named):
            return stamp, place
    return named, "url" if named else ""


def day_in(url: str) -> date | None:
    """The day that an address names."""
    in_path = _IN_PATH.search(url.partition("?")[0].partition("//")[2].partition("/")[2])
    try:
        return date(int(in_path["y"]), int(in_path["m"]), int(in_path["d"])) if in_path else None
    except ValueError:
        return None


def is_near(stamp: datetime | date, named: date) -> bool:
    """Whether a stated time can be that of a page whose address names a day."""
    day = stamp.date() if isinstance(stamp, datetime) else stamp
    return abs(day - named) <= _FAR


def _stamp(match: re.Match[str]) -> datetime | date | None:
    year = int(match["y"])
    try:
        day = date(year if year > 99 else 2000 + year, int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    if match["H"] is None:
        return day
    hour = int(match["H"])
    if match["half"] in ("下午", "晚上") and hour < 12:
        hour += 12
    time = datetime(day.year, day.month, day.day, hour, int(match["M"]), int(match["S"] or 0), tzinfo=CHINA)
    if match["z"]:
        zone = datetime.strptime(match["z"].replace("Z", "+0000").replace(":", ""), "%z").tzinfo
        time = time.replace(tzinfo=zone).astimezone(CHINA)
    elif time.time().isoformat() == "00:00:00" and match["S"]:
        return day  # a day that a system printed as 00:00:00
    return time
