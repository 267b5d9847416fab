"""A client of `/ws` whose media is made by hand: all the way a browser goes, on real sockets."""

from __future__ import annotations

import struct
from typing import cast

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM
from pylibsrtp import Policy, Session

from benchmarks.signaling_client import JsonObject, SignalingClient
from sfu.room import Answer, Room
from tests.support.raw import RawClient

MICROPHONE = 3123805084
"""Its SSRC in the offer of a `RawClient`."""
OPUS = 111


class _Door:
    """Stands for the room, and for the participant in it."""

    def __init__(self, signaling: SignalingClient) -> None:
        self._signaling = signaling

    def join(self, name: str, listener: RawClient) -> _Door:
        def told(message: JsonObject) -> None:
            if message["type"] == "media":
                listener.media_changed(message["state"], message.get("reason"))

        self._signaling.on_message = told
        return self

    async def offer(self, sdp: str) -> Answer:
        return Answer((await self._signaling.request("offer", sdp=sdp))["sdp"], ())

    def leave(self) -> None: ...


class Caller(RawClient):
    """Of a client that has joined."""

    def __init__(self, signaling: SignalingClient) -> None:
        super().__init__(cast(Room, _Door(signaling)), "caller")

    def speak(self) -> None:
        """One packet of sound."""
        key, _ = self.dtls.keys(SRTP_AEAD_AES_128_GCM)
        srtp = Session(
            Policy(
                key=key,
                ssrc_type=Policy.SSRC_ANY_OUTBOUND,
                srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
            )
        )
        packet = struct.pack("!BBHII", 0x80, OPUS, 1, 960, MICROPHONE) + bytes(40)
        self.doors[-1].send(srtp.protect(packet))
