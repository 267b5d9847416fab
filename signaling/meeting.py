"""A live meeting: who is in it, what they publish, and telling everybody else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count

from db.meetings import MeetingRow
from sfu.tracks import SlotsState, SlotState
from signaling.errors import RequestError
from signaling.identity import Identity
from signaling.lobby import Lobbies
from signaling.media import MediaRoom, Publication, TransportState
from signaling.messages import (
    Encodings,
    Event,
    LeaveReason,
    Levels,
    Media,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Slot,
    Slots,
    Speaker,
    Track,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
)
from signaling.messages.chat import Correspondent, PrivateMessage
from signaling.messages.meeting import Role, RoleChanged
from signaling.messages.moderation import HandChanged, Reaction, TracksMuted
from signaling.outbox import encode, encode_event
from signaling.session import Session


class Member:
    """One participant: a session on one side, the participant of the SFU's room on the other.

    It is the SFU's `MediaListener`, and passes on what it hears as states.
    """

    def __init__(self, meeting: LiveMeeting, session: Session, role: Role) -> None:
        self.id = secrets.token_urlsafe(9)
        self.meeting = meeting
        self.session = session
        self.role: Role = role
        self.hand: int | None = None
        self._states: dict[str, Media | Encodings | Speaker] = {}
        """By type, to be told again to a connection that was not there."""
        self.media = meeting.room.join(self.id, self)

    def describe(self) -> Participant:
        return Participant(
            id=self.id,
            name=self.session.identity.name,
            guest=self.session.identity.guest,
            user_id=self.session.identity.user_id,
            role=self.role,
            hand=self.hand,
            tracks=[track(publication) for publication in self.media.publications.values()],
        )

    @property
    def correspondent(self) -> Correspondent:
        return Correspondent(participant_id=self.id, name=self.session.identity.name)

    @property
    def moderates(self) -> bool:
        return self.role in ("host", "cohost")

    def tell_state(self) -> None:
        """All current state, for a connection that was not there when it came to be."""
        self.slots_changed(self.media.slots())
        self.meeting.tell_lobby(self)
        for state in self._states.values():
            self._tell(state)

    def slots_changed(self, state: SlotsState) -> None:
        self._tell(Slots(revision=state.revision, slots=[slot(each) for each in state.slots]))

    def media_changed(self, state: TransportState, reason: str | None) -> None:
        self._keep(Media(state=state, reason=reason))

    def encodings_changed(self, tracks: Mapping[str, Sequence[str]]) -> None:
        self._keep(Encodings(tracks={track_id: list(rids) for track_id, rids in tracks.items()}))

    def speaker_changed(self, track_id: str | None, participant_id: str | None) -> None:
        self._keep(Speaker(track_id=track_id, participant_id=participant_id))

    def levels(self, levels: Mapping[str, int]) -> None:
        if self.session.member is self:
            self.session.tell_encoded("levels", self.meeting.encode_levels(levels))

    def _keep(self, state: Media | Encodings | Speaker) -> None:
        self._states[state.type] = state
        self._tell(state)

    def _tell(self, state: Slots | Media | Encodings | Speaker) -> None:
        """Nothing after leaving: the session may be elsewhere already."""
        if self.session.member is self:
            self.session.tell(state)


class LiveMeeting:
    """Ends, with the SFU's room, when the last member leaves."""

    def __init__(self, row: MeetingRow, room: MediaRoom, lobbies: Lobbies) -> None:
        self.id = row.id
        self.row = row
        self.room = room
        self.began_at = datetime.now(UTC)
        self.members: dict[str, Member] = {}
        self._lobbies = lobbies
        self._hands = count(1)
        self._levels: tuple[Mapping[str, int], bytes] | None = None

    def encode_levels(self, levels: Mapping[str, int]) -> bytes:
        """Once for all members, who are given the same mapping one after the other."""
        if self._levels is None or self._levels[0] is not levels:
            self._levels = levels, encode(Levels(levels=dict(levels)))
        return self._levels[1]

    def admit(self, session: Session, role: Role) -> Member:
        member = Member(self, session, role)
        self.members[member.id] = member
        session.member = member
        participant = member.describe()
        self._tell_others(member, ParticipantJoined(participant=participant))
        if self._lobbies.of(self.id):
            self.tell_lobby(member)
        return member

    def remove(self, member: Member, reason: LeaveReason) -> None:
        del self.members[member.id]
        member.session.member = None
        member.session.forget_states()
        member.media.leave()
        self._tell_others(
            member,
            ParticipantLeft(participant_id=member.id, reason=reason),
        )

    def published(self, member: Member, publication: Publication) -> Track:
        new = track(publication)
        self._tell_others(member, TrackPublished(track=new))
        return new

    def unpublished(self, member: Member, track_id: str) -> None:
        self._tell_others(
            member,
            TrackUnpublished(participant_id=member.id, track_id=track_id),
        )

    def muted(self, member: Member, publication: Publication) -> None:
        self._tell_others(
            member,
            TrackMuted(
                participant_id=member.id,
                track_id=publication.id,
                muted=publication.muted,
            ),
        )

    def find(self, participant_id: str) -> Member:
        """Raises RequestError."""
        member = self.members.get(participant_id)
        if member is None:
            raise RequestError("not_found", "This participant is not here.", "participant_id")
        return member

    def of(self, identity: Identity) -> list[Member]:
        """All devices of a person."""
        return [
            member
            for member in self.members.values()
            if member.session.identity.same_person(identity)
        ]

    def tell_privately(self, sender: Member, recipient: Member, content: str) -> None:
        """To these two people, on all their devices here, and to nobody else."""
        message = PrivateMessage(
            sender=sender.correspondent,
            recipient=recipient.correspondent,
            own=True,
            content=content,
            sent_at=datetime.now(UTC),
        )
        self._tell_person(sender, message)
        self._tell_person(recipient, message.model_copy(update={"own": False}))

    # Moderation

    def mute(self, by: Member, tracks: Iterable[tuple[Member, Publication]]) -> None:
        """Mute these tracks of others, as far as they are not."""
        muted = [
            member.media.set_muted(publication.id, True).id
            for member, publication in tracks
            if not publication.muted
        ]
        if muted:
            self.tell_all(TracksMuted(track_ids=muted, by=by.id))

    def set_hand(self, member: Member, raised: bool) -> None:
        if (member.hand is not None) != raised:
            member.hand = next(self._hands) if raised else None
            self.tell_all(HandChanged(participant_id=member.id, hand=member.hand))

    def set_role(self, members: Iterable[Member], role: Role) -> None:
        for member in members:
            if member.role != role:
                member.role = role
                self.tell_all(RoleChanged(participant_id=member.id, role=role))
                self.tell_lobby(member)

    def tell_lobby(self, member: Member) -> None:
        if member.moderates and member.session.member is member:
            member.session.tell(self._lobbies.state(self.id))

    def lobby_changed(self) -> None:
        moderators = [member for member in self.members.values() if member.moderates]
        if moderators:
            state = self._lobbies.state(self.id)
            frame = encode(state)
            for member in moderators:
                member.session.tell_encoded(state.type, frame)

    def tell_all(self, event: Event) -> None:
        body = encode_event(event)
        for member in self.members.values():
            member.session.emit(body)

    def whisper(self, message: Reaction) -> None:
        frame = encode(message)
        for member in self.members.values():
            member.session.whisper(frame)

    def others(self, member: Member) -> Iterable[Member]:
        return (other for other in self.members.values() if other is not member)

    def _tell_person(self, person: Member, event: Event) -> None:
        body = encode_event(event)
        for member in self.of(person.session.identity):
            member.session.emit(body)

    def _tell_others(self, member: Member, event: Event) -> None:
        body = encode_event(event)
        for other in self.others(member):
            other.session.emit(body)


def track(publication: Publication) -> Track:
    return Track(
        id=publication.id,
        participant_id=publication.participant_id,
        source=publication.source,
        muted=publication.muted,
    )


def slot(state: SlotState) -> Slot:
    return Slot.model_validate(state, from_attributes=True)
