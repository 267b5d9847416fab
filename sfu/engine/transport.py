"""One client: its keys, its paths, its incoming SSRCs and its outgoing sinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from sfu.engine.binding import Identity, SsrcTable
from sfu.engine.context import Context
from sfu.engine.interface import (
    Datagram,
    Drop,
    Extension,
    Path,
    SinkId,
    SrtpKeys,
    TransportId,
    TransportStats,
)
from sfu.engine.reports import Reporter
from sfu.engine.sink import DEFAULT_ROUND_TRIP, Sink
from sfu.engine.source import Source
from sfu.engine.srtp import SrtpError, SrtpReceiver, SrtpSender
from sfu.rtp.clock import TransportClock
from sfu.rtp.packet import RtpError, RtpPacket, parse

MAX_RTCP_SENDERS = 64
"""Other SSRCs a peer may send RTCP with; Firefox uses one per receiving m-line."""

_new_datagram: Callable[[type[Datagram], tuple[Path, bytes]], Datagram] = tuple.__new__
"""A named tuple's own constructor takes twice as long, which the packet path feels."""

_SSRC_AT = slice(8, 12)
_RTCP_SSRC_AT = slice(4, 8)


class Transport:
    def __init__(
        self, transport: TransportId, extensions: Mapping[Extension, int], context: Context
    ) -> None:
        self.id = transport
        self.ufrags: tuple[str, ...] = ()
        self.paths: list[Path] = []
        """Validated, oldest first."""
        self.expected: list[Path] = []
        self.selected: Path | None = None
        self.sender: SrtpSender | None = None
        self.ssrcs = SsrcTable()
        self.sinks: dict[SinkId, Sink] = {}
        self.sinks_by_ssrc: dict[int, Sink] = {}
        self.clock = TransportClock()
        self.round_trip = DEFAULT_ROUND_TRIP
        """Seconds, by the last report about any of the sinks."""
        self.receive_limit = 0
        """Bits/s; 0 for none."""
        self.remb: int | None = None
        self.datagrams_received = 0
        self.bytes_received = 0
        self.datagrams_sent = 0
        self.bytes_sent = 0
        self.reporter = Reporter(self, context)
        self._context = context
        self._receiver: SrtpReceiver | None = None
        self._rtcp_senders: set[int] = set()
        self._drops: Counter[Drop] = Counter()
        self.set_extensions(extensions)

    def set_extensions(self, extensions: Mapping[Extension, int]) -> None:
        self.extensions = {identifier: extension for extension, identifier in extensions.items()}

    def start_srtp(self, keys: SrtpKeys) -> None:
        self._receiver = SrtpReceiver(keys)
        self.sender = SrtpSender(keys)
        self.reporter.start()
        self._can_send_now()

    def close(self) -> None:
        """Free libsrtp's memory now, not when the garbage collector comes by."""
        self.reporter.close()
        self._receiver = self.sender = None

    def select(self, path: Path | None) -> None:
        """Where to send from now on."""
        self.selected = path
        self._can_send_now()

    @property
    def ready(self) -> bool:
        """There are a path and keys to send with."""
        return self.selected is not None and self.sender is not None

    def _can_send_now(self) -> None:
        """What was asked for before has gone nowhere."""
        if self.ready:
            for source in self.sources:
                source.sink_waits()
            for sink in self.sinks.values():
                sink.transport_ready()

    def set_receive_limit(self, bitrate: int) -> None:
        self.receive_limit = bitrate
        self.reporter.limit_changed()

    # Sources and sinks

    @property
    def sources(self) -> list[Source]:
        return self.ssrcs.sources

    def add_sink(self, sink: Sink) -> None:
        self.sinks[sink.id] = sink
        self.sinks_by_ssrc[sink.ssrc] = sink

    def remove_sink(self, sink: Sink) -> None:
        del self.sinks[sink.id]
        if self.sinks_by_ssrc.get(sink.ssrc) is sink:
            del self.sinks_by_ssrc[sink.ssrc]

    # Receiving

    def receive_rtp(self, data: bytes) -> None:
        if len(data) < 12 or self._receiver is None:
            self.drop(Drop.NO_KEYS if self._receiver is None else Drop.RTP_MALFORMED)
            return
        ssrc = int.from_bytes(data[_SSRC_AT], "big")
        row = self.ssrcs.rows.get(ssrc)
        try:
            found = (row.identity, row.source) if row else self._identify(data)
            if found is None:
                return
            packet = parse(self._receiver.rtp(data))
        except SrtpError as error:
            self.drop(error.drop)
            return
        except RtpError:
            self.drop(Drop.RTP_MALFORMED)
            return
        if row is None and found[1] is not None:
            self.ssrcs.bind(ssrc, found[0], found[1])
        self._dispatch(packet, *found)

    def _identify(self, data: bytes) -> tuple[Identity, Source] | None:
        """What an unknown SSRC would be if its packet is authentic. The header is not encrypted,
        but the number of padding bytes is."""
        found = self.ssrcs.identify(parse(bytes((data[0] & ~0x20,)) + data[1:]), self.extensions)
        if found is None:
            self.drop(Drop.UNKNOWN_SSRC)
        elif self.ssrcs.full:
            self.drop(Drop.TOO_MANY_SSRCS)
            return None
        return found

    def _dispatch(self, packet: RtpPacket, identity: Identity, source: Source | None) -> None:
        if source is None:
            # Its source is closed. It was decrypted only so that libsrtp keeps count.
            self.drop(Drop.UNKNOWN_SSRC)
        elif identity.repair:
            source.receive_rtx(packet)
        else:
            source.receive(packet)

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """The plain compound; None (and counted) if it is not acceptable."""
        if self._receiver is None or len(data) < 8:
            self.drop(Drop.NO_KEYS if self._receiver is None else Drop.RTCP_MALFORMED)
            return None
        sender = int.from_bytes(data[_RTCP_SSRC_AT], "big")
        known = sender in self._rtcp_senders or sender in self.ssrcs.rows
        if not known and len(self._rtcp_senders) >= MAX_RTCP_SENDERS:
            self.drop(Drop.TOO_MANY_SSRCS)
            return None
        try:
            plain = self._receiver.rtcp(data)
        except SrtpError as error:
            self.drop(error.drop)
            return None
        if not known:
            self._rtcp_senders.add(sender)
        return plain

    # Sending

    def send_rtp(self, size: int) -> bytes | None:
        """Protect and send what is in SCRATCH; the datagram, or None (and counted)."""
        sender, path = self.sender, self.selected
        if sender is None or path is None:
            self.drop_unsendable()
            return None
        try:
            data = sender.rtp(size)
        except SrtpError:
            self.drop(Drop.TOO_OLD)  # libsrtp refuses only what its replay window has left behind
            return None
        self.datagrams_sent += 1
        self.bytes_sent += len(data)
        self._context.datagrams.append(_new_datagram(Datagram, (path, data)))
        return data

    def send_rtcp(self, compound: bytes) -> bool:
        """False if there is no way to the peer now."""
        if self.sender is None or self.selected is None:
            return False
        self.send(self.sender.rtcp(compound))
        return True

    def send(self, data: bytes) -> None:
        if self.selected is not None:
            self.count_sent(data)
            self._context.send(self.selected, data)

    # Counting

    def count_sent(self, data: bytes) -> None:
        self.datagrams_sent += 1
        self.bytes_sent += len(data)

    def drop(self, reason: Drop) -> None:
        self._drops[reason] += 1
        self._context.drops[reason] += 1

    def drop_unsendable(self) -> None:
        self.drop(Drop.NO_PATH if self.selected is None else Drop.NO_KEYS)

    def snapshot(self) -> TransportStats:
        return TransportStats(
            self.datagrams_received,
            self.bytes_received,
            self.datagrams_sent,
            self.bytes_sent,
            dict(self._drops),
            self.remb,
        )
