"""`dangqun sites new`: fetches some pages of a site, proposes its class, and writes the class and a test of it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlsplit

from lxml.etree import _Element as Element
from scrapy.http import Response

from archive.errors import ArchiveError
from archive.model import Article, Capture
from archive.reading import Layout, read
from archive.reading.body import find_body
from archive.reading.decode import decode
from archive.reading.page import Page, visible_text
from archive.reading.stamps import has_stamp
from archive.text import fold
from archive.web.addresses import resolved
from archive.web.outgoing import is_of_this_machine
from crawler.discovery.links import links
from crawler.discovery.sites import ANYWHERE
from crawler.jobs import SiteJob
from crawler.trial import trial

_MAX_PAGES = 15  # fetched for a proposal
_MAX_SHAPES = 3
_MIN_SHARE = 0.6  # of the articles that a selector must match
_NEXT = re.compile(r"^(?:下一?页|后一?页|下一頁|next|>|>>|›|»)$", re.IGNORECASE)
_TRS_PAGER = re.compile(r"createPageHTML\(\s*\d+\s*,\s*\d+\s*,\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']")
_NAME = re.compile(r"^[A-Za-z_][\w-]*$")


class Selectors(TypedDict, total=False):
    """CSS selectors of an article's parts, as `Layout` takes them."""

    body: str
    title: str
    time: str


class FetchedPages(NamedTuple):
    """A list page, and pages that it links to."""

    listing: Capture
    pages: list[Capture]


class SegmentKind(IntEnum):
    """What a segment of a path is: a word, something with digits, or a hash."""

    WORD = 0
    NUMBERED = 1
    HASH = 2


@dataclass
class Proposal:
    """A proposed class. `doubts` are sentences for the person who completes it; `examples` are captures of articles."""

    name: str
    home: str
    lists: tuple[str, ...]
    outlet: str = ""
    platform: type[Any] | None = None
    article: str = ""
    next_page: str = ""
    more: str = ""
    layout: Selectors = field(default_factory=Selectors)
    examples: list[Capture] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def name_of(url: str) -> str:
    """A short name for the site of an address, from its host."""
    host = re.sub(r"^www\.|\.(?:com|gov|org|net)?\.?(?:cn|com|net|org)$", "", urlsplit(url).hostname or "")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")


def fetch_pages(archive: Path, url: str, *, loopback: bool = False) -> FetchedPages:
    """Fetch the page at an address and pages of its site that it links to.

    Args:
        archive: the folder of the archive whose operator fetches them. They are not stored there.
        url: the address of a list page.
        loopback: whether the address may be of this machine.

    Raises:
        ArchiveError: no contact is set, or the site returned no page.
    """
    job = SiteJob(ANYWHERE, {"url": url, "depth": 1, "pages": _MAX_PAGES, "loopback": loopback})
    with trial(archive, [job]) as (_, opened):
        rows = opened.connection.execute(
            "select id from captures where role = '' and status = 200 order by id"
        ).fetchall()
        captures = [opened.capture(number) for (number,) in rows]
    if not captures:
        raise ArchiveError(f"{url} returned no page.")
    return FetchedPages(captures[0], captures[1:])


class SiteFiles:
    """The files of a site: its class in spiders/sites/, and a test of it in tests/spiders/pages/.

    Args:
        project: the folder that has both.
        name: the short name of the site.
    """

    def __init__(self, project: Path, name: str) -> None:
        self.project = project
        self.module = project / "spiders" / "sites" / f"{name.replace('-', '_')}.py"
        self.pages = project / "tests" / "spiders" / "pages" / name

    def refuse_existing(self) -> None:
        """Raises ArchiveError if one of the files exists."""
        if self.module.exists() or self.pages.exists():
            raise ArchiveError(f"{self.module} or {self.pages} exists already. Choose another --name.")

    def write(self, proposal: Proposal, listing: Capture) -> None:
        """Write the class, the list page, an article, and what is read from them. Raises ArchiveError if that fails."""
        try:
            self.pages.mkdir(parents=True)
            self.module.parent.mkdir(parents=True, exist_ok=True)
            _write_test(proposal, listing, self.pages)
            self.module.write_text(source(proposal), "utf-8")
        except OSError as error:
            raise ArchiveError(
                f"The class cannot be written into {self.project.resolve()}: {error.strerror}."
            ) from None


