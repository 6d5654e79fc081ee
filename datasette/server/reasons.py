"""What the archive says of how it reads an article (whose page it is, why it is the likely original, what was left out), in the
language of the request. It is stored as English sentences and names."""

import re

from markupsafe import Markup

from archive.language import LANGUAGE, Language
from server.language import gettext

N_ = str  # marks a message that is translated later
_SENTENCES = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (r"pinyin notes in the text \((?P<n>\d+) characters\)", N_("pinyin notes in the text (%(n)s characters)")),
        (r"bytes are broken in (?P<n>\d+) places", N_("characters are broken in %(n)s places")),
        (r"advertising stood in the text \((?P<n>\d+) lines\)", N_("advertising stood in the text (%(n)s lines)")),
        (
            r"the path has the form of (?P<name>.+), which does not own (?P<n>.+)",
            N_("the address has the form of %(name)s, which does not own %(n)s"),
        ),
        (r"the source line names (?P<name>.+)", N_("the source line names %(name)s")),
        (r"the dateline names (?P<name>.+)", N_("the dateline names %(name)s")),
        (
            r"it alone names itself as the source, or is named as such",
            N_("it alone names itself as the source, or is named as such"),
        ),
        (r"no other is dated earlier than its (?P<n>.+)", N_("no other is dated earlier than its %(n)s")),
        (r"its text has the least noise", N_("its text has the least noise")),
        (r"others have more noise", N_("others have more noise")),
        (r"it was captured first", N_("it was captured first")),
        (r"speaks of (?P<name>.+) and (?P<other>.+)", N_("mentions %(name)s and %(other)s")),
        (r"names (?P<name>.+)", N_("names %(name)s")),
        (r"layout until (?P<n>.+)", N_("layout of the site until %(n)s")),
        (r"layout", N_("layout of the site")),
        (r"known", N_("known container")),
        (r"prose", N_("most prose on the page")),
        (r"state", N_("data of the page")),
        (r"header", N_("lines of the header")),
        (r"ending", N_("lines behind the text")),
        (r"spam", N_("advertising")),
        (r"promotion", N_("promotion")),
        (r"disclaimer", N_("disclaimers")),
        (r"title", N_("repeated titles")),
        (r"breadcrumb", N_("breadcrumbs")),
        (r"pager", N_("page numbers")),
        (r"counter", N_("counters")),
        (r"too_long", N_("what is too long")),
    )
)


def reason(sentence: str) -> Markup:
    """A sentence or name in the language of the request, with names from articles marked as Chinese in pages of another language.
    One that is not known stays English, and is marked as that."""
    for pattern, message in _SENTENCES:
        if match := pattern.fullmatch(sentence):
            found = {name: _name(words) if name != "n" else words for name, words in match.groupdict().items()}
            return Markup(gettext(message)) % found  # noqa: S704 (the messages are ours)
    return Markup('<span lang="en" data-source>{}</span>').format(sentence)


def _name(words: str) -> str | Markup:
    return words if LANGUAGE.get() == Language.ZH else Markup('<span lang="zh-Hans">{}</span>').format(words)
