"""What the packet path alone keeps in memory for each who publishes or watches.

A process that runs an engine by its interface (`handle`), in virtual time and without sockets: what
it grows by is the engine's, SRTP sessions and packets kept for retransmission included. The only
part of the benchmarks that knows the server from inside.
"""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks import sdp
from benchmarks.library import key_size, outbound
from benchmarks.media import Audio, Video
from benchmarks.process import Process
from benchmarks.traffic import Traffic, chromium
from benchmarks.worker import Worker
from sfu.engine.choose import choose
from sfu.engine.interface import (
    Codec,
    Datagram,
    Engine,
    Extension,
    Kind,
    Path,
    PayloadTypes,
    Route,
    SinkId,
    SinkParameters,
    SourceId,
    SourceParameters,
    SrtpKeys,
    SrtpProfile,
    TransportId,
)
from sfu.policy import DEFAULT_POLICY

PUBLISHERS: Final = 20
SUBSCRIBERS: Final = 200
_STEP: Final = 1 / 30
_SECONDS: Final = 4.0
"""Virtual; after them an engine keeps as many packets as it ever will."""
_EXTENSIONS: Final = {
    Extension.AUDIO_LEVEL: sdp.AUDIO_LEVEL_ID,
    Extension.ABS_SEND_TIME: sdp.ABS_SEND_TIME_ID,
    Extension.MID: sdp.MID_ID,
}
_TYPES: Final[Mapping[Kind, Mapping[Codec, PayloadTypes]]] = {
    Kind.AUDIO: {Codec.OPUS: PayloadTypes(sdp.OPUS)},
    Kind.VIDEO: {Codec.VP8: PayloadTypes(sdp.VP8, sdp.VP8_RTX)},
}
_SLOTS: Final = {Kind.AUDIO: DEFAULT_POLICY.audio_slots, Kind.VIDEO: DEFAULT_POLICY.video_slots}
_KEY: Final = bytes(key_size("gcm"))


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """KiB by which a process that only runs the engine grows."""

    engine: str
    publishers: int
    subscribers: int
    per_publisher: float
    """Who sends a voice and one layer of a camera."""
    per_subscriber: float
    """With all slots of the default policy, one of each kind in use."""


def measure(engine: str, cpu: int) -> EngineMemory:
    with Worker(partial(_Growth, engine), [cpu]) as worker:
        return worker.call(_Growth.measure)


class _Sender:
    """One publisher's packets, protected."""

    def __init__(self, number: int, traffic: Traffic) -> None:
        self.audio = Audio(2 * number + 1, traffic.audio)
        self.video = Video(2 * number + 2, traffic.frames)
        self.path = Path("127.0.0.1", 10_000 + number, "")
        self._session = outbound("gcm", _KEY)

    def batch(self, keyframe: bool) -> list[Datagram]:
        packets = [self.audio.packet(), *self.video.frame(keyframe)]
        return [Datagram(self.path, self._session.protect(packet)) for packet in packets]


class _Growth:
    """An actor of `worker.Worker`."""

    def __init__(self, engine: str) -> None:
        choice = choose(engine)
        self._name = choice.name
        self._engine: Engine = choice.make(0.0)
        self._now = 0.0
        self._transports = 0
        self._sources: list[dict[Kind, SourceId]] = []
        self._sinks = 0
        self._process = Process(os.getpid())

    async def measure(self) -> EngineMemory:
        """The first of each pays for what all share."""
        senders = [_Sender(number, chromium()) for number in range(PUBLISHERS + 1)]
        self._publish(senders[0])
        self._watch()
        self._run(senders[:1])
        before = self._rss()
        for sender in senders[1:]:
            self._publish(sender)
        self._run(senders)
        published = self._rss()
        for _ in range(SUBSCRIBERS):
            self._watch()
        self._run(senders)
        watched = self._rss()
        return EngineMemory(
            engine=self._name,
            publishers=PUBLISHERS,
            subscribers=SUBSCRIBERS,
            per_publisher=(published - before) / PUBLISHERS,
            per_subscriber=(watched - published) / SUBSCRIBERS,
        )

    def _publish(self, sender: _Sender) -> None:
        transport = self._open_transport(sender.path)
        sources: dict[Kind, SourceId] = {}
        for kind, stream in ((Kind.AUDIO, sender.audio.stream), (Kind.VIDEO, sender.video.stream)):
            sources[kind] = SourceId(2 * len(self._sources) + len(sources) + 1)
            mid = sdp.MICROPHONE if kind is Kind.AUDIO else sdp.CAMERA
            nack = kind is Kind.VIDEO
            parameters = SourceParameters(
                transport, kind, mid, _TYPES[kind], ssrc=stream.ssrc, nack=nack
            )
            self._engine.open_source(sources[kind], parameters)
        self._sources.append(sources)

    def _watch(self) -> None:
        """The first publisher, with one slot of each kind."""
        transport = self._open_transport(Path("127.0.0.1", 20_000 + self._transports, ""))
        for kind, slots in _SLOTS.items():
            sinks = [self._open_sink(transport, kind) for _ in range(slots)]
            self._engine.route([Route(sinks[0], self._sources[0][kind])])

    def _open_transport(self, path: Path) -> TransportId:
        self._transports += 1
        transport = TransportId(self._transports)
        self._engine.open_transport(transport, [f"ufrag{transport}"], _EXTENSIONS)
        self._engine.validate_path(transport, path)
        self._engine.select_path(transport, path)
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, receive=_KEY, send=_KEY)
        self._engine.start_srtp(transport, keys)
        return transport

    def _open_sink(self, transport: TransportId, kind: Kind) -> SinkId:
        self._sinks += 1
        sink = SinkId(self._sinks)
        video = kind is Kind.VIDEO
        parameters = SinkParameters(
            transport,
            kind,
            ssrc=2 * self._sinks,
            cname="benchmark",
            payload_types=_TYPES[kind],
            extensions=_EXTENSIONS,
            rtx_ssrc=2 * self._sinks + 1 if video else None,
        )
        self._engine.open_sink(sink, parameters)
        return sink

    def _run(self, senders: list[_Sender]) -> None:
        """Until nothing grows any more; begins with a keyframe."""
        end = self._now + _SECONDS
        keyframe = True
        while self._now < end:
            for sender in senders:
                self._engine.handle(self._now, sender.batch(keyframe))
            self._now += _STEP
            keyframe = False

    def _rss(self) -> int:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return self._process.rss()


def as_table(memory: EngineMemory) -> str:
    return (
        f"{memory.engine} engine alone, KiB of RSS\n"
        f"  per publisher ({memory.publishers} of them)    {memory.per_publisher:.0f}\n"
        f"  per subscriber ({memory.subscribers} of them)  {memory.per_subscriber:.1f}"
    )
