"""Which qualities a picture can be had in, what they take, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sfu.engine.interface import Codec, Kind, LayerRate, SourceId
from sfu.policy import DEFAULT_POLICY, policy_for
from sfu.publication import (
    FIRST,
    LINGER,
    SUSTAINED,
    Layer,
    Publication,
    PublishedTrack,
    SendingLine,
)
from sfu.tracks import Size, TrackSource


class Ear:
    def __init__(self) -> None:
        self.changed: list[str] = []
        self.voices: list[str] = []

    def layers_changed(self, track_id: str) -> None:
        self.changed.append(track_id)

    def voice_started(self, track_id: str) -> None:
        self.voices.append(track_id)

    def levels_measured(self, levels: Mapping[str, int], recent: Mapping[str, bytes]) -> None:
        raise NotImplementedError


def camera(*rids: str | None, size: Size | None = None) -> PublishedTrack:
    """Encodings that nobody sends yet."""
    line = SendingLine("1", Kind.VIDEO, Ear(), track_id="camera")
    line.layers = [Layer(SourceId(10 + n), line, rid) for n, rid in enumerate(rids)]
    publication = Publication("camera", "ana", TrackSource.CAMERA, "1", False, size)
    return PublishedTrack(publication, line)


def layer(track: PublishedTrack, number: int) -> Layer:
    assert track.line is not None
    return track.line.layers[number]


def measure(layer: Layer, *bitrates: float) -> None:
    """Half a second each."""
    for bitrate in bitrates:
        layer.rates_measured([LayerRate(0, 0, round(bitrate))])


@pytest.fixture
def simulcast() -> PublishedTrack:
    return camera("q", "h", "f", size=Size(1280, 720))


# What there is


def test_encodings_that_are_not_sent_count_as_much_as_they_may(simulcast: PublishedTrack) -> None:
    offers = simulcast.offers(DEFAULT_POLICY)
    whole = [offer for offer in offers if offer.target.max_temporal is None]
    assert [(offer.encoding, offer.bitrate, offer.height) for offer in whole] == [
        ("q", 150_000, 180),
        ("h", 500_000, 360),
        ("f", 1_700_000, 720),
    ]
    assert not any(offer.active for offer in offers)


def test_heights_are_of_what_the_publisher_says() -> None:
    track = camera("q", "h", "f", size=Size(1920, 1080))
    assert sorted({offer.height for offer in track.offers(DEFAULT_POLICY)}) == [270, 540, 1080]


def test_only_the_lowest_is_offered_at_lower_frame_rates(simulcast: PublishedTrack) -> None:
    thinned = [it for it in simulcast.offers(DEFAULT_POLICY) if it.target.max_temporal is not None]
    assert [(it.encoding, it.target.max_temporal) for it in thinned] == [("q", 0), ("q", 1)]
    assert thinned[0].bitrate < thinned[1].bitrate < 150_000


def test_what_is_measured_counts(simulcast: PublishedTrack) -> None:
    layer(simulcast, 1).became_active(Codec.VP8)
    measure(layer(simulcast, 1), *[90_000] * SUSTAINED)
    (medium,) = (it for it in simulcast.offers(DEFAULT_POLICY) if it.encoding == "h")
    assert (medium.bitrate, medium.active) == (90_000, True)


def test_a_keyframe_is_no_bitrate(simulcast: PublishedTrack) -> None:
    high = layer(simulcast, 2)
    high.became_active(Codec.VP8)
    measure(high, 3_000_000, 2_900_000)
    assert high.rates == {}
    measure(high, 1_500_000, 1_500_000, 1_500_000)
    assert high.rates[0, 0] == 1_500_000
    measure(high, 3_000_000, 2_900_000, 1_500_000)
    assert high.rates[0, 0] == 1_500_000


def test_peaks_are_forgotten_slowly(simulcast: PublishedTrack) -> None:
    high = layer(simulcast, 2)
    high.became_active(Codec.VP8)
    measure(high, *[1_000_000] * SUSTAINED, 100_000)
    assert 900_000 < high.rates[0, 0] < 1_000_000
    measure(high, *[100_000] * 60)
    assert high.rates[0, 0] == pytest.approx(100_000, rel=0.2)


def test_a_silent_encoding_counts_as_much_as_it_may_again(simulcast: PublishedTrack) -> None:
    high = layer(simulcast, 2)
    high.became_active(Codec.VP8)
    measure(high, *[400_000] * SUSTAINED)
    high.became_silent()
    measure(high, *[0] * SUSTAINED)
    assert simulcast.offers(DEFAULT_POLICY)[-1].bitrate == 1_700_000
    high.became_active(Codec.VP8)
    measure(high, 100_000, 100_000)  # not for long enough
    assert simulcast.offers(DEFAULT_POLICY)[-1].bitrate == 1_700_000


def test_layers_inside_a_stream_are_offered() -> None:
    track = camera(None, size=Size(1280, 720))
    lone = layer(track, 0)
    lone.became_active(Codec.VP9)
    for _ in range(SUSTAINED):
        lone.rates_measured([LayerRate(s, t, 50_000 * 3**s) for s in range(3) for t in range(3)])
    offers = track.offers(policy_for(Codec.VP9))
    assert [(it.target.max_spatial, it.target.max_temporal) for it in offers] == [
        (0, 0),
        (0, 1),
        (0, None),
        (1, None),
        (None, None),
    ]
    assert [it.height for it in offers] == [180, 180, 180, 360, 720]
    assert [it.bitrate for it in offers] == [50_000, 100_000, 150_000, 600_000, 1_950_000]


def test_a_lone_encoding_need_not_fit_as_a_whole_before_anybody_has_seen_it() -> None:
    track = camera(None)
    assert track.offers(DEFAULT_POLICY)[-1].bitrate == FIRST
    lone = layer(track, 0)
    lone.became_active(Codec.VP8)
    measure(lone, *[900_000] * SUSTAINED)
    lone.became_silent()
    assert track.offers(DEFAULT_POLICY)[-1].bitrate == 900_000


def test_without_a_line_there_is_nothing() -> None:
    track = camera("q")
    track.line = None
    assert track.offers(DEFAULT_POLICY) == []
    assert track.demand(0.0) == ()
    assert track.source is None


# What is wanted


def test_all_are_wanted_at_first(simulcast: PublishedTrack) -> None:
    simulcast.expect(100.0)
    assert simulcast.demand(100.0 + LINGER - 0.1) == ("q", "h", "f")
    assert simulcast.demand(100.0 + LINGER) == ()


def test_the_lowest_is_wanted_beside_any_other(simulcast: PublishedTrack) -> None:
    simulcast.take("ben", "f", 0.0)
    assert simulcast.demand(0.0) == ("q", "f")
    simulcast.take("cleo", "h", 0.0)
    assert simulcast.demand(0.0) == ("q", "h", "f")


def test_what_the_last_receiver_lets_go_lingers(simulcast: PublishedTrack) -> None:
    simulcast.take("ben", "f", 0.0)
    simulcast.take("cleo", "f", 0.0)
    simulcast.take("ben", "h", 50.0)
    simulcast.take("cleo", "q", 60.0)
    assert simulcast.demand(60.0 + LINGER - 0.1) == ("q", "h", "f")
    assert simulcast.demand(60.0 + LINGER) == ("q", "h")
    simulcast.take("ben", None, 70.0)
    simulcast.take("cleo", None, 70.0)
    assert simulcast.demand(70.0 + LINGER) == ()


def test_a_lone_encoding_has_an_empty_name() -> None:
    track = camera(None)
    (offer, *_) = track.offers(DEFAULT_POLICY)
    track.take("ben", offer.encoding, 0.0)
    assert track.demand(0.0) == ("",)
    track.take("ben", None, 1.0)
    assert track.demand(1.0 + LINGER) == ()


# What happens on its line


def test_the_best_is_the_highest_that_arrives(simulcast: PublishedTrack) -> None:
    assert simulcast.source == SourceId(10)
    layer(simulcast, 1).became_active(Codec.VP8)
    layer(simulcast, 0).became_active(Codec.VP8)
    assert (simulcast.source, simulcast.codec) == (SourceId(11), Codec.VP8)
    layer(simulcast, 1).became_silent()
    assert simulcast.source == SourceId(10)


def test_changes_and_voices_are_told_of_what_is_published() -> None:
    track = camera("q")
    line = track.line
    assert line is not None
    ear = line.listener
    assert isinstance(ear, Ear)
    layer(track, 0).became_active(Codec.VP8)
    layer(track, 0).voice_started()
    assert (ear.changed, ear.voices) == (["camera"], ["camera"])
    line.track_id = None
    layer(track, 0).became_silent()
    layer(track, 0).voice_started()
    assert (ear.changed, ear.voices) == (["camera"], ["camera"])
