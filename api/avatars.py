"""Pictures of people: whatever somebody sends becomes a small square WebP without metadata.

What is sent is not trusted. It is decoded by one decoder, that of the type it is said to have; its
size is read from its header and bounded before anything is decoded; and nothing of the file itself
is kept.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http import HTTPStatus

from PIL import Image, ImageOps

from api.problems import ProblemError
from db.avatars import AvatarRow

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
"""Pillow's names by content type."""
MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 4096 * 3072
"""What telephones take. Decoding so many takes up to 200 MB, and a second."""
SIZE = 256
"""Pixels of a side."""
QUALITY = 80
MAX_SCANS = 100
"""Of a progressive JPEG, which usually has ten. Each costs a pass over the whole picture, and takes
a few bytes in the file."""
QUEUE = 8
"""Pictures that may wait to be decoded."""

_START_OF_SCAN = b"\xff\xda"


class UnreadableImageError(Exception):
    """It is no picture of its type, or too large a one; the message says which."""


def avatar(data: bytes, content_type: str) -> AvatarRow:
    """The middle of the picture, of an animation its first. Raises UnreadableImageError."""
    image = _encoded(_small(data, FORMATS[content_type]))
    return AvatarRow(image, sha256(image).hexdigest())


def _small(data: bytes, kind: str) -> Image.Image:
    if kind == "JPEG" and data.count(_START_OF_SCAN) > MAX_SCANS:
        raise UnreadableImageError("has too many scans")
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            _check_size(image)
            return _square(image)
    except UnreadableImageError:
        raise
    # Decoders raise whatever comes to their mind about what is malformed.
    except Exception as error:
        raise UnreadableImageError(f"cannot be read as {kind}") from error


def _check_size(image: Image.Image) -> None:
    """Only the header has been read."""
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImageError(f"has more than {MAX_PIXELS:,} pixels")


def _square(image: Image.Image) -> Image.Image:
    image.draft("RGB", (SIZE, SIZE))  # a JPEG is decoded no larger than needed
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    small = _in_colour(image).resize(
        (SIZE, SIZE),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=2.0,
    )
    return ImageOps.exif_transpose(small)


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):  # grey in 16 bits, which `convert` would clip to 8
        image = image.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _encoded(image: Image.Image) -> bytes:
    image.info.clear()  # where it was taken, and by what
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


class AvatarMaker:
    """Makes avatars off the event loop, one at a time. Close it when done."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="avatars")
        self._pending = 0

    async def make(self, data: bytes, content_type: str) -> AvatarRow:
        """Raises UnreadableImageError, and ProblemError 503 when too many are waiting."""
        if self._pending > QUEUE:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many pictures are being read. Try again in a moment.",
                headers={"Retry-After": "5"},
            )
        self._pending += 1
        work = asyncio.get_running_loop().run_in_executor(self._pool, avatar, data, content_type)
        work.add_done_callback(self._made)
        return await asyncio.shield(work)

    def _made(self, work: asyncio.Future[AvatarRow]) -> None:
        """Not before, even if nobody waits for it any more."""
        self._pending -= 1
        if not work.cancelled():
            work.exception()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def avatar_path(user_id: int, digest: str | None) -> str | None:
    """Where a picture is: another path for each picture."""
    return None if digest is None else f"/users/{user_id}/avatar?v={digest[:16]}"
