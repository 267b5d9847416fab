"""The synthetic streams, read by somebody else's parser."""

from __future__ import annotations

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

from benchmarks.media import MARK, PACKET_SIZE, Audio, Video


def test_a_frame_of_several_packets() -> None:
    video = Video(ssrc=7, burst=3)
    packets = [RtpPacket.parse(data) for data in video.frame(keyframe=True)]
    descriptors = [VpxPayloadDescriptor.parse(packet.payload) for packet in packets]
    assert [packet.sequence_number for packet in packets] == [0, 1, 2]
    assert [packet.marker for packet in packets] == [0, 0, 1]
    assert len({packet.timestamp for packet in packets}) == 1
    assert [descriptor.partition_start for descriptor, _ in descriptors] == [1, 0, 0]
    assert len({descriptor.picture_id for descriptor, _ in descriptors}) == 1


def test_keyframes_say_so_where_they_start() -> None:
    video = Video(ssrc=7, burst=1)
    for keyframe in (True, False):
        (data,) = video.frame(keyframe)
        _, frame = VpxPayloadDescriptor.parse(RtpPacket.parse(data).payload)
        assert (frame[0] & 1 == 0) is keyframe  # RFC 6386, section 9.1
        assert (frame[3:6] == b"\x9d\x01\x2a") is keyframe


def test_picture_ids_and_timestamps_advance_by_frame() -> None:
    video = Video(ssrc=7, burst=1)
    first, second = (RtpPacket.parse(video.frame(False)[0]) for _ in range(2))
    ids = [VpxPayloadDescriptor.parse(p.payload)[0].picture_id for p in (first, second)]
    assert ids == [1, 2]
    assert second.timestamp - first.timestamp == 576


def test_packets_fit_and_end_in_the_mark() -> None:
    video, audio = Video(ssrc=7, burst=2), Audio(ssrc=8)
    packets = [data for _ in range(40) for data in (*video.frame(False), audio.packet())]
    assert all(data.endswith(MARK) for data in packets)
    assert PACKET_SIZE - 8 < max(map(len, packets)) <= PACKET_SIZE