def propose(name: str, listing: Capture, others: Iterable[Capture], platforms: Iterable[type[Any]]) -> Proposal:
    """Propose the class of a site.

    Args:
        name: its short name.
        listing: a list page.
        others: pages that the list page links to.
        platforms: base classes, of which the one is proposed whose fingerprint matches.
    """
    parts = urlsplit(listing.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    proposal = Proposal(name, f"{parts.scheme}://{parts.netloc}", (path,))
    articles = [(capture, article) for capture in others if isinstance(article := read(capture), Article)]
    proposal.examples = [capture for capture, _ in articles]
    if not articles:
        proposal.doubts.append(
            "None of the pages that the list links to could be read as an article: set `article` by hand."
        )
        return proposal
    proposal.outlet = _outlet([article.outlet for _, article in articles])
    if not proposal.outlet:
        proposal.doubts.append("The pages do not name their outlet: set `outlet`.")
    proposal.platform = _platform([capture.url for capture, _ in articles], platforms)
    proposal.article = "|".join(shapes([urlsplit(c.url).path for c, _ in articles]))
    _pager(proposal, listing)
    pages = [page for c, _ in articles if (page := Page(decode(c.body, c.header("content-type"))[0])).root is not None]
    proposal.layout = layout_of(pages)
    if not proposal.layout:
        proposal.doubts.append("No class or id marks the body of its articles: the general reader is left to find it.")
    if not all(article.published for _, article in articles):
        proposal.doubts.append("Some articles state no date: look for where the site puts it, and set Layout(time=…).")
    if len(articles) < 3:
        proposal.doubts.append(f"Only {len(articles)} articles were seen: check `article` against more addresses.")
    return proposal


def shapes(paths: list[str]) -> list[str]:
    """Regular expressions that match the paths: digits, hashes and differing words are generalised."""
    groups: dict[tuple[SegmentKind, ...], list[list[str]]] = {}
    for path in dict.fromkeys(paths):
        segments = path.split("/")
        kinds = tuple(_kind(segment) for segment in segments)
        groups.setdefault(kinds, []).append(segments)
    merged = Counter(
        {"/".join(_common(column) for column in zip(*group, strict=True)): len(group) for group in groups.values()}
    )
    return [shape for shape, _ in merged.most_common(_MAX_SHAPES)]


def source(proposal: Proposal) -> str:
    """The Python source of the class."""
    base = proposal.platform.__name__ if proposal.platform else "SiteSpider"
    module = proposal.platform.__module__ if proposal.platform else "spiders.base"
    own_layout = proposal.layout and not proposal.platform
    imported = f"from {module} import {'Layout, ' if own_layout else ''}{base}"
    lines = [
        f'"""{proposal.outlet or proposal.name}."""',
        "",
        imported,
        "",
        "",
        f"class {_class_name(proposal.name)}({base}):",
    ]
    lines.append(
        f'    """{proposal.outlet or proposal.name}. Known: what one list page and {len(proposal.examples)} articles showed. Assumed: the rest."""'
    )
    lines += ["", f'    name = "{proposal.name}"', f'    outlet = "{proposal.outlet}"', f'    home = "{proposal.home}"']
    if is_of_this_machine(proposal.home):
        lines.append("    loopback = True")
    lines.append(f"    lists = {proposal.lists!r}".replace("'", '"'))
    if proposal.article and not proposal.platform:
        lines.append(f'    article = r"{proposal.article}"')
    if proposal.next_page and not proposal.platform:
        lines.append(f'    next_page = "{proposal.next_page}"')
    if proposal.more and not (proposal.next_page or proposal.platform):
        lines.append(f'    more = r"{proposal.more}"')
    if own_layout:
        selectors = ", ".join(f'{key}="{value}"' for key, value in proposal.layout.items())
        lines.append(f"    layouts = (Layout({selectors}),)")
    return "\n".join([*lines, *(f"    # To do: {doubt}" for doubt in proposal.doubts), ""])


def _write_test(proposal: Proposal, listing: Capture, pages: Path) -> None:
    """The pages as fetched, and the result of reading them."""
    example = proposal.examples[0]
    layouts = {example.host: (Layout(**proposal.layout),)} if proposal.layout else {}
    article = read(example, layouts)
    assert isinstance(article, Article)
    (pages / "list.html").write_bytes(listing.body)
    (pages / "article.html").write_bytes(example.body)
    matching = [url for url in links_within(listing) if re.fullmatch(proposal.article, urlsplit(url).path)]
    expected: dict[str, Any] = {
        "list": {"url": listing.url, "articles": matching, "next": []},
        "article": {
            "url": example.url, "title": article.title, "published": article.published and article.published.isoformat(),
            "outlet": article.outlet, "authors": list(article.authors), "editor": article.editor,
            "begins": article.text[:16], "ends": article.text[-14:],
        },
    }  # fmt: skip
    (pages / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


def links_within(listing: Capture) -> list[str]:
    """The addresses on the same host to which a page links."""
    response = Response(listing.url, body=listing.body, headers={"Content-Type": listing.header("content-type")})
    host = urlsplit(listing.url).netloc
    return [entry.address for entry in links(response) if urlsplit(entry.address).netloc == host]


def _platform(addresses: list[str], platforms: Iterable[type[Any]]) -> type[Any] | None:
    """The platform whose fingerprint matches most of the URLs of articles, if it matches more than half."""
    forms = [f"{urlsplit(address).netloc}{urlsplit(address).path}" for address in addresses]
    matches = {one: sum(bool(re.search(one.fingerprint, form)) for form in forms) for one in platforms}
    best = max(matches, key=lambda one: matches[one], default=None)
    return best if best and matches[best] > len(forms) / 2 else None


def _outlet(named: list[str]) -> str:
    usual = Counter(filter(None, named)).most_common(1)
    return usual[0][0] if usual else ""


_HASH = re.compile(r"[0-9a-f]{32}")


def _kind(segment: str) -> SegmentKind:
    if _HASH.fullmatch(segment):
        return SegmentKind.HASH
    return SegmentKind.NUMBERED if re.search(r"\d", segment) else SegmentKind.WORD


def _common(column: tuple[str, ...]) -> str:
    """A regular expression for the same segment of several URLs."""
    if _kind(column[0]) is SegmentKind.HASH:
        return _HASH.pattern
    if _kind(column[0]) is SegmentKind.WORD:
        return re.escape(column[0]) if len(set(column)) == 1 else r"[\w-]+"
    split = [re.split(r"(\d+)", segment) for segment in column]
    if len({tuple(piece for piece in pieces if not piece.isdecimal()) for pieces in split}) > 1:
        return r"[\w.-]+"
    return "".join(
        _digits(pieces) if pieces[0].isdecimal() else re.escape(pieces[0]) for pieces in zip(*split, strict=True)
    )


def _digits(pieces: tuple[str, ...]) -> str:
    """A regular expression for numbers; with a fixed length if all have that of a part of a date."""
    lengths = {len(piece) for piece in pieces}
    return rf"\d{{{lengths.pop()}}}" if len(lengths) == 1 and lengths <= {2, 4, 6, 8} else r"\d+"


def _pager(proposal: Proposal, listing: Capture) -> None:
    text = decode(listing.body, listing.header("content-type"))[0]
    trs = _TRS_PAGER.search(text)
    if trs:
        proposal.next_page = f"{trs[1]}_{{n}}.{trs[2]}"
        return
    page = Page(text)
    for anchor in page.root.iter("a") if page.root is not None else ():
        if _NEXT.match(visible_text(anchor)) and anchor.get("href"):
            address = urlsplit(resolved(page.base(listing.url), anchor.get("href") or "") or "")
            if address.netloc == urlsplit(listing.url).netloc:
                path = address.path + (f"?{address.query}" if address.query else "")
                proposal.more = re.sub(r"\d+", r"\\d+", re.escape(path))
                return
    proposal.doubts.append("No link leads to the next list page: set `more` or `next_page` if there is one.")


def layout_of(pages: list[Page]) -> Selectors:
    """Selectors of body, title and time that match in most of the articles."""
    bodies = [
        (page, node) for page in pages if page.root is not None and (node := find_body(page.root).node) is not None
    ]
    found: Selectors = {}
    if body := _selector(bodies):
        found["body"] = body
        if title := _selector([(page, node) for page in pages if (node := _heading(page)) is not None]):
            found["title"] = title
        if time := _selector([(page, node) for page in pages if (node := _stamped(page)) is not None]):
            found["time"] = time
    return found


def _selector(nodes: list[tuple[Page, Element]]) -> str:
    """The id or class that most of the nodes have, if they are the first with it on their pages."""
    names: Counter[str] = Counter()
    for page, node in nodes:
        own = [f"#{node.get('id')}"] if _NAME.match(node.get("id") or "") else []
        own += [f".{name}" for name in (node.get("class") or "").split() if _NAME.match(name)]
        names.update(name for name in own if _first(page, name) is node)
    name, times = names.most_common(1)[0] if names else ("", 0)
    return name if times >= _MIN_SHARE * len(nodes) else ""


def _first(page: Page, name: str) -> Element | None:
    assert page.root is not None
    if name[0] == "#":
        return next(iter(page.root.xpath("//*[@id=$name]", name=name[1:])), None)
    return next(
        iter(page.root.xpath("//*[contains(concat(' ', normalize-space(@class), ' '), $name)]", name=f" {name[1:]} ")),
        None,
    )


def _heading(page: Page) -> Element | None:
    headings = list(page.root.iter("h1")) if page.root is not None else []
    return headings[0] if len(headings) == 1 else None


def _stamped(page: Page) -> Element | None:
    """The innermost element with a full date, if there is only one."""
    assert page.root is not None
    found = [
        node
        for node in page.root.iter("div", "span", "p", "time", "em", "td")
        if has_stamp(fold(visible_text(node))[:200])
    ]
    inner = [node for node in found if not any(other is not node and node in other.iterancestors() for other in found)]
    return inner[0] if len(inner) == 1 and len(visible_text(inner[0])) < 150 else None


def _class_name(name: str) -> str:
    words = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))
    return words if words[:1].isalpha() else f"Site{words}"
