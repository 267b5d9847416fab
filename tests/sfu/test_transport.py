"""ICE and DTLS of one transport, against OpenSSL's client, on the fake engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    SRTPProtectionProfile,
)

from sfu.dtls import MAX_QUEUE, MTU, datagrams
from sfu.engine.interface import Path, TransportId
from sfu.ice import CLOSE_AFTER, DISCONNECT_AFTER
from sfu.transport import Transport, TransportState
from tests.support.dtls import DtlsClient, records
from tests.support.engine import FakeEngine
from tests.support.ice import IceClient
from tests.support.room import certificate
from tests.support.waiting import TIMEOUT, Waiting

HOME = Path("192.0.2.1", 5000, "192.0.2.9")
Order = Callable[[list[bytes]], list[bytes]]


class Wire(Waiting):
    """A transport, the fake engine below it, and a client on the other side."""

    def __init__(self, client: DtlsClient, handshake_timeout: float = TIMEOUT) -> None:
        super().__init__()
        self.client = client
        self.ice = IceClient()
        self.engine = FakeEngine()
        self.engine.on_command = self.notify
        self.states: list[tuple[TransportState, str | None]] = []
        self._delivered = 0
        self.transport = Transport(
            TransportId(1),
            self.engine,
            certificate(),
            remote=self.ice.credentials,
            fingerprints=client.fingerprints,
            extensions={},
            now=0.0,
            listener=self._state_changed,
            is_taken=lambda path: False,
            handshake_timeout=handshake_timeout,
        )

    def check(self, now: float = 0.0) -> None:
        """A valid connectivity check; its answer is not for the DTLS client."""
        self.transport.receive_stun(now, HOME, self.ice.check(self.transport.local))
        self._delivered = len(self.engine.sent)

    async def connect(self, order: Order = list) -> None:
        """The whole handshake; `order` rearranges the ClientHello's datagrams."""
        self.check()
        self.send(order(self.client.start()))
        await self.exchange(lambda: self.transport.state in ("connected", "closed"))

    def send(self, datagrams_: list[bytes]) -> None:
        for datagram in datagrams_:
            self.transport.receive_dtls(datagram)

    async def exchange(self, done: Callable[[], bool], *, deliver: bool = True) -> None:
        """Carry datagrams both ways (or into the void) until `done`."""

        def carried_on() -> bool:
            if deliver:
                self.deliver()
            return done()

        await self.until(carried_on)

    def deliver(self) -> None:
        """Bring what the server has sent to the client, and its answers back."""
        sent = self.engine.sent[self._delivered :]
        self._delivered = len(self.engine.sent)
        for datagram in sent:
            assert datagram.path == HOME
            self.send(self.client.receive(datagram.data))

    def _state_changed(self, state: TransportState, reason: str | None) -> None:
        self.states.append((state, reason))
        self.notify()


@pytest.fixture
def wires() -> Iterator[list[Wire]]:
    made: list[Wire] = []
    yield made
    for wire in made:
        wire.transport.close("test_over")


@pytest.mark.parametrize(
    "offered",
    [
        (SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM, SRTP_AEAD_AES_128_GCM),  # Chromium
        (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80),  # Firefox
        (SRTP_AES128_CM_SHA1_80,),
    ],
)
async def test_keys_are_those_of_the_client_and_gcm_is_preferred(
    wires: list[Wire], offered: tuple[SRTPProtectionProfile, ...]
) -> None:
    wire = Wire(DtlsClient(offered))
    wires.append(wire)
    await wire.connect()
    assert wire.states == [("connected", None)]
    expected = SRTP_AEAD_AES_128_GCM if SRTP_AEAD_AES_128_GCM in offered else offered[0]
    keys = wire.engine.keys[TransportId(1)]
    assert keys.profile == expected.openssl_profile.decode()
    assert (keys.receive, keys.send) == wire.client.keys(expected)


@pytest.mark.parametrize("order", [list, lambda parts: parts[::-1]], ids=["in order", "swapped"])
async def test_a_client_hello_in_two_datagrams(wires: list[Wire], order: Order) -> None:
    client = DtlsClient(padding=1200)
    wire = Wire(client)
    wires.append(wire)
    await wire.connect(order)
    assert wire.states == [("connected", None)]


