"""Every page can show what the operator decided: the name and colour of the site, whom to write to, whether it is a demonstration."""

from typing import Any

from datasette import Response, hookimpl
from datasette.app import Datasette

from archive.language import NAME, chosen
from server.operator import decided
from server.pages import Routes

# In a dark scheme the colour is mixed with white until it can be read on the dark page, whatever it is.
_ACCENT = """@layer tokens {{
  :root {{ --accent: {colour}; }}
  @media (prefers-color-scheme: dark) {{ :root {{ --accent: color-mix(in srgb, {colour} 45%, white); }} }}
}}
"""


@hookimpl
def extra_template_vars(datasette: Datasette) -> dict[str, Any]:
    operator = decided(datasette)
    return {
        "operator": operator,
        "site_name": chosen(NAME.get()),
        "site_subtitle": chosen((operator["pages.subtitle_zh"], operator["pages.subtitle_en"])),
    }


@hookimpl
def register_routes() -> Routes:
    return [(r"^/accent\.css$", accent)]


async def accent(datasette: Datasette) -> Response:
    colour = decided(datasette)["pages.accent"]
    return Response(_ACCENT.format(colour=colour) if colour else "", content_type="text/css")
