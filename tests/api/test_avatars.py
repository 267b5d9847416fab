"""Pictures, from whatever file somebody sends. Each file is named by its fault."""

from __future__ import annotations

import asyncio
import io
import struct
import threading
import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from api import avatars
from api.avatars import FORMATS, MAX_SCANS, QUEUE, SIZE, AvatarMaker, UnreadableImageError, avatar
from api.problems import ProblemError
from db.avatars import AvatarRow

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
ORIENTATION = 0x0112
"""The tag of EXIF."""


def file(image: Image.Image, kind: str, **more: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **more)
    return written.getvalue()


def opened(row: AvatarRow) -> Image.Image:
    image = Image.open(io.BytesIO(row.image))
    assert (image.format, image.size) == ("WEBP", (SIZE, SIZE))
    assert sha256(row.image).hexdigest() == row.digest
    return image


def near(found: object, wanted: tuple[int, ...]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) < 16 for a, b in zip(found, wanted, strict=True))


def bands(size: tuple[int, int], *colours: tuple[int, int, int]) -> Image.Image:
    """Beside each other, equally wide."""
    image = Image.new("RGB", size)
    width = size[0] // len(colours)
    for number, colour in enumerate(colours):
        image.paste(colour, (number * width, 0, (number + 1) * width, size[1]))
    return image


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """One that says to be so large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


PICTURE = bands((600, 200), RED, GREEN, BLUE)
FILES = {content_type: file(PICTURE, kind) for content_type, kind in FORMATS.items()}


@pytest.mark.parametrize("content_type", FORMATS)
def test_the_middle_of_a_picture_is_kept(content_type: str) -> None:
    image = opened(avatar(FILES[content_type], content_type)).convert("RGB")
    for corner in ((8, 8), (SIZE - 9, SIZE - 9)):
        assert near(image.getpixel(corner), GREEN)
    tall = avatar(file(PICTURE.transpose(Image.Transpose.ROTATE_90), "PNG"), "image/png")
    assert near(opened(tall).convert("RGB").getpixel((8, 8)), GREEN)


def test_a_tiny_picture_becomes_as_large_as_others() -> None:
    image = opened(avatar(file(Image.new("RGB", (1, 1), RED), "GIF"), "image/gif"))
    assert near(image.convert("RGB").getpixel((0, 0)), RED)


GREY = Image.new("L", (9, 9), 128)
MODES = {
    "1": Image.new("1", (9, 9), 1),
    "L": GREY,
    "LA": GREY.convert("LA"),
    "P": GREY.quantize(2),
    "I;16": Image.new("I;16", (9, 9), 128 * 256),
    "RGBA": GREY.convert("RGBA"),
    "CMYK": GREY.convert("CMYK"),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_colour_is_understood(mode: str) -> None:
    kind, content_type = ("JPEG", "image/jpeg") if mode == "CMYK" else ("PNG", "image/png")
    shown = opened(avatar(file(MODES[mode], kind), content_type)).convert("RGB")
    assert near(shown.getpixel((99, 99)), 3 * ((255,) if mode == "1" else (128,)))


def test_what_is_transparent_stays_so() -> None:
    image = Image.new("RGBA", (64, 64), (*RED, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 64))
    for kind, content_type in (("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")):
        made = opened(avatar(file(image, kind), content_type))
        assert made.mode == "RGBA"
        assert made.getpixel((20, 128))[3] == 0  # type: ignore[index]
        assert near(made.getpixel((236, 128)), (*RED, 255))


@pytest.mark.parametrize(("kind", "content_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_stands_as_it_was_taken_and_tells_nothing_else(
    kind: str, content_type: str
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # what is left belongs on top
    exif[0x010E] = "at home"
    data = file(bands((400, 400), RED, BLUE), kind, exif=exif, icc_profile=b"profile" * 30)
    made = avatar(data, content_type)
    image = opened(made)
    assert near(image.convert("RGB").getpixel((SIZE // 2, 20)), RED)
    assert near(image.convert("RGB").getpixel((SIZE // 2, SIZE - 20)), BLUE)
    assert b"at home" in data
    assert not {"exif", "icc_profile", "xmp"} & image.info.keys()
    assert made.image[12:16] == b"VP8 "  # nothing but the picture (RFC 9649, section 2.5)


@pytest.mark.parametrize(("kind", "content_type"), [("GIF", "image/gif"), ("WEBP", "image/webp")])
def test_an_animation_stands_still_at_its_first_picture(kind: str, content_type: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (BLUE, RED, GREEN)]
    data = file(frames[0], kind, save_all=True, append_images=frames[1:], duration=99)
    image = opened(avatar(data, content_type))
    assert getattr(image, "n_frames", 1) == 1
    assert near(image.convert("RGB").getpixel((9, 9)), BLUE)


def many_scans() -> bytes:
    """A small file, of which decoding takes as long as there are scans."""
    data = file(PICTURE, "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + MAX_SCANS * last + b"\xff\xd9"


FAULTS = {
    "empty": b"",
    "another type": FILES["image/png"],
    "text": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "only a header": FILES["image/jpeg"][:20],
}
BOMBS = {
    "wide": (png(2**31 - 1, 1), "image/png"),
    "just too large": (png(4097, 3072), "image/png"),
    "twice what Pillow bears": (png(20_000, 20_000, bytes(1000)), "image/png"),
    "a screen of GIF": (b"GIF89a\xff\xff\xff\xff" + FILES["image/gif"][10:], "image/gif"),
    "a canvas of WebP": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(8),
        "image/webp",
    ),
    "scans of JPEG": (many_scans(), "image/jpeg"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_such_picture_is_refused(fault: str) -> None:
    with pytest.raises(UnreadableImageError, match="cannot be read as WEBP"):
        avatar(FAULTS[fault], "image/webp")


@pytest.mark.parametrize("content_type", FORMATS)
def test_what_ends_too_early_is_refused(content_type: str) -> None:
    data = FILES[content_type]
    for length in range(0, len(data) - 16, 1 + len(data) // 40):
        with pytest.raises(UnreadableImageError):
            avatar(data[:length], content_type)


@pytest.mark.parametrize("fault", BOMBS)
def test_a_bomb_is_refused_before_it_is_decoded(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(_: Image.Image) -> Image.Image:
        raise AssertionError

    monkeypatch.setattr(avatars, "_square", decode)
    with pytest.raises(UnreadableImageError) as refused:
        avatar(*BOMBS[fault])
    assert not isinstance(refused.value.__cause__, AssertionError)


def test_the_largest_picture_is_read() -> None:
    opened(avatar(file(Image.new("L", (4096, 3072)), "PNG"), "image/png"))


@given(
    content_type=st.sampled_from(list(FORMATS)),
    start=st.floats(0, 1),
    replaced=st.binary(max_size=12),
    length=st.integers(0, 12),
)
def test_damaged_files_make_a_picture_or_are_refused(
    content_type: str, start: float, replaced: bytes, length: int
) -> None:
    data = FILES[content_type]
    place = int(start * len(data))
    damaged = data[:place] + replaced + data[place + length :]
    try:
        made = avatar(damaged, content_type)
    except UnreadableImageError:
        return
    opened(made)


@given(content_type=st.sampled_from(list(FORMATS)), data=st.binary(max_size=64))
def test_no_bytes_behind_a_signature_raise_anything_else(content_type: str, data: bytes) -> None:
    with pytest.raises(UnreadableImageError):
        avatar(FILES[content_type][:16] + data, content_type)


async def test_only_so_many_wait_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    maker, may_go, at_once = AvatarMaker(), threading.Event(), []
    row = AvatarRow(b"", "")

    def slow(*_: object) -> AvatarRow:
        at_once.append(threading.current_thread().name)
        may_go.wait(10)
        return row

    monkeypatch.setattr(avatars, "avatar", slow)
    waiting = [asyncio.create_task(maker.make(b"", "image/png")) for _ in range(QUEUE + 1)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as refused:
        await maker.make(b"", "image/png")
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})
    waiting.pop().cancel()
    with pytest.raises(ProblemError):  # it is still being made
        await maker.make(b"", "image/png")
    may_go.set()
    assert await asyncio.gather(*waiting) == [row] * QUEUE
    assert await maker.make(b"", "image/png") == row
    assert len(set(at_once)) == 1
    maker.close()
