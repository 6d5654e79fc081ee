"""The locks: one set of pins that serves every Python from Debian 12's on."""

import tomllib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
# What each lock must hold.
LOCKS = {
    "requirements.lock": RUNTIME,
    "requirements-dev.lock": RUNTIME + EXTRAS["dev"],
    "requirements-training.lock": RUNTIME + EXTRAS["training"],
    "requirements-bench.lock": RUNTIME + GROUPS["bench"],
    "requirements-crawlers.lock": GROUPS["crawlers"],
    "requirements-replay.lock": GROUPS["replay"],
    "requirements-docs.lock": GROUPS["docs"],
    "requirements-audit.lock": GROUPS["audit"],
}
_HASH = "    --hash=sha256:"  # a line of its own, below the pin that it belongs to
PYTHONS = ("3.11.2", "3.11.7", "3.12.1", "3.13.0", "3.14.0")


def lines(lock: str) -> Iterator[Requirement]:
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if not line.startswith(("#", _HASH)):
            yield Requirement(line.removesuffix(" \\"))


def pins(lock: str, python: str) -> dict[str, list[str]]:
    """The versions that a lock names for each package, for one Python on Linux."""
    versions = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_version": python,
    }
    environment = {**default_environment(), **versions, "sys_platform": "linux"}
    found: dict[str, list[str]] = {}
    for line in lines(lock):
        if line.marker is None or line.marker.evaluate(environment):
            found.setdefault(canonicalize_name(line.name), []).append(next(iter(line.specifier)).version)
    return found


def test_every_lock_is_known() -> None:
    assert {path.name for path in ROOT.glob("requirements*.lock")} == set(LOCKS)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_versions_and_names_no_host(lock: str) -> None:
    assert (ROOT / lock).read_text("utf-8").startswith("# ")
    for line in lines(lock):
        assert line.url is None, line
        assert [pin.operator for pin in line.specifier] == ["=="], line


def test_each_pin_of_the_documentation_has_hashes() -> None:
    following = [*(ROOT / "requirements-docs.lock").read_text("utf-8").splitlines()[1:], ""]
    for line, below in pairwise(following):
        assert line.startswith(_HASH) or below.startswith(_HASH), line


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_each_requirement_has_one_pin_for_each_python(lock: str, python: str) -> None:
    pinned, environment = pins(lock, python), {"python_version": python.rpartition(".")[0]}
    assert {name: versions for name, versions in pinned.items() if len(versions) > 1} == {}
    for requirement in map(Requirement, LOCKS[lock]):
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        [version] = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-training.lock", "requirements-bench.lock"])
def test_a_lock_with_more_agrees_with_the_first(lock: str, python: str) -> None:
    assert pins("requirements.lock", python).items() <= pins(lock, python).items()
