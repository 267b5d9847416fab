"""What publishers send, in order or not."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from sfu.engine.interface import (
    Codec,
    Extension,
)
from sfu.rtp import extensions, rtcp
from sfu.rtp.packet import build
from tests.support.layered import LAYERED
from tests.support.script.world import World, pick
from tests.support.shapes import SHAPES
from tests.support.wire import (
    PUBLISHED,
    PUBLISHED_EXTENSIONS,
    Encoding,
)


@dataclass(frozen=True)
class Frame:
    encoding: int
    keyframe: bool = False
    packets: int = 3
    size: int = 40
    shape: int = 0
    seconds: float = 0.04
    extra: tuple[tuple[int, bytes], ...] = ()
    """Header extension elements after mid and rid."""
    bare: bool = False
    """Without any header extension, as once the receiver knows the SSRC."""
    padding: int = 0
    """Bytes after each payload."""

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        payloads = pick(SHAPES[encoding.codec], self.shape)(
            encoding, self.packets, self.keyframe, self.size
        )
        block = b"" if self.bare else _block(encoding, self.extra)
        for index, payload in enumerate(payloads):
            packet = encoding.packet(payload, index == len(payloads) - 1, block)
            world.send(encoding.publisher, _padded(packet, self.padding))
        step_frame(encoding, self.seconds)


@dataclass(frozen=True)
class Picture:
    """The next picture of an encoding with layers; a frame without any if its codec has none."""

    encoding: int
    mode: int = 0
    described: bool = False
    """With dependency descriptors."""
    keyframe: bool = False
    packets: int = 2
    size: int = 30
    spatial: int = 99
    """The highest layer that is sent."""
    active: int | None = None
    """Decode targets that are told to be active."""

    def run(self, world: World) -> None:
        encoder = world.layered(self.encoding, self.mode)
        encoding = encoder.encoding
        if encoding.codec not in LAYERED:
            Frame(self.encoding, self.keyframe, self.packets).run(world)
            return
        encoder.described = self.described
        if self.active is not None:
            encoder.active = self.active & (1 << len(encoder.mode.targets)) - 1
        for packet in encoder.picture(
            keyframe=self.keyframe, packets=self.packets, size=self.size, spatial=self.spatial
        ):
            world.send(encoding.publisher, packet)


@dataclass(frozen=True)
class Redundant:
    """A packet of sound that repeats earlier ones (RFC 2198)."""

    encoding: int
    blocks: tuple[int, ...] = (20, 20)
    """Bytes of each, the primary one last."""
    payload_type: int | None = None
    """Of the blocks, if it is another than negotiated."""
    cut: int = 0
    """Bytes that are missing at the end."""

    def run(self, world: World) -> None:
        sounds = [one for one in world.encodings if one.codec is Codec.OPUS]
        encoding = pick(sounds, self.encoding)
        types = PUBLISHED[Codec.OPUS]
        label = types.media if self.payload_type is None else self.payload_type
        payload = b"".join(
            struct.pack("!BHB", 0x80 | label, 960 << 2 | size >> 8, size & 0xFF)
            for size in self.blocks[:-1]
        )
        payload += bytes((label,)) + b"".join(
            bytes((index,)) * size for index, size in enumerate(self.blocks)
        )
        payload = payload[: len(payload) - self.cut]
        packet = build(
            types.red or 0,
            False,
            encoding.sequence,
            encoding.timestamp,
            encoding.ssrc,
            payload,
            _block(encoding, ()),
        )
        encoding.sequence = encoding.sequence + 1 & 0xFFFF
        world.send(encoding.publisher, packet)
        step_frame(encoding, 0.02)


@dataclass(frozen=True)
class Everybody:
    """A frame of every open encoding that is not paused."""

    keyframes: int = 0
    """Bit by bit, for the encodings that send one."""
    paused: int = 0
    packets: int = 2
    size: int = 40
    shape: int = 0
    level: int = 0x9E
    """Audio level byte of the microphones."""
    bare: bool = False

    def run(self, world: World) -> None:
        level = PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL]
        for index, encoding in enumerate(world.encodings):
            sound = encoding.codec is Codec.OPUS
            if not self.paused >> index & 1 and encoding.id not in world.closed:
                Frame(
                    index,
                    keyframe=bool(self.keyframes >> index & 1),
                    packets=1 if sound else self.packets,
                    size=self.size,
                    shape=self.shape,
                    extra=((level, bytes((self.level,))),) if sound else (),
                    bare=self.bare,
                ).run(world)


def step_frame(encoding: Encoding, seconds: float) -> None:
    """The numbers of the next frame."""
    step = round(seconds * encoding.codec.clock_rate)
    encoding.timestamp = encoding.timestamp + step & 0xFFFF_FFFF
    encoding.picture_id = encoding.picture_id + 1 & 0x7FFF
    encoding.tl0picidx = encoding.tl0picidx + 1 & 0xFF


def _block(encoding: Encoding, extra: Sequence[tuple[int, bytes]]) -> bytes:
    ids = PUBLISHED_EXTENSIONS
    items = [(ids[Extension.MID], encoding.mid.encode())]
    if encoding.rid is not None:
        items.append((ids[Extension.RID], encoding.rid.encode()))
    return extensions.build([*items, *extra])


def _padded(packet: bytes, padding: int) -> bytes:
    if not padding:
        return packet
    return bytes((packet[0] | 0x20,)) + packet[1:] + bytes(padding - 1) + bytes((padding,))


@dataclass(frozen=True)
class Jump:
    """An encoder's numbers go on elsewhere. Small enough for SRTP: less than half the circle."""

    encoding: int
    sequence: int = 0
    timestamp: int = 0
    picture: int = 0

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        encoding.sequence = encoding.sequence + self.sequence & 0xFFFF
        encoding.timestamp = encoding.timestamp + self.timestamp & 0xFFFF_FFFF
        encoding.picture_id = encoding.picture_id + self.picture & 0x7FFF
        encoding.tl0picidx = encoding.tl0picidx + self.picture & 0xFF


