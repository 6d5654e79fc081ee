"""Build readings.txt: the traditional characters that mirrors annotate, by their readings. Source: pypinyin 0.55 (MIT).

    pip install pypinyin
    python -m archive.text.build_readings

A line is a reading with its tone mark and the characters of GBK that have it and are written otherwise in simplified
script; only these get notes.
"""

from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin  # type: ignore[import-not-found]

from archive.text.script import fold

TARGET = Path(__file__).with_name("readings.txt")


def main() -> None:
    """Write the table beside this module."""
    by_reading: dict[str, str] = defaultdict(str)
    for lead in range(0x81, 0xFE):
        for trail in range(0x40, 0xFF):
            char = bytes([lead, trail]).decode("gbk", "ignore")
            if len(char) == 1 and fold(char) != char and "一" <= char <= "鿿":
                for reading in pinyin(char, style=Style.TONE, heteronym=True)[0]:
                    by_reading[reading] += char
    TARGET.write_text("".join(f"{reading} {chars}\n" for reading, chars in sorted(by_reading.items())), "utf-8")


if __name__ == "__main__":
    main()
