"""Who talks when."""

from __future__ import annotations

from itertools import islice

from benchmarks.conversation import Conversation, level, turns

PEOPLE = 200


def test_the_same_seed_gives_the_same_conversation() -> None:
    first, second, other = (list(islice(turns(seed, PEOPLE), 50)) for seed in (1, 1, 2))
    assert first == second != other


def test_few_talk_at_a_time_and_many_in_turn() -> None:
    conversation = Conversation(1, PEOPLE)
    moments = [conversation.talking(second / 10) for second in range(6000)]
    assert max(map(len, moments)) in (2, 3, 4)
    assert sum(map(bool, moments)) / len(moments) > 0.8
    assert len(frozenset().union(*moments)) > PEOPLE // 4


def test_all_turns_are_found() -> None:
    conversation = Conversation(3, PEOPLE)
    for turn in islice(turns(3, PEOPLE), 500):
        assert turn.person in conversation.talking((turn.begin + turn.end) / 2)


def test_levels_tell_voices_from_silence() -> None:
    talking = frozenset({7})
    voices = {level(7, second / 50, talking) for second in range(100)}
    silence = {level(8, second / 50, talking) for second in range(100)}
    assert all(byte & 0x80 and byte & 0x7F <= 40 for byte in voices)
    assert all(not byte & 0x80 and 60 < byte <= 127 for byte in silence)
    assert len(voices) > 5
