"""What a content farm does to a text: traditional characters, pinyin notes, bytes lost on the way."""

from functools import cache

from opencc import OpenCC

_NOTES = {
    "區": "qū", "務": "wù", "進": "jìn", "書": "shū", "戶": "hù", "樓": "lóu", "總": "zǒng", "資": "zī", "園": "yuán",
    "會": "huì", "動": "dòng", "設": "shè", "場": "chǎng", "長": "zhǎng", "連": "lián", "號": "hào", "鎮": "zhèn",
}  # fmt: skip
# Stretches (as converted, before notes) that lose their first byte on the way through the farm, by story.
_LOST = {
    "yingyue-2021": ("圍坐練字",),
    "songtao-three": ("居民986",),
    "liuxi-center": ("日夜輪守",),
}


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


def distort(text: str, story: str) -> str:
    """The text as the mirror prints it."""
    text = _converter().convert(text).replace("，", ",")
    for stretch in _LOST.get(story, ()):
        text = text.replace(stretch, _lose_first_byte(stretch), 1)
    return "".join(f"{c}({_NOTES[c]})" if c in _NOTES else c for c in text)


def _lose_first_byte(stretch: str) -> str:
    """Read GBK bytes from the second one on; pairs that are no character become question marks."""
    return stretch.encode("gbk")[1:].decode("gbk", "replace").replace("�", "?")
