"""An article in several pages of which one is not here: the page says which, in plain words."""

import re
from pathlib import Path

from serving import site
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing

_LEAD = "http://www.news.example/2024/c_1234.html"
_TEXT = "望潭区青萝街道碧螺小区党群服务站揭牌，投入资金14万元，站里设有议事厅、图书室、调解室，居民走进来就能坐下说话。"


async def test_a_page_that_is_missing_is_named(tmp_path: Path) -> None:
    pager = '<p>1 <a href="c_1234_2.html">2</a> <a href="c_1234_3.html?x=%22%3E">3</a></p>'
    with open_for_writing(tmp_path / "data") as store:
        html = page("碧螺小区党群服务站的一年", _TEXT).replace("</body>", f"{pager}</body>")
        number = store.save_capture(exchange(_LEAD, html, outlet="云泽新闻网"), None)
        assert number is not None
        ingest(store, number)
        datasette = site(publish(store))
    await datasette.invoke_startup()
    rows = (await datasette.client.get("/archive/articles.json")).json()["rows"]
    shown = (await datasette.client.get(f"/article/{rows[0]['key']}")).text
    assert rows[0]["missing_pages"] == f'["{_LEAD.replace(".html", "_2.html")}"]'
    assert "本篇不完整" in shown and "原文共2页，存有其中1页" in shown
    assert re.search(r'缺少：.*<a href="http://www\.news\.example/2024/c_1234_2\.html" rel="[^"]*nofollow">', shown)