async def test_the_servers_flight_fits_its_datagrams(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    await wire.connect()
    flights = [datagram.data for datagram in wire.engine.sent if datagram.data[0] >= 20]
    assert max(map(len, flights)) <= MTU
    assert len(flights) == 2  # one datagram per flight


def test_long_flights_are_cut_between_records() -> None:
    parts = [
        b"\x16\xfe\xfd" + bytes(8) + length.to_bytes(2, "big") + bytes(length)
        for length in (700, 400, 300, 1187, 20)
    ]
    packed = list(datagrams(b"".join(parts)))
    assert packed == [parts[0] + parts[1], parts[2], parts[3], parts[4]]
    assert list(datagrams(b"")) == []


async def test_another_certificate_is_refused(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    wire.client.fingerprints[0].value = wire.client.fingerprints[0].value[::-1]
    await wire.connect()
    assert wire.states == [("closed", "dtls_fingerprint_mismatch")]
    assert wire.engine.keys == {}
    assert wire.engine.closed == [TransportId(1)]


async def test_a_client_without_srtp_is_refused(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient(profiles=()))
    wires.append(wire)
    await wire.connect()
    assert wire.states == [("closed", "dtls_no_srtp_profile")]


async def test_a_client_that_says_nothing_is_given_up(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient(), handshake_timeout=0.01)
    wires.append(wire)
    wire.check()
    await wire.exchange(lambda: wire.transport.state == "closed")
    assert wire.states == [("closed", "dtls_timeout")]


async def test_a_handshake_that_stops_half_way_is_given_up(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient(), handshake_timeout=0.05)
    wires.append(wire)
    wire.check()
    wire.send(wire.client.start())
    await wire.exchange(lambda: wire.transport.state == "closed", deliver=False)
    assert wire.states == [("closed", "dtls_timeout")]


@pytest.mark.parametrize("noise", [b"\x16", b"\x15\xfe\xfd", b"\x3f" * 1500, b"\x14" + bytes(60)])
async def test_noise_before_the_client_hello_does_no_harm(wires: list[Wire], noise: bytes) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    wire.check()
    wire.transport.receive_dtls(noise)
    wire.send(wire.client.start())
    await wire.exchange(lambda: wire.transport.state in ("connected", "closed"))
    assert wire.states == [("connected", None)]


async def test_a_flood_is_not_kept(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    wire.check()
    for _ in range(100_000):
        wire.transport.receive_dtls(b"\x16" + bytes(1000))
    assert wire.transport._dtls._pipe._inbound.qsize() == MAX_QUEUE


async def test_the_client_may_end_it(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    await wire.connect()
    wire.send(wire.client.close())
    await wire.exchange(lambda: wire.transport.state == "closed")
    assert wire.states[-1] == ("closed", "closed_by_client")


async def test_closing_tells_the_client_and_the_engine_once(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    await wire.connect()
    wire.transport.close("left")
    wire.transport.close("again")
    wire.deliver()
    assert wire.client.closed
    assert wire.states == [("connected", None), ("closed", "left")]
    assert wire.engine.closed == [TransportId(1)]
    assert wire.engine.selected[TransportId(1)] is None


async def test_closing_during_the_handshake_leaves_no_task(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wire.check()
    (task,) = (task for task in asyncio.all_tasks() if task.get_name() == "dtls 1")
    wire.transport.close("left")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.states == [("closed", "left")]


async def test_silence_and_return(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    await wire.connect()
    wire.transport.tick(DISCONNECT_AFTER)
    assert wire.engine.selected[TransportId(1)] is None
    wire.check(DISCONNECT_AFTER + 5)
    assert wire.engine.selected[TransportId(1)] == HOME
    wire.transport.tick(DISCONNECT_AFTER + 5 + CLOSE_AFTER)
    assert wire.states == [
        ("connected", None),
        ("disconnected", "no_connectivity_check"),
        ("connected", None),
        ("closed", "ice_timeout"),
    ]


async def test_resuming_before_dtls_is_done_is_not_connected(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    wire.check()
    wire.transport.tick(DISCONNECT_AFTER)
    wire.check(DISCONNECT_AFTER + 1)
    assert wire.states == [("disconnected", "no_connectivity_check"), ("connecting", None)]


async def test_refusals_are_counted(wires: list[Wire]) -> None:
    wire = Wire(DtlsClient())
    wires.append(wire)
    wire.transport.receive_stun(0.0, HOME, b"\0" * 20)
    assert dict(wire.transport.refusals) == {"malformed": 1}


def test_records_of_the_test_client() -> None:
    hello = DtlsClient(padding=1200).start()
    assert [len(part) <= MTU for part in hello] == [True, True]
    assert records(b"".join(hello)) == hello
