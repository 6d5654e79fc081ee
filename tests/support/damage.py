"""What mirror sites do to a text: they work on its GBK bytes without regard to where characters begin.

1. A note is put behind each of some characters (區 -> 區(qū)), by replacing bytes: where the second byte of one
   character and the first of the next happen to be those of a listed one, the note lands inside, and all shifts.
2. The bytes are cut at full-width punctuation, one mark after another, misaligned matches included.
3. Each piece is decoded alone: a pair that is no character becomes one ?, swallowing its second byte even where that
   is a digit; pairs for private use vanish.
"""

import random

from opencc import OpenCC

_NOTES = dict(
    pair.split(":")
    for pair in (
        "區:qū 務:wù 黨:dǎng 會:huì 員:yuán 個:gè 過:guò 對:duì 設:shè 現:xiàn 進:jìn 開:kāi 關:guān 學:xué 數:shù 業:yè 場:chǎng 動:dòng "
        "長:zhǎng 辦:bàn 總:zǒng 號:hào 側:cè 復:fù 樓:lóu 書:shū 軍:jūn 間:jiān 萬:wàn 約:yuē 為:wéi 與:yǔ 創:chuàng 環:huán 綠:lǜ 積:jī "
        "圖:tú 聽:tīng 說:shuō 話:huà 請:qǐng 認:rèn 識:shí 議:yì 論:lùn 調:tiáo 網:wǎng 絡:luò 據:jù 記:jì 訊:xùn 體:tǐ 點:diǎn 線:xiàn "
        "經:jīng 濟:jì 發:fā 產:chǎn 實:shí 質:zhì 電:diàn 還:hái 處:chù 統:tǒng 讀:dú 貧:pín 資:zī 費:fèi 車:chē 兩:liǎng 隊:duì 際:jì"
    ).split()
)
_MARKS = [mark.encode("gbk") for mark in "，！？；。、："]
_traditional = OpenCC("s2t").convert


def damaged(text: str, chance: random.Random) -> str:
    """A simplified text as a mirror would show it; which characters get notes is the site's choice, drawn by chance."""
    data = _traditional(text).encode("gbk", "ignore")
    for char in chance.sample(sorted(_NOTES), chance.randrange(8, len(_NOTES))):
        code = char.encode("gbk")
        data = data.replace(code, code + f"({_NOTES[char]})".encode("gbk", "ignore"))
    pieces = [data]
    for mark in _MARKS:
        pieces = [part for piece in pieces for part in _cut(piece, mark)]
    return "".join(map(_decoded, pieces))


def _cut(piece: bytes, mark: bytes) -> list[bytes]:
    if piece in _MARKS:
        return [piece]
    parts = piece.split(mark)
    return [part for number, part in enumerate(parts) for part in ((mark, part) if number else (part,))]


def _decoded(piece: bytes) -> str:
    shown, at = [], 0
    while at < len(piece):
        if piece[at] < 0x80:
            shown.append(chr(piece[at]))
            at += 1
            continue
        pair = piece[at : at + 2]
        at += 2
        try:
            char = pair.decode("gbk")
        except UnicodeDecodeError:
            char = "" if (pair[0] >= 0xAA and pair[0] <= 0xAF) or pair[0] >= 0xF8 else "?"
        shown.append(char)
    return "".join(shown)
