"""Several engines in one server: their ports, and who lives where."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing

import pytest

from sfu.engine.interface import Drop, Kind
from sfu.room import Participant, Room
from sfu.server import MediaPortError, MediaServer
from sfu.settings import MediaSettings
from sfu.tracks import TrackSource
from sfu.transport import TransportState
from tests.sfu.engine.conftest import ENGINES
from tests.support.media import EXPECTED, HOST, bound, free_ports, media_settings
from tests.support.peer import Peer, loopback_candidates
from tests.support.peer import closing as closing_peers
from tests.support.polling import until
from tests.support.raw import VIEWER
from tests.support.room import Ear, real_offer


@asynccontextmanager
async def serving(**changes: object) -> AsyncIterator[MediaServer]:
    server = await MediaServer.start(media_settings(**changes))
    try:
        yield server
    finally:
        await server.close()


def home(server: MediaServer, room: str) -> int:
    """The number of the engine it lives on."""
    (number,) = [number for number, host in enumerate(server.engines) if room in host.rooms]
    return number


def join(server: MediaServer, room: str, *names: str) -> list[Participant]:
    return [server.room(room).join(name, Ear()) for name in names]


def candidates(answer: str) -> set[tuple[str, int]]:
    found = re.findall(r"a=candidate:\S+ \S+ \S+ \S+ (\S+) ([0-9]+) ", answer)
    return {(host, int(port)) for host, port in found}


# Where rooms live


async def test_a_new_room_goes_where_fewest_people_are() -> None:
    async with serving(engines=3) as server:
        join(server, "tea", "ana", "ben", "cleo")
        join(server, "milk", "dora")
        join(server, "rum", "eve", "finn")
        join(server, "gin", "gus")
        assert [home(server, room) for room in ("tea", "milk", "rum", "gin")] == [0, 1, 2, 1]


async def test_among_equals_it_goes_where_fewest_rooms_are() -> None:
    async with serving(engines=2) as server:
        join(server, "tea", "ana")
        join(server, "milk", "ben")
        assert [home(server, room) for room in ("tea", "milk")] == [0, 1]
        join(server, "rum", "cleo")
        join(server, "milk", "dora")
        assert home(server, "rum") == 0
        join(server, "gin", "eve")
        assert home(server, "gin") == 1  # two people each, in two rooms there and in one here


async def test_a_room_stays_where_it_is_until_it_is_empty() -> None:
    async with serving(engines=2) as server:
        people = join(server, "tea", "ana", "ben")
        room = server.room("tea")
        (guest,) = join(server, "milk", "cleo")
        people += join(server, "tea", "dora")
        assert server.room("tea") is room
        assert (home(server, "tea"), home(server, "milk")) == (0, 1)
        guest.leave()
        for person in people[1:]:
            person.leave()
        assert server.room("tea") is room
        people[0].leave()
        assert server.rooms == {}
        join(server, "milk", "cleo")
        join(server, "tea", "ana")
        assert (home(server, "milk"), home(server, "tea")) == (0, 1)


async def test_one_engine_is_enough() -> None:
    async with serving() as server:
        join(server, "tea", "ana")
        join(server, "milk", "ben")
        assert set(server.rooms) == set(server.engines[0].rooms) == {"tea", "milk"}
        assert server.port == server.engines[0].port


async def test_the_start_tells_what_runs_where(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sfu.server")
    async with serving(engines=2) as server:
        first, second = (host.port for host in server.engines)
        assert f"{EXPECTED} engine" in caplog.text
        assert f"{first}, {second}" in caplog.text


# Ports


async def test_each_engine_has_the_port_after_the_one_before() -> None:
    first = free_ports(3)
    async with serving(host=HOST, port=first, engines=3) as server:
        assert [host.port for host in server.engines] == [first, first + 1, first + 2]
        for port in (first, first + 1, first + 2):
            with pytest.raises(OSError, match="in use"):
                bound(port)
    for port in (first, first + 1, first + 2):
        bound(port).close()


async def test_each_engine_has_any_free_port() -> None:
    async with serving(engines=3) as server:
        assert len({host.port for host in server.engines} - {0}) == 3


async def test_if_one_port_is_taken_none_stays_open() -> None:
    first = free_ports(3)
    with closing(bound(first + 1)):
        with pytest.raises(MediaPortError) as refused:
            await MediaServer.start(media_settings(host=HOST, port=first, engines=3))
        bound(first).close()
        bound(first + 2).close()
    assert refused.value.port == first + 1
    assert refused.value.errno == errno.EADDRINUSE


def test_announced_ports_follow_the_engines() -> None:
    settings = MediaSettings(
        port=7882, engines=3, announced=(("192.0.2.1", 40_000), ("192.0.2.2", None))
    )
    own = [settings.of_engine(number) for number in range(3)]
    assert [one.port for one in own] == [7882, 7883, 7884]
    assert [one.announced[0] for one in own] == [
        ("192.0.2.1", 40_000), ("192.0.2.1", 40_001), ("192.0.2.1", 40_002)
    ]  # fmt: skip
    assert {one.announced[1] for one in own} == {("192.0.2.2", None)}
    assert {one.engines for one in own} == {1}


def test_any_free_port_stays_any() -> None:
    assert MediaSettings(port=0, engines=2).of_engine(1).port == 0


async def test_an_answer_names_the_port_of_the_engine_the_room_lives_on() -> None:
    announced = (("192.0.2.1", 40_000), ("192.0.2.2", None))
    async with serving(engines=2, announced=announced) as server:
        for number, room in enumerate(("tea", "milk")):
            (ana,) = join(server, room, "ana")
            answer = await ana.offer(real_offer(VIEWER))
            port = server.engines[number].port
            assert candidates(answer.sdp) == {("192.0.2.1", 40_000 + number), ("192.0.2.2", port)}


# Together


async def test_stats_tell_of_all_engines() -> None:
    async with serving(engines=2) as server:
        for room in ("tea", "milk"):
            (ana,) = join(server, room, "ana")
            await ana.offer(real_offer(VIEWER))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for host in server.engines:
                stranger.sendto(b"\x05 is no protocol of ours", ("127.0.0.1", host.port))

        async def arrived() -> bool:
            stats = server.stats()
            return stats.drops.get(Drop.UNKNOWN_PROTOCOL) == len(stats.transports) == 2

        await until(arrived)
        parts = [host.stats() for host in server.engines]
        assert [part.drops[Drop.UNKNOWN_PROTOCOL] for part in parts] == [1, 1]
        assert [len(part.transports) for part in parts] == [1, 1]
        together = server.stats()
        assert together.sinks.keys() == parts[0].sinks.keys() | parts[1].sinks.keys()
        assert len(together.sinks) == len(parts[0].sinks) + len(parts[1].sinks) > 0


class Goodbye(Ear):
    """Notes whose media ended, in the order they did."""

    def __init__(self, name: str, heard: list[str]) -> None:
        super().__init__()
        self._name, self._heard = name, heard

    def media_changed(self, state: TransportState, reason: str | None) -> None:
        if state == "closed":
            self._heard.append(f"{self._name} {reason}")


async def test_all_engines_are_closed_in_order_even_if_one_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, heard = free_ports(3), list[str]()
    server = await MediaServer.start(media_settings(host=HOST, port=first, engines=3))
    for room in ("tea", "milk", "rum"):
        ana = server.room(room).join("ana", Goodbye(room, heard))
        await ana.offer(real_offer(VIEWER))

    def fail(reason: str) -> None:
        heard.append(f"milk fails: {reason}")
        raise RuntimeError("spilt")

    monkeypatch.setattr(server.room("milk"), "close", fail)
    with pytest.raises(RuntimeError, match="spilt"):
        await server.close()
    assert heard == ["tea server_stopping", "milk fails: server_stopping", "rum server_stopping"]
    for port in (first, first + 1, first + 2):
        bound(port).close()


# For real


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_a_meeting_on_each_of_two_engines(engine: str) -> None:
    async with AsyncExitStack() as stack:
        stack.enter_context(loopback_candidates())
        server = await stack.enter_async_context(serving(engine=engine, engines=2))
        tea = await two_people(stack, server.room("tea"), grey=60)
        milk = await two_people(stack, server.room("milk"), grey=200)
        assert (home(server, "tea"), home(server, "milk")) == (0, 1)
        await asyncio.gather(meet(*tea, grey=60), meet(*milk, grey=200))
        for host in server.engines:
            stats = host.stats()
            assert len(stats.transports) == 2
            assert sum(sink.packets for sink in stats.sinks.values()) > 0
        check_traffic(server)
        check_figures(server)


def check_traffic(server: MediaServer) -> None:
    """What is told of each room is its engine's, where no other lives."""
    rooms = server.traffic()
    assert rooms.keys() == {"tea", "milk"}
    for name, before in rooms.items():
        stats = server.engines[home(server, name)].stats()
        now = sum(sink.packets for sink in stats.sinks.values())
        assert 0 < before.packets_forwarded <= now
        assert 0 < before.packets_received <= sum(one.packets for one in stats.sources.values())
        assert before.bytes_received > before.packets_received
        assert before.bytes_forwarded > before.packets_forwarded


