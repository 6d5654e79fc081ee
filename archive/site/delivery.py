"""How a message of an alert leaves: to a webhook, to Bark, to the robot of a group chat, or by e-mail.

The library apprise writes what the robots of WeCom, DingTalk and Feishu read. The message leaves as those to webhooks do, by
`archive.web.outgoing`: no proxy and no redirect leads it elsewhere, and the answer is read. A target may hold a secret; `shown`
is what pages and logs may hold of it.
"""

import json
import logging
import re
import smtplib
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from enum import StrEnum
from importlib import import_module
from threading import Timer
from types import SimpleNamespace
from typing import Any, NamedTuple, NotRequired, TypedDict

from archive.decisions.reviews import ReviewError
from archive.errors import ArchiveError
from archive.language import NAME
from archive.web import outgoing

_SECONDS = 10
_MAIL_SECONDS = 30.0  # the most for one mail
_AGAIN = "（上次中断，可能已发过 perhaps sent before）"
_MAX_TITLE = 200  # characters of an entry in a chat
_MAX_BARK = 2000  # bytes of a text: Apple takes 4 KB, with the rest of the message
_MAX_MAIL = 10_000_000
_MAX_ANSWER = 10_000  # bytes of an answer that are read
_GATEWAY = (502, 504)  # the statuses by which a gateway reports that the receiver behind it did not answer
_JSON = {"Content-Type": "application/json"}
_BARK = re.compile(r"bark(s?)://([^?#]+)/([\w-]+)/?", re.ASCII)


class _Robot(NamedTuple):
    """The robots of a service: how a target is written, where apprise sends messages, and the most bytes of a text."""

    written: re.Pattern[str]
    host: str
    most: int


# By the scheme that apprise has for them. WeCom takes 2,048 bytes of text; the others take 20,000 of JSON, in which apprise writes
# a Chinese character in six bytes, not three.
_ROBOTS = {
    "wecombot": _Robot(re.compile(r"wecombot://[\w-]+", re.ASCII), "qyapi.weixin.qq.com", 2048),
    "dingtalk": _Robot(re.compile(r"dingtalk://([a-zA-Z0-9]+@)?[a-zA-Z0-9]+"), "oapi.dingtalk.com", 6000),
    "feishu": _Robot(re.compile(r"feishu://[\w-]+", re.ASCII), "open.feishu.cn", 6000),
}


class Channel(StrEnum):
    """The way that an alert takes. Bark and robots are webhooks whose targets have schemes of their own."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class Entry(TypedDict):
    """Something that a message reports."""

    title: str
    url: NotRequired[str]  # missing if the address of the site is not known
    again: NotRequired[bool]  # it may have been sent before


@dataclass(frozen=True)
class Message:
    """What an alert reports. A message that is sent again has the `id` that it had."""

    id: str
    alert: int
    search: Mapping[str, Any]
    entries: list[Entry]

    @property
    def subject(self) -> str:
        """Its title, on one line."""
        return f"{' '.join(NAME.get())}: {len(self.entries)} 条新内容 new"

    def text(self, most: int, longest: int | None = None) -> str:
        """The message as plain text.

        Args:
            most: the bytes of UTF-8 that it may have; entries that do not fit are counted at its end.
            longest: the characters of the title of an entry; None: all.
        """
        parts = [
            f"{entry['title'][:longest]}{_AGAIN if 'again' in entry else ''}\n{entry.get('url', '')}".strip()
            for entry in self.entries
        ]
        end = [f"id: {self.id}"]
        for kept in range(len(parts), -1, -1):
            left = len(parts) - kept
            text = "\n\n".join([*parts[:kept], *([f"另有{left}条 {left} more"] if left else []), *end])
            if len(text.encode()) <= most:
                break
        return text


@dataclass(frozen=True)
class Mail:
    """How e-mail leaves: a server that takes it, and who it comes from."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: bool = False


def shown(target: str) -> str:
    """A target without what may be secret: of a web address, the scheme and the host are left."""
    scheme, is_web, rest = target.partition("://")
    if not is_web:
        return target
    host = "" if scheme in _ROBOTS else re.split(r"[/?#\\]", rest)[0].rpartition("@")[2] + "/"
    return f"{scheme}://{host}…"


