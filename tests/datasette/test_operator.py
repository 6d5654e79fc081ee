"""What the operator decides about pages: name, heading, colour, usual language; and how many requests one address may send."""

from pathlib import Path

from serving import site

_DECIDED = """[pages]
title_zh = "某市档案"
title_en = "City <Archive>"
subtitle_en = "What <b> says"
language = "en"
accent = "#0b4f6c"
[rates]
logins = 2
"""


async def test_pages_are_as_the_operator_decides(demo: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "archive.db").symlink_to(demo[0] / "published" / "archive.db")
    (tmp_path / "dangqun.toml").write_text(_DECIDED, "utf-8")
    served = site(tmp_path / "published" / "archive.db")
    start = await served.client.get("/")
    assert (start.status_code, start.headers["content-language"]) == (200, "en")
    assert "<h1>What &lt;b&gt; says</h1>" in start.text and "· City &lt;Archive&gt;</title>" in start.text
    assert 'href="/accent.css"' in start.text and 'class="lead"' not in start.text
    assert "--accent: #0b4f6c;" in (await served.client.get("/accent.css")).text
    chinese = await served.client.get("/about?lang=zh")
    assert "· 某市档案</title>" in chinese.text and "党群服务站报道档案" not in chinese.text
    assert "<title>某市档案</title>" in (await served.client.get("/feed/facts.atom")).text
    login = [(await served.client.post("/-/login", data={})).status_code for _ in range(3)]
    assert login[2] == 429 and 429 not in login[:2]
