"""Alerts: sent once, by webhook and by e-mail, and what happens when nobody listens."""

import json
import shutil
import socket
import socketserver
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from receivers import receiver
from support import dangqun

from archive.decisions.reviews import ReviewError
from archive.errors import ArchiveError
from archive.publishing.columns import lay_columns
from archive.search.wanted import Wanted
from archive.site.alerts import Alerts
from archive.site.delivery import Mail, shown

SITE = "http://archive.example"


@pytest.fixture
def snapshot(demo: tuple[Path, str], tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the demo's snapshot, to be changed."""
    shutil.copy(demo[0] / "published" / "archive.db", tmp_path / "archive.db")
    with closing(sqlite3.connect(tmp_path / "archive.db", isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[Alerts]:
    with closing(Alerts(tmp_path / "reviews.db")) as opened:
        yield opened


@contextmanager
def _webhook(status: int = 200) -> Iterator[tuple[str, list[dict]]]:
    """A receiver on loopback, and what it got."""
    got: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _running(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/hook", got


@contextmanager
def _mail_server(taken: bytes = b"250 ok\r\n", bye: bytes = b"221 bye\r\n") -> Iterator[tuple[int, list[str]]]:
    """A server that takes e-mail on loopback, and the messages it took. `taken`: what it answers to one; empty: it hangs up.
    `bye`: to QUIT."""
    got: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b""
                    while (line := self.rfile.readline()) != b".\r\n":
                        text += line
                    got.append(text.decode())
                answer = {b"DATA": taken, b"QUIT": bye}.get(command, b"250 ok\r\n")
                self.wfile.write(answer)
                if command == b"QUIT" or not answer:
                    return

    with _running(socketserver.TCPServer(("127.0.0.1", 0), Handler)) as port:
        yield port, got


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _say_more(snapshot: sqlite3.Connection, fact: int, evidence: str) -> None:
    """A further fact with the words of another."""
    columns = [name for _, name, *_ in snapshot.execute("pragma table_info(facts)") if name not in ("id", "evidence")]
    named = ", ".join(f'"{name}"' for name in columns)
    cursor = snapshot.execute(f"insert into facts ({named}, evidence) select {named}, ? from facts where id = ?", [evidence, fact])  # fmt: skip
    snapshot.execute("insert into fact_dates select ?, at, type, station_id, article_id, reviewed, counts from fact_dates where id = ?", [cursor.lastrowid, fact])  # fmt: skip
    snapshot.execute("drop table list_columns")
    lay_columns(snapshot)


def _members(snapshot: sqlite3.Connection) -> int:
    return snapshot.execute("select id from facts where type = 'party_members' and current").fetchone()[0]


def test_a_webhook_gets_what_is_new_and_nothing_twice(snapshot: sqlite3.Connection, alerts: Alerts) -> None:
    with _webhook() as (address, got):
        alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", address)
        assert list(alerts.send(snapshot, SITE, None, private=True)) == [] and got == []  # what was there is not sent
        _say_more(snapshot, _members(snapshot), "a" * 24)
        (sent,) = alerts.send(snapshot, SITE, None, private=True)
        assert sent.matches == 1 and not sent.error
        assert list(alerts.send(snapshot, SITE, None, private=True)) == []
        (message,) = got
        assert message["new"][0]["url"] == f"{SITE}/fact/{'a' * 24}" and message["search"] == {"type": "party_members"}
        _say_more(snapshot, _members(snapshot), "b" * 24)
        assert [sent.matches for sent in alerts.send(snapshot, SITE, None, private=True)] == [1]
    assert [row["url"][-24:] for message in got for row in message["new"]] == ["a" * 24, "b" * 24]


def test_a_crawl_that_was_not_as_usual(snapshot: sqlite3.Connection, alerts: Alerts) -> None:
    with _webhook() as (address, got):
        alerts.follow(snapshot, "甲", "health", Wanted(), "webhook", address)
        run = "insert into runs (command, site, started) values (?, 'sample-city', '2024-05-06T07:08:09Z')"
        finding = "insert into findings (run_id, site, expectation, message) values (?, 'sample-city', 'layout', 'The layouts fit 0 of 4.')"
        counts = []
        for is_ill in (True, True, False, True):  # what goes on is sent once; what comes again, again
            run_id = snapshot.execute(run, ["crawl"]).lastrowid
            snapshot.execute(run, ["check"])  # has no findings
            if is_ill:
                snapshot.execute(finding, [run_id])
            counts.append(sum(sent.matches for sent in alerts.send(snapshot, SITE, None, private=True)))
        assert counts == [1, 0, 0, 1]
    assert got[0]["new"] == [{"title": "sample-city: The layouts fit 0 of 4.", "url": f"{SITE}/health"}]


def test_what_was_refused_is_tried_again_and_so_is_what_a_killed_run_left(
    snapshot: sqlite3.Connection, alerts: Alerts, tmp_path: Path
) -> None:
    with _webhook(500) as (address, got):
        alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", address)
        _say_more(snapshot, _members(snapshot), "a" * 24)
        for _ in range(2):
            (sent,) = alerts.send(snapshot, SITE, None, private=True)
            assert sent.matches == 0 and "500" in sent.error
        assert len(got) == 2
    with sqlite3.connect(tmp_path / "reviews.db") as connection:  # killed between sending and noting it
        connection.execute("update deliveries set state = 'pending' where state = 'refused'")
    connection.close()
    assert [row["unknown"] for row in alerts.follows()] == [1]
    with _webhook() as (address, got):
        _retarget(tmp_path / "reviews.db", address)
        assert [sent.matches for sent in alerts.send(snapshot, SITE, None, private=True)] == [1]
        assert list(alerts.send(snapshot, SITE, None, private=True)) == []
    assert [row["again"] for row in got[0]["new"]] == [True] and [row["unknown"] for row in alerts.follows()] == [0]


def test_a_message_that_is_tried_again_is_the_same(
    snapshot: sqlite3.Connection, alerts: Alerts, tmp_path: Path
) -> None:
    """So a receiver that took it, and could not say so, can drop it by its id."""
    with _webhook(500) as (address, got):
        alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", address)
        _say_more(snapshot, _members(snapshot), "a" * 24)
        (failed,) = alerts.send(snapshot, SITE, None, private=True)
    _say_more(snapshot, _members(snapshot), "b" * 24)
    with _webhook() as (address, again):
        _retarget(tmp_path / "reviews.db", address)
        sent = [one for _ in range(3) for one in alerts.send(snapshot, SITE, None, private=True)]
    assert got[0] == again[0] and got[0]["id"] == failed.message == sent[0].message
    assert [len(message["new"]) for message in again] == [1, 1] and sent[1].message != sent[0].message


def test_what_nobody_answered_may_have_arrived(snapshot: sqlite3.Connection, alerts: Alerts, tmp_path: Path) -> None:
    with receiver(lambda _: None) as (port, got):
        alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", f"http://127.0.0.1:{port}/")
        _say_more(snapshot, _members(snapshot), "a" * 24)
        (failed,) = alerts.send(snapshot, SITE, None, private=True)
    assert failed.error and failed.is_unknown and len(got) == 1
    with _webhook(500) as (address, _):  # which says nothing of the first
        _retarget(tmp_path / "reviews.db", address)
        (refused,) = alerts.send(snapshot, SITE, None, private=True)
    assert refused.error and not refused.is_unknown
    with _webhook() as (address, again):
        _retarget(tmp_path / "reviews.db", address)
        assert [sent.matches for sent in alerts.send(snapshot, SITE, None, private=True)] == [1]
    assert again[0]["new"][0]["again"] and again[0]["id"] == failed.message


def test_two_do_not_send_at_once(snapshot: sqlite3.Connection, alerts: Alerts, tmp_path: Path) -> None:
    with _webhook() as (address, got), closing(Alerts(tmp_path / "reviews.db")) as other:
        alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", address)
        _say_more(snapshot, _members(snapshot), "a" * 24)
        sending = alerts.send(snapshot, SITE, None, private=True)
        assert next(sending).matches == 1
        with pytest.raises(ArchiveError, match="Another process"):
            next(other.send(snapshot, SITE, None, private=True))
        assert list(sending) == list(other.send(snapshot, SITE, None, private=True)) == [] and len(got) == 1


def _retarget(reviews: Path, target: str) -> None:
    """Let all alerts go to a target, past the check of what people enter."""
    with closing(sqlite3.connect(reviews)) as connection, connection:
        connection.execute("update follows set target = ?", [target])


def test_a_bad_receiver_stops_only_itself(snapshot: sqlite3.Connection, alerts: Alerts, tmp_path: Path) -> None:
    """Such as an archive may hold from before they were refused."""
    bad = [
        "http://x:99999/",
        "http://127.0.0.1:9\\@a.example/",
        "http://a..b/",
        f"http://{'a' * 70}.example/",
        "http://[a",
        "\0",
    ]
    letters = ["a@[.", "a@[b.example", "a@b\r\nBcc: c@d.example", ""]
    with _webhook() as (address, got):
        for target in bad + letters:
            channel = "email" if target in letters else "webhook"
            with pytest.raises(ReviewError):
                alerts.follow(snapshot, "甲", "facts", Wanted(), channel, target)
            number = alerts.follow(
                snapshot, "甲", "facts", Wanted(), channel, "http://a.example/" if target in bad else "a@b.example"
            )
            with closing(sqlite3.connect(tmp_path / "reviews.db")) as connection, connection:
                connection.execute("update follows set target = ? where id = ?", [target, number])
        alerts.follow(snapshot, "乙", "facts", Wanted(), "webhook", address)
        _say_more(snapshot, _members(snapshot), "a" * 24)
        mail = Mail("127.0.0.1", 9, "archive@a.example")
        *others, last = alerts.send(snapshot, SITE, mail, private=True)
        assert len(others) == len(bad + letters) and all(sent.error for sent in others)
        assert last.matches == 1 and len(got) == 1 and not any(row["unknown"] for row in alerts.follows())


def test_a_mail_server_that_drips_its_words_is_hung_up_on(
    snapshot: sqlite3.Connection, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.site.delivery._MAIL_SECONDS", 0.5)
    alerts.follow(snapshot, "甲", "facts", Wanted(), "email", "editor@news.example")
    _say_more(snapshot, _members(snapshot), "d" * 24)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_drip, args=[listening])
        thread.start()
        began = time.monotonic()
        (sent,) = alerts.send(snapshot, SITE, Mail("127.0.0.1", listening.getsockname()[1], "archive@news.example"))
        assert sent.error and time.monotonic() - began < 20
    thread.join()


def _drip(listening: socket.socket) -> None:
    """Greet with one letter after the other until the client hangs up."""
    connection, _ = listening.accept()
    with connection, suppress(OSError):
        while True:
            connection.sendall(b"2")
            time.sleep(0.05)


@pytest.mark.parametrize(("taken", "is_unknown"), [(b"", True), (b"554 no\r\n", False)], ids=["unanswered", "refused"])
def test_an_email_is_marked_where_the_one_before_may_have_arrived(
    snapshot: sqlite3.Connection, alerts: Alerts, taken: bytes, is_unknown: bool
) -> None:
    alerts.follow(snapshot, "甲", "facts", Wanted(), "email", "editor@news.example")
    _say_more(snapshot, _members(snapshot), "a" * 24)
    with _mail_server(taken) as (port, got):
        (sent,) = alerts.send(snapshot, SITE, Mail("127.0.0.1", port, "archive@news.example"))
        assert sent.error and sent.is_unknown == is_unknown and len(got) == 1
    with _mail_server(bye=b"421 too late\r\n") as (port, got):
        (sent,) = alerts.send(snapshot, SITE, Mail("127.0.0.1", port, "archive@news.example"))
        assert sent.matches == 1  # however it answered to QUIT
    text = message_from_string(got[0], policy=policy.default).get_content()
    assert ("perhaps sent before" in text) == is_unknown


@pytest.mark.parametrize(("status", "is_unknown"), [(500, False), (502, True), (504, True)])
def test_a_gateway_may_have_passed_a_message_on(
    snapshot: sqlite3.Connection, alerts: Alerts, status: int, is_unknown: bool
) -> None:
    with _webhook(status) as (address, got):
        alerts.follow(snapshot, "甲", "facts", Wanted(), "webhook", address)
        _say_more(snapshot, _members(snapshot), "a" * 24)
        for _ in range(2):
            (sent,) = alerts.send(snapshot, SITE, None, private=True)
            assert sent.is_unknown == is_unknown and str(status) in sent.error
    assert [row.get("again", False) for message in got for row in message["new"]] == [False, is_unknown]


def test_an_email_is_sent(snapshot: sqlite3.Connection, alerts: Alerts) -> None:
    station = snapshot.execute("select station_id from facts where id = ?", [_members(snapshot)]).fetchone()[0]
    with _mail_server() as (port, got):
        alerts.follow(snapshot, "甲", "station", Wanted(), "email", "editor@news.example", station)
        _say_more(snapshot, _members(snapshot), "c" * 24)
        (sent,) = alerts.send(snapshot, SITE, Mail("127.0.0.1", port, "archive@news.example"))
        assert sent.matches == 1, sent.error
        assert list(alerts.send(snapshot, SITE, Mail("127.0.0.1", port, "archive@news.example"))) == []
    (message,) = got
    assert "To: editor@news.example" in message and "Subject:" in message
    assert f"Message-ID: <{sent.message}@news.example>" in message
    (refused,) = _without_server(snapshot, alerts)
    assert "no e-mail server" in refused.error


def _without_server(snapshot: sqlite3.Connection, alerts: Alerts) -> list:
    _say_more(snapshot, _members(snapshot), "d" * 24)
    return list(alerts.send(snapshot, SITE, None))


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "http://localhost/x", "http://10.0.0.1/", "http://[::1]/"])
def test_a_webhook_leads_to_no_private_address(snapshot: sqlite3.Connection, alerts: Alerts, target: str) -> None:
    alerts.follow(snapshot, "甲", "facts", Wanted(type="party_members"), "webhook", target)
    _say_more(snapshot, _members(snapshot), "e" * 24)
    (sent,) = alerts.send(snapshot, SITE, None)
    assert "private address" in sent.error


@pytest.mark.parametrize(
    ("channel", "target"),
    [("webhook", "ftp://x.example/"), ("webhook", "javascript:1"), ("email", "nobody"), ("email", "a@b.c,d@e.f"), ("email", "a@b.c\nBcc: d@e.f"), ("email", "(x)a@b.example"), ("pigeon", "home"), ("webhook", "http://amy:secret@a.example/"), ("webhook", "http://a.example\x85/")],
)  # fmt: skip
def test_no_address_no_alert(snapshot: sqlite3.Connection, alerts: Alerts, channel: str, target: str) -> None:
    with pytest.raises(ReviewError):
        alerts.follow(snapshot, "甲", "facts", Wanted(), channel, target)


def test_only_its_own_are_ended(snapshot: sqlite3.Connection, alerts: Alerts) -> None:
    number = alerts.follow(snapshot, "甲", "articles", Wanted(q="揭牌"), "email", "a@news.example")
    with pytest.raises(ReviewError):
        alerts.end(number, "乙")
    alerts.end(number, "甲")
    assert alerts.follows() == []


def test_from_the_command_line(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(demo[0], folder)
    with _webhook() as (address, got):
        added = dangqun(
            "--archive", str(folder), "alerts", "add", address, "--by", "甲", "--kind", "facts", "--search", "q=揭牌"
        )
        assert added.returncode == 0, added.stderr
        assert json.loads(dangqun("--archive", str(folder), "alerts", "list").stdout)["target"] == shown(address)
        assert dangqun("--archive", str(folder), "alerts", "send", "--allow-private-addresses").returncode == 0
        assert got == []
        options = ("--allow-private-addresses", "--test")
        tested = dangqun("--archive", str(folder), "alerts", "send", *options, "1")
        assert tested.returncode == 0 and "a test was sent" in tested.stderr and "/hook" not in tested.stderr
        assert "test" in got[0]["new"][0]["title"]
        refused = dangqun("--archive", str(folder), "alerts", "send", *options, "9")
        assert refused.returncode == 1 and "no alert 9" in refused.stderr
    failed = dangqun("--archive", str(folder), "alerts", "send", *options, "1")
    assert failed.returncode == 1 and "not sent (127.0.0.1:" in failed.stderr
    assert dangqun("--archive", str(folder), "alerts", "remove", "1").returncode == 0
    assert dangqun("--archive", str(folder), "alerts", "add", "nowhere", "--by", "甲").returncode == 1
    mistyped = dangqun("--archive", str(folder), "alerts", "add", address, "--by", "甲", "--search", "plaec=望潭区")
    assert mistyped.returncode == 2 and "there is no key 'plaec'. The nearest is 'place'." in mistyped.stderr
