"""Pages drawn by script: the article is read from the page's state where that holds one, and one alone."""

import json

import pytest

from archive.model import Article, Capture, NotAnArticle
from archive.reading import read

_CONTENT = (
    "<p>5月6日傍晚，柳岸社区党群服务中心门前的议事桌旁坐满了人，大家商量充电桩装在哪儿。</p>"
    "<p>柳岸社区有居民2680户，党员143名，今年以来组织议事26场，解决停车、照明等问题58件，居民都说办得好。</p>"
)
_STORY = {
    "title": "议事桌搬到楼下",
    "content": _CONTENT,
    "publishTime": "2024-05-06 17:20:08",
    "source": "柳岸发布",
    "author": "李沐",
    "editor": "周舟",
}


def _page(script: str) -> str:
    return f'<html><head><meta charset="utf-8"><title>柳岸发布</title></head><body><div id="app"></div>{script}</body></html>'


def _read(html: str) -> Article | NotAnArticle:
    return read(Capture("http://a.example/detail/7", html.encode()))


@pytest.mark.parametrize(
    "script",
    [
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": {"detail": _STORY}}})}</script>',
        f"<script>window.__INITIAL_STATE__ = {json.dumps({'article': _STORY, 'hot': [{'title': '别的', 'content': '短'}]}, ensure_ascii=False)};</script>",
        f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps(_STORY, ensure_ascii=False), ensure_ascii=False)});</script>",
        f"<script>var detail={json.dumps(_STORY | {'publishTime': 1714987208000})}</script>",
    ],
)  # fmt: skip
def test_the_article_of_a_state(script: str) -> None:
    found = _read(_page(script))
    assert isinstance(found, Article), found
    assert (found.title, found.outlet, found.authors, found.editor, found.method) == (
        "议事桌搬到楼下",
        "柳岸发布",
        ("李沐",),
        "周舟",
        "state",
    )
    assert found.published is not None and found.published.isoformat() == "2024-05-06T17:20:08+08:00"
    assert found.text.startswith("5月6日傍晚，") and found.text.endswith("居民都说办得好。")


def test_what_is_ambiguous_is_left_alone() -> None:
    two = [_STORY, _STORY | {"title": "另一篇", "content": _CONTENT.replace("柳岸", "梅溪")}]
    assert isinstance(_read(_page(f"<script>window.s = {json.dumps(two)}</script>")), NotAnArticle)
    short = _STORY | {"content": "<p>只有一句。</p>"}
    assert isinstance(_read(_page(f"<script>window.s = {json.dumps(short)}</script>")), NotAnArticle)
    deep = "[" * 100_000 + "议事" + "]" * 100_000
    assert isinstance(_read(_page(f"<script>window.s = {deep}</script>")), NotAnArticle)


def test_a_page_with_prose_is_read_as_it_shows() -> None:
    html = f"<html><body><h1>看得见的标题</h1><div>2024-05-07 08:00</div><div>{_CONTENT.replace('143', '99')}</div><script>window.s = {json.dumps(_STORY)}</script></body></html>"
    found = _read(html)
    assert isinstance(found, Article) and found.method != "state" and "党员99名" in found.text
