"""Logging in with the accounts of `dangqun accounts` (see archive.decisions.accounts).

A thread beside the event loop checks passwords one by one, at a limited pace (see archive.decisions.attempts). The check takes as long for
a name without an account.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from datasette import Request, Response
from datasette.app import Datasette
from datasette.utils import await_me_maybe
from itsdangerous import BadSignature

from archive.decisions.accounts import LIFETIME, Accounts, digest
from archive.decisions.attempts import Attempts, Crowded
from archive.errors import ArchiveError
from server import options
from server.compat import DatasetteError, verify_password
from server.database import archive_folder
from server.language import gettext as _
from server.pages import page

_BROWSER = "dangqun_browser"  # the cookie that identifies a browser that logged in before
_BROWSER_LIFETIME = 365 * 24 * 3600  # seconds
_NAME_LENGTH = 41  # characters of a name: one more than any account has
# A path of this site. Browsers take // and /\\ for the beginning of another site's address, and leave out blanks and controls.
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")
_CHECKS = ThreadPoolExecutor(1, "passwords")
_ATTEMPTS: WeakKeyDictionary[Datasette, Attempts] = WeakKeyDictionary()


def prepare(datasette: Datasette) -> None:
    """Start to count attempts, and let nobody else read the file of accounts. To be called once, before the first request."""
    _ATTEMPTS[datasette] = Attempts(options.workers())
    if "archive" in datasette.databases:
        _accounts(datasette)


def login_path(datasette: Datasette, request: Request) -> str:
    """The address of the login that leads back to where a request is."""
    return f"{datasette.urls.path('/-/login')}?{urlencode({'next': request.full_path})}"


def own_path(written: str) -> str:
    """A path of this site that a form or an address names, as `?next=`; empty for anything else, and for the login itself."""
    return written if _OWN_PATH.fullmatch(written) and not written.startswith("/-/log") else ""


async def log_in(datasette: Datasette, request: Request) -> Response:
    """The form, or the answer to one that was sent."""
    accounts = _accounts(datasette)
    if request.method != "POST":
        return await _form(datasette, request, accounts, request.args.get("next") or "")
    form = await request.post_vars()
    following = own_path(form.get("next") or "")
    name, password = (form.get("username") or "")[:_NAME_LENGTH], form.get("password") or ""
    try:
        await asyncio.sleep(_ATTEMPTS[datasette].wait(name, _known_browser(datasette, request, name)))
        key = await asyncio.get_running_loop().run_in_executor(_CHECKS, _begin_session, accounts, name, password)
    except Crowded as error:
        later = {"retry-after": str(error.seconds)}
        crowded = _("Too many people are trying to log in. Try again in %(seconds)s seconds.", seconds=error.seconds)
        return await _form(datasette, request, accounts, following, crowded, status=429, headers=later)
    except ArchiveError:
        return await _form(datasette, request, accounts, following, _cannot(), status=503)
    if not key:
        return await _form(datasette, request, accounts, following, _("The user name or the password is wrong."))
    response = Response.redirect(following or datasette.urls.path("/"))
    response.set_cookie("ds_actor", datasette.sign({"a": {"id": name}, "key": key}, "actor"), max_age=LIFETIME)
    browser = datasette.sign({"name": name, "browser": secrets.token_urlsafe(8)}, _BROWSER)
    response.set_cookie(_BROWSER, browser, max_age=_BROWSER_LIFETIME)
    return response


async def actor(datasette: Datasette, request: Request, others: Sequence[Any]) -> dict[str, str] | None:
    """The account of a request: {id, role, session}, or None. `others` are the results of Datasette and of other plugins; they are
    awaited and ignored."""
    for other in others:
        await await_me_maybe(other)
    try:
        cookie = datasette.unsign(request.cookies.get("ds_actor", ""), "actor")
        name, session = cookie["a"]["id"], digest(cookie["key"])
        role = _accounts(datasette).role(name, session)
    except (BadSignature, ArchiveError, LookupError, TypeError, AttributeError):
        return None
    return {"id": name, "role": role, "session": session} if role else None


def end_session(datasette: Datasette, actor: Mapping[str, str]) -> None:
    """End the session of an actor who logs out. Raises DatasetteError where that cannot be written."""
    try:
        _accounts(datasette).end(actor["id"], actor["session"])
    except ArchiveError:
        raise DatasetteError(_cannot(), status=503) from None


def _cannot() -> str:
    return _("The server cannot write at the moment, or cannot read its accounts. Ask its operator.")


def _accounts(datasette: Datasette) -> Accounts:
    return Accounts(archive_folder(datasette))


def _begin_session(accounts: Accounts, name: str, password: str) -> str:
    """The key of a new session; empty if the name or the password is wrong."""
    known = accounts.all()
    account = known.get(name) or next(iter(known.values()), None)
    if account and verify_password(password, account.hash) and name in known:
        return accounts.begin(name, account.hash)
    return ""


def _known_browser(datasette: Datasette, request: Request, name: str) -> str:
    """An identifier of a browser that logged in to this account before; empty for any other browser."""
    try:
        known = datasette.unsign(request.cookies.get(_BROWSER, ""), _BROWSER)
    except BadSignature:
        return ""
    return str(known["browser"]) if known["name"] == name else ""


async def _form(
    datasette: Datasette,
    request: Request,
    accounts: Accounts,
    following: str,
    error: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The form, which leads to the path `following` afterwards."""
    try:
        any_account = bool(accounts.all())
    except ArchiveError:
        any_account, error, status = True, _cannot(), 503
    context = {"any_account": any_account, "error": error, "next": own_path(following)}
    headers = {"cache-control": "no-store"} | dict(headers or {})
    return await page(datasette, request, "password_login.html", context, status, headers=headers)
