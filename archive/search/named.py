"""Places, outlets and stations by the names that readers write: in either script, in part, without 省, 市, 区 or 县."""

from dataclasses import dataclass
from difflib import get_close_matches

from archive.search import words
from archive.search.columns import Data
from archive.search.wanted import ListKind, UnknownError
from archive.sql.rows import Row, rows
from archive.text import fold

_ENDINGS = ("省", "市", "区", "县", "自治区", "自治州", "自治县", "地区", "新区", "街道", "镇", "乡", "社区", "村")
_MOST = 200  # places of one name
SUGGESTED = 10  # names while somebody types


@dataclass(frozen=True)
class Named:
    """What a name may mean: what an address has for it, its name, the name of what it lies in, and how much there is of it
    (articles; of a fact type, statements)."""

    key: str
    name: str
    parent: str
    count: int


def places(data: Data, written: str) -> list[Named]:
    """The places that a reader may mean, those with the most articles first: by a key, a whole name, one without its
    ending, or a part of one. Several names, with blanks between them, are those of a place and of what it lies in.

    Raises UnknownError, with the nearest names.
    """
    found = data.made(("places", written), lambda: _places(data, written))
    if not found:
        near = _near_places(data, written)
        raise UnknownError(
            f"没有站点位于{written!r}。{_offer(near, '相近的有：', '、')}",
            f"place: no station lies in {written!r}.{_offer(near, ' Near to it: ', ', ')}",
        )
    return found


def outlets(data: Data, written: str) -> list[Named]:
    """The outlets that a reader may mean: by a key, a number, a name, or a part of one. Raises UnknownError, with the
    nearest names."""
    all_ = _outlets(data)
    number = data.connection.execute(
        "select key from outlets where ?1 in (key, name) or (?1 glob '[0-9]*' and id = cast(?1 as integer))", [written]
    ).fetchone()
    if number:
        return [one for one in all_ if one.key == number[0]]
    part = _folded(written)
    found = [one for one in all_ if _folded(one.name) == part] or [one for one in all_ if part in _folded(one.name)]
    if not found:
        near = get_close_matches(written, [one.name for one in all_[:5000]], 3, 0.3)
        raise UnknownError(
            f"没有媒体{written!r}。{_offer(near, '相近的有：', '、')}",
            f"outlet: there is no outlet {written!r}.{_offer(near, ' Near to it: ', ', ')}",
        )
    return found


def holding(data: Data, written: str, most: int) -> list[Named]:
    """The places whose names hold what is written: those that it names first, then those that begin with it."""
    wanted = fold(written)
    if not wanted.strip():
        return []
    # Not in SQL: readers' connections watch each call of instr, and a name of each place would be one.
    sql = "select key, name, folded, articles from places order by articles desc, key"
    known = data.made("places", lambda: rows(data.connection, sql))
    found = [one for one in known if wanted in one["folded"] or one["key"] == wanted]
    names = {wanted, *(wanted + ending for ending in _ENDINGS)}
    found.sort(key=lambda one: (one["key"] != wanted, one["folded"] not in names, not one["folded"].startswith(wanted)))
    return _with_parents(data, found[:most])


def suggested_places(data: Data, written: str) -> list[Named]:
    """The places that a reader may be typing; of nothing, the topmost with the most articles."""
    if written:
        return holding(data, written, SUGGESTED)
    sql = "select key, name, articles from places where parent = '' order by articles desc, key limit ?"
    return _with_parents(data, rows(data.connection, sql, SUGGESTED))


def suggested_outlets(data: Data, written: str) -> list[Named]:
    """The outlets whose names hold what is typed, those with the most articles first."""
    return [one for one in _outlets(data) if _folded(written) in _folded(one.name)][:SUGGESTED]


def suggested_stations(data: Data, written: str) -> list[Named]:
    """The stations whose names, or whose place, hold what is typed, those with the most articles first."""
    ids = data["stations.id"]
    found = words.hits(data, ListKind.STATIONS, written) if written else None
    chosen = ids[:SUGGESTED].tolist() if found is None else ids[found[:SUGGESTED]].tolist()
    marks = ", ".join("?" * len(chosen))
    sql = f"select key, name, place, articles from stations where id in ({marks}) order by articles desc, name, id"
    return [Named(**_renamed(row)) for row in rows(data.connection, sql, chosen)]


def _renamed(row: Row) -> Row:
    return {"key": row["key"], "name": row["name"], "parent": row["place"], "count": row["articles"]}


def _places(data: Data, written: str) -> list[Named]:
    connection = data.connection
    found = rows(connection, "select key, name, articles from places where key = ?", [written])
    *above, last = [fold(name) for name in written.split()] or [""]
    if found or not last:
        return _with_parents(data, found)
    as_written = [
        row["place"]
        for row in rows(connection, "select place from place_names where folded = ?", "".join([*above, last]))
    ]
    for way in (f"folded in ({_with_endings('?1')})", "instr(folded, ?1)"):
        sql = f"select key, name, articles from places where {way} order by articles desc, key limit ?2"
        found = [row for row in rows(connection, sql, [last, _MOST]) if _lies_in(data, row["key"], above)]
        missing = set(as_written).difference(row["key"] for row in found)
        for key in sorted(missing):
            found += rows(connection, "select key, name, articles from places where key = ?", [key])
        if found:
            break
    return _with_parents(data, sorted(found, key=lambda row: (-row["articles"], row["key"])))


def _with_endings(mark: str) -> str:
    return ", ".join([mark, *(f"{mark} || '{ending}'" for ending in _ENDINGS)])


def _lies_in(data: Data, key: str, above: list[str]) -> bool:
    """Whether a place lies in others, by the beginnings of their names."""
    if not above:
        return True
    names = [fold(name) for _, name in path(data, key)[:-1]]
    return all(any(name.startswith(wanted) for name in names) for wanted in above)


def path(data: Data, key: str) -> list[tuple[str, str]]:
    """The keys and names of the places down to one, the topmost first."""
    found: list[tuple[str, str]] = []
    while key and len(found) < 8:
        row = data.connection.execute("select key, name, parent from places where key = ?", [key]).fetchone()
        if row is None:
            break
        found.insert(0, (row[0], row[1]))
        key = row[2]
    return found


def _with_parents(data: Data, found: list[Row]) -> list[Named]:
    return [
        Named(row["key"], row["name"], " ".join(name for _, name in path(data, row["key"])[:-1]), row["articles"])
        for row in found
    ]


def _near_places(data: Data, written: str) -> list[str]:
    """The names of places that share the most with what is written."""
    signs = [sign for sign in fold(written)[:6] if sign.strip()]
    if not signs:
        return []
    either = " or ".join("instr(folded, ?)" for _ in signs)
    sql = f"select distinct name from places where {either} order by articles desc limit 2000"
    names = [name for (name,) in data.connection.execute(sql, signs)]
    return get_close_matches(fold(written), names, 3, 0.3)


def _outlets(data: Data) -> list[Named]:
    sql = "select key, name, host, articles from outlets order by articles desc, name, id"
    return data.made("outlets", lambda: [Named(*row) for row in data.connection.execute(sql)])


def _folded(text: str) -> str:
    return fold(text).lower()


def _offer(near: list[str], before: str, between: str) -> str:
    return (
        f"{before}{between.join(near)}。"
        if near and between == "、"
        else f"{before}{between.join(near)}."
        if near
        else ""
    )
