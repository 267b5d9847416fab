"""ICE-lite (RFC 8445, section 2.5) for one transport, without sockets and clocks.

Time and bytes go in, decisions come out. The rules, in the order an attacker would try them:

- Only a Binding request with our ufrag, the peer's ufrag and a valid MESSAGE-INTEGRITY counts. It
  is answered; anything else is dropped without an answer and counted in `refusals`.
- The first such check validates its path and selects it.
- Whoever has seen one check can repeat it from a forged address, and a participant can send his own
  from another's. So every later path, and one that serves another transport already, must answer a
  Binding request of ours, with MESSAGE-INTEGRITY, before anything is accepted from it or sent to
  it. It is then selected when the peer nominates it, or when the selected one has gone quiet: after
  a NAT rebinding some clients never nominate again.
- `DISCONNECT_AFTER` seconds without a valid check on a validated path nothing more is sent;
  `CLOSE_AFTER` seconds without one the transport is over. A check in between resumes it.
- After an ICE restart the old and the new credentials both count until the new ones are used.

Candidates of the peer are not needed, hence never read and never resolved.
"""

from __future__ import annotations

import hmac
import secrets
import string
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from aioice import stun

from sfu.engine.interface import Path

DISCONNECT_AFTER = 10.0
CLOSE_AFTER = 30.0
"""Seconds since the last valid check."""
QUIET_AFTER = 3.0
"""Seconds without a check on the selected path after which another one may take over without being
nominated. Consent checks come at most every 6 s (RFC 7675, section 5.1), browsers' every 2.5 s."""
MAX_PATHS = 8
"""Validated paths remembered, as many as the engine keeps."""
MAX_CHALLENGES = 4
"""Binding requests of ours under way; the oldest gives way."""
CHALLENGE_RETRIES = 3
CHALLENGE_INTERVAL = 0.5
"""Seconds until the first repetition; each wait is twice the one before."""

_ICE_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Credentials:
    """One side's ice-ufrag and ice-pwd (RFC 8839, section 5.4)."""

    ufrag: str
    password: str

    @classmethod
    def random(cls) -> Credentials:
        """Ours: 48 and 144 bits, the ufrag being what the engine finds a transport by."""
        return cls(_random_text(8), _random_text(24))


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ICE_CHARACTERS) for _ in range(length))


class IceState(StrEnum):
    CHECKING = "checking"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    CLOSED = "closed"


class Refusal(StrEnum):
    """Why a STUN message was not acted upon."""

    MALFORMED = "malformed"
    NOT_BINDING = "not_binding"
    WRONG_USERNAME = "wrong_username"
    WRONG_INTEGRITY = "wrong_integrity"
    UNKNOWN_RESPONSE = "unknown_response"


@dataclass(frozen=True, slots=True)
class Send:
    path: Path
    data: bytes


@dataclass(frozen=True, slots=True)
class ExpectStun:
    """A response without USERNAME will come from here."""

    path: Path


@dataclass(frozen=True, slots=True)
class Validate:
    path: Path


@dataclass(frozen=True, slots=True)
class Select:
    """Send to `path` from now on; None: send nothing."""

    path: Path | None


@dataclass(frozen=True, slots=True)
class UseUfrags:
    """Ours that count from now on."""

    ufrags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    state: IceState


Decision = Send | ExpectStun | Validate | Select | UseUfrags | Changed


@dataclass(frozen=True, slots=True)
class _Generation:
    """The credentials of both sides between two ICE restarts."""

    local: Credentials
    remote: Credentials

    @property
    def username(self) -> str:
        """Of a check by the peer (RFC 8445, section 7.2.2)."""
        return f"{self.local.ufrag}:{self.remote.ufrag}"

    @property
    def our_username(self) -> str:
        return f"{self.remote.ufrag}:{self.local.ufrag}"


@dataclass(slots=True)
class _Challenge:
    """A Binding request of ours, until it is answered or given up."""

    path: Path
    request: bytes
    key: bytes
    due: float
    wait: float = CHALLENGE_INTERVAL
    sent: int = 1
    nominated: bool = False


Origin = Callable[[Path], tuple[str, int]]


def own_origin(path: Path) -> tuple[str, int]:
    """Of whoever comes without a gateway between."""
    return path.host, path.port


