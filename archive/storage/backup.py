"""Backups of an archive, and archives made from backups.

A backup is a bag (BagIt, RFC 8493): the folder `data` has the files that cannot be made again, at their paths in the archive, and
manifest-sha256.txt has their digests. The folder that holds the backups has one for each time that something was different. WARC
files that are as they were are hard links to those of the backup before: each backup is whole, and any may be deleted.
"""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile, ZipInfo

from archive import clock
from archive.captures.warc import WarcFolder
from archive.configuration import FILE, ConfigurationError, configuration
from archive.entries import OWN_FOLDERS
from archive.errors import DATABASE_ERRORS, ArchiveError, is_damage, some
from archive.sql.files import alone, copy_database, remove
from archive.storage.store import DATABASE, hold

_DECISIONS = "reviews.db"
_PLUGINS = "plugins.zip"  # the folder of plug-ins, wherever dangqun.toml has it
_SMALL = ("accounts.json", ".secret", FILE)  # each is replaced as a whole when it changes
_NAME = re.compile(rf"warc/[^/\s]+\.warc\.gz|{_DECISIONS}|accounts\.json|\.secret|{re.escape(FILE)}|{_PLUGINS}")
_MANIFEST, _DECLARATION, _INFO = "manifest-sha256.txt", "bagit.txt", "bag-info.txt"
_NUMBER = "Internal-Sender-Identifier: "  # in _INFO, before the number of the backup
_VERSION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_DRAFT = ".draft"  # a backup that is being made, or was when its command was killed
_BLOCK = 1 << 20  # bytes at once
_COPIED = "copied"  # beside the files that wait, once there are all of them
_LOGS = ("-wal", "-shm", "-journal")  # of a database, behind its name
_DERIVED = (DATABASE, "decided.db", "published", ".rebuild")  # what was made of other captures
Report = Callable[[str, int, int], None]  # what is done, how many more bytes of it, of how many


@dataclass(frozen=True)
class Bag:
    """A complete backup: its folder."""

    path: Path

    @cached_property
    def manifest(self) -> str:
        """The text of its manifest. Raises ArchiveError if there is none."""
        try:
            return (self.path / _MANIFEST).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArchiveError(f"{self.path} is no backup of an archive: {error}.") from None

    @cached_property
    def digests(self) -> dict[str, str]:
        """The digest of each file, by its path in the archive. Raises ArchiveError if this is no backup of an archive."""
        pairs = [line.partition("  data/")[::2] for line in self.manifest.splitlines()]
        if strange := next((name for _, name in pairs if not _NAME.fullmatch(name)), None):
            raise ArchiveError(f"{self.path} is no backup of an archive: it has the file {strange!r}.")
        return {name: digest for digest, name in pairs}

    @property
    def names(self) -> list[str]:
        """The files that have the same path in the archive."""
        return [name for name in self.digests if name != _PLUGINS]

    @cached_property
    def number(self) -> int:
        """Its place in the series of backups, from 1: its name may be of a clock that was wrong. 0 if an older version made it."""
        try:
            return int((self.path / _INFO).read_text("utf-8").removeprefix(_NUMBER))
        except (OSError, ValueError):
            return 0

    def file(self, name: str) -> Path:
        """Where the backup has a file of the archive."""
        return self.path / "data" / name

    def files(self) -> set[str]:
        """What the backup's folder holds of the archive, whatever its manifest lists."""
        data = self.file("")
        return {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()}


@dataclass
class Made:
    """What a backup did.

    Attributes:
        path: the new backup, or the one before if nothing has changed since.
        is_new: whether it is new.
        copied: how many files were copied.
        size: how many bytes these have.
        kept: how many files were the same in the backup before.
        missing: WARC files of the backup before that the archive no longer has.
        without_plugins: why the backup does not have the plug-ins; empty if it has them, or if there are none.
    """

    path: Path
    is_new: bool = True
    copied: int = 0
    size: int = 0
    kept: int = 0
    missing: list[str] = field(default_factory=list)
    without_plugins: str = ""


def find(source: Path) -> Bag:
    """The backup in a folder, or the newest of those that the folder holds. Raises ArchiveError if there is none."""
    found = Bag(source) if (source / _DECLARATION).exists() else _newest(source)
    if found is None:
        raise ArchiveError(f"There is no backup in {source}. Name a folder to which `dangqun backup` has written.")
    return found


