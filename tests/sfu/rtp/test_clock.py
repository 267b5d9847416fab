"""One publisher's camera and microphone over an imaginary network, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.clock import (
    MAX_DISAGREEMENT,
    WINDOW,
    SourceClock,
    TransportClock,
    ntp64,
    ntp_seconds,
    round_trip,
)

UNIX = 1_800_000_000.0


@dataclass
class Stream:
    """What a publisher sends of one track; times are the server's."""

    clock: SourceClock
    rate: int
    base: int
    """RTP timestamp at time 0."""
    ntp_ahead: float = 0.0
    """How far the publisher's wall clock is ahead of `UNIX` + the server's time."""
    drift: float = 0.0
    """Seconds per second by which the publisher's clocks are too fast."""

    def timestamp(self, time: float) -> int:
        return self.base + round(time * (1 + self.drift) * self.rate) & 0xFFFF_FFFF

    def send(self, captured: float, delay: float) -> None:
        self.clock.received(self.timestamp(captured), captured + delay)

    def report(self, time: float, delay: float) -> None:
        ntp = ntp64(UNIX + time * (1 + self.drift) + self.ntp_ahead)
        self.clock.sender_report(ntp, self.timestamp(time), time + delay)

    def server_time(self, captured: float) -> float:
        time = self.clock.server_time(self.timestamp(captured))
        assert time is not None
        return time


def publisher(
    ntp_ahead: float = 0.0, drift: float = 0.0, bases: tuple[int, int] = (1_000, 2_000)
) -> tuple[Stream, Stream]:
    """Camera and microphone of one transport."""
    transport = TransportClock()
    camera = Stream(SourceClock(90_000, transport), 90_000, bases[0], ntp_ahead, drift)
    microphone = Stream(SourceClock(48_000, transport), 48_000, bases[1], ntp_ahead, drift)
    return camera, microphone


@pytest.mark.parametrize("ntp_ahead", [0.0, 2.0, -3600.0, 1e9])
@pytest.mark.parametrize("bases", [(0, 0), (0xFFFF_FFFF, 0x7FFF_FFFF)])
def test_lips_and_voice_share_one_clock(ntp_ahead: float, bases: tuple[int, int]) -> None:
    camera, microphone = publisher(ntp_ahead, bases=bases)
    for step in range(100):
        camera.send(step / 30, 0.08)
        microphone.send(step / 30, 0.02)
    camera.report(1.0, 0.09)
    microphone.report(1.5, 0.015)
    assert camera.server_time(3.0) == pytest.approx(3.015, abs=1e-4)
    assert microphone.server_time(3.0) == pytest.approx(3.015, abs=1e-4)


def test_queueing_of_reports_moves_nothing() -> None:
    camera, microphone = publisher(ntp_ahead=5.0)
    camera.send(0.0, 0.02)
    microphone.send(0.0, 0.02)
    for second in range(1, 30):
        camera.report(second, 0.01 if second == 1 else 0.02 + second * 7 % 13 / 10)
        microphone.report(second + 0.3, 0.02 + second * 5 % 11 / 10)
        if second > 1:
            assert camera.server_time(second) == pytest.approx(second + 0.01, abs=1e-4)
            assert microphone.server_time(second) == pytest.approx(second + 0.01, abs=1e-4)


def test_before_the_first_report_the_quickest_packet_counts() -> None:
    camera, _ = publisher()
    for step, delay in enumerate([0.3, 0.05, 0.2, 0.4]):
        camera.send(step / 30, delay)
    assert camera.server_time(10.0) == pytest.approx(10.05, abs=1e-4)


def test_one_report_is_enough_for_the_other_stream_to_follow() -> None:
    camera, microphone = publisher()
    camera.send(0.0, 0.06)
    microphone.send(0.0, 0.02)
    camera.report(0.1, 0.02)
    # The microphone goes by arrival yet: apart by encoder and pacer at most.
    assert microphone.server_time(1.0) == pytest.approx(camera.server_time(1.0), abs=0.05)


