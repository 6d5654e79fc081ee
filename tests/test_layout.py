"""The house: who may import whom, and that the configuration folder never shadows the library."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "archive": {"scrapy", "datasette", "crawler", "spiders"},
    "crawler": {"spiders", "datasette"},
    "spiders": {"archive", "datasette"},
    "datasette": {"crawler", "spiders", "scrapy"},
}


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_run_one_way(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]}
            else:
                continue
            if folder == "datasette":
                names.discard("datasette")  # the library
            assert not names & FORBIDDEN[folder], path


def test_datasette_is_the_library() -> None:
    import datasette

    assert hasattr(datasette, "hookimpl")
    assert not list((ROOT / "datasette").glob("*.py"))
