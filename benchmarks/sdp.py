"""Offers as pages make them, and what a client needs of the other side's description.

The m-lines of our own page are those of docs/signaling.md: microphone, camera, screen and its sound
sendonly, then the receiving slots. A browser repeats every codec on every m-line; the page trims
them to the few it uses, and so does this. Others' pages have microphone and camera, and get an
offer for what they receive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Address = tuple[str, int]

MICROPHONE, CAMERA, SCREEN, SCREEN_AUDIO = "0", "1", "2", "3"
"""The mids of what is sent."""

OPUS = 111
VP8, VP8_RTX = 96, 97
H264, H264_RTX = 102, 103
_RTX = (VP8_RTX, H264_RTX)

AUDIO_LEVEL_ID, ABS_SEND_TIME_ID, TRANSPORT_CC_ID = 1, 2, 3
MID_ID, RID_ID, REPAIRED_RID_ID = 4, 10, 11
_TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

_AUDIO_EXTENSIONS = (
    (AUDIO_LEVEL_ID, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    (ABS_SEND_TIME_ID, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    (MID_ID, "urn:ietf:params:rtp-hdrext:sdes:mid"),
)
_VIDEO_EXTENSIONS = (
    *_AUDIO_EXTENSIONS[1:],
    (13, "urn:3gpp:video-orientation"),
    (RID_ID, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    (REPAIRED_RID_ID, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
)
_ACCEPTED = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:")
"""What of an offered m-line an answer repeats."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one side of a transport tells the other (RFC 8839, RFC 8122)."""

    ufrag: str
    password: str
    fingerprint: str
    """SHA-256, as in `a=fingerprint`."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The streams of a publisher, declared as browsers do where there is no simulcast."""

    audio_ssrc: int
    video_ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class Slots:
    audio: int
    video: int


@dataclass(frozen=True, slots=True)
class SlotStream:
    """What comes on one receiving m-line."""

    mid: str
    kind: str
    """`audio` or `video`."""
    ssrc: int
    rtx_ssrc: int | None


@dataclass(slots=True)
class Answer:
    credentials: Credentials
    address: Address
    """Of the first UDP candidate."""
    setup: str
    """Of DTLS (RFC 8842): `active`, `passive`, or `actpass` in an offer."""
    slots: list[SlotStream] = field(default_factory=list)
    """In the order of the description."""

    @property
    def media_ssrcs(self) -> set[int]:
        """Of the slots' media, not of its retransmissions."""
        return {slot.ssrc for slot in self.slots}


def build_offer(
    credentials: Credentials,
    slots: Slots,
    sending: Sending | None = None,
    *,
    transport_cc: bool = False,
) -> str:
    """With `sending`, microphone and camera carry single streams; without, the camera offers the
    three simulcast layers of a page, which are told apart by rid. `transport_cc`: there will be
    transport-wide feedback."""
    lines: Iterable[list[str]] = _media_lines(slots, sending)
    if transport_cc:
        lines = map(_with_transport_cc, lines)
    media = _numbered(lines)
    return _describe(media, _transport_lines(credentials, "actpass"))


def build_publishing_offer(credentials: Credentials, address: Address, sending: Sending) -> str:
    """Microphone and camera only, from the one candidate at `address`."""
    media = _numbered([_microphone(sending), _camera(sending)])
    return _describe(media, _transport_lines(credentials, "actpass", address))


def build_answer(offer: str, credentials: Credentials, address: Address) -> str:
    """Takes whatever is offered to be received, at the one candidate at `address`.

    Waits for the other side's DTLS: it knows best when it is ready, and whoever begins too early
    loses a second.
    """
    sections = re.split(r"^m=", offer, flags=re.MULTILINE)[1:]
    media = {_find(r"^a=mid:(\S+)", section)[0]: _accepted(section) for section in sections}
    return _describe(media, _transport_lines(credentials, "passive", address))


def _accepted(section: str) -> list[str]:
    head, *rest = section.splitlines()
    kept = [line for line in rest if line.startswith(_ACCEPTED)]
    return [f"m={head}", "a=recvonly", *kept]


def _numbered(media: Iterable[list[str]]) -> dict[str, list[str]]:
    return {str(number): lines for number, lines in enumerate(media)}


