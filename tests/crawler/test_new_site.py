"""`dangqun sites new`: a class and a test, from one address, that work as they are written."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import dangqun, page
from web import web

from archive.publishing.snapshot import totals
from archive.storage.store import open_for_reading
from crawler.cli import main
from crawler.scaffold import shapes


def _story(number: int) -> str:
    text = "街道社区党群服务中心开展活动，党员和居民一起打扫楼道、整理花坛，大家有说有笑，直到傍晚。"
    html = page(
        f"第{number}个周末的邻里集市",
        text,
        f"社区有党员{number + 20}名，居民{number + 300}户，每周五下午都有志愿者值守。",
        source="柳岸新闻网",
    )
    return html.replace('class="body"', 'class="article-text" id="zoom"').replace("<h1>", '<h1 class="headline">')


def test_a_site_is_proposed(tmp_path: Path) -> None:
    paths = [f"/shequ/2024/05/{n:02}/{800 + n}.html" for n in range(1, 6)]
    listing = "".join(f'<li><a href="{path}">消息</a></li>' for path in paths)
    routes = {path: _story(n) for n, path in enumerate(paths)}
    routes["/shequ/"] = (
        f'<html><body><a href="/about.html">关于</a><ul>{listing}</ul><a href="/shequ/index_2.html">下一页</a></body></html>'
    )
    routes["/about.html"] = "<html><body>联系我们</body></html>"
    for folder in ("spiders/sites", "tests/spiders/pages"):
        (tmp_path / folder).mkdir(parents=True)
    with web(routes) as site:
        done = dangqun(
            "sites", "new", f"{site.address}/shequ/", "--name", "liuan", "--project-folder", str(tmp_path), "--loopback"
        )
        assert done.returncode == 0, done.stderr
        again = dangqun(
            "sites", "new", f"{site.address}/shequ/", "--name", "liuan", "--project-folder", str(tmp_path), "--loopback"
        )
        assert again.returncode == 1 and "exists already" in again.stderr
    written = (tmp_path / "spiders" / "sites" / "liuan.py").read_text("utf-8")
    assert r'article = r"/shequ/\d{4}/\d{2}/\d{2}/\d+\.html"' in written
    assert r'more = r"/shequ/index_\d+\.html"' in written
    assert 'outlet = "柳岸新闻网"' in written
    assert 'Layout(body="#zoom", title=".headline", time=".info")' in written
    namespace: dict[str, object] = {}
    exec(compile(written, "liuan.py", "exec"), namespace)
    spider = namespace["Liuan"]()  # type: ignore[operator]
    assert spider.is_article(site.address + paths[0])
    expected = json.loads((tmp_path / "tests/spiders/pages/liuan/expected.json").read_text("utf-8"))
    assert expected["list"]["articles"] == [site.address + path for path in paths]
    assert expected["article"]["title"].endswith("周末的邻里集市")


def test_a_platform_is_recognised(tmp_path: Path) -> None:
    paths = [f"/xw/202405/t202405{n:02}_{3000 + n}.html" for n in range(10, 14)]
    routes = {path: _story(n) for n, path in enumerate(paths)}
    routes["/xw/"] = (
        "<html><body>"
        + "".join(f'<a href="{path}">消息</a>' for path in paths)
        + '<script>createPageHTML(25, 0, "index", "html");</script></body></html>'
    )
    with web(routes) as site:
        done = dangqun("sites", "new", f"{site.address}/xw/", "--name", "trs-one", "--dry-run", "--loopback")
    assert "class TrsOne(TrsSite):" in done.stdout, done.stderr
    assert "from spiders.platforms.trs import TrsSite" in done.stdout


def test_an_address_that_lists_nothing(tmp_path: Path) -> None:
    with web({"/": "<html><body>空</body></html>"}) as site:
        done = dangqun(
            "sites", "new", f"{site.address}/", "--name", "none", "--project-folder", str(tmp_path), "--loopback"
        )
    assert done.returncode == 1
    assert "no article was seen" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "spiders").exists()


@pytest.mark.parametrize(
    ("paths", "shape"),
    [
        (["/a/1.html", "/a/22.html"], r"/a/\d+\.html"),
        (["/x/202405/t20240506_1.html", "/y/202405/t20240507_22.html"], r"/[\w-]+/\d{6}/t\d{8}_\d+\.html"),
        (["/20240506/" + "ab" * 16 + "/c.html", "/20240507/" + "12" * 16 + "/c.html"], r"/\d{8}/[0-9a-f]{32}/c\.html"),
    ],
)  # fmt: skip
def test_shapes(paths: list[str], shape: str) -> None:
    assert shapes(paths) == [shape]


def test_in_an_empty_folder_what_is_written_can_be_crawled(tmp_path: Path) -> None:
    paths = [f"/a/{n}.html" for n in range(1, 4)]
    links = "".join(f'<a href="{path}">消息</a>' for path in paths)
    routes = {path: _story(n) for n, path in enumerate(paths)} | {"/": f"<html><body>{links}</body></html>"}
    with web(routes) as site:
        done = dangqun(
            "sites", "new", site.address, "--name", "liuan-xw", "--project-folder", str(tmp_path), "--loopback"
        )
        assert done.returncode == 0, done.stderr
        match = re.search(r"PYTHONPATH=(\S+) DANGQUN_SITES=(\S+) dangqun crawl (\S+)", done.stderr)
        assert match and match[3] == "liuan-xw"
        own = {"PYTHONPATH": match[1], "DANGQUN_SITES": match[2]}
        listed = dangqun("sites", environment=own)
        assert f"liuan-xw\t柳岸新闻网\t{site.address}" in listed.stdout, listed.stderr
        crawled = dangqun("--archive", str(tmp_path / "data"), "crawl", match[3], "--no-publish", environment=own)
    with open_for_reading(tmp_path / "data") as archive:
        assert totals(archive)["articles"] == 3, crawled.stderr


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "spiders").write_text("a file")
    links = "".join(f'<a href="/a/{n}.html">消息</a>' for n in range(5))
    routes = {f"/a/{n}.html": _story(n) for n in range(5)} | {"/": f"<html><body>{links}</body></html>"}
    with web(routes) as site:
        done = dangqun("sites", "new", site.address, "--name", "liuan", "--project-folder", str(tmp_path), "--loopback")
    assert done.returncode == 1 and "cannot be written into" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["http://[bad", "news.example", "ftp://news.example/", "http://", "http://a:port/"])
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    for command in (("sites", "new"), ("crawl",)):
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), *command, address])
        assert done.exit_code == 2 and ("is not the address of a page" in done.output or "Unknown site" in done.output)


def test_an_address_of_this_machine_needs_an_option(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--archive", str(tmp_path), "sites", "new", "http://localhost:8001/"])
    assert done.exit_code == 2 and "Add --loopback" in done.output


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (None, "ModuleNotFoundError: No module named 'our_sites'"),
        ("import no_such_module", "No module named 'no_such_module'"),
        ("class Ours(", "SyntaxError"),
        ("raise RuntimeError('out of order')", "RuntimeError: out of order"),
        ('from spiders.base import SiteSpider\nclass Ours(SiteSpider):\n    name = outlet = "ours"', "our_sites: Ours lacks `home`"),
        ('from scrapy import Spider\nclass Ours(Spider):\n    name = "ours"', "our_sites: Ours is no SiteSpider"),
    ],
)  # fmt: skip
def test_sites_of_ones_own_that_are_wrong(module: str | None, message: str, tmp_path: Path) -> None:
    if module is not None:
        (tmp_path / "our_sites.py").write_text(module)
    done = dangqun("sites", environment={"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_sites_of_ones_own_lie_anywhere_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "our_sites.py").write_text(
        "from spiders.base import SiteSpider\n\n\nclass Ours(SiteSpider):\n"
        '    name = "ours"\n    outlet = "某报"\n    home = "http://ours.example/"\n    article = r"/a/\\d+"\n    lists = ("/",)\n'
    )
    environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)}
    listed = dangqun("sites", environment=environment)
    assert listed.returncode == 0, listed.stderr
    assert "ours\t某报\thttp://ours.example/" in listed.stdout and "ytxww" in listed.stdout
