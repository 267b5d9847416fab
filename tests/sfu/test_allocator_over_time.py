"""When layers change: down at once, up with patience, and never to and fro."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from sfu.allocator import OVERHEAD, Wish
from tests.support.wishes import CAMERA, PINNED, USUAL, Receiver, offers, thinned, wish


def test_down_at_once_up_later() -> None:
    receiver = Receiver(wish("a"))
    assert receiver.after(30, 3_000_000) == {"a": 720}
    assert receiver.look(600_000) == {"a": 360}
    assert receiver.look(3_000_000) == {"a": 360}
    assert receiver.after(4, 3_000_000) == {"a": 720}


def test_up_only_with_room_to_spare() -> None:
    receiver = Receiver(wish("a"))
    receiver.after(30, 400_000)
    assert receiver.after(30, 500_000 * OVERHEAD * 1.02) == {"a": 180}
    assert receiver.after(1, 500_000 * OVERHEAD * 1.06) == {"a": 360}


def test_a_rise_that_fails_is_tried_ever_less_often() -> None:
    receiver = Receiver(wish("a"))
    receiver.after(30, 600_000)
    rises, shown = [], 360
    for _ in range(400):
        # The way seems to carry more until more is sent.
        found = receiver.look(600_000 if shown == 720 else 2_000_000)["a"]
        if found > shown:
            rises.append(receiver.now)
        shown = found
    waits = [later - earlier for earlier, later in pairwise(rises)]
    assert len(waits) > 4
    assert waits[0] >= 10
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert 29 <= waits[-1] <= 32


def test_somebody_new_is_served_at_once() -> None:
    receiver = Receiver(wish("a"))
    receiver.after(30, 900_000)
    receiver.wishes.append(wish("b"))
    assert receiver.look(900_000) == {"a": 360, "b": 180}


def test_a_fall_takes_no_more_than_it_must() -> None:
    others = [wish(name) for name in "bcde"]
    receiver = Receiver(wish("a", PINNED, bitrates=(150_000, 500_000, 2_600_000)), *others)
    assert set(receiver.look(2_650_000).values()) == {360}
    receiver.wishes[0] = wish("a", PINNED)  # its best would fit, instead of theirs
    assert receiver.look(2_500_000) == {"a": 360, "b": 360, "c": 360, "d": 360, "e": 180}


def test_a_thin_link_shows_a_small_picture_beside_a_voice_all_the_time() -> None:
    chance = random.Random(300)  # noqa: S311
    receiver = Receiver(thinned("a", 64_000, 96_000, 162_000), voices=1)
    receiver.look(300_000)
    for _ in range(200):
        assert receiver.look(255_000 * chance.uniform(0.96, 1.04)) == {"a": 180}
        (chosen,) = receiver.chosen
        assert chosen == receiver.wishes[0].offers[2]  # at its whole frame rate
    assert receiver.look(60_000) == {"a": 0}
    assert receiver.after(4, 255_000) == {"a": 180}


# Where something else is wanted


def in_trouble(*wishes: Wish, bitrate: float) -> Receiver:
    """It has just sunk to what `bitrate` carries, so that nothing rises now."""
    receiver = Receiver(*wishes)
    receiver.look(20_000_000)
    receiver.look(bitrate)
    return receiver


def test_somebody_new_takes_nothing_while_there_is_room() -> None:
    receiver = in_trouble(wish("a", PINNED), wish("b"), bitrate=1_100_000)
    assert receiver.look(2_500_000) == {"a": 360, "b": 360}
    receiver.wishes.append(wish("c"))
    assert receiver.look(2_500_000) == {"a": 360, "b": 360, "c": 360}


def test_who_is_pinned_takes_from_the_others_even_where_nothing_rises() -> None:
    receiver = in_trouble(*(wish(name) for name in "abcd"), bitrate=2_100_000)
    assert receiver.look(2_100_000) == {"a": 360, "b": 360, "c": 360, "d": 360}
    receiver.wishes[3] = wish("d", PINNED)
    assert receiver.look(2_100_000) == {"a": 180, "b": 180, "c": 0, "d": 720}
    receiver.wishes[3] = wish("d")
    assert receiver.look(2_100_000) == {"a": 360, "b": 360, "c": 360, "d": 360}


def test_nobody_is_paused_for_who_is_pinned_while_there_is_room() -> None:
    receiver = in_trouble(*(wish(name) for name in "abcde"), bitrate=2_500_000)
    receiver.wishes[4] = wish("e", PINNED)
    assert receiver.look(2_500_000) == {"a": 180, "b": 180, "c": 180, "d": 180, "e": 720}


def test_who_is_left_alone_gets_what_the_others_had() -> None:
    receiver = in_trouble(*(wish(name) for name in "abcd"), bitrate=2_100_000)
    receiver.wishes = [wish("c")]
    assert receiver.look(2_100_000) == {"c": 720}


def test_a_tile_of_another_size_pauses_nobody() -> None:
    almost = 1_700_000 * OVERHEAD * 1.02  # with nothing to spare
    receiver = Receiver(wish("a", PINNED), wish("b"))
    receiver.look(700_000)
    assert receiver.after(10, almost) == {"a": 360, "b": 360}
    receiver.wishes[1] = wish("b", height=700)
    assert receiver.look(almost) == {"a": 360, "b": 360}


def test_who_comes_back_on_another_line_is_shown_as_before() -> None:
    receiver = in_trouble(wish("a"), bitrate=600_000)
    receiver.wishes = [Wish("a", USUAL, 720, offers(777, CAMERA))]
    assert receiver.look(3_000_000) == {"a": 360}
    assert receiver.after(4, 3_000_000) == {"a": 720}


# To and fro


def test_equals_do_not_take_turns() -> None:
    receiver = Receiver(wish("a", bitrates=(150_000, 700_000)), wish("b"))
    assert receiver.look(800_000) == {"a": 180, "b": 360}
    receiver.wishes[0] = wish("a", bitrates=(150_000, 450_000))
    assert receiver.after(30, 800_000) == {"a": 180, "b": 360}


@pytest.fixture
def restless() -> Receiver:
    """The last of three has gone up and down, as what the others take became less. It would fit."""
    receiver = Receiver()

    def look(pinned: int, other: int) -> int:
        """What the last one gets for what the bests of the first two take."""
        of_a, of_b = (150_000, 500_000, pinned), (150_000, 500_000, other)
        receiver.wishes = [wish("a", PINNED, 720, of_a), wish("b", 50, 720, of_b), wish("c")]
        return receiver.after(1.5, 3_100_000)["c"]

    assert look(9_000_000, 9_000_000) == 720
    assert look(2_200_000, 9_000_000) == 180
    assert look(1_700_000, 9_000_000) == 360
    assert look(1_700_000, 1_000_000) == 180
    assert look(1_700_000, 600_000) == 180
    return receiver


def test_what_went_up_and_down_rests(restless: Receiver) -> None:
    assert restless.after(5, 3_100_000)["c"] == 180
    assert restless.after(2, 3_100_000)["c"] == 360


def test_nothing_rests_that_is_wanted_more_than_before(restless: Receiver) -> None:
    restless.wishes[2] = wish("c", 60)
    assert restless.look(3_100_000)["c"] == 360


@pytest.mark.parametrize("seed", range(20))
def test_a_constant_way_sees_no_more_than_one_oscillation_in_ten_seconds(seed: int) -> None:
    """Though estimates and bitrates are never the same twice."""
    chance = random.Random(seed)  # noqa: S311
    bitrate = chance.uniform(200e3, 6e6)
    names = "abcd"[: chance.randint(1, 4)]
    priorities = {name: chance.choice((USUAL, USUAL, 50, PINNED)) for name in names}
    receiver = Receiver(voices=1)
    changes: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    before: dict[str, int] = {}
    for _ in range(600):
        receiver.wishes = [
            wish(
                name,
                priorities[name],
                bitrates=[round(rate * chance.uniform(0.9, 1.1)) for rate in CAMERA],
            )
            for name in names
        ]
        now = receiver.now
        shown = receiver.look(bitrate * chance.uniform(0.96, 1.04))
        for name in names:
            if before and shown[name] != before[name]:
                changes[name].append((now, shown[name] - before[name]))
        before = shown
    for of_one in changes.values():
        rises = [at for (_, earlier), (at, later) in pairwise(of_one) if earlier < 0 < later]
        assert all(later - earlier >= 10 for earlier, later in pairwise(rises))
