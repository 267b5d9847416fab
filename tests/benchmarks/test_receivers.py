"""What the load generator counts, and what it must not."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import pytest
from pylibsrtp import Session

from benchmarks.burst import Burst
from benchmarks.library import MARK, inbound, key_size, outbound
from benchmarks.receivers import Counts, Receivers, receiving_socket
from benchmarks.transport import Profile

SLOT, OTHER = 0x1234, 0x1235
VIDEO = 96
KEY = bytes(range(key_size("gcm")))
END = bytes(8) + MARK
DEADLINE = 30.0
"""Seconds, generous."""


def packet(sequence: int, ssrc: int = SLOT, end: bytes = END, size: int = 100) -> bytes:
    header = struct.pack("!BBHII", 0x80, VIDEO, sequence & 0xFFFF, 0, ssrc)
    return header + bytes(size - len(header) - len(end)) + end


class Wire:
    """From a sender, through a socket, to one receiver."""

    def __init__(self) -> None:
        self.controls: list[tuple[int, bytes]] = []
        self.receivers = Receivers(lambda number, data: self.controls.append((number, data)))
        self.receivers.sample(1)
        self.inner = receiving_socket()
        self.inner.bind(("127.0.0.1", 0))
        self.outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outer.connect(self.inner.getsockname())
        self.receivers.allow(self.receivers.add(self.inner, inbound("gcm", KEY)), SLOT)
        self.session: Session = outbound("gcm", KEY)

    def carry(self, *packets: bytes) -> Counts:
        for data in packets:
            self.outer.send(self.session.protect(data))
        self.receivers.drain()
        return self.receivers.counts()

    def close(self) -> None:
        self.receivers.close()
        self.inner.close()
        self.outer.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


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
    wire: Wire, sequences: list[int], packets: int, expected: int
) -> None:
    counts = wire.carry(*map(packet, sequences))
    assert (counts.packets, counts.expected) == (packets, expected)


def test_several_laps_of_the_sequence_number(wire: Wire) -> None:
    for sequence in range(0, 200_000, 1000):
        counts = wire.carry(packet(sequence))
    assert counts.expected == 199_001
    assert (counts.verified, counts.wrong) == (200, 0)


def test_rtcp_is_not_counted(wire: Wire) -> None:
    for kind in (200, 201, 205, 206):
        wire.outer.send(struct.pack("!BBHI", 0x80, kind, 1, SLOT) + bytes(40))
    assert wire.carry() == Counts()


def test_another_ssrc_is_not_counted(wire: Wire) -> None:
    assert wire.carry(packet(1, ssrc=OTHER)) == Counts()


def test_strangers_do_not_reach_a_connected_receiver(wire: Wire) -> None:
    wire.inner.connect(wire.outer.getsockname())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(wire.session.protect(packet(1)), wire.inner.getsockname())
    assert wire.carry(packet(2)).packets == 1


def test_stun_and_dtls_are_handed_on(wire: Wire) -> None:
    messages = [bytes([first]) + bytes(20) for first in (0, 1, 22, 23)]
    for message in messages:
        wire.outer.send(message)
    assert wire.carry() == Counts()
    assert wire.controls == [(0, message) for message in messages]


def test_every_third_packet_is_decrypted(wire: Wire) -> None:
    wire.receivers.sample(3)
    counts = wire.carry(*map(packet, range(31)))
    assert (counts.packets, counts.verified, counts.wrong) == (31, 10, 0)


def test_none_is_decrypted(wire: Wire) -> None:
    wire.receivers.sample(0)
    counts = wire.carry(*map(packet, range(10)))
    assert (counts.packets, counts.verified, counts.wrong) == (10, 0, 0)


def test_what_does_not_decrypt_is_wrong(wire: Wire) -> None:
    protected = bytearray(wire.session.protect(packet(1)))
    protected[-1] ^= 1
    wire.outer.send(protected)
    counts = wire.carry()
    assert (counts.packets, counts.verified, counts.wrong) == (1, 0, 1)


def test_what_is_not_the_publishers_is_wrong(wire: Wire) -> None:
    counts = wire.carry(packet(1, end=bytes(16)))
    assert (counts.verified, counts.wrong) == (0, 1)


def test_packets_without_room_for_the_mark_only_have_to_decrypt(wire: Wire) -> None:
    counts = wire.carry(packet(1, end=b"", size=40))
    assert (counts.verified, counts.wrong) == (1, 0)
    assert not wire.receivers.ages()


def test_the_age_of_a_packet(wire: Wire) -> None:
    before = time.time_ns()
    sent = before - 5_000_000_000
    wire.carry(packet(1, end=sent.to_bytes(8, "big") + MARK))
    old = before - 20_000_000
    wire.carry(packet(2, end=old.to_bytes(8, "big") + MARK))
    took = (time.time_ns() - before) // 1000
    older, newer = sorted(wire.receivers.ages(), reverse=True)
    assert older == 999_999  # as old as can be told
    assert 20_000 <= newer <= 20_000 + took


def test_a_full_buffer_is_told(wire: Wire) -> None:
    wire.inner.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    counts = wire.carry(*map(packet, range(100)))
    assert counts.packets + counts.overflown == 100
    assert counts.overflown > 0


@pytest.mark.parametrize("profile", ["gcm", "cm"])
def test_a_burst_is_stamped_and_arrives_whole(profile: Profile) -> None:
    key = bytes(range(key_size(profile)))
    receivers = Receivers()
    receivers.sample(1)
    with receiving_socket() as inner, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outer:
        inner.bind(("127.0.0.1", 0))
        outer.connect(inner.getsockname())
        receivers.allow(receivers.add(inner, inbound(profile, key)), SLOT)
        burst = Burst(outer, outbound(profile, key))
        before = time.monotonic()
        assert burst.send([packet(number, size=64 + number) for number in range(64)]) == 64
        receivers.drain()
        took = time.monotonic() - before
        counts, ages = receivers.counts(), receivers.ages()
        receivers.close()
    assert (counts.packets, counts.verified, counts.wrong) == (64, 64, 0)
    assert max(ages) <= took * 1e6


def test_counts_of_several_processes_add_up(wire: Wire) -> None:
    one = wire.carry(*map(packet, (1, 2, 4)))
    two = Counts(packets=1, expected=1)
    assert (one + two).packets == 4
    assert (one + two) - two == one
