"""The impaired network itself: everything that is measured through it rests on this."""

from __future__ import annotations

import asyncio
import itertools
import socket
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.impairment import (
    BIN,
    Conditions,
    ImpairedRelay,
    Lags,
    Link,
    Step,
    always,
    beginning,
)

SIZE = 1250
"""Bytes: 10,000 bits."""
MBIT = 1_000_000.0

conditions = st.builds(
    Conditions,
    rate=st.none() | st.floats(1e4, 1e8),
    queue=st.integers(0, 1 << 17),
    loss=st.floats(0, 1),
    burst=st.floats(1, 20),
    delay=st.floats(0, 1),
    jitter=st.floats(0, 1),
    reorder=st.booleans(),
)
schedules = st.lists(st.tuples(st.floats(0, 5), conditions), min_size=1, max_size=4).map(
    lambda steps: [Step(at, found) for at, found in sorted(steps, key=lambda step: step[0])]
)
traffic = st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 1500)), max_size=60)


def send(link: Link, datagrams: list[tuple[float, int]]) -> list[float | None]:
    """Each so many seconds after the one before."""
    times = itertools.accumulate(gap for gap, _ in datagrams)
    return [link.send(at, size) for at, (_, size) in zip(times, datagrams, strict=True)]


@given(schedules, traffic, st.integers(0, 9))
def test_a_seed_gives_the_same_network(
    schedule: list[Step], datagrams: list[tuple[float, int]], seed: int
) -> None:
    first, second = Link(schedule, seed), Link(schedule, seed)
    assert send(first, datagrams) == send(second, datagrams)
    assert first.intervals == second.intervals


@given(schedules, traffic)
def test_each_datagram_is_accounted_for(
    schedule: list[Step], datagrams: list[tuple[float, int]]
) -> None:
    link = Link(schedule, 1)
    arrivals = send(link, datagrams)
    intervals = link.intervals.values()
    gone = sum(interval.lost + interval.dropped for interval in intervals)
    assert gone == arrivals.count(None)
    assert sum(interval.packets for interval in intervals) == len(datagrams)
    assert sum(interval.offered for interval in intervals) == sum(size for _, size in datagrams)
    carried = sum(size for (_, size), at in zip(datagrams, arrivals, strict=True) if at is not None)
    assert sum(interval.carried for interval in intervals) == carried


@given(schedules, traffic)
def test_nothing_arrives_before_its_time_nor_in_another_order(
    schedule: list[Step], datagrams: list[tuple[float, int]]
) -> None:
    arrivals = send(Link(schedule, 1), datagrams)
    times = itertools.accumulate(gap for gap, _ in datagrams)
    pairs = [(at, there) for at, there in zip(times, arrivals, strict=True) if there is not None]
    assert all(at <= there for at, there in pairs)
    if not any(step.conditions.reorder for step in schedule):
        assert pairs == sorted(pairs, key=lambda pair: pair[1])


@given(st.floats(1e4, 1e7), st.integers(0, 1 << 16), traffic)
def test_the_queue_is_finite_and_the_rate_is_kept(
    rate: float, queue: int, datagrams: list[tuple[float, int]]
) -> None:
    link = Link(always(Conditions(rate=rate, queue=queue)), 1)
    arrivals = [at for at in send(link, datagrams) if at is not None]
    longest = max((size for _, size in datagrams), default=0)
    for interval in link.intervals.values():
        assert interval.longest_wait <= 8 * max(queue, longest) / rate + 1e-6
    carried = sum(interval.carried for interval in link.intervals.values())
    if arrivals:
        assert 8 * carried / rate <= arrivals[-1] * (1 + 1e-9) + 1e-6


def test_a_rate_that_changes_sends_each_bit_at_the_rate_of_its_moment() -> None:
    slow, fast = Conditions(rate=MBIT / 100), Conditions(rate=MBIT)
    link = Link([Step(0.0, fast), Step(1.0, slow), Step(1.5, fast)], 1)
    # 4,000 bits before the step, 5,000 in the slow half second, 1,000 after it
    assert link.send(0.996, SIZE) == pytest.approx(1.501)


def test_what_finds_no_room_is_dropped_and_room_comes_back() -> None:
    link = Link(always(Conditions(rate=MBIT, queue=2 * SIZE)), 1)
    assert [link.send(0.0, SIZE) for _ in range(3)] == [0.01, 0.02, None]
    assert link.backlog(0.005) == 2 * SIZE
    assert link.send(0.015, SIZE) == pytest.approx(0.03)


