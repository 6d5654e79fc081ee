"""`dangqun read` and `dangqun facts`: the two pure functions, on files, without an archive."""

import io
import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from archive.errors import ArchiveError
from archive.facts import extract_text
from archive.facts.second_reader import Ask, ModelError, ask_of, read_again
from archive.model import Article, Capture, Fact, NotAnArticle
from archive.pipeline.deriving import read_isolated, unreadable
from archive.reading.decode import decode
from archive.reading.topic import decide
from crawler.cli.files import Found, find
from crawler.discovery.layouts import known_layouts

_FIELDS = (
    *("title", "published", "dated_by", "outlet", "authors", "editor", "text", "blocks", "links", "images", "cut"),
    *("provenance", "topic", "encoding", "method", "parts"),
)
_PAGE = (b"<html", b"<!doctype", b"<body", b"<head", b"<div", b"<p>", b"<p ")


@click.command()
@click.argument("paths", metavar="PATH...|-", nargs=-1, required=True)
def read(paths: tuple[str, ...]) -> None:
    """Print the article of each page as one JSON line. Touches no archive.

    Fields: file, url, title, published (ISO; with +08:00 where a time is known), dated_by (the place that states
    it), outlet, authors, editor, text, blocks {kind, start, end}, links {start, end, href}, images {at, src,
    caption}, cut (what was left out, counted by name), provenance {kind, reasons, original}, topic {on, reason},
    encoding {declared, used, repaired}, method (layout, known, prose), parts (the addresses of its pages where the site
    shows the article in several, as this one names them). Offsets are characters of text. A page without an article has nulls, and says its kind and
    the reason; the exit code is then 1. PATH is a file or folder, also .gz; - is one page on standard input.
    """
    failed = 0
    for file in find(paths):
        url = file.url
        try:
            capture = file.capture()
            url, found = capture.url, read_isolated(capture, known_layouts())
        except (OSError, ValueError) as error:
            found = NotAnArticle("unreadable", str(error))
        failed += isinstance(found, NotAnArticle)
        click.echo(json.dumps(_line(file.name, url, found), ensure_ascii=False))
    if failed:
        raise click.ClickException(f"Pages without an article: {failed}.")


def _line(file: str, url: str, found: Article | NotAnArticle) -> dict[str, Any]:
    line: dict[str, Any] = {"file": file, "url": url or None} | dict.fromkeys(_FIELDS)
    if isinstance(found, NotAnArticle):
        return line | asdict(found)
    decided = decide(f"{found.title}\n{found.text}")
    values = asdict(found) | {
        "published": found.published_iso or None,
        "cut": dict(found.cut),
        "topic": asdict(decided),
    }
    return line | {name: values[name] for name in _FIELDS}


@click.command()
@click.argument("paths", metavar="PATH...|-", nargs=-1, required=True)
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DATE",
    help="The day the texts were published (YYYY-MM-DD). Justifies years that the words leave open.",
)  # fmt: skip
@click.option(
    "--model", default="", metavar="NAME",
    help="Let a language model of the llm library propose more; kept is what the text bears out, marked with its name.",
)  # fmt: skip
@click.option("--candidates", is_flag=True, help="Print, too, what is not sure enough to be published.")
def facts(paths: tuple[str, ...], published: datetime | None, model: str, candidates: bool) -> None:
    """Print the facts of plain texts or pages as JSON lines. Touches no archive.

    Fields: id (the file's name without its ending), type, subject, value, value_high, unit, approx, qualifier,
    date, quote, start, end, donor, recipient, tainted, division (code of the place where that is certain), model (empty
    for what the grammar found), probability and subject_probability (thousandths, null where rules decided), status
    (published or candidate), subject_certain, measure (the measure word as written). `start` and `end` are offsets in characters into the
    text as given (for a page: into the text that `dangqun read` prints). PATH is a file or folder, also .gz; -
    is standard input.
    """
    failed = []
    try:
        ask = ask_of(model) if model else None
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    for file in find(paths):
        try:
            found = _facts(file, published, model, ask)
        except ArchiveError:
            raise
        except (OSError, ValueError) as error:
            failed.append(f"{file.name}: {error}")
            continue
        except Exception as error:  # whatever the text makes the reader raise
            failed.append(f"{file.name}: {unreadable(error).reason}")
            continue
        for fact in found:
            if fact.is_candidate and not candidates:
                continue
            line = asdict(fact)
            del line["subject_kind"], line["places"]
            click.echo(json.dumps({"id": file.stem} | line, ensure_ascii=False))
    if failed:
        raise click.ClickException("; ".join(failed))


def _facts(file: Found, published: datetime | None, model: str, ask: Ask | None) -> list[Fact]:
    text, day = _text(file, published)
    found = extract_text(text, day)
    return found + read_again(text, day, found, model, ask) if ask else found


def _text(file: Found, published: datetime | None) -> tuple[str, date | None]:
    """The text of a file or page, and the day it was published."""
    page, day = file.page(), published.date() if published else None
    if any(mark in page.body[:2000].lower() for mark in _PAGE):
        found = read_isolated(Capture(page.url, page.body))
        if isinstance(found, NotAnArticle):
            raise ValueError(f"{found.kind}: {found.reason}")
        return found.text, day or found.published_date
    text = decode(page.body)[0]
    return io.StringIO(text, newline=None).read(), day  # line ends as Python reads text
