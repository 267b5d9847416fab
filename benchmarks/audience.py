"""Many who keep their microphones open and watch: their packets are read and counted in C, and a
sample is decrypted. They report as the subscribers of `forward` do, and leave transport-wide
feedback to real browsers."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiortc import RTCCertificate

from benchmarks import sdp
from benchmarks.conversation import Conversation, level
from benchmarks.media import Audio
from benchmarks.peer import Peer
from benchmarks.receivers import Counts, Receivers
from benchmarks.repeat import repeat
from benchmarks.subscribers import Subscriber
from benchmarks.traffic import AUDIO_PACKETS_PER_SECOND, AUDIO_SIZE

POLL: Final = 0.005
"""Seconds between looks at the sockets."""
_SSRC: Final = 0x1001
_GROUPS: Final = 10
"""Microphones send in so many groups, evenly spread over 20 ms."""
_SIZE: Final = {"width": 320, "height": 180}


@dataclass(frozen=True, slots=True)
class Heard:
    """What one of them got so far, in packets."""

    audio: int
    video: int
    pictures: int
    """Video slots on which anything came."""


class Audience:
    """An actor of `worker.Worker`."""

    def __init__(self) -> None:
        self._listeners: list[Subscriber] = []
        self._audio_ssrcs: list[set[int]] = []
        self._microphones: list[Audio] = []
        self._receivers = Receivers(self._control, joined=True, marked=False)
        self._tasks: list[asyncio.Task[None]] = []

    async def join(
        self, url: str, meeting: str, count: int, tracks: Sequence[str], visible: int, seed: int
    ) -> None:
        """One after another; each shows `visible` of the tracks, small."""
        self._http = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0))
        certificate = RTCCertificate.generateCertificate()
        draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._tasks = [
            asyncio.create_task(repeat(lambda: POLL, self._receivers.drain)),
            asyncio.create_task(self._report()),
        ]
        for number in range(count):
            listener = Subscriber(Peer, self._http, certificate)
            await self._let_in(listener, meeting, f"listener {number}")
            shown = draw.sample(list(tracks), min(visible, len(tracks)))
            await _peer(listener).request("view", tracks=[{"track_id": t, **_SIZE} for t in shown])

    async def converse(self, conversation: Conversation, first: int, began: float) -> None:
        """Open the microphones; `first` is the number of the first of us among the people, `began`
        when the conversation did (time.monotonic)."""
        for group in range(_GROUPS):
            delay = group / _GROUPS / AUDIO_PACKETS_PER_SECOND
            members = range(group, len(self._listeners), _GROUPS)
            work = self._talk(conversation, first, began, members, delay)
            self._tasks.append(asyncio.create_task(work))

    async def heard(self) -> list[Heard]:
        return [self._heard(number) for number in range(len(self._listeners))]

    async def counts(self) -> Counts:
        return self._receivers.counts()

    async def sample(self, every: int) -> None:
        """Decrypt one packet of so many."""
        self._receivers.sample(every)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        for listener in self._listeners:
            await listener.peer.leave()
        self._receivers.close()
        await self._http.close()

    async def _let_in(self, listener: Subscriber, meeting: str, name: str) -> None:
        peer = _peer(listener)
        await peer.enter(meeting, name)
        self._listeners.append(listener)
        self._audio_ssrcs.append(await listener.connect(self._receivers))
        await peer.request("publish", source="microphone", mid=sdp.MICROPHONE)
        self._microphones.append(Audio(_SSRC, [AUDIO_SIZE]))

    async def _talk(
        self,
        conversation: Conversation,
        first: int,
        began: float,
        members: Sequence[int],
        delay: float,
    ) -> None:
        await asyncio.sleep(delay)

        def send() -> None:
            now = time.monotonic() - began
            talking = conversation.talking(now)
            for member in members:
                packet = self._microphones[member].packet(level(first + member, now, talking))
                transport = self._listeners[member].peer.transport
                transport.send(transport.outbound.protect(packet))

        await repeat(lambda: 1 / AUDIO_PACKETS_PER_SECOND, send)

    def _heard(self, number: int) -> Heard:
        streams = self._receivers.streams(number)
        sounds = [s for s in streams if s.ssrc in self._audio_ssrcs[number]]
        pictures = [s for s in streams if s.ssrc not in self._audio_ssrcs[number]]
        return Heard(
            sum(stream.packets for stream in sounds),
            sum(stream.packets for stream in pictures),
            len(pictures),
        )

    def _control(self, number: int, data: bytes) -> None:
        self._listeners[number].peer.transport.control(data)

    async def _report(self) -> None:
        """Each once a second, evenly spread, as far as they have come in."""
        while True:
            ready = self._listeners[: len(self._audio_ssrcs)]
            for listener in ready:
                await asyncio.sleep(1 / len(ready))
                listener.report(self._receivers.streams(listener.number))
            if not ready:
                await asyncio.sleep(POLL)


def _peer(listener: Subscriber) -> Peer:
    assert isinstance(listener.peer, Peer)  # noqa: S101 - for the type checker
    return listener.peer
