"""What the synthetic cameras show is real VP8, with the layers it says."""

from __future__ import annotations

import av
import pytest

from benchmarks.clips import (
    MAX_PAYLOAD,
    OVERHEAD,
    SYNC,
    TEMPORAL,
    Clip,
    Encoding,
    record,
    split,
)

SMALL = Encoding("q", 160, 96, 100_000)
FRAMES = 24


@pytest.fixture(scope="module")
def clip() -> Clip:
    return record(SMALL, FRAMES / 30)


def decode(clip: Clip, numbers: list[int]) -> dict[int, bytes]:
    decoder = av.CodecContext.create("libvpx", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    shown = {}
    for number in numbers:
        packet = av.Packet(clip.frames[number])
        packet.pts = number
        for picture in decoder.decode(packet):
            shown[number] = b"".join(bytes(plane) for plane in picture.planes)
    return shown


def test_only_the_first_frame_is_a_keyframe(clip: Clip) -> None:
    assert len(clip.frames) == FRAMES
    assert [frame[0] & 1 == 0 for frame in clip.frames] == [True] + [False] * (FRAMES - 1)


@pytest.mark.parametrize("highest", [0, 1])
def test_lower_layers_need_no_higher_ones(clip: Clip, highest: int) -> None:
    kept = [n for n in range(FRAMES) if TEMPORAL[n % 4] <= highest]
    whole, thinned = decode(clip, list(range(FRAMES))), decode(clip, kept)
    assert thinned == {number: whole[number] for number in kept}


@pytest.mark.parametrize("place", [place for place, sync in enumerate(SYNC) if sync])
def test_frames_marked_so_need_only_the_base_layer(clip: Clip, place: int) -> None:
    number = 12 + place
    base = [n for n in range(number) if n % 4 == 0]
    whole, joined = decode(clip, list(range(FRAMES))), decode(clip, [*base, number])
    assert joined[number] == whole[number]


def test_each_layer_adds_to_the_rate(clip: Clip) -> None:
    rates = [clip.bitrate(temporal) for temporal in range(3)]
    assert rates == sorted(rates)
    size = sum(len(frame) + OVERHEAD * len(split(frame)) for frame in clip.frames)
    assert clip.bitrate() == pytest.approx(8 * size * 30 / FRAMES)


@pytest.mark.parametrize("size", [1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 10 * MAX_PAYLOAD - 1])
def test_frames_are_split_evenly(size: int) -> None:
    frame = bytes(number & 0xFF for number in range(size))
    parts = split(frame)
    assert b"".join(parts) == frame
    assert max(map(len, parts)) <= MAX_PAYLOAD
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
