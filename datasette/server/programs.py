"""Answers to programs: JSON, feeds and files, which any page may read, and which are not sent again to a program that has them."""

import json
import re
from hashlib import sha256
from importlib.metadata import version

from datasette import Request
from datasette.app import Datasette
from starlette.datastructures import Headers

from archive.language import LANGUAGE
from server import options
from server.asgi import Scope
from server.snapshots import served

_ENDINGS = re.compile(r"\.(?:atom|bib|csv|db|gz|json|jsonl|md|parquet|txt|xlsx|xml|zip)\Z")


def for_programs(path: str) -> bool:
    """Whether a path leads to something for programs: to a TimeMap, or by its end. Below /-/ are logins and what belongs to them; the
    addresses of mementos end as the pages that were captured."""
    return path.startswith("/timemap/") or (
        bool(_ENDINGS.search(path)) and not path.startswith(("/-/", "/memento/", "/timegate/"))
    )


def weak_etag(content: bytes) -> str:
    """The ETag of an answer that says what this content says, be it compressed or not."""
    return f'W/"{sha256(content).hexdigest()[:32]}"'


def etag_of_snapshots(datasette: Datasette, request: Request) -> str:
    """The ETag of an answer that follows from a request, its language, what is published, and how this program shows it: known before
    the answer is made."""
    address = str(datasette.absolute_url(request, request.full_path))
    files = [one.file for one in served(datasette)]
    follows_from = [address, LANGUAGE.get(), files, version("dangqun-archive"), options.texts()]
    return weak_etag(json.dumps(follows_from).encode())


def has_current(scope: Scope, etag: str) -> bool:
    """Whether who sends a request has the answer of this ETag already (If-None-Match)."""
    known = Headers(scope=scope).get("if-none-match", "")
    return known.strip() == "*" or _opaque(etag) in map(_opaque, known.split(","))


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/")
