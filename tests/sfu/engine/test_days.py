"""People come and go for days; the process stays as large as it was."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath

import pytest

from sfu.engine.interface import Codec, Kind, Path, Route, SrtpProfile
from tests.sfu.engine.conftest import ENGINES
from tests.support.script.world import Member
from tests.support.wire import Encoding, Slot, Wire

JOINS = {"native": 10_000, "reference": 2_000}
"""Of the reference engine fewer: it forgets what Python forgets."""
WARM_UP = {"native": 6_000, "reference": 2_000}
"""Until the caches of encoded addresses (4,096 each) are full, and Python's heaps are as large as
they get."""
MOST_GROWTH = 256
"""KiB: 26 bytes a join of the native engine. The least thing that it can forget, an ufrag, has
twice that. Measured: 8 KiB, up or down."""


@dataclass(frozen=True)
class Size:
    """Of this process."""

    memory: int
    """KiB of its own, without files, after the allocators gave back what they could."""
    files: int
    threads: int

    @classmethod
    def now(cls) -> Size:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        status = FilePath("/proc/self/status").read_text()
        return cls(
            int(status.split("RssAnon:")[1].split()[0]),
            len(os.listdir("/proc/self/fd")),
            len(os.listdir("/proc/self/task")),
        )


def assert_not_grown(before: Size, after: Size) -> None:
    assert (after.files, after.threads) == (before.files, before.threads)
    assert after.memory - before.memory < MOST_GROWTH


class Person:
    """Sends a camera with losses and a microphone, sees somebody else."""

    def __init__(self, wire: Wire) -> None:
        member = self.member = Member(wire, SrtpProfile.AEAD_AES_128_GCM)
        wire.engine.expect_stun(member.transport, member.path)
        wire.engine.set_receive_limit(member.transport, 1_000_000)
        self.camera: Encoding = member.encoding(rid="f")
        self.microphone: Encoding = member.encoding(Codec.OPUS, mid="0")
        self.picture: Slot = member.slot(rtx=member.transport % 2 == 0)
        self.sound: Slot = member.slot(Kind.AUDIO)

    def see(self, other: Person) -> None:
        wire = self.member.wire
        wire.engine.route(
            [Route(self.picture.id, other.camera.id), Route(self.sound.id, other.microphone.id)]
        )
        wire.deliver(*map(other.member.datagram, other.packets()))
        self.member.ask_again(self.picture, self.picture.packets[0].sequence)

    def packets(self) -> list[bytes]:
        """A keyframe whose second packet is lost, and sound."""
        first, _, *rest = self.camera.frame(keyframe=True, packets=4)
        return [first, *rest, *self.microphone.frame(packets=1)]

    def leave(self) -> None:
        self.member.wire.engine.close_transport(self.member.transport)
        del self.member.wire.peers[self.member.path]


def come_and_go(wire: Wire, joins: int) -> None:
    """Five at a time; the first, the last or one between leaves."""
    room = [Person(wire)]
    for number in range(joins):
        newcomer = Person(wire)
        newcomer.see(room[-1])
        room.append(newcomer)
        wire.advance(0.02)
        if len(room) > 5:
            room.pop(number % 6).leave()
        wire.events.clear()
    for person in room:
        person.leave()
    wire.deliver()


@pytest.mark.parametrize("name", ENGINES)
def test_joins_and_leaves_cost_nothing_in_the_end(name: str) -> None:
    wire = Wire(ENGINES[name]())
    come_and_go(wire, WARM_UP[name])
    before = Size.now()
    come_and_go(wire, JOINS[name])
    assert_not_grown(before, Size.now())
    stats = wire.engine.stats()
    assert (stats.transports, stats.sources, stats.sinks) == ({}, {}, {})


# In its thread


@contextmanager
def client() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(10)
        yield opened


def connect(person: Person, opened: socket.socket) -> None:
    """The person's datagrams go through `opened`, which was another's before."""
    host, port = opened.getsockname()
    engine, path = person.member.wire.engine, Path(host, port, host)
    engine.validate_path(person.member.transport, path)
    engine.select_path(person.member.transport, path)


def receive(person: Person, opened: socket.socket, packets: int) -> None:
    while len(person.picture.packets) < packets:
        person.member.accept(opened.recv(2048), 0.0)


@pytest.mark.skipif("native" not in ENGINES, reason="without the native engine")
async def test_nor_do_they_where_the_engine_has_its_thread() -> None:
    from sfu.engine.native import NativeEngine
    from sfu.engine.thread import ThreadShell

    shell = ThreadShell(NativeEngine(), "127.0.0.1", 0, lambda _: None)
    wire = Wire(shell.engine)
    sizes = []

    async def meet(one: socket.socket, two: socket.socket) -> None:
        talker, viewer = Person(wire), Person(wire)
        connect(talker, one)
        connect(viewer, two)
        shell.engine.route([Route(viewer.picture.id, talker.camera.id)])
        await asyncio.sleep(0)
        for packet in talker.packets():
            one.sendto(talker.member.srtp.protect(packet), ("127.0.0.1", shell.port))
        receive(viewer, two, 3)
        talker.leave()
        viewer.leave()
        await asyncio.sleep(0)

    with closing(shell), client() as one, client() as two:
        for joins in (WARM_UP["reference"], JOINS["native"]):
            for _ in range(joins // 2):
                await meet(one, two)
            assert shell.stats().transports == {}
            sizes.append(Size.now())
    assert_not_grown(*sizes)
