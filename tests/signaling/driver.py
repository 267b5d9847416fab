"""Clients without a network: what a connection would do, step by step, in virtual time."""

from __future__ import annotations

import json
from itertools import count

from signaling import handlers
from signaling.admission import enter
from signaling.correlation import Untraced
from signaling.hub import Hub
from signaling.identity import Identity
from signaling.limits import Limits
from signaling.messages import Authenticate, ResumeTicket
from signaling.outbox import Outbox
from signaling.turn import Turn
from tests.signaling.fakes import (
    FakeMedia,
    FakeMeetings,
    FakeParticipant,
    JsonObject,
    invite_url,
    meeting,
    verify_password,
)


class World:
    """A hub with two meetings, `standup` and `private` (no guests), and its clock."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = 1000.0
        self.media = FakeMedia()
        self.meetings = FakeMeetings(meeting(), meeting("private", guests_allowed=False))
        self.hub = Hub(
            self.media,
            self.meetings,
            invite_url,
            limits or Limits(),
            verify_password,
            Untraced(),
            Turn(["turn:relay.example.org"], "secret", lambda: self.now),
        )

    def client(self, identity: Identity) -> Client:
        client = Client(self, identity)
        client.connect()
        return client

    async def joined(self, identity: Identity, meeting_id: str = "standup") -> Client:
        client = self.client(identity)
        await client.join(meeting_id)
        client.receive()
        return client

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.hub.expire(self.now)


class Client:
    def __init__(self, world: World, identity: Identity) -> None:
        self.world = world
        self.identity = identity
        self.authenticated: JsonObject = {}
        self.participant_id = ""
        self.outbox = Outbox(world.hub.limits, lambda: None)
        self._ids = count(1)

    def connect(self, resume: JsonObject | None = None) -> JsonObject:
        """A new connection; what `authenticate` answers."""
        self.outbox = Outbox(self.world.hub.limits, lambda: None)
        ticket = ResumeTicket.model_validate(resume) if resume else None
        request = Authenticate(id=0, type="authenticate", token="-", resume=ticket)
        self.session = enter(self.world.hub, request, self.identity, self.outbox)
        frame = self.outbox.pop()
        assert frame
        self.authenticated = json.loads(frame)["result"]
        return self.authenticated

    def lose_connection(self) -> None:
        self.world.hub.lose(self.session, self.outbox, self.world.now)

    @property
    def ticket(self) -> JsonObject:
        return {name: self.authenticated[name] for name in ("session_id", "secret")}

    def resume(self, last_event: int = 0, **changes: object) -> bool:
        return bool(self.connect({**self.ticket, "last_event": last_event, **changes})["resumed"])

    async def request(self, type_: str, **fields: object) -> JsonObject:
        """Reply or failure, as it would be sent."""
        text = json.dumps({"id": next(self._ids), "type": type_, **fields})
        answer = await handlers.answer(self.world.hub, self.session, text)
        return answer.model_dump(mode="json")

    async def ask(self, type_: str, **fields: object) -> JsonObject:
        """The result of a request that must succeed."""
        answer = await self.request(type_, **fields)
        assert answer["type"] == "reply", answer
        result: JsonObject = answer["result"]
        return result

    async def refused(self, type_: str, **fields: object) -> str:
        """The error code of a request that must fail."""
        answer = await self.request(type_, **fields)
        assert answer["type"] == "error", answer
        return str(answer["error"]["code"])

    async def join(self, meeting_id: str = "standup", **fields: object) -> JsonObject:
        joined: JsonObject = (await self.ask("join", meeting_id=meeting_id, **fields))["joined"]
        self.participant_id = joined["participant_id"]
        return joined

    async def publish(self, source: str = "camera", mid: str = "1") -> str:
        track = (await self.ask("publish", source=source, mid=mid))["track"]
        return str(track["id"])

    @property
    def media(self) -> FakeParticipant:
        return self.world.media.participant(self.participant_id)

    def receive(self) -> list[JsonObject]:
        """Everything that waits to be sent."""
        frames = iter(self.outbox.pop, None)
        return [json.loads(frame) for frame in frames]

    def heard(self) -> list[str]:
        """The types of what waits to be sent."""
        return [message["type"] for message in self.receive()]
