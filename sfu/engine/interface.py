"""The engine interface: facts go down, events come up.

Python decides (who sees whom, which layer); an engine does (per packet). This file is the whole
border between the two, equal for every engine.

Rules of the border:

- An engine is pure: `handle(now, batch)` takes the time and what arrived and returns what is to be
  sent and what is to be known. Sockets, threads and clocks belong to the shell around it.
- Commands are put in a queue and take effect, in order, at the start of the next `handle`. So they
  return nothing, and an answer (where a route was switched, say) comes as an event.
- Identifiers are given by the caller, never reused, and valid until closed. A command that names a
  closed one is ignored: closing crosses other commands on the way.
- Closing a transport closes its sources and sinks; closing a source empties the sinks routed to it.
- Nothing a peer sends raises out of `handle`. What is wrong is dropped under a `Drop` name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, NewType, Protocol

TransportId = NewType("TransportId", int)
SourceId = NewType("SourceId", int)
SinkId = NewType("SinkId", int)

MAX_DATAGRAM = 1500
"""Bytes. A longer datagram is dropped: no path we serve carries it unfragmented."""

MAX_SSRCS_PER_TRANSPORT = 32
"""Inbound SSRCs (RTX included) one transport may ever use; each costs libsrtp a stream."""


class Path(NamedTuple):
    """Where a datagram came from and where an answer goes. Opaque to the engine.

    `local` is the address of ours it was sent to, so that the reply leaves from there.
    """

    host: str
    port: int
    local: str


class Codec(StrEnum):
    OPUS = "opus"
    VP8 = "VP8"
    VP9 = "VP9"
    H264 = "H264"
    AV1 = "AV1"

    @property
    def clock_rate(self) -> int:
        """RTP clock ticks per second."""
        return 48_000 if self is Codec.OPUS else 90_000

    @property
    def kind(self) -> Kind:
        return Kind.AUDIO if self is Codec.OPUS else Kind.VIDEO


class Kind(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"


class Extension(StrEnum):
    """RTP header extensions the engine knows by their URI (RFC 8285). Others are not forwarded."""

    MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
    RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    VIDEO_ORIENTATION = "urn:3gpp:video-orientation"
    TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    DEPENDENCY_DESCRIPTOR = (
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    )


class SrtpProfile(StrEnum):
    AEAD_AES_128_GCM = "SRTP_AEAD_AES_128_GCM"
    AEAD_AES_256_GCM = "SRTP_AEAD_AES_256_GCM"
    AES128_CM_SHA1_80 = "SRTP_AES128_CM_SHA1_80"


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """Master key followed by master salt, for each direction (RFC 5764, section 4.2)."""

    profile: SrtpProfile
    receive: bytes
    send: bytes


class PayloadTypes(NamedTuple):
    """Payload types of one codec on one m-line. `rtx` (RFC 4588) and `red` (RFC 2198, around the
    codec itself) are None where not negotiated."""

    media: int
    rtx: int | None = None
    red: int | None = None


@dataclass(frozen=True, slots=True)
class SourceParameters:
    """An incoming RTP stream: one encoding of a track.

    The engine binds it to an SSRC: to `ssrc` / `rtx_ssrc` where the description named them, else to
    the first authenticated packet whose mid (and rid) extension fits (RFC 8843, section 9.2). RTX
    is bound by repaired rid, or by mid where there is no rid, and may come before its media.
    """

    transport: TransportId
    kind: Kind
    mid: str
    payload_types: Mapping[Codec, PayloadTypes]
    rid: str | None = None
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    nack: bool = False
    """Ask the sender for lost packets (RFC 4585 generic NACK was negotiated)."""


@dataclass(frozen=True, slots=True)
class SinkParameters:
    """An outgoing RTP stream: one slot of a receiver. All numbers are the receiver's own."""

    transport: TransportId
    kind: Kind
    ssrc: int
    cname: str
    payload_types: Mapping[Codec, PayloadTypes]
    extensions: Mapping[Extension, int]
    rtx_ssrc: int | None = None


