"""What is said to Janus, against a script of what Janus says; Janus itself is not needed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiortc import RTCCertificate

from benchmarks.adapters.adapter import AdapterError, Place
from benchmarks.adapters.janus import Handle, Janus, JanusPeer, checked
from benchmarks.publisher import SENDING
from benchmarks.sdp import build_answer, build_publishing_offer, parse_answer
from benchmarks.transport import Transport

HOST = "127.0.0.1"
JsonObject = dict[str, Any]


class ScriptedJanus:
    """One connection's worth of Janus: sessions, one handle, and a transport that is `active`."""

    def __init__(self) -> None:
        self.heard: list[JsonObject] = []
        self.transport = Transport(RTCCertificate.generateCertificate(), lambda *_: None)
        self._address = self.transport.bind(HOST)
        self._socket = web.WebSocketResponse(protocols=["janus-protocol"])
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        await self._socket.prepare(request)
        async for message in self._socket:
            heard = message.json()
            self.heard.append(heard)
            await self._answer(heard)
        return self._socket

    async def _answer(self, heard: JsonObject) -> None:
        transaction = heard["transaction"]
        if heard["janus"] == "message":
            await self._say("ack", transaction=transaction)
            await self._say("media", type="audio", receiving=True)
            await self._plugin(heard, transaction)
            return
        numbers = {"create": 77, "attach": 88}
        data = {"id": numbers.get(heard["janus"])}
        await self._say("success", transaction=transaction, data=data)

    async def _plugin(self, heard: JsonObject, transaction: str) -> None:
        match heard["body"]["request"]:
            case "joinandconfigure":
                offer = heard["jsep"]["sdp"]
                answer = build_answer(offer, self.transport.local, self._address)
                answer = answer.replace("a=setup:passive", "a=setup:active")
                jsep = {"type": "answer", "sdp": answer}
                await self._event(transaction, jsep=jsep)
                self._connect(offer, controlling=False)
            case "join":
                offer = build_publishing_offer(self.transport.local, self._address, SENDING)
                await self._event(transaction, jsep={"type": "offer", "sdp": offer})
            case "start":
                await self._event(transaction)
                self._connect(heard["jsep"]["sdp"], controlling=True)

    def _connect(self, sdp: str, *, controlling: bool) -> None:
        remote = parse_answer(sdp)

        async def connect() -> None:
            await self.transport.connect(
                remote.credentials, remote.address, controlling=controlling, role="client"
            )
            await self._say("webrtcup", sender=88)

        self._tasks.add(asyncio.create_task(connect()))

    async def _event(self, transaction: str, **fields: object) -> None:
        data = {"videoroom": "event"}
        await self._say("event", transaction=transaction, plugindata={"data": data}, **fields)

    async def _say(self, kind: str, **fields: object) -> None:
        await self._socket.send_json({"janus": kind, **fields})


@asynccontextmanager
async def connection() -> AsyncIterator[tuple[ScriptedJanus, aiohttp.ClientSession]]:
    janus = ScriptedJanus()
    app = web.Application()
    app.router.add_get("/", janus.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    host, port = runner.addresses[0]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
        yield janus, http
    await runner.cleanup()


def run(
    test: Callable[[ScriptedJanus, aiohttp.ClientSession], Coroutine[None, None, None]],
) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30), connection() as (janus, http):
            await test(janus, http)

    asyncio.run(bounded())


def peer(http: aiohttp.ClientSession) -> JanusPeer:
    certificate = RTCCertificate.generateCertificate()
    return JanusPeer(http, certificate, lambda *_: None, HOST, "gcm")


