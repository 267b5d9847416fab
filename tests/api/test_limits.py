"""How often anybody may do what, by a clock of our own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from http import HTTPStatus
from ipaddress import ip_network

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from api.addresses import Addresses
from api.content import MAX_BODY
from api.context import ADDRESSES, GATEWAY, LIMITER
from api.limits import OVERALL, PER_ACCOUNT, PER_ADDRESS, REFILL, Limiter, Sockets
from api.operations import Cost
from api.problems import ProblemError
from tests.api.conftest import Api
from tests.api.people import ADA, new_meeting, post, send, sign_up
from tests.signaling.fakes import guest, user

COSTS = st.sampled_from(list(Cost))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def passes(check: Callable[[], None], most: int = 100_000) -> int:
    """How often it may be done at once."""
    count = 0
    with suppress(ProblemError):
        for count in range(most):  # noqa: B007 - wanted after it
            check()
        return most
    return count


@given(cost=COSTS, factor=st.sampled_from([0.1, 1.0, 3.0]))
def test_addresses_and_accounts_each_have_their_own(cost: Cost, factor: float) -> None:
    limiter = Limiter(factor, Clock())
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
        most = PER_ADDRESS[cost].times(factor).burst
        overall = OVERALL.get(cost)
        found = passes(partial(limiter.check_address, address, cost))
        assert found == int(most) or overall is not None
    for somebody in (user(1), user(2), guest(1)):
        found = passes(partial(limiter.check_account, somebody, cost))
        assert found == int(PER_ACCOUNT[cost].times(factor).burst)


def test_classes_of_cost_are_counted_apart() -> None:
    limiter = Limiter(1.0, Clock())
    passes(lambda: limiter.check_address("192.0.2.1", Cost.EXPENSIVE))
    limiter.check_address("192.0.2.1", Cost.READ)
    limiter.check_address("192.0.2.1", Cost.WRITE)


def test_an_ipv6_network_counts_as_one_address() -> None:
    limiter = Limiter(1.0, Clock())
    hosts = iter(range(1, 100_000))
    found = passes(lambda: limiter.check_address(f"2001:db8::{next(hosts):x}", Cost.WRITE))
    assert found == PER_ADDRESS[Cost.WRITE].burst


def test_many_addresses_together_cannot_try_more_passwords_than_we_can_hash() -> None:
    limiter = Limiter(1.0, Clock())
    hosts = iter(range(1, 100_000))
    found = passes(lambda: limiter.check_address(f"2001:db8:{next(hosts):x}::1", Cost.SIGN_IN))
    assert found == OVERALL[Cost.SIGN_IN].burst
    limiter.check_address("192.0.2.1", Cost.READ)


@given(cost=COSTS)
def test_after_the_time_told_it_may_be_tried_again(cost: Cost) -> None:
    clock = Clock()
    limiter = Limiter(1.0, clock)
    passes(lambda: limiter.check_account(user(1), cost))
    with pytest.raises(ProblemError) as refused:
        limiter.check_account(user(1), cost)
    clock.now += int(refused.value.headers["Retry-After"])
    limiter.check_account(user(1), cost)


def test_off_is_off() -> None:
    limiter = Limiter(None, Clock())
    assert passes(lambda: limiter.check_address("192.0.2.1", Cost.SIGN_IN), 5000) == 5000
    assert passes(lambda: limiter.check_account(user(1), Cost.EXPENSIVE), 5000) == 5000


def test_an_address_may_do_more_than_an_account() -> None:
    for cost in Cost:
        address, account = PER_ADDRESS[cost], PER_ACCOUNT[cost]
        assert address.burst > account.burst
        assert address.per_second > account.per_second


@pytest.fixture
async def clock(app: web.Application) -> Clock:
    clock = Clock()
    app[LIMITER] = Limiter(0.02, clock)
    return clock


@pytest.fixture
async def behind_proxy(app: web.Application) -> None:
    app[ADDRESSES] = Addresses([ip_network("127.0.0.0/8")])


async def test_requests_are_limited(clock: Clock, api: Api) -> None:
    """With a factor that leaves: 4 to sign in and 6 writes of an address, 1 write of an account."""
    token = await sign_up(api)
    assert (await post(api, "/meetings", {}, token))[0] == HTTPStatus.CREATED
    status, problem = await post(api, "/meetings", {}, token)
    assert (status, problem["status"]) == (429, 429)
    other = await sign_up(api, email="ben@example.com")
    assert (await post(api, "/meetings", {}, other))[0] == HTTPStatus.CREATED
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.OK
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.OK
    async with api.post("/auth/login", json=ADA) as response:
        assert response.status == HTTPStatus.TOO_MANY_REQUESTS
        wait = int(response.headers["Retry-After"])
    clock.now += wait
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.OK


async def forwarded(api: Api, *clients: str) -> list[int]:
    """The statuses of one attempt to sign in for each."""
    found = []
    for client in clients:
        headers = {"X-Forwarded-For": client}
        async with api.post("/auth/login", json=ADA, headers=headers) as answer:
            found.append(answer.status)
    return found


async def test_who_comes_through_a_trusted_proxy_is_counted_alone(
    clock: Clock, behind_proxy: None, api: Api
) -> None:
    await sign_up(api)
    one, other = ["192.0.2.1"] * 5, ["198.51.100.1, 192.0.2.2"] * 5
    assert await forwarded(api, *one) == [200] * 4 + [429]
    assert await forwarded(api, *other) == [200] * 4 + [429]


async def test_nobody_else_says_whom_to_count(clock: Clock, api: Api) -> None:
    await sign_up(api)
    assert await forwarded(api, *(f"192.0.2.{n}" for n in range(5))) == [200] * 3 + [429] * 2


async def test_requests_without_a_good_token_count_too(clock: Clock, api: Api) -> None:
    found = [
        (await post(api, "/meetings", {}, token))[0] for token in (None, "forged", None, "x") * 2
    ]
    assert found == [HTTPStatus.UNAUTHORIZED] * 6 + [HTTPStatus.TOO_MANY_REQUESTS] * 2


async def test_an_ipv6_network_guesses_a_meetings_password_as_one(
    behind_proxy: None, app: web.Application, api: Api
) -> None:
    meeting_id = await new_meeting(api, await sign_up(api), password="secret")
    guesses = app[GATEWAY].hub.limits.guesses
    found = []
    for host in range(guesses + 1):
        headers = {"X-Forwarded-For": f"2001:db8::{host + 1:x}"}
        body = {"name": "Eve", "password": "a guess"}
        path = f"/meetings/{meeting_id}/guests"
        async with api.post(path, json=body, headers=headers) as answer:
            found.append(answer.status)
    assert found == [HTTPStatus.FORBIDDEN] * guesses + [HTTPStatus.TOO_MANY_REQUESTS]


@pytest.fixture
async def as_usual(app: web.Application) -> None:
    app[LIMITER] = Limiter(1.0, Clock())


async def test_passwords_of_meetings_are_expensive(as_usual: None, api: Api) -> None:
    token = await sign_up(api)
    most = int(PER_ACCOUNT[Cost.EXPENSIVE].burst)
    for number in range(most):
        assert (await post(api, "/meetings", {"password": str(number)}, token))[0] == 201
    meeting_id = await new_meeting(api, token)
    change = {"json": {"password": "another"}, "headers": {"If-Match": "*"}}
    assert (await post(api, "/meetings", {"password": "another"}, token))[0] == 429
    assert (await send(api, "PATCH", f"/meetings/{meeting_id}", token, **change))[0] == 429
    other = await sign_up(api, email="ben@example.com")
    assert (await post(api, "/meetings", {"password": "another"}, other))[0] == 201


async def test_large_bodies_are_expensive(as_usual: None, api: Api) -> None:
    token, most = await sign_up(api), int(PER_ACCOUNT[Cost.EXPENSIVE].burst)
    usual: dict[str, object] = {"title": "Tea", "content": "hot"}
    large = usual | {"padding": "x" * MAX_BODY}
    statuses = [(await post(api, "/blogs", large, token))[0] for _ in range(most + 1)]
    assert statuses == [HTTPStatus.CREATED] * most + [HTTPStatus.TOO_MANY_REQUESTS]
    assert (await post(api, "/blogs", usual, token))[0] == HTTPStatus.CREATED


def test_an_address_has_only_so_many_sockets_open() -> None:
    sockets = Sockets(3, None, Clock())
    with ExitStack() as stack:
        for host in ("::1", "::2", "::3"):
            stack.enter_context(sockets.one(f"2001:db8{host}"))
        with pytest.raises(ProblemError) as refused, sockets.one("2001:db8::4"):
            pass
        assert refused.value.status == HTTPStatus.TOO_MANY_REQUESTS
        assert int(refused.value.headers["Retry-After"]) > 0
        with sockets.one("192.0.2.1"):
            pass
    with sockets.one("2001:db8::4"):
        pass
    assert not sockets._open


def test_all_may_come_back_at_once_but_not_twice() -> None:
    clock = Clock()
    sockets = Sockets(10, 1.0, clock)

    def come_and_go() -> None:
        with sockets.one("192.0.2.1"):
            pass

    assert passes(come_and_go) == 10
    clock.now += REFILL
    assert passes(come_and_go) == 10
    sockets = Sockets(10, None, clock)
    assert passes(come_and_go, 100) == 100
