"""`dangqun publish` and `dangqun serve`."""

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import click

from archive.configuration import configuration
from archive.decisions.reports import forget_old_reports
from archive.errors import ArchiveError
from archive.publishing.server import link_parts, serve_snapshot
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
@options.configured("publish.max_shrink", former="--fall")
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


@click.command()
@options.configured("serve.host")
@options.configured("serve.port")
@options.site
@options.configured("serve.sql")
@options.configured("serve.rate_limit", former="--rate/--no-rate")
@options.configured("serve.full_texts")
@options.configured("serve.proxy", metavar="ADDR")
@options.configured("serve.workers")
@options.configured("serve.metrics")
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
    metrics: bool,
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
    message(f"{configuration(folder)['pages.title_en']}: http://{host}:{port}/ (Ctrl+C ends it)")
    if not (site or is_loopback(host)):
        message(_NO_ADDRESS)
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
