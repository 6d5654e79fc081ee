"""Who may log in, and who is logged in: accounts.json of an archive.

A session belongs to its account. A cookie grants nothing by itself: the site compares it with the file at each request. The
same write that removes or changes an account ends its sessions.
"""

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from archive.errors import ArchiveError
from archive.sql.files import alone, keep_private, write_private

LIFETIME = 7 * 24 * 3600  # seconds that a session lasts
_MAX_SESSIONS = 20  # sessions of one account; a further one replaces the oldest
_NAME = re.compile(r"[\w.\-]{1,40}")
_MIN_PASSWORD = 10  # characters
_T = TypeVar("_T")


class Role(StrEnum):
    """What an account may do: read, review and follow, or take down as well."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True)
class Account:
    """The hash of a password, a role, and the sessions: the digest of each key, with its end in seconds since 1970."""

    hash: str
    role: str
    sessions: dict[str, int] = field(default_factory=dict)


class Accounts:
    """The accounts of one archive. Processes may use them side by side.

    Every method raises ArchiveError if the file cannot be read, or a change cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "accounts.json"
        if self.path.exists():
            keep_private(self.path)

    def all(self) -> dict[str, Account]:
        """The accounts by name."""
        try:
            return {name: Account(**kept) for name, kept in json.loads(self.path.read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ArchiveError(f"{self.path} cannot be read: {error}. Put it back from a backup.") from None

    def put(self, name: str, hash: str, role: Role) -> None:
        """Make an account, or change its password and role; its sessions end."""
        self._change(lambda accounts: accounts.update({name: Account(hash, role)}))

    def remove(self, name: str) -> bool:
        """Remove an account with its sessions; returns whether it existed."""
        return self._change(lambda accounts: accounts.pop(name, None)) is not None

    def begin(self, name: str, hash: str) -> str:
        """Begin a session of an account after its password was checked against this hash. Returns the session's key, or an
        empty text if the account was changed meanwhile."""
        key, now = secrets.token_urlsafe(), int(time.time())

        def add(accounts: dict[str, Account]) -> str:
            account = accounts.get(name)
            if account is None or account.hash != hash:
                return ""
            kept = sorted((end, one) for one, end in account.sessions.items() if end > now)[1 - _MAX_SESSIONS :]
            sessions = {one: end for end, one in kept} | {digest(key): now + LIFETIME}
            accounts[name] = Account(account.hash, account.role, sessions)
            return key

        return self._change(add)

    def role(self, name: str, session: str) -> str:
        """The role of an account with a session that has not ended; empty otherwise. `session` is the digest of its key."""
        account = self.all().get(name)
        return account.role if account and account.sessions.get(session, 0) > time.time() else ""

    def end(self, name: str, session: str) -> None:
        """End a session if it exists. `session` is the digest of its key."""

        def drop(accounts: dict[str, Account]) -> None:
            if name in accounts:
                accounts[name].sessions.pop(session, None)

        self._change(drop)

    def _change(self, change: Callable[[dict[str, Account]], _T]) -> _T:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path.parent):
                accounts = self.all()
                done = change(accounts)
                kept = {name: asdict(account) for name, account in accounts.items()}
                write_private(self.path, json.dumps(kept, ensure_ascii=False, indent=1))
        except OSError as error:
            raise ArchiveError(f"{self.path} cannot be written: {error.strerror}. It is as it was.") from None
        return done


def check_name(name: str) -> None:
    """Raises ArchiveError if an account cannot have this name."""
    if not _NAME.fullmatch(name):
        raise ArchiveError("A name has up to 40 letters, digits, dots, dashes and underscores.")


def check_password(password: str) -> None:
    """Raises ArchiveError if a password is too short."""
    if len(password) < _MIN_PASSWORD:
        raise ArchiveError(f"A password has at least {_MIN_PASSWORD} characters.")


def digest(key: str) -> str:
    """The digest of a session's key, which the file holds in place of the key."""
    return sha256(key.encode()).hexdigest()
