"""What a response is, before what it says: only pages that can hold an article are read further."""

import re

from archive.records import Capture, NotAnArticle

_HTML = re.compile(r"html|text/plain", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"\$_ts\s*=|_wzws|WZWS|wzwschallenge|__jsl_clearance|acw_sc__v2|安全验证|访问验证|请完成验证|人机验证|正在进行安全检查|浏览器安全检查"
    r"|document\.cookie\s*=",
)
_CHALLENGE_STATUS = {412, 521, 202, 403, 503}


def of_response(capture: Capture) -> NotAnArticle | None:
    """What status, headers and bytes alone tell; None where the page must be looked at."""
    status, content_type = capture.status, capture.header("content-type")
    if 300 <= status < 400:
        return NotAnArticle("redirect", f"HTTP {status} to {capture.header('location') or 'nowhere'}")
    if status in (404, 410):
        return NotAnArticle("gone", f"HTTP {status}")
    head = capture.body[:20_000].decode("utf-8", "replace")
    if status in (412, 521) or (status in _CHALLENGE_STATUS and _CHALLENGE.search(head)):
        return NotAnArticle("challenge", f"HTTP {status}: the site asks the browser to prove itself")
    if status >= 400:
        return NotAnArticle("error", f"HTTP {status}")
    if not capture.body.strip():
        return NotAnArticle("empty", "no bytes")
    if content_type and not _HTML.search(content_type):
        return NotAnArticle("other", f"content type {content_type[:60]}")
    start = head.lstrip("\ufeff \r\n\t")[:300].lower()
    if start.startswith("<?xml") and "<html" not in head.lower():
        return NotAnArticle("feed", "an XML document (feed, sitemap), not a page")
    return None


def of_text(text: str, visible: int) -> NotAnArticle | None:
    """What the decoded page tells: a challenge that came with status 200. `visible` counts its visible characters."""
    if visible < 200 and _CHALLENGE.search(text[:20_000]):
        return NotAnArticle("challenge", "a script that sets a cookie and reloads, no text")
    return None