class Switch(StrEnum):
    LAYER = "layer"
    """Same picture in another quality: the old source goes on until the new one's keyframe."""
    PARTICIPANT = "participant"
    """Another picture: the old source is cut at once; the answer is a `RouteSwitched` event."""
    CUT = "cut"
    """Same picture in another quality, but the old source is cut at once: the link cannot carry it
    until the new one's keyframe."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a sink shall carry from now on.

    `source` None empties the sink. A paused route has switched (and answered) but forwards nothing
    until the same route comes again unpaused; only then is a keyframe asked for. Sources whose
    codec the sink has no payload type for are never forwarded.

    `max_spatial` and `max_temporal` are the highest layers inside the source that the sink gets,
    None for all. The same route with other limits changes only the limits. While a layer switch
    waits for its keyframe the old source keeps its own.
    """

    sink: SinkId
    source: SourceId | None
    switch: Switch = Switch.PARTICIPANT
    paused: bool = False
    max_spatial: int | None = None
    max_temporal: int | None = None


class Datagram(NamedTuple):
    path: Path
    data: bytes


# Events


@dataclass(frozen=True, slots=True)
class StunReceived:
    """A STUN message whose USERNAME names an open transport. Its integrity is NOT yet checked.

    A message without USERNAME (a response) comes up only from a path of `expect_stun`.
    """

    transport: TransportId
    path: Path
    data: bytes


@dataclass(frozen=True, slots=True)
class DtlsReceived:
    """A DTLS record from a validated path (RFC 7983 range 20..63)."""

    transport: TransportId
    path: Path
    data: bytes


@dataclass(frozen=True, slots=True)
class SourceActive:
    """First authenticated media packet of a source, the first after `SourceSilent`, or the first in
    another codec."""

    source: SourceId
    ssrc: int
    codec: Codec


@dataclass(frozen=True, slots=True)
class SourceSilent:
    """Nothing came from an active source for `SOURCE_SILENCE` seconds: its encoding is paused."""

    source: SourceId


@dataclass(frozen=True, slots=True)
class RouteSwitched:
    """Answer to a `Route` with a participant switch, sent once per such route.

    Every packet of the new source on this sink has an RTP timestamp >= `timestamp` (modulo 2^32),
    every packet sent before is older.
    """

    sink: SinkId
    source: SourceId | None
    timestamp: int


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """Edge: somebody begins to speak (RFC 6464 voice flag or level), within 40 ms of the onset."""

    source: SourceId


@dataclass(frozen=True, slots=True)
class AudioLevels:
    """Smoothed levels for display, a few times a second; -dBov: 0 is loudest, 127 is silence."""

    levels: Mapping[SourceId, int]
    recent: Mapping[SourceId, bytes] = field(default_factory=dict)
    """Of those who were not silent since the last report: the level of each packet, oldest first,
    at most `RECENT_LEVELS`."""


class LayerRate(NamedTuple):
    """What one layer of a source takes by itself, without those it depends on."""

    spatial: int
    temporal: int
    bitrate: int
    """Bits/s of payload over about the last second."""


@dataclass(frozen=True, slots=True)
class SourceRates:
    """Bitrates of the active video sources, twice a second; layers in ascending order."""

    rates: Mapping[SourceId, tuple[LayerRate, ...]]


class BandwidthSource(StrEnum):
    TRANSPORT_CC = "transport-cc"
    """Estimated here from transport-wide feedback."""
    REMB = "remb"
    """Estimated by the receiver (goog-remb)."""


@dataclass(frozen=True, slots=True)
class BandwidthEstimate:
    """What the way to a receiver carries. Transport-wide: when it has changed notably, at most ten
    times a second, and every second while feedback comes; REMB: when another value came."""

    transport: TransportId
    bitrate: int
    """Bits/s."""
    by: BandwidthSource


