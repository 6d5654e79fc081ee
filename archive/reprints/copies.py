"""Copies of an article at other addresses of its outlet: for phones, for print, AMP, under another spelling of the
address, or beside the one that a page names as its own (rel=canonical). All of them are one article.

Which addresses may be copies of each other follows from the addresses (`page_of`); that they are is decided by their
text. Of addresses with the same text, the original is the one that is written as their page is known, or else the one
that was captured first. The captures of a copy are of the kind `copy`, and are read again once its original is no article
any more.
"""

import sqlite3
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.model import Article
from archive.reprints.stories import Story, similarity
from archive.web.addresses import page_key


@dataclass(frozen=True)
class Same:
    """Articles that are the same as the one of an address: the number of the one that the address is a copy of, or else
    the addresses that are copies of it."""

    original: int | None = None
    copies: tuple[str, ...] = ()


def page_of(article: Article) -> str:
    """What an article's addresses have in common: the key of the one that it names as its own, or of its own. One that
    names its site's home page says nothing."""
    named = urlsplit(article.canonical)
    return page_key(article.canonical if named.path.strip("/") or named.query else article.url)


def find(connection: sqlite3.Connection, url: str, page: str, outlet: int | None, texts: AbstractSet[str]) -> Same:
    """Find the articles of one outlet that are the same as the article of an address.

    Args:
        connection: the database.
        url: the address.
        page: what the addresses of the page have in common.
        outlet: the number of the outlet; None where only its host is known.
        texts: the texts of the article's versions.

    Returns:
        The original, or the copies.
    """
    rows = connection.execute(
        "select articles.id, articles.url, articles.outlet_id, (select min(id) from captures c where c.url = articles.url)"
        " from captures join articles on articles.capture_id = captures.id where page_key = ? and articles.url != ?",
        [page, url],
    ).fetchall()
    others = sorted(
        (_rank(other, page, first), number, other)
        for number, other, its_outlet, first in rows
        if are_of_one_outlet(url, outlet, other, its_outlet) and _tells_one_of(connection, number, texts)
    )
    if not others:
        return Same()
    [first] = connection.execute("select min(id) from captures where url = ?", [url]).fetchone()
    if others[0][0] < _rank(url, page, first):
        return Same(original=others[0][1])
    return Same(copies=tuple(other for _, _, other in others))


def page_at(connection: sqlite3.Connection, url: str) -> str:
    """The page of the article that stands at an address; empty where none does."""
    row = connection.execute(
        "select page_key from articles join captures on captures.id = capture_id where articles.url = ?", [url]
    ).fetchone()
    return (row and row[0]) or ""


def addresses(connection: sqlite3.Connection, url: str) -> list[str]:
    """An address with those of its article's copies and further pages; where it is one of these itself, with all of its
    article."""
    rows = connection.execute(
        "select ?1 union select url from captures where page_key in (select page_key from captures where url = ?1)"
        " and (kind in ('copy', 'part') or exists (select 1 from captures where url = ?1 and kind in ('copy', 'part')))",
        [url],
    )
    return [address for (address,) in rows]


def is_there(connection: sqlite3.Connection, url: str) -> bool:
    """Whether an address has an article, a copy of one or a further page."""
    question = "select 1 from captures where url = ? and kind in ('article', 'copy', 'part')"
    return connection.execute(question, [url]).fetchone() is not None


def fold(connection: sqlite3.Connection, url: str, reason: str) -> None:
    """Call the captures of an address copies."""
    connection.execute(
        "update captures set kind = 'copy', reason = ? where url = ? and kind = 'article'", [reason, url]
    )


def release(connection: sqlite3.Connection, page: str) -> None:
    """Have the copies of a page read again: their original is gone."""
    connection.execute(
        "update captures set kind = null, reason = null, page_key = null where page_key = ? and kind = 'copy'", [page]
    )


def are_of_one_outlet(url: str, outlet: int | None, other: str, its_outlet: int | None) -> bool:
    """Whether two addresses are of one outlet: by its number, where that is known, or by their hosts."""
    return (outlet is not None and outlet == its_outlet) or _host(url) == _host(other)


def are_the_same(texts: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether any of these texts has the content of one of the others."""
    if texts & others:
        return True
    mine, theirs = ([Story.of(text) for text in sorted(those)] for those in (texts, others))
    return any(similarity(one, other) for one in mine for other in theirs)


def _rank(url: str, page: str, first: int) -> tuple[bool, int]:
    """The original has the lowest; `first` is the number of its first capture."""
    return url.partition("://")[2] not in (page, f"www.{page}"), first


def _host(url: str) -> str:
    return page_key(url).partition("/")[0]


def _tells_one_of(connection: sqlite3.Connection, article_id: int, texts: AbstractSet[str]) -> bool:
    """Whether any version of an article has the content of one of these texts."""
    versions = {text for (text,) in connection.execute("select text from revisions where article_id = ?", [article_id])}
    return are_the_same(texts, versions)
