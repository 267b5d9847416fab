"""A request that is answered with an error."""

from __future__ import annotations

from signaling.messages import ErrorCode, Problem


class RequestError(Exception):
    """What the client did wrong, told to it as a `Failure`."""

    def __init__(
        self, code: ErrorCode, message: str, field: str | None = None, request: int | None = None
    ) -> None:
        super().__init__(message)
        self.problem = Problem(code=code, message=message, field=field)
        self.request = request
        """The request's id where it could be read from a message that could not."""