def _transport_lines(
    credentials: Credentials, setup: str, address: Address | None = None
) -> list[str]:
    lines = [
        f"a=ice-ufrag:{credentials.ufrag}",
        f"a=ice-pwd:{credentials.password}",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {credentials.fingerprint}",
        f"a=setup:{setup}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    if address is not None:
        host, port = address
        lines += [f"a=candidate:1 1 udp 2130706431 {host} {port} typ host", "a=end-of-candidates"]
    return lines


def _describe(media: Mapping[str, Sequence[str]], transport: Sequence[str]) -> str:
    """`media`: by mid, the lines that only this m-line has."""
    session = [
        "v=0",
        "o=- 4611732123 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(media)}",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS",
    ]
    for mid, (head, *rest) in media.items():
        session += [head, "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0"]
        session += [f"a=mid:{mid}", *transport, *rest]
    return "\r\n".join(session) + "\r\n"


def _media_lines(slots: Slots, sending: Sending | None) -> Iterator[list[str]]:
    yield _microphone(sending)
    yield _camera(sending)
    yield [*_video("sendonly"), "a=msid:-", *_simulcast("h", "f")]
    yield [*_audio("sendonly"), "a=msid:-"]
    for _ in range(slots.audio):
        yield _audio("recvonly")
    for _ in range(slots.video):
        yield _video("recvonly")


def _with_transport_cc(lines: list[str]) -> list[str]:
    types = [_find(r"^a=rtpmap:(\d+)", line)[0] for line in lines if "rtpmap" in line]
    feedback = [f"a=rtcp-fb:{number} transport-cc" for number in types if int(number) not in _RTX]
    return [*lines, f"a=extmap:{TRANSPORT_CC_ID} {_TRANSPORT_CC}", *feedback]


def _microphone(sending: Sending | None) -> list[str]:
    lines = _audio("sendonly")
    if sending is None:
        return [*lines, "a=msid:-"]
    return [*lines, "a=msid:- microphone", f"a=ssrc:{sending.audio_ssrc} cname:benchmark"]


def _camera(sending: Sending | None) -> list[str]:
    lines = _video("sendonly")
    if sending is None:
        return [*lines, "a=msid:-", *_simulcast("q", "h", "f")]
    return [
        *lines,
        "a=msid:- camera",
        f"a=ssrc-group:FID {sending.video_ssrc} {sending.rtx_ssrc}",
        f"a=ssrc:{sending.video_ssrc} cname:benchmark",
        f"a=ssrc:{sending.rtx_ssrc} cname:benchmark",
    ]


def _simulcast(*rids: str) -> list[str]:
    return [*(f"a=rid:{rid} send" for rid in rids), f"a=simulcast:send {';'.join(rids)}"]


def _audio(direction: str) -> list[str]:
    return [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}",
        f"a={direction}",
        f"a=rtpmap:{OPUS} opus/48000/2",
        f"a=fmtp:{OPUS} minptime=10;useinbandfec=1",
        *_extensions(_AUDIO_EXTENSIONS),
    ]


def _video(direction: str) -> list[str]:
    return [
        f"m=video 9 UDP/TLS/RTP/SAVPF {VP8} {VP8_RTX} {H264} {H264_RTX}",
        f"a={direction}",
        *_video_codec(VP8, VP8_RTX, "VP8"),
        *_video_codec(H264, H264_RTX, "H264"),
        f"a=fmtp:{H264} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        *_extensions(_VIDEO_EXTENSIONS),
    ]


def _video_codec(media: int, rtx: int, name: str) -> list[str]:
    feedback = ("goog-remb", "ccm fir", "nack", "nack pli")
    return [
        f"a=rtpmap:{media} {name}/90000",
        *(f"a=rtcp-fb:{media} {kind}" for kind in feedback),
        f"a=rtpmap:{rtx} rtx/90000",
        f"a=fmtp:{rtx} apt={media}",
    ]


def _extensions(extensions: Sequence[tuple[int, str]]) -> list[str]:
    return [f"a=extmap:{number} {uri}" for number, uri in extensions]


def parse_answer(sdp: str) -> Answer:
    """Of an answer, or of the offer a client answers. Raises ValueError where it lacks what a
    client needs."""
    media = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    host, port = _find(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", sdp)
    answer = Answer(
        Credentials(
            ufrag=_find(r"^a=ice-ufrag:(\S+)", sdp)[0],
            password=_find(r"^a=ice-pwd:(\S+)", sdp)[0],
            fingerprint=_find(r"^a=fingerprint:sha-256 (\S+)", sdp)[0],
        ),
        (host, int(port)),
        _find(r"^a=setup:(\w+)", sdp)[0],
    )
    for section in media:
        if "a=sendonly" in section:
            answer.slots.append(_slot(section))
    return answer


def _slot(section: str) -> SlotStream:
    group = re.search(r"^a=ssrc-group:FID (\d+) (\d+)", section, re.MULTILINE)
    ssrc = group[1] if group else _find(r"^a=ssrc:(\d+)", section)[0]
    rtx = int(group[2]) if group else None
    (mid,) = _find(r"^a=mid:(\S+)", section)
    return SlotStream(mid, section.partition(" ")[0], int(ssrc), rtx)


def _find(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise ValueError(f"the description has no {pattern}")
    return found.groups()
