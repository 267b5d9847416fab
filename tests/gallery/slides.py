"""What somebody shows of a screen."""

from __future__ import annotations

from collections.abc import Iterator

import av
from PIL import Image, ImageDraw, ImageFont

from benchmarks.clips import Clip, Encoding, record_all

_PAPER, _INK, _SOFT = (252, 250, 245), (28, 36, 40), (110, 118, 120)
_BARS = ((16, 94, 98, 38), (16, 94, 98, 52), (16, 94, 98, 47), (230, 168, 40, 78), (16, 94, 98, 64))


def slide_clips() -> list[Clip]:
    return record_all(1.0, pictures=_pictures)


def _pictures(encoding: Encoding, count: int) -> Iterator[av.VideoFrame]:
    picture = av.VideoFrame.from_image(  # type: ignore[no-untyped-call]
        draw_slide(encoding.width, encoding.height)
    )
    for _ in range(count):
        yield picture.reformat(format="yuv420p")


def draw_slide(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    unit = height / 100
    draw.text((8 * unit, 8 * unit), "Members in spring", _INK, ImageFont.load_default(8 * unit))
    draw.text(
        (8 * unit, 20 * unit), "Evenings, week by week", _SOFT, ImageFont.load_default(4 * unit)
    )
    for place, (red, green, blue, tall) in enumerate(_BARS):
        left = (14 + 31 * place) * unit
        draw.rounded_rectangle(
            (left, (88 - 0.7 * tall) * unit, left + 20 * unit, 88 * unit),
            radius=2 * unit,
            fill=(red, green, blue),
        )
        draw.text(
            (left + 6 * unit, 90 * unit), f"W{place + 1}", _SOFT, ImageFont.load_default(4 * unit)
        )
    return image
