"""Who gets which layer of what a way carries: properties of any wishes, and in virtual time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.allocator import FOREMOST, OVERHEAD, VOICE, Allocation, Allocator, Offer, Target, Wish
from sfu.engine.interface import SourceId

CAMERA = (150_000, 500_000, 1_700_000)
HEIGHTS = (180, 360, 720)
PINNED, USUAL = 90, 0


def offers(first: int, bitrates: Sequence[int]) -> list[Offer]:
    return [
        Offer(Target(SourceId(first + n)), bitrate, height)
        for n, (bitrate, height) in enumerate(zip(bitrates, HEIGHTS, strict=False))
    ]


def wish(
    name: str, priority: int = USUAL, height: int = 720, bitrates: Sequence[int] = CAMERA
) -> Wish:
    return Wish(name, priority, height, offers(100 * ord(name[0]), bitrates))


def heights(allocation: Allocation) -> dict[str, int]:
    """0: paused."""
    return {name: offer.height if offer else 0 for name, offer in allocation.chosen.items()}


def cost(offer: Offer | None) -> float:
    return offer.bitrate * OVERHEAD if offer else 0.0


def once(bitrate: float | None, *wishes: Wish, voices: int = 0) -> dict[str, int]:
    return heights(Allocator().allocate(0.0, bitrate, wishes, voices))


# By rule


def test_without_a_limit_everybody_gets_what_fills_the_tile() -> None:
    assert once(None, wish("a", height=150), wish("b", height=400), wish("c", height=0)) == {
        "a": 180,
        "b": 360,
        "c": 720,
    }


def test_sound_comes_first() -> None:
    enough = 150_000 * OVERHEAD
    assert once(enough, wish("a")) == {"a": 180}
    assert once(enough, wish("a"), voices=1) == {"a": 0}
    assert once(enough + VOICE, wish("a"), voices=1) == {"a": 180}


def test_the_foremost_is_served_whole_before_anybody_else() -> None:
    wishes = [wish("a"), wish("b", PINNED), wish("c")]
    assert once(1_900_000, *wishes) == {"b": 720, "a": 0, "c": 0}
    assert once(2_150_000, *wishes) == {"b": 720, "a": 180, "c": 180}
    assert once(160_000, *wishes) == {"b": 180, "a": 0, "c": 0}


def test_the_others_rise_evenly() -> None:
    wishes = [wish("a"), wish("b"), wish("c")]
    assert once(500_000, *wishes) == {"a": 180, "b": 180, "c": 180}
    assert once(1_600_000, *wishes) == {"a": 360, "b": 360, "c": 360}


def test_a_thin_link_carries_a_voice_and_the_whole_of_a_small_layer() -> None:
    small = [
        Offer(Target(SourceId(1), max_temporal=0), 64_000, 180),
        Offer(Target(SourceId(1), max_temporal=1), 96_000, 180),
        Offer(Target(SourceId(1)), 162_000, 180),
        Offer(Target(SourceId(2)), 520_000, 360),
    ]
    allocation = Allocator().allocate(0.0, 255_000, [Wish("a", USUAL, 720, small)], 1)
    assert allocation.chosen["a"] == small[2]


def test_a_still_screen_is_had_in_its_best_quality_at_once() -> None:
    assert once(100_000, wish("a", bitrates=(20_000, 12_000, 10_000))) == {"a": 720}


def test_what_would_be_of_use_is_told_only_where_the_way_is_the_limit() -> None:
    thin = Allocator().allocate(0.0, 600_000, [wish("a")], 1)
    assert thin.sending == VOICE + round(500_000 * OVERHEAD)
    assert thin.useful > VOICE + 1_700_000 * OVERHEAD
    wide = Allocator().allocate(0.0, 3_000_000, [wish("a")], 1)
    assert (heights(wide), wide.useful) == ({"a": 720}, 0)


# On any wishes

BITRATES = st.lists(st.integers(5_000, 3_000_000), min_size=1, max_size=3).map(sorted)
WISHES = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 50, FOREMOST, 90)), st.sampled_from((0, 90, 300, 800)), BITRATES
    ),
    min_size=1,
    max_size=9,
).map(lambda made: [wish(chr(97 + n), *one) for n, one in enumerate(made)])
WAYS = st.integers(30_000, 12_000_000)


@given(WISHES, WAYS, st.integers(0, 3))
def test_no_more_is_given_than_there_is(wishes: list[Wish], bitrate: int, voices: int) -> None:
    allocation = Allocator().allocate(0.0, bitrate, wishes, voices)
    given_away = sum(map(cost, allocation.chosen.values()))
    assert given_away <= max(bitrate - VOICE * voices, 0)
    assert allocation.sending == round(given_away + VOICE * voices)
    for one in wishes:
        assert (offer := allocation.chosen[one.picture]) is None or one.offers.index(
            offer
        ) <= one.useful


@given(WISHES, WAYS)
def test_nobody_is_paused_for_somebody_who_matters_less(wishes: list[Wish], bitrate: int) -> None:
    chosen = Allocator().allocate(0.0, bitrate, wishes, 0).chosen
    for one in wishes:
        if chosen[one.picture] is None:
            above = sum(cost(chosen[it.picture]) for it in wishes if it.priority >= one.priority)
            assert above + min(map(cost, one.offers)) > bitrate


@given(st.integers(5_000, 300_000), st.integers(2, 6), WAYS)
def test_equals_are_a_layer_apart_at_most(lowest: int, many: int, bitrate: int) -> None:
    bitrates = [lowest, 3 * lowest, 9 * lowest]
    wishes = [wish(chr(97 + n), bitrates=bitrates) for n in range(many)]
    levels = [(0, *HEIGHTS).index(height) for height in once(bitrate, *wishes).values()]
    assert max(levels) - min(levels) <= 1


@given(BITRATES, st.lists(WAYS, min_size=2, max_size=2).map(sorted))
def test_more_to_share_is_never_worse(bitrates: list[int], ways: list[int]) -> None:
    less, more = (Allocator().allocate(0.0, way, [wish("a", 0, 0, bitrates)], 0) for way in ways)
    assert cost(less.chosen["a"]) <= cost(more.chosen["a"])


# Over time


class Receiver:
    """Is looked at twice a second."""

    def __init__(self, *wishes: Wish) -> None:
        self.allocator = Allocator()
        self.wishes = list(wishes)
        self.now = 0.0

    def look(self, bitrate: float, wishes: Sequence[Wish] | None = None) -> dict[str, int]:
        allocation = self.allocator.allocate(self.now, bitrate, wishes or self.wishes, 0)
        self.now += 0.5
        return heights(allocation)

    def after(self, seconds: float, bitrate: float) -> dict[str, int]:
        for _ in range(round(2 * seconds)):
            found = self.look(bitrate)
        return found


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
    assert waits[-1] <= 32


def test_somebody_new_is_served_at_once() -> None:
    receiver = Receiver(wish("a"))
    receiver.after(30, 900_000)
    receiver.wishes.append(wish("b"))
    assert receiver.look(900_000) == {"a": 360, "b": 180}


@pytest.mark.parametrize("seed", range(20))
def test_a_constant_way_sees_no_more_than_one_oscillation_in_ten_seconds(seed: int) -> None:
    """Though estimates and bitrates are never the same twice."""
    chance = random.Random(seed)  # noqa: S311
    bitrate = chance.uniform(200e3, 6e6)
    names = "abcd"[: chance.randint(1, 4)]
    receiver = Receiver(*(wish(name) for name in names))
    changes: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    before: dict[str, int] = {}
    for _ in range(600):
        wishes = [
            wish(name, bitrates=[round(rate * chance.uniform(0.9, 1.1)) for rate in CAMERA])
            for name in names
        ]
        now = receiver.now
        shown = receiver.look(bitrate * chance.uniform(0.96, 1.04), wishes)
        for name in names:
            if before and shown[name] != before[name]:
                changes[name].append((now, shown[name] - before[name]))
        before = shown
    for of_one in changes.values():
        rises = [at for (_, earlier), (at, later) in pairwise(of_one) if earlier < 0 < later]
        assert all(later - earlier >= 10 for earlier, later in pairwise(rises))
