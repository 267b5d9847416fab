"""What peers say by RTCP."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.rtp import rtcp
from sfu.rtp.clock import ntp64
from tests.support.script.world import World


@dataclass(frozen=True)
class SenderReport:
    encoding: int
    skew: float = 0.0
    """Seconds by which the publisher's clock is wrong."""
    ticks: int = 0
    """By which the timestamp is wrong."""
    repair: bool = False

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        ntp = ntp64(world.wire.now + self.skew) if self.skew > -1000 else 0
        timestamp = encoding.timestamp + self.ticks & 0xFFFF_FFFF
        ssrc = encoding.rtx_ssrc if self.repair else encoding.ssrc
        world.send_rtcp(encoding.publisher, rtcp.sender_report(ssrc, ntp, timestamp, 1, 1))


@dataclass(frozen=True)
class Report:
    """A receiver's, about a slot, by the latest sender report it got."""

    slot: int
    fraction_lost: int = 0
    round_trip: float = 0.02
    """Seconds that the engine shall find; may be nonsense."""
    unknown: bool = False
    """Names a sender report that never was."""

    def run(self, world: World) -> None:
        slot = world.flowing_slot(self.slot)
        member, ssrc = world.owner(slot), slot.parameters.ssrc
        told = [one for one in member.told(rtcp.SenderReport) if one.ssrc == ssrc]
        lsr = told[-1].sender_info.ntp_timestamp >> 16 & 0xFFFF_FFFF if told else 0
        if self.unknown:
            lsr ^= 0x1234_5678
        delay = world.wire.now - member.told_at - self.round_trip
        dlsr = round(delay * 65536) & 0xFFFF_FFFF
        block = rtcp.ReportBlock(ssrc, self.fraction_lost, 0, 0, 0, lsr, dlsr)
        foreign = rtcp.ReportBlock(0xDEAD, 255, 0, 0, 0, lsr, 0)
        world.send_rtcp(member, rtcp.receiver_report(slot.id, [foreign, block]))


@dataclass(frozen=True)
class Ask:
    """NACK, counted back from the latest packet of the slot."""

    slot: int
    back: tuple[int, ...]
    repair: bool = False
    """Of the retransmission stream, which nobody repairs."""

    def run(self, world: World) -> None:
        slot = world.flowing_slot(self.slot)
        packets = slot.packets
        latest = packets[-1].sequence if packets else 0
        lost = [latest - back & 0xFFFF for back in self.back]
        ssrc = slot.parameters.rtx_ssrc if self.repair else slot.parameters.ssrc
        world.send_rtcp(slot.subscriber, rtcp.nack(slot.id, ssrc or 0, lost))


@dataclass(frozen=True)
class LosePicture:
    slot: int
    by_fir: bool = False

    def run(self, world: World) -> None:
        slot = world.flowing_slot(self.slot)
        ssrc = slot.parameters.ssrc
        message = rtcp.fir(1, ssrc, 3) if self.by_fir else rtcp.pli(1, ssrc)
        world.send_rtcp(slot.subscriber, message)


@dataclass(frozen=True)
class Estimate:
    slot: int
    bitrate: int

    def run(self, world: World) -> None:
        slot = world.flowing_slot(self.slot)
        message = rtcp.receiver_report(1) + rtcp.remb(1, self.bitrate, [slot.parameters.ssrc])
        world.send_rtcp(slot.subscriber, message)


@dataclass(frozen=True)
class Control:
    """Any RTCP packets."""

    member: int
    packets: tuple[tuple[int, int, bytes], ...]
    """Packet type, first byte, and body, which is filled up to words."""
    cut: int = 0
    """Bytes missing at the end."""

    def run(self, world: World) -> None:
        member = world.member(self.member)
        compound = b""
        for kind, first, body in self.packets:
            words = max(1, (len(body) + 3) // 4)
            compound += struct.pack("!BBH", first, kind, words) + body.ljust(4 * words, b"\0")
        compound = compound[: max(8, len(compound) - self.cut)]
        world.send_rtcp(member, compound)


@dataclass(frozen=True)
class Crowd:
    """One peer speaks as many."""

    member: int
    first: int
    count: int

    def run(self, world: World) -> None:
        for ssrc in range(self.first, self.first + self.count):
            world.send_rtcp(world.member(self.member), rtcp.receiver_report(ssrc))
