"""What the publisher sends."""

from __future__ import annotations

import pytest

from benchmarks.traffic import PACKET_SIZE, chromium, even


@pytest.mark.parametrize("packets", [1, 5, 8])
def test_thirty_frames_a_second_of_equal_packets(packets: int) -> None:
    traffic = even(packets)
    assert traffic.frames == ((PACKET_SIZE,) * packets,)
    assert traffic.frame_rate == pytest.approx(30)
    assert traffic.packet_rate == 30 * packets + 50
    assert traffic.bitrate == 8 * (1200 * 30 * packets + 120 * 50)


def test_another_rate_changes_the_frames_a_second() -> None:
    traffic = even(8).at(16_000)
    assert traffic.frame_rate == 2000
    assert traffic.packet_rate == 16_050


def test_the_recording_is_of_a_camera() -> None:
    traffic = chromium()
    assert 25 <= traffic.frame_rate <= 31
    assert 1_000_000 < traffic.bitrate < 2_500_000
    sizes = [size for frame in traffic.frames for size in frame]
    assert 24 < min(sizes) <= max(sizes) <= 1200
    assert all(24 < size < 300 for size in traffic.audio)
