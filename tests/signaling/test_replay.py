from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.limits import Limits
from signaling.replay import Replay


def replay(events: int, **limits: int) -> Replay:
    made = Replay(Limits(**limits))
    for number in range(1, events + 1):
        made.append(b"%04d" % number)
    return made


def test_after_the_last_there_is_nothing_to_replay() -> None:
    assert replay(3).after(3) == []
    assert replay(0).after(0) == []


def test_what_was_missed_comes_in_order() -> None:
    assert replay(5).after(3) == [b"0004", b"0005"]


def test_a_number_that_never_was_cannot_be_resumed_from() -> None:
    assert replay(3).after(4) is None
    assert replay(3).after(-1) is None


def test_forgotten_events_cannot_be_replayed() -> None:
    for bounded in (replay(10, replay_messages=4), replay(10, replay_bytes=16)):
        assert bounded.after(6) == [b"0007", b"0008", b"0009", b"0010"]
        assert bounded.after(5) is None


@settings(deadline=None)
@given(
    events=st.integers(0, 50),
    kept=st.integers(1, 20),
    seen=st.integers(0, 60),
)
def test_a_replay_is_complete_or_refused(events: int, kept: int, seen: int) -> None:
    missed = replay(events, replay_messages=kept).after(seen)
    if missed is None:
        assert seen > events or events - seen > kept
    else:
        assert missed == [b"%04d" % number for number in range(seen + 1, events + 1)]
