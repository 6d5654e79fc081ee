"""Answers to programs: JSON, feeds and files, which any page may read, and which are not sent again to a program that has them."""

import re
from collections.abc import Iterable
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse

from server.asgi import Scope

_ENDINGS = re.compile(r"\.(?:atom|bib|csv|db|gz|json|jsonl|md|parquet|txt|xlsx|xml|zip)\Z")


def for_programs(path: str) -> bool:
    """Whether a path leads to something for programs, by its end. Below /-/ are logins and what belongs to them."""
    return bool(_ENDINGS.search(path)) and not path.startswith("/-/")


def weak_etag(content: bytes) -> str:
    """The ETag of an answer that says what this content says, be it compressed or not."""
    return f'W/"{sha256(content).hexdigest()[:32]}"'


def has_current(scope: Scope, etag: str) -> bool:
    """Whether who sends a request has the answer of this ETag already (If-None-Match)."""
    known = Headers(scope=scope).get("if-none-match", "")
    return known.strip() == "*" or _opaque(etag) in map(_opaque, known.split(","))


def not_modified(headers: Iterable[tuple[bytes, bytes]]) -> NotModifiedResponse:
    """The answer (304) to who has what these headers belong to."""
    return NotModifiedResponse(Headers(raw=list(headers)))


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/")
