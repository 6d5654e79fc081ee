"""What the archive says of how it reads an article, in the language of the request."""

import re
from collections.abc import Iterator

import pytest

from archive.language import LANGUAGE, Language
from archive.reading.provenance import find_provenance
from archive.reading.topic import decide as on_topic
from server.language import translations
from server.reasons import _SENTENCES, reason


@pytest.fixture
def english() -> Iterator[None]:
    token = LANGUAGE.set(Language.EN)
    yield
    LANGUAGE.reset(token)


def test_every_sentence_has_its_chinese() -> None:
    chinese = translations(Language.ZH)
    assert [message for _, message in _SENTENCES if not re.search("[一-鿿]", chinese.gettext(message))] == []


def test_what_a_reader_says_is_known() -> None:
    mirrored = "小區(qū)黨員(yuán)在這裡(lǐ)議事(shì)，服務(wù)居民(mín)。" * 4
    provenance = find_provenance("http://mirror.example/1.html", "環球頭條匯", "雲澤新聞網", mirrored, 2)
    said = [*provenance.reasons, on_topic("映月花园小区党群服务站揭牌。").reason]
    assert len(said) >= 3 and all("data-source" not in reason(sentence) for sentence in said), said


def test_names_are_marked_and_escaped(english: None) -> None:
    assert reason("the source line names 雲澤<b>網") == (
        'the source line names <span lang="zh-Hans">雲澤&lt;b&gt;網</span>'
    )
    assert reason("what nobody knows <i>") == '<span lang="en" data-source>what nobody knows &lt;i&gt;</span>'
