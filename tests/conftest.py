"""Fixtures that several rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import dangqun, free_ports

from archive.storage.store import Archive, open_for_writing

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
# They take a minute or more, most of it waiting.
_LONGEST = ("test_cluster.py", "test_survival.py", "test_browser.py", "test_readers_sql.py", "test_attacks.py", "test_benchmarks.py", "test_wheel.py")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first, so that no process of a parallel run works alone at the end."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@pytest.fixture
def shared() -> Path:
    """The folder of test material, which is no part of the product."""
    if not SHARED.exists():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive."""
    archive = open_for_writing(tmp_path / "data")
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def sample_environment() -> dict[str, str]:
    """Ports for the sample site that no other session uses."""
    return {"DANGQUN_SAMPLE_PORT": str(free_ports(3))}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, sample_environment: dict[str, str]) -> tuple[Path, str]:
    """An archive made by `dangqun demo --no-serve`, and what that printed."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    done = dangqun("--archive", str(folder), "demo", "--no-serve", environment=sample_environment)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout + done.stderr
