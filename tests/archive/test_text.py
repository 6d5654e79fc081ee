"""Script folding and noise: positions never get lost."""

from hypothesis import given
from hypothesis import strategies as st

from archive.text import clean, fold

han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40)


@given(st.text(max_size=60))
def test_folding_keeps_every_position(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def test_folding_reads_both_scripts_and_widths() -> None:
    assert fold("黨群服務站有黨員３６名，餘額") == "党群服务站有党员36名,余额"


@given(st.lists(st.tuples(han, st.sampled_from(["", "(qū)", "(wù)", "（jìn）", "( lóu )"])), max_size=8))
def test_cleaned_text_leads_back_to_the_raw_text(parts: list[tuple[str, str]]) -> None:
    raw = "".join(text + (note if text else "") for text, note in parts)
    cleaned = clean(raw)
    assert cleaned.text == "".join(text for text, _ in parts)
    for position, character in enumerate(cleaned.text):
        assert raw[cleaned.raw_at(position)] == character
    if cleaned.text:
        start, end = cleaned.span(0, len(cleaned.text))
        assert raw[start] == cleaned.text[0]
        assert raw[end - 1] == cleaned.text[-1]


def test_only_pinyin_is_a_note() -> None:
    for text in ("下载客户端(app)后", "面积(m2)为", "小区(含别墅)有", "党员(36名)", "设备(kg)"):
        assert clean(text).text == text


def test_a_neutral_note_is_believed_beside_toned_ones() -> None:
    assert clean("我們(men)社區(qū)").text == "我們社區"
    assert clean("我們(men)社區").text == "我們(men)社區"


@given(st.text(st.sampled_from("黨1450户,\u200b\u200d\ufeff\u00ad\u2060"), max_size=30))
def test_what_nobody_sees_is_left_out(raw: str) -> None:
    cleaned = clean(raw)
    assert cleaned.text == "".join(c for c in raw if c in "黨1450户,")
    for position, character in enumerate(cleaned.text):
        assert raw[cleaned.raw_at(position)] == character
        start, end = cleaned.span(position, len(cleaned.text))
        assert "".join(c for c in raw[start:end] if c in "黨1450户,") == cleaned.text[position:]


def test_notes_and_what_nobody_sees_beside_each_other() -> None:
    cleaned = clean("社區(qū)\u200b有1\u200d450戶(hù)。")
    assert cleaned.text == "社區有1450戶。"
    assert cleaned.raw[slice(*cleaned.span(3, 8))] == "1\u200d450戶"
