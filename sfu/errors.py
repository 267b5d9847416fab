"""What a client did wrong. Everything else that raises is a fault of ours."""

from __future__ import annotations


class ClientError(Exception):
    """A client asked for something that cannot be; `message` is told to it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OfferError(ClientError):
    """A session description that is malformed, or that we cannot serve."""


class TrackError(ClientError):
    """A track that does not exist, or a publication its offer has no place for."""
