"""The architecture: which package may import which, and that the configuration folder never shadows the library."""

import ast
from collections.abc import Iterator
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


@pytest.mark.parametrize("folder", [*map(Path, ("archive", "crawler", "spiders", "datasette/server"))], ids=str)
def test_no_circles(folder: Path) -> None:
    """At any depth, no package or module imports what imports it, be it by way of others."""
    levels: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for path in (ROOT / folder).rglob("*.py"):
        module = path.relative_to(ROOT / folder.parent).with_suffix("").parts
        for other in _imported(path, folder.name):
            depth = next((n for n, (one, two) in enumerate(zip(module, other, strict=False)) if one != two), None)
            if depth is not None:
                levels.setdefault(module[:depth], {}).setdefault(module[depth], set()).add(other[depth])
    for level, rests_on in levels.items():
        waiting = dict(rests_on)
        while free := [name for name, below in waiting.items() if not below & waiting.keys()]:
            for name in free:
                del waiting[name]
        assert not waiting, (level, {name: sorted(below & waiting.keys()) for name, below in waiting.items()})


def _imported(path: Path, folder: str) -> Iterator[tuple[str, ...]]:
    """The modules of a folder that a file imports, and the names that it imports from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == folder:
            yield from ((*(node.module or "").split("."), alias.name) for alias in node.names)


def test_plugins_import_the_server_and_never_each_other() -> None:
    for path in (ROOT / "datasette").rglob("*.py"):
        assert not list(_imported(path, "plugins")), path


def test_datasette_is_the_library() -> None:
    import datasette

    assert hasattr(datasette, "hookimpl")
    assert not list((ROOT / "datasette").glob("*.py"))
