"""Janus with its VideoRoom, as Debian packages it, spoken to over its WebSocket API.

Of the settings only those differ from Debian's that a run of its own needs: folders, ports, no
plug-ins that are not used, sessions that do not end while nobody asks for anything, a room without
a limit of bits/s; and where it is asked for, one event loop for everybody instead of a thread each.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiortc import RTCCertificate

from benchmarks.adapters.adapter import AdapterError, Place
from benchmarks.peer import MakeParticipant
from benchmarks.process import Process, run_process
from benchmarks.sdp import (
    Answer,
    Sending,
    build_answer,
    build_publishing_offer,
    parse_answer,
)
from benchmarks.server import START_TIMEOUT, free_port
from benchmarks.transport import OnMedia, Profile, Role, Transport

JsonObject = dict[str, Any]

_ROOM: Final = 1
_PUBLISHER: Final = 1
"""The id our publisher asks for, so that subscribers need not look for it."""
_TIMEOUT: Final = 15.0
"""Seconds for anything Janus is asked for."""
_LIBRARIES: Final = {"plugins": "libjanus_videoroom.so", "transports": "libjanus_websockets.so"}
_EMPTY: Final = ("events", "loggers")
_CORE: Final = """\
general: {{
    plugins_folder = "{folder}/plugins"
    transports_folder = "{folder}/transports"
    events_folder = "{folder}/events"
    loggers_folder = "{folder}/loggers"
    debug_colors = false
    session_timeout = 0
    {event_loops}
}}
media: {{ rtp_port_range = "10000-29999" }}
nat: {{ ice_enforce_list = "{host}" }}
"""
_WEBSOCKETS: Final = """\
general: {{
    ws = true
    ws_ip = "127.0.0.1"
    ws_port = {port}
}}
"""
_VIDEOROOM: Final = f"""\
room-{_ROOM}: {{
    publishers = 1
    bitrate = 0
    audiocodec = "opus"
    videocodec = "vp8"
}}
"""


@dataclass(frozen=True, slots=True)
class Janus:
    event_loops: int | None = None
    """Threads that serve everybody; None, Debian's setting: one for each participant."""

    @contextlib.contextmanager
    def serve(self, place: Place) -> Iterator[RunningJanus]:
        binary = _binary()
        port = free_port()
        self._configure(place, port)
        command: list[str | Path] = [binary, f"--configs-folder={place.folder}"]
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        log = place.folder.with_suffix(".log")
        with run_process(command, environment, place.server_cpus, log) as process:
            _await_port(process, port)
            name = f"janus {_version(binary)}"
            if self.event_loops is not None:
                name += f" (event_loops={self.event_loops})"
            yield RunningJanus(process.pid, name, f"http://127.0.0.1:{port}")

    def participant(self, host: str, profile: Profile) -> MakeParticipant:
        return functools.partial(JanusPeer, host=host, profile=profile)

    def _configure(self, place: Place, port: int) -> None:
        folder = place.folder
        for kind, library in _LIBRARIES.items():
            (folder / kind).mkdir()
            (folder / kind / library).symlink_to(_installed(f"{kind}/{library}"))
        for kind in _EMPTY:
            (folder / kind).mkdir()
        loops = "" if self.event_loops is None else f"event_loops = {self.event_loops}"
        core = _CORE.format(folder=folder, host=place.host, event_loops=loops)
        (folder / "janus.jcfg").write_text(core)
        (folder / "janus.transport.websockets.jcfg").write_text(_WEBSOCKETS.format(port=port))
        (folder / "janus.plugin.videoroom.jcfg").write_text(_VIDEOROOM)


class RunningJanus(Process):
    def __init__(self, pid: int, name: str, url: str) -> None:
        super().__init__(pid)
        self.name = name
        self.url = url

    def create_meeting(self) -> str:
        """The one its configuration says."""
        return str(_ROOM)


