"""A client's place on the server. It outlives its connection by the grace period.

No I/O and no clock here: a connection hands in an `Outbox` to be filled, and times come as
arguments.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from signaling.identity import Identity
from signaling.limits import Limits
from signaling.messages import Closing, State
from signaling.outbox import Outbox, encode, numbered
from signaling.replay import Replay

if TYPE_CHECKING:
    from signaling.lobby import Waiting
    from signaling.meeting import Member

WHISPERED = 16
"""Messages that wait already."""


class Session:
    def __init__(self, identity: Identity, limits: Limits) -> None:
        self.id = secrets.token_urlsafe(12)
        self.identity = identity
        self.member: Member | None = None
        """Its place in a meeting, once joined."""
        self.waiting: Waiting | None = None
        """Its place in a lobby, before that."""
        self.outbox: Outbox | None = None
        """None while there is no connection."""
        self.deadline: float | None = None
        """When the session ends, while there is no connection."""
        self._replay = Replay(limits)
        self._secret: str | None = None

    def new_secret(self) -> str:
        """Void the old secret. To be told to this client only."""
        self._secret = secrets.token_urlsafe(24)
        return self._secret

    def admits(self, identity: Identity, secret: str) -> bool:
        """Whether `identity` may take this session over. Whoever then does so voids the secret, by
        a new one or by ending the session."""
        if self._secret is None or not self.identity.same_person(identity):
            return False
        return hmac.compare_digest(self._secret.encode(), secret.encode(errors="replace"))

    def connect(self, outbox: Outbox) -> None:
        """Send through `outbox` from now on; an older connection is closed."""
        self.drop(Closing(reason="replaced", message="Connected from elsewhere."))
        self.outbox = outbox
        self.deadline = None

    def drop(self, closing: Closing) -> None:
        """Close the connection, if there is one."""
        if self.outbox:
            self.outbox.finish(closing)
            self.outbox = None

    def lose(self, outbox: Outbox, deadline: float) -> bool:
        """The connection of `outbox` is gone; False if it was not this session's any more."""
        if self.outbox is not outbox:
            return False
        self.outbox = None
        self.deadline = deadline
        return True

    def emit(self, body: bytes) -> None:
        """`body`: an event of `encode_event`, which may be told to others as well."""
        self._replay.append(body)
        if self.outbox:
            self.outbox.put(numbered(body, self._replay.last))

    def say(self, frame: bytes) -> None:
        """Now or never: it has no number and is not replayed."""
        if self.outbox:
            self.outbox.put(frame)

    def whisper(self, frame: bytes) -> None:
        """As `say`, but not at all to who has enough to read."""
        if self.outbox and self.outbox.waiting < WHISPERED:
            self.outbox.put(frame)

    def tell(self, state: State) -> None:
        self.tell_encoded(state.type, encode(state))

    def tell_encoded(self, kind: str, frame: bytes) -> None:
        """`frame`: a state of that kind, encoded, which may be told to others as well."""
        if self.outbox:
            self.outbox.put_state(kind, frame)

    def forget_states(self) -> None:
        """What was said of a meeting does not hold in the next."""
        if self.outbox:
            self.outbox.drop_states()

    def missed(self, last_event: int) -> list[bytes] | None:
        """Frames of all events after `last_event`; None if that cannot be told any more."""
        bodies = self._replay.after(last_event)
        if bodies is None:
            return None
        return [numbered(body, number) for number, body in enumerate(bodies, last_event + 1)]
