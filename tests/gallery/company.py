"""The others in a meeting: they show themselves, talk, write, and put up their hands."""

from __future__ import annotations

from benchmarks.cameras import Cameras


class Company(Cameras):
    """An actor of `worker.Worker`. People are known by their number, in the order they came."""

    async def say(self, number: int, content: str) -> None:
        peer = self.publishers[number].peer
        await peer.request("send_message", conversation_id=peer.conversation_id, content=content)

    async def raise_hand(self, number: int) -> None:
        await self.publishers[number].peer.request("raise_hand", raised=True)

    async def react(self, number: int, emoji: str) -> None:
        await self.publishers[number].peer.request("react", emoji=emoji)
