"""Idempotency keys: one claim at a time, kept answers, and what is left of a crash."""

from __future__ import annotations

import asyncio

import pytest

from db.idempotency import ABANDONED, KEPT, Claim, EarlierRequest, IdempotencyKeys
from db.pool import Database
from db.users import Users


@pytest.fixture
async def ada(database: Database) -> int:
    return await _user(database, "ada")


@pytest.fixture
def keys(database: Database) -> IdempotencyKeys:
    return IdempotencyKeys(database)


async def _user(database: Database, name: str) -> int:
    users = Users(database)
    row = await users.create(email=f"{name}@example.com", password="x", name=name, age=None)
    return row.id


async def _claimed(keys: IdempotencyKeys, user_id: int, key: str = "k") -> Claim:
    claim = await keys.claim(user_id, key, b"print")
    assert isinstance(claim, Claim)
    return claim


async def _age(database: Database, age: object) -> None:
    await database.execute(
        "UPDATE idempotency_keys SET created_at = created_at - $1::interval", age
    )


async def test_one_of_many_gets_the_claim(keys: IdempotencyKeys, ada: int) -> None:
    claims = await asyncio.gather(*(keys.claim(ada, "k", b"print") for _ in range(20)))
    assert sum(isinstance(claim, Claim) for claim in claims) == 1
    assert claims.count(EarlierRequest(b"print", None, {}, None)) == 19


async def test_an_answer_is_kept(keys: IdempotencyKeys, ada: int, database: Database) -> None:
    await keys.finish(await _claimed(keys, ada), 201, {"ETag": '"1"'}, '{"ü": "\\u0000"}')
    earlier = EarlierRequest(b"print", 201, {"ETag": '"1"'}, '{"ü": "\\u0000"}')
    assert await keys.claim(ada, "k", b"print") == earlier
    assert await keys.claim(ada, "k", b"other") == earlier
    await _age(database, ABANDONED * 2)
    assert await keys.claim(ada, "k", b"print") == earlier
    await _claimed(keys, await _user(database, "ben"))
    await _claimed(keys, ada, "K")


async def test_what_was_released_may_be_claimed(keys: IdempotencyKeys, ada: int) -> None:
    await keys.release(await _claimed(keys, ada))
    claim = await _claimed(keys, ada)
    await keys.finish(claim, 204, {}, None)
    await keys.release(claim)
    assert await keys.claim(ada, "k", b"x") == EarlierRequest(b"print", 204, {}, None)


async def test_an_abandoned_claim_passes_to_the_same_request(
    keys: IdempotencyKeys, ada: int, database: Database
) -> None:
    dead = await _claimed(keys, ada)
    await _age(database, ABANDONED / 2)
    assert isinstance(await keys.claim(ada, "k", b"print"), EarlierRequest)
    await _age(database, ABANDONED)
    assert isinstance(await keys.claim(ada, "k", b"other"), EarlierRequest)
    alive = await _claimed(keys, ada)
    # Should the first not be dead after all, it has no say any more.
    await keys.finish(dead, 500, {}, "dead")
    await keys.release(dead)
    await keys.finish(alive, 201, {}, "alive")
    assert await keys.claim(ada, "k", b"print") == EarlierRequest(b"print", 201, {}, "alive")


async def test_a_key_may_be_used_anew_when_its_time_is_over(
    keys: IdempotencyKeys, ada: int, database: Database
) -> None:
    await keys.finish(await _claimed(keys, ada), 201, {}, "old")
    await _claimed(keys, ada, "unanswered")
    await _age(database, KEPT)
    assert isinstance(await keys.claim(ada, "k", b"other"), Claim)
    assert await keys.claim(ada, "k", b"x") == EarlierRequest(b"other", None, {}, None)
    await keys.delete_expired()
    left = await database.rows("SELECT key FROM idempotency_keys")
    assert [record["key"] for record in left] == ["k"]
