"""`dangqun sites check`: what of a class still holds, and what to change."""

import json
from pathlib import Path

from support import dangqun
from web import Answer, Web, listing, story, web

_CLASS = """

class {title}(SiteSpider):
    name = "{name}"
    outlet = "柳岸新闻网"
    home = "{home}"
    lists = ("/list/",)
    article = r"/a/\\d+\\.html"
    layouts = (Layout(body=".body", title="h1", time=".info"),)
    loopback = True
    custom_settings = {{"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}}
"""


def _class(name: str, site: Web) -> str:
    return _CLASS.format(title=name.title(), name=name, home=site.address)


def _pages(form: str = "/a/{}.html") -> dict[str, str]:
    paths = [form.format(number) for number in range(1, 7)]
    return {path: story(number) for number, path in enumerate(paths)} | {"/list/": listing(paths)}


def test_sites_are_compared_with_their_classes(tmp_path: Path) -> None:
    new_layout = {path: html.replace('class="body"', 'id="text"') for path, html in _pages().items()}
    with web(_pages()) as same, web(_pages("/news/{}.shtml")) as renamed, web(new_layout) as redesigned:
        sites = {"same": same, "renamed": renamed, "redesigned": redesigned}
        classes = "".join(_class(name, site) for name, site in sites.items())
        (tmp_path / "our_sites.py").write_text(f"from spiders.base import Layout, SiteSpider\n{classes}", "utf-8")
        environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)}
        folder = tmp_path / "data"
        done = dangqun("--archive", str(folder), "sites", "check", *sites, "--json", environment=environment)
    assert done.returncode == 1, done.stderr
    found = {
        (row["site"], row["name"]): (row["verdict"], row["message"])
        for row in map(json.loads, done.stdout.splitlines())
    }
    assert {name: verdict for (site, name), (verdict, _) in found.items() if site == "same"} == dict.fromkeys(
        ("robots", "list", "host", "articles", "layout"), "holds"
    )
    assert len(same.paths()) == 4 and not folder.exists()
    verdict, message = found["renamed", "list"]
    assert verdict == "fails" and r"/news/\d+\.shtml" in message and renamed.paths() == ["/list/"]
    assert found["redesigned", "articles"][0] == "holds"  # the general reader finds them
    verdict, message = found["redesigned", "layout"]
    assert verdict == "fails" and 'Layout(body="#text"' in message


def test_a_wait_that_a_site_demands_is_remembered(tmp_path: Path) -> None:
    with web(_pages() | {"/list/": Answer("busy", 429, {"Retry-After": "7200"})}) as site:
        (tmp_path / "our_sites.py").write_text(
            f"from spiders.base import Layout, SiteSpider\n{_class('busy', site)}", "utf-8"
        )
        environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)}

        def ran(*command: str) -> str:
            done = dangqun("--archive", str(tmp_path / "data"), *command, environment=environment)
            return " ".join((done.stdout + done.stderr).split())

        assert "demanded a wait" in ran("sites", "check", "busy", "--json")
        requests = len(site.paths())
        assert requests > 0
        assert "left alone because it demanded a wait" in ran("sites", "check", "busy", "--json")
        assert "left alone because it demanded a wait" in ran("crawl", "busy")
        assert len(site.paths()) == requests
