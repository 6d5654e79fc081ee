"""The processes that serve published snapshots: Uvicorn with Datasette, by the configuration in datasette/."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile

from archive.decisions.secret import secret
from archive.ending import end_with_caller
from archive.errors import ArchiveError
from archive.publishing.snapshot import published

_ROOT = Path(__file__).parents[2]
_CHECKOUT = _ROOT / "datasette"  # installed, that is the library
CONFIGURATION = _CHECKOUT if (_CHECKOUT / "datasette.yaml").exists() else _ROOT / "crawler" / "site"
_TAKEN = ("archive", "data")  # the first archive, and the page whose address its tables are below
_WORKERS = min(os.cpu_count() or 1, 4)  # by default; each holds in memory what it has read
_MAX_CONNECTIONS = 800  # of one process, which may open 1,024 files; further ones are answered with 503
_STOP_SECONDS = 5.0  # that the processes have to end by themselves


def _networks(proxies: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks of proxies in the form that the server compares."""
    networks = [ip_network(one) for one in proxies]
    # A server that listens on IPv6 sees an address of IPv4 as one of IPv6.
    mapped = (f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in networks if one.version == 4)
    return (*map(str, networks), *mapped)


def link_parts(folders: Iterable[Path], target: Path) -> list[Path]:
    """Links in the folder `target` to the snapshots of other archives. Datasette names a database by its file, so each link is
    named after the archive's folder. Raises ArchiveError if an archive has no snapshot, or if its name is taken."""
    parts: list[Path] = []
    for folder in folders:
        snapshot = published(folder.resolve())
        name = re.sub(r"[^A-Za-z0-9_]+", "_", snapshot.parents[1].name).strip("_") or "part"
        part = target / f"{name}.db"
        if name in _TAKEN or part.exists():
            raise ArchiveError(
                f"The name {name} is taken, by another archive or by a page. Rename the folder {folder}."
            )
        part.symlink_to(snapshot)
        parts.append(part)
    return parts


def serve_snapshot(  # noqa: PLR0913 (an option each)
    snapshot: Path,
    host: str,
    port: int,
    *,
    site: str = "",
    sql: bool = True,
    rate_limit: bool = True,
    texts: bool = False,
    parts: Sequence[Path] = (),
    workers: int | None = None,
    proxies: Sequence[str] = (),
    metrics: Path | None = None,
) -> int:
    """Serve a snapshot until the server or this process is ended.

    No process imports from the current directory, where anybody may have left a file (-P).

    Args:
        snapshot: the published database.
        host: the address to listen on.
        port: the port to listen on.
        site: the address under which readers reach the site; empty: the server's own.
        sql: whether readers may run their own SQL.
        rate_limit: whether requests are limited by address.
        texts: whether downloads of articles have their full texts.
        parts: snapshots of other archives, served beside this one.
        workers: processes that share the port; a process that dies is started again. None: one for each core, up to four.
        proxies: addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
        metrics: an empty folder in which the processes count for /metrics; None: there is no such page.

    Returns:
        The exit code of the server.
    """
    workers = workers or _WORKERS
    command = [
        sys.executable, "-P", "-m", "uvicorn", "--factory", "server.application:application", "--app-dir", str(CONFIGURATION), "--host", host,
        "--port", str(port), "--workers", str(workers), "--timeout-worker-healthcheck", "30", "--lifespan", "on",
        "--http", "server.protocol:Protocol", "--timeout-graceful-shutdown", "2", "--limit-concurrency", str(_MAX_CONNECTIONS),
        *(("--forwarded-allow-ips", ",".join(_networks(proxies))) if proxies else ("--no-proxy-headers",)),
    ]  # fmt: skip
    environment = os.environ | {
        "DANGQUN_SITE": site,
        "DANGQUN_SNAPSHOTS": os.pathsep.join(map(str, (snapshot, *parts))),
        "DANGQUN_WORKERS": str(workers),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics or ""),
        "DATASETTE_SECRET": os.environ.get("DATASETTE_SECRET") or secret(snapshot.parents[1]),
    }
    environment |= ({} if sql else {"DANGQUN_SQL": "off"}) | ({} if rate_limit else {"DANGQUN_RATE": "off"})
    environment |= {"DANGQUN_TEXTS": "on"} if texts else {}
    environment |= {"DANGQUN_PARTS": " ".join(part.stem for part in parts)} if parts else {}
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))  # an ended command leaves no server behind
    code = -signal.SIGKILL
    with NamedTemporaryFile(
        prefix="dangqun-"
    ) as ended:  # not empty while one is missing that ended itself (see plugins/guard.py)
        while code == -signal.SIGKILL:  # a single process has nobody else that starts another
            code = _run(command, environment | {"DANGQUN_ENDED": ended.name})
    return code


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command until it or this process is ended. Then end all that it started, by force if that takes long."""
    with subprocess.Popen(
        command, env=environment, start_new_session=True, preexec_fn=end_with_caller  # noqa: PLW1509 (no threads yet)
    ) as process:  # fmt: skip
        try:
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group that is ending
                os.killpg(process.pid, signal.SIGKILL)
