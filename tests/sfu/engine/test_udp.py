"""Both shells over real loopback sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
import uvloop

from sfu.engine import addresses
from sfu.engine.addresses import WILDCARDS
from sfu.engine.choose import Shell, open_shell
from sfu.engine.interface import (
    Drop,
    Event,
    Path,
    StunReceived,
    TransportId,
)
from sfu.engine.thread import ThreadShell
from sfu.engine.udp import UdpShell
from tests.sfu.engine.conftest import ENGINES
from tests.support.namespace import LAN_ADDRESS, isolated_network
from tests.support.wire import SrtpPeer

OpenShell = Callable[[str, int, Callable[[Sequence[Event]], None]], Shell]

TRANSPORT = TransportId(1)
EVERYWHERE = WILDCARDS[0]
NEIGHBOUR = LAN_ADDRESS.rpartition(".")[0] + ".9"
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


@pytest.fixture(params=sorted(ENGINES))
def open_one(request: pytest.FixtureRequest) -> OpenShell:
    """Opens the shell of one engine or the other."""
    return lambda host, port, on_events: open_shell(ENGINES[request.param](), host, port, on_events)


class Answering:
    """A shell that sends every STUN message back to where it came from."""

    def __init__(self, open_one: OpenShell, host: str) -> None:
        self.paths: list[Path] = []
        self.shell = open_one(host, 0, self._on_events)
        self.shell.engine.open_transport(TRANSPORT, ["ours"], {})

    def _on_events(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, StunReceived):
                self.paths.append(event.path)
                self.shell.engine.validate_path(event.transport, event.path)
                self.shell.engine.select_path(event.transport, event.path)
                self.shell.engine.send(event.path, event.data)


async def answer(open_one: OpenShell, host: str) -> Answering:
    """An open one, after the turn of the loop in which its commands reach the engine."""
    answering = Answering(open_one, host)
    await asyncio.sleep(0)
    return answering


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
    open_one: OpenShell, client: socket.socket, bound: str, asked: str
) -> None:
    answering = await answer(open_one, bound)
    with closing(answering.shell) as shell:
        request = binding_request("ours")
        client.sendto(request, (asked, shell.port))
        data, sender = await receive(client)
    assert data == request
    assert sender == (asked, shell.port)
    assert answering.paths == [Path("127.0.0.1", client.getsockname()[1], asked)]


@pytest.mark.skipif(not ipv6_loopback(), reason="this machine has no IPv6")
@pytest.mark.parametrize("bound", ["::1", EVERYWHERE])
async def test_ipv6_is_served_beside_ipv4(open_one: OpenShell, bound: str) -> None:
    answering = await answer(open_one, bound)
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
    open_one: OpenShell,
    client: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bind = addresses._bind

    def bind_ipv4(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError("no IPv6 here")
        return bind(family, address)

    monkeypatch.setattr(addresses, "_bind", bind_ipv4)
    answering = await answer(open_one, EVERYWHERE)
    assert "IPv4 only" in caplog.text
    with closing(answering.shell) as shell:
        client.sendto(binding_request("ours"), ("127.0.0.2", shell.port))
        _, sender = await receive(client)
        assert all(":" not in address for address in shell.local_addresses())
    assert sender == ("127.0.0.2", shell.port)


async def is_woken_by_its_timer(open_one: OpenShell, client: socket.socket) -> None:
    answering = await answer(open_one, "127.0.0.1")
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


async def test_engine_is_woken_by_its_timer(open_one: OpenShell, client: socket.socket) -> None:
    await is_woken_by_its_timer(open_one, client)


def test_engine_is_woken_on_uvloop_too(open_one: OpenShell, client: socket.socket) -> None:
    uvloop.run(is_woken_by_its_timer(open_one, client))


@pytest.mark.parametrize(
    "nowhere", [Path("127.0.0.1", 0, "127.0.0.1"), Path("::1", 9, "127.0.0.1")], ids=str
)
async def test_what_cannot_be_sent_is_counted(
    open_one: OpenShell, client: socket.socket, nowhere: Path
) -> None:
    """And what comes after it is sent."""
    shell = (await answer(open_one, "127.0.0.1")).shell
    address = client.getsockname()
    shell.engine.send(nowhere, b"x")
    shell.engine.send(Path(address[0], address[1], "127.0.0.1"), b"y")
    shell.close()
    assert shell.stats().drops == {Drop.SEND_FAILED: 1}
    assert (await receive(client))[0] == b"y"


async def test_a_full_buffer_is_counted(open_one: OpenShell) -> None:
    """Datagrams to a neighbour who does not answer stay in the socket's buffer."""
    with isolated_network():
        shell = (await answer(open_one, LAN_ADDRESS)).shell
        assert isinstance(shell, UdpShell | ThreadShell)
        shell._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        for _ in range(10):
            shell.engine.send(Path(NEIGHBOUR, 9, LAN_ADDRESS), bytes(1200))
        shell.close()
    [(drop, count)] = shell.stats().drops.items()
    assert drop is Drop.SEND_BUFFER_FULL
    assert 0 < count < 10


async def test_empty_and_huge_datagrams_are_survived(
    open_one: OpenShell, client: socket.socket
) -> None:
    answering = await answer(open_one, "127.0.0.1")
    with closing(answering.shell) as shell:
        address = ("127.0.0.1", shell.port)
        for data in (b"", bytes(3000), binding_request("ours")):
            client.sendto(data, address)
        await receive(client)
        drops = shell.stats().drops
        assert shell.totals().drops == drops
        load = shell.load()
    assert drops == {Drop.EMPTY: 1, Drop.OVERSIZED: 1}
    assert sum(load.delays) == 3
    assert 0 < load.delay_sum < 10


async def test_close_sends_what_was_queued_and_frees_the_port(
    open_one: OpenShell, client: socket.socket
) -> None:
    answering = await answer(open_one, "127.0.0.1")
    shell = answering.shell
    address = client.getsockname()
    shell.engine.send(Path(address[0], address[1], "127.0.0.1"), b"goodbye")
    shell.close()
    shell.close()
    assert (await receive(client))[0] == b"goodbye"
    open_one("127.0.0.1", shell.port, lambda _: None).close()


async def test_wildcard_is_reachable_at_loopback_last(open_one: OpenShell) -> None:
    answering = await answer(open_one, EVERYWHERE)
    with closing(answering.shell) as shell:
        reachable = shell.local_addresses()
    assert reachable[-1] == "127.0.0.1"
    assert not [address for address in reachable if address.startswith("fe80")]


async def test_taken_port_is_an_error(open_one: OpenShell) -> None:
    answering = await answer(open_one, "127.0.0.1")
    with closing(answering.shell) as shell, pytest.raises(OSError, match="in use"):
        open_one("127.0.0.1", shell.port, lambda _: None)
