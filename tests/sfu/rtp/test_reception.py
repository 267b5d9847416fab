from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.clock import ntp64
from sfu.rtp.reception import Reception
from sfu.rtp.rtcp import ReportBlock
from tests.sfu.rtp.strategies import uint16

RATE = 90_000


def after(*sequences: int) -> Reception:
    reception = Reception(RATE)
    for sequence in sequences:
        reception.received(sequence, 0, 0.0)
    return reception


def report(reception: Reception, now: float = 0.0) -> ReportBlock:
    block = reception.report(42, now)
    assert block is not None
    assert block.ssrc == 42
    return block


@pytest.mark.parametrize(
    ("received", "lost", "highest"),
    [
        ([5], 0, 5),
        ([5, 6, 7], 0, 7),
        ([5, 7], 1, 7),
        ([5, 7, 6], 0, 7),
        ([5, 7, 7, 7], -1, 7),
        ([5, 4], -1, 5),
        ([0xFFFF, 0], 0, 0x1_0000),
        ([0xFFFE, 1], 2, 0x1_0001),
        ([0, 0xFFFF], -1, 0),
        ([0xFFF0, *range(0xFFF1, 0x1_0000), *range(5), 0xFFFF], -1, 0x1_0004),
    ],
)
def test_counts_what_is_lost(received: list[int], lost: int, highest: int) -> None:
    reception = after(*received)
    block = report(reception)
    assert reception.lost == block.packets_lost == lost
    assert block.highest_sequence == highest
    assert reception.packets == len(received)


def test_there_is_no_report_about_nothing() -> None:
    assert Reception(RATE).report(1, 0.0) is None
    assert Reception(RATE).lost == 0


def test_the_fraction_is_that_of_the_last_interval() -> None:
    reception = after(0, 2)
    assert report(reception).fraction_lost == 256 // 3
    assert report(reception).fraction_lost == 0
    for sequence in (3, 4, 5, 7):
        reception.received(sequence, 0, 0.0)
    assert report(reception).fraction_lost == 256 // 5
    # One too many makes a negative loss, of which the fraction knows nothing.
    for sequence in (8, 8):
        reception.received(sequence, 0, 0.0)
    assert report(reception).fraction_lost == 0


def test_a_total_loss_fits_the_byte() -> None:
    reception = after(0)
    report(reception)
    reception.received(30_000, 0, 0.0)
    assert report(reception).fraction_lost == 255


def test_the_loss_stays_within_24_bits() -> None:
    reception = after(0)
    for step in range(600):
        reception.received(step * 30_000 & 0xFFFF, 0, 0.0)
    assert reception.lost > 1 << 23
    assert report(reception).packets_lost == (1 << 23) - 1


def test_even_arrival_has_no_jitter() -> None:
    reception = Reception(RATE)
    for step in range(100):
        reception.received(step, 0xFFFF_F000 + step * 3000 & 0xFFFF_FFFF, step / 30)
    assert reception.jitter == pytest.approx(0, abs=1e-9)


def test_jitter_follows_the_mean_deviation() -> None:
    reception = Reception(RATE)
    for step in range(400):
        reception.received(step, step * 3000, step / 30 + (step % 2) * 0.010)
    assert reception.jitter == pytest.approx(0.010, rel=0.01)
    assert report(reception).jitter == int(reception.jitter * RATE)


def test_a_new_timestamp_base_is_no_jitter() -> None:
    reception = after(1)
    reception.received(2, 0x4000_0000, 0.02)
    assert reception.jitter == 0
    reception.received(3, 0x4000_0000 + 1800, 0.04)
    assert reception.jitter == pytest.approx(0)


def test_overtaken_packets_do_not_count_for_jitter() -> None:
    reception = Reception(RATE)
    for sequence, timestamp, now in (
        (1, 0, 0.0),
        (3, 6000, 2 / 30),
        (2, 3000, 0.5),
        (4, 9000, 0.1),
    ):
        reception.received(sequence, timestamp, now)
    assert reception.jitter == pytest.approx(0, abs=1e-9)


def test_a_long_delay_is_jitter_still() -> None:
    reception = after(1)
    reception.received(2, 0, 4.0)
    assert reception.jitter == pytest.approx(4.0 / 16)
    reception.received(2, 0, 8.0)
    assert reception.jitter == pytest.approx(4.0 / 16)


def test_echoes_the_last_sender_report() -> None:
    reception = after(1)
    assert (report(reception).lsr, report(reception).dlsr) == (0, 0)
    ntp = ntp64(1_800_000_000.5)
    reception.sender_report(ntp, 10.0)
    block = report(reception, 10.25)
    assert block.lsr == ntp >> 16 & 0xFFFF_FFFF
    assert block.dlsr == 0x1_0000 // 4
    assert report(reception, 1e6).dlsr == 0xFFFF_FFFF


@given(uint16, st.lists(st.integers(0, 400), min_size=1, max_size=200))
def test_every_report_can_be_sent(start: int, steps: list[int]) -> None:
    reception = Reception(RATE)
    now = 0.0
    for step in steps:
        now += step / 1000
        reception.received(start + step * 97 & 0xFFFF, step * 0x0100_0000, now)
        assert len(bytes(report(reception, now))) == 24