def test_a_drifting_clock_is_followed() -> None:
    camera, microphone = publisher(drift=100e-6)
    camera.send(0.0, 0.02)
    microphone.send(0.0, 0.02)
    for second in range(1, 3600):
        camera.send(second, 0.02)
        microphone.send(second, 0.02)
        camera.report(second, 0.02)
        if second % 5 == 0:
            microphone.report(second, 0.02)
    error = WINDOW * 100e-6
    assert camera.server_time(3600) == pytest.approx(3600.02, abs=error)
    assert microphone.server_time(3600) == pytest.approx(camera.server_time(3600), abs=1e-3)


def test_the_least_delay_is_that_of_the_last_minute() -> None:
    transport = TransportClock()
    offsets = []
    for second in range(int(WINDOW) + 1):
        transport.sender_report(second - (0.01 if second == 0 else 0.5), second)
        offsets.append(transport.offset)
    assert offsets[:-1] == pytest.approx([0.01] * int(WINDOW))
    assert offsets[-1] == pytest.approx(0.5)


@pytest.mark.parametrize(("pause", "offset"), [(WINDOW - 1, 0.01), (WINDOW + 1, 0.5)])
def test_nor_does_a_pause_keep_it_longer(pause: float, offset: float) -> None:
    transport = TransportClock()
    transport.sender_report(-0.01, 0.0)
    transport.sender_report(pause - 0.5, pause)
    assert transport.offset == pytest.approx(offset)


def test_slow_clocks_are_followed_too() -> None:
    camera, _ = publisher(drift=-100e-6)
    for second in range(3600):
        camera.send(second, 0.02)
        camera.report(second, 0.02)
    assert camera.server_time(3600) == pytest.approx(3600.02, abs=WINDOW * 100e-6)


def test_a_long_pause_leaves_no_stale_delay() -> None:
    camera, _ = publisher(drift=-100e-6)
    camera.send(0.0, 0.02)
    camera.report(0.0, 0.02)
    camera.send(3600.0, 0.02)
    camera.report(3600.0, 0.02)
    assert camera.server_time(3600.0) == pytest.approx(3600.02, abs=1e-3)


@pytest.mark.parametrize("step", [-30.0, 30.0])
def test_a_step_of_the_publishers_clock_heals_with_the_next_reports(step: float) -> None:
    camera, microphone = publisher()
    for second in range(20):
        for stream in (camera, microphone):
            stream.ntp_ahead = 0.0 if second < 10 else step
            stream.send(second, 0.02)
            stream.report(second, 0.02)
            # Not for a moment further off than by the arrival of the packets.
            assert stream.server_time(second) == pytest.approx(second + 0.02, abs=1e-3)


def test_a_small_step_never_parts_lips_and_voice_for_long() -> None:
    camera, microphone = publisher()
    for second in range(100):
        for stream in (camera, microphone):
            stream.ntp_ahead = 0.0 if second < 10 else -1.0
            stream.send(second, 0.02)
            stream.report(second, 0.02)
        assert camera.server_time(second) == pytest.approx(microphone.server_time(second), abs=1e-3)
    assert camera.server_time(100) == pytest.approx(100.02, abs=1e-3)


@pytest.mark.parametrize("ntp", [1, 1 << 63, (1 << 64) - 1])
def test_a_report_that_contradicts_the_packets_is_not_believed(ntp: int) -> None:
    camera, microphone = publisher()
    camera.send(1.0, 0.02)
    microphone.send(1.0, 0.02)
    microphone.report(1.0, 0.02)
    camera.clock.sender_report(ntp, 12345, 1.1)
    assert camera.server_time(2.0) == pytest.approx(2.02, abs=MAX_DISAGREEMENT)
    assert microphone.server_time(2.0) == pytest.approx(2.02, abs=MAX_DISAGREEMENT)


