"""What becomes of a story elsewhere (edited, clipped, converted, damaged), and what only looks like it."""

import random
import re
from collections.abc import Callable

from damage import damaged
from opencc import OpenCC

from archive.facts.propose.names import find
from archive.text import fold

_traditional = OpenCC("s2t").convert
_WORDS = {"目前": "现在", "据了解": "据悉", "积极": "主动", "开展": "组织", "居民": "群众", "记者": "笔者"}
_TAIL = ["多地出台新政", "今日天气晴好", "专家解读来了", "更多精彩请关注", "扫码下载客户端", "责任编辑 王五"]
_OTHER = ["芙蓉", "紫荆", "白鹭", "青云", "松涛", "云溪", "望江", "海棠", "金穗", "长青", "玉兰", "翠屏"]
_KIND = re.compile(r"(.*?)(小区|社区|街道|镇|村|区|县|党群.*)$")


def edited(text: str, chance: random.Random) -> str:
    """A few sentences left out, two exchanged, words replaced, a head and a tail added."""
    kept = [s for s in re.findall(r"[^。！？\n]*[。！？\n]?", text) if s and chance.random() > 0.12]
    if len(kept) > 3:
        at = chance.randrange(len(kept) - 1)
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    for old, new in _WORDS.items():
        if chance.random() < 0.4:
            kept = [sentence.replace(old, new) for sentence in kept]
    return f"（记者 张三）{''.join(kept)}\n（编辑：李四）"


def clipped(text: str, chance: random.Random) -> str:
    """The beginning."""
    return text[: int(len(text) * chance.uniform(0.35, 0.8))]


def excerpt(text: str, chance: random.Random) -> str:
    """A stretch of half its length."""
    start = chance.randrange(len(text) // 2)
    return text[start : start + len(text) // 2]


def furnished(text: str, chance: random.Random) -> str:
    """With other headlines behind it."""
    return "\n".join([text, "相关阅读：", *chance.sample(_TAIL, 3)])


COPIES: dict[str, Callable[[str, random.Random], str]] = {
    "edited": edited,
    "clipped": clipped,
    "excerpt": excerpt,
    "furnished": furnished,
    "converted": lambda text, _: _traditional(text),
    "damaged": damaged,
    "edited and damaged": lambda text, chance: damaged(edited(text, chance), chance),
}


def same_mould(text: str, chance: random.Random) -> str:
    """Another story from one mould: the same sentences about other places, with other numbers."""
    places = {n.text for n in find(fold(text)) if n.kind in ("station", "estate", "community", "town", "district")}
    for name in sorted(places, key=lambda name: (-len(name), name)):
        match = _KIND.match(name)
        if match:
            text = text.replace(name, chance.choice(_OTHER) + name[len(match[1]) :])
    return re.sub(r"\d{1,8}", lambda m: str(int(m[0]) + chance.randrange(1, 60)), text)
