"""A real Chromium without a window, spoken to over a pipe in its own protocol."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

__all__ = ["Chromium", "Look", "chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def binary() -> str:
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    word = "no chromium here: install Debian's chromium"
    if os.environ.get("CI") == "true":  # noqa: TID251  # the tests' own
        pytest.fail(word)
    pytest.skip(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a page came to: its own width and height in CSS pixels, and what it loaded."""

    width: float
    height: float
    loaded: list[str]


@dataclass(slots=True)
class Chromium:
    """A browser with one page."""

    asks: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    loaded: list[str] = field(default_factory=list)
    _number: int = 0
    _rest: bytes = b""

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """What the browser answers; see https://chromedevtools.github.io/devtools-protocol/."""
        self._number += 1
        asked: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        self.asks.write(json.dumps(asked).encode() + b"\0")
        self.asks.flush()
        while True:
            said = self._next()
            if said.get("id") == self._number:
                assert "error" not in said, said
                told: dict[str, Any] = said["result"]
                return told

    def wait_for(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self.answers.fileno(), 1 << 16)
            assert read, "the browser has gone"
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(text)
        if said.get("method") == "Network.requestWillBeSent":
            self.loaded.append(said["params"]["request"]["url"])
        return said

    def open(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def look(self, page: Path, *, width: int, scheme: str = "light", media: str = "") -> Look:
        """`page` in a window of this width; no script of it is run."""
        self.loaded.clear()
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        schemes = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=schemes)
        self.call("Page.navigate", url=page.as_uri())
        self.wait_for("Page.loadEventFired")
        content = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return Look(width=content["width"], height=content["height"], loaded=[*self.loaded])

    def picture(self, look: Look) -> bytes:
        """The page that was looked at last, its whole length."""
        clip = {"x": 0, "y": 0, "width": look.width, "height": look.height, "scale": 1}
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def read_aloud(self) -> str:
        """All that the page that was looked at last has to say, to whom cannot see it."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
        return "\n".join(f"{role}: {name}" for role, name in named).replace("\u00a0", " ")


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser until the end of the block; it reads from its file 3, and writes to its file 4."""
    asked, asks = _pipe()
    answers, answered = _pipe()
    options = (
        *("--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"),
        *("--hide-scrollbars", f"--user-data-dir={profile}"),
    )
    path = binary()
    files = [
        *((os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)),
        (os.POSIX_SPAWN_DUP2, asked, 3),
        (os.POSIX_SPAWN_DUP2, answered, 4),
    ]
    with os.fdopen(asks, "wb") as writer, os.fdopen(answers, "rb") as reader:
        given = {**os.environ}  # noqa: TID251  # the browser is to have what the tests have
        browser = os.posix_spawn(path, [path, *options], given, file_actions=files, setpgroup=0)
        os.close(asked)
        os.close(answered)
        try:
            spoken = Chromium(asks=writer, answers=reader)
            spoken.open()
            yield spoken
        finally:
            # All of it: its own processes would else go on writing into the profile.
            os.killpg(browser, signal.SIGKILL)
            os.waitpid(browser, 0)


def _pipe() -> tuple[int, int]:
    """Both ends, out of the way of 3 and 4."""
    ends = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return reading, writing
