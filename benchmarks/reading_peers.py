"""Other readers of news pages, each behind one call: (url, bytes) -> Reading. Imported late: each costs what it costs."""

import io
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Reading:
    """What a tool makes of a page; empty where it has no such field. `published` is ISO-like, in China's time."""

    title: str = ""
    published: str = ""
    outlet: str = ""
    authors: tuple[str, ...] = ()
    editor: str = ""
    text: str = ""


def dangqun(url: str, body: bytes) -> Reading:
    from archive.model import Article, Capture
    from archive.reading import read

    found = read(Capture(url, body))
    if not isinstance(found, Article):
        return Reading()
    return Reading(
        found.title, found.published_iso.replace("T", " "), found.outlet, found.authors, found.editor, found.text
    )


def trafilatura(url: str, body: bytes) -> Reading:
    from trafilatura import bare_extraction

    found = bare_extraction(body, url=url or None, with_metadata=True)
    if found is None:
        return Reading()
    authors = tuple((found.author or "").split("; "))
    return Reading(found.title or "", found.date or "", "", authors, "", found.text or "")


def newspaper4k(url: str, body: bytes) -> Reading:
    from newspaper import Article

    article = Article(url or "http://page.example/a.html", language="zh", fetch_images=False)
    article.download(input_html=body)
    article.parse()
    published = article.publish_date.strftime("%Y-%m-%d %H:%M:%S") if article.publish_date else ""
    return Reading(article.title, published, "", tuple(article.authors), "", article.text)


def gne(url: str, body: bytes) -> Reading:
    from gne import GeneralNewsExtractor

    found = GeneralNewsExtractor().extract(scrapy_text(body))
    return Reading(found["title"], found["publish_time"], "", tuple(found["author"].split()), "", found["content"])


def readability(url: str, body: bytes) -> Reading:
    from lxml import html
    from readability import Document

    page = Document(body)
    summary = html.parse(io.StringIO(page.summary())).getroot()
    return Reading(title=page.short_title(), text=summary.text_content())


def resiliparse(url: str, body: bytes) -> Reading:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(bytes_to_str(body, detect_encoding(body)))
    return Reading(title=tree.title or "", text=extract_plain_text(tree, main_content=True))


def scrapy_text(body: bytes) -> str:
    """What Scrapy's response.text makes of a page without a charset in its headers."""
    from scrapy.http import HtmlResponse

    return HtmlResponse("http://page.example/", body=body).text


def our_text(body: bytes) -> str:
    """What this project makes of it."""
    from archive.reading.decode import decode

    return decode(body)[0]


def guessed_text(body: bytes) -> str:
    """What charset-normalizer makes of it, as requests' apparent_encoding does."""
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    return body.decode(best.encoding if best else "utf-8", "replace")


TOOLS: dict[str, Callable[[str, bytes], Reading]] = {
    "dangqun": dangqun,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "gne": gne,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
}
DECODERS: dict[str, Callable[[bytes], str]] = {
    "dangqun": our_text,
    "Scrapy response.text": scrapy_text,
    "charset-normalizer": guessed_text,
}