def back_up(folder: Path, target: Path, report: Report = lambda *_: None) -> Made:
    """Make a backup of an archive, while others may write to it. A backup that was killed is continued.

    Args:
        folder: the archive's folder.
        target: the folder that holds the backups; it is made if there is none.
        report: called as files are copied or found to be the same.

    Raises:
        OSError: the disk refuses.
        sqlite3.Error: the database of decisions cannot be read.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(target):
        called = clock.now().replace(":", "")  # some file systems refuse colons
        before, draft, made = _newest(target), Bag(target / _DRAFT), Made(target / called)
        draft.path.mkdir(mode=0o700, exist_ok=True)
        draft.file("warc").mkdir(parents=True, exist_ok=True)
        remove(draft.path / name for name in (_DECLARATION, _MANIFEST, _INFO))  # killed before the backup got its name
        captures = {f"warc/{path.name}": path for path in WarcFolder(folder / "warc").files()}
        total = sum(path.stat().st_size for path in captures.values())
        # Decisions first: their captures are in the archive by then. A WARC file only grows; a record that is not complete yet is
        # cut off when the copy is opened, as after a crash.
        digests = {
            name: _copy_small(folder / name, draft.file(name))
            for name in (_DECISIONS, *_SMALL)
            if (folder / name).exists()
        }
        try:
            if plugins := _packed_plugins(folder):
                _write(draft.file(_PLUGINS), plugins)
                digests[_PLUGINS] = sha256(plugins).hexdigest()
        except ConfigurationError as error:
            made.without_plugins = str(error)
        for name, path in captures.items():
            digests[name] = _keep(name, path, draft, before, made)
            report("backup", path.stat().st_size, total)
        remove(draft.file(name) for name in draft.files() - digests.keys())  # what was begun and is not there any more
        return _complete(draft, digests, before, made)


def check(bag: Bag, report: Report = lambda *_: None) -> None:
    """Compare every file of a backup with its digest. Raises ArchiveError with the names of files that are damaged or missing, or
    that the manifest lacks."""
    if unlisted := sorted(bag.files() - bag.digests.keys()):
        raise ArchiveError(
            f"{bag.path / _MANIFEST} is not complete: it does not list {some(unlisted)}. Nothing was restored. Restore another"
            " backup, or put the manifest back from another copy of this one."
        )
    names = list(bag.digests)
    total = sum(bag.file(name).stat().st_size for name in names if bag.file(name).exists())
    wrong = []
    for name, digest in bag.digests.items():
        path = bag.file(name)
        if not path.is_file() or _digest(path) != digest:
            wrong.append(name)
        else:
            report("check", path.stat().st_size, total)
    if wrong:
        raise ArchiveError(
            f"{len(wrong)} files of the backup {bag.path} are damaged or missing: {some(wrong)}. Nothing was restored. Restore"
            " another backup, or put these files back from another copy of this one."
        )


def put_back(bag: Bag, folder: Path, *, overwrite: bool = False, report: Report = lambda *_: None) -> None:
    """Put the files of a backup into an archive's folder, after all of them were checked. What is in the folder stays as it is until
    all files are copied. If this was killed, the same call continues. `finish` ends it, once the database is made again.

    Args:
        bag: the backup.
        folder: the archive's folder.
        overwrite: whether the folder may have other files. Those of the same names are replaced, but for WARC files that begin with
            all that the backup has of them; what was derived is deleted.
        report: called as files are checked and copied.

    Raises:
        ArchiveError: the backup is damaged, the folder has other files or no plug-ins, or its takedowns would be forgotten.
        ArchiveBusy: another process writes to the archive.
        OSError: the disk refuses.
    """
    staging = folder / _staging(bag)
    plugins = _place_of_plugins(bag, folder)
    kept = [folder / ".lock", *([plugins] if plugins else [])]
    if not (overwrite or staging.exists()) and _has_files(folder, besides=kept):
        raise ArchiveError(
            f"{folder} is not empty. Name an empty folder with --archive; or, to replace the archive that is there, add --overwrite."
        )
    with hold(folder):
        if not ((staging / _COPIED).exists() and _has_all(bag, folder)):
            remove([staging / _COPIED])
            check(bag, report)
            _refuse_forgetting(bag, folder)
            _copy_all(bag, folder, report)
            _refuse_forgetting(bag, folder)  # copying takes long, and people go on deciding
            remove(folder / f"{name}{log}" for name in _DERIVED for log in ("", *_LOGS))
            _write(staging / _COPIED, b"")
            _sync(staging)
        for name in bag.names:
            if (staged := _staged(bag, folder, name)).exists():
                if name == _DECISIONS:
                    _refuse_forgetting(bag, folder)  # this may continue long after it was killed
                if name.startswith("warc/") and _begins_with(folder / name, staged):
                    staged.unlink()
                    continue
                remove(folder / f"{name}{log}" for log in _LOGS)
                staged.replace(folder / name)
        if plugins and not plugins.is_dir():
            _unpack_plugins(bag, staging / _PLUGINS, plugins)


def finish(bag: Bag, folder: Path) -> None:
    """Note that an archive is complete which `put_back` began."""
    remove(folder / part / _staging(bag) for part in ("warc", ""))


def _newest(target: Path) -> Bag | None:
    found = (Bag(path.parent) for path in target.glob(f"[!.]*/{_DECLARATION}"))
    return max(found, key=lambda bag: (bag.number, bag.path.name), default=None)


def _keep(name: str, path: Path, draft: Bag, before: Bag | None, made: Made) -> str:
    """Take a WARC file into a backup. Returns its digest."""
    target = draft.file(name)
    if _is_same(path, target):  # copied before the command was killed
        made.kept += 1
        return _digest(target)
    target.unlink(missing_ok=True)
    if before and name in before.digests and _is_same(path, before.file(name)):
        with suppress(OSError):  # a file system without hard links
            os.link(before.file(name), target)
            made.kept += 1
            return before.digests[name]
    digest = _copy(path, target)
    made.copied += 1
    made.size += target.stat().st_size
    return digest


def _copy_small(path: Path, target: Path) -> str:
    """Take a small file or a database into a backup. Returns its digest."""
    if path.name == _DECISIONS:
        copy_database(path, target)
        return _digest(target)
    return _copy(path, target)


def _complete(draft: Bag, digests: dict[str, str], before: Bag | None, made: Made) -> Made:
    """Give a backup its name, or drop it if it is the same as the one before."""
    if before:
        made.missing = [name for name in before.digests if name not in digests and name.startswith("warc/")]
    if before and before.digests == digests:
        shutil.rmtree(draft.path)
        return replace(made, path=before.path, is_new=False, copied=0, size=0)
    manifest = "".join(f"{digest}  data/{name}\n" for name, digest in sorted(digests.items()))
    _write(draft.path / _MANIFEST, manifest.encode())
    _write(draft.path / _INFO, f"{_NUMBER}{before.number + 1 if before else 1}\n".encode())
    _write(draft.path / _DECLARATION, _VERSION)
    for folder in (draft.file("warc"), draft.path / "data", draft.path):
        _sync(folder)
    draft.path.replace(made.path)
    _sync(made.path.parent)
    return made


def _staging(bag: Bag) -> str:
    """The name of the folders that hold the files of a backup until they are in their places, after the backup's contents."""
    return f".restore-{sha256(bag.manifest.encode()).hexdigest()[:12]}"


