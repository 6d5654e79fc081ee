"""Who is logged in, with the accounts of `dangqun accounts`. The cookie names an account and a session; each request looks both
up, with the role (see archive.decisions.accounts). A thread beside the event loop checks passwords one by one, at a limited pace
(see archive.decisions.attempts). The check takes as long for a name without an account."""

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from datasette import Response, hookimpl
from datasette.events import LogoutEvent
from datasette.utils import await_me_maybe
from itsdangerous import BadSignature

from archive.decisions.accounts import LIFETIME, Accounts, digest
from archive.decisions.attempts import Attempts, Crowded
from archive.errors import ArchiveError
from server.compat import DatasetteError, verify_password

_BROWSER = "dangqun_browser"  # the cookie that identifies a browser that logged in before
_KNOWN_FOR = 365 * 24 * 3600  # seconds
_LONGEST = 41  # characters of a name: one more than any account has
_FAILED = "The server cannot write at the moment, or cannot read its accounts. Ask its operator."
_CHECKS = ThreadPoolExecutor(1, "passwords")


def _accounts(datasette):
    return Accounts(Path(datasette.get_database("archive").path).parents[1])


@hookimpl
def startup(datasette):
    datasette.login_attempts = Attempts(int(os.environ.get("DANGQUN_WORKERS", "1")))
    if "archive" in datasette.databases:
        _accounts(datasette)  # from now on nobody else may read the file


@hookimpl(tryfirst=True)
def register_routes():
    return [(r"^/-/login$", log_in)]


async def log_in(datasette, request):
    accounts = _accounts(datasette)
    if request.method != "POST":
        return await _form(datasette, request, accounts)
    form = await request.post_vars()
    name, password = (form.get("username") or "")[:_LONGEST], form.get("password") or ""
    try:
        await asyncio.sleep(datasette.login_attempts.wait(name, _browser(datasette, request, name)))
        key = await asyncio.get_running_loop().run_in_executor(_CHECKS, _begin, accounts, name, password)
    except Crowded as error:
        later = {"retry-after": str(error.seconds)}
        return await _form(datasette, request, accounts, "crowded", str(error), status=429, headers=later)
    except ArchiveError:
        return await _form(datasette, request, accounts, "failed", _FAILED, status=503)
    if not key:
        return await _form(datasette, request, accounts, "wrong", "Invalid username or password")
    response = Response.redirect(datasette.urls.path("/"))
    signed = datasette.sign({"a": {"id": name}, "key": key}, "actor")
    response.set_cookie("ds_actor", signed, max_age=LIFETIME)
    known = datasette.sign({"name": name, "browser": secrets.token_urlsafe(8)}, _BROWSER)
    response.set_cookie(_BROWSER, known, max_age=_KNOWN_FOR)
    return response


def _begin(accounts, name, password):
    """The key of a new session; empty if the name or the password is wrong."""
    known = accounts.all()
    asked = known.get(name) or next(iter(known.values()), None)
    if asked and verify_password(password, asked.hash) and name in known:
        return accounts.begin(name, asked.hash)
    return ""


def _browser(datasette, request, name):
    """An identifier of a browser that logged in to this account before; empty for any other browser."""
    try:
        known = datasette.unsign(request.cookies.get(_BROWSER, ""), _BROWSER)
    except BadSignature:
        return ""
    return known["browser"] if known["name"] == name else ""


async def _form(datasette, request, accounts, kind="", error="", status=200, headers=None):
    try:
        any_account = bool(accounts.all())
    except ArchiveError:
        any_account, kind, error, status = True, "failed", _FAILED, 503
    shown = {"any_account": any_account, "kind": kind, "error": error}
    page = await datasette.render_template("password_login.html", shown, request=request)
    return Response.html(page, status=status, headers={"cache-control": "no-store"} | (headers or {}))


@hookimpl(wrapper=True)
def actor_from_request(datasette, request):
    claims = yield
    return [_actor(datasette, request, claims)]


async def _actor(datasette, request, claims):
    """The account of a request, whatever Datasette and its plugins found; their results are awaited and ignored."""
    for claim in claims:
        await await_me_maybe(claim)
    try:
        cookie = datasette.unsign(request.cookies.get("ds_actor", ""), "actor")
        name, session = cookie["a"]["id"], digest(cookie["key"])
        role = _accounts(datasette).role(name, session)
    except (BadSignature, ArchiveError, LookupError, TypeError, AttributeError):
        return None
    return {"id": name, "role": role, "session": session} if role else None


@hookimpl
def track_event(datasette, event):
    if isinstance(event, LogoutEvent) and event.actor:
        try:
            _accounts(datasette).end(event.actor["id"], event.actor["session"])
        except ArchiveError:
            raise DatasetteError(_FAILED, status=503) from None
