"""Pages that only a browser can draw: off by default; with the extra, drawn, kept as drawn, and nothing fetched from elsewhere."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from crawling import crawled
from web import Answer, story, web

from archive.storage.store import open_for_reading

_DRAWN = """<html><head><meta charset="utf-8"></head><body><div id="app"></div><img src="/pixel.png"><script>
fetch("/data.json").then(answer => answer.json()).then(data => {
  document.getElementById("app").innerHTML = data.html; document.title = data.title;
  fetch("http://10.1.2.3/secret").catch(() => 0);
});</script></body></html>"""


@pytest.mark.skipif(
    importlib.util.find_spec("scrapy_playwright") is None or shutil.which("chromium") is None,
    reason="the extra `browser` or chromium is not installed",
)
def test_a_browser_draws_the_page(tmp_path: Path) -> None:
    import json

    data = json.dumps({"title": "第3个周末的邻里集市", "html": story(3)})
    with web({
        "/list": '<html><body><script>document.write("<a href=/a/3.html>新</a>")</script></body></html>', "/a/3.html": _DRAWN,
        "/data.json": Answer(data, kind="application/json"),
    }) as site:  # fmt: skip
        given = {"home": site.address, "article": r"/a/\d+\.html", "lists": ["/list"]}
        plain = crawled(tmp_path / "plain", given)
        assert "list_links" in plain["findings"] and "/data.json" not in site.paths()
        done = crawled(tmp_path / "drawn", given | {"browser": True}, settings={"DOWNLOAD_TIMEOUT": 60})
        assert done["read/article"] == 1, done
        assert "/data.json" in site.paths() and "/pixel.png" not in site.paths()
    with open_for_reading(tmp_path / "drawn") as archive:
        number, title = archive.connection.execute("select capture_id, title from articles").fetchone()
        assert title == "第3个周末的邻里集市"
        assert archive.capture(number).header("X-Dangqun-Drawn-By") == "chromium"
