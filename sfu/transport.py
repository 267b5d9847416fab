"""Transport: ICE, DTLS and SRTP with one client, and the engine's view of them.

Who opens and closes what: the constructor opens the engine's transport. The first validated path
starts one task, which does the DTLS handshake, hands the keys to the engine and then waits for the
client's close_notify. `close` ends all of it: it cancels the task, sends our close_notify, closes
the engine's transport (and thereby its sources and sinks) and tells the listener, once. It is
called by the owner, after `ice.CLOSE_AFTER` seconds of silence, when the handshake fails, and when
the client ends the association.

It goes on in the context (`contextvars`) of the last offer that made or restarted it, whoever calls
it: so what it logs can be told to be that client's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from typing import Literal, ParamSpec, TypeVar, assert_never

from aiortc.rtcdtlstransport import RTCDtlsFingerprint

from sfu import ice
from sfu.dtls import HANDSHAKE_TIMEOUT, Certificate, DtlsError, DtlsTransport
from sfu.engine.interface import Engine, Extension, Path, TransportId
from sfu.ice import Credentials, IceAgent, IceState, Origin, own_origin

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

TransportState = Literal["connecting", "connected", "disconnected", "closed"]
StateListener = Callable[[TransportState, str | None], None]
"""Called with the new state and, where there is one, the reason."""
Milestone = Literal["ice", "dtls"]
"""A first check has passed; there are keys. Each comes once, and in this order."""


class Transport:
    """See the top of this file. Every `now` is in seconds of the engine's clock. `is_taken` tells
    whether a path belongs to another transport."""

    def __init__(
        self,
        transport: TransportId,
        engine: Engine,
        certificate: Certificate,
        *,
        remote: Credentials,
        fingerprints: Sequence[RTCDtlsFingerprint],
        extensions: Mapping[Extension, int],
        now: float,
        listener: StateListener,
        is_taken: Callable[[Path], bool],
        origin: Origin = own_origin,
        milestone: Callable[[Milestone], object] = lambda _: None,
        handshake_timeout: float = HANDSHAKE_TIMEOUT,
    ) -> None:
        self.id = transport
        self.state: TransportState = "connecting"
        self._engine = engine
        self._ice = IceAgent(remote, now, is_taken, origin)
        self._dtls = DtlsTransport(certificate, self._send_dtls)
        self._fingerprints = fingerprints
        self._handshake_timeout = handshake_timeout
        self._listener = listener
        self._milestone = milestone
        self._secured = False
        self._context = copy_context()
        self._task: asyncio.Task[None] | None = None
        engine.open_transport(transport, self._ice.ufrags, extensions)

    @property
    def local(self) -> Credentials:
        return self._ice.local

    @property
    def remote(self) -> Credentials:
        return self._ice.remote

    @property
    def refusals(self) -> Mapping[ice.Refusal, int]:
        """STUN messages not acted upon, by reason."""
        return self._ice.refusals

    @property
    def path(self) -> Path | None:
        """What is sent goes there."""
        return self._ice.selected

    def in_context(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Of the offer; also from within."""
        return self._context.copy().run(act, *args, **kwargs)

    def uses(self, path: Path) -> bool:
        """May the client send from there?"""
        return self._ice.uses(path)

    def restart_ice(self, now: float, remote: Credentials) -> None:
        self._context = copy_context()
        self._apply(self._ice.restart(now, remote))

    def set_extensions(self, extensions: Mapping[Extension, int]) -> None:
        self._engine.set_extensions(self.id, extensions)

    def receive_stun(self, now: float, path: Path, data: bytes) -> None:
        self._apply(self._ice.receive(now, path, data))

    def receive_dtls(self, data: bytes) -> None:
        self._dtls.receive(data)

    def tick(self, now: float) -> None:
        """To be called a few times a second."""
        self._apply(self._ice.tick(now))

    def close(self, reason: str) -> None:
        """Idempotent. `reason` is for people and logs: one or a few words joined by `_`."""
        if self.state == "closed":
            return
        if self._task is not None:
            self._task.cancel()
        self._dtls.close()
        self._set_state("closed", reason)
        self._apply(self._ice.close())
        self._engine.close_transport(self.id)

    def _apply(self, decisions: Iterable[ice.Decision]) -> None:
        for decision in decisions:
            match decision:
                case ice.Send(path, data):
                    self._engine.send(path, data)
                case ice.ExpectStun(path):
                    self._engine.expect_stun(self.id, path)
                case ice.Validate(path):
                    self._engine.validate_path(self.id, path)
                case ice.Select(path):
                    self._engine.select_path(self.id, path)
                case ice.UseUfrags(ufrags):
                    self._engine.set_ufrags(self.id, ufrags)
                case ice.Changed(state):
                    self._ice_changed(state)
                case _:
                    assert_never(decision)

    def _ice_changed(self, state: IceState) -> None:
        match state:
            case IceState.CONNECTED:
                self._start_dtls()
                self._set_state("connected" if self._secured else "connecting")
            case IceState.DISCONNECTED:
                self._set_state("disconnected", "no_connectivity_check")
            case IceState.CLOSED:
                self.close("ice_timeout")

    def _start_dtls(self) -> None:
        if self._task is None:
            self._milestone("ice")
            self._task = asyncio.create_task(
                self._run_dtls(), name=f"dtls {self.id}", context=self._context.copy()
            )

    async def _run_dtls(self) -> None:
        try:
            keys = await self._dtls.handshake(self._fingerprints, self._handshake_timeout)
        except DtlsError as error:
            self.close(str(error))
            return
        self._engine.start_srtp(self.id, keys)
        self._secured = True
        self._milestone("dtls")
        if self._ice.state is IceState.CONNECTED:
            self._set_state("connected")
        await self._dtls.ended()
        self.close("closed_by_client")

    def _send_dtls(self, data: bytes) -> None:
        if self._ice.selected is not None:
            self._engine.send(self._ice.selected, data)

    def _set_state(self, state: TransportState, reason: str | None = None) -> None:
        if state != self.state:
            self.state = state
            self.in_context(self._tell, state, reason)

    def _tell(self, state: TransportState, reason: str | None) -> None:
        logger.info("transport %d: %s (%s)", self.id, state, reason or "as expected")
        self._listener(state, reason)
