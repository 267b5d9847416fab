"""A client's offer, typed. What it means for us is decided in `negotiation`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from aiortc.rtcdtlstransport import RTCDtlsFingerprint

from sfu.errors import OfferError
from sfu.ice import Credentials
from sfu.sdp.grammar import Section, match, split_sections

RTP_PROTOCOL = "UDP/TLS/RTP/SAVPF"
FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
MAX_LAYERS = 4
"""Simulcast encodings of one m-line."""


class Direction(StrEnum):
    """Seen from whoever wrote it."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One payload type of an m-line. Hashed by identity, as equal ones are parsed only once."""

    payload_type: int
    name: str
    """Lower case."""
    clock_rate: int
    channels: int
    parameters: Mapping[str, str]
    """From a=fmtp, names in lower case."""
    feedback: frozenset[str]
    """As in a=rtcp-fb: `nack`, `nack pli`, …"""


@dataclass(frozen=True, slots=True)
class HeaderExtension:
    id: int
    uri: str
    direction: Direction | None
    """None: not said, the same as sendrecv."""


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line. Of one that is not RTP audio or video only the head is read."""

    head: str
    """The m-line's value, for an answer that rejects it."""
    kind: str
    mid: str
    """Empty where there is none; a usable line always has one."""
    usable: bool
    """RTP audio or video that its sender has not rejected itself (RFC 9429, section 5.3.1)."""
    direction: Direction = Direction.INACTIVE
    formats: tuple[Format, ...] = ()
    extensions: tuple[HeaderExtension, ...] = ()
    layers: tuple[str, ...] = ()
    """Rids of simulcast encodings, in the offer's order; none: a single encoding."""
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    rtcp_rsize: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    credentials: Credentials
    fingerprints: tuple[RTCDtlsFingerprint, ...]
    media: tuple[Media, ...]
    allow_mixed_extensions: bool
    """One-byte and two-byte header extensions in one stream (RFC 8285, section 6)."""


def parse_offer(text: str) -> Offer:
    """Raises OfferError, and nothing else, for whatever is wrong with `text`."""
    session, *sections = split_sections(text)
    if not sections:
        raise OfferError("no media: there is no m-line")
    bundle = _bundle(session)
    media = tuple(_media(section, bundle, session) for section in sections)
    _check_unique([line.mid for line in media if line.mid], "mid")
    _check_unique([ssrc for line in media for ssrc in (line.ssrc, line.rtx_ssrc) if ssrc], "SSRC")
    if not any(line.usable for line in media):
        raise OfferError("no media: there is no usable audio or video m-line")
    carriers = _transport_sections(session, sections, bundle)
    return Offer(
        credentials=_credentials(carriers),
        fingerprints=_fingerprints(carriers),
        media=media,
        allow_mixed_extensions=session.has("extmap-allow-mixed")
        or any(section.has("extmap-allow-mixed") for section in sections),
    )


def _check_unique(values: Sequence[object], what: str) -> None:
    if len(set(values)) != len(values):
        raise OfferError(f"a {what} is used twice")


# Transport


def _bundle(session: Section) -> tuple[str, ...]:
    for group in session.match_all("group"):
        if group[1] == "BUNDLE":
            return tuple(group[2].split())
    raise OfferError("BUNDLE is required: there is no a=group:BUNDLE")


def _transport_sections(
    session: Section, sections: Sequence[Section], bundle: Sequence[str]
) -> list[Section]:
    """Where to look for the transport's attributes, in this order (RFC 8843, section 7.1.3)."""
    if session.has("ice-lite"):
        raise OfferError("both sides cannot be ice-lite: nobody would send checks")
    by_mid = {found[1]: section for section in sections if (found := section.match("mid"))}
    tagged = [by_mid[mid] for mid in bundle if mid in by_mid]
    carriers = [*[section for section in tagged if section.has("ice-ufrag")][:1], session]
    setup = _first(carriers, "setup") or _first(tagged, "setup")
    if setup is None or setup[1] not in ("actpass", "active"):
        raise OfferError("a=setup must be actpass or active: this server is the DTLS server")
    return carriers


def _first(sections: Sequence[Section], name: str) -> re.Match[str] | None:
    return next((found for section in sections if (found := section.match(name))), None)


def _credentials(carriers: Sequence[Section]) -> Credentials:
    ufrag, password = _first(carriers, "ice-ufrag"), _first(carriers, "ice-pwd")
    if ufrag is None or password is None:
        raise OfferError("a=ice-ufrag or a=ice-pwd is missing")
    return Credentials(ufrag[1], password[1])


def _fingerprints(carriers: Sequence[Section]) -> tuple[RTCDtlsFingerprint, ...]:
    section = next((section for section in carriers if section.has("fingerprint")), None)
    if section is None:
        raise OfferError("a=fingerprint is missing")
    found = [
        RTCDtlsFingerprint(algorithm=entry[1].lower(), value=entry[2].upper())
        for entry in section.match_all("fingerprint")
        if FINGERPRINT_BYTES.get(entry[1].lower()) == len(entry[2].split(":"))
    ]
    if not found:
        raise OfferError(f"a=fingerprint must be one of {', '.join(FINGERPRINT_BYTES)}")
    return tuple(found)


