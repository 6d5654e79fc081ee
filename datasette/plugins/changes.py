"""What each publication changed: /changes.json lists the publications, /changes/DATE.jsonl has a line for each change, and
/feed/publications.atom announces them (see archive.publishing.changes)."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from email.utils import format_datetime

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive.labels import moment_label
from archive.language import NAME, chosen
from archive.publishing.changes import Publication, published
from archive.publishing.writers import MEDIA_TYPES, Format
from archive.site import feeds
from server.asgi import Receive, Send
from server.database import read, snapshot
from server.language import gettext as _
from server.pages import Routes, full_address
from server.stored_files import send_stored

_NEWEST = 50  # publications in the feed


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/changes\.json$", publications),
        (r"^/changes/(?P<name>[0-9TZ.-]{1,40}\.jsonl)$", changes),
        (r"^/feed/publications\.atom$", feed),
    ]


async def publications(datasette: Datasette, request: Request) -> Response:
    address = full_address(datasette, request, "/changes/")
    rows = [
        {**asdict(one), "url": address + one.name if one.previous else None} for one in await read(datasette, published)
    ]
    return Response.json({"ok": True, "total": len(rows), "rows": rows, "next_url": None})


async def changes(datasette: Datasette, request: Request, receive: Receive, send: Send) -> None:
    name = request.url_vars["name"]
    file = snapshot(datasette).with_name("changes") / name
    try:
        if name in {one.name for one in await read(datasette, published)}:
            return await send_stored(request.scope, receive, send, file, MEDIA_TYPES[Format.JSONL], name)
    except FileNotFoundError:
        pass
    raise NotFound(_("The changes of this publication are not kept. Fetch everything again."))


async def feed(datasette: Datasette, request: Request) -> Response:
    own, home = (datasette.absolute_url(request, path) for path in (request.full_path, "/"))
    newest = (await read(datasette, published))[:_NEWEST]
    entries = [_entry(one) for one in newest if one.previous]
    atom = feeds.atom(_("Publications"), entries, own, home, full_address(datasette, request, "/changes/"))
    headers = {"last-modified": format_datetime(feeds.updated(entries), usegmt=True)}
    return Response(atom, headers=headers, content_type=feeds.MEDIA_TYPE)


def _entry(one: Publication) -> feeds.Entry:
    counted = Counter[str]()
    for row in one.counts:
        counted[row["change"]] += row["count"]
    return {
        "evidence": one.name,
        "title": _("Published on %(moment)s", moment=moment_label(one.at, seconds=True)),
        "content": _(
            "Added: %(added)s, changed: %(changed)s, withdrawn: %(withdrawn)s.",
            added=counted["added"],
            changed=counted["changed"],
            withdrawn=counted["withdrawn"],
        ),
        "author": chosen(NAME.get()),
        "updated": datetime.fromisoformat(one.at),
    }
