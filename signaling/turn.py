"""TURN servers (RFC 8656) for clients whose network lets no UDP out, with passwords that end.

Those servers share a secret with us, and know by it which passwords are ours: the name says until
when it is good, and the password is its keyed hash ("A REST API for access to TURN services",
draft-uberti-behave-turn-rest-00).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from signaling.messages.media import IceServer

LASTING = 12 * 3600
"""Seconds. Longer than meetings are: a client asks again only with another join."""


class Turn:
    """`urls`: of one or several servers with one secret, or none. `clock`: Unix time in seconds."""

    def __init__(self, urls: Sequence[str], secret: str, clock: Callable[[], float]) -> None:
        self._urls = list(urls)
        self._secret = secret.encode()
        self._clock = clock

    def servers(self, who: str) -> list[IceServer]:
        """For one participant, whose id `who` is: the servers bound what each may use."""
        if not self._urls:
            return []
        name = f"{int(self._clock()) + LASTING}:{who}"
        password = hmac.digest(self._secret, name.encode(), hashlib.sha1)  # as the draft has it
        credential = base64.b64encode(password).decode()
        return [IceServer(urls=self._urls, username=name, credential=credential)]
