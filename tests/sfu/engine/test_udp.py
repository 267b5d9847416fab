"""The shell over real loopback sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
import uvloop

from sfu.engine import addresses
from sfu.engine.addresses import WILDCARDS
from sfu.engine.choose import choose_engine
from sfu.engine.interface import (
    Drop,
    Event,
    Path,
    StunReceived,
    TransportId,
)
from sfu.engine.reference import ReferenceEngine
from sfu.engine.udp import UdpShell
from tests.support.wire import SrtpPeer

TRANSPORT = TransportId(1)
EVERYWHERE = WILDCARDS[0]
DEADLINE = 10.0
"""Seconds for things that take milliseconds."""


def binding_request(ufrag: str) -> bytes:
    username = f"{ufrag}:peer".encode()
    padded = username.ljust((len(username) + 3) & ~3, b"\0")
    attribute = struct.pack("!HH", 6, len(username)) + padded
    return struct.pack("!HHI12s", 1, len(attribute), 0x2112A442, b"transaction!") + attribute


def ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


class Answering:
    """A shell that sends every STUN message back to where it came from."""

    def __init__(self, host: str) -> None:
        self.paths: list[Path] = []
        self.seen = asyncio.Event()
        self.shell = UdpShell(ReferenceEngine(), host, 0, self._on_events)
        self.shell.engine.open_transport(TRANSPORT, ["ours"], {})

    def _on_events(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, StunReceived):
                self.paths.append(event.path)
                self.shell.engine.validate_path(event.transport, event.path)
                self.shell.engine.select_path(event.transport, event.path)
                self.shell.engine.send(event.path, event.data)
                self.seen.set()


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setblocking(False)
        opened.bind(("127.0.0.1", 0))
        yield opened


async def receive(client: socket.socket) -> tuple[bytes, tuple[str, int]]:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(client, readable.set)
    try:
        async with asyncio.timeout(DEADLINE):
            await readable.wait()
    finally:
        loop.remove_reader(client)
    return client.recvfrom(2048)


@pytest.mark.parametrize(
    ("bound", "asked"),
    [("127.0.0.1", "127.0.0.1"), (EVERYWHERE, "127.0.0.1"), (EVERYWHERE, "127.0.0.2")],
)
async def test_reply_leaves_from_the_address_asked(
    client: socket.socket, bound: str, asked: str
) -> None:
    answering = Answering(bound)
    with closing(answering.shell) as shell:
        request = binding_request("ours")
        client.sendto(request, (asked, shell.port))
        data, sender = await receive(client)
    assert data == request
    assert sender == (asked, shell.port)
    assert answering.paths == [Path("127.0.0.1", client.getsockname()[1], asked)]


@pytest.mark.skipif(not ipv6_loopback(), reason="this machine has no IPv6")
@pytest.mark.parametrize("bound", ["::1", EVERYWHERE])
async def test_ipv6_is_served_beside_ipv4(bound: str) -> None:
    answering = Answering(bound)
    request = binding_request("ours")
    with (
        closing(answering.shell) as shell,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client,
    ):
        client.setblocking(False)
        client.bind(("::1", 0))
        client.sendto(request, ("::1", shell.port))
        data, sender = await receive(client)
        assert answering.paths == [Path("::1", client.getsockname()[1], "::1")]
    assert (data, sender[:2]) == (request, ("::1", shell.port))


async def test_without_ipv6_it_is_ipv4_alone(
    client: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bind = addresses._bind

    def bind_ipv4(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError("no IPv6 here")
        return bind(family, address)

    monkeypatch.setattr(addresses, "_bind", bind_ipv4)
    answering = Answering(EVERYWHERE)
    assert "IPv4 only" in caplog.text
    with closing(answering.shell) as shell:
        client.sendto(binding_request("ours"), ("127.0.0.2", shell.port))
        _, sender = await receive(client)
        assert all(":" not in address for address in shell.local_addresses())
    assert sender == ("127.0.0.2", shell.port)


async def is_woken_by_its_timer(client: socket.socket) -> None:
    answering = Answering("127.0.0.1")
    peer = SrtpPeer(1)
    with closing(answering.shell) as shell:
        client.sendto(binding_request("ours"), ("127.0.0.1", shell.port))
        await receive(client)
        shell.engine.start_srtp(TRANSPORT, peer.keys)
        shell.engine.set_receive_limit(TRANSPORT, 1_000_000)
        # Told at once, then again by the timer alone.
        for _ in range(2):
            data, _ = await receive(client)
            assert b"REMB" in peer.unprotect_rtcp(data)


async def test_engine_is_woken_by_its_timer(client: socket.socket) -> None:
    await is_woken_by_its_timer(client)


def test_engine_is_woken_on_uvloop_too(client: socket.socket) -> None:
    uvloop.run(is_woken_by_its_timer(client))


async def test_what_cannot_be_sent_is_counted() -> None:
    shell = Answering("127.0.0.1").shell
    shell.engine.send(Path("127.0.0.1", 9, "127.0.0.1"), bytes(70_000))
    shell.close()
    assert shell.stats().drops == {Drop.SEND_FAILED: 1}


async def test_a_full_buffer_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, inner: socket.socket) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def sendto(self, *_: object) -> int:
            raise BlockingIOError

    shell = Answering("127.0.0.1").shell
    monkeypatch.setattr(shell, "_socket", Full(shell._socket))
    shell.engine.send(Path("127.0.0.1", 9, "127.0.0.1"), b"x")
    shell.close()
    assert shell.stats().drops == {Drop.SEND_BUFFER_FULL: 1}


async def test_empty_and_huge_datagrams_are_survived(client: socket.socket) -> None:
    answering = Answering("127.0.0.1")
    with closing(answering.shell) as shell:
        address = ("127.0.0.1", shell.port)
        for data in (b"", bytes(3000), binding_request("ours")):
            client.sendto(data, address)
        await receive(client)
        drops = shell.stats().drops
    assert drops == {Drop.EMPTY: 1, Drop.OVERSIZED: 1}


async def test_close_sends_what_was_queued_and_frees_the_port(client: socket.socket) -> None:
    answering = Answering("127.0.0.1")
    shell = answering.shell
    address = client.getsockname()
    shell.engine.send(Path(address[0], address[1], "127.0.0.1"), b"goodbye")
    shell.close()
    shell.close()
    assert (await receive(client))[0] == b"goodbye"
    UdpShell(ReferenceEngine(), "127.0.0.1", shell.port, lambda _: None).close()


async def test_wildcard_is_reachable_at_loopback_last() -> None:
    answering = Answering(EVERYWHERE)
    with closing(answering.shell) as shell:
        reachable = shell.local_addresses()
    assert reachable[-1] == "127.0.0.1"
    assert not [address for address in reachable if address.startswith("fe80")]


async def test_taken_port_is_an_error() -> None:
    answering = Answering("127.0.0.1")
    with closing(answering.shell) as shell, pytest.raises(OSError, match="in use"):
        UdpShell(ReferenceEngine(), "127.0.0.1", shell.port, lambda _: None)


def test_engine_is_chosen_by_name() -> None:
    assert choose_engine("auto", 0.0).name == "reference"
    assert choose_engine("reference", 0.0).name == "reference"
    with pytest.raises(RuntimeError, match="not built"):
        choose_engine("native", 0.0)
    with pytest.raises(ValueError, match="quick"):
        choose_engine("quick", 0.0)