def test_a_publisher_offers_and_is_connected() -> None:
    async def publish(janus: ScriptedJanus, http: aiohttp.ClientSession) -> None:
        publisher = peer(http)
        await publisher.enter("1", "publisher")
        answer = await publisher.connect(SENDING)
        assert answer.credentials == janus.transport.local
        packet = publisher.transport.outbound.protect(bytes.fromhex("80600001000000020000beef00"))
        assert janus.transport.inbound.unprotect(packet).endswith(b"\0")
        await publisher.leave()
        create, attach, join, destroy = janus.heard
        assert create["janus"] == "create"
        assert attach["plugin"] == "janus.plugin.videoroom"
        assert attach["session_id"] == 77
        assert join["handle_id"] == 88
        assert join["body"]["ptype"] == "publisher"
        assert join["body"]["room"] == 1
        assert join["jsep"]["type"] == "offer"
        assert destroy["janus"] == "destroy"
        await janus.transport.close()

    run(publish)


def test_a_subscriber_is_offered_and_answers() -> None:
    async def subscribe(janus: ScriptedJanus, http: aiohttp.ClientSession) -> None:
        subscriber = peer(http)
        await subscriber.enter("1", "subscriber")
        offer = await subscriber.connect()
        assert offer.media_ssrcs == {SENDING.audio_ssrc, SENDING.video_ssrc}
        join, start = janus.heard[2:]
        assert join["body"]["ptype"] == "subscriber"
        assert start["jsep"]["type"] == "answer"
        assert start["jsep"]["sdp"].count("a=recvonly") == 2
        await subscriber.leave()
        await janus.transport.close()

    run(subscribe)


def test_transactions_are_told_apart() -> None:
    async def ask_twice(janus: ScriptedJanus, http: aiohttp.ClientSession) -> None:
        handle = await Handle.attach(http)
        await handle.message({"request": "join"})
        await handle.detach()
        transactions = [heard["transaction"] for heard in janus.heard]
        assert len(set(transactions)) == 4
        await janus.transport.close()

    run(ask_twice)


def test_both_kinds_of_error_are_told() -> None:
    assert checked({"janus": "success"}) == {"janus": "success"}
    with pytest.raises(AdapterError, match="458 No such session"):
        checked({"janus": "error", "error": {"code": 458, "reason": "No such session"}})
    data = {"videoroom": "event", "error_code": 428, "error": "No such feed"}
    with pytest.raises(AdapterError, match="428 No such feed"):
        checked({"janus": "event", "plugindata": {"data": data}})


def test_where_it_is_not_installed_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    place = Place(tmp_path, HOST, [0], [0])
    with pytest.raises(AdapterError, match="apt-get install janus"), Janus().serve(place):
        pass


@pytest.mark.parametrize("loops", [None, 1])
def test_its_configuration(loops: int | None, tmp_path: Path, stand_in: Path) -> None:
    """A stand-in for the binary answers its port, and shows what it was given."""
    folder = tmp_path / "janus"
    folder.mkdir()
    with Janus(loops).serve(Place(folder, "10.99.0.1", [0], [0])) as running:
        core = (folder / "janus.jcfg").read_text()
        websockets = (folder / "janus.transport.websockets.jcfg").read_text()
        port = running.url.rpartition(":")[2]
        assert running.name == "janus 9.8.7" + (" (event_loops=1)" if loops else "")
        assert running.create_meeting() == "1"
        assert running.rss() > 0
    assert ("event_loops = 1" in core) is (loops == 1)
    assert 'ice_enforce_list = "10.99.0.1"' in core
    assert re.search(rf"ws_port = {port}$", websockets, re.MULTILINE)
    for line in core.splitlines():
        if "_folder" in line:
            assert str(folder) in line
    assert (folder / "plugins/libjanus_videoroom.so").resolve() == stand_in


STAND_IN = """\
#!{python}
import re, socket, sys, time
if sys.argv[1] == "--version":
    sys.exit(print("janus 9.8.7"))
folder = sys.argv[1].removeprefix("--configs-folder=")
settings = open(folder + "/janus.transport.websockets.jcfg").read()
listening = socket.create_server(("127.0.0.1", int(re.search(r"ws_port = (\\d+)", settings)[1])))
time.sleep(60)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    binary = tmp_path / "bin" / "janus"
    binary.parent.mkdir()
    binary.write_text(STAND_IN.format(python=sys.executable))
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(binary.parent))
    monkeypatch.setattr("benchmarks.adapters.janus._installed", lambda _: binary)
    return binary
