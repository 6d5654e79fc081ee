"""`dangqun backup` and `dangqun restore`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive.ending import end_with_caller
from archive.storage.backup import Report, back_up, find, finish, put_back
from archive.storage.store import ensure_there
from crawler.cli import options
from crawler.cli.console import message, progress
from crawler.cli.priority import give_way

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("target", metavar="DEST", type=_FOLDER)
@click.pass_obj
def backup(folder: Path, target: Path) -> None:
    """Back up what cannot be made again.

    The backup goes into the folder DEST. It holds what was fetched (warc/), what people decided (reviews.db), the accounts,
    the key that signs cookies (.secret), the configuration (dangqun.toml), and the plug-ins that it names. Crawls and the
    site may go on meanwhile.

    Each backup is a folder in DEST with its time as its name, and is complete in itself: a bag (BagIt) with the digests of
    all files. Captures that the backup before has become hard links, so they take no space again. If nothing has changed
    since the backup before, there is no new one. You may delete any backup. After an interruption, run the command again:
    it continues.
    """
    give_way()
    if not (folder / "warc").exists():
        ensure_there(folder)
    with _reporting() as report:
        made = back_up(folder, target, report)
    if made.missing:
        message(
            f"The archive lacks {len(made.missing)} files that the backup before has: {', '.join(made.missing)}. If you did"
            " not remove them, restore them from there."
        )
    if made.without_plugins:
        message(f"The backup has no plug-ins. {made.without_plugins}")
    if made.is_new:
        message(
            f"Backed up to {made.path}: {made.copied} files of captures copied ({made.size / 1e6:.1f} MB), {made.kept} kept.",
            file=made.path, copied=made.copied, kept=made.kept,
        )  # fmt: skip
    else:
        message(f"Nothing has changed since the backup {made.path}. Nothing was copied.", file=made.path)


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--overwrite",
    is_flag=True,
    help="Restore into a folder that is not empty: files of the backup replace those of the same names, and archive.db and"
    " what is published are deleted and made again. Captures in the folder that the backup lacks stay.",
)
@options.processes
@options.publishing
@click.pass_obj
def restore(folder: Path, source: Path, overwrite: bool, processes: int, publishing: bool) -> None:
    """Make an archive from a backup.

    SRC is a backup, or the folder that holds several: then the newest is taken. The archive's folder (--archive) must be
    empty, or there must be none. The command checks the digest of every file first, and writes nothing if one is wrong.
    Then it makes archive.db from the captures and publishes, as `dangqun extract` does, and checks the result, as `dangqun
    verify` does. After an interruption, run the command again: it continues.

    If reviews.db in the folder has takedowns that the backup lacks, or the folder of plug-ins that dangqun.toml names is
    missing outside of the archive, the command changes nothing and prints what to do.

    A backup does not contain the history of runs: every site is due at once. Nor does it know what was decided or taken
    down after it was made.
    """
    give_way()
    bag = find(source)
    message(f"Restoring {bag.path} into {folder}.", wrap=False)
    with _reporting() as report:
        put_back(bag, folder, overwrite=overwrite, report=report)
    _dangqun("extract", f"--processes={processes}", "--publish" if publishing else "--no-publish")
    _dangqun("verify", f"--processes={processes}")
    finish(bag, folder)
    message(f"Restored {bag.path} into {folder}.", wrap=False)


def _dangqun(*words: str) -> None:
    """Run a command on the restored archive, in a process of its own: one that loads the plug-ins which its dangqun.toml names."""
    command = [sys.executable, "-P", "-m", "crawler.cli", *options.of_this_command(), *words]
    if subprocess.run(command, check=False, preexec_fn=end_with_caller).returncode:
        raise click.ClickException(
            f"The files are in their places, but `dangqun {words[0]}` failed, see above. Mend that, and run this command again."
        )


@contextmanager
def _reporting() -> Iterator[Report]:
    """A progress bar for each thing that is done."""
    with progress(in_bytes=True) as bar:

        def report(what: str, more: int, total: int) -> None:
            task = next((task.id for task in bar.tasks if task.description == what), None)
            bar.update(bar.add_task(what, total=total) if task is None else task, advance=more)

        yield report
