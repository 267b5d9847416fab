"""Joining, leaving, publishing: who may, and who hears of it."""

from __future__ import annotations

import pytest

from sfu.errors import ClientError
from sfu.tracks import Size, TrackSource, ViewItem
from signaling.messages import MediaPolicy
from tests.signaling.driver import Client, World
from tests.signaling.fakes import guest, meeting, user


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def ana(world: World) -> Client:
    return await world.joined(user(1))


@pytest.fixture
async def ben(world: World, ana: Client) -> Client:
    client = await world.joined(user(2))
    ana.receive()
    return client


async def test_a_join_tells_the_meeting_and_its_policy(world: World) -> None:
    joined = await world.client(user(1)).join()
    assert joined["meeting"] == {
        "id": "standup",
        "title": "The standup",
        "invite_url": "http://localhost:8080/m/standup",
        "guests_allowed": True,
        "lobby": "off",
        "locked": False,
        "password_required": False,
    }
    assert (joined["role"], joined["conversation_id"]) == ("host", None)
    policy = MediaPolicy.model_validate(joined["policy"])
    assert policy.camera.codecs[0] == "VP8"
    assert [encoding.rid for encoding in policy.camera.encodings] == ["q", "h", "f"]
    assert policy.audio_slots == policy.video_slots + 3


async def test_whoever_joins_sees_who_is_there_and_what_they_publish(
    world: World, ana: Client
) -> None:
    track = await ana.publish("camera", "1")
    joined = await world.client(guest(4)).join()
    assert joined["participants"] == [
        {
            "id": ana.participant_id,
            "name": "User 1",
            "guest": False,
            "user_id": 1,
            "role": "host",
            "hand": None,
            "tracks": [
                {
                    "id": track,
                    "participant_id": ana.participant_id,
                    "source": "camera",
                    "muted": False,
                }
            ],
        }
    ]


async def test_the_others_hear_of_a_join(world: World, ana: Client) -> None:
    visitor = world.client(guest(4))
    await visitor.join()
    (message,) = ana.receive()
    assert message["participant"] == {
        "id": visitor.participant_id,
        "name": "Guest 4",
        "guest": True,
        "user_id": None,
        "role": "guest",
        "hand": None,
        "tracks": [],
    }
    assert visitor.receive() == []


async def test_the_others_hear_of_publish_mute_unpublish_and_leave(
    ana: Client, ben: Client
) -> None:
    track = await ben.publish("microphone", "0")
    await ben.ask("mute", track_id=track, muted=True)
    await ben.ask("unpublish", track_id=track)
    await ben.ask("leave")
    heard = ana.receive()
    assert [message["type"] for message in heard] == [
        "track_published",
        "track_muted",
        "track_unpublished",
        "participant_left",
    ]
    assert [message["event"] for message in heard] == [2, 3, 4, 5]
    assert heard[1]["muted"] is True
    assert heard[3]["reason"] == "left"
    assert ben.receive() == []


async def test_nothing_leaks_out_of_a_meeting(world: World, ana: Client) -> None:
    world.meetings.rows["retro"] = meeting("retro")
    elsewhere = await world.joined(user(3), "retro")
    nowhere = world.client(user(4))
    gone = await world.joined(user(5))
    await gone.ask("leave")
    track = await ana.publish()
    await ana.ask("mute", track_id=track, muted=True)
    await ana.ask("leave")
    for outsider in (elsewhere, nowhere, gone):
        assert outsider.receive() == []


async def test_a_former_member_cannot_replay_what_came_after_leaving(
    ana: Client, ben: Client
) -> None:
    await ben.ask("leave")
    await ana.publish()
    assert ben.resume(last_event=0)
    assert ben.receive() == []


async def test_an_empty_meeting_is_forgotten(world: World, ana: Client) -> None:
    await ana.ask("leave")
    assert world.hub.meetings == {}
    assert ana.media.left


async def test_one_session_joins_leaves_and_joins_again(ana: Client, ben: Client) -> None:
    first = ben.participant_id
    await ben.ask("leave")
    await ben.join()
    assert ben.participant_id != first
    assert ana.heard() == ["participant_left", "participant_joined"]


async def test_states_of_the_meeting_before_are_not_told_in_the_next(ana: Client) -> None:
    before = ana.media
    before.show(None, None)
    await ana.ask("leave")
    await ana.join()
    before.listener.levels({"track1": 10})
    assert ana.receive() == []


async def test_joining_twice_is_refused(world: World, ana: Client) -> None:
    world.meetings.rows["retro"] = meeting("retro")
    assert await ana.refused("join", meeting_id="standup") == "already_joined"
    assert await ana.refused("join", meeting_id="retro") == "already_joined"
    assert len(world.hub.meetings["standup"].members) == 1


async def test_an_unknown_meeting_is_not_found(world: World) -> None:
    assert await world.client(user(1)).refused("join", meeting_id="nowhere") == "not_found"
    assert world.hub.meetings == {}


async def test_a_guest_joins_only_the_meeting_of_the_invitation(world: World) -> None:
    world.meetings.rows["retro"] = meeting("retro")
    visitor = world.client(guest(1, "standup"))
    assert await visitor.refused("join", meeting_id="retro") == "forbidden"
    assert await visitor.refused("join", meeting_id="nowhere") == "forbidden"
    await visitor.join("standup")


