"""When a slot may change, and what the client is told: never one face under another's name."""

from __future__ import annotations

import pytest

from sfu.engine.interface import (
    Codec,
    Kind,
    PayloadTypes,
    Route,
    RouteSwitched,
    SinkId,
    SourceId,
    Switch,
)
from sfu.publication import Layer, Publication, PublishedTrack, SendingLine
from sfu.slots import Assignment
from sfu.subscriber import Subscriber
from sfu.tracks import SlotsState, TrackSource
from tests.support.engine import FakeEngine
from tests.support.room import Ear

VIDEO = {Codec.VP8: PayloadTypes(96, 97)}
SINK, SECOND, SOUND = SinkId(1), SinkId(2), SinkId(3)


def track(name: str, *sources: int, source: TrackSource = TrackSource.CAMERA) -> PublishedTrack:
    """A published track of one layer per source."""
    line = SendingLine(mid="0", kind=source.kind, listener=Ear())
    line.layers = [Layer(SourceId(number), line) for number in sources]
    return PublishedTrack(Publication(name, f"p-{name}", source, "0", muted=False), line)


ANA, BEN = track("ana", 10), track("ben", 20)
ANAS_VOICE = track("ana-voice", 11, source=TrackSource.MICROPHONE)
BENS_VOICE = track("ben-voice", 21, source=TrackSource.MICROPHONE)
TRACKS = {item.publication.id: item for item in (ANA, BEN, ANAS_VOICE, BENS_VOICE)}


