"""The client's end of a transport against itself, in both roles of ICE and DTLS."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCCertificate

from benchmarks.transport import Profile, Transport

TAG = {"gcm": 16, "cm": 10}
"""Bytes each profile adds to a packet (RFC 7714, RFC 3711)."""
PACKET = bytes.fromhex("80600001000000020000beef") + b"payload"


@pytest.mark.parametrize("profile", ["gcm", "cm"])
def test_both_ends_agree_on_the_only_profile_offered(profile: Profile) -> None:
    async def exchange() -> None:
        got: asyncio.Queue[bytes] = asyncio.Queue()
        certificate = RTCCertificate.generateCertificate()
        offerer = Transport(certificate, lambda *_: None, profile)
        answerer = Transport(
            certificate, lambda buffer, size: got.put_nowait(bytes(buffer[:size])), profile
        )
        offering, answering = offerer.bind("127.0.0.1"), answerer.bind("127.0.0.1")
        async with asyncio.timeout(20):
            await asyncio.gather(
                offerer.connect(answerer.local, answering, role="server"),
                answerer.connect(offerer.local, offering, controlling=False, role="client"),
            )
            protected = offerer.outbound.protect(PACKET)
            offerer.send(protected)
            received = await got.get()
        assert received == protected
        assert len(received) == len(PACKET) + TAG[profile]
        assert answerer.inbound.unprotect(received) == PACKET
        await asyncio.gather(offerer.close(), answerer.close())

    asyncio.run(exchange())


def test_profiles_that_differ_do_not_connect() -> None:
    async def exchange() -> None:
        certificate = RTCCertificate.generateCertificate()
        one = Transport(certificate, lambda *_: None, "gcm")
        other = Transport(certificate, lambda *_: None, "cm")
        addresses = one.bind("127.0.0.1"), other.bind("127.0.0.1")
        async with asyncio.timeout(20):
            outcomes = await asyncio.gather(
                one.connect(other.local, addresses[1], role="server"),
                other.connect(one.local, addresses[0], controlling=False),
                return_exceptions=True,
            )
        assert any(isinstance(outcome, ConnectionError) for outcome in outcomes)
        await asyncio.gather(one.close(), other.close())

    asyncio.run(exchange())
