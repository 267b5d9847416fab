"""A stock aiortc client: the offer of a browser's page, made by somebody else's WebRTC.

Each peer sends a picture of one grey level and a tone, so a receiver can tell whose they are.
"""

from __future__ import annotations

import asyncio
import fractions
import math
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame
from av.frame import Frame

from sfu.engine.interface import Kind
from sfu.room import Answer, Participant, Publication, Room
from sfu.tracks import SlotsState, SlotState, TrackSource
from sfu.transport import TransportState
from tests.support.waiting import TIMEOUT, Waiting

WIDTH, HEIGHT = 160, 120
SAMPLE_RATE = 48_000
FRAME_SAMPLES = 960


@contextmanager
def loopback_candidates() -> Iterator[None]:
    """aioice leaves 127.0.0.1 out; here there is nothing else."""
    original = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = original


class GreyVideo(VideoStreamTrack):
    def __init__(self, grey: int) -> None:
        super().__init__()
        self._levels = (grey, 128, 128)

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, level in zip(frame.planes, self._levels, strict=True):
            plane.update(bytes([level]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    """A 20 ms frame of 400 Hz, again and again."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        turn = 2 * math.pi * 400 / SAMPLE_RATE
        wave = (round(8000 * math.sin(turn * step)) for step in range(FRAME_SAMPLES))
        self._samples = array("h", wave).tobytes()
        self._count = 0
        self._start = asyncio.get_running_loop().time()

    async def recv(self) -> Frame:
        loop = asyncio.get_running_loop()
        due = self._start + self._count * FRAME_SAMPLES / SAMPLE_RATE
        await asyncio.sleep(max(0.0, due - loop.time()))
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(self._samples)
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        frame.pts = self._count * FRAME_SAMPLES
        self._count += 1
        return frame


class Peer(Waiting):
    """Joins a room at once; `connect` does the rest. Close it."""

    def __init__(self, room: Room, name: str, grey: int, slots: int = 2) -> None:
        super().__init__()
        self.participant: Participant = room.join(name, self)
        self.states: list[tuple[TransportState, str | None]] = []
        self.slots = SlotsState(0, ())
        self.measured: Mapping[str, int] = {}
        # by default aiortc leaves all but one video m-line on a transport that bundling closed
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.pc.on("connectionstatechange", self.notify)
        self.pc.addTransceiver(Tone(), direction="sendonly")
        self.pc.addTransceiver(GreyVideo(grey), direction="sendonly")
        for kind in ("audio", "video") * slots:
            self.pc.addTransceiver(kind, direction="recvonly")

    # ParticipantListener

    def slots_changed(self, state: SlotsState) -> None:
        """Like the page: what is told is applied."""
        self.slots = state
        self.notify()
        self.participant.slots_applied(state.revision)

    def media_changed(self, state: TransportState, reason: str | None) -> None:
        self.states.append((state, reason))
        self.notify()

    def levels(self, levels: Mapping[str, int]) -> None:
        self.measured = levels
        self.notify()

    def encodings_changed(self, tracks: Mapping[str, Sequence[str]]) -> None: ...

    def speaker_changed(self, track_id: str | None, participant_id: str | None) -> None: ...

    # What a page does

    async def connect(self, change_answer: Callable[[str], str] = str) -> Answer:
        """Offer, apply the answer, and wait until media may flow."""
        answer = await self.negotiate(change_answer)
        await self.until(lambda: self.states[-1][0] == self.pc.connectionState == "connected")
        return answer

    async def negotiate(self, change_answer: Callable[[str], str] = str) -> Answer:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await self.participant.offer(self.pc.localDescription.sdp)
        await self.pc.setRemoteDescription(
            RTCSessionDescription(change_answer(answer.sdp), "answer")
        )
        return answer

    def publish(self, *sources: TrackSource) -> list[Publication]:
        """By default microphone and camera."""
        mids = {item.kind: item.mid or "" for item in self.pc.getTransceivers()[:2]}
        wanted = sources or (TrackSource.MICROPHONE, TrackSource.CAMERA)
        return [self.participant.publish(source, mids[source.kind]) for source in wanted]

    def slot_of(self, publication: Publication) -> SlotState | None:
        shown = (slot for slot in self.slots.slots if slot.track_id == publication.id)
        return next(shown, None)

    async def shows(self, publication: Publication) -> SlotState:
        """Wait until a slot carries it."""
        await self.until(lambda: self.slot_of(publication) is not None)
        return cast(SlotState, self.slot_of(publication))

    async def picture(self, slot: SlotState, grey: int) -> int:
        """Wait until a slot's picture has this grey level; returns how many frames had not."""
        track, others = self._receiving(slot, Kind.VIDEO), 0
        async with asyncio.timeout(TIMEOUT):
            while abs(luma(cast(VideoFrame, await track.recv())) - grey) > 8:
                others += 1
        return others

    async def sound(self, slot: SlotState) -> None:
        """Wait until a slot's sound is not silence."""
        track = self._receiving(slot, Kind.AUDIO)
        async with asyncio.timeout(TIMEOUT):
            while loudness(cast(AudioFrame, await track.recv())) < 1000:
                pass

    def _receiving(self, slot: SlotState, kind: Kind) -> MediaStreamTrack:
        assert slot.kind is kind
        found = next(item for item in self.pc.getTransceivers() if item.mid == slot.mid)
        return found.receiver.track

    async def close(self) -> None:
        self.participant.leave()
        await self.pc.close()


def luma(frame: VideoFrame) -> int:
    """Grey level of the middle."""
    plane = frame.planes[0]
    return bytes(plane)[plane.line_size * (frame.height // 2) + frame.width // 2]


def loudness(frame: AudioFrame) -> float:
    """Greatest amplitude, of 32767."""
    return max(map(abs, array("h", bytes(frame.planes[0]))))


@asynccontextmanager
async def closing(*peers: Peer) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for peer in peers:
            await peer.close()
