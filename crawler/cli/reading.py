"""`dangqun read` and `dangqun facts`: the article and the facts of files, without an archive."""

import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from archive.captures.files import PageFile, find_files
from archive.errors import ArchiveError
from archive.facts import extract_text
from archive.facts.second_reader import ModelError, Prompt, prompt_function, read_again
from archive.model import Article, Capture, CaptureKind, Fact, NotAnArticle
from archive.pipeline.deriving import read_isolated, unreadable
from archive.reading.decode import decode
from archive.reading.topic import decide
from crawler.discovery.layouts import known_layouts

_FIELDS = (
    *("title", "published", "dated_by", "outlet", "authors", "editor", "text", "blocks", "links", "images", "cut"),
    *("provenance", "topic", "encoding", "method", "parts"),
)
_PAGE = (b"<html", b"<!doctype", b"<body", b"<head", b"<div", b"<p>", b"<p ")


@click.command()
@click.argument("paths", metavar="PATH...|-", nargs=-1, required=True)
def read(paths: tuple[str, ...]) -> None:
    """Print the article of each page.

    The output is one JSON line for each page. The command uses no archive. PATH is a file or folder, also .gz; - is one
    page on standard input.

    \b
    file, url         the file, and the address of the page
    title, outlet, authors, editor, text
    published         ISO; with +08:00 if a time is known
    dated_by          where the page states the date
    blocks            {kind, start, end}
    links             {start, end, href}
    images            {at, src, caption}
    cut               what was left out: numbers by name
    provenance        {kind, reasons, original}
    topic             {on, reason}
    encoding          {declared, used, repaired}
    method            layout, known or prose
    parts             the addresses of its pages, for an article in several pages

    Offsets count characters of the text. For a page without an article, these fields are null, and the fields kind and
    reason explain it; the exit code is then 1.
    """
    failed = 0
    for file in find_files(paths):
        url = file.url
        try:
            capture = file.capture()
            url, found = capture.url, read_isolated(capture, known_layouts())
        except (OSError, ValueError) as error:
            found = NotAnArticle(CaptureKind.UNREADABLE, str(error))
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
    help="The day on which the texts were published (YYYY-MM-DD). It completes dates without a year.",
)  # fmt: skip
@click.option(
    "--model", default="", metavar="NAME",
    help="Let a language model of the llm library propose more facts. Only those that the text supports are kept. They carry"
    " the name of the model.",
)  # fmt: skip
@click.option("--candidates", is_flag=True, help="Also print candidates: facts that are too uncertain to be published.")
def facts(paths: tuple[str, ...], published: datetime | None, model: str, candidates: bool) -> None:
    """Print the facts of texts or pages.

    The output is one JSON line for each fact. The command uses no archive. PATH is a text or a page, or a folder of
    these, also .gz; - is standard input.

    \b
    id                   the name of the file, without its ending
    type, subject, value, value_high, unit, approx, qualifier, date
    quote, start, end    the words that state the fact, and their place
    donor, recipient     of a gift
    tainted              whether damage may have changed the quote
    division             the code of the place, if it is certain
    model                the language model; empty for the grammar
    repaired             whether the quote was damaged and has been repaired
    probability, subject_probability
                         thousandths; null if rules decided
    status               published or candidate
    subject_certain      whether the subject is certain
    measure              the measure word as written

    Offsets count characters of the text; for a page, of the text that `dangqun read` prints.
    """
    failed = []
    try:
        prompt = prompt_function(model) if model else None
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    for file in find_files(paths):
        try:
            found = _facts(file, published, model, prompt)
        except ArchiveError:
            raise
        except (OSError, ValueError) as error:
            failed.append(f"{file.name}: {error}")
            continue
        except Exception as error:  # no text may stop the others
            failed.append(f"{file.name}: {unreadable(error).reason}")
            continue
        _print(file.stem, (fact for fact in found if candidates or not fact.is_candidate))
    if failed:
        raise click.ClickException("; ".join(failed))


def _print(name: str, found: Iterable[Fact]) -> None:
    for fact in found:
        line = asdict(fact)
        del line["subject_kind"], line["places"]
        click.echo(json.dumps({"id": name} | line, ensure_ascii=False))


def _facts(file: PageFile, published: datetime | None, model: str, prompt: Prompt | None) -> list[Fact]:
    text, day = _text(file, published)
    found = extract_text(text, day)
    return found + read_again(text, day, found, model, prompt) if prompt else found


def _text(file: PageFile, published: datetime | None) -> tuple[str, date | None]:
    """The text of a file or page, and the day it was published."""
    page, day = file.page(), published.date() if published else None
    if any(mark in page.body[:2000].lower() for mark in _PAGE):
        found = read_isolated(Capture(page.url, page.body))
        if isinstance(found, NotAnArticle):
            raise ValueError(f"{found.kind}: {found.reason}")
        return found.text, day or found.published_date
    text = decode(page.body)[0]
    return io.StringIO(text, newline=None).read(), day  # line ends as Python reads text
