"""Backups: nothing is copied twice, nothing damaged is restored, and what was interrupted goes on."""

import os
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.decisions.reviews import Reviews
from archive.errors import ArchiveError
from archive.storage.backup import Bag, back_up, check, find, finish, put_back
from crawler.cli import main

CAPTURES = {"warc/a.warc.gz": b"a" * 5000, "warc/b.warc.gz": b"b" * 5000}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of an archive that cannot be made again."""
    folder = tmp_path / "data"
    (folder / "warc").mkdir(parents=True)
    for name, content in CAPTURES.items():
        (folder / name).write_bytes(content)
    (folder / ".secret").write_text("s" * 64)
    Reviews(folder / "reviews.db").close()
    return folder


def _interrupted(what: str, *_: int) -> None:
    if what != "check":
        raise KeyboardInterrupt


def test_an_unchanged_capture_is_kept_and_a_grown_one_copied(folder: Path, tmp_path: Path) -> None:
    first = back_up(folder, tmp_path / "backups")
    assert (first.is_new, first.copied, first.size) == (True, 2, 10_000)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z", first.path.name)
    again = back_up(folder, tmp_path / "backups")
    assert (again.is_new, again.copied, again.path) == (False, 0, first.path)
    with (folder / "warc" / "b.warc.gz").open("ab") as stream:
        stream.write(b"more")
    grown = back_up(folder, tmp_path / "backups")
    assert (grown.is_new, grown.copied, grown.kept) == (True, 1, 1)
    one, other = Bag(first.path), Bag(grown.path)
    assert one.file("warc/a.warc.gz").samefile(other.file("warc/a.warc.gz"))
    assert one.file("warc/b.warc.gz").read_bytes() == CAPTURES["warc/b.warc.gz"]
    assert find(tmp_path / "backups") == other
    (folder / "warc" / "a.warc.gz").unlink()
    assert back_up(folder, tmp_path / "backups").missing == ["warc/a.warc.gz"]
    for bag in (one, other):
        check(bag)
        assert bag.file(".secret").exists() and bag.file("reviews.db").stat().st_mode & 0o777 == 0o600


def test_an_interrupted_backup_goes_on(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir(mode=0o755)
    with pytest.raises(KeyboardInterrupt):
        back_up(folder, tmp_path / "backups", _interrupted)
    for name in ("manifest-sha256.txt", "bagit.txt"):  # as if it had been killed before it got its name
        (tmp_path / "backups" / ".draft" / name).write_text("of another time")
    with pytest.raises(ArchiveError, match="There is no backup"):
        find(tmp_path / "backups")
    (tmp_path / "backups" / ".draft" / "data" / "warc" / "b.warc.gz.draft").write_bytes(b"half")
    made = back_up(folder, tmp_path / "backups")
    assert (made.copied, made.kept) == (1, 1)
    files = {
        path.relative_to(made.path / "data").as_posix() for path in (made.path / "data").rglob("*") if path.is_file()
    }
    assert files == {*CAPTURES, ".secret", "reviews.db"} == set(Bag(made.path).digests)
    assert made.path.stat().st_mode & 0o777 == 0o700, "others could read it"


def test_a_clock_that_was_set_back_hides_no_newer_backup(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(("2031-01-01T000000.000Z", "2026-01-01T000000.000Z", "2026-01-02T000000.000Z"))
    monkeypatch.setattr("archive.clock.now", lambda: next(times))
    made = []
    for secret in "abc":
        (folder / ".secret").write_text(secret)
        made.append(back_up(folder, tmp_path / "backups"))
    assert [one.is_new for one in made] == [True] * 3 and [one.kept for one in made] == [0, 2, 2]
    assert find(tmp_path / "backups").path == made[-1].path
    (made[-1].path / "bag-info.txt").unlink()  # as a version before wrote them
    assert find(tmp_path / "backups").path == made[1].path


def test_a_damaged_backup_writes_nothing(folder: Path, tmp_path: Path) -> None:
    bag = Bag(back_up(folder, tmp_path / "backups").path)
    bag.file("warc/a.warc.gz").write_bytes(b"x" * 5000)
    with pytest.raises(
        ArchiveError, match=r"1 files of .* are damaged or missing: warc/a\.warc\.gz\. Nothing was restored"
    ):
        put_back(bag, tmp_path / "restored")
    assert [path.name for path in (tmp_path / "restored").iterdir()] == [".lock"]
    (bag.path / "manifest-sha256.txt").write_text(bag.manifest.partition("\n")[0])
    with pytest.raises(ArchiveError, match=r"is not complete: it does not list reviews\.db, warc/a"):
        put_back(Bag(bag.path), tmp_path / "restored")
    (bag.path / "manifest-sha256.txt").write_text("0  data/../../x\n")
    with pytest.raises(ArchiveError, match="is no backup of an archive"):
        put_back(Bag(bag.path), tmp_path / "restored")


def test_an_interrupted_restore_goes_on(folder: Path, tmp_path: Path) -> None:
    bag, restored = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "restored"
    with pytest.raises(KeyboardInterrupt):
        put_back(bag, restored, report=_interrupted)
    assert list((restored / "warc").glob(".restore-*")), "captures cannot be moved into a warc/ on another disk"
    put_back(bag, restored)
    (restored / "archive.db").write_bytes(b"half made again")
    put_back(bag, restored)  # killed while the database was made: it is continued
    assert (restored / "archive.db").exists()
    finish(bag, restored)
    assert {name: (restored / name).read_bytes() for name in CAPTURES} == CAPTURES
    assert not list(restored.rglob(".restore-*"))


def test_an_archive_is_replaced_only_on_demand(folder: Path, tmp_path: Path) -> None:
    bag = Bag(back_up(folder, tmp_path / "backups").path)
    for name in ("warc/a.warc.gz", "warc/own.warc.gz", "archive.db", ".secret"):
        (folder / name).write_bytes(b"other")
    grown = CAPTURES["warc/b.warc.gz"] + b"fetched since"
    (folder / "warc" / "b.warc.gz").write_bytes(grown)
    with pytest.raises(ArchiveError, match=r"is not empty.*--overwrite"):
        put_back(bag, folder)
    assert (folder / "archive.db").exists()
    put_back(bag, folder, overwrite=True)
    assert (folder / "warc" / "a.warc.gz").read_bytes() == CAPTURES["warc/a.warc.gz"]
    assert (folder / "warc" / "b.warc.gz").read_bytes() == grown
    assert (folder / "warc" / "own.warc.gz").exists()
    assert not (folder / "archive.db").exists()


def test_decisions_that_the_backup_lacks_altogether_stay(folder: Path, tmp_path: Path) -> None:
    (folder / "reviews.db").unlink()
    bag = Bag(back_up(folder, tmp_path / "backups").path)
    with closing(Reviews(folder / "reviews.db")) as reviews:
        reviews.take_down("name", "某某某", "amy", "asked for")
        put_back(bag, folder, overwrite=True)
        assert (folder / "reviews.db-wal").stat().st_size, "the decision was in the log"


def test_a_takedown_since_the_backup_is_not_forgotten(folder: Path, tmp_path: Path) -> None:
    with closing(Reviews(folder / "reviews.db")) as reviews:
        reviews.take_down("name", "某某某", "amy", "asked for")
        bag = Bag(back_up(folder, tmp_path / "backups").path)
        put_back(bag, folder, overwrite=True)
    finish(bag, folder)
    with closing(Reviews(folder / "reviews.db")) as reviews:
        reviews.take_down("name", "另一人", "amy", "asked for")
        (folder / "archive.db").touch()
        with pytest.raises(ArchiveError, match=r"does not know these takedowns of .*reviews\.db: 2\. .*--no-publish"):
            put_back(bag, folder, overwrite=True)
    assert (folder / "archive.db").exists()
    (folder / "reviews.db").write_bytes(b"damaged" * 1000)
    with pytest.raises(ArchiveError, match=r"reviews\.db cannot be read: .* Move it out"):
        put_back(bag, folder, overwrite=True)
    (folder / "reviews.db").unlink()
    put_back(bag, folder, overwrite=True)
    check(bag)


def test_plug_ins_that_are_not_in_the_backup_must_be_there_first(folder: Path, tmp_path: Path) -> None:
    (folder / "dangqun.toml").write_text('plugins = "plugins"\n')
    bag, restored = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "restored"
    with pytest.raises(ArchiveError, match=r"restored/plugins, which is not there.* Put it there first"):
        put_back(bag, restored)
    (restored / "plugins").mkdir(parents=True)
    put_back(bag, restored)
    assert (restored / "dangqun.toml").exists()


def _with_plug_ins(folder: Path, place: Path) -> dict[str, bytes]:
    """Let an archive have plug-ins there. Returns the files."""
    files = {"types.toml": b"[beds]\n", "sites.py": b"x = 1\n", "templates/a b.html": "床位".encode()}
    for name, content in {**files, "__pycache__/sites.pyc": b"x"}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    (folder / "dangqun.toml").write_text(
        f'plugins = "{place.relative_to(folder) if folder in place.parents else place}"\n'
    )
    return files


def _read_all(place: Path) -> dict[str, bytes]:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_plug_ins_are_backed_up_and_put_back(folder: Path, tmp_path: Path) -> None:
    files = _with_plug_ins(folder, folder / "own" / "care")
    first = back_up(folder, tmp_path / "backups")
    (folder / "own" / "care" / "sites.py").touch()
    assert not back_up(folder, tmp_path / "backups").is_new  # the same contents
    restored, umask = tmp_path / "restored", os.umask(0)
    try:
        put_back(Bag(first.path), restored)
    finally:
        os.umask(umask)
    assert _read_all(restored / "own" / "care") == files and not (restored / "plugins.zip").exists()
    assert {path.stat().st_mode & 0o077 for path in (restored / "own" / "care").rglob("*")} == {0}
    (restored / "own" / "care" / "sites.py").write_bytes(b"x = 2\n")
    put_back(Bag(first.path), restored, overwrite=True)
    assert _read_all(restored / "own" / "care")["sites.py"] == b"x = 2\n"  # those that are there stay
    (folder / "own" / "care" / "sites.py").write_bytes(b"x = 3\n")
    assert back_up(folder, tmp_path / "backups").is_new


def test_plug_ins_outside_of_the_archive_are_unpacked_by_hand(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    _with_plug_ins(folder, outside)
    bag = Bag(back_up(folder, tmp_path / "backups").path)
    shutil.rmtree(outside)
    with pytest.raises(
        ArchiveError, match=rf"in {outside}, which is not there. Unpack {bag.path}/data/plugins.zip there"
    ):
        put_back(bag, tmp_path / "restored")
    assert not outside.exists()
    shutil.unpack_archive(bag.file("plugins.zip"), outside)
    put_back(bag, tmp_path / "restored")


def test_what_came_since_an_interrupted_restore_stays(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag, new = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "new"

    def stop_when_copied(part: Path) -> None:
        if (part / "copied").exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("archive.storage.backup._sync", stop_when_copied)
        put_back(bag, new)
    (new / "warc" / "a.warc.gz").write_bytes(CAPTURES["warc/a.warc.gz"] + b"newer")
    with closing(Reviews(new / "reviews.db")) as reviews:
        reviews.take_down("name", "某某某", "amy", "asked for")
    with pytest.raises(ArchiveError, match="does not know these takedowns"):
        put_back(bag, new)
    assert (new / "warc" / "a.warc.gz").read_bytes().endswith(b"newer")


def test_a_restore_that_ended_copies_again_what_is_damaged(folder: Path, tmp_path: Path) -> None:
    bag, new = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "new"
    put_back(bag, new)
    (new / "warc" / "a.warc.gz").write_bytes(b"damaged")
    put_back(bag, new, overwrite=True)
    assert (new / "warc" / "a.warc.gz").read_bytes() == CAPTURES["warc/a.warc.gz"]


def test_plug_ins_may_lie_deeper(folder: Path, tmp_path: Path) -> None:
    (folder / "dangqun.toml").write_text('plugins = "own/care"\n')
    bag, new = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "new"
    (new / "own" / "care").mkdir(parents=True)
    put_back(bag, new)
    assert (new / "dangqun.toml").exists()


@pytest.mark.parametrize("holds", ["", "__pycache__"])
def test_an_empty_folder_of_plug_ins_is_put_back(folder: Path, tmp_path: Path, holds: str) -> None:
    (folder / "own" / holds).mkdir(parents=True)
    (folder / "dangqun.toml").write_text('plugins = "own"\n')
    bag, restored = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "restored"
    put_back(bag, restored)
    assert list((restored / "own").iterdir()) == []


def test_no_other_files_pass_for_plug_ins(folder: Path, tmp_path: Path) -> None:
    _with_plug_ins(folder, folder / "own" / "care")
    bag, restored = Bag(back_up(folder, tmp_path / "backups").path), tmp_path / "restored"
    (restored / "own" / "care").mkdir(parents=True)
    (restored / "own" / "letters.txt").write_text("of somebody")
    with pytest.raises(ArchiveError, match="is not empty"):
        put_back(bag, restored)
    (restored / "own" / "letters.txt").unlink()
    put_back(bag, restored)


@pytest.mark.parametrize(
    ("written", "why"),
    [("plugins = own", "is not as TOML is written"), ('plugins = "{0}"', "has files of the archive"), ('plugins = "{0}/warc/x"', "has files of the archive")],
    ids=["malformed", "the archive", "among the captures"],
)  # fmt: skip
def test_a_backup_without_plug_ins_has_a_reason(folder: Path, tmp_path: Path, written: str, why: str) -> None:
    (folder / "warc" / "x").mkdir()
    (folder / "dangqun.toml").write_text(written.format(folder))
    done = CliRunner().invoke(main, ["--archive", str(folder), "backup", str(tmp_path / "backups")])
    printed = " ".join(done.output.split())
    assert done.exit_code == 0 and "The backup has no plug-ins" in printed and why in printed, printed
    again = back_up(folder, tmp_path / "backups")
    assert not again.is_new and why in again.without_plugins
    put_back(Bag(again.path), tmp_path / "restored")