def test_a_datagram_larger_than_the_queue_passes_an_idle_bottleneck() -> None:
    assert Link(always(Conditions(rate=MBIT, queue=10)), 1).send(0.0, SIZE) == 0.01


@pytest.mark.parametrize("burst", [1.0, 4.0])
def test_loss_is_as_frequent_and_as_clustered_as_told(burst: float) -> None:
    link = Link(always(Conditions(loss=0.1, burst=burst)), 1)
    lost = [link.send(float(n), 100) is None for n in range(50_000)]
    runs = [len(list(run)) for gone, run in itertools.groupby(lost) if gone]
    assert sum(lost) / len(lost) == pytest.approx(0.1, rel=0.1)
    assert statistics.mean(runs) == pytest.approx(max(burst, 1 / 0.9), rel=0.1)


def test_losses_do_not_depend_on_the_jitter() -> None:
    plain, jittery = (Link(always(Conditions(loss=0.3, jitter=jitter)), 1) for jitter in (0.0, 0.2))
    for number in range(1000):
        assert (plain.send(number * 0.01, 9) is None) == (jittery.send(number * 0.01, 9) is None)


@pytest.mark.parametrize("reorder", [False, True])
def test_jitter_spreads_over_its_range(reorder: bool) -> None:
    link = Link(always(Conditions(delay=0.1, jitter=0.2, reorder=reorder)), 1)
    delays = [(link.send(n * 0.01, 100) or 0) - n * 0.01 for n in range(5000)]
    assert 0.1 <= min(delays) < 0.11
    assert 0.29 < max(delays) <= 0.3 + 1e-9
    arrivals = [n * 0.01 + delay for n, delay in enumerate(delays)]
    assert (arrivals == sorted(arrivals)) is not reorder


def test_waits_are_noted_by_the_time_they_began() -> None:
    link = Link(always(Conditions(rate=MBIT)), 1)
    for _ in range(3):
        link.send(0.05, SIZE)
    link.send(BIN * 1.5, 0)
    first, second = (link.intervals[number] for number in (0, 1))
    assert (first.least_wait, first.longest_wait) == pytest.approx((0.01, 0.03))
    assert second.longest_wait == 0


def test_another_schedule_does_not_hurry_what_waits() -> None:
    link = Link(always(Conditions(rate=MBIT)), 1)
    link.send(0.0, SIZE)
    link.follow(beginning(0.005, always(Conditions(rate=10 * MBIT))))
    assert link.send(0.005, SIZE) == pytest.approx(0.011)


@pytest.mark.parametrize(("rate", "loss", "burst"), [(0.0, 0.0, 1.0), (1.0, 1.1, 1), (1.0, 0, 0.5)])
def test_conditions_that_cannot_be_are_refused(rate: float, loss: float, burst: float) -> None:
    with pytest.raises(ValueError, match=r"loss"):
        Conditions(rate=rate, loss=loss, burst=burst)


def test_lags_have_percentiles() -> None:
    lags = Lags()
    for ms in range(100):
        lags.add(ms / 1000)
    assert lags.percentile(0.5) == pytest.approx(0.049)
    assert lags.percentile(1.0) == pytest.approx(0.099)
    assert Lags().percentile(0.5) == 0


async def test_the_relay_carries_both_directions_and_takes_its_time() -> None:
    loop = asyncio.get_running_loop()
    server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with server, client:
        for udp in (server, client):
            udp.setblocking(False)
            udp.bind(("127.0.0.1", 0))
        slow, lossy = Conditions(delay=0.05), Conditions(loss=1.0)
        with ImpairedRelay(server.getsockname(), always(slow), always(slow), seed=1) as relay:
            began = time.monotonic()
            client.sendto(b"there", ("127.0.0.1", relay.port))
            async with asyncio.timeout(10):
                data, outside = await loop.sock_recvfrom(server, 100)
                server.sendto(b"back", outside)
                answer = await loop.sock_recv(client, 100)
            assert (data, answer) == (b"there", b"back")
            assert time.monotonic() - began >= 2 * (0.05 - 0.001)
            relay.down.follow(always(lossy))
            server.sendto(b"lost", outside)
            client.sendto(b"there", ("127.0.0.1", relay.port))
            async with asyncio.timeout(10):
                assert await loop.sock_recv(server, 100) == b"there"
            assert sum(interval.lost for interval in relay.down.intervals.values()) == 1
