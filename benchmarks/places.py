"""Places: all districts of the national list in sentences of our own; how often the code is right, and what it costs.

    .venv/bin/python benchmarks/places.py

Prints, for names that one or several districts have, alone and behind their city, the share of sentences with the right
code, that of a division above, none, and the number with a wrong one; then the milliseconds that names and places take of
a text of 1,200 characters.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import districts

from archive.facts.document import Document

_PASSES = 20
_TEXT = (
    "宁波市镇海区青禾街道云盘社区党群服务中心日前启用,建筑面积760平方米,来自浙江各地的同行前来参观。"
    "社区现有居民1860户、5310人,党员136名,分为14个网格;云盘小区、望江小区也各有一个党群服务站。"
    "街道党工委负责人介绍,去年共举办活动320余场,服务群众2万余人次,投入资金86万元。"
)


def main() -> None:
    """Print the figures."""
    print("names, frames                            right   wider    none   wrong")
    for what, counts in districts.figures().items():
        shares = [counts[outcome] / counts.total() for outcome in districts.OUTCOMES[:3]]
        print(f"{what:36}{''.join(f'{share:8.1%}' for share in shares)}{counts['wrong']:8}")
    text = (_TEXT * 10)[:1200]
    print(f"names and places of 1,200 characters: {_milliseconds(text):.1f} ms")


def _milliseconds(text: str) -> float:
    """The shortest time of several passes, in milliseconds of a core."""
    best = float("inf")
    for _ in range(_PASSES):
        document = Document.of(text)
        start = time.process_time()
        assert document.places.code
        best = min(best, time.process_time() - start)
    return best * 1000


if __name__ == "__main__":
    main()
