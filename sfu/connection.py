"""Connection: our side of one RTCPeerConnection, and all that lives and dies with it.

It is made from the first offer of a peer connection. A later offer of the same one (same DTLS
fingerprint) may restart ICE and append m-lines, nothing else. `close` closes the transport, and
takes its sources and sinks off the switchboard; so does the end of the transport by itself.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sfu.bandwidth import Bandwidth, strategy_for
from sfu.dtls import Certificate
from sfu.engine.interface import (
    Kind,
    SinkId,
    SinkParameters,
    SourceId,
    SourceParameters,
)
from sfu.errors import OfferError
from sfu.figures import Connecting, Outcome
from sfu.ice import Origin, own_origin
from sfu.observer import Observer, Step, Unobserved
from sfu.policy import MediaPolicy
from sfu.publication import Layer, LineListener, SendingLine
from sfu.sdp.answer import Candidate, LocalTransport, SlotStream, build_answer
from sfu.sdp.negotiation import TRANSPORT_FEEDBACK, Line, Role, common_extensions
from sfu.sdp.offer import Offer
from sfu.subscriber import Subscriber
from sfu.switchboard import Switchboard
from sfu.transport import Milestone, Transport, TransportState

logger = logging.getLogger(__name__)

_NAMES: dict[Step, str] = {"ice": "ICE", "dtls": "DTLS", "media": "the first packet"}
_NO_CHECK = (
    "no connectivity check came: UDP does not get through to the media port, or the client cannot "
    "reach the addresses announced"
)
_MEANINGS = {
    "dtls_timeout": "the client did not finish the handshake: large datagrams may get lost",
    "dtls_fingerprint_mismatch": "its certificate is not the one of its offer",
    "dtls_no_srtp_profile": "it knows no way to encrypt media that we know",
    "dtls_failed": "its handshake cannot be understood",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What all connections of a server share."""

    switchboard: Switchboard
    certificate: Certificate
    candidates: Sequence[Candidate]
    publish_limit: int
    """Bits/s, told to publishers by REMB."""
    policy: MediaPolicy
    connecting: Connecting = field(default_factory=Connecting)
    """How all of them came about."""
    observer: Observer = field(default_factory=Unobserved)
    origin: Origin = own_origin
    """Where whoever comes by a path really is."""


