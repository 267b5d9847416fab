"""A recorded meeting, and what every receiver of it must get, byte by byte after decryption.

`corpus.json` holds, for each stream of each receiver, how many packets it has and the SHA-256 of
them; the same of RTCP, events and statistics. It was written by the reference engine. Whoever
changes on purpose what an engine sends, or the meeting itself, writes it anew and commits it:

    .venv/bin/python -m tests.sfu.engine.corpus
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sfu.engine.interface import Codec, Engine, Extension, SrtpProfile, Switch
from sfu.engine.reference import ReferenceEngine
from tests.support.same import equal_numbers
from tests.support.script.commands import (
    CloseSource,
    Join,
    Leave,
    Limit,
    Move,
    OpenSource,
    Rekey,
    Select,
    Show,
    ShowAll,
)
from tests.support.script.feedback import Ask, Estimate, LosePicture, Report, SenderReport
from tests.support.script.network import Hold, Lose, Release, Repeat, Shuffle, Stall, Tick
from tests.support.script.publishing import (
    AnswerNacks,
    ChangeCodec,
    Frame,
    Jump,
    Nonsense,
    Picture,
    Redundant,
    Repair,
    Restart,
)
from tests.support.script.world import Step, World
from tests.support.wire import PUBLISHED_EXTENSIONS

EXPECTED = Path(__file__).with_name("corpus.json")
UNIX = 1_763_800_000.25
SECONDS = 14
FRAMES = 25
"""A second."""

Digests = dict[str, dict[str, list[object]]]


def digests(engine: Engine) -> Digests:
    """What became of the meeting on `engine`, which was made for UNIX."""
    world = World(engine)
    world.run(meeting())
    found: Digests = {}
    for number, member in enumerate(world.members):
        streams: dict[int, list[bytes]] = {}
        for packet in member.received:
            streams.setdefault(packet.ssrc, []).append(packet.data)
        told = {f"{ssrc:08x}": _digest(streams[ssrc]) for ssrc in sorted(streams)}
        told["RTCP"] = _digest(member.raw_feedback)
        told["datagrams"] = [len(member.datagrams)]
        found[f"member {number}"] = told
    found["room"] = {
        "events": _digest(repr(event).encode() for event in world.wire.events),
        "statistics": _digest([repr(_ordered(engine)).encode()]),
    }
    return found


def _digest(parts: Iterable[bytes]) -> list[object]:
    whole, count = sha256(), 0
    for part in parts:
        whole.update(len(part).to_bytes(4, "big") + part)
        count += 1
    return [count, whole.hexdigest()]


def _ordered(engine: Engine) -> list[object]:
    stats = engine.stats()
    transports = [
        (number, found.datagrams_sent, found.bytes_sent, sorted(found.drops.items()), found.remb)
        for number, found in sorted(stats.transports.items())
    ]
    return [
        sorted(stats.drops.items()),
        transports,
        sorted(stats.sources.items()),
        sorted(stats.sinks.items()),
    ]


# The meeting

SHAPES = [0, 1, 1, 0, 0]
"""Of the members' cameras: Chromium's but for one Firefox and one that sends single NAL units."""


def meeting() -> list[Step]:
    """Five members, all codecs and profiles, a network that loses, and all that goes wrong."""
    dice = random.Random(1122)  # noqa: S311 - repeatable on purpose
    steps: list[Step] = [
        Join(SrtpProfile.AEAD_AES_128_GCM, Codec.VP8),
        Join(SrtpProfile.AES128_CM_SHA1_80, Codec.VP8, extension_ids=1),
        Join(SrtpProfile.AEAD_AES_128_GCM, Codec.H264, extension_ids=2, declared=True),
        Join(SrtpProfile.AEAD_AES_256_GCM, Codec.VP9, rtx=False),
        Join(SrtpProfile.AEAD_AES_128_GCM, Codec.AV1, extension_ids=3, narrow=True),
        *(Limit(member, 2_500_000) for member in range(5)),
        Jump(0, sequence=0x7000),
        Jump(4, timestamp=0x7FFF_0000, picture=0x7FF0),
    ]
    for second in range(SECONDS):
        steps += INCIDENTS.get(second, [])
        steps.append(ShowAll(1 + 3 * second, Switch.LAYER if second % 3 else Switch.PARTICIPANT))
        steps += _limits(dice, second)
        for frame in range(FRAMES):
            steps += _frames(dice, frame) if second % 4 < 2 else _layers(dice, frame)
            steps += _network(dice)
            steps.append(Tick(0.04 if frame % 7 else 0.0401))
        steps += _reports(dice, second)
    return steps


def _frames(dice: random.Random, frame: int) -> list[Step]:
    """Two layers of a camera, a screen at a slower rate, and two packets of sound each."""
    steps: list[Step] = []
    for member, shape in enumerate(SHAPES):
        first = 4 * member
        orientation = ((PUBLISHED_EXTENSIONS[Extension.VIDEO_ORIENTATION], bytes((member % 4,))),)
        descriptor = ((12, bytes(range(20))),)
        for layer, packets in ((0, 1), (1, 4)):
            keyframe = dice.random() < 0.08 or frame == 3
            size = 300 + 400 * layer + int(dice.random() * 100)
            extra = orientation if keyframe else descriptor
            steps.append(
                Frame(first + layer, keyframe, packets + 3 * keyframe, size, shape, extra=extra)
            )
        if frame % 5 == 0:
            steps.append(Frame(first + 2, frame == 0, 2, 1100, 2, seconds=0.2))
        level = 0x80 | (20 if (frame + 9 * member) % 40 < 20 else 90)
        levels = ((PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL], bytes((level,))),)
        for _ in range(2):
            silent = int(level & 0x7F == 90)
            steps.append(Frame(first + 3, False, 1, 70, silent, seconds=0.02, extra=levels))
    return steps


def _layers(dice: random.Random, frame: int) -> list[Step]:
    """Cameras with layers inside, every other one with dependency descriptors, and RED."""
    steps: list[Step] = []
    for member in range(len(SHAPES)):
        first = 4 * member
        keyframe = dice.random() < 0.06 or frame == 1
        for layer, packets in ((0, 1), (1, 2)):
            described = (member + layer) % 2 == 0
            steps.append(Picture(first + layer, member % 3, described, keyframe, packets, 200))
        steps.append(Redundant(member, (60, 60) if frame % 4 else (60,)))
    return steps


def _limits(dice: random.Random, second: int) -> list[Step]:
    """For the first slot of each member, to what it shows already or to another camera."""
    limits = [(None, None), (0, None), (None, 0), (1, 1), (0, 1)]
    steps: list[Step] = []
    for member in range(len(SHAPES)):
        spatial, temporal = limits[int(dice.random() * len(limits))]
        switch = Switch.CUT if dice.random() < 0.2 else Switch.LAYER
        encoding = 3 * second + 3 * member + 1
        steps.append(Show(3 * member, encoding, switch, spatial=spatial, temporal=temporal))
    return steps


def _network(dice: random.Random) -> list[Step]:
    steps: list[Step] = []
    for impair, chance in ((Lose, 0.9), (Lose, 0.5), (Hold, 0.3), (Repeat, 0.2), (Shuffle, 0.15)):
        if dice.random() < chance:
            steps.append(impair(int(dice.random() * 60)))
    if dice.random() < 0.3:
        steps.append(Release())
    for member in range(len(SHAPES)):
        if dice.random() < 0.5:
            steps.append(AnswerNacks(member))
    if dice.random() < 0.5:
        back = tuple(sorted({int(dice.random() * 40) for _ in range(4)}, reverse=True))
        steps.append(Ask(int(dice.random() * 15), back))
    return steps


def _reports(dice: random.Random, second: int) -> list[Step]:
    steps: list[Step] = []
    for member in range(len(SHAPES)):
        skew = (-500.0, 0.0, 7000.0, 0.2, -3.0)[member]
        steps += [SenderReport(4 * member + index, skew) for index in range(4)]
    steps += [Report(slot, int(dice.random() * 60), dice.random() / 50) for slot in range(15)]
    steps += [LosePicture(second, by_fir=second % 2 == 0), Estimate(second, 900_000 + second)]
    return steps


INCIDENTS: dict[int, list[Step]] = {
    2: [ChangeCodec(1, Codec.H264), Restart(5, 1, 0xFFF0), Show(0, None), Show(3, 5, paused=True)],
    3: [Show(3, 5), Jump(0, sequence=0x7000), Jump(9, sequence=1500, timestamp=-90_000)],
    4: [CloseSource(13), Rekey(1, 77), Jump(0, sequence=0x2000), Nonsense(1, 34, b"?")],
    5: [OpenSource(13), Move(2, 9), ChangeCodec(1, Codec.VP8), Repair(8, (0, 1, 2))],
    6: [Leave(4), Select(0, None), SenderReport(1, 0.0, ticks=1 << 31)],
    7: [Select(0, -1), Join(SrtpProfile.AEAD_AES_128_GCM, Codec.VP9), Stall(4.0)],
    8: [Restart(5, 0, 9), Jump(4, picture=0x100), Nonsense(4, 96, b"", b"\x40", 0xBEDE)],
    10: [Stall(61.0), ChangeCodec(16, Codec.VP8), Limit(0, 0)],
    12: [Jump(1, sequence=0x7FFF), Jump(2, sequence=-2050), Limit(1, 100_000)],
}
"""By second."""


def main() -> None:
    with equal_numbers():
        text = json.dumps(digests(ReferenceEngine(UNIX)), indent=1)
    EXPECTED.write_text(text + "\n")


if __name__ == "__main__":
    main()
