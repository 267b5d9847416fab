"""The estimator on simulated links, in virtual time: a queue, a propagation delay, loss, jitter,
and a receiver that reports every 60 ms."""

from __future__ import annotations

import ctypes
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sfu.engine.core.library import PacketResult, Probe

LOWEST, HIGHEST = 30_000, 100_000_000
STEP = 0.005
FEEDBACK = 0.06
FRAME = 1 / 30
LOST = 0.25
"""Seconds by which what came later must be younger for a packet to be lost."""
SKEW = 1234.5
"""Seconds between our clock and the receiver's."""


class Estimator:
    def __init__(self, core: ctypes.CDLL, now: float = 0.0) -> None:
        self._core = core
        self._memory = ctypes.create_string_buffer(core.size_of_estimator())
        core.estimator_init(self._memory, now)

    def feedback(self, now: float, results: list[PacketResult], round_trip: float) -> None:
        packets = (PacketResult * len(results))(*results)
        self._core.estimator_feedback(self._memory, now, packets, len(results), round_trip)

    def tick(self, now: float) -> None:
        self._core.estimator_tick(self._memory, now)

    @property
    def bitrate(self) -> int:
        return int(self._core.estimator_bitrate(self._memory))

    @property
    def pace(self) -> int:
        return int(self._core.estimator_pace(self._memory))

    def set_target(self, now: float, sending: int, probe_up_to: int) -> None:
        self._core.estimator_set_target(self._memory, now, sending, probe_up_to)

    def next_probe(self, now: float) -> Probe | None:
        probe = Probe()
        found = self._core.estimator_next_probe(self._memory, now, ctypes.byref(probe))
        return probe if found else None


