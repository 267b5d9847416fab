"""People who are drawn, as nobody real has to sit for a gallery: how they look, in any size."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import av.video.plane
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.clips import FRAME_RATE, Clip, Encoding, record_all
from tests.support.people import SAMPLE_RATE, Person

Colour = tuple[int, int, int]
SECONDS = 2.0
"""Of a clip, which is repeated; one breath."""
_RISE = 0.004
"""Of the height, by which breath moves a person."""
_BLURRED = 8
"""Rooms are drawn so many times smaller, and enlarged: they are out of focus."""


@dataclass(frozen=True, slots=True)
class Sitter:
    name: str
    wall: Colour
    light: Colour
    skin: Colour
    hair: Colour
    clothes: Colour
    long_hair: bool = False
    glasses: bool = False
    aside: float = 0.0
    """Of the width, by which the person does not sit in the middle."""

    def clips(self) -> list[Clip]:
        return record_all(SECONDS, pictures=partial(_pictures, self))


class Portrayed(Person):
    """With a face instead of a colour."""

    sitter: Sitter

    @classmethod
    def of(cls, sitter: Sitter) -> Portrayed:
        person = cls(sitter.name, (110, 100, 200), 500)
        object.__setattr__(person, "sitter", sitter)
        return person

    def write_microphone(self, directory: Path) -> Path:
        file = directory / f"{self.name}.wav"
        with wave.open(str(file), "wb") as output:
            output.setnchannels(1)
            output.setsampwidth(2)
            output.setframerate(SAMPLE_RATE)
            output.writeframes(bytes(2 * SAMPLE_RATE))
        return file

    def write_camera(self, directory: Path) -> Path:
        file = directory / f"{self.name}.y4m"
        encoding = Encoding("f", 960, 540, 0)
        with file.open("wb") as output:
            output.write(b"YUV4MPEG2 W960 H540 F30:1 Ip A1:1 C420jpeg\n")
            for picture in _pictures(self.sitter, encoding, round(SECONDS * FRAME_RATE)):
                output.write(b"FRAME\n" + b"".join(map(_rows, picture.planes)))
        return file


def _pictures(sitter: Sitter, encoding: Encoding, count: int) -> Iterator[av.VideoFrame]:
    room = draw_room(sitter, encoding.width, encoding.height)
    person = draw_person(sitter, encoding.width, encoding.height)
    for number in range(count):
        breath = math.sin(2 * math.pi * number / (SECONDS * FRAME_RATE))
        image = room.copy()
        image.paste(person, (0, round(encoding.height * _RISE * (1 + breath))), person)
        frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
        yield frame.reformat(format="yuv420p")


def _rows(plane: av.video.plane.VideoPlane) -> bytes:
    """Without what fills up lines in memory."""
    content, step = bytes(plane), plane.line_size
    begins = range(0, plane.height * step, step)
    return b"".join(content[begin : begin + plane.width] for begin in begins)


def draw_room(sitter: Sitter, width: int, height: int) -> Image.Image:
    """A wall with a window's light on it and a shelf, all out of focus."""
    small = Image.new("RGB", (width // _BLURRED, height // _BLURRED), sitter.wall)
    draw = ImageDraw.Draw(small)
    w, h = small.size
    side = 1 if sitter.aside <= 0 else -1
    middle = 0.5 + 0.36 * side
    draw.rectangle(_box(w, h, middle, 0.3, 0.11, 0.3), fill=sitter.light)
    shelf = _mixed(sitter.wall, sitter.hair, 0.45)
    draw.rectangle(_box(w, h, 0.5 - 0.38 * side, 0.36, 0.16, 0.02), fill=shelf)
    for place, book in enumerate((sitter.clothes, sitter.light, sitter.skin)):
        x = 0.5 - (0.46 - 0.06 * place) * side
        draw.rectangle(_box(w, h, x, 0.27, 0.016, 0.08), fill=_mixed(sitter.wall, book, 0.5))
    blurred = small.filter(ImageFilter.GaussianBlur(3))
    return blurred.resize((width, height), Image.Resampling.BICUBIC)


def draw_person(sitter: Sitter, width: int, height: int) -> Image.Image:
    """Head and shoulders, on nothing."""
    scale = 2  # drawn larger than it is shown: edges without steps
    layer = Image.new("RGBA", (width * scale, height * scale))
    draw = ImageDraw.Draw(layer)
    unit = height * scale
    x = width * scale * (0.5 + sitter.aside)
    shade = _mixed(sitter.skin, (60, 30, 20), 0.18)

    def oval(dx: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        middle, top = x + unit * dx, unit * y
        draw.ellipse(
            (middle - unit * rx, top - unit * ry, middle + unit * rx, top + unit * ry), fill=fill
        )

    if sitter.long_hair:
        oval(0, 0.47, 0.21, 0.28, sitter.hair)
    oval(0, 1.1, 0.42, 0.38, sitter.clothes)
    draw.rectangle((x - unit * 0.065, unit * 0.58, x + unit * 0.065, unit * 0.78), fill=shade)
    oval(0, 0.775, 0.065, 0.045, shade)
    oval(0, 0.36, 0.175, 0.19, sitter.hair)
    oval(-0.155, 0.44, 0.028, 0.042, shade)
    oval(0.155, 0.44, 0.028, 0.042, shade)
    oval(0, 0.445, 0.15, 0.19, sitter.skin)
    draw.pieslice(
        (x - unit * 0.165, unit * 0.215, x + unit * 0.165, unit * 0.49),
        180 if sitter.long_hair else 190,
        360 if sitter.long_hair else 350,
        fill=sitter.hair,
    )
    dark = _mixed(sitter.hair, (20, 16, 16), 0.6)
    for side in (-1, 1):
        oval(0.06 * side, 0.44, 0.014, 0.017, dark)
        if sitter.glasses:
            middle, top, r = x + unit * 0.06 * side, unit * 0.44, unit * 0.043
            draw.ellipse(
                (middle - r, top - r, middle + r, top + r), outline=dark, width=unit // 120
            )
    if sitter.glasses:
        y = unit * 0.435
        draw.line((x - unit * 0.018, y, x + unit * 0.018, y), fill=dark, width=unit // 120)
    draw.arc(
        (x - unit * 0.055, unit * 0.47, x + unit * 0.055, unit * 0.555),
        25,
        155,
        fill=_mixed(shade, (150, 40, 40), 0.5),
        width=unit // 90,
    )
    return layer.resize((width, height), Image.Resampling.LANCZOS)


def _box(
    width: int, height: int, x: float, y: float, half_width: float, half_height: float
) -> tuple[float, float, float, float]:
    return (
        width * (x - half_width),
        height * (y - half_height),
        width * (x + half_width),
        height * (y + half_height),
    )


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


_OAK, _SAND, _SAGE, _CLAY = (196, 170, 140), (226, 214, 196), (176, 190, 170), (206, 160, 136)
_SLATE, _ROSE, _SKY, _NIGHT = (140, 152, 164), (222, 190, 186), (184, 204, 214), (74, 82, 98)
_NOON, _EVENING = (255, 250, 236), (250, 216, 160)
_PALE, _FAIR, _TAN, _BROWN, _DARK = (
    (242, 208, 186),
    (228, 184, 154),
    (198, 148, 112),
    (146, 98, 68),
    (96, 62, 46),
)
_BLACK, _CHESTNUT, _BLOND, _GREY, _RED = (
    (34, 28, 28),
    (86, 54, 36),
    (198, 158, 96),
    (160, 156, 152),
    (146, 72, 40),
)

SITTERS = (
    Sitter("Ana Ruiz", _SAND, _NOON, _TAN, _BLACK, (28, 108, 104), long_hair=True, aside=0.02),
    Sitter("Ben Adler", _SLATE, _EVENING, _PALE, _CHESTNUT, (52, 62, 92), glasses=True),
    Sitter("Chidi Obi", _SAGE, _NOON, _DARK, _BLACK, (214, 150, 60), aside=-0.04),
    Sitter("Dora Lind", _ROSE, _NOON, _PALE, _BLOND, (132, 60, 84), long_hair=True, aside=0.05),
    Sitter("Emil Novak", _OAK, _EVENING, _FAIR, _GREY, (70, 84, 70), glasses=True, aside=0.03),
    Sitter("Farah Amini", _SKY, _NOON, _TAN, _CHESTNUT, (170, 70, 58), long_hair=True),
    Sitter("Goran Ilic", _CLAY, _NOON, _FAIR, _BLACK, (44, 50, 58), aside=-0.03),
    Sitter("Hana Sato", _SAND, _EVENING, _PALE, _BLACK, (92, 110, 150), long_hair=True),
    Sitter("Iris Moreau", _NIGHT, _EVENING, _FAIR, _RED, (196, 186, 170), long_hair=True),
    Sitter("Jamal Reed", _SLATE, _NOON, _BROWN, _BLACK, (150, 50, 50), glasses=True, aside=0.04),
    Sitter("Kaya Demir", _SAGE, _EVENING, _TAN, _CHESTNUT, (60, 90, 120), long_hair=True),
    Sitter("Leo Fischer", _SKY, _NOON, _PALE, _BLOND, (84, 100, 60), aside=-0.02),
)