@dataclass(frozen=True, slots=True)
class EventsLost:
    """The event queue was full; `count` events were dropped before this one."""

    count: int


Event = (
    StunReceived
    | DtlsReceived
    | SourceActive
    | SourceSilent
    | RouteSwitched
    | VoiceStarted
    | AudioLevels
    | SourceRates
    | BandwidthEstimate
    | EventsLost
)

RECENT_LEVELS = 16

SOURCE_SILENCE = 3.0
"""Seconds. Longer than the pause between two frames of a still screen."""


class Drop(StrEnum):
    """Why a datagram or packet went no further. A closed list; each is counted."""

    EMPTY = "empty"
    OVERSIZED = "oversized"
    UNKNOWN_PROTOCOL = "unknown_protocol"
    STUN_MALFORMED = "stun_malformed"
    STUN_UNKNOWN_UFRAG = "stun_unknown_ufrag"
    UNVALIDATED_PATH = "unvalidated_path"
    NO_KEYS = "no_keys"
    SRTP_AUTHENTICATION = "srtp_authentication"
    SRTP_REPLAY = "srtp_replay"
    RTP_MALFORMED = "rtp_malformed"
    RTCP_MALFORMED = "rtcp_malformed"
    UNKNOWN_SSRC = "unknown_ssrc"
    TOO_MANY_SSRCS = "too_many_ssrcs"
    UNKNOWN_PAYLOAD_TYPE = "unknown_payload_type"
    RTX_MALFORMED = "rtx_malformed"
    RTX_UNKNOWN = "rtx_unknown"
    DUPLICATE = "duplicate"
    TOO_OLD = "too_old"
    CODEC_NOT_NEGOTIATED = "codec_not_negotiated"
    AWAITING_KEYFRAME = "awaiting_keyframe"
    ABOVE_LAYER = "above_layer"
    """Of a layer that the route does not want."""
    QUEUE_FULL = "queue_full"
    """More waits for a thin link than it carries in time."""
    NO_PATH = "no_path"
    SEND_BUFFER_FULL = "send_buffer_full"
    SEND_FAILED = "send_failed"


# Statistics


@dataclass(slots=True)
class SourceStats:
    packets: int = 0
    bytes: int = 0
    """Of plain RTP packets."""
    packets_lost: int = 0
    packets_recovered: int = 0
    nacks_sent: int = 0
    keyframes: int = 0
    keyframe_requests_sent: int = 0
    jitter: float = 0.0
    """Seconds (RFC 3550, section 6.4.1)."""


@dataclass(slots=True)
class SinkStats:
    packets: int = 0
    bytes: int = 0
    """Of payload, as sender reports count them; retransmissions are not in it."""
    retransmitted: int = 0
    nacks_received: int = 0
    keyframe_requests_received: int = 0
    fraction_lost: float = 0.0
    """0..1, from the receiver's last report."""
    round_trip: float | None = None
    """Seconds, from the receiver's last report."""


@dataclass(slots=True)
class TransportStats:
    datagrams_received: int = 0
    bytes_received: int = 0
    datagrams_sent: int = 0
    bytes_sent: int = 0
    drops: dict[Drop, int] = field(default_factory=dict)
    remb: int | None = None
    """Bits/s, the last estimate this receiver sent (goog-remb)."""
    estimate: int | None = None
    """Bits/s, by transport-wide feedback."""
    padding_bytes: int = 0
    """Sent to probe the link."""
    queued_bytes: int = 0
    """Waiting to be sent at the link's pace."""


@dataclass(slots=True)
class EngineStats:
    drops: dict[Drop, int]
    """All drops, also those no transport could be blamed for."""
    transports: dict[TransportId, TransportStats]
    sources: dict[SourceId, SourceStats]
    sinks: dict[SinkId, SinkStats]