# Media


def _media(section: Section, bundle: Sequence[str], session: Section) -> Media:
    head = match("m=", section.media or "")
    kind, port, protocol = head[1], int(head[2]), head[3]
    found = section.match("mid")
    mid = found[1] if found else ""
    bundled = mid in bundle
    rejected = port == 0 and not bundled and not section.has("bundle-only")
    usable = kind in ("audio", "video") and protocol == RTP_PROTOCOL and not rejected
    if not usable:
        return Media(head[0], kind, mid, usable=False)
    if not bundled:
        raise OfferError(f"BUNDLE is required: an m-line of {kind} is not in the group")
    if port and not section.has("rtcp-mux"):
        raise OfferError(f"rtcp-mux is required: m-line {mid} does not offer it")
    ssrc, rtx_ssrc = _ssrcs(section)
    layers = _layers(section)
    return Media(
        head=head[0],
        kind=kind,
        mid=mid,
        usable=True,
        direction=_direction(section, session),
        formats=_formats(section, head[4]),
        extensions=_parse_extensions(tuple(section.attributes.get("extmap", ()))),
        layers=layers,
        ssrc=None if layers else ssrc,
        rtx_ssrc=None if layers else rtx_ssrc,
        rtcp_rsize=section.has("rtcp-rsize"),
    )


def _direction(section: Section, session: Section) -> Direction:
    for level in (section, session):
        for direction in Direction:
            if level.has(direction):
                return direction
    return Direction.SENDRECV


def _formats(section: Section, numbers: str) -> tuple[Format, ...]:
    lines = (tuple(section.attributes.get(name, ())) for name in ("rtpmap", "fmtp", "rtcp-fb"))
    return _parse_formats(numbers, *lines)


@lru_cache(maxsize=32)
def _parse_formats(
    numbers: str, names: tuple[str, ...], parameters: tuple[str, ...], feedback: tuple[str, ...]
) -> tuple[Format, ...]:
    """Half of an offer's lines, and the same for all slots of a kind and all clients of a make."""
    named = {entry[1]: entry for entry in (match("rtpmap", line) for line in names)}
    fmtp = {entry[1]: entry[2] for entry in (match("fmtp", line) for line in parameters)}
    kinds: dict[str, set[str]] = {}
    for entry in (match("rtcp-fb", line) for line in feedback):
        kinds.setdefault(entry[1], set()).add(entry[2].strip().lower())
    everywhere = kinds.get("*", set())
    return tuple(
        Format(
            payload_type=int(number),
            name=named[number][2].lower(),
            clock_rate=int(named[number][3]),
            channels=int(named[number][4] or 1),
            parameters=_parameters(fmtp.get(number, "")),
            feedback=frozenset(kinds.get(number, set()) | everywhere),
        )
        for number in dict.fromkeys(map(_checked_payload_type, numbers.split()))
        if number in named
    )


def _checked_payload_type(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > 127:
        raise OfferError(f"malformed payload type: {text[:80]!r}")
    return text


def _parameters(text: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


@lru_cache(maxsize=32)
def _parse_extensions(lines: tuple[str, ...]) -> tuple[HeaderExtension, ...]:
    extensions: dict[int, HeaderExtension] = {}
    for entry in (match("extmap", line) for line in lines):
        number, direction = int(entry[1]), Direction(entry[2]) if entry[2] else None
        if number in extensions or not 1 <= number <= 255 or number == 15:
            raise OfferError(f"header extension id {number} is used twice or out of range")
        extensions[number] = HeaderExtension(number, entry[3], direction)
    return tuple(extensions.values())


def _layers(section: Section) -> tuple[str, ...]:
    """RFC 8853: of alternatives the first counts; `~` (initially paused) makes no difference."""
    simulcast = section.match("simulcast")
    if simulcast is None or simulcast[1] is None:
        return ()
    declared = {entry[1] for entry in section.match_all("rid") if entry[2] == "send"}
    layers = [stream.split(",")[0].lstrip("~") for stream in simulcast[1].split(";")]
    if len(layers) > MAX_LAYERS:
        raise OfferError(f"more than {MAX_LAYERS} simulcast encodings")
    if len(set(layers)) != len(layers) or not declared.issuperset(layers):
        raise OfferError("a=simulcast names a rid twice, or one without an a=rid line")
    return tuple(layers)


def _ssrcs(section: Section) -> tuple[int | None, int | None]:
    """Of a single encoding: its SSRC and the one of its retransmissions."""
    pairs = {}
    for entry in section.match_all("ssrc-group"):
        numbers = [_ssrc(number) for number in entry[2].split()]
        if entry[1] == "FID" and len(numbers) == 2:
            pairs[numbers[0]] = numbers[1]
    first = section.match("ssrc")
    if first is None:
        return None, None
    ssrc = _ssrc(first[1])
    return ssrc, pairs.get(ssrc)


def _ssrc(text: str) -> int:
    ssrc = int(text)
    if not 0 < ssrc < 2**32:
        raise OfferError(f"SSRC {ssrc} is out of range")
    return ssrc
