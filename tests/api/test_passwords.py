"""Password hashing, and the brake on guessing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from argon2 import PasswordHasher

from api.passwords import Passwords
from api.problems import ProblemError
from api.throttle import ATTEMPTS, FEW, FROM_ADDRESS, TROUBLE, WINDOW, Throttle


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


async def test_a_full_queue_refuses_even_when_nobody_waits_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.passwords.WORKERS", 1)
    monkeypatch.setattr("api.passwords.QUEUE", 1)
    passwords, busy, free = Passwords(), threading.Event(), threading.Event()

    def slow() -> bool:
        busy.set()
        return free.wait(10)

    running = asyncio.create_task(passwords._run(slow))
    await asyncio.to_thread(busy.wait, 10)
    running.cancel()  # it goes on, and holds its place
    waiting = asyncio.create_task(passwords.hash("password123"))
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as refused:
        await passwords.hash("password123")
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
    waiting.cancel()  # it was not begun, and makes room
    await asyncio.wait({running, waiting})
    after = asyncio.create_task(passwords.hash("password123"))
    await asyncio.sleep(0)
    free.set()
    assert (await after).startswith("$argon2id$")
    passwords.close()


def attempts(throttle: Throttle, address: str, account: str, number: int, now: float = 0) -> int:
    """How many of so many are allowed."""
    allowed = 0
    for _ in range(number):
        if not throttle.wait(address, account, now):
            throttle.attempt(address, account, now)
            allowed += 1
    return allowed


def test_attempts_are_counted_in_a_window() -> None:
    throttle = Throttle()
    for second in range(ATTEMPTS):
        assert throttle.wait("here", "ada", second) == 0
        throttle.attempt("here", "ada", second)
    assert throttle.wait("here", "ada", ATTEMPTS) == WINDOW - ATTEMPTS
    assert throttle.wait("there", "ada", ATTEMPTS) == 0
    assert throttle.wait("here", "ben", ATTEMPTS) == 0
    assert attempts(throttle, "here", "ada", 2 * ATTEMPTS, WINDOW) == ATTEMPTS


def test_success_starts_again() -> None:
    throttle = Throttle()
    for _ in range(2 * FROM_ADDRESS):
        assert attempts(throttle, "here", "ada", 1) == 1
        throttle.succeeded("here", "ada")
    assert attempts(throttle, "here", "ada", 2 * ATTEMPTS) == ATTEMPTS


def test_an_address_has_so_many_for_all_accounts_together() -> None:
    throttle = Throttle()
    allowed = sum(attempts(throttle, "here", f"user {n}", 1) for n in range(2 * FROM_ADDRESS))
    assert allowed == FROM_ADDRESS
    assert attempts(throttle, "there", "user 1", 1) == 1


def test_many_addresses_can_guess_little_and_do_not_lock_the_owner_out() -> None:
    throttle = Throttle()
    throttle.attempt("home", "ada", 0)
    throttle.succeeded("home", "ada")
    allowed = [attempts(throttle, f"bot {n}", "ada", ATTEMPTS) for n in range(1000)]
    in_peace = TROUBLE // ATTEMPTS
    assert allowed == [ATTEMPTS] * in_peace + [FEW] * (1000 - in_peace)
    assert attempts(throttle, "home", "ada", 2 * ATTEMPTS) == ATTEMPTS
    assert attempts(throttle, "a hotel", "ada", 1) == 1  # and where its owner never was
    assert attempts(throttle, "bot 1", "ben", ATTEMPTS) == ATTEMPTS
    assert attempts(throttle, "bot 2", "ada", ATTEMPTS, WINDOW) == ATTEMPTS


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.throttle.REMEMBERED", 10)
    throttle = Throttle()
    for number in range(20):
        throttle.attempt(f"address {number}", f"user {number}", number)
        throttle.succeeded(f"address {number}", f"user {number}")
        throttle.attempt(f"address {number}", f"user {number}", number)
    kept = (throttle._pairs, throttle._addresses, throttle._accounts, throttle._good)
    assert [len(each) for each in kept] == [10] * 4
