"""What fits into a link."""

from __future__ import annotations

import pytest

from benchmarks.best_set import best_set, bitrate, even_set
from benchmarks.clips import OVERHEAD, Clip, Encoding

MBIT = 1e6


def clip(rid: str, rate: float) -> Clip:
    """Of so many Mbit/s."""
    frame = int(rate * MBIT / 8 / 30) - OVERHEAD
    pieces = -(-frame // 1150) or 1
    return Clip(Encoding(rid, 0, 0, 0), (bytes(frame - OVERHEAD * (pieces - 1)),))


CLIPS = [clip("q", 0.15), clip("h", 0.5), clip("f", 1.7)]


def names(chosen: tuple[Clip | None, ...]) -> str:
    return "".join(one.encoding.rid if one else "-" for one in chosen)


@pytest.mark.parametrize(
    ("cameras", "room", "best", "even"),
    [
        (1, 0.1, "-", "-"),
        (1, 0.3, "q", "q"),
        (1, 0.85, "h", "h"),
        (2, 0.4, "qq", "qq"),
        (2, 1.9, "fq", "hh"),
        (2, 2.3, "fh", "fh"),
        (4, 4.1, "ffhq", "fhhh"),
        (4, None, "ffff", "ffff"),
        (3, 0.0, "---", "---"),
    ],
)
def test_the_best_and_the_best_even_set(
    cameras: int, room: float | None, best: str, even: str
) -> None:
    bits = None if room is None else room * MBIT
    assert sorted(names(best_set(CLIPS, cameras, bits))) == sorted(best)
    assert sorted(names(even_set(CLIPS, cameras, bits))) == sorted(even)


def test_nothing_takes_nothing() -> None:
    assert bitrate([None, None]) == 0
    assert bitrate([CLIPS[1], None]) == pytest.approx(0.5 * MBIT, rel=0.01)
