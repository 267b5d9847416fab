"""What hosts do to a meeting, and hands and reactions.

A host's power is looked up for each request: it may have been lost on another device, or by the
HTTP API, a moment ago.
"""

from __future__ import annotations

import asyncio

from db.meetings import UnknownMemberError
from sfu.tracks import TrackSource
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of, to_its_end
from signaling.hub import Hub
from signaling.meeting import Member
from signaling.messages import Empty, Result
from signaling.messages.moderation import (
    Admit,
    AdmitAll,
    EndMeeting,
    HandOver,
    LowerHand,
    MuteAll,
    MuteParticipant,
    RaiseHand,
    React,
    Reaction,
    Refuse,
    Remove,
    SetRole,
    UpdateMeeting,
)
from signaling.session import Session


async def raise_hand(hub: Hub, session: Session, request: RaiseHand) -> Result:
    member = member_of(session)
    member.meeting.set_hand(member, request.raised)
    return Empty()


async def react(hub: Hub, session: Session, request: React) -> Result:
    member = member_of(session)
    if hub.reactions.take(member.id, asyncio.get_running_loop().time()):
        raise RequestError("too_many_requests", "Too many reactions; please slow down.")
    member.meeting.whisper(Reaction(participant_id=member.id, emoji=request.emoji))
    return Empty()


async def admit(hub: Hub, session: Session, request: Admit) -> Result:
    meeting = (await _moderator(hub, session)).meeting
    waiting = hub.lobbies.find(meeting.id, request.person_id)
    if waiting is None:
        raise RequestError("not_found", "Nobody like that is waiting.", "person_id")
    await hub.admit([waiting])
    return Empty()


async def admit_all(hub: Hub, session: Session, request: AdmitAll) -> Result:
    meeting = (await _moderator(hub, session)).meeting
    await hub.admit(hub.lobbies.of(meeting.id))
    return Empty()


async def refuse(hub: Hub, session: Session, request: Refuse) -> Result:
    meeting = (await _moderator(hub, session)).meeting
    waiting = hub.lobbies.find(meeting.id, request.person_id)
    if waiting is None:
        raise RequestError("not_found", "Nobody like that is waiting.", "person_id")
    if request.keep_out:
        await _keep_out(hub, meeting.id, waiting.session)
    hub.refuse(waiting, "removed" if request.keep_out else "refused")
    return Empty()


async def mute_participant(hub: Hub, session: Session, request: MuteParticipant) -> Result:
    member = await _moderator(hub, session)
    other = _other(member, request.participant_id)
    publications = other.media.publications.values()
    member.meeting.mute(member, [(other, p) for p in publications if p.source in request.sources])
    return Empty()


async def mute_all(hub: Hub, session: Session, request: MuteAll) -> Result:
    member = await _moderator(hub, session)
    others = [each for each in member.meeting.others(member) if each.role != "host"]
    member.meeting.mute(
        member,
        [
            (other, publication)
            for other in others
            for publication in other.media.publications.values()
            if publication.source is TrackSource.MICROPHONE
        ],
    )
    return Empty()


async def remove(hub: Hub, session: Session, request: Remove) -> Result:
    member = await _moderator(hub, session)
    other = _other(member, request.participant_id)
    if other.session.identity.same_person(session.identity):
        raise RequestError("forbidden", "Leave, if you want to.", "participant_id")
    await _keep_out(hub, member.meeting.id, other.session)
    return Empty()


async def lower_hand(hub: Hub, session: Session, request: LowerHand) -> Result:
    member = await _moderator(hub, session)
    member.meeting.set_hand(_other(member, request.participant_id), raised=False)
    return Empty()


async def update_meeting(hub: Hub, session: Session, request: UpdateMeeting) -> Result:
    member = await _moderator(hub, session)
    changes = request.model_dump(include=_SETTINGS, exclude_none=True)
    if changes:
        row = await hub.store.update(member.meeting.id, changes, None)
        if row is None:
            raise RequestError("ended", "This meeting has ended.")
        await hub.meeting_changed(row)
    return Empty()


