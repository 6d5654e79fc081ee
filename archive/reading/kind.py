"""What a response is, before what it says: only pages that can hold an article are read further."""

import re
from urllib.parse import urlsplit

from w3lib.html import get_meta_refresh

from archive.model import Capture, CaptureKind, NotAnArticle
from archive.reading.decode import decode
from archive.reading.page import Page
from archive.web.addresses import normal, resolved

_HTML = re.compile(r"html|text/plain", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"\$_ts\s*=|_wzws|WZWS|wzwschallenge|__jsl_clearance|acw_sc__v2|安全验证|访问验证|请完成验证|人机验证|正在进行安全检查|浏览器安全检查"
    r"|document\.cookie\s*=",
)
_HAN = re.compile(r"[㐀-鿿]")
_PROSE = 40  # Chinese characters that a page shows which is more than a challenge
_CHALLENGE_STATUS = {412, 521, 202, 403, 503}
_ERROR = re.compile(
    r"(?:页面|网页|文章|内容|稿件|新闻|信息|资源|文件)(?:已经?|已被)?(?:不存在|没有找到|未找到|被?删除|被?移除|下线|下架|失效|丢失)"
    r"|(?:找不到|无法找到|没有找到)[^。\n]{0,12}(?:页面|网页|文章|内容|文件|信息)|(?:^|\D)404(?:\s*[:\-–]?\s*(?:错误|页|not found)|$)"
    r"|服务器(?:内部)?错误|系统(?:繁忙|错误|维护)|(?:访问|页面|程序|请求)(?:出错|错误|异常)|参数(?:错误|有误)|not found",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"请(?:您)?(?:先)?登[录陆](?:后|才|再|以|查看|阅读|$)|登[录陆](?:后|才能|之后)[^。\n]{0,6}(?:查看|阅读|浏览|访问|继续)|您?[尚还]未登[录陆]"
    r"|(?:订阅|付费|会员|购买)[^。\n]{0,6}(?:阅读|查看|浏览)全文|(?:无|没有)(?:访问|浏览|阅读)权限"
)
_SHELL = re.compile(
    r"""(?:启用|开启|打开|支持)\s*java\s*script|enable\s+java\s*script"""
    r"""|<(?:div|section|main)[^>]{0,80}\bid=["']?(?:app|root|__next|__nuxt|main-app)["']?[^>]{0,80}>\s*(?:<!--[^>]{0,200}-->\s*)?</""",
    re.IGNORECASE,
)
_SHORT, _SLIGHT = 600, 200  # characters
_HEAD = 20_000  # characters or bytes that say what a slight page does


def of_response(capture: Capture) -> NotAnArticle | None:
    """What status, headers and bytes alone show; None where the page must be looked at."""
    status, content_type = capture.status, capture.header("content-type")
    if 300 <= status < 400:
        return NotAnArticle(CaptureKind.REDIRECT, f"HTTP {status} to {capture.header('location') or 'nowhere'}")
    if status in (404, 410):
        return NotAnArticle(CaptureKind.GONE, f"HTTP {status}")
    head = capture.body[:20_000].decode("utf-8", "replace")
    if status in (412, 521) or (status in _CHALLENGE_STATUS and _CHALLENGE.search(head)):
        return NotAnArticle(CaptureKind.CHALLENGE, f"HTTP {status}: the site asks the browser to prove itself")
    if status >= 400:
        return NotAnArticle(CaptureKind.ERROR, f"HTTP {status}")
    if not capture.body.strip():
        return NotAnArticle(CaptureKind.EMPTY, "no bytes")
    if content_type and not _HTML.search(content_type):
        return NotAnArticle(CaptureKind.OTHER, f"content type {content_type[:60]}")
    start = head.lstrip("\ufeff \r\n\t")[:300].lower()
    if start.startswith("<?xml") and "<html" not in head.lower():
        return NotAnArticle(CaptureKind.FEED, "an XML document (feed, sitemap), not a page")
    return None


def is_challenge(capture: Capture) -> bool:
    """Whether a response asks the browser to prove itself: by its status, or a slight page that sets a cookie by script
    and comes again. A page that shows a text is none, whatever its scripts do."""
    other = of_response(capture)
    if other:
        return other.kind == CaptureKind.CHALLENGE
    head = capture.body[:20_000].decode("utf-8", "replace")
    if not _CHALLENGE.search(head) or len(capture.body) >= 20_000:
        return False
    found = of_page(Page(head), capture.url)
    return found is not None and found.kind == CaptureKind.CHALLENGE


def sends_on(capture: Capture) -> str:
    """The address, in its normal form, that a page without a text of its own leads to: by <meta http-equiv="refresh">, or
    by the one frame that it shows of its own host. Empty for any other."""
    head = capture.body[:_HEAD].lower()
    if not (b"refresh" in head or b"<frame" in head or b"<iframe" in head) or of_response(capture):
        return ""
    target = _target(capture, capture.body[:_HEAD])
    # Behind a long head (styles, scripts) a page may have a text of its own.
    return _target(capture, capture.body) if target and len(capture.body) > _HEAD else target


def _target(capture: Capture, body: bytes) -> str:
    """Where a page with these bytes sends on to; empty where it has a text of its own, or leads nowhere."""
    text, encoding = decode(body, capture.header("content-type"))
    page = Page(text)
    found = of_page(page, capture.url)
    return _refresh(page, capture.url, encoding.of_queries) if found and found.kind == CaptureKind.REDIRECT else ""


def of_page(page: Page, url: str) -> NotAnArticle | None:
    """What a page with status 200 shows before its prose is looked for."""
    shown = page.shown
    bare = len(shown) < _SLIGHT and len(_HAN.findall(shown)) < _PROSE
    if bare and _CHALLENGE.search(page.text[:_HEAD]):
        return NotAnArticle(CaptureKind.CHALLENGE, "a script that sets a cookie and reloads, no text")
    if len(shown) < _SHORT:
        found = of_words(page.title_tag + "\n" + shown)
        if found:
            return found
    target = _refresh(page, url) if bare else ""
    if target:
        return NotAnArticle(CaptureKind.REDIRECT, f"the page sends on to {target}")
    if bare and _SHELL.search(page.text[:200_000]):
        return NotAnArticle(CaptureKind.SHELL, "an empty page that a script fills")
    return None


def _refresh(page: Page, url: str, encoding: str = "utf-8") -> str:
    """Where a page sends on to, its query in the page's `encoding`; empty where it only loads itself again."""
    try:
        target = normal(
            get_meta_refresh(page.text[:_HEAD], page.base(url), encoding)[1] or _framed(page, url, encoding)
        )
    except ValueError:  # no address
        return ""
    return target if target.startswith(("http://", "https://")) and target != normal(url) else ""


def _framed(page: Page, url: str, encoding: str) -> str:
    """The address that the only frame of a page's own host shows; empty where there are several, or none."""
    targets = {resolved(page.base(url), frame, encoding) for frame in page.frames if frame}
    own = [target for target in targets if target and urlsplit(target).netloc == urlsplit(url).netloc]
    return own[0] if len(own) == 1 else ""


def of_words(text: str) -> NotAnArticle | None:
    """What a short text says of itself: an error, or that one must log in. For texts that can be no article."""
    for kind, pattern, what in (
        (CaptureKind.ERROR, _ERROR, "an error page"),
        (CaptureKind.LOGIN, _LOGIN, "a login wall"),
    ):
        match = pattern.search(text)
        if match:
            return NotAnArticle(kind, f"{what} with status 200: {match[0].strip()}")
    return None