def test_a_sender_without_a_clock_goes_by_arrival() -> None:
    camera, _ = publisher()
    camera.send(1.0, 0.02)
    camera.clock.sender_report(0, 12345, 1.1)
    assert camera.server_time(1.0) == pytest.approx(1.02, abs=1e-4)


def test_a_jump_of_the_timestamps_begins_anew() -> None:
    camera, _ = publisher()
    camera.send(0.0, 0.02)
    camera.report(0.0, 0.02)
    for base in (0x8000_0000, 0x1000_0000):
        camera.base = base
        camera.send(10.0, 0.03)
        assert camera.server_time(10.0) == pytest.approx(10.03, abs=1e-4)
        camera.report(10.1, 0.01)
        assert camera.server_time(10.0) == pytest.approx(10.01, abs=1e-2)


def test_timestamps_wrap_around_in_a_long_meeting() -> None:
    camera, _ = publisher(bases=(0xFFFF_0000, 0))
    hours = 20
    for minute in range(hours * 60):
        camera.send(minute * 60.0, 0.02)
    assert camera.server_time(hours * 3600.0) == pytest.approx(hours * 3600 + 0.02, abs=1e-3)


def test_nothing_is_known_before_the_first_packet() -> None:
    camera, _ = publisher()
    assert camera.clock.server_time(0) is None
    assert camera.clock.timestamp_at(0.0) is None
    camera.report(0.0, 0.02)
    assert camera.clock.timestamp_at(0.0) is None


@given(
    st.integers(0, 0xFFFF_FFFF),
    st.integers(-0x4000_0000, 0x4000_0000),
    st.floats(0, 1e9),
    st.booleans(),
)
def test_there_and_back(base: int, ahead: int, now: float, reported: bool) -> None:
    clock = SourceClock(90_000, TransportClock())
    clock.received(base, now)
    if reported:
        clock.sender_report(ntp64(UNIX), base, now)
    timestamp = base + ahead & 0xFFFF_FFFF
    time = clock.server_time(timestamp)
    assert time is not None
    assert clock.timestamp_at(time) == timestamp


@pytest.mark.parametrize(
    ("unix", "ntp"),
    [
        (0.0, 2_208_988_800 << 32),
        (0.5, 2_208_988_800 << 32 | 0x8000_0000),
        (-2_208_988_800.0, 0),
        # Era 1 begins on 7 February 2036.
        (4_294_967_296.0 - 2_208_988_800, 0),
    ],
)
def test_ntp_counts_from_1900(unix: float, ntp: int) -> None:
    assert ntp64(unix) == ntp


@given(st.floats(0, 2e9))
def test_ntp_is_good_to_a_microsecond(unix: float) -> None:
    assert ntp_seconds(ntp64(unix)) - 2_208_988_800 == pytest.approx(unix, abs=1e-6)


@pytest.mark.parametrize(
    ("sent", "held", "received", "expected"),
    [
        (100.0, 0.5, 100.75, 0.25),
        (100.0, 0.0, 100.0, 0.0),
        (0xFFFF + 0.75, 0.5, 0x1_0000 + 0.5, 0.25),
        (100.0, 0.5, 100.499, 0.0),
        (100.0, 0.25, 105.25, 5.0),
        (100.0, 0.0, 120.0, None),
        (100.0, 30.0, 101.0, None),
    ],
)
def test_round_trip(sent: float, held: float, received: float, expected: float | None) -> None:
    lsr = round(sent * 0x1_0000) & 0xFFFF_FFFF
    trip = round_trip(round(received * (1 << 32)), lsr, round(held * 0x1_0000))
    assert trip == (expected if expected is None else pytest.approx(expected, abs=2e-5))


def test_no_round_trip_without_a_report_of_ours() -> None:
    assert round_trip(ntp64(UNIX), 0, 0) is None
