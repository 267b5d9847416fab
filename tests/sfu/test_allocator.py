"""Who gets which layer of what a way carries: by rule, and properties of any wishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfu.allocator import FOREMOST, OVERHEAD, VOICE, Allocation, Allocator, Wish
from tests.support.wishes import HEIGHTS, PINNED, Receiver, cost, heights, thinned, wish


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
    assert once(2_000_000, wish("a", PINNED), wish("b", PINNED)) == {"a": 720, "b": 180}


def test_the_others_rise_evenly() -> None:
    wishes = [wish("a"), wish("b"), wish("c")]
    assert once(500_000, *wishes) == {"a": 180, "b": 180, "c": 180}
    assert once(1_600_000, *wishes) == {"a": 360, "b": 360, "c": 360}


def test_a_thin_link_carries_a_voice_and_the_whole_of_a_small_layer() -> None:
    small = thinned("a", 64_000, 96_000, 162_000)
    allocation = Allocator().allocate(0.0, 255_000, [small], 1)
    assert allocation.chosen["a"] == small.offers[2]


def test_a_still_screen_is_had_in_its_best_quality_at_once() -> None:
    assert once(100_000, wish("a", bitrates=(20_000, 12_000, 10_000))) == {"a": 720}
    assert once(100_000, wish("a", bitrates=(20_000, 300_000, 50_000))) == {"a": 720}


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


@given(WISHES, st.lists(WAYS, min_size=2, max_size=2).map(sorted))
def test_with_more_to_share_the_first_to_differ_is_better_off(
    wishes: list[Wish], ways: list[int]
) -> None:
    less, more = (_in_order(wishes, Allocator().allocate(0.0, way, wishes, 0)) for way in ways)
    assert less <= more


def _in_order(wishes: list[Wish], allocation: Allocation) -> list[bool]:
    """What was granted, as it had its turn: by priority, the foremost one by one, others step by
    step."""
    turns = []
    for number, one in enumerate(wishes):
        chosen = allocation.chosen[one.picture]
        worth = [place for place in range(one.useful + 1) if _is_worth_having(one, place)]
        rank = (-one.priority, number if one.priority >= FOREMOST else 0)
        for step, place in enumerate(worth):
            granted = chosen is not None and one.offers.index(chosen) >= place
            turns.append((rank, step, number, granted))
    return [granted for *_, granted in sorted(turns)]


def _is_worth_having(one: Wish, place: int) -> bool:
    """Nothing better takes no more."""
    better = one.offers[place + 1 : one.useful + 1]
    return all(offer.bitrate > one.offers[place].bitrate for offer in better)


@given(WISHES, st.lists(WAYS, min_size=2, max_size=2), st.integers(0, 3))
def test_what_stays_the_same_changes_nothing(
    wishes: list[Wish], ways: list[int], voices: int
) -> None:
    """Nor is more given than there is, after the way has changed."""
    receiver = Receiver(*wishes, voices=voices)
    receiver.look(ways[0])
    receiver.after(20, ways[1])
    assert sum(map(cost, receiver.chosen)) <= max(ways[1] - VOICE * voices, 0)
    settled = receiver.chosen
    receiver.after(5, ways[1])
    assert receiver.chosen == settled