@dataclass(frozen=True)
class Restart:
    """The encoder begins afresh with another SSRC, or goes back to an earlier one."""

    encoding: int
    change: int
    sequence: int

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        encoding.ssrc = encoding.ssrc & 0xFF00_FFFF | self.change << 16
        encoding.rtx_ssrc = encoding.rtx_ssrc & 0xFF00_FFFF | self.change << 16
        encoding.sequence = self.sequence


@dataclass(frozen=True)
class ChangeCodec:
    encoding: int
    codec: Codec

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        if encoding.codec.kind is self.codec.kind:
            encoding.codec = self.codec


@dataclass(frozen=True)
class Repair:
    """RTX of packets sent before, counted back from the latest; whether they were lost or not."""

    encoding: int
    back: tuple[int, ...]
    marker: bool = True
    """With mid and rid."""
    cut: int | None = None
    """Bytes left of the payload: below two there is no original sequence number."""
    padding: int = 0

    def run(self, world: World) -> None:
        encoding = world.camera(self.encoding)
        for back in self.back:
            sequence = encoding.sequence - 1 - back & 0xFFFF
            if sequence in encoding.sent:
                world.send(encoding.publisher, self._packet(encoding, sequence))

    def _packet(self, encoding: Encoding, sequence: int) -> bytes:
        packet = encoding.repair(sequence)
        if self.cut is not None:
            packet = packet[: 12 + len(encoding.header_extension(repair=True)) + self.cut]
        return _padded(packet, self.padding)


@dataclass(frozen=True)
class AnswerNacks:
    """The member sends again what the engine has asked it for."""

    member: int

    def run(self, world: World) -> None:
        member = world.member(self.member)
        encodings = {encoding.ssrc: encoding for encoding in world.encodings}
        for nack in member.told(rtcp.Nack):
            encoding = encodings.get(nack.media_ssrc)
            if encoding is None or encoding.codec is Codec.OPUS:
                continue  # it has begun afresh since; sound is not repaired
            for sequence in nack.lost[:20]:
                if sequence in encoding.sent:
                    world.send(member, encoding.repair(sequence))
        member.feedback.clear()


@dataclass(frozen=True)
class Nonsense:
    """Authentic, but any payload under any payload type, with any extension block."""

    encoding: int
    payload_type: int
    payload: bytes
    block: bytes = b""
    profile: int = 0xBEDE
    csrcs: int = 0
    padding: int = 0
    repair: bool = False
    ssrc: int | None = None

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        body = self.block.ljust((len(self.block) + 3) & ~3, b"\0")
        block = struct.pack("!HH", self.profile, len(body) // 4) + body if self.block else b""
        ssrc = encoding.rtx_ssrc if self.repair else encoding.ssrc
        packet = build(
            self.payload_type,
            False,
            encoding.sequence,
            encoding.timestamp,
            ssrc if self.ssrc is None else self.ssrc,
            self.payload,
            block,
            b"CSRC" * self.csrcs,
        )
        encoding.sequence = encoding.sequence + 1 & 0xFFFF
        world.send(encoding.publisher, _padded(packet, self.padding))
