"""The world around signaling, made of plain objects: the SFU, the meetings, the tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from db.meetings import MeetingRow
from sfu.engine.interface import Kind
from sfu.errors import OfferError, TrackError
from sfu.policy import DEFAULT_POLICY
from sfu.tracks import Size, SlotsState, SlotState, TrackSource, ViewItem
from signaling.identity import BadToken, Identity
from signaling.media import MediaListener

FAR = 4_000_000_000.0
"""Unix seconds."""
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
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


class FakeMeetings:
    """A `MeetingLookup`. `broken` is a meeting whose look-up fails."""

    def __init__(self, *rows: MeetingRow) -> None:
        self.rows = {row.id: row for row in rows}

    async def __call__(self, meeting_id: str) -> MeetingRow | None:
        if meeting_id == "broken":
            raise ConnectionRefusedError("postgresql://user:password@host")
        return self.rows.get(meeting_id)


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


def invite_url(meeting_id: str) -> str:
    return f"http://localhost:8080/m/{meeting_id}"


JsonObject = dict[str, Any]
