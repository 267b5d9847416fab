"""One guest in a meeting, over the server's public entries: HTTP, `/ws`, and media.

docs/signaling.md tells the protocol; of it this speaks what a participant without a screen needs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Protocol

import aiohttp
from aiortc import RTCCertificate

from benchmarks.sdp import (
    CAMERA,
    MICROPHONE,
    Answer,
    Sending,
    Slots,
    build_offer,
    parse_answer,
)
from benchmarks.signaling_client import JsonObject, SignalingClient, SignalingError
from benchmarks.transport import OnMedia, Profile, Transport


class Participant(Protocol):
    """What the load generator asks of one client of any server: `enter`, then `connect`, then
    `publish`, then `leave`."""

    transport: Transport

    async def enter(self, meeting: str, name: str) -> None:
        """Into the meeting; no media yet."""

    async def connect(self, sending: Sending | None = None) -> Answer:
        """Offer, answer, ICE and DTLS; media can flow when this returns."""
        ...

    async def publish(self) -> None:
        """Let everybody see and hear what is sent from now on."""

    async def leave(self) -> None: ...


MakeParticipant = Callable[[aiohttp.ClientSession, RTCCertificate, OnMedia], Participant]
"""The session's base is the server's address."""


class Peer:
    """A `Participant` of a Tertulia meeting."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        certificate: RTCCertificate,
        on_media: OnMedia,
        profile: Profile = "gcm",
        *,
        transport_cc: bool = False,
    ) -> None:
        """`transport_cc`: offer transport-wide feedback, which is for the caller to send."""
        self.on_message: Callable[[JsonObject], None] = lambda _: None
        """Called with everything the server tells."""
        self.relay: tuple[str, int] | None = None
        """Send there instead of to the server's own address."""
        self._http = http
        self._transport_cc = transport_cc
        self._tasks: set[asyncio.Task[object]] = set()
        self.transport = Transport(certificate, on_media, profile)

    async def enter(self, meeting: str, name: str) -> None:
        async with self._http.post(f"/meetings/{meeting}/guests", json={"name": name}) as response:
            response.raise_for_status()
            self._token = (await response.json())["token"]
        self._signaling = await SignalingClient.connect(self._http, "/ws")
        self._signaling.on_message = self._told
        session = await self._signaling.authenticate(self._token)
        self._start(self._stay_awake(session["heartbeat"]))
        joined = (await self._signaling.request("join", meeting_id=meeting))["joined"]
        self.participants: list[JsonObject] = joined["participants"]
        self.conversation_id: int | None = joined["conversation_id"]
        self._slots = Slots(joined["policy"]["audio_slots"], joined["policy"]["video_slots"])

    async def connect(self, sending: Sending | None = None) -> Answer:
        offer = build_offer(
            self.transport.local, self._slots, sending, transport_cc=self._transport_cc
        )
        result = await self._signaling.request("offer", sdp=offer)
        answer = parse_answer(result["sdp"])
        await self.transport.connect(answer.credentials, self.relay or answer.address)
        return answer

    async def request(self, type_: str, **fields: object) -> JsonObject:
        """Anything else of docs/signaling.md."""
        return await self._signaling.request(type_, **fields)

    async def lose_connection(self) -> bool:
        """The one to `/ws`, and reconnect; False: the server has forgotten the session."""
        return await self._signaling.resume(self._token)

    async def publish(self) -> None:
        for source, mid in (("microphone", MICROPHONE), ("camera", CAMERA)):
            await self._signaling.request("publish", source=source, mid=mid)

    async def leave(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await self._signaling.request("leave")
        await self._signaling.close()
        await self.transport.close()

    async def vanish(self) -> None:
        """Without a word."""
        for task in tuple(self._tasks):
            task.cancel()
        await self.transport.close()
        await self._signaling.close()

    def _told(self, message: JsonObject) -> None:
        """Nothing is shown, so whatever slots carry may change at once."""
        self.on_message(message)
        if message["type"] == "slots":
            self._start(self._acknowledge(message["revision"]))

    async def _acknowledge(self, revision: object) -> None:
        with contextlib.suppress(SignalingError):  # it has left meanwhile
            await self._signaling.request("slots_applied", revision=revision)

    async def _stay_awake(self, heartbeat: float) -> None:
        while True:
            await asyncio.sleep(heartbeat)
            if self._signaling.connected:
                await self._signaling.request("ping")

    def _start(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
