"""The synthetic streams, read by somebody else's parser."""

from __future__ import annotations

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

from benchmarks.library import MARK, MARKED_FROM
from benchmarks.media import Audio, RtpStream, Video


def test_a_frame_of_several_packets() -> None:
    video = Video(7, [[1200, 1200, 300]])
    packets = [RtpPacket.parse(data) for data in video.frame(keyframe=True)]
    descriptors = [VpxPayloadDescriptor.parse(packet.payload) for packet in packets]
    assert [packet.sequence_number for packet in packets] == [0, 1, 2]
    assert [packet.marker for packet in packets] == [0, 0, 1]
    assert len({packet.timestamp for packet in packets}) == 1
    assert [descriptor.partition_start for descriptor, _ in descriptors] == [1, 0, 0]
    assert len({descriptor.picture_id for descriptor, _ in descriptors}) == 1


def test_keyframes_say_so_where_they_start() -> None:
    video = Video(7, [[1200]])
    for keyframe in (True, False):
        (data,) = video.frame(keyframe)
        _, frame = VpxPayloadDescriptor.parse(RtpPacket.parse(data).payload)
        assert (frame[0] & 1 == 0) is keyframe  # RFC 6386, section 9.1
        assert (frame[3:6] == b"\x9d\x01\x2a") is keyframe


def test_picture_ids_and_timestamps_advance_by_frame() -> None:
    video = Video(7, [[1200]])
    first, second = (RtpPacket.parse(video.frame(False)[0]) for _ in range(2))
    ids = [VpxPayloadDescriptor.parse(p.payload)[0].picture_id for p in (first, second)]
    assert ids == [1, 2]
    assert second.timestamp > first.timestamp


def test_timestamps_never_stand_still() -> None:
    stream = RtpStream(7, 96, "1", clock_rate=1)
    seen = []
    for _ in range(3):
        stream.advance()
        seen.append(stream.timestamp)
    assert seen == [1, 2, 3]


def test_frames_and_voice_go_round_the_sizes_given() -> None:
    frames = [[1200, 1200], [900], [80, 1146]]
    video, audio = Video(7, frames), Audio(8, [120, 70])
    for frame in frames * 2:
        assert [len(packet) for packet in video.frame(False)] == frame
    assert [len(audio.packet()) for _ in range(4)] == [120, 70, 120, 70]


@pytest.mark.parametrize("size", [27, MARKED_FROM - 1, MARKED_FROM, 1200])
def test_what_has_room_ends_in_the_mark(size: int) -> None:
    packet = Audio(8, [size]).packet()
    assert packet.endswith(MARK) is (size >= MARKED_FROM)
    assert len(RtpPacket.parse(packet).payload) > 0
