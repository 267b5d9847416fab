"""The floor forwards what it gets: its receivers decrypt what the publisher sent."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time

import pytest

from benchmarks.burst import Burst
from benchmarks.floor import Floor, Keys
from benchmarks.library import inbound, key_size, outbound
from benchmarks.media import Audio, Video
from benchmarks.receivers import Counts, Receivers, receiving_socket
from benchmarks.transport import Profile

AUDIO, VIDEO = 0x10, 0x20
DEADLINE = 30.0
"""Seconds, generous."""


async def forward(
    profile: Profile, frames: list[list[int]], receivers: int, joined: bool
) -> Counts:
    keys = Keys(
        profile,
        secrets.token_bytes(key_size(profile)),
        tuple(secrets.token_bytes(key_size(profile)) for _ in range(receivers)),
    )
    crowd = Receivers(joined=joined)
    crowd.sample(1)
    sockets = [receiving_socket() for _ in range(receivers)]
    floor = Floor()
    for udp, key in zip(sockets, keys.receivers, strict=True):
        udp.bind(("127.0.0.1", 0))
        number = crowd.add(udp, inbound(profile, key))
        crowd.allow(number, AUDIO)
        crowd.allow(number, VIDEO)
    address = await floor.start(keys, [udp.getsockname() for udp in sockets])
    publisher = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    publisher.connect(address)
    burst = Burst(publisher, outbound(profile, keys.publisher))
    video, audio = Video(VIDEO, frames), Audio(AUDIO, [120])
    for _ in frames:
        burst.send(video.frame(keyframe=False))
        burst.send([audio.packet()])
    wanted = receivers * (sum(map(len, frames)) + len(frames))
    deadline = time.monotonic() + DEADLINE
    while crowd.counts().packets < wanted and time.monotonic() < deadline:
        crowd.drain()
        await asyncio.sleep(0.001)
    counts = crowd.counts()
    assert sum(crowd.ages().values()) == counts.verified
    await floor.stop()
    crowd.close()
    for udp in (publisher, *sockets):
        udp.close()
    return counts


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("profile", ["gcm", "cm"])
def test_every_receiver_gets_and_decrypts_every_packet(profile: Profile, joined: bool) -> None:
    frames = [[1200] * 5, [1145, 1145, 1146], [1035, 1036], [700, 700, 90], [80] * 40]
    counts = asyncio.run(forward(profile, frames, 7, joined))
    packets = 7 * (5 + 3 + 2 + 3 + 40 + len(frames))
    assert (counts.packets, counts.expected) == (packets, packets)
    assert (counts.verified, counts.wrong) == (packets, 0)
    assert counts.streams == 14
