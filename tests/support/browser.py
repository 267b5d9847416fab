"""What a test does with a page, whichever browser shows it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from tests.support.people import EVERYBODY
from tests.support.polling import TIMEOUT, until

PROBE = Path(__file__).with_name("browser_probe.js").read_text(encoding="utf-8")
FACES = json.dumps({person.name: person.rgb for person in EVERYBODY})


def probe_script() -> str:
    """An expression to evaluate before a page's own scripts; gives it `window.probe`."""
    return f"({PROBE})({FACES})"


def media_through(port: int) -> str:
    """A script to run before a page's own: its media take the way of a relay at that port."""
    return f"""
const original = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({{ type, sdp }}) {{
  const candidate = /^(a=candidate:.* udp \\d+ \\S+) \\d+/gim;
  return original.call(this, {{ type, sdp: sdp.replace(candidate, "$1 {port}") }});
}};
"""


class Page(ABC):
    """One tab of one browser."""

    @abstractmethod
    async def open(self, url: str) -> None: ...

    @abstractmethod
    async def reload(self) -> None: ...

    @abstractmethod
    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """Value of a JavaScript expression; a promise is awaited."""

    @abstractmethod
    async def click(self, button: str) -> None:
        """Click the button of this accessible name as soon as there is one."""

    @abstractmethod
    async def fill(self, label: str, text: str) -> None:
        """Type into the input of this label."""

    @abstractmethod
    async def resize(self, width: int, height: int) -> None:
        """Give the page a window of so many pixels."""

    @abstractmethod
    async def screenshot(self) -> bytes:
        """As PNG."""

    async def until(self, expression: str, seconds: float = TIMEOUT) -> Any:  # noqa: ANN401
        """Poll until the expression is truthy, and return its value."""
        try:
            return await until(lambda: self.evaluate(expression), seconds)
        except TimeoutError:
            seen = await self.evaluate("probe.describe()")
            raise AssertionError(f"never became true: {expression}\n{seen}") from None

    async def text(self) -> str:
        """All that can be read on the page."""
        shown: str = await self.evaluate("document.body.innerText")
        return shown
