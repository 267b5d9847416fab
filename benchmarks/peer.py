"""One guest in a meeting, over the server's public entries: HTTP, `/ws`, and media.

docs/signaling.md tells the protocol; of it this speaks what a participant without a screen needs.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import aiohttp
from aiortc import RTCCertificate

from benchmarks.sdp import Answer, Sending, Slots, build_offer, parse_answer
from benchmarks.transport import OnMedia, Transport

Json = dict[str, Any]


class RefusedError(Exception):
    """The server answered a request with an error."""


class Peer:
    """`enter`, then `connect`, then `publish`, then `leave`."""

    def __init__(
        self, http: aiohttp.ClientSession, certificate: RTCCertificate, on_media: OnMedia
    ) -> None:
        self._http = http
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Json]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.transport = Transport(certificate, on_media)

    async def enter(self, meeting: str, name: str) -> None:
        """Into the meeting, as everybody in it can see; no media yet."""
        async with self._http.post(f"/meetings/{meeting}/guests", json={"name": name}) as response:
            response.raise_for_status()
            token = (await response.json())["token"]
        self._socket = await self._http.ws_connect("/ws")
        self._tasks.append(asyncio.create_task(self._read()))
        session = await self._request("authenticate", token=token)
        self._tasks.append(asyncio.create_task(self._stay_awake(session["heartbeat"])))
        joined = (await self._request("join", meeting_id=meeting))["joined"]
        self._slots = Slots(joined["policy"]["audio_slots"], joined["policy"]["video_slots"])

    async def connect(self, sending: Sending | None = None) -> Answer:
        """Offer, answer, ICE and DTLS; media can flow when this returns."""
        offer = build_offer(self.transport.local, self._slots, sending)
        answer = parse_answer((await self._request("offer", sdp=offer))["sdp"])
        await self.transport.connect(answer.credentials, answer.address)
        return answer

    async def publish(self, source: str, mid: str) -> None:
        await self._request("publish", source=source, mid=mid)

    async def leave(self) -> None:
        await self._request("leave")
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
        await self.transport.close()

    async def _request(self, kind: str, **fields: object) -> Json:
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"type": kind, "id": number, **fields})
        try:
            return await asyncio.wait_for(reply, 15)
        finally:
            del self._replies[number]

    async def _read(self) -> None:
        async for message in self._socket:
            received = message.json()
            if received["type"] in ("reply", "error"):
                self._settle(received)
            elif received["type"] == "slots":
                await self._socket.send_json(
                    {
                        "type": "slots_applied",
                        "id": next(self._ids),
                        "revision": received["revision"],
                    }
                )
        for reply in self._replies.values():
            reply.set_exception(ConnectionError("the server closed /ws"))

    def _settle(self, received: Json) -> None:
        reply = self._replies.get(received["id"])
        if reply is None or reply.done():
            return
        if received["type"] == "reply":
            reply.set_result(received["result"])
        else:
            reply.set_exception(RefusedError(received["error"]["message"]))

    async def _stay_awake(self, heartbeat: float) -> None:
        while True:
            await asyncio.sleep(heartbeat)
            await self._request("ping")