class Connection:
    """`offer` and its `lines` are the first; call `answer` for what to reply."""

    def __init__(
        self,
        site: Site,
        offer: Offer,
        lines: Sequence[Line],
        subscriber: Subscriber,
        line_listener: LineListener,
        state_listener: Callable[[Connection, TransportState, str | None], None],
    ) -> None:
        self.subscriber = subscriber
        self.sending: dict[str, SendingLine] = {}
        """By mid."""
        self.fingerprints = offer.fingerprints
        self._site = site
        self._line_listener = line_listener
        self._state_listener = state_listener
        self._lines: list[Line] = []
        self._streams: dict[str, SlotStream] = {}
        self.sinks: list[SinkId] = []
        self._ssrcs: set[int] = set()
        self._cname = secrets.token_urlsafe(12)
        self._session_id = secrets.randbits(62)
        self._version = 0
        switchboard = site.switchboard
        self._began = switchboard.clock()
        self._reached: Step | None = None
        self.transport = Transport(
            switchboard.new_transport_id(),
            switchboard.engine,
            site.certificate,
            remote=offer.credentials,
            fingerprints=offer.fingerprints,
            extensions=common_extensions(lines),
            now=switchboard.clock(),
            listener=self._state_changed,
            milestone=self._reach,
            is_taken=switchboard.is_taken,
            origin=site.origin,
        )
        switchboard.add_transport(self.transport, subscriber)
        subscriber.attach(self.transport.id, _bandwidth(lines, switchboard.clock()))
        switchboard.engine.set_receive_limit(self.transport.id, site.publish_limit)
        self._open(lines)
        logger.info("transport %d: offered, told to come to %s", self.transport.id, _told(site))

    @property
    def sources(self) -> list[SourceId]:
        return [layer.source for line in self.sending.values() for layer in line.layers]

    def update(self, offer: Offer, lines: Sequence[Line]) -> None:
        """Take a later offer. Raises OfferError where it changes what was agreed."""
        self._check_unchanged(lines)
        self.transport.set_extensions(common_extensions(lines))
        if offer.credentials != self.transport.remote:
            self.transport.restart_ice(self._site.switchboard.clock(), offer.credentials)
        self._open(lines[len(self._lines) :])

    def answer(self, offer: Offer, lines: Sequence[Line]) -> str:
        """The description that answers `offer`, after it was taken."""
        self._version += 1
        local = LocalTransport(
            self._session_id,
            self._version,
            self.transport.local,
            self._site.certificate.fingerprint,
            self._site.candidates,
        )
        return build_answer(
            lines, self._streams, local, allow_mixed_extensions=offer.allow_mixed_extensions
        )

    def close(self, reason: str) -> None:
        """Idempotent."""
        self.transport.close(reason)

    def _check_unchanged(self, lines: Sequence[Line]) -> None:
        if len(lines) < len(self._lines):
            raise OfferError("an m-line of an earlier offer is missing")
        for number, (before, now) in enumerate(zip(self._lines, lines, strict=False)):
            if _identity(before) != _identity(now):
                raise OfferError(f"m-line {number} is not what it was: make a new peer connection")

    def _open(self, lines: Sequence[Line]) -> None:
        self._lines += lines
        for line in lines:
            if line.role is Role.SENDING:
                self._open_sending(line)
            elif line.role is Role.SLOT:
                self._open_slot(line)

    def _open_sending(self, line: Line) -> None:
        mid = line.media.mid
        sending = SendingLine(mid, line.kind, self._line_listener, arrived=self._arrived)
        self.sending[mid] = sending
        for rid in line.media.layers or (None,):
            layer = Layer(self._site.switchboard.new_source_id(), sending, rid)
            sending.layers.append(layer)
            parameters = SourceParameters(
                transport=self.transport.id,
                kind=line.kind,
                mid=mid,
                payload_types=line.payload_types,
                rid=rid,
                ssrc=line.media.ssrc,
                rtx_ssrc=line.media.rtx_ssrc,
                nack=line.nack,
            )
            self._site.switchboard.open_source(layer, parameters)

    def _open_slot(self, line: Line) -> None:
        mid, sink = line.media.mid, self._site.switchboard.new_sink_id()
        repairs = any(types.rtx is not None for types in line.payload_types.values())
        stream = SlotStream(
            slot=self.subscriber.add_slot(sink, line.kind, mid, line.payload_types),
            ssrc=self._new_ssrc(),
            rtx_ssrc=self._new_ssrc() if repairs and line.kind is Kind.VIDEO else None,
            cname=self._cname,
        )
        parameters = SinkParameters(
            transport=self.transport.id,
            kind=line.kind,
            ssrc=stream.ssrc,
            rtx_ssrc=stream.rtx_ssrc,
            cname=self._cname,
            payload_types=line.payload_types,
            extensions=line.extension_ids,
        )
        self._streams[mid] = stream
        self.sinks.append(sink)
        self._site.switchboard.open_sink(sink, self.subscriber, parameters)

    def _new_ssrc(self) -> int:
        while True:
            ssrc = secrets.randbelow(2**32 - 1) + 1
            if ssrc not in self._ssrcs:
                self._ssrcs.add(ssrc)
                return ssrc

    def _state_changed(self, state: TransportState, reason: str | None) -> None:
        if state == "closed":
            self._look_back(reason or "closed")
            self._leave_switchboard()
        self._state_listener(self, state, reason)

    def _reach(self, milestone: Milestone) -> None:
        took = self._step(milestone)
        connecting = self._site.connecting
        if milestone == "ice":
            connecting.ice["connected"] += 1
            connecting.ice_seconds.add(took)
        else:
            connecting.dtls["connected"] += 1
            connecting.dtls_seconds.add(took)

    def _arrived(self) -> None:
        if self._reached == "dtls":
            self.transport.in_context(self._step, "media")

    def _step(self, step: Step) -> float:
        """Seconds since the one before."""
        now = self._site.switchboard.clock()
        took, self._began, self._reached = now - self._began, now, step
        path = self.transport.path if step == "ice" else None
        way = ""
        if path:
            host, port = self._site.origin(path)
            way = f", from {host} port {port}"
        logger.info("transport %d: %s after %.3f s%s", self.transport.id, _NAMES[step], took, way)
        self._site.observer.reached(step, took)
        return took

    def _look_back(self, reason: str) -> None:
        """It has ended; was it ever a connection?"""
        if self._reached is None:
            self._site.connecting.ice[_outcome(reason)] += 1
            self._fail("ice", reason, self._why_no_ice(reason))
        elif self._reached == "ice":
            self._site.connecting.dtls[_outcome(reason)] += 1
            self._fail("dtls", reason, _MEANINGS.get(reason, "it did not come to an end"))
        elif self._reached == "dtls":
            logger.info("transport %d: no media came from it", self.transport.id)

    def _why_no_ice(self, reason: str) -> str:
        if self.transport.refusals:
            refusals = (f"{count} {why}" for why, count in self.transport.refusals.items())
            return f"connectivity checks were refused: {', '.join(refusals)}"
        return _NO_CHECK if reason == "ice_timeout" else "no connectivity check had come yet"

    def _fail(self, step: Step, reason: str, meaning: str) -> None:
        took = self._site.switchboard.clock() - self._began
        name = _NAMES[step]
        logger.info(
            "transport %d: no %s in %.3f s (%s): %s", self.transport.id, name, took, reason, meaning
        )
        self._site.observer.failed(step, reason, took)

    def _leave_switchboard(self) -> None:
        switchboard = self._site.switchboard
        switchboard.remove_transport(self.transport.id)
        for sink in self.sinks:
            switchboard.close_sink(sink)
        for source in self.sources:
            switchboard.close_source(source)


def _told(site: Site) -> str:
    return ", ".join(f"{each.host} port {each.port}" for each in site.candidates)


def _outcome(reason: str | None) -> Outcome:
    """Of a transport that closed before it was connected."""
    if reason in ("ice_timeout", "dtls_timeout"):
        return "timeout"
    return "failed" if reason and reason.startswith("dtls_") else "abandoned"


def _bandwidth(lines: Sequence[Line], now: float) -> Bandwidth:
    """Who says what the way to this client carries."""
    kinds = {
        kind
        for line in lines
        if line.role is Role.SLOT
        for chosen in line.codecs
        for kind in line.feedback(chosen)
    }
    return strategy_for(
        transport_cc=TRANSPORT_FEEDBACK in kinds, remb="goog-remb" in kinds, now=now
    )


def _identity(line: Line) -> tuple[object, ...]:
    """What of an m-line must never change within a peer connection."""
    return line.media.kind, line.media.mid, line.role, line.payload_types, line.media.layers
