"""What signaling needs to know of stored meetings, and keeps there. `db.meetings.Meetings` is this;
so is the fake of the tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from db.meetings import GuestRow, MeetingRow, MemberRole, Standing

VerifyPassword = Callable[[str, str], Awaitable[bool]]
"""From a hash and a password to whether they fit."""


class MeetingStore(Protocol):
    async def find(self, meeting_id: str) -> MeetingRow | None: ...

    async def standing(self, meeting_id: str, user_id: int) -> Standing: ...

    async def guest(self, guest_id: int) -> GuestRow | None: ...

    async def admit(
        self, meeting_id: str, user_ids: Sequence[int] = (), guest_ids: Sequence[int] = ()
    ) -> None: ...

    async def remove_user(self, meeting_id: str, user_id: int) -> bool: ...

    async def remove_guest(self, guest_id: int) -> MeetingRow: ...

    async def set_role(self, meeting_id: str, user_id: int, role: MemberRole) -> None: ...

    async def hand_over(self, meeting_id: str, user_id: int) -> MeetingRow: ...

    async def update(
        self, meeting_id: str, changes: Mapping[str, Any], version: int | None
    ) -> MeetingRow | None: ...

    async def end(self, meeting_id: str) -> bool: ...
