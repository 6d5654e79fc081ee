"""What receivers of alerts get: robots of group chats and Bark, on loopback; and what nobody may read of their addresses."""

import base64
import hmac
import json
import logging
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from receivers import Answering, receiver

from archive.decisions.reviews import ReviewError
from archive.errors import ArchiveError
from archive.search.wanted import Wanted
from archive.site.alerts import Alerts
from archive.site.delivery import Entry, Message, check, deliver, shown
from archive.web.outgoing import OutgoingError

PLUGINS = {"wecombot": NotifyWeComBot, "dingtalk": NotifyDingTalk, "feishu": NotifyFeishu}
HOSTS = {"wecombot": "qyapi.weixin.qq.com", "dingtalk": "oapi.dingtalk.com", "feishu": "open.feishu.cn"}
TARGETS = ["wecombot://Key-0123456789abcdef", "dingtalk://SECb4c9@tok3n0123456789", "feishu://Tok-0123456789abcdef"]
SECRETS = ["Key-0123456789abcdef", "SECb4c9", "tok3n0123456789", "Tok-0123456789abcdef"]


def _answer(status: str = "200 OK", body: str = '{"errcode": 0, "code": 0}') -> Answering:
    data = f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode()
    return lambda connection: connection.sendall(data)


def _message(*titles: str) -> Message:
    entries: list[Entry] = [{"title": title, "url": "https://archive.example/fact/1"} for title in titles]
    return Message("0123abcd", 7, {"q": "揭牌"}, entries)