def check_figures(server: MediaServer) -> None:
    for host, figures in zip(server.engines, server.figures(), strict=True):
        assert (figures.rooms, figures.participants) == (1, 2)
        assert figures.publications[TrackSource.CAMERA] == 1
        assert figures.publications[TrackSource.SCREEN] == 0
        assert figures.subscriptions == 2
        assert figures.connecting.ice == figures.connecting.dtls == {"connected": 2}
        assert sum(figures.connecting.dtls_seconds.counts) == 2
        assert 0 < figures.connecting.dtls_seconds.sum < 60
        assert sum(figures.load.delays) > 0
        for room in list(host.rooms.values()):
            room.close("ended")
        after = host.figures()
        assert (after.rooms, after.participants, after.subscriptions) == (0, 0, 0)
        video, before = after.totals.kinds[Kind.VIDEO], figures.totals.kinds[Kind.VIDEO]
        assert video.packets_sent >= before.packets_sent > 0


async def two_people(stack: AsyncExitStack, room: Room, grey: int) -> tuple[Peer, Peer]:
    ana, ben = Peer(room, "ana", grey), Peer(room, "ben", grey)
    await stack.enter_async_context(closing_peers(ana, ben))
    await ana.connect()
    await ben.connect()
    return ana, ben


async def meet(ana: Peer, ben: Peer, grey: int) -> None:
    microphone, camera = ana.publish()
    await ben.picture(await ben.shows(camera), grey)
    await ben.sound(await ben.shows(microphone))