class Client:
    """A subscriber with two video slots and an audio slot, its engine, and what it was told."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.told: list[SlotsState] = []
        self.subscriber = Subscriber(self.engine, self.told.append)
        self.subscriber.add_slot(SINK, Kind.VIDEO, "3", VIDEO)
        self.subscriber.add_slot(SECOND, Kind.VIDEO, "5", VIDEO)
        self.subscriber.add_slot(SOUND, Kind.AUDIO, "4", {Codec.OPUS: PayloadTypes(111)})

    def show(self, first: str | None, second: str | None = None, sound: str | None = None) -> None:
        self.subscriber.show(Assignment((first, second), (sound,)), TRACKS)

    def switch(self) -> None:
        """Let the engine answer."""
        while answers := self.engine.answers():
            for event in answers:
                assert isinstance(event, RouteSwitched)
                self.subscriber.route_switched(event.sink, event.source, event.timestamp)

    @property
    def shown(self) -> tuple[str | None, ...]:
        """As last told."""
        return tuple(slot.track_id for slot in self.told[-1].slots)


@pytest.fixture
def client() -> Client:
    return Client()


def test_an_empty_slot_flows_at_once_and_is_told_after_the_switch(client: Client) -> None:
    client.show("ana")
    assert client.engine.routes == [Route(SINK, SourceId(10), Switch.PARTICIPANT)]
    assert client.told == []
    client.switch()
    (state,) = client.told
    assert state.revision == 1
    assert (state.slots[0].track_id, state.slots[0].participant_id) == ("ana", "p-ana")
    assert state.slots[0].timestamp == 2000


def test_another_person_flows_only_after_the_client_has_applied_the_change(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.subscriber.applied(1)
    client.show("ben")
    assert client.engine.flowing(SINK) is None
    client.switch()
    assert client.shown[0] == "ben"
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(1)
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(2)
    assert client.engine.flowing(SINK) == SourceId(20)
    assert client.engine.answers() == []  # the same route, unpaused: no second switch


def test_a_slot_just_emptied_is_not_empty_for_the_client_yet(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.show(None)
    assert client.shown[0] is None
    client.show("ben")
    client.switch()
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(2)  # applied that it is empty: nobody is shown there any more
    assert client.engine.flowing(SINK) == SourceId(20)


def test_an_acknowledged_empty_slot_flows_at_once(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.show(None)
    client.subscriber.applied(2)
    client.show("ben")
    assert client.engine.flowing(SINK) == SourceId(20)


def test_the_same_person_again_need_not_wait(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.subscriber.applied(1)
    client.show("ben")
    client.show("ana")
    client.switch()
    assert client.shown[0] == "ana"
    assert client.engine.flowing(SINK) == SourceId(10)


def test_a_change_of_mind_during_a_switch_is_told_once(client: Client) -> None:
    client.show("ana")
    client.show("ben")
    client.switch()
    assert [state.slots[0].track_id for state in client.told] == ["ben"]
    assert client.told[0].slots[0].timestamp == 3000  # of the second switch, not of the first
    assert client.engine.flowing(SINK) == SourceId(20)


def test_claims_of_future_revisions_are_worth_nothing(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.subscriber.applied(10**9)
    client.show("ben")
    client.switch()
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(2)
    assert client.engine.flowing(SINK) == SourceId(20)


def test_sound_changes_without_waiting(client: Client) -> None:
    client.show(None, None, "ana-voice")
    client.switch()
    client.show(None, None, "ben-voice")
    assert client.engine.flowing(SOUND) == SourceId(21)
    client.switch()
    assert client.shown[2] == "ben-voice"


def test_a_changed_view_is_one_revision(client: Client) -> None:
    client.show("ana", "ben", "ana-voice")
    client.switch()
    client.show("ben", "ana", "ben-voice")
    client.switch()
    assert [state.revision for state in client.told] == [1, 2]
    assert client.shown == ("ben", "ana", "ben-voice")


def test_emptying_needs_no_answer_of_the_engine(client: Client) -> None:
    client.show("ana")
    client.switch()
    client.show(None)
    assert client.told[-1].revision == 2
    assert client.told[-1].slots[0].timestamp is None


def test_answers_of_earlier_switches_are_ignored(client: Client) -> None:
    client.show("ana")
    client.subscriber.route_switched(SINK, SourceId(99), 5)
    client.subscriber.route_switched(SinkId(77), SourceId(10), 5)
    assert client.told == []


def test_the_best_layer_is_followed_without_a_participant_switch(client: Client) -> None:
    cara = track("cara", 31, 32, 33)
    assert cara.line is not None
    client.subscriber.show(Assignment(("cara", None), (None,)), {"cara": cara})
    client.switch()
    for layer, expected in ((0, 31), (1, 32), (2, 33)):
        cara.line.layers[layer].codec = Codec.VP8
        client.subscriber.layers_changed(cara)
        assert client.engine.flowing(SINK) == SourceId(expected)
    cara.line.layers[2].codec = None
    client.subscriber.layers_changed(cara)
    assert client.engine.routes[1:] == [
        Route(SINK, SourceId(32), Switch.LAYER),
        Route(SINK, SourceId(33), Switch.LAYER),
        Route(SINK, SourceId(32), Switch.LAYER),
    ]
    assert len(client.told) == 1


def test_a_better_layer_while_waiting_is_taken_afterwards(client: Client) -> None:
    cara = track("cara", 31, 32)
    assert cara.line is not None
    client.show("ana")
    client.switch()
    client.subscriber.show(Assignment(("cara", None), (None,)), {"cara": cara})
    client.switch()
    cara.line.layers[1].codec = Codec.VP8
    client.subscriber.layers_changed(cara)
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(2)
    assert client.engine.routes[-2:] == [
        Route(SINK, SourceId(31), Switch.PARTICIPANT),
        Route(SINK, SourceId(32), Switch.LAYER),
    ]


def test_a_codec_that_was_not_negotiated_is_told(client: Client) -> None:
    dan = track("dan", 41)
    assert dan.line is not None
    client.subscriber.show(Assignment(("dan", None), (None,)), {"dan": dan})
    client.switch()
    for codec in (Codec.AV1, Codec.VP8):
        dan.line.layers[0].codec = codec
        client.subscriber.layers_changed(dan)
    problems = [state.slots[0].problem for state in client.told]
    assert problems == [None, "unsupported_codec", None]


def test_revisions_go_on_after_a_new_connection() -> None:
    told: list[SlotsState] = []
    engine = FakeEngine()
    subscriber = Subscriber(engine, told.append, revision=7)
    subscriber.add_slot(SINK, Kind.VIDEO, "3", VIDEO)
    subscriber.show(Assignment(("ana",), ()), TRACKS)
    assert engine.flowing(SINK) == SourceId(10)
    subscriber.route_switched(SINK, SourceId(10), 1)
    assert [state.revision for state in told] == [8]