async def test_a_meeting_closed_to_guests_is_closed_to_earlier_guests_too(world: World) -> None:
    visitor = world.client(guest(1, "private"))
    assert await visitor.refused("join", meeting_id="private") == "forbidden"
    await world.client(user(1)).join("private")


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("leave", {}),
        ("offer", {"sdp": "v=0"}),
        ("publish", {"source": "camera", "mid": "1"}),
        ("unpublish", {"track_id": "track1"}),
        ("mute", {"track_id": "track1", "muted": True}),
        ("view", {"tracks": []}),
        ("slots_applied", {"revision": 1}),
    ],
)
async def test_only_members_act_in_a_meeting(
    world: World, ana: Client, type_: str, fields: dict[str, object]
) -> None:
    await ana.publish()
    assert await world.client(user(2)).refused(type_, **fields) == "not_joined"


@pytest.mark.parametrize(("type_", "fields"), [("unpublish", {}), ("mute", {"muted": True})])
async def test_only_the_owner_changes_a_track(
    ana: Client, ben: Client, type_: str, fields: dict[str, object]
) -> None:
    track = await ana.publish()
    assert await ben.refused(type_, track_id=track, **fields) == "forbidden"
    assert not ana.media.publications[track].muted
    assert ana.receive() == []
    assert await ben.refused(type_, track_id="nothing", **fields) == "not_found"


async def test_a_track_of_another_meeting_is_unknown_here(world: World, ana: Client) -> None:
    world.meetings.rows["retro"] = meeting("retro")
    track = await ana.publish()
    stranger = await world.joined(user(3), "retro")
    assert await stranger.refused("mute", track_id=track, muted=True) == "not_found"


async def test_publishing_the_same_again_gives_the_same_track(ana: Client, ben: Client) -> None:
    """The reply may have been lost with a connection."""
    first = await ben.publish("camera", "1")
    assert await ben.publish("camera", "1") == first
    assert ana.heard() == ["track_published"]
    assert await ben.refused("publish", source="camera", mid="2") == "bad_track"


async def test_muting_the_muted_tells_nobody(ana: Client, ben: Client) -> None:
    track = await ben.publish()
    ana.receive()
    for _ in range(2):
        await ben.ask("mute", track_id=track, muted=True)
    assert ana.heard() == ["track_muted"]


async def test_an_offer_is_answered_with_its_slots(ana: Client) -> None:
    assert await ana.ask("offer", sdp="v=0") == {
        "sdp": "answer",
        "slots": [{"kind": "video", "slot": 0, "mid": "4"}],
    }


async def test_a_bad_offer_is_named(ana: Client) -> None:
    answer = await ana.request("offer", sdp="bad")
    assert answer["error"] == {
        "code": "bad_offer",
        "message": "No media in this offer.",
        "field": None,
    }


async def test_view_and_acknowledgements_reach_the_room(ana: Client) -> None:
    item = {"track_id": "track1", "width": 640, "height": 360, "priority": 2}
    await ana.ask("view", tracks=[item])
    await ana.ask("slots_applied", revision=7)
    assert ana.media.view == [ViewItem("track1", 640, 360, 2)]
    assert ana.media.applied == [7]


async def test_states_come_from_the_room(ana: Client, ben: Client) -> None:
    track = await ben.publish("camera", "1")
    ana.receive()
    ana.media.show(track, ben.participant_id)
    ana.media.listener.media_changed("connected", None)
    ana.media.listener.levels({track: 30})
    slots, media, levels = ana.receive()
    assert slots == {
        "type": "slots",
        "revision": 1,
        "slots": [
            {
                "kind": "video",
                "slot": 0,
                "track_id": track,
                "participant_id": ben.participant_id,
                "timestamp": 90_000,
                "problem": None,
            }
        ],
    }
    assert media["state"] == "connected"
    assert levels["levels"] == {track: 30}
    assert ben.receive() == []


async def test_a_slot_never_names_a_track_before_its_event(ana: Client, ben: Client) -> None:
    """The room may fill slots while it publishes, before anybody could be told of the track."""
    publish = ben.media.publish

    def publish_and_show(source: TrackSource, mid: str, muted: bool, size: Size | None) -> object:
        publication = publish(source, mid, muted, size)
        ana.media.show(publication.id, ben.participant_id)
        return publication

    ben.media.publish = publish_and_show  # type: ignore[method-assign, assignment]
    await ben.publish()
    assert ana.heard() == ["track_published", "slots"]


async def test_the_size_of_a_picture_reaches_the_room(ana: Client, ben: Client) -> None:
    published = await ana.ask("publish", source="camera", mid="1", width=1280, height=720)
    track_id = published["track"]["id"]
    await ana.ask("resize", track_id=track_id, width=640, height=360)
    assert ana.media.sizes == [(1280, 720), (640, 360)]
    assert await ben.refused("resize", track_id=track_id, width=10, height=10) == "forbidden"
    assert ana.media.sizes == [(1280, 720), (640, 360)]


async def test_states_of_the_room_are_told_again_to_a_new_connection(ana: Client) -> None:
    told = [
        {"type": "encodings", "tracks": {"track1": ["q", "h"]}},
        {"type": "speaker", "track_id": "track2", "participant_id": "somebody"},
    ]
    ana.receive()
    ana.media.listener.encodings_changed({"track1": ("q", "h")})
    ana.media.listener.speaker_changed("track2", "somebody")
    assert ana.receive() == told
    ana.lose_connection()
    assert ana.resume()
    assert [state for state in ana.receive() if state in told] == told


async def test_other_refusals_of_the_room_are_told(world: World, ana: Client) -> None:
    def join(*_: object) -> None:
        raise ClientError("The room is being closed.")

    world.media.rooms["standup"].join = join  # type: ignore[method-assign, assignment]
    visitor = world.client(user(2))
    assert await visitor.refused("join", meeting_id="standup") == "unavailable"
    assert ana.receive() == []
