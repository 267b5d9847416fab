"""Transport-wide congestion control: numbers, feedback, the estimate, pacing, probes. Only the
native engine does it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from sfu.engine.interface import (
    BandwidthEstimate,
    BandwidthSource,
    Codec,
    Drop,
    Extension,
    Kind,
    Switch,
    TransportStats,
)
from sfu.engine.native import NativeEngine
from sfu.rtp import extensions, rtcp
from sfu.rtp.packet import RtpPacket, build, parse
from tests.sfu.engine.conftest import ENGINES
from tests.support import twcc
from tests.support.link import (
    NUMBERED,
    TRANSPORT_CC,
    Link,
    NumberedSubscriber,
    Sent,
    number_of,
    picture,
)
from tests.support.wire import (
    FRAME,
    PUBLISHED,
    PUBLISHED_EXTENSIONS,
    Encoding,
    FakePublisher,
    FakeSubscriber,
    Wire,
)

pytestmark = pytest.mark.skipif("native" not in ENGINES, reason="without the native engine")

START = 300_000
"""Bits/s the estimate begins with."""


@pytest.fixture
def wire() -> Wire:
    return Wire(NativeEngine())


class Call:
    """A camera and a microphone, watched by one whose packets are numbered."""

    def __init__(self, wire: Wire, link: Link | None = None, *, rtx: bool = True) -> None:
        self.wire = wire
        self.publisher = FakePublisher(wire)
        self.camera = self.publisher.encoding()
        self.microphone = self.publisher.encoding(Codec.OPUS, mid="0")
        self.viewer = NumberedSubscriber(wire, link)
        self.video = self.viewer.numbered_slot(rtx=rtx)
        self.audio = self.viewer.numbered_slot(kind=Kind.AUDIO)
        wire.route(self.video.id, self.camera.id)
        wire.route(self.audio.id, self.microphone.id)

    def show(self, packets: int = 1, size: int = 1000, *, keyframe: bool = False) -> None:
        self.publisher.send(*picture(self.camera, packets, size, keyframe=keyframe))

    def speak(self) -> None:
        self.publisher.send(*self.microphone.frame(packets=1))

    def play(self, seconds: float, bitrate: float) -> None:
        """25 frames a second, with feedback 20 times a second."""
        size = round(bitrate * FRAME / 8)
        packets = size // 1100 + 1
        for _ in range(round(seconds / FRAME)):
            self.show(packets, size // packets)
            self.viewer.run(FRAME, FRAME)

    @property
    def estimate(self) -> int:
        estimate = self.stats.estimate
        assert estimate is not None
        return estimate

    @property
    def stats(self) -> TransportStats:
        return self.wire.engine.stats().transports[self.viewer.transport]

    @property
    def estimates(self) -> list[int]:
        return [event.bitrate for event in self.wire.seen(BandwidthEstimate)]


@pytest.fixture
def call(wire: Wire) -> Call:
    return Call(wire)


# Numbers


def test_all_packets_of_a_transport_are_numbered_in_one_row(call: Call) -> None:
    call.show(3, keyframe=True)
    call.speak()
    call.show(3)
    call.viewer.ask_again(call.video, call.video.packets[1].sequence)
    call.wire.advance(0.1)
    assert [sent.number for sent in call.viewer.sent] == list(range(8))
    assert {sent.packet.ssrc for sent in call.viewer.sent} == {
        call.video.parameters.ssrc,
        call.audio.parameters.ssrc,
        call.video.parameters.rtx_ssrc,
    }


def test_numbers_wrap(call: Call) -> None:
    call.show(1, keyframe=True)
    for _ in range(1100):
        call.publisher.send(*picture(call.camera, 60, 10))
        call.viewer.run(0.1)
    numbers = [sent.number for sent in call.viewer.sent]
    assert len(numbers) == 1 + 1100 * 60 > 65536
    assert numbers == [number & 0xFFFF for number in range(len(numbers))]
    assert call.viewer.told(rtcp.Remb) == []
    assert call.stats.drops == {}
    assert len(call.estimates) > 100


@pytest.mark.parametrize("identifier", [1, 14, 15, 200])
def test_in_both_forms_of_extensions(wire: Wire, identifier: int) -> None:
    publisher, viewer = FakePublisher(wire), FakeSubscriber(wire)
    camera = publisher.encoding()
    ids = {**NUMBERED, Extension.TRANSPORT_CC: identifier, Extension.AUDIO_LEVEL: 6}
    slot = viewer.slot(extension_ids=ids)
    wire.route(slot.id, camera.id)
    publisher.send(*picture(camera, 5, keyframe=True))
    assert [number_of(packet, identifier) for packet in slot.packets] == [0, 1, 2, 3, 4]
    assert all(parse_elements(packet)[NUMBERED[Extension.ABS_SEND_TIME]] for packet in slot.packets)


def parse_elements(packet: RtpPacket) -> dict[int, bytes]:
    assert packet.extension_profile is not None
    return extensions.parse(packet.extension_profile, packet.extension)


def test_a_stream_that_did_not_negotiate_it_has_none(wire: Wire) -> None:
    call = Call(wire)
    plain = call.viewer.slot()
    wire.route(plain.id, call.camera.id)
    call.show(3, keyframe=True)
    assert len(plain.packets) == 3
    assert [number_of(packet) for packet in plain.packets] == [None] * 3
    assert sorted(number_of(packet) or 0 for packet in call.video.packets) == [0, 1, 2]


# The estimate


def test_is_told_while_feedback_comes(call: Call) -> None:
    call.show(1, keyframe=True)
    assert call.stats.estimate is None
    call.play(10, 200e3)
    times = len(call.wire.seen(BandwidthEstimate))
    assert 10 <= times <= 100
    assert all(
        event.transport == call.viewer.transport and event.by is BandwidthSource.TRANSPORT_CC
        for event in call.wire.seen(BandwidthEstimate)
    )
    call.viewer.reporting = False
    call.wire.events.clear()
    call.wire.advance(5)  # nothing is sent, so nothing is missed
    assert call.wire.seen(BandwidthEstimate) == []


def test_finds_what_a_thin_link_carries(wire: Wire) -> None:
    call = Call(wire, Link(bitrate=600e3))
    call.show(1, keyframe=True)
    for _ in range(60):
        call.wire.engine.set_target(call.viewer.transport, 500_000, 2_000_000)
        call.play(0.5, min(call.estimate if call.stats.estimate else START, 1e6))
    late = call.estimates[-20:]
    assert all(350e3 < bitrate < 800e3 for bitrate in late)


def test_falls_when_the_link_gets_thinner(wire: Wire) -> None:
    link = Link(bitrate=5e6)
    call = Call(wire, link)
    call.show(1, keyframe=True)
    call.wire.engine.set_target(call.viewer.transport, 1_000_000, 2_000_000)
    call.play(10, 1e6)
    assert call.estimate > 1e6
    link.bitrate = 500e3
    call.play(2, 1e6)
    assert call.estimate < 600e3


def test_falls_when_feedback_stops(call: Call) -> None:
    call.show(1, keyframe=True)
    call.play(2, 200e3)
    before = call.estimate
    call.viewer.reporting = False
    call.play(5, 200e3)
    assert call.estimate < before / 2
    assert call.estimates[-1] == call.estimate


def test_silence_of_our_own_is_no_lack_of_feedback(call: Call) -> None:
    call.show(1, keyframe=True)
    call.play(2, 200e3)
    before = call.estimate
    call.wire.advance(60)
    call.show()
    assert call.estimate == before


def test_what_the_receiver_estimates_is_not_heard(call: Call) -> None:
    call.viewer.send_rtcp(rtcp.remb(1, 50_000, [call.video.parameters.ssrc]))
    assert call.wire.seen(BandwidthEstimate) == []
    assert call.stats.remb == 50_000


# Pacing


def bytes_of(sent: Sequence[Sent]) -> int:
    return sum(one.size for one in sent)


def test_a_keyframe_does_not_flood_a_thin_link(call: Call) -> None:
    began = call.wire.now
    call.show(30, keyframe=True)
    assert 5 <= len(call.viewer.sent) <= 8
    assert call.stats.queued_bytes > 20_000
    call.viewer.run(0.6)
    assert len(call.viewer.sent) == 30
    assert call.stats.queued_bytes == 0
    rate = 2.5 * START / 8
    for sent in call.viewer.sent:
        window = list(call.viewer.between(began, sent.at + 1e-9))
        assert bytes_of(window) <= 6000 + rate * (sent.at - began) * 1.5 + 2 * 1200
    assert [sent.number for sent in call.viewer.sent] == list(range(30))
    sequences = [packet.sequence for packet in call.video.packets]
    assert sequences == list(range(sequences[0], sequences[0] + 30))


def test_nothing_waits_on_a_wide_link(wire: Wire) -> None:
    call = Call(wire)
    call.show(1, keyframe=True)
    for _ in range(40):
        call.wire.engine.set_target(call.viewer.transport, 10_000_000, 20_000_000)
        call.play(0.5, min(call.estimate if call.stats.estimate else START, 10e6))
    assert call.estimate > 5e6
    before = len(call.viewer.sent)
    call.show(15, keyframe=True)
    assert len(call.viewer.sent) == before + 15


def test_sound_and_reports_never_wait(call: Call) -> None:
    call.show(30, keyframe=True)
    before = len(call.viewer.sent)
    call.speak()
    assert call.viewer.sent[-1].packet.ssrc == call.audio.parameters.ssrc
    assert len(call.viewer.sent) == before + 1
    call.viewer.clear()
    call.wire.advance(0.01)
    assert call.stats.queued_bytes > 10_000


def test_what_was_lost_goes_before_what_is_new(call: Call) -> None:
    call.show(4, keyframe=True)
    call.viewer.run(0.5)
    lost = call.video.packets[1].sequence
    call.show(20)
    call.viewer.sent.clear()
    call.viewer.ask_again(call.video, lost)
    assert call.viewer.sent == []
    call.wire.advance(0.6)
    assert call.viewer.sent[0].packet.ssrc == call.video.parameters.rtx_ssrc
    assert len(call.viewer.sent) > 10


def test_pictures_that_wait_leave_room_for_what_was_lost(call: Call) -> None:
    call.show(4, keyframe=True)
    call.viewer.run(0.5)
    call.show(100)
    assert call.stats.drops[Drop.QUEUE_FULL] > 0
    dropped = call.stats.drops[Drop.QUEUE_FULL]
    call.viewer.ask_again(call.video, *(packet.sequence for packet in call.video.packets[:4]))
    assert call.stats.drops[Drop.QUEUE_FULL] == dropped
    call.wire.advance(0.1)
    assert len(call.video.repairs) == 4


def test_more_than_half_a_second_does_not_wait(call: Call) -> None:
    call.show(100, keyframe=True)
    assert call.stats.queued_bytes <= 48 << 10
    left = len(call.viewer.sent)
    dropped = call.stats.drops[Drop.QUEUE_FULL]
    assert dropped > 30
    call.wire.advance(1.0)
    assert len(call.viewer.sent) == 100 - dropped > left
    # What was left out can be had again.
    sequences = {packet.sequence for packet in call.video.packets}
    missing = max(sequences) + 1
    call.show(1)
    call.viewer.ask_again(call.video, missing)
    call.wire.advance(0.1)
    assert [packet.payload[:2] for packet in call.video.repairs] == [missing.to_bytes(2, "big")]


def test_who_never_tells_anything_is_not_held_back_for_ever(call: Call) -> None:
    call.viewer.reporting = False
    call.show(10, keyframe=True)
    call.viewer.run(1.5)
    call.viewer.sent.clear()
    call.show(100)
    assert len(call.viewer.sent) == 100


def test_a_picture_without_rtx_does_not_wait(wire: Wire) -> None:
    call = Call(wire, rtx=False)
    call.show(30, keyframe=True)
    assert len(call.video.packets) == 30
    call.viewer.expect_repeats = True
    call.viewer.datagrams.clear()
    call.viewer.ask_again(call.video, call.video.packets[3].sequence)
    assert len(call.viewer.datagrams) == 1


@pytest.mark.parametrize("what", ["sink", "transport", "path"])
def test_what_waits_goes_with_its(call: Call, what: str) -> None:
    call.show(30, keyframe=True)
    engine = call.wire.engine
    if what == "sink":
        engine.close_sink(call.video.id)
    elif what == "transport":
        engine.close_transport(call.viewer.transport)
    else:
        engine.select_path(call.viewer.transport, None)
    call.viewer.sent.clear()
    call.wire.advance(1)
    assert call.viewer.sent == []
    if what != "transport":
        assert call.stats.queued_bytes == 0
    assert call.wire.wake_at is None or call.wire.wake_at > call.wire.now


@pytest.mark.parametrize("switch", [Switch.PARTICIPANT, Switch.CUT])
def test_nothing_of_a_picture_that_is_cut_leaves_any_more(call: Call, switch: Switch) -> None:
    other = call.publisher.encoding(mid="2")
    call.show(30, keyframe=True)
    before = list(call.video.packets)
    call.wire.route(call.video.id, other.id, switch)
    assert call.stats.queued_bytes == 0
    call.publisher.send(*picture(other, 3, keyframe=True))
    call.viewer.run(0.5)
    after = call.video.packets[len(before) :]
    assert [packet.sequence for packet in after] == [
        before[-1].sequence + number for number in (1, 2, 3)
    ]
    assert len({packet.timestamp for packet in after}) == 1
    assert after[0].timestamp > before[-1].timestamp


def test_a_number_that_has_left_never_comes_again(call: Call) -> None:
    other = call.publisher.encoding(mid="2")
    first, late, *rest = picture(call.camera, 30, keyframe=True)
    call.publisher.send(first, *rest[:6])
    call.wire.advance(0.1)
    call.publisher.send(*rest[6:20], late)
    call.wire.route(call.video.id, other.id, Switch.CUT)
    call.publisher.send(*picture(other, 3, keyframe=True))
    call.viewer.run(0.5)
    newest = call.video.packets[-1].timestamp
    before = [packet.sequence for packet in call.video.packets if packet.timestamp != newest]
    after = [packet.sequence for packet in call.video.packets if packet.timestamp == newest]
    assert 7 < len(before) < 21
    assert after[0] > max(before)
    assert after == [after[0], after[0] + 1, after[0] + 2]


def test_a_layer_that_follows_lets_the_one_before_leave(call: Call) -> None:
    other = call.publisher.encoding(mid="2")
    call.show(30, keyframe=True)
    call.wire.route(call.video.id, other.id, Switch.LAYER)
    call.publisher.send(*picture(other, 3, keyframe=True))
    call.viewer.run(1)
    assert len(call.video.packets) == 33


# Probes


def probes(call: Call) -> list[Sent]:
    return [s for s in call.viewer.sent if s.packet.ssrc == call.video.parameters.rtx_ssrc]


def test_more_is_tried_when_it_is_of_use(call: Call) -> None:
    call.show(2, keyframe=True)
    call.play(2, 250e3)
    assert probes(call) == []
    assert call.stats.padding_bytes == 0
    call.wire.engine.set_target(call.viewer.transport, 250_000, 2_000_000)
    call.play(10, 250e3)
    padding = probes(call)
    assert call.stats.padding_bytes == bytes_of(padding) > 0
    assert call.estimate > 1e6
    # Of little media alone it could not have been learnt.
    assert bytes_of(padding) < 0.2 * bytes_of(call.viewer.sent)


def test_a_probe_repeats_what_was_sent_last(call: Call) -> None:
    call.show(2, keyframe=True)
    call.wire.engine.set_target(call.viewer.transport, 250_000, 2_000_000)
    call.play(5, 250e3)
    sent = {packet.sequence: packet.payload for packet in call.video.packets}
    padding = probes(call)
    assert padding
    for one in padding:
        payload = one.packet.payload
        assert sent[int.from_bytes(payload[:2], "big")] == payload[2:]


def test_a_probe_is_spread_over_time(call: Call) -> None:
    call.show(2, keyframe=True)
    call.wire.engine.set_target(call.viewer.transport, 250_000, 5_000_000)
    call.play(3, 250e3)
    times = [one.at for one in probes(call)]
    last = [time for time in times if times[-1] - time < 0.05]
    assert len(last) >= 10
    assert 0.01 <= last[-1] - last[0] <= 0.03
    assert max(last.count(time) for time in last) <= 2


def test_no_probe_without_retransmission(wire: Wire) -> None:
    call = Call(wire, rtx=False)
    call.viewer.expect_repeats = True
    call.show(2, keyframe=True)
    call.wire.engine.set_target(call.viewer.transport, 250_000, 5_000_000)
    call.play(2, 250e3)
    assert call.stats.padding_bytes == 0
    assert call.estimates


@pytest.mark.parametrize("why", ["no picture", "paused", "still"])
def test_padding_fills_a_probe_where_no_picture_flows(wire: Wire, why: str) -> None:
    call = Call(wire)
    if why == "no picture":
        call.wire.route(call.video.id, None)
    call.show(2, keyframe=True)
    if why == "paused":
        call.wire.route(call.video.id, call.camera.id, paused=True)
    call.viewer.run(2)
    call.wire.engine.set_target(call.viewer.transport, 250_000, 5_000_000)
    for _ in range(100):
        call.speak()
        call.viewer.run(0.02, 0.02)
    padding = probes(call)
    assert bytes_of(padding) == call.stats.padding_bytes > 0
    assert call.estimate > 1e6
    for one in padding:
        assert not one.packet.payload
        assert one.packet.payload_type == call.video.parameters.payload_types[Codec.VP8].rtx


def test_nothing_of_another_picture_fills_a_probe(wire: Wire) -> None:
    call = Call(wire)
    call.show(2, keyframe=True)
    call.play(1, 250e3)
    other = call.publisher.encoding(mid="2")
    call.wire.route(call.video.id, other.id, Switch.PARTICIPANT)
    switched = call.wire.now
    call.wire.engine.set_target(call.viewer.transport, 250_000, 5_000_000)
    call.viewer.run(0.5)
    assert not any(one.packet.payload for one in probes(call) if one.at >= switched)
    call.publisher.send(*picture(other, 2, keyframe=True))
    first = call.video.packets[-2]
    call.wire.engine.set_target(call.viewer.transport, 250_000, 50_000_000)
    for _ in range(50):
        call.publisher.send(*picture(other, 2))
        call.viewer.run(FRAME, FRAME)
    repeated = [one for one in probes(call) if one.at >= switched and one.packet.payload]
    assert repeated
    assert all(one.packet.timestamp >= first.timestamp for one in repeated)


# Feedback that lies


def told_of(first: int, last: int, step: float = 0.01) -> bytes:
    return twcc.feedback({number: 9 + number * step for number in range(first, last + 1)})


GOOD = told_of(0, 9)


@pytest.mark.parametrize(
    "compound",
    [
        pytest.param(told_of(0, 200), id="more than were sent"),
        pytest.param(told_of(30_000, 30_005), id="numbers never sent"),
        pytest.param(told_of(0xFFF0, 0xFFFF), id="numbers before the first"),
        pytest.param(told_of(0xFFF0, 0x1_0005), id="a run from before the first"),
        pytest.param(GOOD[:12] + b"\0\0\xff\xff" + GOOD[16:], id="a wrong count"),
        pytest.param(GOOD[:14] + b"\0\0" + GOOD[16:], id="of nothing"),
        pytest.param(twcc.header(16) + GOOD[4:20], id="without chunks"),
        pytest.param(twcc.header(8) + GOOD[4:12], id="without a head"),
        pytest.param(twcc.header(20) + GOOD[4:14] + b"\0\x0a" + GOOD[16:20] + b"\x60\x0a\0\0"),
    ],
)
def test_lies_are_dropped(wire: Wire, compound: bytes) -> None:
    call, other = Call(wire), Call(wire)
    for each in (call, other):
        each.show(5, keyframe=True)
        each.play(1, 200e3)
    before = call.estimate, other.estimate
    call.wire.events.clear()
    call.viewer.tell(compound)
    assert call.stats.drops == {Drop.RTCP_MALFORMED: 1}
    assert (call.estimate, other.estimate) == before
    assert call.wire.seen(BandwidthEstimate) == []
    call.play(1, 200e3)
    other.play(1, 200e3)
    assert call.estimate == other.estimate >= before[0]
    assert other.stats.drops == {}


def test_who_was_sent_no_numbers_is_not_heard(wire: Wire) -> None:
    viewer = FakeSubscriber(wire)
    viewer.slot()
    viewer.send_rtcp(told_of(0, 3))
    viewer.send_rtcp(twcc.header(8) + GOOD[4:12])
    stats = wire.engine.stats().transports[viewer.transport]
    assert stats.drops == {}
    assert stats.estimate is None


def test_lies_about_times_keep_the_estimate_in_bounds(call: Call) -> None:
    call.show(1, keyframe=True)
    for turn in range(200):
        call.show(3, 300)
        call.viewer.run(0.05, 0.05)
        wild = (turn * 7919 % 1000) * 4_000.0
        steps = {3 * turn + number: wild - number * 7.9 for number in range(3)}
        call.viewer.tell(twcc.feedback(steps))
    assert call.stats.drops == {}
    assert all(30_000 <= bitrate <= 100_000_000 for bitrate in call.estimates)


def test_told_again_counts_once(wire: Wire) -> None:
    calls = Call(wire), Call(wire)
    for call in calls:
        call.show(1, keyframe=True)
    for _ in range(100):
        for call in calls:
            call.show(2)
            call.viewer.run(0.02, 0.02)
        calls[1].viewer.tell(told_of(0, 0))
        calls[1].viewer.tell(told_of(0, 0))
    assert calls[0].estimate == calls[1].estimate


# Towards publishers


def numbered(camera: Encoding, number: int) -> bytes:
    """Extension elements as a browser writes them: with a number."""
    items = [
        (PUBLISHED_EXTENSIONS[Extension.MID], camera.mid.encode()),
        (TRANSPORT_CC, (number & 0xFFFF).to_bytes(2, "big")),
    ]
    return extensions.build(items)


@pytest.fixture
def publisher(wire: Wire) -> FakePublisher:
    publisher = FakePublisher(wire)
    wire.engine.set_extensions(
        publisher.transport, {**PUBLISHED_EXTENSIONS, Extension.TRANSPORT_CC: TRANSPORT_CC}
    )
    return publisher


def told(publisher: FakePublisher) -> list[twcc.Feedback]:
    return [twcc.parse(raw) for raw in publisher.raw_feedback if twcc.is_feedback(raw)]


def send_numbered(
    publisher: FakePublisher, camera: Encoding, numbers: Sequence[int], step: float = 0.005
) -> dict[int, int]:
    """One packet each `step` seconds; returns when they came."""
    came = {}
    for number in numbers:
        came[number & 0xFFFF] = twcc.tick(publisher.wire.now)
        packet = camera.packet(camera.payload(0, False), True, numbered(camera, number))
        publisher.send(packet)
        publisher.wire.advance(step)
    return came


def test_publishers_are_told_when_their_packets_came(wire: Wire, publisher: FakePublisher) -> None:
    camera = publisher.encoding()
    came = send_numbered(publisher, camera, range(65_500, 65_700))
    wire.advance(0.3)
    feedback = told(publisher)
    assert {number: ticks for one in feedback for number, ticks in one.ticks.items()} == came
    assert [one.feedback_count for one in feedback] == list(range(len(feedback)))
    assert 1 / 0.25 <= len(feedback) <= 1 / 0.05
    assert all(one.media == camera.ssrc for one in feedback)
    for before, after in pairwise(feedback):
        assert (before.base + before.count) & 0xFFFF == after.base


def test_what_is_missing_is_told_and_what_comes_late_again(
    wire: Wire, publisher: FakePublisher
) -> None:
    camera = publisher.encoding()
    send_numbered(publisher, camera, [100, 101, 104], step=0.0)
    wire.advance(0.3)
    send_numbered(publisher, camera, [102, 105], step=0.0)
    wire.advance(0.3)
    first, second = told(publisher)
    assert (first.base, first.count, sorted(first.ticks)) == (100, 5, [100, 101, 104])
    assert (second.base, second.count, sorted(second.ticks)) == (102, 4, [102, 104, 105])


def test_retransmissions_and_padding_count_too(wire: Wire, publisher: FakePublisher) -> None:
    camera = publisher.encoding(declared=True)
    send_numbered(publisher, camera, range(3), step=0.0)
    rtx = PUBLISHED[Codec.VP8].rtx
    assert rtx is not None
    repair = camera.sent[camera.sequence - 1]
    again = (camera.sequence - 1 & 0xFFFF).to_bytes(2, "big") + parse(repair).payload
    publisher.send(
        build(rtx, False, 1, 0, camera.rtx_ssrc, again, numbered(camera, 3)),
        build(rtx, False, 2, 0, camera.rtx_ssrc, b"", numbered(camera, 4)),
    )
    wire.advance(0.3)
    (feedback,) = told(publisher)
    assert sorted(feedback.ticks) == [0, 1, 2, 3, 4]
    assert feedback.media == camera.rtx_ssrc


def test_feedback_takes_little_of_a_thin_stream(wire: Wire, publisher: FakePublisher) -> None:
    camera = publisher.encoding()
    send_numbered(publisher, camera, range(100), step=0.1)
    assert 1 / 0.35 * 10 <= len(told(publisher)) <= 1 / 0.15 * 10


def test_none_without_numbers(wire: Wire, publisher: FakePublisher) -> None:
    camera = publisher.encoding()
    camera.send(keyframe=True)
    plain = FakePublisher(wire)
    other = plain.encoding()
    send_numbered(plain, other, range(5))
    wire.advance(3)
    assert told(publisher) == told(plain) == []


def test_a_peer_that_jumps_about_is_told_little(wire: Wire, publisher: FakePublisher) -> None:
    camera = publisher.encoding()
    send_numbered(publisher, camera, [number * 9973 for number in range(400)], step=0.01)
    wire.advance(1)
    feedback = told(publisher)
    assert feedback
    assert all(one.count <= 2048 for one in feedback)
    publisher.clear()
    came = send_numbered(publisher, camera, range(400 * 9973, 400 * 9973 + 20))
    wire.advance(1)
    assert came.items() <= {n: t for one in told(publisher) for n, t in one.ticks.items()}.items()
