"""Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi) over a WebSocket.

Playwright cannot start a stock Firefox. Its fake camera and microphone look and sound alike for
everybody.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.browser import Page, probe_script
from tests.support.polling import TIMEOUT, until

EXECUTABLES = ("firefox-esr", "firefox")
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # nothing of its own shall try to reach the internet
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class BidiError(Exception):
    """A command failed; the message is Firefox's."""


class Bidi:
    """One WebDriver BiDi connection; one command at a time."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._ids = count(1)
        self._turn = asyncio.Lock()

    async def command(self, method: str, **parameters: object) -> dict[str, Any]:
        async with self._turn, asyncio.timeout(TIMEOUT):
            number = next(self._ids)
            message = {"id": number, "method": method, "params": parameters}
            await self._connection.send_json(message)
            while (answer := await self._connection.receive_json()).get("id") != number:
                pass  # an event nobody asked for
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result


class FirefoxPage(Page):
    def __init__(self, bidi: Bidi, context: str) -> None:
        self._bidi = bidi
        self._context = context

    async def open(self, url: str) -> None:
        await self._run("browsingContext.navigate", url=url, wait="complete")

    async def reload(self) -> None:
        await self._run("browsingContext.reload", wait="complete")

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        result = await self._bidi.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self._context},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise BidiError(f"{expression}: {result['exceptionDetails']['text']}")
        return json.loads(result["result"]["value"])

    async def click(self, button: str) -> None:
        element = await self._find("button", button)
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": steps})

    async def fill(self, label: str, text: str) -> None:
        element = await self._find("textbox", label)
        await self._run(
            "script.callFunction",
            functionDeclaration="(input) => { input.focus(); input.select(); }",
            arguments=[element["element"]],
            awaitPromise=False,
            target={"context": self._context},
        )
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        await self._run("browsingContext.setViewport", viewport=viewport)

    async def screenshot(self) -> bytes:
        shot = await self._run("browsingContext.captureScreenshot")
        return base64.b64decode(shot["data"])

    async def _find(self, role: str, name: str) -> dict[str, Any]:
        """The element as an origin of pointer actions."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        nodes = await until(lambda: self._nodes(locator))
        return {"type": "element", "element": {"sharedId": nodes[0]["sharedId"]}}

    async def _nodes(self, locator: dict[str, Any]) -> list[dict[str, Any]]:
        found = await self._run("browsingContext.locateNodes", locator=locator)
        nodes: list[dict[str, Any]] = found["nodes"]
        return nodes

    async def _act(self, source: dict[str, Any]) -> None:
        await self._run("input.performActions", actions=[source])

    async def _run(self, method: str, **parameters: object) -> dict[str, Any]:
        return await self._bidi.command(method, context=self._context, **parameters)


@asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[FirefoxPage]:
    """A browser of its own; `profile` is an empty directory."""
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(_executable(), "--headless", "--no-remote", "--profile", profile),
        *("--remote-debugging-port", "0", "about:blank"),
        stderr=PIPE,
    )
    try:
        address = await _bidi_address(process)
        drain = asyncio.create_task(_drain(process))
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"{address}/session", max_msg_size=0) as connection,
        ):
            yield await _first_tab(Bidi(connection))
    finally:
        process.terminate()
        await process.wait()
        await drain


async def _bidi_address(process: Process) -> str:
    assert process.stderr
    async with asyncio.timeout(TIMEOUT):
        async for line in process.stderr:
            if b"BiDi listening on" in line:
                return line.decode().split()[-1]
    raise RuntimeError("Firefox did not start")


async def _drain(process: Process) -> None:
    """So that a talkative browser does not wait for a reader."""
    assert process.stderr
    while await process.stderr.read(4096):
        pass


async def _first_tab(bidi: Bidi) -> FirefoxPage:
    await bidi.command("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
    await bidi.command("script.addPreloadScript", functionDeclaration=f"() => {probe_script()}")
    tree = await bidi.command("browsingContext.getTree")
    return FirefoxPage(bidi, tree["contexts"][0]["context"])


def _executable() -> str:
    for name in EXECUTABLES:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(f"browser tests need one of {', '.join(EXECUTABLES)}")