@dataclass
class Link:
    """`rate(t)` in bits/s; what would wait longer than `queue` seconds is lost."""

    rate: Callable[[float], float]
    delay: float = 0.025
    queue: float = 0.3
    loss: float = 0.0
    jitter: float = 0.0
    seed: int = 1
    free_at: float = 0.0
    waits: list[tuple[float, float]] = field(default_factory=list)
    """When, and how long the packet waited, seconds."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311

    def send(self, now: float, size: int) -> float | None:
        """When it arrives; None: lost."""
        wait = max(self.free_at - now, 0.0)
        if wait > self.queue:
            return None
        self.free_at = now + wait + size * 8 / self.rate(now)
        self.waits.append((now, self.free_at - now))
        if self._random.random() < self.loss:
            return None
        return self.free_at + self.delay + self._random.random() * self.jitter

    def standing(self, begin: float, end: float) -> float:
        """The least that packets waited, in the worst half second."""
        windows: dict[int, float] = {}
        for at, wait in self.waits:
            if begin <= at < end:
                key = int(at * 2)
                windows[key] = min(windows.get(key, math.inf), wait)
        return max(windows.values())


@dataclass
class Run:
    """A sender of frames of at most what is estimated and offered, and of padding for probes."""

    link: Link
    estimator: Estimator
    offered: Callable[[float], float]
    want: int = 0
    """Bits/s worth probing for; 0: as much as is offered."""
    layers: tuple[int, ...] = ()
    """Bits/s one of which is sent, the highest that fits; empty: whatever fits."""
    estimates: list[tuple[float, int]] = field(default_factory=list)
    sent: list[tuple[float, int]] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self._flying: list[tuple[float, float | None, int, int]] = []
        self._reports: deque[tuple[float, list[PacketResult]]] = deque()
        self._next_frame = self._next_feedback = self._newest = 0.0

    def until(self, end: float) -> None:
        while self.now < end:
            self._step()
            self.now += STEP

    def _step(self) -> None:
        now = self.now
        if now >= self._next_frame:
            self._next_frame += FRAME
            self._frame()
        probe = self.estimator.next_probe(now)
        if probe is not None:
            self._probe(probe)
        if now >= self._next_feedback:
            self._next_feedback += FEEDBACK
            self._report()
        while self._reports and self._reports[0][0] <= now:
            _, results = self._reports.popleft()
            self.estimator.feedback(now, results, 2 * self.link.delay)
            self.estimates.append((now, self.estimator.bitrate))
        self.estimator.tick(now)

    def _rate(self) -> float:
        return min(self._wanted(), self.estimator.pace)

    def _wanted(self) -> float:
        estimate = self.estimator.bitrate
        if self.layers:
            fitting = [rate for rate in self.layers if rate <= estimate]
            return fitting[-1] if fitting else self.layers[0]
        return min(estimate, self.offered(self.now))

    def _frame(self) -> None:
        left = max(int(self._rate() * FRAME / 8), 50)
        self.sent.append((self.now, left))
        self.estimator.set_target(
            self.now, int(self._rate()), self.want or int(self.offered(self.now))
        )
        while left > 0:
            size = min(left, 1200)
            self._send(self.now, size, 0)
            left -= size

    def _probe(self, probe: Probe) -> None:
        packets = max(probe.packets, math.ceil(probe.bytes / 1200))
        size = math.ceil(probe.bytes / packets)
        for number in range(packets):
            self._send(self.now + number * size * 8 / probe.bitrate, size, probe.cluster)

    def _send(self, at: float, size: int, probe: int) -> None:
        self._flying.append((at, self.link.send(at, size), size, probe))

    def _report(self) -> None:
        """What has arrived, and what has been missing for so long that it is lost."""
        told, waiting = [], []
        for packet in self._flying:
            sent_at, received_at, size, probe = packet
            if received_at is not None and received_at <= self.now:
                told.append(PacketResult(sent_at, received_at + SKEW, size, probe))
                self._newest = max(self._newest, sent_at)
            elif received_at is None and sent_at < self._newest - LOST:
                told.append(PacketResult(sent_at, -1.0, size, probe))
            else:
                waiting.append(packet)
        self._flying = waiting
        if told:
            self._reports.append((self.now + self.link.delay, told))

    def mean(self, begin: float, end: float) -> float:
        """Of the estimate, bits/s."""
        values = [value for at, value in self.estimates if begin <= at < end]
        return sum(values) / len(values)

    def lowest(self, begin: float, end: float) -> int:
        return min(value for at, value in self.estimates if begin <= at < end)


def constant(value: float) -> Callable[[float], float]:
    return lambda _: value


def run(core: ctypes.CDLL, link: Link, offered: float = 6e6, **options: object) -> Run:
    return Run(link, Estimator(core), constant(offered), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [300e3, 1e6, 5e6])
def test_a_constant_link_is_filled_and_has_no_standing_queue(
    core: ctypes.CDLL, rate: float
) -> None:
    meeting = run(core, Link(constant(rate)))
    meeting.until(60)
    assert 0.8 * rate <= meeting.mean(10, 60) <= 1.05 * rate
    assert meeting.link.standing(10, 60) < 0.1


@pytest.mark.parametrize("queue", [0.1, 0.3, 1.0])
def test_a_step_down_is_noticed_and_its_queue_drains_within_a_second(
    core: ctypes.CDLL, queue: float
) -> None:
    link = Link(lambda t: 3e6 if t < 20 else 0.5e6, queue=queue)
    meeting = run(core, link, 2.2e6)
    meeting.until(30)
    assert meeting.mean(10, 20) > 1.8e6
    fell = next(at for at, value in meeting.estimates if at > 20 and value <= 0.6e6)
    assert fell - 20 < 0.8
    drained = next(at for at, wait in link.waits if at > fell and wait < 0.05)
    assert drained - 20 < max(1.0, 0.3 + 2 * queue)
    assert 0.3e6 < meeting.mean(22, 30) < 0.52e6


def test_after_a_step_up_the_full_layer_fits_within_six_seconds(core: ctypes.CDLL) -> None:
    link = Link(lambda t: 0.5e6 if 20 <= t < 40 else 3e6)
    meeting = run(core, link, 2e6, layers=(150_000, 500_000, 1_700_000))
    meeting.until(60)
    assert meeting.lowest(10, 20) > 1.7e6
    back = next(at for at, value in meeting.estimates if at > 40 and value >= 1.7e6 * 1.1)
    assert back - 40 < 6


@pytest.mark.parametrize("loss", [0.05, 0.1])
def test_random_loss_does_not_starve_anybody(core: ctypes.CDLL, loss: float) -> None:
    meeting = run(core, Link(constant(3e6), loss=loss), 2e6)
    meeting.until(60)
    assert meeting.mean(10, 60) > 1.7e6


def test_jitter_does_not_starve_anybody(core: ctypes.CDLL) -> None:
    meeting = run(core, Link(constant(3e6), jitter=0.2), 2e6)
    meeting.until(60)
    assert meeting.mean(10, 60) > 1.2e6


def test_what_a_policer_drops_is_not_sent_for_ever(core: ctypes.CDLL) -> None:
    """No queue at all: only loss tells."""
    meeting = run(core, Link(constant(1e6), queue=0.012), 3e6)
    meeting.until(30)
    assert meeting.mean(10, 30) < 1.3e6


def test_an_application_below_the_link_learns_what_it_could_use(core: ctypes.CDLL) -> None:
    meeting = run(core, Link(constant(5e6)), 150e3, want=2_500_000)
    meeting.until(10)
    assert meeting.lowest(5, 10) > 2.3e6


def test_nothing_is_probed_for_that_nobody_could_use(core: ctypes.CDLL) -> None:
    estimator = Estimator(core)
    for now in (0.0, 1.0, 100.0):
        estimator.set_target(now, 100_000, 0)
        assert estimator.next_probe(now) is None


def test_feedback_that_stays_away_lowers_the_estimate(core: ctypes.CDLL) -> None:
    meeting = run(core, Link(constant(3e6)), 2e6)
    meeting.until(10)
    before = meeting.estimator.bitrate
    for tick in range(50):
        meeting.estimator.tick(10 + tick / 10)
    assert LOWEST <= meeting.estimator.bitrate < before / 2


times = st.floats(-1e9, 1e9) | st.floats(0, 100)
results = st.builds(PacketResult, times, times, st.integers(0, 2**32 - 1), st.integers(0, 255))


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e6),
            st.lists(results, max_size=30),
            st.floats(-1e3, 1e3),
            st.integers(0, 2**63),
        ),
        max_size=20,
    )
)
def test_whatever_is_reported_the_estimate_stays_within_bounds(
    core: ctypes.CDLL, rounds: list[tuple[float, list[PacketResult], float, int]]
) -> None:
    estimator = Estimator(core)
    for now, packets, round_trip, up_to in rounds:
        estimator.set_target(now, 0, up_to)
        probe = estimator.next_probe(now)
        assert probe is None or probe.bytes < 1_000_000
        estimator.feedback(now, packets, round_trip)
        estimator.tick(now)
        assert LOWEST <= estimator.bitrate <= HIGHEST