def _lead_to(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Let the robots be on loopback, past the host that apprise has for them."""
    for plugin in PLUGINS.values():
        path = plugin.notify_url.split("/", 3)[3]
        monkeypatch.setattr(plugin, "notify_url", f"http://127.0.0.1:{port}/{path}")


@pytest.mark.parametrize("scheme", PLUGINS)
def test_a_robot_is_at_the_one_host_of_its_service(scheme: str) -> None:
    assert PLUGINS[scheme].notify_url.startswith(f"https://{HOSTS[scheme]}/")
    with pytest.raises(ReviewError, match=scheme):
        check("webhook", f"https://{HOSTS[scheme]}/hook?key=abc")  # would be lost there


@pytest.mark.parametrize("target", TARGETS)
def test_a_robot_gets_the_message(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check("webhook", target)
    with receiver(_answer()) as (port, got):
        _lead_to(monkeypatch, port)
        deliver(_message("青禾社区有党员237名。", "望潭站揭牌"), "webhook", target, None, private=True)
    ((head, body),) = got
    fields = json.loads(body)
    text = (fields.get("text") or fields["content"]).popitem()[1]
    for part in ("2 条新内容", "青禾社区有党员237名。", "望潭站揭牌", "https://archive.example/fact/1", "id: 0123abcd"):
        assert part in text
    assert target.rpartition("@")[2].rpartition("/")[2].encode() in head.split(b"\r\n")[0]


@pytest.mark.parametrize("target", TARGETS)
def test_a_title_mentions_nobody(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = ['<at user_id="all">所有人</at>', "<at id=all></at>", "<@all>揭牌", "<" * 5000]
    with receiver(_answer()) as (port, got):
        _lead_to(monkeypatch, port)
        deliver(_message(*titles), "webhook", target, None, private=True)
    fields = json.loads(got[0].body)
    assert {fields.get("msgtype"), fields.get("msg_type")} == {"text", None}
    text = (fields.get("text") or fields["content"]).popitem()[1]
    assert "<" not in text and "＜@all>揭牌" in text and len(text.encode()) <= 2048
    assert not fields.get("at", {}).get("isAtAll") and not fields.get("at", {}).get("atMobiles")


def test_a_message_to_dingtalk_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(_answer()) as (port, got):
        _lead_to(monkeypatch, port)
        deliver(_message("甲"), "webhook", "dingtalk://SECb4c9@tok3n", None, private=True)
    query = parse_qs(urlsplit(got[0].head.split()[1].decode()).query)
    signed = f"{query['timestamp'][0]}\nSECb4c9".encode()
    assert query["sign"] == [base64.b64encode(hmac.digest(b"SECb4c9", signed, "sha256")).decode()]
    assert query["access_token"] == ["tok3n"]


@pytest.mark.parametrize("target", TARGETS)
def test_a_long_message_fits_and_counts_what_it_leaves_out(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(_answer()) as (port, got):
        _lead_to(monkeypatch, port)
        deliver(_message(*("党" * 5000 for _ in range(200))), "webhook", target, None, private=True)
    fields = json.loads(got[0].body)
    text = (fields.get("text") or fields["content"]).popitem()[1]
    assert len(text.encode()) <= 2048 or "wecombot" not in target
    assert len(got[0].body) < 20_000 and text.count("fact/1") + int(text.split("另有")[1].split("条")[0]) == 200
    assert text.count("fact/1") >= 2 and text.endswith("id: 0123abcd")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (_answer(body='{"errcode": 93000, "errmsg": "invalid webhook url", "code": 93000, "msg": "invalid webhook url"}'), "93000 invalid webhook url"),
        (_answer("302 Found\r\nLocation: http://127.0.0.1:1/"), "answered 302"),
        (_answer("500 Oh", ""), "answered 500"),
        (_answer(body="<html>"), "no JSON"),
    ],
    ids=["refusal with status 200", "redirect", "failure", "another page"],
)  # fmt: skip
def test_what_a_robot_refuses_is_not_sent(
    target: str, answer: Answering, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answer) as (port, got):
        _lead_to(monkeypatch, port)
        with pytest.raises(ArchiveError, match=reason) as raised:
            deliver(_message("甲"), "webhook", target, None, private=True)
    assert len(got) == 1 and not any(secret in str(raised.value) for secret in SECRETS)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(_answer()) as (port, got), receiver(_answer()) as (proxy, proxied):
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        _lead_to(monkeypatch, port)
        deliver(_message("甲"), "webhook", TARGETS[0], None, private=True)
    assert len(got) == 1 and proxied == []


def test_a_robot_is_at_no_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **more: resolve("127.0.0.1", port, **more))
    for target in [*TARGETS, "barks://api.day.app/k3y", "bark://bark.example:8080/k3y"]:
        with pytest.raises(OutgoingError, match="private address"):
            deliver(_message("甲"), "webhook", target, None, private=False)


def test_bark_gets_the_message() -> None:
    with receiver(_answer()) as (port, got):
        target = f"bark://127.0.0.1:{port}/below/k3y-4"
        check("webhook", target)
        deliver(_message(*("党" * 5000 for _ in range(9))), "webhook", target, None, private=True)
    ((head, body),) = got
    fields = json.loads(body)
    assert head.startswith(b"POST /below/push ") and fields["device_key"] == "k3y-4" and fields["id"] == "0123abcd"
    assert "9 条新内容" in fields["title"] and len(body) < 4096 and "条" in fields["body"]
    with receiver(_answer("400 Bad Request")) as (port, _), pytest.raises(ArchiveError, match="answered 400"):
        deliver(_message("甲"), "webhook", f"bark://127.0.0.1:{port}/k3y", None, private=True)


@pytest.mark.parametrize(
    "target",
    ["wecombot://", "wecombot://key?verify=no", "wecombot://key/", "wecombot://a@b", "dingtalk://a:b@c", "dingtalk://t/13800000000",
     "feishu://token?redirect=yes", "feishu://a.example/b", "bark://key", "barks://a..b/key", "barks://a.example/", "barks://u:p@a.example/key",
     "slack://a/b/c", "mailto://a.example", "json://127.0.0.1/"],
)  # fmt: skip
def test_what_is_no_target(target: str) -> None:
    with pytest.raises(ReviewError):
        check("webhook", target)


@pytest.mark.parametrize(
    ("target", "expected"),
    [("https://hooks.example:8443/services/s3cret?key=s3cret", "https://hooks.example:8443/…"), ("http://amy:s3cret@a.example?s3cret", "http://a.example/…"),
     ("barks://api.day.app/s3cret", "barks://api.day.app/…"), ("feishu://s3cret", "feishu://…"), ("dingtalk://s3cret@s3cret", "dingtalk://…"),
     ("amy@news.example", "amy@news.example")],
)  # fmt: skip
def test_what_is_shown_of_a_target(target: str, expected: str) -> None:
    assert shown(target) == expected


def test_apprise_is_imported_only_to_send_to_a_robot() -> None:
    program = "import sys, crawler.cli.alerting; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[Alerts]:
    with closing(Alerts(tmp_path / "reviews.db")) as opened:
        yield opened


def test_a_test_message_and_no_secret_in_records(
    demo: tuple[Path, str], alerts: Alerts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as snapshot:
        numbers = [alerts.follow(snapshot, "甲", "health", Wanted(), "webhook", target) for target in TARGETS]
    with receiver(_answer(body='{"errcode": 310000, "errmsg": "keywords not in content", "code": 19024}')) as (port, _):
        _lead_to(monkeypatch, port)
        refused = [alerts.test(number, None, private=True) for number in numbers]
    assert all(sent.error and not sent.matches for sent in refused) and "keywords" in refused[0].error
    with receiver(_answer()) as (port, got):
        _lead_to(monkeypatch, port)
        done = [alerts.test(number, None, private=True) for number in numbers]
    assert [sent.error for sent in done] == [""] * 3
    assert all("测试提醒".encode() in one.body or rb"\u6d4b\u8bd5" in one.body for one in got) and len(got) == 3
    assert all(row["sent"] == row["unknown"] == 0 for row in alerts.follows())
    written = caplog.text + repr(refused) + repr(done) + repr(alerts.follows())
    assert "was not sent" in written and not any(secret in written for secret in SECRETS)
    with pytest.raises(ReviewError, match="没有第99号"):
        alerts.test(99, None)
