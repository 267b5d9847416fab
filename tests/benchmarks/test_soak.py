"""What a soak finds out, and the network that changes under its people."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.soak import Report, as_text
from benchmarks.soak_people import FAILED, Relay
from benchmarks.soak_watch import Sample, complaints

IDLE = Sample(
    minute=2.0,
    rss_kib=140_000,
    descriptors=22,
    threads=3,
    tasks=9,
    participants=0,
    clients=0,
    warnings=0,
    errors=0,
)


def test_a_report_is_flat_until_something_grows() -> None:
    report = Report(IDLE, replace(IDLE, rss_kib=150_000, tasks=11), Counter(joins=5), [])
    assert report.flat
    assert "Nothing has grown." in as_text(report)
    for grown in ({"rss_kib": 160_000}, {"descriptors": 40}, {"tasks": 20}, {"threads": 9}):
        worse = replace(report, end=replace(IDLE, **grown))
        assert not worse.flat
        assert "SOMETHING HAS GROWN." in as_text(worse)


def test_what_failed_is_counted() -> None:
    done = Counter({"joins": 5, f"{FAILED} TimeoutError: ": 2})
    assert Report(IDLE, IDLE, done, []).failures == 2


def test_complaints_are_told_from_what_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "2026-11-23 18:00:00,001 INFO api.server: an ERROR of somebody else\n"
        "2026-11-23 18:00:00,002 WARNING sfu.server: slow\n"
        "2026-11-23 18:00:00,003 ERROR asyncio: lost\n"
        "Traceback (most recent call last):\n"
        "  File ...\n"
    )
    assert [level for level, _ in complaints(log)] == ["WARNING", "ERROR", "ERROR"]


async def test_a_network_that_changes_has_another_address_and_goes_on() -> None:
    loop = asyncio.get_running_loop()
    relay = Relay()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        for udp in (server, client):
            udp.setblocking(False)
            udp.bind(("127.0.0.1", 0))
        relay.lead_to(server.getsockname())
        addresses = set()
        for said in (b"before", b"after"):
            async with asyncio.timeout(5):
                client.sendto(said, relay.address)
                heard, address = await loop.sock_recvfrom(server, 100)
                server.sendto(heard, address)
                assert await loop.sock_recv(client, 100) == said
            addresses.add(address)
            relay.move()
        relay.close()
    assert len(addresses) == 2
