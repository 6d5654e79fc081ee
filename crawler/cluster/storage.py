"""What all nodes see: a shared folder, or an object store (s3://, gs://) through Arrow's file systems."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from pyarrow import ArrowException, fs

from archive.storage.store import ArchiveError
from archive.web.outgoing import is_plain


def is_remote(address: str) -> bool:
    """Whether an address is one of an object store, and no path."""
    return "://" in address and not address.startswith("file://")


class Storage:
    """A folder by its path, or `s3://[key:secret@]bucket/folder[?region=…&endpoint_override=host:port&scheme=http]`.

    Names below it have slashes. Which network a store is in is the operator's choice. Raises ArchiveError where the address
    cannot be used.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        if is_remote(address) and not is_plain(address):
            raise ArchiveError(
                f"{without_secret(address)!r} is no storage: it holds a blank, a control character or `\\`."
            )
        try:
            self._fs, root = fs.FileSystem.from_uri(address if is_remote(address) else str(Path(address).resolve()))
        except (ArrowException, OSError, ValueError) as error:
            raise ArchiveError(f"{without_secret(address)} is no storage: {error}") from None
        self._root = root.rstrip("/")
        self.folder = Path(root) if isinstance(self._fs, fs.LocalFileSystem) else None

    def below(self, name: str) -> "Storage":
        """The storage of a folder in this one."""
        path, _, options = self.address.partition("?")
        return Storage(f"{path.rstrip('/')}/{name}" + (f"?{options}" if options else ""))

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Name -> bytes of the files right in a folder, by name; none where there is no folder."""
        path = self._path(folder)
        with _told(self.address):
            found = self._fs.get_file_info(fs.FileSelector(path, allow_not_found=True))
        return {
            one.base_name: one.size for one in sorted(found, key=lambda one: one.path) if one.type == fs.FileType.File
        }

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file from here; what is at the target is whole."""
        spare = target.with_name(f".{target.name}.part")
        with (
            _told(self.address),
            self._fs.open_input_stream(self._path(name), compression=None) as source,
            spare.open("wb") as stream,
        ):
            shutil.copyfileobj(source, stream, 1 << 20)
        spare.replace(target)

    def put(self, source: Path, name: str) -> None:
        """Copy a file to here; others see all of it or nothing."""
        path = self._path(name)
        with _told(self.address):
            if self.folder:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                spare = f"{path}.part"
                shutil.copy(source, spare)
                Path(spare).replace(path)
            else:
                with source.open("rb") as stream, self._fs.open_output_stream(path, compression=None) as target:
                    shutil.copyfileobj(stream, target, 1 << 20)

    def delete(self, name: str) -> None:
        """Remove a file."""
        with _told(self.address):
            self._fs.delete_file(self._path(name))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A file as one of this machine: itself, or a copy until the block ends."""
        if self.folder:
            yield self.folder / name
            return
        with TemporaryDirectory(prefix="dangqun-") as made:
            copy = Path(made) / Path(name).name
            self.fetch(name, copy)
            yield copy

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root


def matching(address: str) -> list[str]:
    """The addresses of the files that a remote address names; its last part may be a pattern (*.warc.gz)."""
    path, _, options = address.partition("?")
    folder, _, pattern = path.rpartition("/")
    suffix = f"?{options}" if options else ""
    found = [f"{folder}/{name}{suffix}" for name in Storage(folder + suffix).sizes() if fnmatch(name, pattern)]
    if not found:
        raise ArchiveError(f"There is no file {without_secret(address)}.")
    return found


def split(address: str) -> tuple[Storage, str]:
    """The storage that a file lies right in, and its name there."""
    path, _, options = address.partition("?")
    folder, _, name = path.rpartition("/")
    return Storage((folder or ".") + (f"?{options}" if options else "")), name


def without_secret(address: str) -> str:
    """An address as it may be shown and kept: without keys and options."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2] if mark else rest}".partition("?")[0]


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Errors of a store as ours, without the keys that stand in its address."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ArchiveError(f"{without_secret(address)}: {str(error)[:300]}") from None
