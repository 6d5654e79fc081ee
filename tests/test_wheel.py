"""The wheel, away from the checkout: everything that the commands need is inside."""

import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from serving import running
from support import ROOT, free_ports


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources: building leaves folders behind."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("archive", "crawler", "spiders", "datasette"):
        shutil.copytree(ROOT / name, source / name)
    _pip("wheel", "--no-build-isolation", "--wheel-dir", str(target), str(source))
    (made,) = target.glob("*.whl")
    return made


def _pip(command: str, *options: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", command, "--quiet", "--no-deps", *options], check=True)


def test_configuration_lies_under_its_own_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith(("datasette/", "tests/", "benchmarks/"))]
    for inside in ("crawler/site/datasette.yaml", "crawler/site/server/compat.py", "crawler/site/static/site.css",
                   "archive/places/divisions.xz", "archive/storage/schema.sql", "archive/sql/migrations/reviews/0001_first.sql",
                   "crawler/sample/stories.toml", "archive/py.typed", "archive/facts/decide/weights.onnx",
                   "archive/facts/decide/vocab.json", "archive/facts/decide/card.md"):  # fmt: skip
        assert inside in names


def test_demo_runs_and_is_served(wheel: Path, tmp_path: Path, sample_environment: dict[str, str]) -> None:
    _pip("install", "--target", str(tmp_path / "installed"), str(wheel))
    environment = sample_environment | {"PYTHONPATH": str(tmp_path / "installed")}
    dangqun = [sys.executable, "-m", "crawler.cli", "--archive", str(tmp_path / "data")]
    done = subprocess.run(
        [*dangqun, "demo", "--no-serve"],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0 and "articles: 33" in done.stdout, done.stdout + done.stderr
    where = [sys.executable, "-c", "import crawler; print(crawler.__file__)"]
    found = subprocess.run(
        where, cwd=tmp_path, env=os.environ | environment, capture_output=True, check=False, text=True
    ).stdout
    assert found.startswith(str(tmp_path))
    port = free_ports(1)
    with running([*dangqun, "serve", "--port", str(port)], port, tmp_path, environment) as (address, _):
        page = urllib.request.urlopen(address + "/", timeout=60).read().decode()
        assert "党群" in page and "33" in page
        assert urllib.request.urlopen(address + "/static/site.css", timeout=60).status == 200
        assert urllib.request.urlopen(address + "/search?q=36", timeout=60).status == 200
