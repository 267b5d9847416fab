"""When a slot may change, and what the client is told: never one face under another's name."""

from __future__ import annotations

import pytest

from sfu.bandwidth import ByTransportCc
from sfu.engine.interface import (
    BandwidthSource,
    Codec,
    Kind,
    LayerRate,
    PayloadTypes,
    Route,
    RouteSwitched,
    SinkId,
    SourceId,
    Switch,
    TransportId,
)
from sfu.publication import SUSTAINED, Layer, Publication, PublishedTrack, SendingLine
from sfu.routes import RouteBatch
from sfu.subscriber import Picture, Sound, Subscriber
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
        self.now = 0.0
        self.told: list[SlotsState] = []
        self.routes = RouteBatch(self.engine)
        self.subscriber = Subscriber(self.engine, self.routes, lambda: self.now, self.told.append)
        self.subscriber.add_slot(SINK, Kind.VIDEO, "3", VIDEO)
        self.subscriber.add_slot(SECOND, Kind.VIDEO, "5", VIDEO)
        self.subscriber.add_slot(SOUND, Kind.AUDIO, "4", {Codec.OPUS: PayloadTypes(111)})

    def show(self, first: str | None, second: str | None = None, sound: str | None = None) -> None:
        pictures = [Picture(TRACKS[name]) if name else None for name in (first, second)]
        self.subscriber.show(pictures, [Sound(TRACKS[sound]) if sound else None])

    def watch(self, track: PublishedTrack, height: int = 0, priority: int = 0) -> None:
        """Only this, in the first slot."""
        self.subscriber.show([Picture(track, height, priority), None], [None])
        self.switch()
        self.subscriber.applied(self.subscriber.state.revision)

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
    client.subscriber.show([Picture(cara), None], [None])
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
    client.subscriber.show([Picture(cara), None], [None])
    client.switch()
    cara.line.layers[1].codec = Codec.VP8
    client.subscriber.layers_changed(cara)
    assert client.engine.flowing(SINK) is None
    client.subscriber.applied(2)
    assert client.engine.routes[-2:] == [
        Route(SINK, SourceId(32), Switch.LAYER, paused=True),
        Route(SINK, SourceId(32), Switch.PARTICIPANT),
    ]
    assert client.engine.answers() == []


def test_a_codec_that_was_not_negotiated_is_told(client: Client) -> None:
    dan = track("dan", 41)
    assert dan.line is not None
    client.subscriber.show([Picture(dan), None], [None])
    client.switch()
    for codec in (Codec.AV1, Codec.VP8):
        dan.line.layers[0].codec = codec
        client.subscriber.layers_changed(dan)
    problems = [state.slots[0].problem for state in client.told]
    assert problems == [None, "unsupported_codec", None]


def test_revisions_go_on_after_a_new_connection() -> None:
    told: list[SlotsState] = []
    engine = FakeEngine()
    subscriber = Subscriber(engine, RouteBatch(engine), lambda: 0.0, told.append, revision=7)
    subscriber.add_slot(SINK, Kind.VIDEO, "3", VIDEO)
    subscriber.show([Picture(ANA)], [])
    assert engine.flowing(SINK) == SourceId(10)
    subscriber.route_switched(SINK, SourceId(10), 1)
    assert [state.revision for state in told] == [8]


# Who is heard


def test_who_is_not_audible_is_in_the_slot_but_does_not_flow(client: Client) -> None:
    client.subscriber.show([None, None], [Sound(ANAS_VOICE, audible=False)])
    client.switch()
    assert client.shown[2] == "ana-voice"
    assert client.engine.flowing(SOUND) is None
    client.subscriber.hear({0: Sound(ANAS_VOICE)})
    assert client.engine.flowing(SOUND) == SourceId(11)
    client.subscriber.hear({0: Sound(ANAS_VOICE, audible=False)})
    assert client.engine.flowing(SOUND) is None
    assert client.engine.answers() == []  # one switch in all
    assert len(client.told) == 1


def test_what_is_heard_by_many_is_one_command(client: Client) -> None:
    commands: list[int] = []
    client.engine.on_route = lambda routes: commands.append(len(routes))
    with client.routes:
        client.subscriber.hear({0: Sound(ANAS_VOICE)})
        client.subscriber.show([Picture(ANA), Picture(BEN)], [Sound(ANAS_VOICE)])
        assert commands == []
    assert commands == [3]


# Which quality


def simulcast(name: str, *sources: int) -> PublishedTrack:
    """q, h and f, all of them arriving."""
    made = track(name, *sources)
    assert made.line is not None
    for layer, rid, rate in zip(
        made.line.layers, "qhf", (150_000, 500_000, 1_700_000), strict=False
    ):
        layer.rid, layer.codec = rid, Codec.VP8
        measured(layer, LayerRate(0, 0, rate))
    return made


