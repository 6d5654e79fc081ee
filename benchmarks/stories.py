"""Stories for measurements: no two alike, with a dozen facts each."""

import random

_PLACES = "锦帆 青禾 望江 松涛 云溪 白鹭 紫荆 海棠 金穗 长青 玉兰 翠屏 芙蓉 青云 桂苑 映月 枫林 兰亭 月湖 石桥".split()
# Characters to fill texts with: no two generated stories are alike, as no two real ones are.
_COMMON = [
    char
    for char in map(chr, range(0x4E00, 0x9FA5))
    if 0xB0 <= char.encode("gb18030")[0] <= 0xD7 and len(char.encode("gb18030")) == 2
]
_TOWNS = [f"{name}街道" for name in "澄浦 青萝 松岭 云台 河东 河西 南塘 北苑 西城 东郊".split()]


def story(number: int, chance: random.Random) -> tuple[str, list[str]]:
    """A title and paragraphs of some 1,200 characters, with a dozen facts; no two alike."""
    place = f"{_PLACES[number % 20]}{'东南西北中新'[number % 6]}{'苑里园庭湾家'[number // 20 % 6]}"
    town = _TOWNS[number // 7 % 10]
    words = lambda: "".join(chance.choices(_COMMON, k=18))  # noqa: E731
    return f"{place}社区党群服务中心的第{number}天", [
        f"望潭区{town}{place}社区党群服务中心日前揭牌，总投资{chance.randrange(20, 900)}万元，建筑面积{chance.randrange(200, 3000)}平方米。",
        f"{place}社区现有居民{chance.randrange(800, 9000)}户、{chance.randrange(9000, 30000)}人，党员{chance.randrange(50, 900)}名，设{chance.randrange(2, 12)}个党支部。",
        *(f"{words()}，{words()}，{words()}。居民说，{words()}，{words()}。" * 2 for _ in range(7)),
        f"一年来，{place}社区党群服务中心开展活动{chance.randrange(20, 300)}场，服务居民{chance.randrange(900, 9000)}人次，化解矛盾{chance.randrange(10, 200)}起。",
    ]
