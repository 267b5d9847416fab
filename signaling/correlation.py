"""Whose a log line and a trace are: of which request, connection, meeting and participant.

That is kept in a context variable. So whatever a request brings about says so by itself: the tasks
it starts, its statements, and a transport, which goes on in the context of its offer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from signaling.session import Session

Value: TypeAlias = "str | int"

TRACE = "trace_id"
"""The field that names a request, in its answer too. 32 hexadecimal digits, as in W3C's Trace
Context; of a trace, where traces are made."""

_fields: ContextVar[Mapping[str, Value]] = ContextVar(
    "correlation", default=MappingProxyType[str, Value]({})
)


def fields() -> Mapping[str, Value]:
    """What is known here."""
    return _fields.get()


def trace_id() -> str:
    """Of the request that is answered; empty if there is none."""
    return str(_fields.get().get(TRACE, ""))


def note(**known: Value | None) -> None:
    """From here on, in this task and those it starts. What is None is not known."""
    _fields.set(_with(known))


class noted:  # noqa: N801 - `contextmanager` does the same, in three times the time
    """The same for a while."""

    __slots__ = ("_known", "_token")

    def __init__(self, **known: Value | None) -> None:
        self._known = known

    def __enter__(self) -> None:
        self._token = _fields.set(_with(self._known))

    def __exit__(self, *_: object) -> None:
        _fields.reset(self._token)


def who(session: Session) -> dict[str, Value | None]:
    """What there is to note of a session."""
    identity = session.identity
    return {"session": session.id, "user": identity.user_id, "guest": identity.guest_id}


def where(session: Session) -> dict[str, Value | None]:
    """What there is to note of it now."""
    if session.member is None:
        return {}
    return {"meeting": session.member.meeting.id, "participant": session.member.id}


def _with(known: Mapping[str, Value | None]) -> Mapping[str, Value]:
    merged = dict(_fields.get())
    for name, value in known.items():
        if value is not None:
            merged[name] = value
    return merged


class Span(Protocol):
    """One step of a trace, while it lasts."""

    @property
    def trace_id(self) -> str: ...

    def add(self, attributes: Mapping[str, Value]) -> None:
        """What came out."""

    def fail(self, why: str) -> None: ...


class Tracer(Protocol):
    """Where traces go, if they go anywhere."""

    def span(
        self, name: str, came_with: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Span]:
        """A request, answered in here. `came_with` are headers of whoever began the trace."""


class Untraced:
    """A `Tracer` that keeps nothing; requests are numbered all the same."""

    def span(self, name: str, came_with: Mapping[str, str] | None = None) -> _Nothing:
        return _Nothing()


class _Nothing:
    __slots__ = ("trace_id",)

    def __init__(self) -> None:
        self.trace_id = new_trace_id()

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None: ...

    def add(self, attributes: Mapping[str, Value]) -> None: ...

    def fail(self, why: str) -> None: ...


def new_trace_id() -> str:
    """It guards nothing, so it need not be hard to guess."""
    return f"{random.getrandbits(128):032x}"
