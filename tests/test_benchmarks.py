"""The benchmarks that reach into the archive's tables still run, on little: nothing is measured here."""

import subprocess
import sys

import pytest
from support import ROOT

_SMALLEST = {
    "archive.py": (["--articles", "500", "--pages", "10", "--passes", "1"], "cluster, ms"),
    "facts.py": (["--passes", "1", "--most", "5"], "precision"),
    "growth.py": (["--sizes", "200", "--pages", "2"], "10^8"),
    "prefilter.py": (["--pages", "120", "--peer-pages", "0", "--passes", "1"], "None on topic is lost"),
}


@pytest.mark.parametrize("script", _SMALLEST)
def test_runs(script: str) -> None:
    options, printed = _SMALLEST[script]
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert printed in done.stdout
