"""The entries of dangqun.toml: one declaration each. What is checked, shown, written and documented follows from it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from posixpath import normpath
from typing import Any

from archive.language import NAME, Language
from archive.web.outgoing import OutgoingError, parse

_LARGEST = 2**31 - 1
_YEAR = 8760  # hours
_CONTACT = re.compile(r"[!-~]+@[!-~]+|https?://[!-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNFIT = re.compile(r"[\s();,<>]")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_MIN_CONTRAST = 4.5  # of text, WCAG 2
OWN_FOLDERS = ("warc", "published", ".rebuild")  # of an archive
_SWITCHES = {word: word in ("true", "on", "yes", "1") for word in ("true", "on", "yes", "1", "false", "off", "no", "0")}
_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text on one line",
    list: "a list of texts",
}


@dataclass(frozen=True)
class Entry:
    """One entry of dangqun.toml.

    name      its key, behind that of its table: `serve.port` is `port` in `[serve]`
    default   what holds where nobody sets it; its type is that of the entry
    help      what it decides, with the unit of a number
    example   a value for the file that `dangqun config init` writes; None: the default
    least, most  the bounds of a number
    allowed   what a text may be, in words
    check     brings a text, or each of a list, into its normal form; raises ValueError where it is not allowed
    commands  the commands that have an option of this name; in the file, the table has the name of the command
    variable  the environment variable; empty: DANGQUN_ and the name
    """

    name: str
    default: Any
    help: str
    example: Any = None
    least: float = 0
    most: float = _LARGEST
    allowed: str = ""
    check: Callable[[str], str] = str
    commands: tuple[str, ...] = ()
    variable: str = ""

    @property
    def table(self) -> str:
        """The table of the file in which it stands; empty: before the first."""
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        """Its name within the table, and as an option."""
        return self.name.rpartition(".")[2]

    @property
    def environment(self) -> str:
        """The environment variable that takes precedence over the file."""
        return self.variable or f"DANGQUN_{self.name.replace('.', '_').upper()}"

    @property
    def possible(self) -> str:
        """What is allowed, in words."""
        kind = _KINDS[type(self.default)]
        if self.allowed:
            return f"{kind}, each {self.allowed}" if isinstance(self.default, list) else self.allowed
        if type(self.default) in (int, float):
            return f"{kind} from {self.least:g}" + (f" to {self.most:.10g}" if self.most < _LARGEST else "")
        return kind

    def checked(self, value: Any) -> Any:
        """A value as TOML has it, in its normal form. Raises ValueError where it is not allowed."""
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ValueError
        if kind in (int, float) and not self.least <= value <= self.most:
            raise ValueError
        if kind is str:
            return self.line(value) if value else value
        if kind is list:
            if not all(isinstance(one, str) and one for one in value):
                raise ValueError
            lines = [self.line(one) for one in value]
            names = [name for name, equals, _ in (one.partition("=") for one in lines) if equals]
            if len(names) > len({*names}):
                raise ValueError
            return lines
        return value

    def line(self, written: str) -> str:
        """A text, or one of a list, in its normal form. Raises ValueError where it is not allowed: none has line breaks or other
        control characters, as it becomes part of headers and of one-line messages."""
        if _CONTROL.search(written):
            raise ValueError
        return self.check(written)

    def from_text(self, text: str) -> Any:
        """The value that an environment variable has: a list has blanks between its parts. Raises ValueError as `checked`."""
        kind = type(self.default)
        if kind is bool:
            if text.lower() not in _SWITCHES:
                raise ValueError
            return _SWITCHES[text.lower()]
        return self.checked(text.split() if kind is list else kind(text))

    def written(self, value: Any) -> str:
        """The line of the file that sets a value."""
        return f"{self.key} = {json.dumps(value, ensure_ascii=False)}"


def site_address(written: str) -> str:
    """The address of a whole site, `https://host` or `https://host:port`, as links begin with it: in lower case and ASCII,
    without a slash at its end. Raises ValueError where it is no web address, or holds more than that."""
    try:
        target = parse(written)
    except OutgoingError:
        target = None
    if target is None or target.path != "/" or "#" in written:
        raise ValueError(f"{written[:200]!r} is not the address of a site.")
    return f"{target.scheme}://{target.netloc}"


def hours_of_day(written: str) -> tuple[int, int]:
    """The first and the last hour of "22-6", from 0 to 24. Raises ValueError where they are malformed."""
    try:
        first, last = (int(part) for part in written.split("-"))
    except ValueError:
        first = last = -1
    if not (0 <= first < 24 and 0 <= last <= 24 and first != last):
        raise ValueError(f"Hours are written 22-6, not {written!r}.")
    return first, last


def interval(written: str) -> tuple[str, float]:
    """The site and the hours of "ytxww=12". Raises ValueError where they are malformed, or the hours are not more than 0 and at
    most 8760."""
    site, _, hours = written.partition("=")
    if not site or not 0 < float(hours) <= _YEAR:
        raise ValueError(f"An interval is written SITE=HOURS, not {written!r}.")
    return site, float(hours)


def network(written: str) -> str:
    """An address or a network in its normal form. Raises ValueError where it is malformed, or includes everybody."""
    found = ip_network(written)
    if found.prefixlen == 0:
        raise ValueError("this network includes everybody, so any reader could choose the address that is counted")
    return str(found)


def _contact(written: str) -> str:
    if not _CONTACT.fullmatch(written) or _UNFIT.search(written):
        raise ValueError
    return written


def _hours(written: str) -> str:
    hours_of_day(written)
    return written


def _interval(written: str) -> str:
    site, hours = interval(written)
    return f"{site}={hours:g}"


def _plugins(written: str) -> str:
    """The path of a folder that does not hold the archive's own, nor lies in one of them, as far as the path alone shows it."""
    parts = normpath(written).split("/")
    if parts[0] in OWN_FOLDERS or parts[-1] in (".", ".."):
        raise ValueError
    return written