class JanusPeer:
    """A `benchmarks.peer.Participant` of a VideoRoom: a publisher offers, a subscriber is offered
    what the publisher sends. Janus does ICE in full."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        certificate: RTCCertificate,
        on_media: OnMedia,
        host: str,
        profile: Profile,
    ) -> None:
        self.transport = Transport(certificate, on_media, profile)
        self._http = http
        self._host = host

    async def enter(self, meeting: str, name: str) -> None:
        self._room = {"room": int(meeting), "display": name}
        self._handle = await Handle.attach(self._http)

    async def connect(self, sending: Sending | None = None) -> Answer:
        address = self.transport.bind(self._host)
        if sending is None:
            remote = await self._subscribe(address)
        else:
            remote = await self._join_as_publisher(address, sending)
        await self._handle.connected()
        return remote

    async def publish(self) -> None:
        """Janus lets everybody have what it is sent."""

    async def leave(self) -> None:
        await self._handle.detach()
        await self.transport.close()

    async def _join_as_publisher(self, address: tuple[str, int], sending: Sending) -> Answer:
        join = {"request": "joinandconfigure", "ptype": "publisher", "id": _PUBLISHER}
        offer = build_publishing_offer(self.transport.local, address, sending)
        sdp = await self._handle.negotiate(join | self._room, {"type": "offer", "sdp": offer})
        answer = parse_answer(sdp)
        role: Role = "server" if answer.setup == "active" else "client"
        await self.transport.connect(answer.credentials, answer.address, role=role)
        return answer

    async def _subscribe(self, address: tuple[str, int]) -> Answer:
        join = {"request": "join", "ptype": "subscriber", "streams": [{"feed": _PUBLISHER}]}
        sdp = await self._handle.negotiate(join | {"room": self._room["room"]})
        offer = parse_answer(sdp)
        answer = build_answer(sdp, self.transport.local, address)
        await self._handle.message({"request": "start"}, {"type": "answer", "sdp": answer})
        await self.transport.connect(
            offer.credentials, offer.address, controlling=False, role="server"
        )
        return offer


class Handle:
    """A plug-in handle in a session of its own, on a connection of its own; one request at a time,
    so that what comes between a request and its outcome is not for us."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._ids: dict[str, int] = {}

    @classmethod
    async def attach(cls, http: aiohttp.ClientSession) -> Handle:
        handle = cls(await http.ws_connect("/", protocols=["janus-protocol"]))
        created = await handle._ask({"janus": "create"})
        handle._ids["session_id"] = created["data"]["id"]
        attached = await handle._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        handle._ids["handle_id"] = attached["data"]["id"]
        return handle

    async def message(self, body: JsonObject, jsep: JsonObject | None = None) -> JsonObject:
        """What the plug-in answers, `jsep` in it if it negotiates."""
        request: JsonObject = {"janus": "message", "body": body}
        return await self._ask(request if jsep is None else request | {"jsep": jsep})

    async def negotiate(self, body: JsonObject, jsep: JsonObject | None = None) -> str:
        """The SDP of the plug-in's answer."""
        event = await self.message(body, jsep)
        return str(event["jsep"]["sdp"])

    async def connected(self) -> None:
        """Returns when Janus says so: a publisher is nobody's feed before."""
        while (await self._receive())["janus"] != "webrtcup":
            pass

    async def detach(self) -> None:
        await self._ask({"janus": "destroy"})
        await self._socket.close()

    async def _ask(self, request: JsonObject) -> JsonObject:
        transaction = str(next(self._numbers))
        await self._socket.send_json({**request, **self._ids, "transaction": transaction})
        while True:
            message = await self._receive()
            if message.get("transaction") == transaction and message["janus"] != "ack":
                return checked(message)

    async def _receive(self) -> JsonObject:
        message: JsonObject = await self._socket.receive_json(timeout=_TIMEOUT)
        return message


def checked(message: JsonObject) -> JsonObject:
    """The outcome of a request, if it is none of both kinds of error; raises AdapterError."""
    if message["janus"] == "error":
        error = message["error"]
        raise AdapterError(f"janus: {error['code']} {error['reason']}")
    data = message.get("plugindata", {}).get("data", {})
    if "error" in data:
        raise AdapterError(f"janus VideoRoom: {data['error_code']} {data['error']}")
    return message


def _binary() -> Path:
    found = shutil.which("janus")
    if found is None:
        raise AdapterError("janus is not installed (Debian: apt-get install janus)")
    return Path(found)


def _installed(library: str) -> Path:
    for path in Path("/usr/lib").glob(f"*/janus/{library}"):
        return path
    raise AdapterError(f"janus has no {library} (Debian: apt-get install janus)")


def _version(binary: Path) -> str:
    said = subprocess.run(  # noqa: S603
        [binary, "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\d+\.\d+\.\d+", said.stdout)
    return found[0] if found else "of unknown version"


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AdapterError("janus ended at once")
        with contextlib.suppress(ConnectionError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    raise AdapterError(f"janus did not start within {START_TIMEOUT:.0f} s")
