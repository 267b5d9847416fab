"""What the synthetic cameras show: a picture in three sizes, encoded once by libvpx.

Each is VP8 with three temporal layers (L1T3), begins with a keyframe and can be sent round and
round, or from its beginning whenever a keyframe is asked for. So a publisher costs next to nothing,
sends what an encoder would, and a browser can decode it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.video.frame import PictureType

FRAME_RATE: Final = 30
TEMPORAL: Final = (0, 2, 1, 2)
"""Layer of each frame, over and over."""
SYNC: Final = (False, True, True, False)
"""Whether it needs nothing but the base layer."""
OVERHEAD: Final = 46
"""Bytes of a packet beside the encoded picture, about: RTP header, its extensions, VP8 descriptor,
authentication tag."""
MAX_PAYLOAD: Final = 1150
"""Bytes of the encoded picture in one packet."""

_WARM_UP: Final = 60
"""Frames until the rate is what it shall be; not kept."""
_SHARES: Final = (0.4, 0.6, 1.0)
"""Of the bit rate, up to and with each temporal layer, as libwebrtc has them."""
_SPEED: Final = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",
    "error-resilient": "default",
    "undershoot-pct": "100",
    "overshoot-pct": "15",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    rid: str
    width: int
    height: int
    bitrate: int
    """Bits/s."""


ENCODINGS: Final = (
    Encoding("q", 320, 180, 150_000),
    Encoding("h", 640, 360, 500_000),
    Encoding("f", 1280, 720, 1_700_000),
)
"""Of a page's camera of 720 lines."""


@dataclass(frozen=True, slots=True)
class Clip:
    encoding: Encoding
    frames: tuple[bytes, ...]

    def bitrate(self, temporal: int = max(TEMPORAL)) -> float:
        """Bits/s of what is sent of it up to that layer, in UDP payload."""
        kept = [f for i, f in enumerate(self.frames) if TEMPORAL[i % len(TEMPORAL)] <= temporal]
        size = sum(len(frame) + OVERHEAD * len(split(frame)) for frame in kept)
        return 8 * size * FRAME_RATE / len(self.frames)


Pictures = Callable[[Encoding, int], Iterator[av.VideoFrame]]
"""So many of them, of that size, in yuv420p."""


def split(frame: bytes) -> list[bytes]:
    """Into what packets carry: equally much, as libwebrtc does."""
    count = -(-len(frame) // MAX_PAYLOAD)
    bounds = [len(frame) * part // count for part in range(count + 1)]
    return [frame[begin:end] for begin, end in itertools.pairwise(bounds)]


def record(encoding: Encoding, seconds: float, pictures: Pictures | None = None) -> Clip:
    """Of `pictures`, or else of a test card."""
    length = len(TEMPORAL) * max(1, round(seconds * FRAME_RATE / len(TEMPORAL)))
    encoder = _encoder(encoding)
    packets = []
    for number, picture in enumerate((pictures or _test_card)(encoding, _WARM_UP + length)):
        picture.pict_type = PictureType.I if number == _WARM_UP else PictureType.NONE
        packets += encoder.encode(picture)
    packets += encoder.encode(None)
    return Clip(encoding, tuple(bytes(packet) for packet in packets[_WARM_UP:]))


def record_all(
    seconds: float, encodings: Sequence[Encoding] = ENCODINGS, pictures: Pictures | None = None
) -> list[Clip]:
    return [record(encoding, seconds, pictures) for encoding in encodings]


def _encoder(encoding: Encoding) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)  # noqa: S101 - for the type checker
    encoder.width, encoder.height, encoder.pix_fmt = encoding.width, encoding.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FRAME_RATE), Fraction(FRAME_RATE)
    encoder.bit_rate = encoding.bitrate
    encoder.gop_size = 1 << 20
    rate = str(encoding.bitrate)
    layers = {
        "ts_number_layers": "3",
        "ts_target_bitrate": ",".join(str(int(s * encoding.bitrate / 1000)) for s in _SHARES),
        "ts_rate_decimator": "4,2,1",
        "ts_periodicity": "4",
        "ts_layer_id": ",".join(map(str, TEMPORAL)),
        "ts_layering_mode": "3",
    }
    encoder.options = {
        **_SPEED,
        "minrate": rate,
        "maxrate": rate,
        "bufsize": rate,
        "ts-parameters": ":".join(f"{name}={value}" for name, value in layers.items()),
    }
    return encoder


def _test_card(encoding: Encoding, count: int) -> Iterator[av.VideoFrame]:
    """With grain, some of which moves: it takes bits, but not all of them at once."""
    graph = av.filter.Graph()
    size = f"size={encoding.width}x{encoding.height}:rate={FRAME_RATE}"
    chain = [
        graph.add("testsrc2", size),
        graph.add("noise", "all_seed=1:alls=14"),
        graph.add("noise", "all_seed=2:alls=6:allf=t"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    for first, second in itertools.pairwise(chain):
        first.link_to(second)
    graph.configure()
    for number in range(count):
        picture = graph.vpull()
        picture.pts, picture.time_base = number, Fraction(1, FRAME_RATE)
        yield picture
