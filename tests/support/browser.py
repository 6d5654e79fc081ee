"""Debian's chromium, driven over a pipe by its own protocol: one browser, pages opened one after another."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

CHROMIUM = shutil.which("chromium")
_SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
    " --disable-sync --hide-scrollbars --remote-debugging-pipe"
).split()
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


class Browser:
    """One page of one browser at a time."""

    def __init__(self, command: int, answer: int) -> None:
        self._out, self._in = command, answer
        self._number, self._rest, self._session = 0, b"", ""
        self._profile: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.renew()

    def renew(self) -> None:
        """Leave the page, its cookies and its screen for an empty page of a new profile."""
        self._session = ""
        if self._profile:
            self.call("Target.disposeBrowserContext", **self._profile)
        self._profile = self.call("Target.createBrowserContext")
        target = self.call("Target.createTarget", url="about:blank", **self._profile)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self.events.clear()

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result. Raises RuntimeError."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._number:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']}")
                return found["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise RuntimeError("the browser is gone")
            self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\0")
        found = json.loads(message)
        if "method" in found:
            self.events.append(found)
        return found

    def open(self, address: str) -> None:
        """Open an address and wait until it has loaded."""
        self.events.clear()
        begun = self.call("Page.navigate", url=quote(address, safe="/:?&=%#+-._~,;@!$'()*[]"))
        self._loaded(begun["loaderId"])  # the page before may still report that it has loaded

    def _loaded(self, loader: str = "") -> None:
        """Wait until the page under way has loaded."""
        deadline = time.monotonic() + 60
        while not any(
            event["method"] == "Page.lifecycleEvent"
            and event["params"]["name"] == "load"
            and loader in ("", event["params"]["loaderId"])
            for event in self.events
        ):
            assert time.monotonic() < deadline, "the page did not load"
            self._next()

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"].get("exception", {}).get("description", "script failed"))
        return done["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release one key."""
        code = _KEYS.get(key, ord(key.upper()[0]))
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        given = {
            "key": key,
            "windowsVirtualKeyCode": code,
            "text": text,
            "code": key if key in _KEYS else f"Key{key.upper()}",
        }
        self.call("Input.dispatchKeyEvent", type="keyDown", **given)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def press_and_load(self, key: str) -> None:
        """Press a key that leads to another page, and wait for that."""
        self.events.clear()
        self.press(key)
        self._loaded()

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def size(self, width: int, height: int = 900) -> None:
        """The size of the screen, in pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def cookie(self, address: str, value: str) -> None:
        """Be logged in: send this value of ds_actor there."""
        self.call("Network.setCookie", name="ds_actor", value=value, url=address)

    def transferred(self) -> int:
        """Bytes that the page and what belongs to it took over the wire."""
        return int(
            sum(e["params"]["encodedDataLength"] for e in self.events if e["method"] == "Network.loadingFinished")
        )

    def complaints(self) -> list[str]:
        """What the page's console says is wrong: errors of scripts, what the content security policy stopped."""
        errors = [
            e["params"]["entry"]["text"]
            for e in self.events
            if e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"
        ]
        return errors + [
            e["params"]["exceptionDetails"]["text"] for e in self.events if e["method"] == "Runtime.exceptionThrown"
        ]

    def screenshot(self, target: Path) -> None:
        """The page as a picture, all of its height."""
        height = min(4000, self.run("document.documentElement.scrollHeight"))
        width = self.run("window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        target.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser() -> Iterator[Browser]:
    """A fresh browser with a profile of its own; it ends with the block."""
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:

        def pipes() -> None:  # chromium reads commands at 3 and answers at 4
            os.dup2(to_read, 13)
            os.dup2(from_write, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        process = subprocess.Popen(
            [str(CHROMIUM), *_SWITCHES, f"--user-data-dir={profile}"],
            preexec_fn=pipes,  # noqa: PLW1509 (it only moves pipes)
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        try:
            os.close(to_read)
            os.close(from_write)
            yield Browser(to_write, from_read)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            os.close(to_write)
            os.close(from_read)
