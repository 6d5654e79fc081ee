"""A map without borders: a square for each province, about where it lies. And the places at the top of the tree."""

import sqlite3
from bisect import bisect_left
from typing import NamedTuple, TypedDict

from archive.search import named
from archive.search.columns import Data
from archive.search.named import Named
from archive.search.wanted import UnknownError
from archive.sql.rows import Row, rows

# Character, name, column and row on a grid of eight by eight.
_GRID = (
    ("黑", "黑龙江省", 7, 0), ("内", "内蒙古自治区", 3, 1), ("京", "北京市", 5, 1), ("吉", "吉林省", 7, 1),
    ("新", "新疆维吾尔自治区", 0, 2), ("宁", "宁夏回族自治区", 2, 2), ("晋", "山西省", 4, 2), ("冀", "河北省", 5, 2),
    ("津", "天津市", 6, 2), ("辽", "辽宁省", 7, 2), ("青", "青海省", 1, 3), ("甘", "甘肃省", 2, 3), ("陕", "陕西省", 3, 3),
    ("豫", "河南省", 4, 3), ("鲁", "山东省", 5, 3), ("藏", "西藏自治区", 0, 4), ("川", "四川省", 1, 4), ("渝", "重庆市", 2, 4),
    ("鄂", "湖北省", 3, 4), ("皖", "安徽省", 4, 4), ("苏", "江苏省", 5, 4), ("沪", "上海市", 6, 4), ("云", "云南省", 1, 5),
    ("贵", "贵州省", 2, 5), ("湘", "湖南省", 3, 5), ("赣", "江西省", 4, 5), ("浙", "浙江省", 5, 5), ("桂", "广西壮族自治区", 2, 6),
    ("粤", "广东省", 3, 6), ("闽", "福建省", 4, 6), ("台", "台湾省", 5, 6), ("琼", "海南省", 2, 7), ("澳", "澳门特别行政区", 3, 7),
    ("港", "香港特别行政区", 4, 7),
)  # fmt: skip
_SHADES = 5
_MAX_LISTED = 300
_MAX_FOUND = 50


class Tile(NamedTuple):
    """A province on the map. `shade` is 0 where no station is known, else 1 (few stations) to 5 (many)."""

    short: str
    name: str
    column: int
    row: int
    key: str
    stations: int
    shade: int


class Bounds(NamedTuple):
    """The fewest and the most stations of the tiles of a shade."""

    shade: int
    fewest: int
    most: int


class TileMap(TypedDict):
    """The map, the bounds of its shades, and its provinces that have stations as a table, those with the most first."""

    tiles: list[Tile]
    bounds: list[Bounds]
    provinces: list[Row]


class PlacesPage(TypedDict):
    """The map; the places at the top of the tree that are no province; and what a reader's words may mean, if there are any."""

    tiles: TileMap
    others: list[Row]
    found: list[Named]
    unknown: str  # which names are near to words that mean nothing


def tile_map(connection: sqlite3.Connection) -> TileMap:
    """Returns the map of a snapshot."""
    top = {row["name"]: row for row in _top(connection)}
    counts = sorted(top[name]["stations"] for _, name, *_ in _GRID if name in top and top[name]["stations"])
    tiles = []
    for short, name, column, line in _GRID:
        row = top.get(name, {"key": "", "stations": 0})
        tiles.append(Tile(short, name, column, line, row["key"], row["stations"], _shade(row["stations"], counts)))
    shown: dict[int, list[int]] = {}
    for tile in tiles:
        shown.setdefault(tile.shade, []).append(tile.stations)
    return {
        "tiles": tiles,
        "bounds": [Bounds(shade, min(of), max(of)) for shade, of in sorted(shown.items()) if shade],
        "provinces": [top[name] for name in top if name in {name for _, name, *_ in _GRID}],
    }


def places(connection: sqlite3.Connection, q: str = "") -> PlacesPage:
    """Returns the page of all places, with those that the words `q` may mean."""
    provinces = {name for _, name, *_ in _GRID}
    found, unknown = list[Named](), ""
    try:
        found = named.places(Data(connection), q)[:_MAX_FOUND] if q else []
    except UnknownError as error:
        unknown = str(error)
    others = [row for row in _top(connection) if row["name"] not in provinces]
    return {"tiles": tile_map(connection), "others": others, "found": found, "unknown": unknown}


def _top(connection: sqlite3.Connection) -> list[Row]:
    return rows(connection, f"select * from places where parent = '' order by stations desc, key limit {_MAX_LISTED}")


def _shade(stations: int, counts: list[int]) -> int:
    """Which fifth of the provinces with stations one is in; equal ones are in the same."""
    return 1 + _SHADES * bisect_left(counts, stations) // len(counts) if stations else 0
