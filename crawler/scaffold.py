"""`dangqun sites new`: fetches some pages of a site, proposes its class, and writes the class and a test of it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
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
from archive.storage.store import open_for_reading
from archive.text import fold
from archive.web.addresses import resolved
from crawler import session
from crawler.discovery.links import links
from crawler.discovery.sites import ANYWHERE, settings_for
from crawler.run import require_contact, run

_MAX_PAGES = 15
_MOST_SHAPES = 3
_SURE = 0.6  # of the articles that a selector must find
_NEXT = re.compile(r"^(?:下一?页|后一?页|下一頁|next|>|>>|›|»)$", re.IGNORECASE)
_TRS_PAGER = re.compile(r"createPageHTML\(\s*\d+\s*,\s*\d+\s*,\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']")
_NAME = re.compile(r"^[A-Za-z_][\w-]*$")


@dataclass
class Proposal:
    """What a site seems to be. `doubts` are sentences for the person who finishes it."""

    name: str
    home: str
    lists: tuple[str, ...]
    outlet: str = ""
    platform: type[Any] | None = None
    article: str = ""
    next_page: str = ""
    more: str = ""
    layout: dict[str, Any] = field(default_factory=dict)
    examples: list[Capture] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def name_of(url: str) -> str:
    """A short name for the site of an address, from its host."""
    host = re.sub(r"^www\.|\.(?:com|gov|org|net)?\.?(?:cn|com|net|org)$", "", urlsplit(url).hostname or "")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")


def fetch_pages(archive: Path, url: str, *, loopback: bool = False) -> tuple[Capture, list[Capture]]:
    """Fetch the page at an address and pages of its site that it links to.

    Args:
        archive: the folder of the archive whose operator fetches them. They are not stored there.
        url: the address of a list page.
        loopback: whether the address may be of this machine.

    Raises:
        ArchiveError: no contact is set, or the site returned no page.
    """
    settings, arguments = settings_for(archive), {"url": url, "depth": 1, "pages": _MAX_PAGES, "loopback": loopback}
    require_contact(settings, {}, [(ANYWHERE, arguments)])
    with TemporaryDirectory() as made:
        folder = Path(made)
        run(folder, [(ANYWHERE, arguments)], agent=settings["USER_AGENT"])
        session.close_all()
        with open_for_reading(folder) as opened:
            rows = opened.connection.execute(
                "select id from captures where role = '' and status = 200 order by id"
            ).fetchall()
            captures = [opened.capture(number) for (number,) in rows]
    if not captures:
        raise ArchiveError(f"{url} returned no page.")
    return captures[0], captures[1:]


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
    """Describe a site from a list page and pages that it links to, on one of the platforms if it shows its fingerprint."""
    parts = urlsplit(listing.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    found = Proposal(name, f"{parts.scheme}://{parts.netloc}", (path,))
    articles = [(capture, article) for capture in others if isinstance(article := read(capture), Article)]
    found.examples = [capture for capture, _ in articles]
    if not articles:
        found.doubts.append(
            "None of the pages that the list links to could be read as an article: set `article` by hand."
        )
        return found
    found.outlet = _outlet([article.outlet for _, article in articles])
    if not found.outlet:
        found.doubts.append("The pages do not name their outlet: set `outlet`.")
    found.platform = _platform([capture.url for capture, _ in articles], platforms)
    found.article = "|".join(shapes([urlsplit(c.url).path for c, _ in articles]))
    _pager(found, listing)
    pages = [page for c, _ in articles if (page := Page(decode(c.body, c.header("content-type"))[0])).root is not None]
    found.layout = _layout(pages)
    if not found.layout:
        found.doubts.append("No class or id marks the body of its articles: the general reader is left to find it.")
    if not all(article.published for _, article in articles):
        found.doubts.append("Some articles state no date: look for where the site puts it, and set Layout(time=…).")
    if len(articles) < 3:
        found.doubts.append(f"Only {len(articles)} articles were seen: check `article` against more addresses.")
    return found


def shapes(paths: list[str]) -> list[str]:
    """Regular expressions that the paths match: digits and hashes made general, words that differ as well."""
    groups: dict[tuple[int, ...], list[list[str]]] = {}
    for path in dict.fromkeys(paths):
        segments = path.split("/")
        kinds = tuple(_kind(segment) for segment in segments)
        groups.setdefault((len(segments), *kinds), []).append(segments)
    merged = Counter(
        {"/".join(_common(column) for column in zip(*group, strict=True)): len(group) for group in groups.values()}
    )
    return [shape for shape, _ in merged.most_common(_MOST_SHAPES)]


def source(found: Proposal) -> str:
    """The class, as Python."""
    base = found.platform.__name__ if found.platform else "SiteSpider"
    module = found.platform.__module__ if found.platform else "spiders.base"
    own_layout = found.layout and not found.platform
    imported = f"from {module} import {'Layout, ' if own_layout else ''}{base}"
    lines = [f'"""{found.outlet or found.name}."""', "", imported, "", "", f"class {_class_name(found.name)}({base}):"]
    lines.append(
        f'    """{found.outlet or found.name}. Known: what one list page and {len(found.examples)} articles showed. Assumed: the rest."""'
    )
    lines += ["", f'    name = "{found.name}"', f'    outlet = "{found.outlet}"', f'    home = "{found.home}"']
    lines.append(f"    lists = {found.lists!r}".replace("'", '"'))
    if found.article and not found.platform:
        lines.append(f'    article = r"{found.article}"')
    if found.next_page and not found.platform:
        lines.append(f'    next_page = "{found.next_page}"')
    if found.more and not (found.next_page or found.platform):
        lines.append(f'    more = r"{found.more}"')
    if own_layout:
        said = ", ".join(f'{key}="{value}"' for key, value in found.layout.items())
        lines.append(f"    layouts = (Layout({said}),)")
    return "\n".join([*lines, *(f"    # To do: {doubt}" for doubt in found.doubts), ""])


def _write_test(proposal: Proposal, listing: Capture, pages: Path) -> None:
    example = proposal.examples[0]
    layouts = {example.host: (Layout(**proposal.layout),)} if proposal.layout else {}
    article = read(example, layouts)
    assert isinstance(article, Article)
    (pages / "list.html").write_bytes(listing.body)
    (pages / "article.html").write_bytes(example.body)
    matching = [url for url in _links_within(listing) if re.fullmatch(proposal.article, urlsplit(url).path)]
    expected: dict[str, Any] = {
        "list": {"url": listing.url, "articles": matching, "next": []},
        "article": {
            "url": example.url, "title": article.title, "published": article.published and article.published.isoformat(),
            "outlet": article.outlet, "authors": list(article.authors), "editor": article.editor,
            "begins": article.text[:16], "ends": article.text[-14:],
        },
    }  # fmt: skip
    (pages / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _links_within(listing: Capture) -> list[str]:
    """The addresses on the same host to which a page links."""
    response = Response(listing.url, body=listing.body, headers={"Content-Type": listing.header("content-type")})
    host = urlsplit(listing.url).netloc
    return [entry.address for entry in links(response) if urlsplit(entry.address).netloc == host]


def _platform(addresses: list[str], platforms: Iterable[type[Any]]) -> type[Any] | None:
    """The platform whose fingerprint most of the addresses of articles show, if more than half do."""
    forms = [f"{urlsplit(address).netloc}{urlsplit(address).path}" for address in addresses]
    matches = {one: sum(bool(re.search(one.fingerprint, form)) for form in forms) for one in platforms}
    best = max(matches, key=lambda one: matches[one], default=None)
    return best if best and matches[best] > len(forms) / 2 else None


def _outlet(named: list[str]) -> str:
    usual = Counter(filter(None, named)).most_common(1)
    return usual[0][0] if usual else ""


_HASH = re.compile(r"[0-9a-f]{32}")


def _kind(segment: str) -> int:
    """Whether a segment is a word, holds digits, or is a hash."""
    return 2 if _HASH.fullmatch(segment) else int(bool(re.search(r"\d", segment)))


def _common(column: tuple[str, ...]) -> str:
    """One expression for a segment as several addresses have it."""
    if _kind(column[0]) == 2:
        return _HASH.pattern
    if _kind(column[0]) == 0:
        return re.escape(column[0]) if len(set(column)) == 1 else r"[\w-]+"
    split = [re.split(r"(\d+)", segment) for segment in column]
    if len({tuple(piece for piece in pieces if not piece.isdecimal()) for pieces in split}) > 1:
        return r"[\w.-]+"
    return "".join(
        _digits(pieces) if pieces[0].isdecimal() else re.escape(pieces[0]) for pieces in zip(*split, strict=True)
    )


def _digits(pieces: tuple[str, ...]) -> str:
    """Numbers: of a date, where all have its length."""
    lengths = {len(piece) for piece in pieces}
    return rf"\d{{{lengths.pop()}}}" if len(lengths) == 1 and lengths <= {2, 4, 6, 8} else r"\d+"


def _pager(found: Proposal, listing: Capture) -> None:
    text = decode(listing.body, listing.header("content-type"))[0]
    trs = _TRS_PAGER.search(text)
    if trs:
        found.next_page = f"{trs[1]}_{{n}}.{trs[2]}"
        return
    page = Page(text)
    for anchor in page.root.iter("a") if page.root is not None else ():
        if _NEXT.match(visible_text(anchor)) and anchor.get("href"):
            address = urlsplit(resolved(page.base(listing.url), anchor.get("href") or "") or "")
            if address.netloc == urlsplit(listing.url).netloc:
                path = address.path + (f"?{address.query}" if address.query else "")
                found.more = re.sub(r"\d+", r"\\d+", re.escape(path))
                return
    found.doubts.append("No link leads to the next list page: set `more` or `next_page` if there is one.")


def _layout(pages: list[Page]) -> dict[str, Any]:
    """Selectors that find body, title and time in most of the articles."""
    bodies = [
        (page, node) for page in pages if page.root is not None and (node := find_body(page.root).node) is not None
    ]
    said = {"body": _selector(bodies)}
    if not said["body"]:
        return {}
    said["title"] = _selector([(page, node) for page in pages if (node := _heading(page)) is not None])
    said["time"] = _selector([(page, node) for page in pages if (node := _stamped(page)) is not None])
    return {key: value for key, value in said.items() if value}


def _selector(nodes: list[tuple[Page, Element]]) -> str:
    """The id or class that most of the nodes have, and that is the first of its kind on their pages."""
    names: Counter[str] = Counter()
    for page, node in nodes:
        own = [f"#{node.get('id')}"] if _NAME.match(node.get("id") or "") else []
        own += [f".{name}" for name in (node.get("class") or "").split() if _NAME.match(name)]
        names.update(name for name in own if _first(page, name) is node)
    name, times = names.most_common(1)[0] if names else ("", 0)
    return name if times >= _SURE * len(nodes) else ""


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
    """The innermost element with a full date, where only one has it."""
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
