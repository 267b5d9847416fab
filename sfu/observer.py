"""Who wants to know how connections come about, step by step, if anybody does."""

from __future__ import annotations

from typing import Literal, Protocol

Step = Literal["ice", "dtls", "media"]
"""A first connectivity check has passed; there are keys; a first packet of media has come."""


class Observer(Protocol):
    """Told within the context (`contextvars`) in which the connection was offered, on the event
    loop; must neither raise nor block. `seconds` are since the step before, or since the offer."""

    def reached(self, step: Step, seconds: float) -> None: ...

    def failed(self, step: Step, reason: str, seconds: float) -> None:
        """The connection has ended without ICE or without DTLS; perhaps its client left."""


class Unobserved:
    """An `Observer` that takes no notice."""

    def reached(self, step: Step, seconds: float) -> None: ...

    def failed(self, step: Step, reason: str, seconds: float) -> None: ...
