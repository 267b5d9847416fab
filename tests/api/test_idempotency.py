"""A create that is sent again does nothing again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api.context import IDEMPOTENCY_KEYS
from api.dispatch import add_operations
from api.models.common import Model
from api.operations import Access, Call, Cost, Routes, Versioned
from api.problems import ProblemError, not_found
from db.pool import Database, DatabaseUnavailableError
from tests.api.conftest import Api
from tests.api.people import bearer, sign_up

routes = Routes("orders")


@dataclass
class Shop:
    """What the operation below does, told by a test."""

    made: list[str] = field(default_factory=list)
    failure: Exception | None = None
    hold: asyncio.Event | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)


SHOP = web.AppKey("shop", Shop)


class Order(Model):
    what: str


@routes.post(
    "/orders",
    access=Access.USER,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    idempotent=True,
    problems={HTTPStatus.CONFLICT: "Sold out."},
)
async def order(call: Call, body: Order) -> Versioned[Order]:
    """Order a thing."""
    shop = call.app[SHOP]
    shop.began.set()
    if shop.hold:
        await shop.hold.wait()
    if shop.failure:
        raise shop.failure
    shop.made.append(body.what)
    return Versioned(Order(what=f"{body.what} {len(shop.made)}"), version=len(shop.made))


@pytest.fixture
async def orders(app: web.Application) -> AsyncIterator[Api]:
    app[SHOP] = Shop()
    add_operations(app, routes.operations)
    async with TestClient(TestServer(app)) as client:
        client.session.headers.update(bearer(await sign_up(client)))
        yield client


@pytest.fixture
def shop(orders: Api, app: web.Application) -> Shop:
    return app[SHOP]


async def buy(api: Api, key: str | None, what: str = "tea", **more: Any) -> ClientResponse:  # noqa: ANN401
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await api.post("/orders", json={"what": what}, headers=headers | more)


async def test_the_same_answer_comes_again(orders: Api, shop: Shop) -> None:
    first, second = await buy(orders, "k1"), await buy(orders, "k1")
    assert first.status == second.status == HTTPStatus.CREATED
    assert await first.json() == await second.json() == {"what": "tea 1"}
    for name in ("ETag", "Content-Type"):
        assert first.headers[name] == second.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert shop.made == ["tea"]
    assert (await (await buy(orders, "k2")).json()) == {"what": "tea 2"}
    assert [(await (await buy(orders, None)).json())["what"] for _ in "ab"] == ["tea 3", "tea 4"]


async def test_a_key_is_for_one_request_of_one_account(orders: Api, shop: Shop) -> None:
    await buy(orders, "k")
    for other in (
        await buy(orders, "k", "coffee"),
        await orders.post("/orders?x=1", json={"what": "tea"}, headers={"Idempotency-Key": "k"}),
    ):
        assert other.status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "another request" in (await other.json())["detail"]
    ben = bearer(await sign_up(orders, email="ben@example.com"))
    assert (await (await buy(orders, "k", **ben)).json()) == {"what": "tea 2"}


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "caf\u00e9", "a\tb"])
async def test_what_is_no_key(orders: Api, shop: Shop, key: str) -> None:
    assert (await buy(orders, key)).status == HTTPStatus.BAD_REQUEST
    assert shop.made == []


async def test_the_longest_key(orders: Api) -> None:
    answers = [await buy(orders, "~" * 200) for _ in "ab"]
    assert await answers[0].text() == await answers[1].text()


async def test_two_at_once_make_one(orders: Api, shop: Shop) -> None:
    shop.hold = asyncio.Event()
    first = asyncio.create_task(buy(orders, "k"))
    await shop.began.wait()
    second = await buy(orders, "k")
    assert (second.status, second.headers["Retry-After"]) == (HTTPStatus.CONFLICT, "1")
    assert (await buy(orders, "k", "coffee")).status == HTTPStatus.UNPROCESSABLE_ENTITY
    shop.hold.set()
    assert await (await first).json() == {"what": "tea 1"}
    assert await (await buy(orders, "k")).json() == {"what": "tea 1"}
    answers = await asyncio.gather(*(buy(orders, "many") for _ in range(10)))
    assert {answer.status for answer in answers} <= {HTTPStatus.CREATED, HTTPStatus.CONFLICT}
    assert shop.made == ["tea", "tea"]


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("broken"),
        DatabaseUnavailableError("away"),
        ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "Later."),
    ],
)
async def test_after_a_failure_it_may_be_tried_again(
    orders: Api, shop: Shop, failure: Exception
) -> None:
    shop.failure = failure
    assert (await buy(orders, "k")).status >= HTTPStatus.TOO_MANY_REQUESTS
    shop.failure = None
    assert await (await buy(orders, "k")).json() == {"what": "tea 1"}


async def test_what_runs_out_of_time_may_be_tried_again(
    orders: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.hold = asyncio.Event()
    monkeypatch.setattr("api.middlewares.REQUEST_TIMEOUT", 0.2)
    assert (await buy(orders, "k")).status == HTTPStatus.REQUEST_TIMEOUT
    monkeypatch.undo()
    shop.hold.set()
    assert await (await buy(orders, "k")).json() == {"what": "tea 1"}


async def test_a_refusal_is_an_answer_like_another(orders: Api, shop: Shop) -> None:
    shop.failure = not_found("tea")
    first = await buy(orders, "k")
    shop.failure = None
    second = await buy(orders, "k")
    assert first.status == second.status == HTTPStatus.NOT_FOUND
    assert await first.json() == await second.json()
    assert second.content_type == "application/problem+json"
    assert shop.made == []


async def test_a_wrong_body_uses_no_key_up(orders: Api, shop: Shop) -> None:
    wrong = await orders.post("/orders", json={}, headers={"Idempotency-Key": "k"})
    assert wrong.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (await buy(orders, "k")).status == HTTPStatus.CREATED


async def test_when_the_server_died_in_between_it_is_done_a_minute_later(
    orders: Api, shop: Shop, app: web.Application, database: Database
) -> None:
    await buy(orders, "k")
    await database.execute("UPDATE idempotency_keys SET status = NULL")
    assert (await buy(orders, "k")).status == HTTPStatus.CONFLICT
    await database.execute(
        "UPDATE idempotency_keys SET created_at = created_at - '2 min'::interval"
    )
    assert await (await buy(orders, "k")).json() == {"what": "tea 2"}
    assert await (await buy(orders, "k")).json() == {"what": "tea 2"}


async def test_an_answer_that_cannot_be_kept_is_given(
    orders: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailableError("away")

    monkeypatch.setattr(app[IDEMPOTENCY_KEYS], "finish", away)
    assert await (await buy(orders, "k")).json() == {"what": "tea 1"}


def test_only_accounts_have_keys() -> None:
    with pytest.raises(TypeError, match="accounts"):
        Routes("wrong").post("/wrong", access=Access.GUEST, idempotent=True)