def _staged(bag: Bag, folder: Path, name: str) -> Path:
    """Where a file of a backup waits: beside its place, since `warc` may be on another disk."""
    place = folder / name
    return place.parent / _staging(bag) / place.name


def _packed_plugins(folder: Path) -> bytes:
    """The plug-ins that dangqun.toml names, as a ZIP file that is the same as long as they are; empty if there are none. Raises
    ConfigurationError as `configuration`, and if their folder is not for them alone."""
    named = configuration(folder)["plugins"]
    place = folder / named
    if not (named and place.is_dir()):
        return b""
    own, real = [(folder / name).resolve() for name in OWN_FOLDERS], place.resolve()
    if any(one.is_relative_to(real) or real.is_relative_to(one) for one in own):
        raise ConfigurationError(
            f"{folder / FILE}: {place} has files of the archive. Put the plug-ins into a folder for them alone, and name that."
        )
    packed = BytesIO()
    with ZipFile(packed, "w") as opened:
        for path in sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                opened.writestr(ZipInfo(path.relative_to(place).as_posix()), path.read_bytes())
    return packed.getvalue()


def _place_of_plugins(bag: Bag, folder: Path) -> Path | None:
    """The folder of plug-ins within an archive that is made from a backup, which may have to be unpacked. Raises ArchiveError if the
    backup has none, or the folder is missing elsewhere: nothing outside of the archive is written."""
    try:
        named = configuration(bag.file(""))["plugins"]
    except ConfigurationError:  # every command on the restored archive prints what to do
        return None
    if not named:
        return None
    place = folder / named
    is_within = place.is_relative_to(folder) and ".." not in place.relative_to(folder).parts
    if place.is_dir() or (is_within and _PLUGINS in bag.digests):
        return place if is_within else None
    do = f"Unpack {bag.file(_PLUGINS)}" if _PLUGINS in bag.digests else "The backup does not contain it. Put it"
    raise ArchiveError(
        f"The archive was read with the plug-ins in {place}, which is not there. {do} there first, and run this command again."
    )


