"""People who log in, for tests of the editors' pages."""

import json
import re
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from serving import site
from support import dangqun

from archive.decisions.accounts import Accounts, Role

PASSWORD = "correct horse battery"
ROLES = ("reader", "editor", "admin")


def with_accounts(folder: Path) -> Path:
    """Make an account of each role in an archive: reader-one, editor-one, editor-two, admin-one."""
    for name, role in (*((f"{role}-one", role) for role in ROLES), ("editor-two", "editor")):
        done = dangqun("--archive", str(folder), "accounts", "add", name, "--role", role, input=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
    return folder


def open_site(folder: Path) -> Datasette:
    """The site of an archive, in this process."""
    return site(folder / "published" / "archive.db")


def cookie(ds: Datasette, name: str) -> dict[str, str]:
    """What the browser of somebody logged in sends along; nothing for ''. Who has no account is given one."""
    if not name:
        return {}
    accounts = Accounts(Path(ds.get_database("archive").path).parents[1])
    if name not in accounts.all():
        accounts.put(name, "", Role(name.partition("-")[0]))
    key = accounts.begin(name, accounts.all()[name].hash)
    return {"ds_actor": ds.sign({"a": {"id": name}, "key": key}, "actor")}


class Person:
    """Somebody who looks at pages of the site and sends their forms."""

    def __init__(self, ds: Datasette, name: str = "") -> None:
        self.ds, self.name = ds, name
        self._cookies = cookie(ds, name)

    async def get(self, path: str, **more: Any) -> Any:
        """The answer for an address."""
        return await self.ds.client.get(path, cookies=self._cookies, **more)

    async def send(self, path: str, *, of: str = "", headers: dict[str, str] | None = None, **fields: object) -> Any:
        """The answer to a form of the page `of` (else of the address itself), with its token."""
        page = (await self.get(of or path)).text
        token = re.search(r'name="token" value="([^"]+)"', page)
        form = {"token": token[1] if token else ""} | {k: str(v) for k, v in fields.items()}
        return await self.ds.client.post(path, data=form, cookies=self._cookies, headers=headers or {})

    async def waiting(self) -> dict[str, str]:
        """The fact that the review queue shows: its number and evidence."""
        page = (await self.get("/review")).text
        return dict(re.findall(r'name="(fact|evidence)" value="([^"]+)"', page)[:2])


async def rows(ds: Datasette, path: str) -> list[dict]:
    """The rows of a JSON address."""
    return json.loads((await ds.client.get(path)).text)["rows"]