def _language(written: str) -> str:
    return str(Language(written))


def _colour(written: str) -> str:
    """A colour that white text, and text on white, can be read with."""
    if not _COLOUR.fullmatch(written):
        raise ValueError
    parts = [int(written[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    if 1.05 / (luminance + 0.05) < _MIN_CONTRAST:
        raise ValueError
    return written.lower()


_CRAWLS = ("crawl", "refresh", "schedule")
_SERVE, _SEND = ("serve",), ("alerts.send",)

ENTRIES = {
    entry.name: entry
    for entry in (
        Entry(
            "contact", "", "How the sites that are crawled can reach you. Without it, nothing is fetched from the internet.",
            "you@your.example", allowed="an e-mail address or a web address", check=_contact,
        ),
        Entry(
            "enabled_sites", [], "The sites that `dangqun refresh` and `dangqun schedule` crawl. `dangqun sites enable` and"
            " `disable` change it.",
        ),
        Entry(
            "site", "", "The address under which readers reach the site. Links in feeds, the sitemap, citations and e-mails"
            " begin with it.", "https://archive.your.example",
            allowed="a scheme and a host, as https://archive.your.example", check=site_address,
            commands=(*_SERVE, *_SEND),
        ),
        Entry("demo", False, "Everything in this archive is invented, and the site says so on every page."),
        Entry(
            "plugins", "", "The folder of a plug-in: its path, or its name in the archive's folder. Only you may be able to write it.",
            "plugins", allowed="the path of a folder for plug-ins alone", check=_plugins,
        ),
        Entry("crawl.every", 0.0, "Hours from one crawl of a site to the next; 0: as each site's class says.", most=_YEAR),
        Entry(
            "crawl.intervals", [], "The same for single sites, whatever `crawl.every` says: SITE=HOURS.", ["ytxww=12"],
            allowed="SITE=HOURS with HOURS more than 0 and at most 8760, and each site once, as ytxww=12", check=_interval,
        ),
        Entry(
            "crawl.hours", "", "The hours in China in which requests are sent; empty: as each site's class says.", "22-6",
            allowed="two hours of the day, as 22-6", check=_hours, commands=(*_CRAWLS, "status"), variable="DANGQUN_HOURS",
        ),
        Entry(
            "crawl.max_seconds", 0.0, "Seconds after which a run stops; the next run continues it. 0: no limit for `crawl`,"
            " 7200 for `refresh` and `schedule`.", commands=_CRAWLS,
        ),
        Entry("crawl.delay", 1.0, "Seconds between two requests to a site. Rules in robots.txt can only lengthen it.", least=1, most=3600),
        Entry("crawl.max_wait", 600.0, "Seconds that a run waits if a site demands it; a longer demand ends the run.", most=86400),
        Entry("crawl.list_depth", 50, "List pages in a row that a run follows, without --since.", least=1),
        Entry("crawl.recheck_limit", 200, "Known articles that a run fetches again, since they may have changed."),
        Entry("crawl.timeout", 60, "Seconds that a response may take.", least=1, most=3600),
        Entry("crawl.max_bytes", 20_000_000, "Bytes of a response; a larger one is refused.", least=100_000, most=1_000_000_000),
        Entry(
            "publish.max_shrink", 0.05, "Refuse to publish if a larger share of the articles, stations or facts of the last"
            " snapshot is missing.", most=1, commands=("publish",),
        ),
        Entry("serve.host", "127.0.0.1", "The address to listen on.", commands=_SERVE),
        Entry("serve.port", 8001, "The port to listen on.", most=65535, commands=_SERVE),
        Entry("serve.workers", 0, "Processes that answer requests; 0: one for each core, up to 4.", most=64, commands=_SERVE),
        Entry("serve.sql", True, "Let readers run their own SQL (2 s, 1,000 rows).", commands=_SERVE),
        Entry(
            "serve.full_texts", False, "Add the full texts to downloads of the list of articles. The rights to them belong to the outlets."
            " archive.db, tables.zip and the raw tables hold them in any case.",
            commands=_SERVE,
        ),
        Entry(
            "serve.metrics", False, "Answer /metrics with figures for Prometheus. Let the proxy refuse that address to readers.",
            commands=_SERVE,
        ),
        Entry(
            "serve.proxy", [], "Addresses and networks of proxies in front of the site. The site believes X-Forwarded-For and"
            " X-Forwarded-Proto only from there.", ["127.0.0.1"],
            allowed="an address or a network, as 127.0.0.1 or 10.1.2.0/24", check=network, commands=_SERVE,
        ),
        Entry("serve.rate_limit", True, "Limit the requests of each address, by the numbers in [rates].", commands=_SERVE),
        Entry("rates.pages", 1200, "Pages, and published files or parts of them, a minute that one address is answered.", least=1),
        Entry("rates.heavy", 60, "Downloads of lists, captures, queries and requests of MCP a minute that one address is answered.", least=1),
        Entry("rates.logins", 5, "Attempts to log in a minute from one address.", least=1),
        Entry("rates.reports", 5, "Reports of readers an hour from one address.", least=1),
        Entry("pages.title_zh", NAME.get()[0], "The name of the site in Chinese, on pages, in feeds, citations and e-mails."),
        Entry("pages.title_en", NAME.get()[1], "The same in English."),
        Entry("pages.subtitle_zh", "", "The heading of the Chinese start page; empty: that of the project."),
        Entry("pages.subtitle_en", "", "The same of the English one."),
        Entry(
            "pages.language", "zh-Hans", "The language for readers whose browser asks for neither.",
            allowed=" or ".join(Language), check=_language,
        ),
        Entry(
            "pages.accent", "", "The colour of the head and of buttons; empty: that of the project. In a dark scheme it is"
            " made lighter.", "#0b4f6c", allowed="a colour as #0b4f6c, dark enough for white text (4.5:1)", check=_colour,
        ),
        Entry("alerts.send.smtp_server", "", "The mail server, HOST:PORT. Alerts to e-mail addresses need it.", "mail.your.example:587", commands=_SEND),
        Entry("alerts.send.sender", "dangqun-archive@localhost", "The address from which e-mails are sent.", commands=_SEND),
        Entry("alerts.send.smtp_user", "", "The user name on the mail server.", commands=_SEND),
        Entry("alerts.send.starttls", False, "Use STARTTLS.", commands=_SEND),
        Entry("alerts.send.allow_private_addresses", False, "Allow webhooks and Bark on private network addresses.", commands=_SEND),
    )
}  # fmt: skip


def commented_file() -> str:
    """A dangqun.toml with every entry as a comment, but for the list of enabled sites, which commands change."""
    lines = ["# What the operator of this archive decides. Remove the # before an entry to set it.\n"]
    table = ""
    for entry in ENTRIES.values():
        if entry.table != table:
            table = entry.table
            lines.append(f"[{table}]\n")
        shown = entry.written(entry.default if entry.example is None else entry.example)
        comment = "" if entry.name == "enabled_sites" else "# "
        lines.append(f"# {entry.help}\n{comment}{shown}\n")
    return "\n".join(lines)


def documented() -> str:
    """The table of all entries in docs/configuration.md."""
    rows = [
        f"| `{entry.name}` | {entry.help} | {entry.possible} | `{json.dumps(entry.default, ensure_ascii=False)}` |"
        f" `{entry.environment}` |"
        for entry in ENTRIES.values()
    ]
    head = "| entry | what it decides | allowed | default | variable |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"
