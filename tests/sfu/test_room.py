"""Rooms above the fake engine, with real offers."""

from __future__ import annotations

import re

import pytest

from sfu.engine.interface import AudioLevels, Codec, Extension, Switch, VoiceStarted
from sfu.errors import OfferError, TrackError
from sfu.tracks import TrackSource, ViewItem
from tests.support.room import (
    FakeHouse,
    Member,
    real_offer,
    with_credentials,
    with_fingerprint,
)

PUBLISHER = real_offer("chrome156_vp8_simulcast")
"""Microphone on mid 0, camera of three layers on mid 1."""
VIEWER = real_offer("chrome156_1send_3recv")
"""The same without simulcast, and three slots of each kind on mids 2 to 7."""
CAMERA, MICROPHONE, SCREEN = TrackSource.CAMERA, TrackSource.MICROPHONE, TrackSource.SCREEN


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


@pytest.fixture
async def ana(house: FakeHouse) -> Member:
    member = house.join("ana")
    await house.offer(member, PUBLISHER)
    return member


@pytest.fixture
async def ben(house: FakeHouse, ana: Member) -> Member:
    member = house.join("ben")
    await house.offer(member, with_fingerprint(VIEWER, "B"))
    return member


def publish(member: Member) -> list[str]:
    """Track ids of microphone and camera."""
    microphone = member.participant.publish(MICROPHONE, "0")
    return [microphone.id, member.participant.publish(CAMERA, "1").id]


async def test_an_offer_opens_everything_it_names(house: FakeHouse, ben: Member) -> None:
    transport = house.transport(ben)
    assert house.engine.extensions[transport][Extension.MID] == 4
    assert house.engine.limits[transport] == 6_000_000
    (camera,) = house.sources(ben, "1")
    parameters = house.engine.sources[camera]
    assert parameters.ssrc is not None
    assert parameters.rtx_ssrc is not None
    assert parameters.nack
    sinks = [sink for sink in house.engine.sinks.values() if sink.transport == transport]
    ssrcs = [ssrc for sink in sinks for ssrc in (sink.ssrc, sink.rtx_ssrc) if ssrc]
    assert len(set(ssrcs)) == 9  # three of audio, three of video with one for repairs each
    assert len({sink.cname for sink in sinks}) == 1


async def test_layers_are_sources_by_rid(house: FakeHouse, ana: Member) -> None:
    rids = [house.engine.sources[source].rid for source in house.sources(ana, "1")]
    assert rids == ["q", "h", "f"]


async def test_the_answer_tells_which_line_is_which_slot(ben: Member) -> None:
    slots = [(slot.kind, slot.slot, slot.mid) for slot in ben.participant.slots().slots]
    assert sorted(slots) == [
        ("audio", 0, "2"),
        ("audio", 1, "4"),
        ("audio", 2, "6"),
        ("video", 0, "3"),
        ("video", 1, "5"),
        ("video", 2, "7"),
    ]


