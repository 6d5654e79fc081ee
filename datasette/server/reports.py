"""/report: a reader says what is wrong with a fact or an article.

Nobody has to log in, so a form has a token that this site signed for what it is about, and a field that people do not see: who
fills it in is no person. How many reports one address may send is in dangqun.toml ([rates]).
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette import NotFound, Request, Response
from datasette.app import Datasette
from itsdangerous import BadSignature

from archive.decisions.reports import LONGEST, Reports, TooManyReports, Wrong
from archive.decisions.reviews import ReviewError
from archive.site.reports import Reported, reported
from server import options
from server.database import decisions, read
from server.language import gettext as _
from server.operator import decided
from server.pages import page

_SIGNED = "report"
_FRESH = 24 * 3600  # seconds that a form can be sent
_MAX_BODY, _MAX_FIELDS = 100_000, 20
_TRAP = "website"  # the field that people do not see


async def report_page(datasette: Datasette, request: Request) -> Response:
    """The form about a fact or an article, or the answer to one that was sent. Raises NotFound where nothing is published under
    the key."""
    about = await read(datasette, reported, request.args.get("of") or "")
    if about is None:
        raise NotFound(_("There is nothing to report here: no such fact or article is published."))
    if request.method != "POST":
        return await _form(datasette, request, about)
    form = await _fields(request)
    if not _is_ours(datasette, about, form):
        late = _("This form is more than a day old, or did not come from this site. Send it again.")
        return await _form(datasette, request, about, form, error=late, status=403)
    try:
        if not form.get(_TRAP):
            await read(datasette, lambda _snapshot: _keep(datasette, about, form, request))
    except TooManyReports as error:
        return await _form(datasette, request, about, form, error=str(error), status=429)
    except ReviewError as error:
        return await _form(datasette, request, about, form, error=str(error), field=error.field, status=400)
    query = urlencode({"of": f"{about['kind']}/{about['key']}", "sent": 1})
    return Response.redirect(datasette.urls.path(f"/report?{query}"), status=303)


async def _fields(request: Request) -> dict[str, str]:
    body = await request.post_body(max_bytes=_MAX_BODY)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MAX_FIELDS))
    except ValueError:  # more fields than any form of ours has
        return {}


def _keep(datasette: Datasette, about: Reported, form: Mapping[str, str], request: Request) -> None:
    address = (request.scope.get("client") or ("",))[0]

    def sender(hour: str) -> str:
        return sha256(str(datasette.sign([hour, address], "reporter")).encode()).hexdigest()

    counted = sender if address and options.rate_limited() else None
    most = decided(datasette)["rates.reports"]
    with closing(Reports(decisions(datasette))) as reports:
        reports.add(about["kind"], about["key"], form.get("wrong", ""), form.get("words", ""), counted, most)


def _token(datasette: Datasette, about: Reported) -> str:
    return str(datasette.sign({"of": about["key"], "at": datetime.now(UTC).timestamp()}, _SIGNED))


def _is_ours(datasette: Datasette, about: Reported, form: Mapping[str, str]) -> bool:
    """Whether this site made a form today, about this."""
    try:
        given = datasette.unsign(form.get("token", ""), _SIGNED)
        return bool(given["of"] == about["key"] and 0 <= datetime.now(UTC).timestamp() - given["at"] < _FRESH)
    except (BadSignature, LookupError, TypeError):
        return False


async def _form(
    datasette: Datasette,
    request: Request,
    about: Reported,
    form: Mapping[str, str] | None = None,
    *,
    error: str = "",
    field: str = "",
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "about": about,
        "form": form or {},
        "error": error,
        "field": field,
        "kinds": list(Wrong),
        "longest": LONGEST,
        "trap": _TRAP,
        "is_sent": bool(request.args.get("sent")),
        "token": _token(datasette, about),
    }
    return await page(datasette, request, "report.html", context, status, headers={"cache-control": "no-store"})
