"""Whoever is not let in tries to get in all the same: with guessed passwords from many addresses, with cookies of before, with
commands that are killed or run side by side, on a full disk."""

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from click.testing import CliRunner
from editors import PASSWORD, Person, cookie, open_site, with_accounts
from serving import running, served
from support import ROOT, dangqun, free_ports

from archive.decisions.accounts import Accounts
from archive.decisions.attempts import OF_ACCOUNT, OF_ALL, Attempts, Crowded
from archive.decisions.reviews import Reviews
from archive.decisions.secret import secret
from crawler.cli import main

_SECRET = "a secret that no command changes"


@pytest.fixture(scope="module")
def folder(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_accounts(shutil.copytree(demo[0], tmp_path_factory.mktemp("logging-in") / "data"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The site behind a proxy, which is the test: it says for whom it asks."""
    port = free_ports(1)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "serve", "--port", str(port)]
    command += ["--proxy", "127.0.0.1", "--workers", "2"]
    with running(command, port, environment={"DATASETTE_SECRET": _SECRET}) as (opened, _):
        yield opened


def _try(
    address: str, of: str, name: str = "nobody", password: str = "wrong", **more: dict[str, str]
) -> requests.Response:
    """Try to log in, with this X-Forwarded-For."""
    headers = ({"x-forwarded-for": of} if of else {}) | more.pop("headers", {})
    form = {"username": name, "password": password}
    return requests.post(
        f"{address}/-/login", data=form, headers=headers, allow_redirects=False, timeout=60, cookies=more.get("cookies")
    )


def _logged_in(address: str, of: str, name: str) -> dict[str, str]:
    """The cookies of somebody who logs in."""
    answer = _try(address, of, name, PASSWORD)
    assert answer.status_code == 302
    return answer.cookies.get_dict()


def _desk(address: str, cookies: dict[str, str]) -> int:
    return requests.get(f"{address}/desk", cookies=cookies, allow_redirects=False, timeout=60).status_code


@pytest.mark.parametrize("forged", ["10.9.8.{}, 203.0.113.7", "10.9.9.{}:80,x, 203.0.113.8", "2001:db8::{}", ""])
def test_no_forged_or_missing_address_lifts_the_limit(address: str, forged: str) -> None:
    answers = [_try(address, forged.format(n), f"nobody-{n}").status_code for n in range(12)]
    assert set(answers) == {200, 429} and answers.count(429) >= 4


def test_without_a_proxy_no_header_is_believed(folder: Path) -> None:
    with served(folder) as direct:
        answers = [_try(direct, f"10.9.8.{n}", f"nobody-{n}", headers={"x-forwarded-proto": "https"}) for n in range(9)]
        assert [answer.status_code for answer in answers].count(429) >= 3


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.example", ""])
def test_a_proxy_is_an_address(demo: tuple[Path, str], proxy: str) -> None:
    done = CliRunner().invoke(main, ["--archive", str(demo[0]), "serve", "--proxy", proxy])
    assert done.exit_code == 2 and "--proxy" in done.output


def test_an_account_under_attack_is_slowed_and_never_locked(address: str) -> None:
    known = _logged_in(address, "192.0.2.1", "editor-two")
    started = time.monotonic()
    with ThreadPoolExecutor(12) as attackers:
        wrong = [attackers.submit(_try, address, f"198.51.100.{n}", "editor-two") for n in range(6)]
        time.sleep(0.5)
        in_use = _try(address, "192.0.2.2", "editor-two", PASSWORD, cookies=known)
        assert in_use.status_code == 302 and time.monotonic() - started < 30  # the pages' own pace, on a busy machine
        assert _try(address, "192.0.2.3", "editor-two", PASSWORD).status_code == 302
        assert {one.result().status_code for one in wrong} <= {200, 429}
    assert time.monotonic() - started > OF_ACCOUNT.between


def test_tries_wait_for_their_turn() -> None:
    now = [0.0]
    attempts = Attempts(processes=1, clock=lambda: now[0])
    waits = [attempts.wait("amy") for _ in range(12)]
    assert waits == [0.0] * 5 + [2.0 * n for n in range(1, 8)]
    assert attempts.wait("amy", "a browser of hers") == attempts.wait("bob") == 0
    with pytest.raises(Crowded) as crowded:
        for _ in range(20):
            attempts.wait("amy")
    now[0] += crowded.value.seconds
    assert attempts.wait("amy") <= OF_ACCOUNT.longest
    now[0] += 3600
    assert [attempts.wait("amy") for _ in range(5)] == [0.0] * 5
    with pytest.raises(Crowded):  # whatever the names
        for n in range(1000):
            attempts.wait(str(n))
    assert attempts.wait("amy", "a browser of hers") == 0
    several = Attempts(processes=4, clock=lambda: now[0])
    assert [several.wait("amy") for _ in range(3)] == [0.0, 0.0, 8.0]
    assert OF_ALL.free >= OF_ACCOUNT.free


async def test_logging_in_leads_back(folder: Path) -> None:
    ds = open_site(folder)
    wanted = "/review?fact=0123&x=%E5%85%9A"
    sent = await ds.client.get(wanted, follow_redirects=False)
    assert sent.status_code == 302 and sent.headers["location"] == f"/-/login?{urlencode({'next': wanted})}"
    form = {"username": "editor-one", "password": "wrong", "next": wanted}
    shown = [await ds.client.get(sent.headers["location"]), await ds.client.post("/-/login", data=form)]
    assert all(f'name="next" value="{escape(wanted)}"' in one.text for one in shown)
    there = await ds.client.post("/-/login", data=form | {"password": PASSWORD})
    assert (there.status_code, there.headers["location"]) == (302, wanted)
    assert f"/-/login?{urlencode({'next': '/search?q=x'})}" in (await ds.client.get("/search?q=x")).text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "\\\\evil.example", " //evil.example",
        "https://evil.example", "https:/evil.example", "javascript:alert(1)", "evil.example", "/x\r\nset-cookie: a=b", "/-/logout", "/-/login", "/党", "/" + "x" * 3000, "",
    ],
    ids=ascii,
)  # fmt: skip
async def test_logging_in_leads_to_no_other_site(folder: Path, path: str) -> None:
    ds = open_site(folder)
    shown = await ds.client.get(f"/-/login?{urlencode({'next': path})}")
    assert shown.status_code == 200 and 'name="next"' not in shown.text
    form = {"username": "editor-one", "password": PASSWORD, "next": path}
    there = await ds.client.post("/-/login", data=form)
    assert (there.status_code, there.headers["location"]) == (302, "/")


async def test_other_pages_go_on_while_a_password_is_checked(folder: Path) -> None:
    ds = open_site(folder)
    await ds.client.get("/-/login")
    gaps, started = [0.0], time.monotonic()
    login = asyncio.create_task(ds.client.post("/-/login", data={"username": "editor-one", "password": "wrong"}))
    while not login.done():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        gaps.append(time.monotonic() - before)
    assert (await login).status_code == 200 and max(gaps) < (time.monotonic() - started) / 2


async def test_an_unknown_name_takes_as_long(folder: Path) -> None:
    ds = open_site(folder)

    async def seconds(name: str) -> float:
        started = time.monotonic()
        answer = await ds.client.post("/-/login", data={"username": name, "password": "wrong"})
        assert "用户名或密码不对" in answer.text
        return time.monotonic() - started

    await seconds("editor-one")
    tries = [(await seconds("editor-one"), await seconds("nobody")) for _ in range(2)]
    known, unknown = map(min, zip(*tries, strict=True))  # the machine may be busy
    assert known / 2 < unknown < known * 2


@pytest.mark.parametrize("change", [("remove", "amy"), ("add", "amy", "--role", "reader")])
def test_who_is_removed_or_demoted_is_out_at_once(address: str, folder: Path, change: tuple[str, ...]) -> None:
    _made(folder, "amy")
    cookies = _logged_in(address, "192.0.2.10", "amy")
    assert _desk(address, cookies) == 200
    _account(folder, *change)
    assert {_desk(address, cookies) for _ in range(6)} <= {302, 403}


def _made(folder: Path, name: str) -> None:
    """Make an editor with the password of the others."""
    accounts = Accounts(folder)
    accounts.put(name, accounts.all()["editor-one"].hash, "editor")


def _account(folder: Path, *words: str) -> None:
    done = dangqun("--archive", str(folder), "accounts", *words, input=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_removed_is_out_though_the_command_is_killed(address: str, folder: Path, when: str) -> None:
    _made(folder, "kim")
    cookies = _logged_in(address, "192.0.2.20", "kim")
    kill = "os.kill(os.getpid(), 9)"
    moves = [kill, "move(*a)"] if when == "before" else ["move(*a)", kill]
    killed = f"import os; from pathlib import Path; move = Path.replace; Path.replace = lambda *a: ({', '.join(moves)})"
    words = ["--archive", str(folder), "accounts", "remove", "kim"]
    code = f"{killed}\nfrom crawler.cli import main\nmain({words})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    there = when == "before"
    assert ("kim" in Accounts(folder).all()) is there and _desk(address, cookies) == (200 if there else 302)
    assert Accounts(folder).remove("kim") is there  # what was left behind is in nobody's way


def test_logging_out_ends_the_session_on_the_server(address: str) -> None:
    ended, other = (_logged_in(address, "192.0.2.30", "editor-one") for _ in range(2))
    requests.post(f"{address}/-/logout", cookies=ended, timeout=60).raise_for_status()
    assert {_desk(address, ended) for _ in range(6)} == {302}
    assert _desk(address, other) == 200


def test_cookies_expire_and_are_for_tls_alone_behind_it(address: str) -> None:
    for proto in ("https", "http"):
        answer = _try(address, "192.0.2.40", "editor-one", PASSWORD, headers={"x-forwarded-proto": proto})
        cookies = answer.raw.headers.getlist("set-cookie")
        assert len(cookies) == 2
        for one in cookies:
            assert "HttpOnly" in one and "Max-Age=" in one and "SameSite=lax" in one
            assert ("Secure" in one) is (proto == "https")


async def test_a_session_ends_by_itself(folder: Path) -> None:
    ds = open_site(folder)
    person = Person(ds, "admin-one")
    assert (await person.get("/takedowns")).status_code == 200
    kept = json.loads((folder / "accounts.json").read_text())
    kept["admin-one"]["sessions"] = dict.fromkeys(kept["admin-one"]["sessions"], int(time.time()) - 1)
    (folder / "accounts.json").write_text(json.dumps(kept))
    assert (await person.get("/takedowns")).status_code == 302


async def test_a_cookie_without_a_session_opens_nothing(folder: Path) -> None:
    ds = open_site(folder)
    session = ds.unsign(cookie(ds, "reader-one")["ds_actor"], "actor")
    for claimed in (
        {"a": {"id": "admin-one", "role": "admin"}},  # all of a cookie in versions before
        session | {"a": {"id": "admin-one", "role": "admin"}},
        session | {"a": {"id": "reader-one", "role": "admin"}},
        session | {"key": 1},
        {"a": None, "key": "x"},
        {"a": {"id": ["admin-one"]}, "key": "x"},
        [],
    ):
        answer = await ds.client.get("/takedowns", cookies={"ds_actor": ds.sign(claimed, "actor")})
        assert answer.status_code in (302, 403), claimed


async def test_a_damaged_file_lets_nobody_in(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "data")
    ds = open_site(copy)
    editor = Person(ds, "editor-one")
    (copy / "accounts.json").write_text('{"editor-one": {')
    assert (await editor.get("/desk")).status_code == 302 and (await editor.get("/")).status_code == 200
    login = await ds.client.post("/-/login", data={"username": "editor-one", "password": PASSWORD})
    assert login.status_code == 503 and "ds_actor" not in login.headers.get("set-cookie", "")
    listed = dangqun("--archive", str(copy), "accounts", "list")
    assert listed.returncode == 1 and "backup" in listed.stderr and "Traceback" not in listed.stderr


async def test_a_session_that_cannot_be_written_is_reported(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "data")
    ds = open_site(copy)
    editor = Person(ds, "editor-one")
    (copy / "accounts.json.draft").mkdir()  # stands where the file would be written
    login = await ds.client.post("/-/login", data={"username": "editor-one", "password": PASSWORD})
    logout = await ds.client.post("/-/logout", cookies=editor._cookies)
    assert login.status_code == logout.status_code == 503
    assert (await editor.get("/desk")).status_code == 200  # nobody believes to be out who is not
    removed = dangqun("--archive", str(copy), "accounts", "remove", "editor-one")
    assert removed.returncode == 1 and "cannot be written" in removed.stderr and "Traceback" not in removed.stderr


def test_accounts_made_at_once_are_all_there(tmp_path: Path) -> None:
    names = [f"editor-{n}" for n in range(3)]
    with ThreadPoolExecutor(3) as operators:
        list(operators.map(lambda name: _account(tmp_path, "add", name), names))
    assert sorted(Accounts(tmp_path).all()) == names


def test_the_owner_alone_reads_what_people_decided_and_what_lets_them_in(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("accounts.json", ".secret", "reviews.db")]
    before = os.umask(0)
    try:
        for _ in range(2):
            Accounts(tmp_path).put("amy", "x", "editor")
            secret(tmp_path)
            Reviews(tmp_path / "reviews.db").close()
            assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
            for path in kept:
                path.chmod(0o666)  # as a careless copy leaves it
        Accounts(tmp_path)
        assert kept[0].stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize(("room", "remedy"), [(0, "TMPDIR"), (16, "DATASETTE_SECRET")])
def test_a_secret_that_cannot_be_kept_is_a_sentence(
    demo: tuple[Path, str], tmp_path: Path, room: int, remedy: str
) -> None:
    """No room: no file may grow beyond so many bytes."""
    copy = shutil.copytree(demo[0], tmp_path / "data", ignore=shutil.ignore_patterns(".secret*", "reviews.db*"))
    done = subprocess.run(
        [sys.executable, "-m", "crawler.cli", "--archive", str(copy), "serve", "--port", str(free_ports(1))],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1 and remedy in done.stderr and "Traceback" not in done.stderr
    assert not list(copy.glob(".secret"))