@dataclass(slots=True)
class _ValidatedPath:
    checked: float
    """When the last valid check came."""


@dataclass(slots=True)
class IceAgent:
    """The ICE-lite side of one transport. `created` and every `now` are seconds of one clock."""

    remote: Credentials
    created: float
    is_taken: Callable[[Path], bool] = lambda path: False
    """Does another transport use this path?"""
    origin: Origin = own_origin
    """Where whoever comes by a path really is, to be told to him."""
    local: Credentials = field(default_factory=Credentials.random)
    state: IceState = IceState.CHECKING
    selected: Path | None = None
    refusals: Counter[Refusal] = field(default_factory=Counter)
    _generations: list[_Generation] = field(init=False)
    _paths: dict[Path, _ValidatedPath] = field(default_factory=dict)
    _challenges: dict[bytes, _Challenge] = field(default_factory=dict)
    _alive: float = field(init=False)
    _restarted: float = field(init=False)

    def __post_init__(self) -> None:
        self._generations = [_Generation(self.local, self.remote)]
        self._alive = self._restarted = self.created

    @property
    def ufrags(self) -> tuple[str, ...]:
        return tuple(generation.local.ufrag for generation in self._generations)

    def uses(self, path: Path) -> bool:
        """Has it been validated?"""
        return path in self._paths

    def restart(self, now: float, remote: Credentials) -> list[Decision]:
        """The peer offered new credentials: make new ones of ours (RFC 8445, section 9).

        The generation in use stays valid until the new one is; one that was never used does not.
        The time until the transport is given up begins anew.
        """
        self._restarted = now
        self.remote, self.local = remote, Credentials.random()
        self._generations = [self._generations[0], _Generation(self.local, remote)]
        return [UseUfrags(self.ufrags)]

    def receive(self, now: float, path: Path, data: bytes) -> list[Decision]:
        """Act upon one STUN message from the wire."""
        if self.state is IceState.CLOSED:
            return []
        message = _parse(data)
        if message is None:
            return self._refuse(Refusal.MALFORMED)
        if message.message_method is not stun.Method.BINDING:
            return self._refuse(Refusal.NOT_BINDING)
        match message.message_class:
            case stun.Class.REQUEST:
                return self._receive_check(now, path, message)
            case stun.Class.RESPONSE:
                return self._receive_answer(now, path, message)
            case _:
                return self._refuse(Refusal.NOT_BINDING)

    def tick(self, now: float) -> list[Decision]:
        """What is due at `now`: repeated challenges, and the consequences of silence."""
        if self.state is IceState.CLOSED:
            return []
        if now - max(self._alive, self._restarted) >= CLOSE_AFTER:
            return self.close()
        decisions = self._repeat_challenges(now)
        if self.state is IceState.CONNECTED and now - self._alive >= DISCONNECT_AFTER:
            decisions += [*self._select(None), *self._change(IceState.DISCONNECTED)]
        return decisions

    def close(self) -> list[Decision]:
        """Over for good."""
        if self.state is IceState.CLOSED:
            return []
        self._challenges.clear()
        return [*self._select(None), *self._change(IceState.CLOSED)]

    # Checks by the peer

    def _receive_check(self, now: float, path: Path, message: stun.Message) -> list[Decision]:
        generation = self._generation_of(message)
        if generation is None:
            return self._refuse(Refusal.WRONG_USERNAME)
        key = generation.local.password.encode()
        if not message.check_message_integrity(key):
            return self._refuse(Refusal.WRONG_INTEGRITY)
        nominated = "USE-CANDIDATE" in message.attributes
        response = Send(path, _success_response(message, self.origin(path), key))
        return [response, *self._believe_check(now, path, generation, nominated)]

    def _generation_of(self, message: stun.Message) -> _Generation | None:
        username = str(message.attributes.get("USERNAME", "")).encode()
        for generation in self._generations:
            if hmac.compare_digest(username, generation.username.encode()):
                return generation
        return None

    def _believe_check(
        self, now: float, path: Path, generation: _Generation, nominated: bool
    ) -> list[Decision]:
        if path in self._paths:
            return self._settle(now, path, generation, nominated)
        if self._paths or self.is_taken(path):
            return self._challenge(now, path, generation, nominated)
        return self._validate(now, path) + self._settle(now, path, generation, nominated)

    def _settle(
        self, now: float, path: Path, generation: _Generation, nominated: bool
    ) -> list[Decision]:
        """A validated path has shown life."""
        moves = nominated or self._selected_is_quiet(now)
        self._alive = now
        self._paths[path].checked = now
        decisions = self._retire_generations_before(generation)
        if moves:
            decisions += self._select(path)
        if self.state is not IceState.CONNECTED and self.selected is not None:
            decisions += self._change(IceState.CONNECTED)
        return decisions

    def _selected_is_quiet(self, now: float) -> bool:
        selected = self._paths.get(self.selected) if self.selected else None
        return selected is None or now - selected.checked >= QUIET_AFTER

    def _validate(self, now: float, path: Path) -> list[Decision]:
        self._paths[path] = _ValidatedPath(now)
        if len(self._paths) > MAX_PATHS:
            unused = (known for known in self._paths if known not in (self.selected, path))
            del self._paths[next(unused)]
        return [Validate(path)]

    def _retire_generations_before(self, used: _Generation) -> list[Decision]:
        if used is self._generations[0]:
            return []
        self._generations = [used]
        return [UseUfrags(self.ufrags)]

    # Checks of ours

    def _challenge(
        self, now: float, path: Path, generation: _Generation, nominated: bool
    ) -> list[Decision]:
        for challenge in self._challenges.values():
            if challenge.path == path:
                challenge.nominated |= nominated
                return []
        if len(self._challenges) >= MAX_CHALLENGES:
            del self._challenges[next(iter(self._challenges))]
        key = generation.remote.password.encode()
        request = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={
                "USERNAME": generation.our_username,
                "PRIORITY": 1,
                "ICE-CONTROLLED": secrets.randbits(64),
            },
        )
        request.add_message_integrity(key)
        data = bytes(request)
        self._challenges[request.transaction_id] = _Challenge(
            path, data, key, due=now + CHALLENGE_INTERVAL, nominated=nominated
        )
        return [ExpectStun(path), Send(path, data)]

    def _repeat_challenges(self, now: float) -> list[Decision]:
        decisions: list[Decision] = []
        for transaction, challenge in list(self._challenges.items()):
            if now < challenge.due:
                continue
            if challenge.sent > CHALLENGE_RETRIES:
                del self._challenges[transaction]
                continue
            challenge.sent += 1
            challenge.wait *= 2
            challenge.due = now + challenge.wait
            decisions += [ExpectStun(challenge.path), Send(challenge.path, challenge.request)]
        return decisions

    def _receive_answer(self, now: float, path: Path, message: stun.Message) -> list[Decision]:
        challenge = self._challenges.get(message.transaction_id)
        if challenge is None or challenge.path != path:
            return self._refuse(Refusal.UNKNOWN_RESPONSE)
        if not message.check_message_integrity(challenge.key):
            return self._refuse(Refusal.WRONG_INTEGRITY)
        del self._challenges[message.transaction_id]
        generation = self._generation_with(challenge.key)
        if generation is None:
            return self._refuse(Refusal.UNKNOWN_RESPONSE)
        return self._validate(now, path) + self._settle(now, path, generation, challenge.nominated)

    def _generation_with(self, remote_key: bytes) -> _Generation | None:
        for generation in self._generations:
            if generation.remote.password.encode() == remote_key:
                return generation
        return None

    # Outcomes

    def _select(self, path: Path | None) -> list[Decision]:
        if path == self.selected:
            return []
        self.selected = path
        return [Select(path)]

    def _change(self, state: IceState) -> list[Decision]:
        self.state = state
        return [Changed(state)]

    def _refuse(self, refusal: Refusal) -> list[Decision]:
        self.refusals[refusal] += 1
        return []


def _parse(data: bytes) -> stun.Message | None:
    """The parser raises struct.error for about a quarter of all mutated messages."""
    try:
        return stun.parse_message(data)
    except (ValueError, struct.error, IndexError, KeyError):
        return None


def _success_response(request: stun.Message, origin: tuple[str, int], key: bytes) -> bytes:
    response = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": origin},
    )
    response.add_message_integrity(key)
    return bytes(response)
