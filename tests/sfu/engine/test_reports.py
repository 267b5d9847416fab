"""Reports: what receivers keep lips and voice together by, and publishers their bitrate."""

from __future__ import annotations

import itertools

import pytest

from sfu.engine.interface import Codec, Kind
from sfu.rtp import rtcp
from sfu.rtp.clock import ntp64
from sfu.rtp.packet import RtpPacket
from tests.support.wire import Encoding, FakePublisher, FakeSubscriber, Slot, Wire


class Person:
    """Somebody whose clock is wrong, and whose picture and sound begin at random timestamps."""

    def __init__(self, wire: Wire, clock_error: float, picture_delay: float = 0.0) -> None:
        self.wire = wire
        self.publisher = FakePublisher(wire)
        self.microphone = self.publisher.encoding(Codec.OPUS, mid="0")
        self.camera = self.publisher.encoding(mid="1")
        self.clock_error = clock_error
        self.picture_delay = picture_delay
        """Seconds a frame waits in the encoder; sound does not wait."""

        self._bases = {encoding: encoding.timestamp for encoding in (self.microphone, self.camera)}

    def _captured(self, encoding: Encoding, when: float) -> int:
        """The RTP timestamp of a moment."""
        ticks = round(when * encoding.codec.clock_rate)
        return (self._bases[encoding] + ticks) & 0xFFFF_FFFF

    def talk(self, seconds: float) -> None:
        """25 frames a second, each sent `picture_delay` after its capture, with sound of now."""
        for _ in range(round(seconds / 0.04)):
            now = self.wire.now
            self.microphone.timestamp = self._captured(self.microphone, now)
            self.camera.timestamp = self._captured(self.camera, now - self.picture_delay)
            self.publisher.send(*self.microphone.frame(packets=1))
            self.publisher.send(*self.camera.frame(keyframe=True))
            self.wire.advance(0.04)

    def report(self) -> None:
        """Sender reports, as an honest client makes them: when which timestamp is captured."""
        ntp = ntp64(self.wire.now + self.clock_error)
        for encoding in (self.microphone, self.camera):
            timestamp = self._captured(encoding, self.wire.now)
            self.publisher.send_rtcp(rtcp.sender_report(encoding.ssrc, ntp, timestamp, 1, 1))


