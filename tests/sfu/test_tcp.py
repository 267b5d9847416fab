"""Media over TCP: a gateway brings datagrams in and out, and lets nobody stay who is nobody."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import socket
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu import tcp
from sfu.engine.interface import MAX_DATAGRAM, Path
from sfu.server import MediaServer
from sfu.tcp import FrameError, Frames, TcpGateway, frame
from tests.support.media import HOST, free_ports, media_settings
from tests.support.polling import until
from tests.support.raw import VIEWER
from tests.support.room import Ear, real_offer

STUN = b"\x00\x01 a check"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@given(st.lists(st.binary(max_size=MAX_DATAGRAM), max_size=6), st.data())
def test_a_stream_may_be_cut_anywhere(datagrams: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, datagrams))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    places = [0, *sorted(cuts), len(stream)]
    frames, found = Frames(), []
    for begin, end in itertools.pairwise(places):
        found += frames.feed(stream[begin:end])
    assert found == [datagram for datagram in datagrams if datagram]


@given(st.binary(max_size=5000))
def test_no_stream_is_kept_beyond_one_datagram(stream: bytes) -> None:
    frames = Frames()
    try:
        frames.feed(stream)
    except FrameError:
        return
    assert len(frames._rest) < 2 + MAX_DATAGRAM


def test_a_datagram_no_engine_takes_ends_the_stream() -> None:
    with pytest.raises(FrameError):
        Frames().feed(frame(bytes(MAX_DATAGRAM + 1))[:2])


class Engine:
    """A UDP socket in its place."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((HOST, free_ports(1)))
        self.address: tuple[str, int] = self.socket.getsockname()

    async def receive(self) -> tuple[bytes, tuple[str, int]]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            return await loop.sock_recvfrom(self.socket, 2048)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    with closing(engine.socket):
        yield engine


@pytest.fixture
async def gateway(engine: Engine) -> AsyncIterator[TcpGateway]:
    gateway = await TcpGateway.start(*engine.address)
    yield gateway
    gateway.close()


async def connect(engine: Engine) -> Streams:
    return await asyncio.open_connection(*engine.address)


async def ends(streams: Streams) -> bool:
    """It does, whatever still comes."""
    async with asyncio.timeout(10):
        with suppress(ConnectionError):
            await streams[0].read()
    streams[1].close()
    return True


async def test_datagrams_go_in_and_out(engine: Engine, gateway: TcpGateway) -> None:
    reader, writer = await connect(engine)
    writer.write(frame(STUN) + frame(b"\x80 media"))
    data, inside = await engine.receive()
    assert data == STUN
    assert await engine.receive() == (b"\x80 media", inside)
    path = Path(*inside, local="")
    assert gateway.origin(path) == writer.get_extra_info("sockname")
    assert gateway.origin(Path("192.0.2.1", 7, "")) == ("192.0.2.1", 7)
    for answer in (b"\x01\x01 passed", bytes(MAX_DATAGRAM)):
        engine.socket.sendto(answer, inside)
        assert await reader.readexactly(2 + len(answer)) == frame(answer)
    writer.close()
    await until(lambda: nobody(gateway))
    assert gateway.origin(path) == inside


async def nobody(gateway: TcpGateway) -> bool:
    return gateway.connections == 0


async def test_who_does_not_begin_with_stun_is_cut_off(engine: Engine, gateway: TcpGateway) -> None:
    for stream in (frame(b"\x80 media"), b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        streams = await connect(engine)
        streams[1].write(stream)
        assert await ends(streams)


async def test_whom_the_engine_does_not_answer_is_cut_off(
    engine: Engine, gateway: TcpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "VALIDATION", 0.02)
    silent, asking, answered = [await connect(engine) for _ in range(3)]
    asking[1].write(frame(STUN))
    _, _ = await engine.receive()
    assert await ends(silent)
    assert await ends(asking)
    monkeypatch.setattr(tcp, "VALIDATION", 10.0)
    answered[1].close()


async def test_who_says_nothing_any_more_is_cut_off(
    engine: Engine, gateway: TcpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "VALIDATION", 0.05)
    monkeypatch.setattr(tcp, "SILENCE", 0.02)
    streams = await connect(engine)
    streams[1].write(frame(STUN))
    _, inside = await engine.receive()
    engine.socket.sendto(b"\x01\x01", inside)
    assert await ends(streams)


async def test_one_address_has_so_many_and_no_more(
    engine: Engine, gateway: TcpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "MOST_PER_ADDRESS", 2)
    first, second = await connect(engine), await connect(engine)
    assert await ends(await connect(engine))
    assert gateway.connections == 2
    first[1].close()

    async def one_left() -> bool:
        return gateway.connections == 1

    await until(one_left)
    third = await connect(engine)
    third[1].write(frame(STUN))
    assert (await engine.receive())[0] == STUN
    for streams in (second, third):
        streams[1].close()


async def test_who_does_not_read_costs_no_memory(
    engine: Engine, gateway: TcpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "QUEUE", 64 * 1024)
    _, writer = await connect(engine)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(frame(STUN))
    _, inside = await engine.receive()

    async def dropped() -> bool:
        for _ in range(200):
            engine.socket.sendto(bytes(MAX_DATAGRAM), inside)
            await asyncio.sleep(0)
        return gateway.dropped > 0

    await until(dropped)
    writer.transport.abort()


async def test_garbage_harms_nobody(engine: Engine, gateway: TcpGateway) -> None:
    dice = random.Random(7882)  # noqa: S311 - repeatable on purpose
    good = await connect(engine)
    good[1].write(frame(STUN))
    _, inside = await engine.receive()
    for _ in range(50):
        _, writer = await connect(engine)
        writer.write(dice.randbytes(dice.randrange(4000)))
        writer.close()
    engine.socket.sendto(b"\x01\x01 still here", inside)
    assert await good[0].readexactly(14) == frame(b"\x01\x01 still here")[:14]
    good[1].close()


async def test_closing_ends_all(engine: Engine, gateway: TcpGateway) -> None:
    streams = await connect(engine)
    streams[1].write(frame(STUN))
    await engine.receive()
    gateway.close()
    gateway.close()
    assert await ends(streams)
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await connect(engine)


async def test_answers_name_it_after_udp() -> None:
    media = await MediaServer.start(
        media_settings(tcp=True, host=HOST, port=free_ports(1), announced=(("192.0.2.1", None),))
    )
    try:
        answer = await media.room("tea").join("ana", Ear()).offer(real_offer(VIEWER))
        found = re.findall(r"a=candidate:\d+ 1 (\w+) (\d+) (\S+) (\d+) typ host(.*)\r", answer.sdp)
        (udp, high, *udp_place, plain), (over_tcp, low, *tcp_place, passive) = dict.fromkeys(found)
        assert (udp, over_tcp) == ("udp", "tcp")
        assert udp_place == tcp_place == ["192.0.2.1", str(media.port)]
        assert (plain, passive) == ("", " tcptype passive")
        assert int(low) < int(high)
    finally:
        await media.close()


async def test_a_port_that_is_taken_leaves_udp(caplog: pytest.LogCaptureFixture) -> None:
    port = free_ports(1)
    with closing(socket.create_server((HOST, port))):
        media = await MediaServer.start(media_settings(tcp=True, host=HOST, port=port))
    await media.close()
    assert f"media is served over UDP alone: TCP port {port}" in caplog.text
