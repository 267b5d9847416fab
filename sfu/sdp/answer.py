"""Our answer (RFC 9429, section 5.3), from lines already negotiated. The only place that writes
session descriptions."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfu.engine.interface import Codec
from sfu.ice import Credentials
from sfu.sdp.negotiation import ChosenCodec, Line, Role
from sfu.sdp.offer import Direction, HeaderExtension

HOST_PREFERENCE = 126
"""Type preference of host candidates (RFC 8445, section 5.1.2.2)."""
TCP_PREFERENCE = 90
"""The same for TCP, which comes after all else (RFC 6544, section 4.2)."""

_DIRECTIONS = {
    Role.SENDING: Direction.RECVONLY,
    Role.SLOT: Direction.SENDONLY,
    Role.IDLE: Direction.INACTIVE,
}
_MIRRORED = {
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address clients can reach our UDP socket at, or the gateway beside it by TCP."""

    host: str
    port: int
    tcp: bool = False

    @property
    def family(self) -> str:
        return f"IP{ipaddress.ip_address(self.host).version}"


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our side of the transport, equal for all m-lines."""

    session_id: int
    version: int
    """Rises with each answer of a session (RFC 3264, section 8)."""
    credentials: Credentials
    fingerprint: str
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class SlotStream:
    """What a slot's m-line says of the stream on it."""

    slot: int
    ssrc: int
    rtx_ssrc: int | None
    cname: str


def build_answer(
    lines: Sequence[Line],
    streams: Mapping[str, SlotStream],
    local: LocalTransport,
    *,
    allow_mixed_extensions: bool,
) -> str:
    """`streams` by mid, one for each line that is a slot."""
    bundle = " ".join(line.media.mid for line in lines if line.role is not Role.REJECTED)
    text = [
        "v=0",
        f"o=- {local.session_id} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {bundle}",
        *(["a=extmap-allow-mixed"] if allow_mixed_extensions else []),
        "a=msid-semantic:WMS *",
    ]
    for line in lines:
        rejected = line.role is Role.REJECTED
        text += _rejected(line) if rejected else _accepted(line, streams.get(line.media.mid), local)
    return "\r\n".join(text) + "\r\n"


def _rejected(line: Line) -> Iterator[str]:
    kind, _, rest = line.media.head.split(" ", 2)
    yield f"m={kind} 0 {rest}"
    yield "c=IN IP4 0.0.0.0"
    if line.media.mid:
        yield f"a=mid:{line.media.mid}"
    yield "a=inactive"


def _accepted(line: Line, stream: SlotStream | None, local: LocalTransport) -> Iterator[str]:
    default = local.candidates[0]
    protocol = line.media.head.split(" ")[2]
    numbers = " ".join(str(number) for number in _payload_types(line))
    yield f"m={line.kind} {default.port} {protocol} {numbers}"
    yield f"c=IN {default.family} {default.host}"
    yield f"a=mid:{line.media.mid}"
    yield f"a={_DIRECTIONS[line.role]}"
    yield "a=rtcp-mux"
    if line.media.rtcp_rsize:
        yield "a=rtcp-rsize"
    for chosen in line.codecs:
        yield from _codec(line, chosen)
    for extension in line.extensions:
        yield _extension(extension)
    yield from _layers(line)
    if stream is not None:
        yield from _stream(line, stream)
    yield from _transport(local)


def _payload_types(line: Line) -> Iterator[int]:
    for chosen in line.codecs:
        if chosen.red is not None and chosen.red_first:
            yield chosen.red
        yield chosen.format.payload_type
        if chosen.red is not None and not chosen.red_first:
            yield chosen.red
        if chosen.rtx is not None:
            yield chosen.rtx


def _codec(line: Line, chosen: ChosenCodec) -> Iterator[str]:
    number, codec = chosen.format.payload_type, chosen.rule.codec
    channels = f"/{chosen.rule.channels}" if chosen.rule.channels > 1 else ""
    yield f"a=rtpmap:{number} {codec}/{codec.clock_rate}{channels}"
    for feedback in line.feedback(chosen):
        yield f"a=rtcp-fb:{number} {feedback}"
    parameters = _parameters(line, chosen)
    if parameters:
        yield f"a=fmtp:{number} {parameters}"
    if chosen.red is not None:
        yield f"a=rtpmap:{chosen.red} red/{codec.clock_rate}{channels}"
        yield f"a=fmtp:{chosen.red} {number}/{number}"
    if chosen.rtx is not None:
        yield f"a=rtpmap:{chosen.rtx} rtx/{codec.clock_rate}"
        yield f"a=fmtp:{chosen.rtx} apt={number}"


def _parameters(line: Line, chosen: ChosenCodec) -> str:
    """Who publishes sound is asked to be still in silence (RFC 7587, section 6.1, usedtx)."""
    still = line.role is Role.SENDING and chosen.rule.codec is Codec.OPUS
    return ";".join(filter(None, (chosen.parameters, "usedtx=1" if still else "")))


def _extension(extension: HeaderExtension) -> str:
    """A direction is answered by its mirror image, none by none (RFC 8285, section 6)."""
    direction = extension.direction
    suffix = f"/{_MIRRORED.get(direction, direction)}" if direction else ""
    return f"a=extmap:{extension.id}{suffix} {extension.uri}"


def _layers(line: Line) -> Iterator[str]:
    layers = line.media.layers if line.role is Role.SENDING else ()
    for rid in layers:
        yield f"a=rid:{rid} recv"
    if layers:
        yield f"a=simulcast:recv {';'.join(layers)}"


def _stream(line: Line, stream: SlotStream) -> Iterator[str]:
    """Audio slot k and video slot k are one msid stream: browsers sync lips within one only."""
    yield f"a=msid:s{stream.slot} {line.kind[0]}{stream.slot}"
    ssrcs = [ssrc for ssrc in (stream.ssrc, stream.rtx_ssrc) if ssrc is not None]
    if len(ssrcs) == 2:
        yield f"a=ssrc-group:FID {ssrcs[0]} {ssrcs[1]}"
    for ssrc in ssrcs:
        yield f"a=ssrc:{ssrc} cname:{stream.cname}"


def _transport(local: LocalTransport) -> Iterator[str]:
    yield f"a=ice-ufrag:{local.credentials.ufrag}"
    yield f"a=ice-pwd:{local.credentials.password}"
    yield f"a=fingerprint:{local.fingerprint}"
    yield "a=setup:passive"
    for number, candidate in enumerate(local.candidates, 1):
        preference = TCP_PREFERENCE if candidate.tcp else HOST_PREFERENCE
        priority = (preference << 24) + ((65536 - number) << 8) + 255
        place = f"{priority} {candidate.host} {candidate.port} typ host"
        if candidate.tcp:
            yield f"a=candidate:{number} 1 tcp {place} tcptype passive"
        else:
            yield f"a=candidate:{number} 1 udp {place}"
    yield "a=end-of-candidates"
