"""What strangers hand us, broken at random: every reader keeps its promises (tests/support/inputs.py).

The seeds are the same at each run; `make fuzz` tries others.
"""

import random

import inputs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("kind", inputs.KINDS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_broken_inputs_keep_their_promises(kind: str, seed: int) -> None:
    inputs.KINDS[kind](random.Random(seed))
