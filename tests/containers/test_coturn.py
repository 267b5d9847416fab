"""coturn with our conf: a way to media, for whom Tertulia lets in, and to nothing else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import socket
import time
from pathlib import Path

import pytest
from aioice import stun, turn

from tests.containers.coturn import coturn, needs_coturn
from tests.support.tertulia import free_port

pytestmark = needs_coturn
SECRET = "shared with the server alone"
MEDIA = "127.0.0.1"
ELSEWHERE = "127.0.0.2"


class Inbox(asyncio.DatagramProtocol):
    """What came through coturn: datagrams, and refusals."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.lost = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.received.put_nowait(data)

    def error_received(self, error: Exception) -> None:
        self.received.put_nowait(error)


async def relay(
    port: int, lasting: int = 60, secret: str = SECRET
) -> tuple[turn.TurnTransport, Inbox]:
    """With a name and a password that end after `lasting` seconds."""
    name = f"{int(time.time()) + lasting}:7"
    password = base64.b64encode(hmac.digest(secret.encode(), name.encode(), hashlib.sha1)).decode()
    transport, inbox = await turn.create_turn_endpoint(
        Inbox, server_addr=("127.0.0.1", port), username=name, password=password
    )
    assert isinstance(transport, turn.TurnTransport)
    assert isinstance(inbox, Inbox)
    return transport, inbox


async def test_it_relays_to_media_and_to_nothing_else(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    with (
        socket.socket(type=socket.SOCK_DGRAM) as media,
        socket.socket(type=socket.SOCK_DGRAM) as elsewhere,
    ):
        for peer, host in ((media, MEDIA), (elsewhere, ELSEWHERE)):
            peer.setblocking(False)
            peer.bind((host, 0))
        port = free_port()
        announced = f"{MEDIA}:7882,[2001:db8::1]:7882"
        async with coturn(tmp_path, port, SECRET, announced), asyncio.timeout(20):
            transport, inbox = await relay(port)
            transport.sendto(b"asked", media.getsockname())
            asked, through = await loop.sock_recvfrom(media, 1500)
            await loop.sock_sendto(media, b"answered", through)
            assert (asked, await inbox.received.get()) == (b"asked", b"answered")
            transport.sendto(b"asked", elsewhere.getsockname())
            assert "403" in str(await inbox.received.get())
            for refused in (relay(port, lasting=-60), relay(port, secret="guessed")):
                with pytest.raises(stun.TransactionFailed, match="401"):
                    await refused
            transport.close()
            await inbox.lost.wait()
    conf = tmp_path / "turnserver.conf"
    assert SECRET in conf.read_text()
    assert conf.stat().st_mode & 0o077 == 0