def deliver(message: Message, channel: str, target: str, mail: Mail | None, *, private: bool) -> None:
    """Send a message to a target, which `check` has passed.

    Args:
        message: what is sent.
        channel: a Channel.
        target: the address of the receiver.
        mail: how e-mail is sent; None: not at all.
        private: whether webhooks and Bark may be at private addresses.

    Raises:
        ArchiveError, OutgoingError, OSError: the message was not taken. The text of the error has no secret.
    """
    scheme = target.partition("://")[0]
    if channel == Channel.EMAIL:
        _mail(message, target, mail)
    elif scheme in _ROBOTS:
        _tell_robot(message, scheme, target, private)
    elif bark := _BARK.fullmatch(target):
        body = {
            "device_key": bark[3],
            "title": message.subject,
            "body": message.text(_MAX_BARK, _MAX_TITLE),
            "id": message.id,
        }
        _post(f"http{bark[1]}://{bark[2]}/push", json.dumps(body, ensure_ascii=False).encode(), _JSON, private)
    else:
        fields = {"id": message.id, "alert": message.alert, "search": message.search, "new": message.entries}
        _post(target, json.dumps(fields, ensure_ascii=False).encode(), _JSON, private)


def _tell_robot(message: Message, scheme: str, target: str, private: bool) -> None:
    import apprise  # slow to import

    logging.getLogger("apprise").disabled = True  # it would log addresses with their secrets
    plugin = import_module(f"apprise.plugins.{scheme}")
    vars(plugin)["requests"] = _Requests(private)
    robot = apprise.Apprise.instantiate(target)
    # A title is of others, and may not mention anybody: Feishu reads <at …> in a text, WeCom <@…>. DingTalk mentions only those
    # whom a field beside the text names, and apprise names none.
    entries: list[Entry] = [{**entry, "title": entry["title"].replace("<", "＜")} for entry in message.entries]
    body = replace(message, entries=entries).text(_ROBOTS[scheme].most - len(message.subject.encode()) - 2, _MAX_TITLE)
    text = f"{message.subject}\n\n{body}"
    if not robot or not robot.notify(body=text):
        raise ArchiveError(f"apprise did not write a message for {scheme}")


class _Requests:
    """What apprise knows of the library requests; it sends by `archive.web.outgoing`."""

    codes = SimpleNamespace(ok=200)
    RequestException = ()  # none: apprise would drop what an error says

    def __init__(self, private: bool) -> None:
        self._private = private

    def post(
        self,
        address: str,
        *,
        data: str | bytes,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        **_: Any,
    ) -> SimpleNamespace:
        """Send a request of apprise, whose `params` are quoted already. Raises ArchiveError if the robot refuses the message, which
        it may do with status 200 and a code in its answer."""
        query = "".join(f"&{name}={value}" for name, value in (params or {}).items())
        body = data.encode() if isinstance(data, str) else data
        answer = _post(address + query, body, headers, self._private, _MAX_ANSWER)
        try:
            fields = json.loads(answer)
            code, reason = fields.get("errcode") or fields.get("code"), fields.get("errmsg") or fields.get("msg")
        except (ValueError, AttributeError):
            code, reason = "no JSON", ""
        if code:
            raise ArchiveError(f"{outgoing.parse(address).netloc} refused the message: {f'{code} {reason}'[:200]!r}")
        return SimpleNamespace(status_code=self.codes.ok, content=answer)


def _post(address: str, body: bytes, headers: Mapping[str, str], private: bool, most: int = 0) -> bytes:
    """Send a request. Returns at most so many bytes of the answer. Raises OutgoingError if nobody answered, ArchiveError unless
    the status is one of success."""
    answer = outgoing.post(address, body, headers, private=private, seconds=_SECONDS, most=most)
    if not 200 <= answer.status < 300:
        reason = f"{outgoing.parse(address).netloc} answered {answer.status}"
        if answer.status in _GATEWAY:
            raise outgoing.OutgoingError(reason, outgoing.UNANSWERED)
        raise ArchiveError(reason)
    return answer.body