def measured(layer: Layer, *rates: LayerRate) -> None:
    """For so long that they count."""
    for _ in range(SUSTAINED):
        layer.rates_measured(rates)


CARRIER = TransportId(5)


@pytest.fixture
def thin(client: Client) -> Client:
    """What the client's way carries is told by `estimate`."""
    client.subscriber.attach(CARRIER, ByTransportCc())
    return client


def estimate(client: Client, bitrate: int) -> None:
    client.subscriber.bandwidth_estimated(bitrate, BandwidthSource.TRANSPORT_CC)
    client.now += 10
    client.subscriber.tick(client.now)


def test_small_tiles_get_small_layers(client: Client) -> None:
    cara = simulcast("cara", 31, 32, 33)
    for height, source in ((90, 31), (180, 31), (360, 32), (720, 33), (2000, 33)):
        client.watch(cara, height)
        assert client.engine.flowing(SINK) == SourceId(source)


def test_what_a_way_carries_decides_the_layer(thin: Client) -> None:
    cara = simulcast("cara", 31, 32, 33)
    thin.watch(cara, 720)
    assert thin.engine.flowing(SINK) == SourceId(31)
    for bitrate, source in ((1_000_000, 32), (3_000_000, 33), (600_000, 32), (200_000, 31)):
        estimate(thin, bitrate)
        assert thin.engine.flowing(SINK) == SourceId(source)


def test_the_engine_is_told_what_is_sent_and_what_would_be_of_use(thin: Client) -> None:
    thin.watch(simulcast("cara", 31, 32, 33), 720)
    sending, useful = thin.engine.targets[CARRIER]
    assert 150_000 <= sending < 300_000
    assert useful > 1_700_000
    estimate(thin, 3_000_000)
    assert thin.engine.targets[CARRIER] == (1_768_000, 0)


def test_a_picture_that_crushes_its_way_is_cut(thin: Client) -> None:
    thin.watch(simulcast("cara", 31, 32, 33), 720)
    estimate(thin, 3_000_000)
    estimate(thin, 500_000)
    assert thin.engine.routes[-1] == Route(SINK, SourceId(31), Switch.CUT)
    estimate(thin, 1_000_000)
    assert thin.engine.routes[-1] == Route(SINK, SourceId(32), Switch.LAYER)


def test_what_does_not_fit_at_all_is_paused_and_told(thin: Client) -> None:
    cara = simulcast("cara", 31, 32, 33)
    thin.watch(cara, 720)
    estimate(thin, 50_000)
    assert thin.engine.flowing(SINK) is None
    estimate(thin, 1_000_000)
    assert [state.slots[0].problem for state in thin.told][-2:] == ["bandwidth", None]
    assert thin.engine.flowing(SINK) == SourceId(32)
    assert thin.engine.answers() == []  # it was Cara all the time


def test_layers_inside_a_stream_are_limits(thin: Client) -> None:
    dan = track("dan", 41)
    assert dan.line is not None
    (layer,) = dan.line.layers
    layer.codec = Codec.VP8
    measured(layer, *(LayerRate(s, t, 100_000 * 4**s) for s in range(3) for t in range(2)))
    thin.watch(dan, 720)
    assert thin.engine.routes[-1].max_spatial == 0
    estimate(thin, 1_300_000)
    assert thin.engine.routes[-1] == Route(SINK, SourceId(41), Switch.LAYER, max_spatial=1)
    estimate(thin, 6_000_000)
    assert thin.engine.routes[-1] == Route(SINK, SourceId(41), Switch.LAYER)


def test_receivers_demand_what_they_take_and_the_lowest_beside(thin: Client) -> None:
    cara = simulcast("cara", 31, 32, 33)
    thin.watch(cara, 720)
    assert cara.demand(thin.now) == ("q",)
    estimate(thin, 3_000_000)
    assert cara.demand(thin.now) == ("q", "f")
    thin.show(None)
    assert cara.demand(thin.now) == ("q", "f")  # for a while
    assert cara.demand(thin.now + 6) == ()


def test_a_layer_that_is_paused_is_demanded_and_waited_for(client: Client) -> None:
    cara = simulcast("cara", 31, 32, 33)
    assert cara.line is not None
    cara.line.layers[2].became_silent()
    client.watch(cara, 720)
    assert client.engine.flowing(SINK) == SourceId(32)
    assert "f" in cara.demand(client.now)
    cara.line.layers[2].codec = Codec.VP8
    client.subscriber.layers_changed(cara)
    assert client.engine.flowing(SINK) == SourceId(33)
