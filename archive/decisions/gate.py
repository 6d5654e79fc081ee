"""Who may see and do what on the pages of editors. Knows the server only by the few methods that it calls.

A decision arrives with a token that only a page of ours could have put into its form: signed, for this person, for today.
The server's own protection against cross-site requests (Sec-Fetch-Site, Origin) stands before it.
"""

from datetime import UTC, datetime
from typing import Any

from archive.errors import LocalizedError

_TOKEN = "editing"  # noqa: S105 (a name)
_HOURS = 24


class Refused(LocalizedError):
    """A request that is not to be answered: who asks may not, or it did not come from our page."""


async def name_of(server: Any, request: Any, action: str = "review") -> str:
    """The name of who asks, if that person may do this. Raises Refused; with nobody logged in, its message is empty."""
    if not request.actor:
        raise Refused("", "")
    if not await server.allowed(action=action, actor=request.actor):
        who = request.actor.get("id")
        raise Refused(f"{who}没有此项权限（{action}）。", f"{who} has no permission to {action}.")
    return str(request.actor["id"])


def token(server: Any, name: str) -> str:
    """What a form must send back."""
    return str(server.sign({"by": name, "at": datetime.now(UTC).timestamp()}, _TOKEN))


async def form_of(server: Any, request: Any, name: str) -> dict[str, str]:
    """The fields of a form that this person was given. Raises Refused."""
    form: dict[str, str] = await request.post_vars()
    try:
        given = server.unsign(form.get("token", ""), _TOKEN)
        fresh = 0 <= datetime.now(UTC).timestamp() - given["at"] < _HOURS * 3600
    except Exception as error:  # whatever a forged token breaks
        raise Refused(
            "这张表单不是从这里发出的，或已损坏。请重新打开页面。",
            "This form did not come from here, or is damaged. Open the page again.",
        ) from error
    if given["by"] != name or not fresh:
        raise Refused(
            "这张表单是别人的，或是昨天的。请重新打开页面。",
            "This form is somebody else's, or of yesterday. Open the page again.",
        )
    return form
