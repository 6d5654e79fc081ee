"""The decisions: windows, the network's weights as they run, and what they depend on."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from archive.facts.candidates import find
from archive.facts.decide import ModelUnavailable, decide, decoding, model
from archive.facts.decide.labels import CLOSED, ROLES, TYPES, allowed
from archive.facts.decide.windows import CLS, LENGTH, SEP, Window, vocabulary, windows
from archive.facts.document import Document

SHORT = "青禾社区党群服务中心于2022年5月6日启用\n2022-05-07\n青禾社区现有居民860户、2310人，党员36名。中心设有图书室、调解室、议事厅。"
LONG = "青禾社区的账本\n2022-05-07\n" + "".join(
    f"第{n}户人家住在青禾社区{n}号楼，今年走访了{n + 3}次，送来图书{n + 20}册。\n" for n in range(1, 60)
)


def _windows(text: str) -> tuple[Document, list]:
    document = Document.of(text, date(2022, 5, 7))
    return document, windows(document)


def test_a_short_text_is_one_window() -> None:
    document, (window,) = _windows(SHORT)
    assert window.tokens[0] == CLS and window.tokens[-1] == SEP and len(window.tokens) <= LENGTH
    letters = "".join(document.text[at] for at in window.offsets if at >= 0)
    assert letters == "".join(c for c in document.text if c == "\n" or not c.isspace())


def test_every_candidate_is_decided_once_and_where_it_stands() -> None:
    document, made = _windows(LONG)
    assert len(made) > 3
    decided = [item.candidate for window in made for item in window.items]
    assert sorted(decided, key=repr) == sorted(find(document), key=repr)
    for window in made:
        assert len(window.tokens) <= LENGTH
        for item in window.items:
            assert window.offsets[item.first] >= item.candidate.start and window.offsets[item.last] < item.candidate.end


def test_later_windows_repeat_the_title_and_the_place() -> None:
    document, made = _windows(LONG)
    shown = ["".join(document.text[at] for at in window.offsets if at >= 0) for window in made]
    assert all(text.startswith("青禾社区的账本") and "青禾社区" in text[7:30] for text in shown[1:])


@pytest.mark.parametrize(
    "unit",
    [
        "7月1日青禾社区党员3名,",
        "甲秀社区、乙成社区分别有党员3名、4名,",
        "2020年7月1日党员3名。",
        "青禾社区、青禾社区、居民3户、",
        "3个;",
    ],
)
def test_all_but_the_network_takes_time_in_proportion(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, dates and windows of a long text are not looked through for each candidate, window or list."""
    monkeypatch.setattr(model, "run", _undecided)
    took = []
    for length in (10_000, 80_000):
        document = Document.of("青禾小区党群服务站。" + unit * (length // len(unit)), date(2022, 5, 7))
        start = time.process_time()
        decide(document, margin=1000)
        took.append(time.process_time() - start)
    assert took[1] < 8 * 3 * took[0] + 1


def _undecided(window: Window) -> decoding.Logits:
    n, t = len(window.items), len(window.tokens)
    shapes = (n, len(TYPES)), (n, len(CLOSED)), (n, len(ROLES), 2, t), (t, len(decoding.TAGS))
    return decoding.Logits(*(np.zeros(shape, dtype=np.float32) for shape in shapes))


def test_a_window_repeats_the_last_of_many_places() -> None:
    """However often the last place is named, those before it are still found among the names before a window."""
    filler = "居民很热闹，大家都说好。" * 60
    document, made = _windows(f"甲秀社区与乙成社区\n{'青禾社区开会。' * 90}{filler}丙方小区现有居民3户。")
    shown = "".join(document.text[at] for at in made[-1].offsets if at >= 0)
    assert all(name in shown for name in ("甲秀社区", "乙成社区", "青禾社区", "丙方小区"))


def test_a_text_without_candidates_has_no_window() -> None:
    assert _windows("青禾社区很热闹，居民都说好。")[1] == []


def test_what_a_measure_word_rules_out_is_never_decided() -> None:
    document = Document.of("青禾社区党群服务中心投入14万元,建筑面积300平方米,居民860户。")
    types = {
        document.text[c.start : c.end]: {TYPES[n] for n in allowed(c)} - {"none"} for c in find(document) if c.quantity
    }
    assert types["14万元"] == {"investment", "donation_money"}
    assert types["300平方米"] == {"floor_area", "site_area"}
    assert "party_members" not in types["860户"] and "households" in types["860户"]


def test_shapes_of_what_the_network_says() -> None:
    _, (window,) = _windows(SHORT)
    output = model.run(window)
    n, t = len(window.items), len(window.tokens)
    assert output.types.shape == (n, len(TYPES)) and output.closed.shape == (n, len(CLOSED))
    assert output.spans.shape == (n, len(ROLES), 2, t) and output.tags.shape == (t, len(decoding.TAGS))


def _bits(text: str) -> list[bytes]:
    return [array.tobytes() for window in _windows(text)[1] for array in vars(model.run(window)).values()]


def test_a_window_depends_on_nothing_but_itself() -> None:
    alone = _bits(SHORT)
    _bits(LONG)
    assert _bits(SHORT) == alone
    with ThreadPoolExecutor(4) as pool:
        assert all(bits == alone for bits in pool.map(_bits, [SHORT] * 8))
    code = "import sys; sys.path[:0] = sys.argv[1:]; import test_decide as t, hashlib; print(hashlib.sha256(b''.join(t._bits(t.SHORT))).hexdigest())"
    here = Path(__file__)
    other = subprocess.run(
        [sys.executable, "-c", code, str(here.parent), str(here.parents[2])], capture_output=True, text=True, check=True
    )
    import hashlib

    assert other.stdout.strip() == hashlib.sha256(b"".join(alone)).hexdigest()


def test_one_candidate_alone_is_decided_as_beside_others() -> None:
    _, (window,) = _windows(SHORT)
    together = model.run(window)
    for number, item in enumerate(window.items):
        single = model.run(replace(window, items=[item]))
        assert np.allclose(single.types[0], together.types[number], atol=1e-4)


def test_the_weights_are_small() -> None:
    assert (model.FOLDER / model.WEIGHTS).stat().st_size <= 8 * 2**20


def test_calibration_rises_and_stays_within_bounds() -> None:
    made = model.calibration()
    for points in (made.points, made.subject_points):
        xs, ys = zip(*points, strict=True)
        assert list(xs) == sorted(xs) and list(ys) == sorted(ys) and xs[0] == 0 and xs[-1] == 1
    assert 0 < made.candidate < made.publish < 1 and 0 <= made.probability(0.0) <= made.probability(1.0) <= 1000


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_unusable_weights_are_reported_in_a_sentence(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "FOLDER", tmp_path)
    if content is not None:
        (tmp_path / model.WEIGHTS).write_bytes(content)
    model._session.cache_clear()
    try:
        with pytest.raises(ModelUnavailable, match=r"weights.*Install the project again"):
            model.run(_windows(SHORT)[1][0])
    finally:
        model._session.cache_clear()


def test_a_pointer_at_the_marks_means_nobody_or_a_private_person() -> None:
    document, (window,) = _windows(SHORT)
    t = len(window.tokens)
    ends = np.zeros((2, t), dtype=np.float32)
    ends[0, 0] = 1
    assert decoding._pointed(document, window, ends) is None
    ends[0, 0], ends[0, t - 1] = 0, 1
    assert decoding._pointed(document, window, ends) == decoding.PERSON


def test_a_pointer_stops_at_a_comma() -> None:
    document, (window,) = _windows(SHORT)
    comma = next(n for n, at in enumerate(window.offsets) if at >= 0 and document.text[at] == ",")
    ends = np.zeros((2, len(window.tokens)), dtype=np.float32)
    ends[0, comma - 4], ends[1, comma + 3], ends[1, comma - 1] = 1, 1, 0.5
    assert decoding._pointed(document, window, ends) == (window.offsets[comma - 4], window.offsets[comma])


def test_every_character_of_the_vocabulary_is_one_token() -> None:
    known = vocabulary()
    assert sorted(known.values()) == list(range(len(known)))
