"""`dangqun publish` and `dangqun serve`."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, gettempdir

import click

from archive.decisions.reviews import Reviews
from archive.decisions.secret import secret
from archive.ending import end_with_caller
from archive.publishing.snapshot import publish as publish_snapshot
from archive.publishing.snapshot import published
from archive.storage.store import ArchiveError, ensure_there
from archive.web.outgoing import is_loopback
from crawler.cli.console import console
from crawler.cli.opening import open_archive
from crawler.cli.options import own_address
from crawler.cli.options import site as site_option
from crawler.cli.priority import give_way

_HERE = Path(__file__).parents[2] / "datasette"  # the configuration in a checkout; installed, that is the library
CONFIGURATION = _HERE if (_HERE / "datasette.yaml").exists() else Path(__file__).parents[1] / "site"
_MOST = 4  # processes, where nobody says how many: each holds what it has read
_CONNECTIONS = 800  # of one process, which may open 1,024 files; further ones are answered with 503
_NO_ADDRESS = "The address of the site is not set (--site): links in feeds, the sitemap and citations begin with the server's own."
_FAREWELL = 5.0  # seconds that the processes have to end by themselves


@click.command()
@click.option(
    "--fall",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="The largest share of articles, stations or facts that may be missing compared with the last snapshot.",
)
@click.pass_obj
def publish(folder: Path, fall: float) -> None:
    """Check the archive and publish a snapshot of it. If a check fails, the snapshot before it stays.

    A snapshot shows what people decided beside the machine's values. The one before it is kept as archive.previous.db.
    """
    give_way()
    ensure_there(folder)
    with open_archive(folder) as opened:
        console.print(f"Published {publish_snapshot(opened, fall=fall)}")


def _proxies(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of proxies in the form that the server compares. Raises BadParameter for one that is no address or network, or
    that means everybody."""
    try:
        networks = [ip_network(one) for one in given]
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None
    if any(network.prefixlen == 0 for network in networks):
        raise click.BadParameter("This network means everybody: any reader could choose the address that is counted.")
    # A server that listens on IPv6 sees an address of IPv4 as one of IPv6.
    seen = (f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in networks if one.version == 4)
    return (*map(str, networks), *seen)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, help="Port to listen on.")
@site_option
@click.option(
    "--sql/--no-sql", default=True, show_default=True, help="Let readers run their own SQL (2 s, 1,000 rows)."
)
@click.option(
    "--rate/--no-rate", default=True, show_default=True, help="Limit requests by address (see datasette.yaml)."
)
@click.option(
    "--proxy",
    multiple=True,
    metavar="ADDR",
    callback=_proxies,
    help="The address, or network, of a proxy in front of the site. The site believes X-Forwarded-For and X-Forwarded-Proto only"
    " from there. May be repeated.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    show_default=f"one a core, {_MOST} at most",
    help="Processes that answer side by side.",
)
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Another archive whose snapshot is served beside this one, and searched with it; its folder's name names it. May be repeated.",
)
@click.pass_obj
def serve(
    folder: Path,
    host: str,
    port: int,
    site: str,
    sql: bool,
    rate: bool,
    proxy: tuple[str, ...],
    workers: int | None,
    also: tuple[Path, ...],
) -> None:
    """Serve the published snapshot with Datasette, until interrupted. A newer one is served as soon as it is published.

    An archive that has grown too large for one file can be kept in parts, by year or by province: --also serves them
    beside this one, with one search over all.

    Editors log in at /-/login with the accounts of `dangqun accounts`.
    """
    try:
        gettempdir()
    except FileNotFoundError as error:  # so Python reports that no temporary folder has room
        raise ArchiveError(f"{error.strerror}. Make room in one, or name another one in TMPDIR.") from None
    snapshot = published(folder)
    if (folder / "reviews.db").exists():
        Reviews(folder / "reviews.db").close()  # brought up to date, or refused, before anybody asks
    address = own_address(folder, site)
    console.print(f"Dangqun Archive: http://{host}:{port}/ (Ctrl+C ends it)")
    if not (address or is_loopback(host)):
        console.print(_NO_ADDRESS)
    options = {"DANGQUN_SITE": address}
    options |= ({} if sql else {"DANGQUN_SQL": "off"}) | ({} if rate else {"DANGQUN_RATE": "off"})
    with TemporaryDirectory(prefix="dangqun-") as made:
        parts = _parts(also, Path(made))
        options |= {"DANGQUN_PARTS": " ".join(part.stem for part in parts)} if parts else {}
        code = datasette(snapshot, host, port, options, parts, workers, proxy)
    raise SystemExit(code)


def _parts(folders: tuple[Path, ...], made: Path) -> list[Path]:
    """The snapshots of other archives under names that tell them apart: Datasette names a database by its file."""
    parts: list[Path] = []
    for folder in folders:
        snapshot = published(folder.resolve())
        name = re.sub(r"[^A-Za-z0-9_]+", "_", snapshot.parents[1].name).strip("_") or "part"
        part = made / f"{name}.db"
        if name == "archive" or part.exists():
            raise ArchiveError(f"Two of the archives would be named {name}: rename the folder {folder}.")
        part.symlink_to(snapshot)
        parts.append(part)
    return parts


def datasette(
    snapshot: Path,
    host: str,
    port: int,
    options: Mapping[str, str] | None = None,
    parts: Sequence[Path] = (),
    workers: int | None = None,
    proxies: Sequence[str] = (),
) -> int:
    """Run Datasette on a snapshot, and on further parts, until it or this process is ended; returns its exit code.

    `options` are further environment variables of the processes. `workers` of them share the port, by default one a core; one
    that dies is started again. None imports from the current directory, where anybody may have left a file (-P). The site
    believes X-Forwarded-For and X-Forwarded-Proto from the addresses and networks `proxies`.
    """
    workers = workers or min(os.cpu_count() or 1, _MOST)
    command = [
        sys.executable, "-P", "-m", "uvicorn", "--factory", "server.application:application", "--app-dir", str(CONFIGURATION), "--host", host,
        "--port", str(port), "--workers", str(workers), "--timeout-worker-healthcheck", "30", "--lifespan", "on",
        "--http", "server.protocol:Protocol", "--timeout-graceful-shutdown", "2", "--limit-concurrency", str(_CONNECTIONS),
        *(("--forwarded-allow-ips", ",".join(proxies)) if proxies else ("--no-proxy-headers",)),
    ]  # fmt: skip
    environment = (
        os.environ
        | (options or {})
        | {
            "DANGQUN_SNAPSHOTS": os.pathsep.join(map(str, (snapshot, *parts))),
            "DANGQUN_WORKERS": str(workers),
            "DATASETTE_SECRET": os.environ.get("DATASETTE_SECRET") or secret(snapshot.parents[1]),
        }
    )
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))  # an ended command leaves no server behind
    code = -signal.SIGKILL
    with NamedTemporaryFile(
        prefix="dangqun-"
    ) as ended:  # not empty while one is missing that ended itself (see datasette/server/reader_sql.py)
        while code == -signal.SIGKILL:  # a single process has nobody else that starts another
            code = _run(command, environment | {"DANGQUN_ENDED": ended.name})
    return code


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command until it or this process is ended, and end all that it started, by force where that takes long."""
    with subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=end_with_caller) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_FAREWELL)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