@dataclass(slots=True)
class KindTotals:
    """Of sound or of pictures."""

    packets_received: int = 0
    bytes_received: int = 0
    packets_lost: int = 0
    packets_recovered: int = 0
    nacks_sent: int = 0
    keyframes: int = 0
    keyframe_requests_sent: int = 0
    packets_sent: int = 0
    bytes_sent: int = 0
    retransmitted: int = 0
    nacks_received: int = 0
    keyframe_requests_received: int = 0


@dataclass(slots=True)
class EngineTotals:
    """What an engine has done in all. Unlike those of `EngineStats` these numbers never fall when
    something is closed (what was lost may turn out not to have been)."""

    drops: dict[Drop, int]
    datagrams_received: int
    """Of validated paths, as the three after it."""
    bytes_received: int
    datagrams_sent: int
    bytes_sent: int
    full_intra_requests: int
    """Among the keyframe requests received (FIR, RFC 5104); the others are PLI."""
    layer_switches: int
    kinds: dict[Kind, KindTotals]


@dataclass(slots=True)
class Output:
    """What one `handle` wants done: datagrams in sending order, events in the order they happened,
    and the time (seconds, same clock as `now`) by which `handle` must run again; None = never."""

    datagrams: Sequence[Datagram]
    events: Sequence[Event]
    wake_at: float | None


class Engine(Protocol):
    """The packet path. Not thread-safe; whoever calls `handle` owns it."""

    name: str
    """`reference` or `native`, as shown in health and logs."""

    transport_cc: bool
    """It does transport-wide congestion control, so that may be negotiated."""

    on_command: Callable[[], None] | None
    """Set by the shell; called when a command is queued and `handle` must run for it soon."""

    def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
        """Apply the queued commands, then what arrived, then what is due at `now` (seconds)."""
        ...

    def open_transport(
        self, transport: TransportId, ufrags: Sequence[str], extensions: Mapping[Extension, int]
    ) -> None:
        """`ufrags`: ours; STUN for them is this transport's. `extensions`: ids the peer sends with
        (one map for all m-lines: RFC 8843, section 9.1)."""
        ...

    def set_ufrags(self, transport: TransportId, ufrags: Sequence[str]) -> None:
        """Both the old and the new one while an ICE restart is under way."""
        ...

    def set_extensions(
        self, transport: TransportId, extensions: Mapping[Extension, int]
    ) -> None: ...

    def expect_stun(self, transport: TransportId, path: Path) -> None:
        """A Binding request of ours goes to `path`: let its response (no USERNAME) come up."""
        ...

    def validate_path(self, transport: TransportId, path: Path) -> None:
        """Accept DTLS and SRTP from `path`. A path belongs to one transport; the last wins. At most
        8 per transport, the oldest unselected goes first."""
        ...

    def select_path(self, transport: TransportId, path: Path | None) -> None:
        """Send to `path` from now on; None: send nothing."""
        ...

    def start_srtp(self, transport: TransportId, keys: SrtpKeys) -> None: ...

    def close_transport(self, transport: TransportId) -> None: ...

    def open_source(self, source: SourceId, parameters: SourceParameters) -> None: ...

    def close_source(self, source: SourceId) -> None: ...

    def open_sink(self, sink: SinkId, parameters: SinkParameters) -> None: ...

    def close_sink(self, sink: SinkId) -> None: ...

    def route(self, routes: Sequence[Route]) -> None: ...

    def set_receive_limit(self, transport: TransportId, bitrate: int) -> None:
        """Bits/s the peer may send in all, told to it by REMB about once a second and at once when
        changed; 0 sends no REMB."""
        ...

    def set_target(self, transport: TransportId, bitrate: int, probe: int) -> None:
        """Bits/s that are meant to be sent to the peer now, and bits/s that would be of use if the
        link carried them: worth probing for. 0: nothing more would be."""
        ...

    def send(self, path: Path, data: bytes) -> None:
        """STUN and DTLS."""
        ...

    def stats(self) -> EngineStats: ...

    def totals(self) -> EngineTotals:
        """Far cheaper than `stats`, however many there are."""
        ...
