"""Password hashing, and the brake on guessing."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from argon2 import PasswordHasher

from api.passwords import Passwords
from api.problems import ProblemError
from api.throttle import ATTEMPTS, REMEMBERED, WINDOW, Throttle

KEY = ("192.0.2.1", "ada@example.com")


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_a_hash_matches_its_password_only(passwords: Passwords) -> None:
    hashed = await passwords.hash("password123")
    assert await passwords.verify(hashed, "password123")
    assert not await passwords.verify(hashed, "password124")
    assert hashed != await passwords.hash("password123")


@pytest.mark.parametrize("hashed", [None, "", "no hash", "$argon2id$broken"])
async def test_nothing_matches_no_hash(passwords: Passwords, hashed: str | None) -> None:
    assert not await passwords.verify(hashed, "")
    assert not await passwords.verify(hashed, "password123")


async def test_a_weaker_hash_is_outdated(passwords: Passwords) -> None:
    assert not passwords.is_outdated(await passwords.hash("password123"))
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert passwords.is_outdated(weak.hash("password123"))


async def test_a_full_queue_refuses(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.passwords.WORKERS", 0)
    monkeypatch.setattr("api.passwords.QUEUE", 0)
    with pytest.raises(ProblemError) as refused:
        await passwords.hash("password123")
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE


def test_attempts_are_counted_in_a_window() -> None:
    throttle = Throttle()
    for second in range(ATTEMPTS):
        assert throttle.wait(KEY, second) == 0
        throttle.attempt(KEY, second)
    assert throttle.wait(KEY, ATTEMPTS) == WINDOW - ATTEMPTS
    assert throttle.wait(("192.0.2.2", KEY[1]), ATTEMPTS) == 0
    assert throttle.wait((KEY[0], "bob@example.com"), ATTEMPTS) == 0
    assert throttle.wait(KEY, WINDOW) == 0
    throttle.attempt(KEY, WINDOW)
    assert throttle.wait(KEY, WINDOW + 1) == 0


def test_success_starts_again() -> None:
    throttle = Throttle()
    for _ in range(ATTEMPTS):
        throttle.attempt(KEY, 0)
    throttle.succeeded(KEY)
    assert throttle.wait(KEY, 0) == 0


def test_what_is_remembered_is_bounded() -> None:
    throttle = Throttle()
    for number in range(REMEMBERED + 10):
        throttle.attempt((None, str(number)), number)
    assert len(throttle._attempts) == REMEMBERED
