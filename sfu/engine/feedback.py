"""What a peer says by RTCP, turned into what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sfu.engine.context import Context
from sfu.engine.interface import BandwidthEstimate, BandwidthSource, Drop
from sfu.engine.transport import Transport
from sfu.rtp import rtcp
from sfu.rtp.clock import ntp64, round_trip


def receive_rtcp(transport: Transport, data: bytes, context: Context) -> None:
    """One SRTCP datagram. What it says about SSRCs that are not this transport's is ignored."""
    plain = transport.unprotect_rtcp(data)
    if plain is None:
        return
    try:
        packets = rtcp.parse(plain)
    except rtcp.RtcpError:
        transport.drop(Drop.RTCP_MALFORMED)
        return
    for packet in packets:
        handler = _HANDLERS.get(type(packet))
        if handler is not None:
            handler(transport, packet, context)


def _sender_report(transport: Transport, report: rtcp.SenderReport, context: Context) -> None:
    row = transport.ssrcs.rows.get(report.ssrc)
    if row is not None and row.source is not None and not row.identity.repair:
        info = report.sender_info
        row.source.sender_report(info.ntp_timestamp, info.rtp_timestamp)
    _blocks(transport, report.reports, context)


def _receiver_report(transport: Transport, report: rtcp.ReceiverReport, context: Context) -> None:
    _blocks(transport, report.reports, context)


def _blocks(transport: Transport, blocks: Sequence[rtcp.ReportBlock], context: Context) -> None:
    ntp = ntp64(context.unix)
    for block in blocks:
        sink = transport.sinks_by_ssrc.get(block.ssrc)
        if sink is None:
            continue
        sink.stats.fraction_lost = block.fraction_lost / 256
        seconds = round_trip(ntp, block.lsr, block.dlsr)
        if seconds is not None:
            sink.stats.round_trip = transport.round_trip = seconds


def _nack(transport: Transport, nack: rtcp.Nack, context: Context) -> None:
    sink = transport.sinks_by_ssrc.get(nack.media_ssrc)
    if sink is not None:
        sink.resend(nack.lost)


def _pli(transport: Transport, pli: rtcp.Pli, context: Context) -> None:
    _want_keyframe(transport, pli.media_ssrc)


def _fir(transport: Transport, fir: rtcp.Fir, context: Context) -> None:
    for ssrc, _ in fir.requests:
        if ssrc in transport.sinks_by_ssrc:
            context.closed.full_intra_requests += 1
            _want_keyframe(transport, ssrc)


def _want_keyframe(transport: Transport, ssrc: int) -> None:
    sink = transport.sinks_by_ssrc.get(ssrc)
    if sink is not None:
        sink.keyframe_wanted()


def _remb(transport: Transport, remb: rtcp.Remb, context: Context) -> None:
    if transport.remb != remb.bitrate:
        context.observe(BandwidthEstimate(transport.id, remb.bitrate, BandwidthSource.REMB))
    transport.remb = remb.bitrate


_HANDLERS: dict[type, Callable[[Transport, Any, Context], None]] = {
    rtcp.SenderReport: _sender_report,
    rtcp.ReceiverReport: _receiver_report,
    rtcp.Nack: _nack,
    rtcp.Pli: _pli,
    rtcp.Fir: _fir,
    rtcp.Remb: _remb,
}
"""BYE has no row: a stream ends when it is closed or silent, not because somebody says so."""
