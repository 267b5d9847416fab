"""The world around signaling, made of plain objects: the SFU, the meetings, the tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from db.meetings import GuestRow, MeetingRow, MemberRole, Standing, UnknownMemberError
from sfu.engine.interface import Kind
from sfu.errors import OfferError, TrackError
from sfu.policy import DEFAULT_POLICY
from sfu.tracks import Size, SlotsState, SlotState, TrackSource, ViewItem
from signaling.identity import BadToken, Identity
from signaling.media import MediaListener

FAR = 4_000_000_000.0
"""Unix seconds."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NO_SLOTS = SlotsState(0, ())


@dataclass(frozen=True)
class FakePublication:
    id: str
    participant_id: str
    source: TrackSource
    mid: str
    muted: bool


@dataclass(frozen=True)
class FakeAnswer:
    sdp: str
    slots: tuple[SlotState, ...]


@dataclass
class FakeParticipant:
    """Records what signaling asks of it; `listener` is how it answers."""

    id: str
    listener: MediaListener
    ids: count[int]
    publications: dict[str, FakePublication] = field(default_factory=dict)
    state: SlotsState = NO_SLOTS
    view: Sequence[ViewItem] = ()
    applied: list[int] = field(default_factory=list)
    sizes: list[Size | None] = field(default_factory=list)
    left: bool = False

    async def offer(self, sdp: str) -> FakeAnswer:
        match sdp:
            case "bad":
                raise OfferError("No media in this offer.")
            case "broken":
                raise ZeroDivisionError("a secret of the server")
        return FakeAnswer("answer", (SlotState(Kind.VIDEO, 0, "4"),))

    def publish(
        self, source: TrackSource, mid: str, muted: bool = False, size: Size | None = None
    ) -> FakePublication:
        self.sizes.append(size)
        if any(known.source is source for known in self.publications.values()):
            raise TrackError("One of each source.")
        publication = FakePublication(f"track{next(self.ids)}", self.id, source, mid, muted)
        self.publications[publication.id] = publication
        return publication

    def resize(self, track_id: str, size: Size) -> None:
        self.sizes.append(size)

    def unpublish(self, track_id: str) -> None:
        del self.publications[track_id]

    def set_muted(self, track_id: str, muted: bool) -> FakePublication:
        self.publications[track_id] = replace(self.publications[track_id], muted=muted)
        return self.publications[track_id]

    def set_view(self, items: Sequence[ViewItem]) -> None:
        self.view = items

    def slots_applied(self, revision: int) -> None:
        self.applied.append(revision)

    def slots(self) -> SlotsState:
        return self.state

    def show(self, track_id: str | None, participant_id: str | None) -> None:
        """A slot gets another occupant."""
        slot = SlotState(Kind.VIDEO, 0, "4", track_id, participant_id, timestamp=90_000)
        self.state = SlotsState(self.state.revision + 1, (slot,))
        self.listener.slots_changed(self.state)

    def leave(self) -> None:
        self.left = True
        self.publications.clear()
        self.listener.media_changed("closed", "left")


@dataclass
class FakeRoom:
    ids: count[int]
    participants: dict[str, FakeParticipant] = field(default_factory=dict)

    def join(self, participant_id: str, listener: MediaListener) -> FakeParticipant:
        participant = FakeParticipant(participant_id, listener, self.ids)
        self.participants[participant_id] = participant
        return participant


class FakeMedia:
    def __init__(self) -> None:
        self.policy = DEFAULT_POLICY
        self.rooms: dict[str, FakeRoom] = {}
        self._ids = count(1)

    def room(self, room_id: str) -> FakeRoom:
        return self.rooms.setdefault(room_id, FakeRoom(self._ids))

    def participant(self, participant_id: str) -> FakeParticipant:
        for room in self.rooms.values():
            if participant_id in room.participants:
                return room.participants[participant_id]
        raise KeyError(participant_id)


