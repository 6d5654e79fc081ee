"""Whether a page is in one language, but for what it quotes."""

import re

from lxml import html

_FOREIGN = {"en": re.compile(r"[\u4e00-\u9fff]+"), "zh-Hans": re.compile(r"[A-Za-z]{2,}")}
_NAMES = re.compile(r"https?://\S+|\S+@\S+|(?<![A-Za-z])(?:SQL|CSV|XLSX|JSON|WARC|Atom|[Ww]ebhook|Enter)(?![A-Za-z])")
_READ_OUT = ("aria-label", "placeholder", "title", "alt", "data-label")  # attributes that people read or hear


def foreign_words(page: str, language: str) -> list[str]:
    """The words of the other language within a page's <main>, but for what is marked as a quotation (`lang`, `data-source`), and
    names of formats."""
    main = html.document_fromstring(page).find(".//main")
    assert main is not None
    for quoted in main.xpath("//*[@data-source or @lang]"):
        if quoted.get("data-source") is not None or quoted.get("lang") != language:
            quoted.drop_tree()
    texts = [str(text) for text in main.xpath(".//text()[not(ancestor::script)]")]
    texts += [str(value) for name in _READ_OUT for value in main.xpath(f".//@{name}")]
    return [word for text in texts for word in _FOREIGN[language].findall(_NAMES.sub(" ", text))]
