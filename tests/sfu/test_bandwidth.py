"""What is believed of a way, by each strategy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.bandwidth import Bandwidth, ByRemb, ByTransportCc, Unlimited, strategy_for
from sfu.bandwidth.remb import PATIENCE, START, TRIAL
from tests.support.wishes import Receiver, wish


@pytest.mark.parametrize(
    ("transport_cc", "remb", "kind"),
    [
        (True, True, ByTransportCc),
        (True, False, ByTransportCc),
        (False, True, ByRemb),
        (False, False, Unlimited),
    ],
)
def test_the_best_that_was_negotiated(
    transport_cc: bool, remb: bool, kind: type[Bandwidth]
) -> None:
    assert type(strategy_for(transport_cc=transport_cc, remb=remb, now=0.0)) is kind


def test_who_tells_nothing_gets_everything() -> None:
    way = Unlimited()
    way.estimated(100_000, 1.0)
    assert way.bitrate(2.0, 0) is None


def test_the_engine_is_believed() -> None:
    way = ByTransportCc()
    assert way.bitrate(0.0, 0) == 300_000  # what the engine's begins with
    for estimate in (2_000_000, 90_000):
        way.estimated(estimate, 1.0)
        assert way.bitrate(1.0, 50_000) == estimate


def test_a_receiver_that_never_tells_is_unlimited_after_a_while() -> None:
    way = ByRemb(10.0)
    assert way.bitrate(10.0, 0) == START
    assert way.bitrate(10.0 + PATIENCE - 0.1, 200_000) == START
    assert way.bitrate(10.0 + PATIENCE, 200_000) is None


def test_a_receiver_is_believed_that_gets_as_much_as_it_says() -> None:
    way = ByRemb(0.0)
    way.estimated(600_000, 1.0)
    assert way.bitrate(1.0, 550_000) == 600_000
    way.estimated(200_000, 2.0)
    assert way.bitrate(2.0, 550_000) == 200_000


def test_where_nothing_flows_a_receiver_cannot_know() -> None:
    way = ByRemb(0.0)
    way.estimated(50_000, 1.0)
    assert way.bitrate(1.0, 0) == START
    assert way.bitrate(1.0, 45_000) == 50_000


@pytest.fixture
def tried() -> ByRemb:
    """It has said clearly more than it got, so the next layer is tried since second 10."""
    way = ByRemb(0.0)
    way.estimated(250_000, 10.0)
    way.bitrate(10.0, 150_000)
    allowed = way.bitrate(10.0, 550_000)
    assert allowed is not None
    assert allowed >= 600_000
    return way


def test_a_trial_lasts_as_long_as_a_receiver_takes_to_believe(tried: ByRemb) -> None:
    tried.estimated(300_000, 12.0)
    during = tried.bitrate(10.0 + TRIAL - 0.1, 550_000)
    assert during is not None
    assert during >= 600_000
    assert tried.bitrate(10.0 + TRIAL + 0.1, 550_000) == 300_000


def test_a_trial_begins_when_more_is_sent() -> None:
    """Others may rest for long before they rise."""
    way = ByRemb(0.0)
    way.estimated(250_000, 0.0)
    for second in range(20):
        allowed = way.bitrate(second, 150_000)
        assert allowed is not None
        assert allowed >= 600_000
    for at in (20.0, 20.0 + TRIAL - 0.1):
        allowed = way.bitrate(at, 550_000)
        assert allowed is not None
        assert allowed >= 600_000
    assert way.bitrate(20.0 + TRIAL, 550_000) == 250_000


def test_a_trial_that_succeeds_is_what_the_receiver_says(tried: ByRemb) -> None:
    tried.estimated(700_000, 15.0)
    assert tried.bitrate(10.0 + TRIAL, 560_000) == 700_000


def test_a_trial_ends_when_the_receiver_says_less(tried: ByRemb) -> None:
    tried.estimated(400_000, 12.0)
    tried.estimated(385_000, 12.5)
    tried.estimated(370_000, 13.0)
    assert tried.bitrate(13.0, 550_000) == 370_000


@given(st.lists(st.tuples(st.integers(1_000, 10**7), st.integers(0, 10**7)), min_size=1))
def test_never_less_than_the_receiver_says(said: list[tuple[int, int]]) -> None:
    way = ByRemb(0.0)
    for second, (estimate, sending) in enumerate(said):
        way.estimated(estimate, float(second))
        allowed = way.bitrate(float(second), sending)
        assert allowed is not None
        assert allowed >= estimate


def test_a_way_is_found_to_be_wide_by_a_receiver_that_believes_in_little_more_than_it_gets() -> (
    None
):
    """As libwebrtc's: eight percent more each second, up to half more than arrives."""
    way, receiver, said = ByRemb(0.0), Receiver(wish("a")), 300_000.0
    seen: list[int] = []
    for half_second in range(240):
        carries = 250_000 if 80 < half_second < 120 else 10**9
        seen.append(receiver.look(way.bitrate(half_second / 2, receiver.sending))["a"])
        if receiver.sending > carries:
            said = 0.85 * carries
        else:
            said = max(said, min(1.04 * said, 1.5 * receiver.sending + 10_000))
        way.estimated(round(said), half_second / 2)
    assert seen[60] == 720
    assert seen[119] == 180
    recovered = seen[160:]
    assert recovered == sorted(recovered)  # it is not given up once the way carries all again
    assert recovered[-1] == 720
