"""What waits to be sent on one connection. Bounded: a slow reader is dropped, never waited for.

Messages leave in order. A state waits at most once, in its newest form, and only leaves when no
message waits: so a state never speaks of a participant or track the client has not heard of.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from pydantic import TypeAdapter

from signaling.limits import Limits
from signaling.messages import Closing, Event, ServerMessage

_ADAPTER: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)


def encode(message: ServerMessage) -> bytes:
    """JSON, as it goes into one WebSocket text message."""
    return _ADAPTER.dump_json(message)


def encode_event(event: Event) -> bytes:
    """The same for all who are told of it: without the number, which each session puts first."""
    return _ADAPTER.dump_json(event, exclude={"event"})


def numbered(body: bytes, number: int) -> bytes:
    """An event of `encode_event`, as one session tells it."""
    return b'{"event":%d,' % number + body[1:]


class Outbox:
    """`ready` is called whenever there is something new to `pop`, or `finished` became true."""

    def __init__(self, limits: Limits, ready: Callable[[], None]) -> None:
        self._limits = limits
        self._ready = ready
        self._messages: deque[bytes] = deque()
        self._states: dict[str, bytes] = {}
        self._bytes = 0
        self.closing: Closing | None = None
        """Why the server ends this connection."""
        self.finished = False
        """Nothing more will be taken; the connection ends when the rest is sent."""

    @property
    def waiting(self) -> int:
        """Messages."""
        return len(self._messages)

    def put(self, frame: bytes) -> None:
        if self.finished:
            return
        self._append(frame)
        if len(self._messages) > self._limits.queue_messages or (
            self._bytes > self._limits.queue_bytes
        ):
            self._overflow()
        self._ready()

    def put_state(self, kind: str, frame: bytes) -> None:
        if self.finished:
            return
        self._states[kind] = frame
        self._ready()

    def drop_states(self) -> None:
        self._states.clear()

    def pop(self) -> bytes | None:
        """The next frame, or None if nothing waits."""
        if self._messages:
            frame = self._messages.popleft()
            self._bytes -= len(frame)
            return frame
        if self._states:
            return self._states.pop(next(iter(self._states)))
        return None

    def finish(self, closing: Closing | None = None) -> None:
        """Take nothing more. What waits is still sent, `closing` last. The first call counts."""
        if self.finished:
            return
        self.drop_states()
        if closing:
            self._append(encode(closing))
        self.closing = closing
        self.finished = True
        self._ready()

    def _append(self, frame: bytes) -> None:
        self._messages.append(frame)
        self._bytes += len(frame)

    def _overflow(self) -> None:
        self._messages.clear()
        self._bytes = 0
        self.finish(Closing(reason="too_slow", message="You read too slowly; please reconnect."))