async def set_role(hub: Hub, session: Session, request: SetRole) -> Result:
    member = await _moderator(hub, session, alone=True)
    user_id = _account(member, request.participant_id)
    try:
        await hub.store.set_role(member.meeting.id, user_id, request.role)
    except UnknownMemberError:
        raise _gone() from None
    hub.role_changed(member.meeting.id, user_id, request.role)
    return Empty()


async def hand_over(hub: Hub, session: Session, request: HandOver) -> Result:
    member = await _moderator(hub, session, alone=True)
    user_id = _account(member, request.participant_id)
    try:
        row = await hub.store.hand_over(member.meeting.id, user_id)
    except UnknownMemberError:
        raise _gone() from None
    await hub.meeting_changed(row)
    return Empty()


async def end_meeting(hub: Hub, session: Session, request: EndMeeting) -> Result:
    member = await _moderator(hub, session, alone=True)
    await hub.store.end(member.meeting.id)
    hub.meeting_ended(member.meeting.id)
    return Empty()


HANDLERS: Table = {
    RaiseHand: raise_hand,
    React: react,
    MuteParticipant: mute_participant,
    MuteAll: mute_all,
    LowerHand: lower_hand,
    Admit: to_its_end(admit),
    AdmitAll: to_its_end(admit_all),
    Refuse: to_its_end(refuse),
    Remove: to_its_end(remove),
    UpdateMeeting: to_its_end(update_meeting),
    SetRole: to_its_end(set_role),
    HandOver: to_its_end(hand_over),
    EndMeeting: to_its_end(end_meeting),
}
_SETTINGS = {"title", "guests_allowed", "lobby", "locked"}


async def _moderator(hub: Hub, session: Session, *, alone: bool = False) -> Member:
    """The member, who must be host (`alone`) or at least co-host now. Raises RequestError."""
    member, user_id = member_of(session), session.identity.user_id
    if user_id is None:
        raise RequestError("forbidden", "Only hosts can do that.")
    standing = await hub.store.standing(member.meeting.id, user_id)
    if member_of(session) is not member:
        raise RequestError("not_joined", "You have left meanwhile.")
    allowed = ("host",) if alone else ("host", "cohost")
    if standing.removed or standing.role not in allowed:
        raise RequestError("forbidden", "Only the host can do that." if alone else _ONLY_HOSTS)
    return member


_ONLY_HOSTS = "Only hosts can do that."


def _other(member: Member, participant_id: str) -> Member:
    """Against the host nobody has any power but himself."""
    other = member.meeting.find(participant_id)
    host_id = member.meeting.row.host_id
    own = member.session.identity.user_id
    if other.session.identity.user_id == host_id and own != host_id:
        raise RequestError("forbidden", "The host is the host.", "participant_id")
    return other


def _account(member: Member, participant_id: str) -> int:
    other = member.meeting.find(participant_id)
    user_id = other.session.identity.user_id
    if user_id is None or user_id == member.session.identity.user_id:
        raise RequestError(
            "forbidden", "This takes somebody else, with an account.", "participant_id"
        )
    return user_id


async def _keep_out(hub: Hub, meeting_id: str, session: Session) -> None:
    identity = session.identity
    if identity.user_id is not None:
        if not await hub.store.remove_user(meeting_id, identity.user_id):
            raise RequestError("forbidden", "The host is the host.")
        hub.member_removed(meeting_id, identity.same_person)
    elif identity.guest_id is not None:
        row = await hub.store.remove_guest(identity.guest_id)
        hub.member_removed(meeting_id, identity.same_person)
        hub.revoke(identity.same_person)
        await hub.meeting_changed(row)


def _gone() -> RequestError:
    return RequestError("not_found", "This participant is not here any more.", "participant_id")
