"""The archive as a data set in the words of schema.org, which search engines for data read."""

from pathlib import Path
from typing import Any

from datasette.app import Datasette

from archive.facts import fact_types
from archive.labels import type_label
from archive.language import NAME, chosen
from archive.publishing.codebook import TABLES
from archive.publishing.snapshot import PACKAGE
from archive.publishing.writers import MEDIA_TYPES
from archive.site.about import AboutPage
from server.database import snapshot, table_file
from server.language import gettext as _

# The files of the tables (see archive.publishing.snapshot.tables_of) with their media types: those that are shown, and those that are saved.
SHOWN = {"datapackage.json": "application/json; charset=utf-8", "codebook.md": "text/markdown; charset=utf-8"}
SAVED = {PACKAGE: "application/zip"} | {
    f"{name}.{format_}": MEDIA_TYPES[format_] for name in TABLES for format_ in ("csv", "parquet")
}
SQLITE, WARC = "application/vnd.sqlite3", "application/gzip"  # of the snapshot, and of one record of a capture


def described(datasette: Datasette, about: AboutPage, address: str) -> dict[str, Any]:
    """The description of the data set, in the language of the request. `address` is that of the start page."""
    years = [day[:4] for day in (about["since"], about["until"]) if day]
    description = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": _("Reports of Chinese local news on party-service stations"),
        "alternateName": NAME.get()[1],
        "description": _(
            "What Chinese local news reports about party-service stations: members, households, money, donations and dates, each with"
            " the exact words that state it, the article and its capture."
        ),
        "url": address,
        "inLanguage": "zh-Hans",
        "license": "https://www.apache.org/licenses/LICENSE-2.0",
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": chosen(NAME.get()), "url": address},
        "spatialCoverage": {"@type": "Country", "name": _("China")},
        "temporalCoverage": "/".join(years),
        "dateModified": about["fetched"],
        "version": datasette.get_database("archive").hash,
        "variableMeasured": [type_label(name) for name in fact_types()],
        "measurementTechnique": f"{address}about#reading",
        "distribution": [
            _download(address + "archive.db", SQLITE, snapshot(datasette)),
            _download(f"{address}data/{PACKAGE}", SAVED[PACKAGE], table_file(datasette, PACKAGE)),
        ],
    }
    return {name: value for name, value in description.items() if value}


def _download(address: str, format_: str, file: Path | None) -> dict[str, Any]:
    size = {"contentSize": f"{file.stat().st_size} B"} if file else {}
    return {"@type": "DataDownload", "contentUrl": address, "encodingFormat": format_, **size}
