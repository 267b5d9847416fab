"""When a login ends, and when it only seems to."""

from __future__ import annotations

import asyncio
import time

import pytest

from signaling import expiry
from signaling.expiry import PAUSES, Expiry
from tests.signaling.fakes import user
from tests.signaling.server import Server

AWAY = ConnectionRefusedError()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def ended(monkeypatch: pytest.MonkeyPatch, *found: float | Exception | None) -> float:
    """When a login ends that first seems to at 1010, and then is `found` to at these times."""
    clock, over, answers = Clock(), asyncio.Event(), list(found)

    async def find(_: object) -> float | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(expiry, "time", clock)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    Expiry(find, user(1, expires_at=1010), over.set)
    async with asyncio.timeout(10):
        await over.wait()
    assert answers == []
    return clock.now


async def test_a_login_that_is_gone_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ended(monkeypatch, None) == 1010


async def test_a_login_lasts_as_long_as_it_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ended(monkeypatch, 1020.0, 1030.0, 1030.0) == 1030


async def test_while_that_cannot_be_told_it_is_asked_again_for_a_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ended(monkeypatch, AWAY, AWAY, 1020.0, 1020.0) == 1020
    assert "login1" in caplog.text
    assert await ended(monkeypatch, *[AWAY] * len(PAUSES)) == 1010 + sum(PAUSES)


async def test_a_renewed_login_keeps_its_connection(server: Server) -> None:
    now = time.time()
    server.tokens.identities["ana"] = user(1, expires_at=now + 0.2)
    server.tokens.identities["of the same login"] = user(1, expires_at=now + 0.4)
    ana = await server.authenticated("ana")
    closing = await ana.closed()
    assert closing
    assert closing["reason"] == "session_ended"
    assert time.time() >= now + 0.4
