"""One language a request: `?lang=` chooses it, and of pages a cookie remembers that; else the browser's languages decide, else the operator."""

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from datasette import Request, hookimpl
from datasette.app import Datasette
from jinja2 import Environment

from archive.language import LANGUAGE, NAME, Language
from server import language, options
from server.asgi import App, Headers, Receive, Scope, Send, middleware, with_headers
from server.operator import decided
from server.programs import for_programs

_YEAR = 365 * 24 * 3600  # seconds that a browser remembers the language


@hookimpl(wrapper=True)  # before all others, whose answers have words
def asgi_wrapper(datasette: Datasette) -> Generator[None, list[Callable[[App], App]], list[Callable[[App], App]]]:
    others = yield
    return [*others, middleware(partial(_answer, datasette))]


async def _answer(datasette: Datasette, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    operator = decided(datasette)
    of_request = language.negotiated(scope, Language(operator["pages.language"]))
    is_remembered = language.requested(scope) is not None and not for_programs(scope["path"])

    def headers(before: Headers) -> Headers:
        ours = [(b"content-language", of_request.encode()), (b"vary", b"Accept-Language, Cookie")]
        if is_remembered:
            cookie = f"{language.COOKIE}={of_request}; Max-Age={_YEAR}; Path=/; SameSite=Lax"
            ours.append((b"set-cookie", cookie.encode()))
        return [*before, *ours]

    token = LANGUAGE.set(of_request)
    named = NAME.set((operator["pages.title_zh"], operator["pages.title_en"]))
    try:
        query = language.without_language(scope["query_string"])
        await app({**scope, "query_string": query}, receive, with_headers(send, headers))
    finally:
        LANGUAGE.reset(token)
        NAME.reset(named)


@hookimpl(tryfirst=True)  # before other plugins copy the environment
def prepare_jinja2_environment(env: Environment) -> None:
    env.add_extension("jinja2.ext.i18n")
    vars(env)["install_gettext_callables"](
        lambda message: language.translations(LANGUAGE.get()).gettext(message),
        lambda one, many, number: language.translations(LANGUAGE.get()).ngettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, message: language.translations(LANGUAGE.get()).pgettext(context, message),
        npgettext=lambda context, one, many, number: language.translations(LANGUAGE.get()).npgettext(
            context, one, many, number
        ),
    )


@hookimpl
def extra_template_vars(request: Request | None) -> dict[str, Any]:
    """`language`; `languages`, each with its name and the address of this page in it; and `canonical`, the address of the page without
    a query. Addresses are absolute where the address of the site is known."""
    path, query = (language.own_path(request.path), request.query_string) if request else ("/", "")
    site = options.site_address()
    return {
        "language": LANGUAGE.get(),
        "languages": [
            {"tag": one, "name": language.NAMES[one], "href": language.with_language(site + path, query, one)}
            for one in Language
        ],
        "canonical": site + path,
    }