def _unpack_plugins(bag: Bag, draft: Path, place: Path) -> None:
    """Put the plug-ins of a backup in their place, so that only their owner can write them."""
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()  # also where they are no files
    with ZipFile(bag.file(_PLUGINS)) as opened:
        opened.extractall(draft)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(place)


def _has_files(folder: Path, besides: Collection[Path]) -> bool:
    """Whether a folder has anything but these, and folders that lead to them and are empty otherwise."""

    def leads_there(path: Path) -> bool:
        return path.is_dir() and any(one.is_relative_to(path) for one in besides) and not _has_files(path, besides)

    return folder.exists() and any(path not in besides and not leads_there(path) for path in folder.iterdir())


def _refuse_forgetting(bag: Bag, folder: Path) -> None:
    """Raise ArchiveError if the decisions of a backup would replace others that have takedowns in force which it lacks."""
    path = folder / _DECISIONS
    if _DECISIONS not in bag.digests or not path.exists():
        return
    try:
        now = _takedowns(path)
    except DATABASE_ERRORS as error:
        if not is_damage(error):
            raise
        raise ArchiveError(
            f"{path} cannot be read: {error}. Its takedowns since the backup are not known. Move it out of the folder, and run"
            " this command again with --no-publish. Take down what you know of, and run `dangqun publish`."
        ) from None
    if lost := now.keys() - _takedowns(bag.file(_DECISIONS)).keys():
        raise ArchiveError(
            f"The backup does not know these takedowns of {path}: {some(sorted(now[one] for one in lost))}. What they took down"
            " would be published again. Note them (`dangqun takedown list`), move that file out of the folder, and run this"
            " command again with --no-publish. Take them down again, and run `dangqun publish`."
        )


def _takedowns(path: Path) -> dict[tuple[str, str], str]:
    """The takedowns in force, by kind and value, with their numbers. A backup is only read: opening it otherwise would change it."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        rows = connection.execute("select kind, value, id from takedowns where undone_at is null")
        return {(kind, value): str(number) for kind, value, number in rows}


def _copy_all(bag: Bag, folder: Path, report: Report) -> None:
    total = sum(bag.file(name).stat().st_size for name in bag.names)
    parts = [folder / part / _staging(bag) for part in ("warc", "")]
    for part in parts:
        part.mkdir(parents=True, exist_ok=True)
    for name in bag.names:
        path, staged = bag.file(name), _staged(bag, folder, name)
        if name.startswith("warc/") and _begins_with(folder / name, path):  # and may have newer captures
            staged.unlink(missing_ok=True)
        elif not _is_same(path, staged):
            _copy(path, staged)
        report("restore", path.stat().st_size, total)
    for part in parts:
        _sync(part)


def _has_all(bag: Bag, folder: Path) -> bool:
    """Whether each capture file of a backup waits, or is in its place."""
    return all(
        _staged(bag, folder, name).exists() or _begins_with(folder / name, bag.file(name))
        for name in bag.digests
        if name.startswith("warc/")
    )


def _begins_with(path: Path, other: Path) -> bool:
    """Whether a file begins with all bytes of another."""
    if not path.exists() or path.stat().st_size < other.stat().st_size:
        return False
    with path.open("rb") as stream, other.open("rb") as begin:
        return all(stream.read(len(block)) == block for block in iter(lambda: begin.read(_BLOCK), b""))


def _is_same(path: Path, other: Path) -> bool:
    """Whether another file is a copy of a file, by its size and the second of its last change."""
    if not other.exists():
        return False
    about, theirs = path.stat(), other.stat()
    return (about.st_size, int(about.st_mtime)) == (theirs.st_size, int(theirs.st_mtime))


def _copy(path: Path, target: Path) -> str:
    """Copy a file with its mode and its time of change, completely or not at all, even if the machine stops. Returns the digest of
    what was copied."""
    draft, digest = target.with_name(f"{target.name}.draft"), sha256()
    draft.unlink(missing_ok=True)
    with (
        path.open("rb") as source,
        os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
    ):
        about = os.fstat(source.fileno())
        while block := source.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    draft.chmod(about.st_mode & 0o777)
    os.utime(draft, ns=(about.st_atime_ns, about.st_mtime_ns))
    draft.replace(target)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
