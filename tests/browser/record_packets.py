"""Records what a real Chromium sends in a meeting: packet sizes and header extensions, no media.

    python -m tests.browser.record_packets > benchmarks/chromium.json

RTP headers are not encrypted, so a relay in front of the server reads all that is wanted. The table
is what `python -m benchmarks forward --sizes chromium` sends.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, suppress
from itertools import groupby
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

from playwright.async_api import async_playwright

from sfu.rtp import extensions
from sfu.rtp.packet import RtpError, RtpPacket, parse
from tests.browser.meeting import join_as_guest, new_meeting
from tests.support.chromium import chromium
from tests.support.namespace import isolated_network
from tests.support.people import ADA, HEIGHT, WIDTH, Person
from tests.support.relay import Relay
from tests.support.tertulia import Tertulia, free_port

FRAME_RATE = 30
WARM_UP = 20.0
"""Seconds until the encoder has found the bit rate of its highest layer."""
RECORDED = 10.0
"""Seconds."""
AUDIO_TYPE = 111
TAG = 16
"""Bytes that AES-GCM adds (RFC 7714)."""
KEEP_DESCRIPTIONS = """
const original = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
  window.answer = description.sdp;
  return original.apply(this, arguments);
};
"""


class Grainy(Person):
    """A camera whose picture moves and has grain, so that the encoder needs its bit rate."""

    def write_camera(self, directory: Path) -> Path:
        file = directory / "grainy.y4m"
        draw = random.Random(1)  # noqa: S311 - a picture
        texture = bytes(_smooth(draw, 4 * WIDTH))
        chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
        with file.open("wb") as output:
            header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAME_RATE}:1 Ip A1:1 C420jpeg\n"
            output.write(header.encode())
            for number in range(2 * FRAME_RATE):
                output.write(b"FRAME\n")
                for row in range(HEIGHT):
                    start = row // 2 + 4 * number + draw.randrange(3)
                    output.write(texture[start : start + WIDTH])
                output.write(chroma)
        return file


def _smooth(draw: random.Random, length: int) -> list[int]:
    """A random walk within what a camera gives."""
    level, levels = 128, []
    for _ in range(length):
        level = min(220, max(30, level + draw.randint(-6, 6)))
        levels.append(level)
    return levels


class Recorder(Relay):
    """Notes the RTP packets that come from the client."""

    def __init__(self, server_port: int) -> None:
        super().__init__(server_port)
        self.packets: list[RtpPacket] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        super().datagram_received(data, addr)
        if 128 <= data[0] < 192 and not 192 <= data[1] < 224:
            with suppress(RtpError):  # encrypted, the last byte is no count of padding
                self.packets.append(parse(data))


async def record(directory: Path) -> dict[str, Any]:
    media_port = free_port(SOCK_DGRAM)
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(Recorder(media_port))
        announced = f"127.0.0.1:{relay.port}"
        server = Tertulia(directory, {"MEDIA_ANNOUNCED": announced}, media_port=media_port)
        await server.start()
        stack.push_async_callback(server.stop)
        browsers = await stack.enter_async_context(async_playwright())
        camera = Grainy("Grainy", ADA.yuv, ADA.tone)
        page = await stack.enter_async_context(chromium(browsers.chromium, camera, directory))
        await page.tab.context.add_init_script(KEEP_DESCRIPTIONS)
        await join_as_guest(page, await new_meeting(server), camera.name)
        await asyncio.sleep(WARM_UP)
        relay.packets.clear()
        await asyncio.sleep(RECORDED)
        version = page.tab.context.browser.version if page.tab.context.browser else ""
        return {
            "browser": f"Chromium {version}",
            "camera": f"{WIDTH}x{HEIGHT}, {FRAME_RATE} frames a second",
            "seconds": RECORDED,
            "extensions": _extensions(await page.evaluate("window.answer")),
            **_table(relay.packets),
        }


def _extensions(answer: str) -> dict[str, str]:
    return dict(re.findall(r"^a=extmap:(\d+)(?:/\w+)? (\S+)", answer, re.MULTILINE))


def _table(packets: list[RtpPacket]) -> dict[str, Any]:
    """The voice and the highest layer of the picture: bytes of packets before encryption."""
    streams = defaultdict(list)
    for packet in packets:
        streams[packet.ssrc].append(packet)
    audio = max((s for s in streams.values() if _is_audio(s[0])), key=len)
    video = max((s for s in streams.values() if not _is_audio(s[0])), key=_bytes)
    frames = [list(frame) for _, frame in groupby(video, lambda packet: packet.timestamp)]
    return {
        "audio": {"elements": _elements(audio), "sizes": _sizes(audio)},
        # the first and the last frame may not be whole
        "video": {"elements": _elements(video), "frames": [_sizes(f) for f in frames[1:-1]]},
    }


def _is_audio(packet: RtpPacket) -> bool:
    return packet.payload_type == AUDIO_TYPE


def _bytes(stream: list[RtpPacket]) -> int:
    return sum(len(packet.data) for packet in stream)


def _sizes(stream: list[RtpPacket]) -> list[int]:
    return [len(packet.data) - TAG for packet in stream]


def _elements(stream: list[RtpPacket]) -> list[int]:
    """Ids of the header extensions that nearly every packet has."""
    sets = Counter(
        tuple(extensions.parse(packet.extension_profile or 0, packet.extension))
        for packet in stream
    )
    return list(sets.most_common(1)[0][0])


def main() -> None:
    with isolated_network(), tempfile.TemporaryDirectory() as directory:
        table = asyncio.run(record(Path(directory)))
    print(json.dumps(table, separators=(",", ":")))  # noqa: T201


if __name__ == "__main__":
    main()
