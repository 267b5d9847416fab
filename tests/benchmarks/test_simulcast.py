"""The synthetic camera, read by somebody else's parser."""

from __future__ import annotations

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unwrap_rtx,
)

from benchmarks import sdp
from benchmarks.clips import Clip, Encoding
from benchmarks.simulcast import HISTORY, NAMED_PACKETS, Camera, Layer, Sequence16

FRAMES = tuple(bytes([number & 1]) * 1500 for number in range(0, 8))
LOW = Clip(Encoding("q", 320, 180, 1), FRAMES)
HIGH = Clip(Encoding("f", 1280, 720, 1), tuple(2 * frame for frame in FRAMES))
NOW = 1_795_400_000.25


def extensions() -> HeaderExtensionsMap:
    known = {
        sdp.MID_ID: "urn:ietf:params:rtp-hdrext:sdes:mid",
        sdp.RID_ID: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        sdp.REPAIRED_RID_ID: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        sdp.TRANSPORT_CC_ID: (
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        ),
    }
    found = HeaderExtensionsMap()
    found.configure(
        RTCRtpParameters(
            headerExtensions=[
                RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in known.items()
            ]
        )
    )
    return found


def parse(data: bytes) -> RtpPacket:
    return RtpPacket.parse(data, extensions())


def test_layers_share_the_numbers_of_the_transport_and_the_time() -> None:
    camera = Camera(100, [LOW, HIGH])
    packets = [parse(packet) for frame in camera.frames(NOW) for packet in frame]
    assert [packet.ssrc for packet in packets] == [100, 100, 102, 102, 102]
    assert [packet.extensions.transport_sequence_number for packet in packets] == list(range(5))
    assert [packet.extensions.rtp_stream_id for packet in packets] == ["q"] * 2 + ["f"] * 3
    assert {packet.extensions.mid for packet in packets} == {sdp.CAMERA}
    assert {packet.timestamp for packet in packets} == {int(NOW * 90_000) & 0xFFFF_FFFF}
    assert [packet.marker for packet in packets] == [0, 1, 0, 0, 1]


def test_temporal_layers_and_pictures_are_numbered() -> None:
    layer = Layer(1, LOW, Sequence16())
    frames = [parse(layer.frame(NOW + n)[0]) for n in range(5)]
    descriptors = [VpxPayloadDescriptor.parse(frame.payload)[0] for frame in frames]
    layers = [tuple(descriptor.tid or ()) for descriptor in descriptors]
    assert layers == [(0, 0), (2, 1), (1, 1), (2, 0), (0, 0)]
    assert [descriptor.tl0picidx for descriptor in descriptors] == [1, 1, 1, 1, 2]
    assert [descriptor.picture_id for descriptor in descriptors] == [1, 2, 3, 4, 5]


def test_the_pieces_of_a_frame_are_the_frame() -> None:
    layer = Layer(1, HIGH, Sequence16())
    for number in range(len(FRAMES) + 1):
        pieces = [VpxPayloadDescriptor.parse(parse(p).payload) for p in layer.frame(NOW)]
        assert b"".join(piece for _, piece in pieces) == HIGH.frames[number % len(FRAMES)]
        assert [d.partition_start for d, _ in pieces] == [1, 0, 0]


def test_names_are_told_for_a_while_only() -> None:
    layer = Layer(1, LOW, Sequence16())
    packets = [parse(packet) for _ in range(NAMED_PACKETS) for packet in layer.frame(NOW)]
    assert sum(packet.extensions.mid is not None for packet in packets) == NAMED_PACKETS


def test_lost_packets_are_sent_again() -> None:
    camera = Camera(100, [LOW])
    sent = [packet for _ in range(3) for frame in camera.frames(NOW) for packet in frame]
    nack = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=100, lost=[1, 4, 99])
    again = [parse(packet) for packet in camera.receive(bytes(nack), NOW)]
    assert [packet.ssrc for packet in again] == [101, 101]
    assert [packet.payload_type for packet in again] == [sdp.VP8_RTX] * 2
    assert again[0].extensions.repaired_rtp_stream_id == "q"
    original = unwrap_rtx(again[1], payload_type=sdp.VP8, ssrc=100)
    assert original.payload == parse(sent[4]).payload
    assert (original.sequence_number, original.marker) == (4, parse(sent[4]).marker)


def test_the_history_is_finite() -> None:
    layer = Layer(1, LOW, Sequence16())
    for _ in range(HISTORY):
        layer.frame(NOW)
    assert not list(layer.resend([0], NOW))
    assert list(layer.resend([HISTORY], NOW))


@pytest.mark.parametrize("kind", ["pli", "fir"])
def test_a_keyframe_comes_when_asked_for(kind: str) -> None:
    camera = Camera(100, [LOW, HIGH])
    list(camera.frames(NOW))
    fir = (102).to_bytes(4, "big") + bytes(4)
    feedback = {
        "pli": RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=102),
        "fir": RtcpPsfbPacket(fmt=RTCP_PSFB_FIR, ssrc=1, media_ssrc=0, fci=fir),
    }[kind]
    assert list(camera.receive(bytes(feedback), NOW)) == []
    low, high = camera.layers
    list(camera.frames(NOW))
    assert (low.keyframes, high.keyframes, camera.keyframe_requests) == (1, 2, 1)


def test_layers_nobody_takes_are_not_sent_and_come_back_with_a_keyframe() -> None:
    camera = Camera(100, [LOW, HIGH])
    list(camera.frames(NOW))
    camera.activate(["q"])
    assert [parse(frame[0]).ssrc for frame in camera.frames(NOW)] == [100]
    camera.activate(["q", "f"])
    assert [parse(frame[0]).ssrc for frame in camera.frames(NOW)] == [100, 102]
    assert [layer.keyframes for layer in camera.layers] == [1, 2]
