"""An archive in parts: three snapshots behind one site, and one search over all."""

import shutil
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from serving import served
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing

_YEARS = (2022, 2023, 2024)
_EACH = 30
_LATER = "江畔晚报"  # an outlet of the second part alone


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Archives by year; days of a year are met in no order."""
    made = []
    for year in _YEARS:
        folder = tmp_path_factory.mktemp("parts") / f"year-{year}"
        with open_for_writing(folder) as archive:
            for n in range(_EACH):
                title = f"{year}年锦帆社区第{n}场邻里节"
                day = f"{year}-{1 + n * 7 % 12:02}-{1 + n % 28:02} 09:00"
                text = (
                    f"锦帆社区党群服务中心举办邻里节，{20 + n}名居民参加。社区有党员{year - 1900 + n}名。"
                    + "大家有说有笑，一起动手做饭。" * 6
                )
                saved = archive.save_capture(
                    exchange(
                        f"http://news.example/{year}/{n}.html",
                        page(title, text, published=day),
                        outlet=_LATER if year == 2023 else "",
                    ),
                    None,
                )
                assert saved is not None
                ingest(archive, saved)
            publish(archive)
        made.append(folder)
    return made


@pytest.fixture(scope="module")
def base(folders: list[Path]) -> Iterator[str]:
    first, *others = folders
    with served(
        first, "--no-rate-limit", *(word for one in others for word in ("--with-archive", str(one)))
    ) as address:
        yield address


@pytest.mark.parametrize(("kind", "count"), [("articles", 90), ("facts", 180)])
def test_one_search_over_all(base: str, kind: str, count: int) -> None:
    found: list[tuple[str, str, int]] = []
    address = f"{base}/search.json?kind={kind}&q={urllib.parse.quote('锦帆')}"
    pages = 0
    while address:
        answer = httpx2.get(address, timeout=60).json()
        assert answer["ok"], answer
        if not pages:
            assert answer["total"] == count
        found += [
            (
                (row["published"] if kind == "articles" else row["as_of"] or row["reported_on"]) or "",
                row["database"],
                row["id"],
            )
            for row in answer["rows"]
        ]
        address, pages = answer["next_url"], pages + 1
    assert len(found) == len(set(found)) == count and pages == -(-count // 20)
    assert [one[0] for one in found] == sorted((one[0] for one in found), reverse=True)
    assert {one[1] for one in found} == {"archive", "year_2023", "year_2024"}


def test_results_lead_to_their_part(base: str) -> None:
    html = httpx2.get(f"{base}/search?q={urllib.parse.quote('锦帆 2023')}", timeout=60).text
    assert "/year_2023/articles/" in html and "/archive/articles/" not in html
    link = html.split('href="/year_2023/articles/')[1].split('"')[0]
    row = httpx2.get(f"{base}/year_2023/articles/{link}", timeout=60)
    assert row.status_code == 200 and "邻里节" in row.text
    whole = httpx2.get(f"{base}/year_2023.db", timeout=60)
    assert whole.status_code == 200 and whole.content.startswith(b"SQLite format 3")
    wrong = httpx2.get(f"{base}/search.json?q=a&after=nonsense", timeout=60)
    assert wrong.status_code == 400 and "第一页" in wrong.json()["error"]


def test_what_no_part_knows_is_reported(base: str) -> None:
    nobody = httpx2.get(f"{base}/search.json?q=a&outlet=nobody", timeout=60)
    assert nobody.status_code == 400 and "没有媒体" in nobody.json()["error"]
    broken = httpx2.get(f"{base}/search.json?q=a&after=year_2023=nonsense", timeout=60)  # not passed over as empty
    assert broken.status_code == 400 and "第一页" in broken.json()["error"]


def test_a_list_of_what_one_part_knows_can_be_taken_away(base: str) -> None:
    answer = httpx2.get(f"{base}/articles.csv?outlet={urllib.parse.quote(_LATER)}", timeout=60)
    assert (answer.status_code, answer.headers["x-total-rows"]) == (200, str(_EACH))


def test_parts_are_distinguished(folders: list[Path], tmp_path: Path) -> None:
    from support import dangqun

    twin = tmp_path / folders[1].name
    shutil.copytree(folders[1], twin)
    done = dangqun(
        "--archive", str(folders[0]), "serve", "--with-archive", str(folders[1]), "--with-archive", str(twin)
    )
    assert done.returncode == 1 and "Rename the folder" in done.stderr
    shutil.copytree(folders[1], tmp_path / "data")
    done = dangqun("--archive", str(folders[0]), "serve", "--with-archive", str(tmp_path / "data"))
    assert done.returncode == 1 and "The name data is taken" in done.stderr  # /data/facts.csv is of the first archive
    (tmp_path / "empty").mkdir()
    done = dangqun("--archive", str(folders[0]), "serve", "--with-archive", str(tmp_path / "empty"))
    assert done.returncode == 1 and "publish" in done.stderr
