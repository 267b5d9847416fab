"""What we take of an offer: which m-line plays which part, with which codecs and extensions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from sfu.engine.interface import Codec, Extension, Kind, PayloadTypes
from sfu.errors import OfferError
from sfu.policy import MAX_AUDIO_SLOTS, MAX_SENDING_LINES, MAX_VIDEO_SLOTS
from sfu.sdp.offer import Direction, Format, HeaderExtension, Media, Offer

VIDEO_FEEDBACK = ("goog-remb", "ccm fir", "nack", "nack pli")
"""What the engine serves, towards publishers and receivers alike. None of it for audio."""
TRANSPORT_FEEDBACK = "transport-cc"
"""Served where the header extension of the same name is agreed on, for audio too: all packets of a
transport share its path."""
RTCP_RANGE = range(64, 96)
"""Payload types that rtcp-mux cannot tell from RTCP (RFC 5761, section 4)."""

SENDING_EXTENSIONS = frozenset(Extension)
SLOT_EXTENSIONS = frozenset(
    {
        Extension.AUDIO_LEVEL,
        Extension.ABS_SEND_TIME,
        Extension.VIDEO_ORIENTATION,
        Extension.TRANSPORT_CC,
        Extension.DEPENDENCY_DESCRIPTOR,
    }
)
"""No mid or rid: slots are told apart by SSRC."""
DESCRIBED_CODECS = frozenset({Codec.AV1, Codec.VP9})
"""Those whose layers a dependency descriptor tells; it would only cost bytes on others."""

Parameters = Mapping[str, str]


class Role(Enum):
    """What an m-line is to us."""

    SENDING = auto()
    """The client publishes on it."""
    SLOT = auto()
    """The client receives on it."""
    IDLE = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class CodecRule:
    """How one codec is recognised among the formats of an offer."""

    codec: Codec
    channels: int
    rank: Callable[[Parameters], int]
    """0: not this one; of several formats the highest rank is kept."""
    answered: tuple[str, ...] = ()
    """fmtp parameters to be repeated in the answer."""


def _h264_rank(parameters: Parameters) -> int:
    """Constrained baseline plays everywhere; plain baseline next (RFC 6184, section 8.1)."""
    profile = parameters.get("profile-level-id", "42000a").lower()
    if parameters.get("packetization-mode") != "1" or profile[:2] != "42":
        return 0
    return 2 if profile[2:3] in ("c", "d", "e", "f") else 1


def _is_profile_zero(parameter: str) -> Callable[[Parameters], int]:
    return lambda parameters: int(parameters.get(parameter, "0") == "0")


def _any(_: Parameters) -> int:
    return 1


RULES = (
    CodecRule(Codec.OPUS, 2, _any, ("minptime", "useinbandfec")),
    CodecRule(Codec.VP8, 1, _any),
    CodecRule(Codec.VP9, 1, _is_profile_zero("profile-id"), ("profile-id",)),
    CodecRule(
        Codec.H264,
        1,
        _h264_rank,
        ("level-asymmetry-allowed", "packetization-mode", "profile-level-id"),
    ),
    CodecRule(Codec.AV1, 1, _is_profile_zero("profile"), ("level-idx", "profile", "tier")),
)


@dataclass(frozen=True, slots=True)
class ChosenCodec:
    rule: CodecRule
    format: Format
    rtx: int | None
    """Payload type of its retransmissions (RFC 4588)."""
    red: int | None = None
    """Payload type of redundancy around it (RFC 2198)."""
    red_first: bool = False
    """The peer would rather send that."""

    @property
    def parameters(self) -> str:
        """For the answer's a=fmtp; empty for none."""
        offered = self.format.parameters
        return ";".join(f"{key}={offered[key]}" for key in self.rule.answered if offered.get(key))


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line of the offer as we answer it."""

    media: Media
    role: Role
    codecs: tuple[ChosenCodec, ...] = ()
    extensions: tuple[HeaderExtension, ...] = ()

    @property
    def kind(self) -> Kind:
        return Kind(self.media.kind)

    @property
    def payload_types(self) -> dict[Codec, PayloadTypes]:
        return {
            chosen.rule.codec: PayloadTypes(chosen.format.payload_type, chosen.rtx, chosen.red)
            for chosen in self.codecs
        }

    @property
    def extension_ids(self) -> dict[Extension, int]:
        return {Extension(extension.uri): extension.id for extension in self.extensions}

    @property
    def nack(self) -> bool:
        return any("nack" in self.feedback(chosen) for chosen in self.codecs)

    def feedback(self, chosen: ChosenCodec) -> tuple[str, ...]:
        """The kinds of RTCP feedback agreed on for one of its codecs."""
        served = VIDEO_FEEDBACK if self.kind is Kind.VIDEO else ()
        if Extension.TRANSPORT_CC in self.extension_ids:
            served = (*served, TRANSPORT_FEEDBACK)
        return tuple(kind for kind in served if kind in chosen.format.feedback)


def negotiate(offer: Offer, *, transport_cc: bool = False) -> tuple[Line, ...]:
    """One line per m-line of the offer. Raises OfferError where nothing can be served.

    `transport_cc`: the engine does transport-wide congestion control.
    """
    lines = tuple(_line(media, transport_cc) for media in offer.media)
    if all(line.role is Role.REJECTED for line in lines):
        raise OfferError("no supported codec is offered")
    _check_counts(lines)
    common_extensions(lines)
    return lines


def _check_counts(lines: Iterable[Line]) -> None:
    sending = sum(line.role is Role.SENDING for line in lines)
    if sending > MAX_SENDING_LINES:
        raise OfferError(f"more than {MAX_SENDING_LINES} m-lines to send on")
    slots = Counter(line.media.kind for line in lines if line.role is Role.SLOT)
    for kind, limit in ((Kind.VIDEO, MAX_VIDEO_SLOTS), (Kind.AUDIO, MAX_AUDIO_SLOTS)):
        if slots[kind] > limit:
            raise OfferError(f"more than {limit} m-lines to receive {kind} on")


def common_extensions(lines: Iterable[Line]) -> dict[Extension, int]:
    """The ids the peer sends with; bundled m-lines must agree on them (RFC 8843, section 9.1)."""
    ids: dict[Extension, int] = {}
    meanings: dict[int, Extension] = {}
    for line in lines:
        for extension, number in line.extension_ids.items():
            known = ids.setdefault(extension, number)
            meaning = meanings.setdefault(number, extension)
            if known != number or meaning is not extension:
                raise OfferError(f"header extension id {number} means two things")
    return ids


def _line(media: Media, transport_cc: bool) -> Line:
    codecs = _choose_codecs(media.kind, media.formats) if media.usable else ()
    if not codecs:
        return Line(media, Role.REJECTED)
    role = _role(media)
    served = _served_extensions(role, codecs, transport_cc)
    return Line(media, role, codecs, _choose_extensions(media.extensions, role, served))


def _served_extensions(
    role: Role, codecs: Iterable[ChosenCodec], transport_cc: bool
) -> frozenset[Extension]:
    served = SLOT_EXTENSIONS if role is Role.SLOT else SENDING_EXTENSIONS
    if not transport_cc:
        served -= {Extension.TRANSPORT_CC}
    if DESCRIBED_CODECS.isdisjoint(chosen.rule.codec for chosen in codecs):
        served -= {Extension.DEPENDENCY_DESCRIPTOR}
    return served


def _role(media: Media) -> Role:
    if media.direction.sends:
        return Role.SENDING
    return Role.SLOT if media.direction.receives else Role.IDLE


@lru_cache(maxsize=32)
def _choose_codecs(kind: str, formats: tuple[Format, ...]) -> tuple[ChosenCodec, ...]:
    """In the order of the offer, each once. All slots of a kind offer the same."""
    best: dict[Codec, tuple[int, CodecRule, Format]] = {}
    for candidate in formats:
        for rule in RULES:
            rank = _rank(rule, kind, candidate)
            if rank > best.get(rule.codec, (0,))[0]:
                best[rule.codec] = (rank, rule, candidate)
    chosen = [_chosen(rule, formats, taken) for _, rule, taken in best.values()]
    return tuple(sorted(chosen, key=lambda codec: formats.index(codec.format)))


def _chosen(rule: CodecRule, formats: tuple[Format, ...], taken: Format) -> ChosenCodec:
    red = _red(formats, taken) if rule.codec is Codec.OPUS else None
    first = red is not None and formats.index(red) < formats.index(taken)
    red_type = red.payload_type if red else None
    return ChosenCodec(rule, taken, _rtx(formats, taken), red_type, first)


def _red(formats: tuple[Format, ...], original: Format) -> Format | None:
    """Redundancy whose blocks are all of the one codec (RFC 2198, section 5)."""
    for candidate in formats:
        blocks = next(iter(candidate.parameters), "").split("/")
        fits = candidate.name == "red" and candidate.clock_rate == original.clock_rate
        allowed = candidate.payload_type not in RTCP_RANGE
        if fits and allowed and set(blocks) == {str(original.payload_type)}:
            return candidate
    return None


def _rank(rule: CodecRule, kind: str, candidate: Format) -> int:
    fits = (
        candidate.name == rule.codec.lower()
        and candidate.clock_rate == rule.codec.clock_rate
        and candidate.channels == rule.channels
        and kind == rule.codec.kind
        and candidate.payload_type not in RTCP_RANGE
    )
    return rule.rank(candidate.parameters) if fits else 0


def _rtx(formats: tuple[Format, ...], original: Format) -> int | None:
    """Retransmissions are asked for by generic NACK, so they go together."""
    if "nack" not in original.feedback:
        return None
    for candidate in formats:
        associated = candidate.parameters.get("apt") == str(original.payload_type)
        if candidate.name == "rtx" and associated and candidate.payload_type not in RTCP_RANGE:
            return candidate.payload_type
    return None


@lru_cache(maxsize=32)
def _choose_extensions(
    extensions: tuple[HeaderExtension, ...], role: Role, served: frozenset[Extension]
) -> tuple[HeaderExtension, ...]:
    chosen: dict[str, HeaderExtension] = {}
    for extension in extensions:
        direction = extension.direction or Direction.SENDRECV
        wanted = direction.receives if role is Role.SLOT else direction.sends
        if wanted and extension.uri in served:
            chosen.setdefault(extension.uri, extension)
    return tuple(chosen.values())
