"""Issue 2, item 8: DTLS from an address that has not passed STUN; a ClientHello in two datagrams in
any order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from sfu.engine.interface import Drop
from tests.hostile.meeting import Meeting, meeting
from tests.support.dtls import DtlsClient
from tests.support.raw import RawClient

ALERT = bytes.fromhex("15fefd000000000000000000020228")
"""Fatal handshake_failure, unencrypted, as anybody can send it."""


@pytest.fixture
async def tea() -> AsyncIterator[Meeting]:
    async with meeting() as running:
        yield running


async def test_dtls_from_an_unvalidated_address_reaches_nobody(tea: Meeting) -> None:
    """Before and after the handshake of somebody else."""
    async with RawClient(tea.room, "cara") as cara:
        await cara.check()
        own = cara.doors[0]
        attacker = await cara.open_door()
        cara.doors.remove(attacker)
        hello = cara.say_hello()
        attacks = [*DtlsClient(padding=1200).start(), ALERT, *hello]
        for data in attacks:
            attacker.send(data)
        await tea.everything_before_is_handled()
        assert tea.server.stats().drops[Drop.UNVALIDATED_PATH] == len(attacks)
        for data in hello:
            own.send(data)
        await cara.connected()
        attacker.send(ALERT)
        await cara.gets_media(own)
        attacker.transport.close()


@pytest.mark.parametrize("order", [list, lambda parts: parts[::-1]], ids=["in order", "swapped"])
async def test_a_client_hello_in_two_datagrams_in_any_order(
    tea: Meeting, order: Callable[[list[bytes]], list[bytes]]
) -> None:
    async with RawClient(tea.room, "cara") as cara:
        cara.dtls = DtlsClient(padding=1200)
        await cara.offer()
        await cara.check()
        hello = cara.say_hello()
        assert len(hello) == 2
        for data in order(hello):
            cara.doors[0].send(data)
        await cara.connected()
        await cara.gets_media(cara.doors[0])


@pytest.mark.parametrize(
    "noise",
    [b"\x16" * 1500, ALERT, b"\x17\xfe\xfd" + bytes(200), b"\x14\xfe\xfd" + bytes(10) + b"\x01"],
    ids=["handshake", "alert", "application data", "change cipher spec"],
)
async def test_noise_of_a_participant_harms_nobody_else(tea: Meeting, noise: bytes) -> None:
    async with RawClient(tea.room, "mallory") as mallory:
        await mallory.check()
        for _ in range(200):
            mallory.doors[0].send(noise)
        await tea.everything_before_is_handled()
        await tea.goes_on()
    assert list(tea.room.participants) == ["ana", "ben"]


async def test_noise_after_the_handshake_does_not_end_it(tea: Meeting) -> None:
    for _ in range(200):
        tea.ben.doors[0].send(b"\x16\xfe\xfd" + bytes(100))
        tea.ben.doors[0].send(ALERT)
    await tea.everything_before_is_handled()
    await tea.goes_on()
    assert tea.ben.states[-1] == ("connected", None)
