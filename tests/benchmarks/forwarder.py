"""A server that forwards, for tests of the load generator: nothing but the load generator's own
transports, one for each participant."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiortc import RTCCertificate

from benchmarks.adapters.adapter import AdapterError, Place
from benchmarks.peer import MakeParticipant
from benchmarks.process import Process
from benchmarks.publisher import SENDING
from benchmarks.sdp import Answer, Sending, build_answer, build_publishing_offer, parse_answer
from benchmarks.transport import OnMedia, Profile, Transport
from benchmarks.worker import Worker

HOST = "127.0.0.1"


class Forwarder:
    """An actor of `worker.Worker`."""

    async def start(self, drop_every: int) -> tuple[str, int]:
        """Address and process id. One packet of so many is not forwarded; 0: all are."""
        self._drop_every = drop_every
        self._packets = 0
        self._certificate = RTCCertificate.generateCertificate()
        self._subscribers: list[Transport] = []
        self._waiting: dict[int, Transport] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        app = web.Application()
        app.router.add_post("/publish", self._publish)
        app.router.add_post("/subscribe", self._subscribe)
        app.router.add_post("/answer", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        host, port = self._runner.addresses[0]
        return f"http://{host}:{port}", os.getpid()

    async def _publish(self, request: web.Request) -> web.Response:
        asked = await request.json()
        transport = Transport(self._certificate, self._received, asked["profile"])
        self._publisher = transport
        address = transport.bind(HOST)
        self._connect(transport, asked["sdp"])
        return web.json_response({"sdp": build_answer(asked["sdp"], transport.local, address)})

    async def _subscribe(self, request: web.Request) -> web.Response:
        asked = await request.json()
        transport = Transport(self._certificate, lambda *_: None, asked["profile"])
        number = len(self._waiting)
        self._waiting[number] = transport
        offer = build_publishing_offer(transport.local, transport.bind(HOST), SENDING)
        return web.json_response({"sdp": offer, "number": number})

    async def _answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        transport = self._waiting[asked["number"]]
        task = self._connect(transport, asked["sdp"])
        task.add_done_callback(lambda _: self._subscribers.append(transport))
        return web.json_response({})

    def _connect(self, transport: Transport, sdp: str) -> asyncio.Task[None]:
        remote = parse_answer(sdp)
        offered = remote.setup == "actpass"
        task = asyncio.create_task(
            transport.connect(
                remote.credentials,
                remote.address,
                controlling=not offered,
                role="server" if offered else "client",
            )
        )
        self._connecting.add(task)
        return task

    def _received(self, buffer: bytearray, size: int) -> None:
        if 192 <= buffer[1] < 224:  # RTCP
            return
        self._packets += 1
        if self._drop_every and self._packets % self._drop_every == 0:
            return
        plain = self._publisher.inbound.unprotect(bytes(buffer[:size]))
        for subscriber in self._subscribers:
            subscriber.send(subscriber.outbound.protect(plain))


class ForwarderPeer:
    """A `benchmarks.peer.Participant`."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        certificate: RTCCertificate,
        on_media: OnMedia,
        profile: Profile,
    ) -> None:
        self.transport = Transport(certificate, on_media, profile)
        self._http = http
        self._profile = profile

    async def enter(self, meeting: str, name: str) -> None:
        assert meeting == "the only one"

    async def connect(self, sending: Sending | None = None) -> Answer:
        address = self.transport.bind(HOST)
        if sending is None:
            return await self._subscribe(address)
        offer = build_publishing_offer(self.transport.local, address, sending)
        answer = parse_answer((await self._ask("/publish", {"sdp": offer}))["sdp"])
        await self.transport.connect(answer.credentials, answer.address)
        return answer

    async def publish(self) -> None:
        pass

    async def leave(self) -> None:
        await self.transport.close()

    async def _subscribe(self, address: tuple[str, int]) -> Answer:
        offered = await self._ask("/subscribe", {})
        offer = parse_answer(offered["sdp"])
        answer = build_answer(offered["sdp"], self.transport.local, address)
        await self._ask("/answer", {"number": offered["number"], "sdp": answer})
        await self.transport.connect(
            offer.credentials, offer.address, controlling=False, role="server"
        )
        return offer

    async def _ask(self, path: str, body: dict[str, object]) -> dict[str, str]:
        async with self._http.post(path, json={**body, "profile": self._profile}) as response:
            response.raise_for_status()
            result: dict[str, str] = await response.json()
        return result


class RunningForwarder(Process):
    def __init__(self, pid: int, name: str, url: str) -> None:
        super().__init__(pid)
        self.name = name
        self.url = url

    def create_meeting(self) -> str:
        return "the only one"


@dataclass(frozen=True, slots=True)
class ForwarderAdapter:
    name: str
    drop_every: int = 0
    broken: bool = False
    """Says so in its log and does not start."""

    @contextlib.contextmanager
    def serve(self, place: Place) -> Iterator[RunningForwarder]:
        place.folder.with_suffix(".log").write_text(f"{self.name} was here")
        (place.folder / "data").write_text("much")
        if self.broken:
            raise AdapterError("does not start")
        with Worker(Forwarder, place.server_cpus) as worker:
            url, pid = worker.call(Forwarder.start, self.drop_every)
            yield RunningForwarder(pid, self.name, url)

    def participant(self, host: str, profile: Profile) -> MakeParticipant:
        assert host == HOST
        return functools.partial(ForwarderPeer, profile=profile)
