from __future__ import annotations

import json

import pytest

from signaling.limits import Limits
from signaling.messages import Closing, Levels, Media, Slots
from signaling.outbox import Outbox, encode

STOPPING = Closing(reason="server_stopping", message="Bye.")


def put_state(box: Outbox, state: Slots | Media | Levels) -> None:
    box.put_state(state.type, encode(state))


def outbox(**limits: int) -> Outbox:
    return Outbox(Limits(**limits), lambda: None)


def drain(box: Outbox) -> list[bytes]:
    return list(iter(box.pop, None))


def test_messages_leave_in_order() -> None:
    box = outbox()
    box.put(b"1")
    box.put(b"2")
    assert drain(box) == [b"1", b"2"]


def test_only_the_newest_of_each_state_waits() -> None:
    box = outbox()
    for revision in range(3):
        put_state(box, Slots(revision=revision, slots=[]))
        put_state(box, Media(state="connecting"))
    assert [json.loads(frame).get("revision") for frame in drain(box)] == [2, None]


def test_states_leave_after_messages_so_that_they_name_nothing_unknown() -> None:
    box = outbox()
    put_state(box, Slots(revision=1, slots=[]))
    box.put(b"track published")
    assert drain(box)[0] == b"track published"


def test_states_never_overflow() -> None:
    box = outbox(queue_messages=2)
    for loudness in range(100):
        put_state(box, Levels(levels={"a": loudness}))
    assert not box.finished
    assert len(drain(box)) == 1


@pytest.mark.parametrize("limits", [{"queue_messages": 3}, {"queue_bytes": 35}])
def test_too_much_waiting_is_dropped_with_a_reason(limits: dict[str, int]) -> None:
    box = outbox(**limits)
    for _ in range(4):
        box.put(b"0123456789")
    assert [json.loads(frame)["reason"] for frame in drain(box)] == ["too_slow"]


@pytest.mark.parametrize("limits", [{"queue_messages": 3}, {"queue_bytes": 35}])
def test_what_fits_is_kept(limits: dict[str, int]) -> None:
    box = outbox(**limits)
    for _ in range(3):
        box.put(b"0123456789")
    assert drain(box) == [b"0123456789"] * 3


def test_what_was_sent_makes_room() -> None:
    box = outbox(queue_messages=2, queue_bytes=20)
    for _ in range(100):
        box.put(b"0123456789")
        assert box.pop() == b"0123456789"
    assert not box.finished


def test_the_goodbye_comes_last_and_nothing_after_it() -> None:
    box = outbox()
    box.put(b"failure")
    put_state(box, Media(state="connected"))
    box.finish(STOPPING)
    box.put(b"late")
    put_state(box, Media(state="closed"))
    first, last = drain(box)
    assert first == b"failure"
    assert json.loads(last)["reason"] == "server_stopping"


def test_the_first_reason_to_finish_counts() -> None:
    box = outbox()
    box.finish(STOPPING)
    box.finish(Closing(reason="replaced", message=""))
    assert [json.loads(frame)["reason"] for frame in drain(box)] == ["server_stopping"]


def test_every_change_wakes_the_writer() -> None:
    woken: list[int] = []
    box = Outbox(Limits(), lambda: woken.append(1))
    box.put(b"1")
    put_state(box, Media(state="connected"))
    box.finish()
    assert len(woken) == 3
