"""Time and the network: what becomes of the datagrams that are on their way."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

from sfu.engine.interface import Datagram
from tests.support.script.world import SPARE_PATHS, World, pick


@dataclass(frozen=True)
class Tick:
    """Handle what is pending, then let time pass, waking the engine whenever it asked for it."""

    seconds: float

    def run(self, world: World) -> None:
        world.deliver()
        world.wire.advance(self.seconds)


@dataclass(frozen=True)
class Stall:
    """Time passes, but nobody wakes the engine."""

    seconds: float

    def run(self, world: World) -> None:
        world.deliver()
        world.wire.now += self.seconds


@dataclass(frozen=True)
class Lose:
    at: int

    def run(self, world: World) -> None:
        if world.pending:
            del world.pending[self.at % len(world.pending)]


@dataclass(frozen=True)
class Repeat:
    at: int

    def run(self, world: World) -> None:
        if world.pending:
            world.pending.append(pick(world.pending, self.at))


@dataclass(frozen=True)
class Hold:
    """Keep a datagram back until `Release`."""

    at: int

    def run(self, world: World) -> None:
        if world.pending:
            world.held.append(world.pending.pop(self.at % len(world.pending)))


@dataclass(frozen=True)
class Release:
    def run(self, world: World) -> None:
        world.pending.extend(world.held)
        world.held.clear()


@dataclass(frozen=True)
class Shuffle:
    seed: int

    def run(self, world: World) -> None:
        random.Random(self.seed).shuffle(world.pending)  # noqa: S311 - repeatable on purpose


@dataclass(frozen=True)
class Damage:
    """Change one byte of a datagram, or cut it."""

    at: int
    byte: int
    change: int

    def run(self, world: World) -> None:
        if not world.pending:
            return
        index = self.at % len(world.pending)
        path, data = world.pending[index]
        place = self.byte % max(1, len(data))
        end = data[place + 1 :] if self.change else b""
        middle = bytes((data[place] ^ self.change,)) if self.change and data else b""
        world.pending[index] = Datagram(path, data[:place] + middle + end)


@dataclass(frozen=True)
class Noise:
    """Any bytes from a member's path, or from elsewhere."""

    data: bytes
    member: int | None = None
    path: int = 0

    def run(self, world: World) -> None:
        path = pick(SPARE_PATHS, self.path)
        if self.member is not None:
            path = world.member(self.member).path
        world.pending.append(Datagram(path, self.data))


@dataclass(frozen=True)
class Stun:
    """A message with the USERNAME of a member, of nobody (-1), or without one (None)."""

    member: int | None
    path: int

    def run(self, world: World) -> None:
        attribute = b""
        if self.member is not None:
            name = "nobody" if self.member < 0 else world.member(self.member).ufrag
            username = f"{name}:theirs".encode()
            attribute = struct.pack("!HH", 6, len(username))
            attribute += username.ljust((len(username) + 3) & ~3, b"\0")
        header = struct.pack("!HHI12s", 1, len(attribute), 0x2112A442, b"transaction!")
        world.pending.append(Datagram(pick(SPARE_PATHS, self.path), header + attribute))
