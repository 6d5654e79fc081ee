"""`dangqun publish` and `dangqun serve`."""

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import click

from archive.configuration import configuration
from archive.decisions.reports import forget_old_reports
from archive.errors import ArchiveError
from archive.publishing.server import DEFAULT_WORKERS, link_parts, proxy_networks, serve_snapshot
from archive.publishing.snapshot import publish as publish_snapshot
from archive.publishing.snapshot import published
from archive.storage.store import ensure_there
from archive.web.outgoing import is_loopback
from crawler.cli import options, renamed
from crawler.cli.console import message
from crawler.cli.opening import open_archive
from crawler.cli.priority import give_way

_NO_ADDRESS = (
    "The address of the site is not set (--site). Links in feeds, the sitemap and citations begin with the server's own"
    " address."
)


@click.command()
@renamed.option(
    "--max-shrink",
    former="--fall",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Refuse to publish if a larger share of the articles, stations or facts of the last snapshot is missing.",
)
@click.pass_obj
def publish(folder: Path, max_shrink: float) -> None:
    """Check the archive and publish a snapshot.

    If a check fails, the published snapshot stays as it is. A snapshot shows the decisions of people beside the
    extracted values. The previous snapshot is kept as archive.previous.db.
    """
    give_way()
    ensure_there(folder)
    with open_archive(folder) as opened:
        snapshot = publish_snapshot(opened, fall=max_shrink)
    message(f"Published {snapshot}", file=snapshot)


def _proxies(context: click.Context, option: click.Parameter, addresses: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return proxy_networks(addresses)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8001, show_default=True, help="The port to listen on.")
@options.site
@click.option(
    "--sql/--no-sql", default=True, show_default=True, help="Let readers run their own SQL (2 s, 1,000 rows)."
)
@renamed.option(
    "--rate-limit/--no-rate-limit",
    former="--rate/--no-rate",
    default=True,
    show_default=True,
    help="Limit the requests of each address (see datasette.yaml).",
)
@click.option(
    "--full-texts/--no-full-texts",
    default=False,
    show_default=True,
    help="Add the full texts to downloads of articles. The rights to them belong to the outlets.",
)
@click.option(
    "--proxy",
    multiple=True,
    metavar="ADDR",
    callback=_proxies,
    help="The address or network of a proxy in front of the site. The site believes X-Forwarded-For and X-Forwarded-Proto only"
    " from there. May be repeated.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=DEFAULT_WORKERS,
    show_default="one for each core, up to 4",
    help="The number of processes that answer requests.",
)
@click.option(
    "--metrics/--no-metrics",
    default=None,
    help="Answer /metrics with figures for Prometheus. Let the proxy refuse that address to readers.  [default: the entry"
    " `metrics` in dangqun.toml, or off]",
)
@renamed.option(
    "--with-archive",
    former="--also",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The folder of another archive. Its snapshot is served and searched with this one, under the folder's name. May be"
    " repeated.",
)
@click.pass_obj
def serve(
    folder: Path,
    host: str,
    port: int,
    site: str,
    sql: bool,
    rate_limit: bool,
    full_texts: bool,
    proxy: tuple[str, ...],
    workers: int,
    metrics: bool | None,
    with_archive: tuple[Path, ...],
) -> None:
    """Serve the published snapshot.

    Datasette serves it until Ctrl+C or SIGTERM ends the command. A newer snapshot is served as soon as it is published.

    If an archive becomes too large for one file, keep it in parts, by year or by province. --with-archive serves them
    beside this one, with one search over all.

    Editors log in at /-/login with the accounts of `dangqun accounts`.
    """
    try:
        gettempdir()
    except FileNotFoundError as error:  # so Python reports that no temporary folder has room
        raise ArchiveError(f"{error.strerror}. Free some space there, or name another folder in TMPDIR.") from None
    snapshot = published(folder)
    forget_old_reports(folder / "reviews.db")  # which is migrated, or refused, before the first request
    site = options.own_address(folder, site)
    message(f"Dangqun Archive: http://{host}:{port}/ (Ctrl+C ends it)")
    if not (site or is_loopback(host)):
        message(_NO_ADDRESS)
    metrics = configuration(folder).metrics if metrics is None else metrics
    with TemporaryDirectory(prefix="dangqun-") as made:
        counted = Path(made) / "metrics"
        counted.mkdir()
        code = serve_snapshot(
            snapshot,
            host,
            port,
            site=site,
            sql=sql,
            rate_limit=rate_limit,
            texts=full_texts,
            parts=link_parts(with_archive, Path(made)),
            workers=workers,
            proxies=proxy,
            metrics=counted if metrics else None,
        )
    raise SystemExit(code)
