"""A fake wire in virtual time: an engine and its peers, with loss and reordering by a seed.

Peers speak SRTP with sessions of their own, so what they decrypt is what a client would get.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pylibsrtp import Error, Policy, Session

from sfu.engine.interface import (
    Codec,
    Datagram,
    Engine,
    Event,
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
    Switch,
    TransportId,
)
from sfu.rtp import extensions, rtcp
from sfu.rtp.packet import RtpPacket, build, parse

E = TypeVar("E")

PROFILES = {
    SrtpProfile.AEAD_AES_128_GCM: (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    SrtpProfile.AEAD_AES_256_GCM: (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
    SrtpProfile.AES128_CM_SHA1_80: (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
}

PUBLISHED = {
    Codec.OPUS: PayloadTypes(111, red=112),
    Codec.VP8: PayloadTypes(96, 97),
    Codec.VP9: PayloadTypes(98, 99),
    Codec.H264: PayloadTypes(102, 103),
    Codec.AV1: PayloadTypes(45, 46),
}
"""Payload types publishers send with."""

SUBSCRIBED = {
    Codec.OPUS: PayloadTypes(63, red=64),
    Codec.VP8: PayloadTypes(100, 101),
    Codec.VP9: PayloadTypes(107, 108),
    Codec.H264: PayloadTypes(127, 121),
    Codec.AV1: PayloadTypes(35, 36),
}
"""Payload types subscribers receive with."""

PUBLISHED_EXTENSIONS = {
    Extension.MID: 4,
    Extension.RID: 10,
    Extension.REPAIRED_RID: 11,
    Extension.AUDIO_LEVEL: 1,
    Extension.ABS_SEND_TIME: 2,
    Extension.VIDEO_ORIENTATION: 13,
    Extension.DEPENDENCY_DESCRIPTOR: 8,
}
SUBSCRIBED_EXTENSIONS = {
    Extension.MID: 9,
    Extension.AUDIO_LEVEL: 5,
    Extension.ABS_SEND_TIME: 3,
    Extension.VIDEO_ORIENTATION: 7,
    Extension.DEPENDENCY_DESCRIPTOR: 12,
}

FRAME = 1 / 25
"""Seconds between video frames."""


def payload_types(published: bool, kind: Kind) -> dict[Codec, PayloadTypes]:
    table = PUBLISHED if published else SUBSCRIBED
    return {codec: types for codec, types in table.items() if codec.kind is kind}


class SrtpPeer:
    """The client's end of SRTP; `keys` are the engine's view of it."""

    def __init__(self, seed: int, profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM) -> None:
        number, size = PROFILES[profile]
        source = random.Random(seed)  # noqa: S311 - repeatable on purpose
        to_server, to_client = source.randbytes(size), source.randbytes(size)
        self.keys = SrtpKeys(profile, receive=to_server, send=to_client)
        self._out = Session(self._policy(to_server, Policy.SSRC_ANY_OUTBOUND, number))
        self._in = Session(self._policy(to_client, Policy.SSRC_ANY_INBOUND, number))

    @staticmethod
    def _policy(key: bytes, direction: int, number: int) -> Policy:
        policy = Policy(key, direction, 0, number)
        policy.window_size = 4096
        policy.allow_repeat_tx = True
        return policy

    def protect(self, packet: bytes) -> bytes:
        return self._out.protect(packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        return self._out.protect_rtcp(packet)

    def unprotect(self, data: bytes) -> bytes:
        return self._in.unprotect(data)

    def unprotect_rtcp(self, data: bytes) -> bytes:
        return self._in.unprotect_rtcp(data)


@dataclass
class Wire:
    """One engine, its peers, and the time."""

    engine: Engine
    now: float = 1000.0
    events: list[Event] = field(default_factory=list)
    peers: dict[Path, Peer] = field(default_factory=dict)
    wake_at: float | None = None
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def identifier(self) -> int:
        return next(self._serial)

    def transport_id(self) -> TransportId:
        return TransportId(self.identifier())

    def deliver(self, *datagrams: Datagram) -> list[Event]:
        """One `handle`; peers receive what is sent to them."""
        output = self.engine.handle(self.now, datagrams)
        self.wake_at = output.wake_at
        self.events.extend(output.events)
        for path, data in output.datagrams:
            if path in self.peers:
                self.peers[path].accept(data, self.now)
        return list(output.events)

    def advance(self, seconds: float) -> None:
        """Let time pass, waking the engine whenever it asked for it."""
        end = self.now + seconds
        while self.wake_at is not None and self.wake_at <= end:
            self.now = max(self.now, self.wake_at)
            self.deliver()
        self.now = end
        self.deliver()

    def seen(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def route(
        self,
        sink: SinkId,
        source: SourceId | None,
        switch: Switch = Switch.PARTICIPANT,
        paused: bool = False,
        spatial: int | None = None,
        temporal: int | None = None,
    ) -> None:
        """`spatial`, `temporal`: the highest layers."""
        self.engine.route([Route(sink, source, switch, paused, spatial, temporal)])
        self.deliver()


class Peer:
    """A client with a validated, selected path and keys."""

    def __init__(
        self,
        wire: Wire,
        extension_ids: dict[Extension, int],
        profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM,
    ) -> None:
        self.wire = wire
        number = wire.identifier()
        self.transport = TransportId(number)
        self.ufrag = f"ufrag{number}"
        self.path = Path(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 40000, "10.1.0.1")
        self.extension_ids = extension_ids
        self.srtp = SrtpPeer(number, profile)
        self.expect_repeats = False
        """The same datagram may come again: SRTP refuses it, which is no fault then."""
        self.received: list[RtpPacket] = []
        self.datagrams: list[bytes] = []
        self.feedback: list[rtcp.Packet] = []
        self.raw_feedback: list[bytes] = []
        engine = wire.engine
        engine.open_transport(self.transport, [self.ufrag], extension_ids)
        engine.validate_path(self.transport, self.path)
        engine.select_path(self.transport, self.path)
        engine.start_srtp(self.transport, self.srtp.keys)
        wire.peers[self.path] = self

    def accept(self, data: bytes, now: float) -> None:
        self.datagrams.append(data)
        if data[0] < 128:
            return  # STUN and DTLS are what the test itself gave the engine to send
        if rtcp.is_rtcp(data):
            plain = self.srtp.unprotect_rtcp(data)
            self.raw_feedback.append(plain)
            self.feedback.extend(rtcp.parse(plain))
            return
        try:
            self.received.append(parse(self.srtp.unprotect(data)))
        except Error as error:
            if self.expect_repeats:
                return
            raise AssertionError(f"the engine sent what cannot be decrypted: {error}") from error

    def datagram(self, packet: bytes) -> Datagram:
        return Datagram(self.path, self.srtp.protect(packet))

    def send(self, *packets: bytes) -> list[Event]:
        return self.wire.deliver(*(self.datagram(packet) for packet in packets))

    def send_rtcp(self, *compounds: bytes) -> list[Event]:
        return self.wire.deliver(
            *(Datagram(self.path, self.srtp.protect_rtcp(compound)) for compound in compounds)
        )

    def told(self, kind: type[E]) -> list[E]:
        """Feedback of one kind that came from the engine."""
        return [packet for packet in self.feedback if isinstance(packet, kind)]

    def clear(self) -> None:
        self.received.clear()
        self.datagrams.clear()
        self.feedback.clear()
        self.raw_feedback.clear()


class FakeSubscriber(Peer):
    """A receiver with slots."""

    def __init__(self, wire: Wire, profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM) -> None:
        super().__init__(wire, SUBSCRIBED_EXTENSIONS, profile)

    def ask_again(self, slot: Slot, *sequences: int) -> None:
        """NACK, in as many messages as it takes."""
        for start in range(0, len(sequences), 500):
            lost = sequences[start : start + 500]
            self.send_rtcp(rtcp.nack(1, slot.parameters.ssrc, lost))

    def lose_picture(self, slot: Slot) -> None:
        """PLI."""
        self.send_rtcp(rtcp.pli(1, slot.parameters.ssrc))

    def slot(
        self,
        kind: Kind = Kind.VIDEO,
        *,
        rtx: bool = True,
        red: bool = True,
        codecs: Iterable[Codec] | None = None,
        extension_ids: dict[Extension, int] | None = None,
    ) -> Slot:
        types = payload_types(published=False, kind=kind)
        if codecs is not None:
            types = {codec: types[codec] for codec in codecs}
        if not rtx:
            types = {codec: pair._replace(rtx=None) for codec, pair in types.items()}
        if not red:
            types = {codec: pair._replace(red=None) for codec, pair in types.items()}
        sink = SinkId(self.wire.identifier())
        ssrc = 0x5000_0000 + sink
        rtx_ssrc = ssrc + 0x1000_0000 if rtx and kind is Kind.VIDEO else None
        parameters = SinkParameters(
            self.transport,
            kind,
            ssrc,
            f"cname{self.transport}",
            types,
            SUBSCRIBED_EXTENSIONS if extension_ids is None else extension_ids,
            rtx_ssrc,
        )
        self.wire.engine.open_sink(sink, parameters)
        return Slot(self, sink, parameters)


@dataclass(frozen=True)
class Slot:
    subscriber: FakeSubscriber
    id: SinkId
    parameters: SinkParameters

    @property
    def packets(self) -> list[RtpPacket]:
        return [
            packet for packet in self.subscriber.received if packet.ssrc == self.parameters.ssrc
        ]

    @property
    def repairs(self) -> list[RtpPacket]:
        return [
            packet for packet in self.subscriber.received if packet.ssrc == self.parameters.rtx_ssrc
        ]


class FakePublisher(Peer):
    """A sender of encodings."""

    def __init__(self, wire: Wire, profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM) -> None:
        super().__init__(wire, PUBLISHED_EXTENSIONS, profile)

    def encoding(
        self,
        codec: Codec = Codec.VP8,
        *,
        mid: str = "1",
        rid: str | None = None,
        declared: bool = False,
        nack: bool = True,
        open_source: bool = True,
    ) -> Encoding:
        source = SourceId(self.wire.identifier())
        encoding = Encoding(self, source, codec, mid, rid)
        parameters = SourceParameters(
            self.transport,
            codec.kind,
            mid,
            payload_types(published=True, kind=codec.kind),
            rid,
            encoding.ssrc if declared else None,
            encoding.rtx_ssrc if declared else None,
            nack,
        )
        encoding.parameters = parameters
        if open_source:
            self.wire.engine.open_source(source, parameters)
        return encoding


class Encoding:
    """An encoder and its packetizer: numbers of its own, one frame per `frame`."""

    parameters: SourceParameters

    def __init__(
        self,
        publisher: FakePublisher,
        source: SourceId,
        codec: Codec,
        mid: str,
        rid: str | None,
    ) -> None:
        numbers = random.Random(source)  # noqa: S311 - repeatable on purpose
        self.publisher = publisher
        self.id = source
        self.codec = codec
        self.mid = mid
        self.rid = rid
        self.ssrc = 0x1000_0000 + source
        self.rtx_ssrc = 0x2000_0000 + source
        self.sequence = numbers.randrange(1 << 16)
        self.rtx_sequence = numbers.randrange(1 << 15)
        self.timestamp = numbers.randrange(1 << 32)
        self.picture_id = numbers.randrange(1 << 15)
        self.tl0picidx = numbers.randrange(1 << 8)
        self.sent: dict[int, bytes] = {}
        """Plain packets by sequence number."""

    def header_extension(self, *, repair: bool = False) -> bytes:
        ids = PUBLISHED_EXTENSIONS
        items = [(ids[Extension.MID], self.mid.encode())]
        if self.rid is not None:
            name = Extension.REPAIRED_RID if repair else Extension.RID
            items.append((ids[name], self.rid.encode()))
        items.append((ids[Extension.ABS_SEND_TIME], b"\x01\x02\x03"))
        return extensions.build(items)

    def frame(
        self,
        *,
        keyframe: bool = False,
        packets: int = 3,
        seconds: float | None = None,
        extension: bytes | None = None,
    ) -> list[bytes]:
        """The packets of the next frame, not yet sent."""
        if extension is None:
            extension = self.header_extension()
        frame = []
        for index in range(packets):
            payload = self.payload(index, keyframe)
            frame.append(self.packet(payload, index == packets - 1, extension))
        step = (
            seconds if seconds is not None else (FRAME if self.codec.kind is Kind.VIDEO else 0.02)
        )
        self.timestamp = (self.timestamp + round(step * self.codec.clock_rate)) & 0xFFFF_FFFF
        self.picture_id = (self.picture_id + 1) & 0x7FFF
        self.tl0picidx = (self.tl0picidx + 1) & 0xFF
        return frame

    def packet(self, payload: bytes, marker: bool, extension: bytes = b"") -> bytes:
        """One packet at the current timestamp, with the next sequence number."""
        types = PUBLISHED[self.codec]
        packet = build(
            types.media, marker, self.sequence, self.timestamp, self.ssrc, payload, extension
        )
        self.sent[self.sequence] = packet
        self.sequence = (self.sequence + 1) & 0xFFFF
        return packet

    def payload(self, index: int, keyframe: bool) -> bytes:
        return PAYLOADS[self.codec](self, index, keyframe)

    def repair(self, sequence: int) -> bytes:
        """The RTX packet of one sent before."""
        original = parse(self.sent[sequence])
        types = PUBLISHED[self.codec]
        assert types.rtx is not None
        self.rtx_sequence = (self.rtx_sequence + 1) & 0xFFFF
        return build(
            types.rtx,
            original.marker,
            self.rtx_sequence,
            original.timestamp,
            self.rtx_ssrc,
            sequence.to_bytes(2, "big") + original.payload,
            self.header_extension(repair=True),
        )

    def send(self, **options: object) -> list[Event]:
        """Send the next frame, then let its time pass."""
        events = self.publisher.send(*self.frame(**options))  # type: ignore[arg-type]
        self.publisher.wire.advance(FRAME if self.codec.kind is Kind.VIDEO else 0.02)
        return events


def _opus(encoding: Encoding, index: int, keyframe: bool) -> bytes:
    return b"\xfc" + encoding.sequence.to_bytes(2, "big") * 10


def _vp8(encoding: Encoding, index: int, keyframe: bool) -> bytes:
    picture_id = 0x8000 | encoding.picture_id
    descriptor = bytes((0x90 if index == 0 else 0x80, 0xE0)) + picture_id.to_bytes(2, "big")
    descriptor += bytes((encoding.tl0picidx, 0x20))
    return descriptor + bytes((0x10 if keyframe else 0x11,)) + b"v" * 50


def _vp9(encoding: Encoding, index: int, keyframe: bool) -> bytes:
    first = 0xA0 | (0x08 if index == 0 else 0) | (0 if keyframe else 0x40)
    picture_id = 0x8000 | encoding.picture_id
    return (
        bytes((first,))
        + picture_id.to_bytes(2, "big")
        + bytes((0x00, encoding.tl0picidx))
        + b"9" * 50
    )


def _h264(encoding: Encoding, index: int, keyframe: bool) -> bytes:
    if index == 0:
        return (b"\x67" if keyframe else b"\x41") + b"h" * 50
    return (b"\x65" if keyframe else b"\x41") + b"h" * 50


def _av1(encoding: Encoding, index: int, keyframe: bool) -> bytes:
    begins = keyframe and index == 0
    header = b"\x0a" if begins else b"\x32"
    return bytes((0x18 if begins else 0x10,)) + header + b"a" * 50


PAYLOADS = {
    Codec.OPUS: _opus,
    Codec.VP8: _vp8,
    Codec.VP9: _vp9,
    Codec.H264: _h264,
    Codec.AV1: _av1,
}


def impaired(
    packets: Sequence[bytes], seed: int, loss: float = 0.0, reorder: float = 0.0
) -> list[bytes]:
    """What of `packets` arrives, and in which order."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    kept = [packet for packet in packets if dice.random() >= loss]
    for index in range(len(kept) - 1):
        if dice.random() < reorder:
            kept[index], kept[index + 1] = kept[index + 1], kept[index]
    return kept
