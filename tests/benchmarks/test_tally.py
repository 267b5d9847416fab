"""What the load generator counts, and what it must not."""

from __future__ import annotations

import struct

import pytest

from benchmarks.subscribers import SAMPLE, Counts, Tally

SLOT = 0x1234
VIDEO = 96


def packet(sequence: int, ssrc: int = SLOT, kind: int = VIDEO) -> bytearray:
    return bytearray(struct.pack("!BBHII", 0x80, kind, sequence & 0xFFFF, 0, ssrc) + bytes(20))


def tally_of(sequences: list[int], genuine: bool = True) -> Counts:
    tally = Tally({SLOT}, lambda _: genuine)
    for sequence in sequences:
        data = packet(sequence)
        tally.add(data, len(data))
    return tally.counts()


@pytest.mark.parametrize(
    ("sequences", "packets", "expected"),
    [
        ([7], 1, 1),
        ([7, 8, 9], 3, 3),
        ([7, 9], 2, 3),
        ([7, 9, 8], 3, 3),
        ([65534, 65535, 65536, 65537], 4, 4),
        ([65534, 65537], 2, 4),
        ([65535, 65537, 65536], 3, 3),
    ],
)
def test_gaps_in_sequence_numbers_are_losses(
    sequences: list[int], packets: int, expected: int
) -> None:
    counts = tally_of(sequences)
    assert (counts.packets, counts.expected) == (packets, expected)


def test_several_laps_of_the_sequence_number() -> None:
    counts = tally_of(list(range(0, 200_000, 100)))
    assert counts.expected == 199_901


@pytest.mark.parametrize("kind", [200, 201, 205, 206])
def test_rtcp_is_not_counted(kind: int) -> None:
    tally = Tally({SLOT}, lambda _: True)
    tally.add(packet(1, kind=kind), 32)
    assert tally.counts() == Counts()


def test_another_ssrc_is_not_counted() -> None:
    tally = Tally({SLOT}, lambda _: True)
    tally.add(packet(1, ssrc=SLOT + 1), 32)
    assert tally.counts() == Counts()


@pytest.mark.parametrize("genuine", [True, False])
def test_samples_are_decrypted(genuine: bool) -> None:
    counts = tally_of(list(range(3 * SAMPLE)), genuine)
    assert (counts.verified, counts.wrong) == ((3, 0) if genuine else (0, 3))


def test_counts_of_several_processes_add_up() -> None:
    one, two = tally_of([1, 2, 4]), tally_of([9])
    assert (one + two).packets == 4
    assert (one + two) - two == one