def _mail(message: Message, target: str, mail: Mail | None) -> None:
    if mail is None:
        raise ArchiveError("no e-mail server is set; see `dangqun alerts send --help`")
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mail.sender, target, message.subject
    letter["Message-ID"] = f"<{message.id}@{mail.sender.rpartition('@')[2]}>"
    letter.set_content(message.text(_MAX_MAIL))
    with _MailServer(mail) as server:
        if mail.tls:
            server.starttls()
        if mail.user:
            server.login(mail.user, mail.password)
        try:
            server.send_message(letter)
        except smtplib.SMTPServerDisconnected as error:  # so smtplib names every failure of the connection
            raise outgoing.OutgoingError(f"{mail.host}: {error}", outgoing.UNANSWERED) from None


class _MailServer(smtplib.SMTP):
    """A connection that hangs up after `_MAIL_SECONDS`: the timeout of a connection is that of each word, and a server can
    drip them."""

    def __init__(self, mail: Mail) -> None:
        self._timer = Timer(_MAIL_SECONDS, self._hang_up)
        self._timer.daemon = True
        self._timer.start()
        super().__init__(mail.host, mail.port, timeout=_SECONDS)

    def _hang_up(self) -> None:
        if self.sock is not None:
            self.sock.shutdown(socket.SHUT_RDWR)

    def __exit__(self, *raised: object) -> None:
        with suppress(smtplib.SMTPException):  # what it answers to QUIT changes nothing for the mail
            super().__exit__(*raised)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the connection."""
        self._timer.cancel()
        super().close()


def check(channel: str, target: str) -> None:
    """Raises ReviewError unless messages can be sent to the target by the channel."""
    if len(target) > 500 or not outgoing.is_plain(target):
        raise ReviewError("地址不对。", "That is no address.", "target")
    if channel == Channel.WEBHOOK:
        _check_web(target)
    elif channel == Channel.EMAIL:
        if not _is_mail_address(target):
            raise ReviewError("邮箱地址不对。", "That is no e-mail address.", "target")
    else:
        raise ReviewError(
            f"通知以Webhook或邮件发出，不能是{channel!r}。",
            f"An alert goes by webhook or email, not {channel!r}.",
            "channel",
        )


def _check_web(target: str) -> None:
    """Raises ReviewError unless the target is that of a robot, of Bark, or of a webhook."""
    scheme = target.partition("://")[0]
    if scheme in _ROBOTS:
        if not _ROBOTS[scheme].written.fullmatch(target):
            raise _how_a_robot_is_written()
        return
    bark = _BARK.fullmatch(target)
    if bark is None and scheme in ("bark", "barks"):
        raise ReviewError(
            "Bark的地址写作barks://api.day.app/KEY。", "Bark is written barks://api.day.app/KEY.", "target"
        )
    try:
        host = outgoing.parse(f"http{bark[1]}://{bark[2]}/" if bark else target).host
    except outgoing.OutgoingError as error:
        raise ReviewError(
            f"请填http或https网址（{error}）。", f"A webhook is an http or https address ({error}).", "target"
        ) from None
    if host in [robot.host for robot in _ROBOTS.values()]:  # it would answer 200, and drop what a webhook is sent
        raise _how_a_robot_is_written()


def _how_a_robot_is_written() -> ReviewError:
    return ReviewError(
        "机器人的地址写作wecombot://KEY、dingtalk://SECRET@TOKEN、dingtalk://TOKEN或feishu://TOKEN。",
        "A robot is written wecombot://KEY, dingtalk://SECRET@TOKEN, dingtalk://TOKEN or feishu://TOKEN.",
        "target",
    )


def _is_mail_address(target: str) -> bool:
    """Whether the library that sends can take it for the address of one person, at a host of the web."""
    try:
        address = Address(addr_spec=target)
        host = outgoing.parse(f"http://{address.domain}/").host
    except (ValueError, IndexError, AttributeError, MessageError):  # it trips over some in ways of its own
        return False
    return address.addr_spec == target and target.isascii() and host == address.domain.lower() and "." in host
