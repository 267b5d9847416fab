"""An ICE agent that knows both sides' credentials and keeps no state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from aioice import stun

from sfu.ice import Credentials


@dataclass
class IceClient:
    credentials: Credentials = field(default_factory=Credentials.random)

    def check(self, server: Credentials, *, nominate: bool = True) -> bytes:
        """A Binding request, as a browser's."""
        message = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={
                "USERNAME": f"{server.ufrag}:{self.credentials.ufrag}",
                "PRIORITY": 1845501695,
                "ICE-CONTROLLING": secrets.randbits(64),
                **({"USE-CANDIDATE": None} if nominate else {}),
            },
        )
        message.add_message_integrity(server.password.encode())
        return bytes(message)

    def answer(self, request: bytes) -> bytes:
        """The response to a Binding request of the server's."""
        message = stun.parse_message(request)
        assert message.check_message_integrity(self.credentials.password.encode())
        response = unsigned_answer(request)
        response.add_message_integrity(self.credentials.password.encode())
        return bytes(response)


def unsigned_answer(request: bytes) -> stun.Message:
    """What anybody could say who saw the request."""
    return stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        transaction_id=stun.parse_message(request).transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": ("192.0.2.9", 7882)},
    )


def is_request(data: bytes) -> bool:
    """A Binding request of the server's, among other datagrams."""
    if data[0] > 3:
        return False
    return stun.parse_message(data).message_class is stun.Class.REQUEST
