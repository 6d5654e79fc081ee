"""Fixtures that several rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import dangqun, free_ports

from archive.storage.store import Archive, open_for_writing

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


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