def captured_at(subscriber: FakeSubscriber, slot: Slot, packet: RtpPacket) -> float:
    """When the receiver believes the packet to have been captured (server's seconds, NTP)."""
    reports = [
        report
        for report in subscriber.told(rtcp.SenderReport)
        if report.ssrc == slot.parameters.ssrc
    ]
    info = reports[-1].sender_info
    rate = 48_000 if slot.parameters.kind is Kind.AUDIO else 90_000
    distance = (packet.timestamp - info.rtp_timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
    return info.ntp_timestamp / (1 << 32) + distance / rate


def test_lips_and_voice_stay_together_over_switches(wire: Wire) -> None:
    people = [Person(wire, -500.0, picture_delay=0.12), Person(wire, +7000.0, picture_delay=0.03)]
    subscriber = FakeSubscriber(wire)
    picture, sound = subscriber.slot(), subscriber.slot(Kind.AUDIO)
    for person in people:
        person.talk(0.4)
        person.report()
    for person in (*people, *people):
        wire.route(picture.id, person.camera.id)
        wire.route(sound.id, person.microphone.id)
        subscriber.clear()
        person.talk(3)
        person.report()
        wire.advance(1.5)
        # Sound and picture of the last frame were sent together; the picture is older.
        skew = captured_at(subscriber, sound, sound.packets[-1]) - captured_at(
            subscriber, picture, picture.packets[-1]
        )
        assert skew == pytest.approx(person.picture_delay, abs=0.002)


def test_a_switch_does_not_bend_the_mapping(wire: Wire) -> None:
    people = [Person(wire, -3.0), Person(wire, 11.0)]
    subscriber = FakeSubscriber(wire)
    picture = subscriber.slot()
    for person in people:
        person.talk(0.4)
        person.report()
    for person in (*people, *people):
        wire.route(picture.id, person.camera.id)
        person.talk(2)
    lines = []
    for report in subscriber.told(rtcp.SenderReport):
        info = report.sender_info
        lines.append((info.ntp_timestamp / (1 << 32), info.rtp_timestamp))
    assert len(lines) > 5
    for (ntp, rtp), (next_ntp, next_rtp) in itertools.pairwise(lines):
        ticks = next_rtp - rtp & 0xFFFF_FFFF
        assert ticks / 90_000 == pytest.approx(next_ntp - ntp, abs=0.001)


def test_sender_report_names_the_server_time_and_counts(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for _ in range(30):
        camera.send()
    report = subscriber.told(rtcp.SenderReport)[-1]
    assert report.ssrc == slot.parameters.ssrc
    sent = slot.packets[: report.sender_info.packet_count]
    assert report.sender_info.octet_count == sum(len(packet.payload) for packet in sent)
    assert abs(report.sender_info.ntp_timestamp - ntp64(wire.now)) < 2 << 32
    assert any(
        subscriber.transport and slot.parameters.cname.encode() in plain
        for plain in subscriber.raw_feedback
    )


def test_about_one_a_second_and_none_for_empty_slots(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot, _ = subscriber.slot(), subscriber.slot()
    wire.route(slot.id, camera.id)
    for _ in range(250):
        camera.send(keyframe=True)
    reports = subscriber.told(rtcp.SenderReport)
    assert {report.ssrc for report in reports} == {slot.parameters.ssrc}
    assert 9 <= len(reports) <= 11


def test_many_slots_take_several_datagrams(wire: Wire) -> None:
    subscriber = FakeSubscriber(wire)
    slots = [subscriber.slot() for _ in range(25)]
    camera = FakePublisher(wire).encoding()
    for slot in slots:
        wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    subscriber.clear()
    wire.advance(1)
    reported = {report.ssrc for report in subscriber.told(rtcp.SenderReport)}
    assert reported == {slot.parameters.ssrc for slot in slots}
    assert max(map(len, subscriber.datagrams)) <= 1300


def lossy(camera: Encoding, frames: int) -> None:
    """Every tenth packet is lost."""
    for _ in range(frames):
        packets = camera.frame(packets=10)
        camera.publisher.send(*packets[:4], *packets[5:])
        camera.publisher.wire.advance(0.04)


def test_publisher_is_told_his_losses_and_our_delay(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(nack=False)
    publisher = camera.publisher
    lossy(camera, 50)
    ntp = ntp64(wire.now)
    publisher.send_rtcp(rtcp.sender_report(camera.ssrc, ntp, camera.timestamp, 1, 1))
    publisher.clear()
    lossy(camera, 25)
    wire.advance(0.1)
    [block] = publisher.told(rtcp.ReceiverReport)[-1].reports
    assert block.ssrc == camera.ssrc
    assert block.fraction_lost == pytest.approx(25, abs=3)
    assert block.packets_lost == pytest.approx(70, abs=8)
    assert block.lsr == ntp >> 16 & 0xFFFF_FFFF
    assert 0 < block.dlsr / 65536 < 1.2
    stats = wire.engine.stats().sources[camera.id]
    assert stats.packets_lost == pytest.approx(75, abs=1)


def test_what_was_repaired_is_still_told_as_lost(wire: Wire) -> None:
    """The sender adapts to the losses of the way (RFC 4588, section 6.1)."""
    camera = FakePublisher(wire).encoding()
    publisher = camera.publisher
    first, _, *rest = camera.frame(packets=10)
    publisher.send(first, *rest)
    publisher.send(camera.repair(camera.sequence - 9 & 0xFFFF))
    wire.advance(1)
    [block] = publisher.told(rtcp.ReceiverReport)[-1].reports
    assert block.packets_lost == 1
    assert wire.engine.stats().sources[camera.id].packets_recovered == 1


def test_report_of_the_repair_stream_moves_no_clock(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    publisher = camera.publisher
    camera.send(keyframe=True)
    publisher.send(camera.repair(camera.sequence - 1 & 0xFFFF))
    publisher.send_rtcp(rtcp.sender_report(camera.rtx_ssrc, ntp64(77.0), 1, 1, 1))
    wire.advance(1)
    [block] = publisher.told(rtcp.ReceiverReport)[-1].reports
    assert (block.lsr, block.dlsr) == (0, 0)


def test_receivers_report_gives_loss_and_round_trip(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    for _ in range(30):
        camera.send(keyframe=True)
    wire.advance(0.5)
    lsr = ntp64(wire.now) >> 16 & 0xFFFF_FFFF
    wire.advance(0.3)
    block = rtcp.ReportBlock(slot.parameters.ssrc, 64, 10, 100, 0, lsr, int(0.1 * 65536))
    foreign = rtcp.ReportBlock(0xDEAD, 255, 10, 100, 0, lsr, 0)
    subscriber.send_rtcp(rtcp.receiver_report(1, [foreign, block]))
    stats = wire.engine.stats().sinks[slot.id]
    assert stats.fraction_lost == 0.25
    assert stats.round_trip == pytest.approx(0.2, abs=0.001)


def test_bye_ends_nothing(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.publisher.send_rtcp(rtcp.bye([camera.ssrc]))
    camera.send()
    assert len(slot.packets) == 6


def test_report_about_a_foreign_ssrc_moves_no_clock(wire: Wire) -> None:
    person, other = Person(wire, 0.0), FakePublisher(wire)
    subscriber = FakeSubscriber(wire)
    picture = subscriber.slot()
    wire.route(picture.id, person.camera.id)
    person.talk(1)
    other.send_rtcp(rtcp.sender_report(person.camera.ssrc, ntp64(5.0), 12345, 1, 1))
    person.talk(2)
    packet = picture.packets[-1]
    believed = captured_at(subscriber, picture, packet) - ntp64(0) / (1 << 32)
    assert believed == pytest.approx(wire.now - 0.04, abs=0.05)
