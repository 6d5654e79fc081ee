"""/about: what is collected, how it is read, how far to trust it, how to cite it; as data (schema.org) for search engines, too."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.facts.decide.model import calibration
from archive.site.about import FEW
from server import options
from server.data_set import described
from server.database import read
from server.pages import Routes, full_address, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/about$", about_page)]


async def about_page(datasette: Datasette, request: Request) -> Response:
    about = await read(datasette, site.about)
    home_address = full_address(datasette, request, "/")
    context = {
        "about": about,
        "few": FEW,
        "publish": calibration().publish,
        "home_address": home_address,
        "snapshot_hash": datasette.get_database("archive").hash,
        "full_texts": options.texts(),
        "data_set": described(datasette, about, home_address),
    }
    return await page(datasette, request, "about.html", context)