async def test_what_is_published_is_shown_before_any_view(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    microphone, camera = publish(ana)
    house.settle()
    (state,) = ben.ear.slots
    shown = {(slot.kind, slot.slot): slot.track_id for slot in state.slots if slot.track_id}
    assert shown == {("audio", 0): microphone, ("video", 0): camera}
    assert house.engine.flowing(house.sink(ben, "3")) == house.sources(ana, "1")[0]
    assert ana.ear.slots == []


async def test_who_comes_later_gets_it_too(house: FakeHouse, ana: Member) -> None:
    tracks = publish(ana)
    ben = house.join("ben")
    await house.offer(ben, with_fingerprint(VIEWER, "B"))
    assert ben.ear.slots == []  # not before the answer
    house.settle()
    assert sorted(ben.shown) == sorted(tracks)


async def test_the_best_active_layer_goes_where_there_is_room(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    publish(ana)
    house.estimate(ben, 10_000_000)
    house.settle()
    low, middle, high = house.sources(ana, "1")
    sink = house.sink(ben, "3")
    house.activate(low, middle)
    assert house.engine.flowing(sink) == middle
    house.activate(high)
    assert house.engine.flowing(sink) == high
    house.silence(high)
    assert house.engine.flowing(sink) == middle
    assert {route.switch for route in house.engine.routes[-3:]} == {Switch.LAYER}


async def test_layers_active_before_publishing_count(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    house.activate(*house.sources(ana, "1"))
    house.estimate(ben, 10_000_000)
    publish(ana)
    assert house.engine.flowing(house.sink(ben, "3")) == house.sources(ana, "1")[-1]


async def test_the_view_decides(house: FakeHouse, ana: Member, ben: Member) -> None:
    _, camera = publish(ana)
    house.settle()
    ben.participant.set_view([])
    assert camera not in ben.shown
    ben.participant.set_view([ViewItem(camera, 640, 360)])
    house.settle()
    assert camera in ben.shown


async def test_unpublishing_empties_slots(house: FakeHouse, ana: Member, ben: Member) -> None:
    microphone, camera = publish(ana)
    house.settle()
    ana.participant.unpublish(camera)
    assert camera not in ben.shown
    assert house.engine.flowing(house.sink(ben, "3")) is None
    assert list(ana.participant.publications) == [microphone]
    with pytest.raises(TrackError):
        ana.participant.unpublish(camera)


async def test_publishing_again_on_the_same_line(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    _, camera = publish(ana)
    house.settle()
    ana.participant.unpublish(camera)
    again = ana.participant.publish(CAMERA, "1")
    house.settle()
    assert again.id != camera
    assert again.id in ben.shown


async def test_muting_is_known(ana: Member) -> None:
    microphone, _ = publish(ana)
    assert ana.participant.set_muted(microphone, True).muted
    assert ana.participant.publications[microphone].muted
    with pytest.raises(TrackError):
        ana.participant.set_muted("nothing", True)


async def test_nothing_flows_of_a_muted_picture(house: FakeHouse, ana: Member, ben: Member) -> None:
    """Whoever muted it, and whatever its publisher goes on sending."""
    _, camera = publish(ana)
    house.settle()
    sink = house.sink(ben, "3")
    assert house.engine.flowing(sink) is not None
    ana.participant.set_muted(camera, True)
    house.settle()
    assert house.engine.flowing(sink) is None
    assert camera in ben.shown
    assert {slot.problem for slot in ben.participant.slots().slots} == {None}
    cleo = house.join("cleo")
    await house.offer(cleo, with_fingerprint(VIEWER, "C"))
    house.settle()
    assert house.engine.flowing(house.sink(cleo, "3")) is None
    ana.participant.set_muted(camera, False)
    house.settle()
    assert house.engine.flowing(sink) is not None
    assert house.engine.flowing(house.sink(cleo, "3")) is not None


@pytest.mark.parametrize(
    ("source", "mid"),
    [(CAMERA, "7"), (CAMERA, "0"), (MICROPHONE, "1"), (CAMERA, "")],
)
async def test_a_track_needs_a_sending_line_of_its_kind(
    ana: Member, source: TrackSource, mid: str
) -> None:
    with pytest.raises(TrackError):
        ana.participant.publish(source, mid)


async def test_a_slot_is_no_line_to_publish_on(ben: Member) -> None:
    with pytest.raises(TrackError):
        ben.participant.publish(CAMERA, "3")


async def test_one_of_each_source_and_one_per_line(ana: Member) -> None:
    publish(ana)
    with pytest.raises(TrackError):
        ana.participant.publish(CAMERA, "1")
    with pytest.raises(TrackError):
        ana.participant.publish(SCREEN, "1")


def test_publishing_before_an_offer(house: FakeHouse) -> None:
    with pytest.raises(TrackError):
        house.join("early").participant.publish(CAMERA, "1")


# Offers after the first


async def test_an_ice_restart_keeps_everything_else(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    publish(ana)
    house.settle()
    transport, before = house.transport(ben), house.engine.ufrags[house.transport(ben)]
    routes = len(house.engine.routes)
    await house.offer(ben, with_credentials(with_fingerprint(VIEWER, "B"), "Rest"))
    assert house.transport(ben) == transport
    ufrags = house.engine.ufrags[transport]
    assert ufrags[0] == before[0]
    assert f"a=ice-ufrag:{ufrags[1]}\r\n" in ben.answer
    assert len(house.engine.routes) == routes
    assert house.engine.closed == []


async def test_the_same_offer_again_gets_the_same_answer(house: FakeHouse, ben: Member) -> None:
    first, ufrags = ben.answer, dict(house.engine.ufrags)
    await house.offer(ben, with_fingerprint(VIEWER, "B"))
    assert house.engine.ufrags == ufrags
    session = re.compile("o=- ([0-9]+) ([0-9]+)")
    assert session.findall(first)[0][0] == session.findall(ben.answer)[0][0]
    assert [session.findall(text)[0][1] for text in (first, ben.answer)] == ["1", "2"]
    assert session.sub("", first) == session.sub("", ben.answer)


def more_slots(sdp: str) -> str:
    """One more slot of each kind, appended."""
    parts = sdp.removesuffix("\r\n").split("\r\nm=")
    added = [re.sub("a=mid:.", f"a=mid:{number}", parts[number - 5]) for number in (8, 9)]
    grown = "\r\nm=".join([*parts, *added]) + "\r\n"
    return grown.replace("BUNDLE 0 1 2 3 4 5 6 7", "BUNDLE 0 1 2 3 4 5 6 7 8 9")


async def test_more_slots_are_appended(house: FakeHouse, ana: Member, ben: Member) -> None:
    ssrcs = {sink.ssrc for sink in house.engine.sinks.values()}
    await house.offer(ben, more_slots(with_fingerprint(VIEWER, "B")))
    slots = [(slot.kind, slot.slot, slot.mid) for slot in ben.participant.slots().slots]
    assert slots[-2:] == [("audio", 3, "8"), ("video", 3, "9")]
    after = {sink.ssrc for sink in house.engine.sinks.values()}
    assert ssrcs < after
    assert len(after) == len(ssrcs) + 2


@pytest.mark.parametrize(
    "changed",
    [
        VIEWER.split("m=video")[0],
        VIEWER.replace("a=mid:7", "a=mid:x").replace("6 7", "6 x"),
        VIEWER.replace("a=recvonly", "a=sendonly", 1),
        VIEWER.replace("a=rtpmap:96 VP8", "a=rtpmap:96 X-VP8"),
    ],
    ids=["fewer m-lines", "another mid", "another direction", "other codecs"],
)
async def test_a_later_offer_may_not_change_what_was_agreed(
    house: FakeHouse, ben: Member, changed: str
) -> None:
    sinks, sources = dict(house.engine.sinks), dict(house.engine.sources)
    with pytest.raises(OfferError):
        await house.offer(ben, with_fingerprint(changed, "B"))
    assert (house.engine.sinks, house.engine.sources) == (sinks, sources)


async def test_another_fingerprint_is_a_new_connection(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    tracks = publish(ana)
    house.settle()
    before, revision = house.transport(ben), ben.ear.slots[-1].revision
    await house.offer(ben, with_fingerprint(VIEWER, "C"))
    house.settle()
    assert house.engine.closed == [before]
    assert house.transport(ben) != before
    assert sorted(ben.shown) == sorted(tracks)
    assert ben.ear.slots[-1].revision > revision
    assert ben.ear.states == [("connecting", None), ("connecting", None)]


async def test_publications_survive_a_new_connection(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    _, camera = publish(ana)
    house.settle()
    old = house.sources(ana, "1")
    await house.offer(ana, with_fingerprint(PUBLISHER, "C"))
    house.settle()
    assert camera in ana.participant.publications
    assert camera in ben.shown
    new = house.sources(ana, "1")
    assert house.engine.flowing(house.sink(ben, "3")) == new[0]
    assert set(new).isdisjoint(old)


async def test_a_bad_offer_changes_nothing(house: FakeHouse, ben: Member) -> None:
    ufrags = dict(house.engine.ufrags)
    with pytest.raises(OfferError):
        await ben.participant.offer("v=0\r\n")
    assert house.engine.ufrags == ufrags


# Leaving


async def test_leaving_takes_everything_along(house: FakeHouse, ana: Member, ben: Member) -> None:
    publish(ana)
    house.settle()
    transport = house.transport(ana)
    ana.participant.leave()
    ana.participant.leave()
    assert house.engine.closed == [transport]
    assert ben.shown == []
    assert list(house.room.participants) == ["ben"]
    assert ana.ear.states[-1] == ("closed", "left")
    assert {parameters.transport for parameters in house.engine.sources.values()} == {
        house.transport(ben)
    }
    with pytest.raises(OfferError):
        await ana.participant.offer(PUBLISHER)


async def test_the_last_one_empties_the_room(house: FakeHouse, ana: Member, ben: Member) -> None:
    ana.participant.leave()
    assert house.emptied == 0
    ben.participant.leave()
    assert house.emptied == 1
    assert not house.engine.sources
    assert not house.engine.sinks


async def test_a_second_join_replaces_the_first(house: FakeHouse, ana: Member, ben: Member) -> None:
    publish(ana)
    house.settle()
    again = house.join("ana")
    assert ana.ear.states[-1] == ("closed", "replaced")
    assert house.room.participants["ana"] is again.participant
    assert ben.shown == []
    assert house.emptied == 0


async def test_who_loses_the_connection_first_hears_of_others_no_more(house: FakeHouse) -> None:
    ben, ana = house.join("ben"), house.join("ana")
    await house.offer(ben, with_fingerprint(VIEWER, "B"))
    await house.offer(ana, PUBLISHER)
    microphone, _ = publish(ana)
    house.settle()
    assert microphone in ben.shown
    house.switchboard.tick(30.0)
    assert ben.ear.states[-1] == ana.ear.states[-1] == ("closed", "ice_timeout")
    assert house.site.connecting.ice == {"timeout": 2}
    assert ben.shown == []
    await house.offer(ben, with_fingerprint(VIEWER, "C"))
    await house.offer(ana, with_fingerprint(PUBLISHER, "D"))
    house.settle()
    assert microphone in ben.shown


async def test_a_lost_connection_keeps_the_participant(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    _, camera = publish(ana)
    house.settle()
    house.switchboard.tick(29.0)
    assert ana.ear.states == [("connecting", None)]
    house.switchboard.tick(30.0)
    assert ana.ear.states[-1] == ("closed", "ice_timeout")
    assert "ana" in house.room.participants
    assert camera in ana.participant.publications
    assert ana.participant.slots().slots == ()
    assert not house.engine.sources
    with pytest.raises(TrackError):
        ana.participant.publish(SCREEN, "1")


# Sound


async def test_levels_are_told_by_track(house: FakeHouse, ana: Member, ben: Member) -> None:
    microphone, _ = publish(ana)
    (source,) = house.sources(ana, "0")
    for level in (20, 127, 127):
        house.switchboard.dispatch(house.now, [AudioLevels({source: level})])
    assert ben.ear.told_levels == [{microphone: 20}, {microphone: 127}]
    ana.participant.set_muted(microphone, True)
    house.switchboard.dispatch(house.now, [AudioLevels({source: 30})])
    assert len(ben.ear.told_levels) == 2


async def test_a_level_is_told_when_it_has_changed_notably(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    microphone, _ = publish(ana)
    (source,) = house.sources(ana, "0")
    for level in (40, 41, 42, 43, 42, 40, 39):
        house.switchboard.dispatch(house.now, [AudioLevels({source: level})])
    assert ben.ear.told_levels == [{microphone: 40}, {microphone: 43}, {microphone: 40}]


async def test_a_newcomer_is_told_a_steady_level(house: FakeHouse, ana: Member) -> None:
    microphone, _ = publish(ana)
    (source,) = house.sources(ana, "0")
    house.switchboard.dispatch(house.now, [AudioLevels({source: 40})])
    late = house.join("late")
    house.switchboard.dispatch(house.now, [AudioLevels({source: 40})])
    assert late.ear.told_levels == [{microphone: 40}]


async def test_an_unpublished_microphone_is_nobodys_level(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    (source,) = house.sources(ana, "0")
    house.switchboard.dispatch(house.now, [AudioLevels({source: 20}), VoiceStarted(source)])
    assert ben.ear.told_levels == []


async def test_a_new_voice_takes_an_extra_slot(house: FakeHouse, ben: Member) -> None:
    """Five people without a picture, three audio slots beyond none of video."""
    voices = []
    for number, name in enumerate("abcde"):
        member = house.join(name)
        await house.offer(member, with_fingerprint(PUBLISHER, str(number)))
        voices.append((member, member.participant.publish(MICROPHONE, "0").id))
    quiet = house.join("listener")
    await house.offer(quiet, with_fingerprint(_without_video_slots(VIEWER), "D"))
    house.settle()
    heard = {track for _, track in voices[:3]}
    assert set(quiet.shown) == heard
    speaker, track = voices[4]
    (source,) = house.sources(speaker, "0")
    house.switchboard.dispatch(house.now, [VoiceStarted(source)])
    house.settle()
    assert track in quiet.shown
    assert len(quiet.shown) == 3
    told = len(quiet.ear.slots)
    house.switchboard.dispatch(house.now, [VoiceStarted(source)])
    house.settle()
    assert len(quiet.ear.slots) == told


def _without_video_slots(sdp: str) -> str:
    head, *media = sdp.split("\r\nm=")
    kept = [part for part in media if not (part.startswith("video") and "a=recvonly" in part)]
    mids = " ".join(re.findall(r"a=mid:(\d)", "".join(kept)))
    head = re.sub("BUNDLE .*", f"BUNDLE {mids}", head)
    return "\r\nm=".join([head, *(part.removesuffix("\r\n") for part in kept)]) + "\r\n"


# Other people's claims


async def test_a_claimed_ssrc_of_another_participant_is_only_a_claim(
    house: FakeHouse, ana: Member, ben: Member
) -> None:
    victim = house.engine.sources[house.sources(ben, "1")[0]].ssrc
    mallory = house.join("mallory")
    await house.offer(mallory, with_fingerprint(VIEWER, "E"))
    claimed = house.engine.sources[house.sources(mallory, "1")[0]]
    assert claimed.ssrc == victim
    assert claimed.transport == house.transport(mallory)
    _, camera = publish(ben)
    house.activate(*house.sources(ben, "1"))
    house.settle()
    assert camera in mallory.shown
    mallory.participant.leave()
    assert house.engine.sources[house.sources(ben, "1")[0]].ssrc == victim
    ana.participant.set_view([])


async def test_codecs_a_receiver_lacks_are_told(house: FakeHouse, ana: Member, ben: Member) -> None:
    no_av1 = with_fingerprint(VIEWER.replace(" AV1/", " X-AV1/"), "F")
    old = house.join("old")
    await house.offer(old, no_av1)
    publish(ana)
    house.activate(house.sources(ana, "1")[0], codec=Codec.AV1)
    house.settle()
    problems = [slot.problem for slot in old.participant.slots().slots if slot.kind == "video"]
    assert problems == ["unsupported_codec", None, None]
    assert not any(slot.problem for slot in ben.participant.slots().slots)