def meeting(id_: str = "standup", *, guests_allowed: bool = True) -> MeetingRow:
    return MeetingRow(
        id=id_,
        title=f"The {id_}",
        guests_allowed=guests_allowed,
        host_id=1,
        host_name="Ana",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


class FakeMeetings:
    """A `MeetingStore`. `broken` is a meeting whose look-up fails. The host is user 1."""

    def __init__(self, *rows: MeetingRow) -> None:
        self.rows = {row.id: row for row in rows}
        self.members: dict[tuple[str, int], Standing] = {}
        self.guests: dict[int, GuestRow] = {}

    async def find(self, meeting_id: str) -> MeetingRow | None:
        if meeting_id == "broken":
            raise ConnectionRefusedError("postgresql://user:password@host")
        return self.rows.get(meeting_id)

    async def standing(self, meeting_id: str, user_id: int) -> Standing:
        if self.rows[meeting_id].host_id == user_id:
            return Standing("host", removed=False)
        return self.members.get((meeting_id, user_id), Standing(None, removed=False))

    async def guest(self, guest_id: int) -> GuestRow:
        return self.guests.get(guest_id) or GuestRow(guest_id, "standup", "-", LONG_AGO, None, None)

    async def admit(
        self, meeting_id: str, user_ids: Sequence[int] = (), guest_ids: Sequence[int] = ()
    ) -> None:
        for user_id in user_ids:
            self.members.setdefault((meeting_id, user_id), Standing("participant", removed=False))
        for guest_id in guest_ids:
            self.guests[guest_id] = replace(await self.guest(guest_id), admitted_at=LONG_AGO)

    async def remove_user(self, meeting_id: str, user_id: int) -> bool:
        if self.rows[meeting_id].host_id == user_id:
            return False
        self.members[meeting_id, user_id] = Standing("participant", removed=True)
        return True

    async def remove_guest(self, guest_id: int) -> MeetingRow:
        guest = self.guests[guest_id] = replace(await self.guest(guest_id), removed_at=LONG_AGO)
        row = self.rows[guest.meeting_id]
        return self._changed(row, lobby="guests" if row.lobby == "off" else row.lobby)

    async def set_role(self, meeting_id: str, user_id: int, role: MemberRole) -> None:
        if (meeting_id, user_id) not in self.members:
            raise UnknownMemberError
        self.members[meeting_id, user_id] = Standing(role, removed=False)

    async def hand_over(self, meeting_id: str, user_id: int) -> MeetingRow:
        if (meeting_id, user_id) not in self.members:
            raise UnknownMemberError
        row = self.rows[meeting_id]
        self.members[meeting_id, row.host_id] = Standing("cohost", removed=False)
        return self._changed(row, host_id=user_id)

    async def update(
        self, meeting_id: str, changes: Mapping[str, Any], version: int | None
    ) -> MeetingRow | None:
        row = self.rows[meeting_id]
        return None if row.ended_at else self._changed(row, **changes)

    async def end(self, meeting_id: str) -> bool:
        self._changed(self.rows[meeting_id], ended_at=LONG_AGO)
        return True

    def _changed(self, row: MeetingRow, **changes: Any) -> MeetingRow:  # noqa: ANN401
        self.rows[row.id] = replace(row, **changes, version=row.version + 1)
        return self.rows[row.id]


async def verify_password(hashed: str, password: str) -> bool:
    return hashed == f"hash of {password}"


def user(number: int = 1, *, expires_at: float = FAR) -> Identity:
    return Identity(f"login{number}", f"User {number}", number, None, None, expires_at)


def guest(number: int = 1, meeting_id: str = "standup") -> Identity:
    return Identity(f"visit{number}", f"Guest {number}", None, number, meeting_id, FAR)


class FakeTokens:
    """An `Authenticate`. Tokens are whatever a test says; all others are bad."""

    def __init__(self, identities: Mapping[str, Identity]) -> None:
        self.identities = dict(identities)

    async def __call__(self, token: str) -> Identity:
        if token == "database-down":
            raise ConnectionRefusedError("postgresql://user:password@host")
        if token not in self.identities:
            raise BadToken
        return self.identities[token]

    async def expiry(self, identity: Identity) -> float | None:
        """By the latest identity of the same login."""
        known = [i for i in self.identities.values() if i.session_id == identity.session_id]
        return known[-1].expires_at if known else None


def invite_url(meeting_id: str) -> str:
    return f"http://localhost:8080/m/{meeting_id}"


JsonObject = dict[str, Any]
