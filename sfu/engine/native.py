"""The native engine: the core in C, and the checks before anything is entrusted to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module, metadata
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from pylibsrtp import Policy
from pylibsrtp._binding import ffi, lib

from sfu.engine import wire
from sfu.engine.interface import (
    Datagram,
    EngineStats,
    EngineTotals,
    Event,
    Extension,
    Output,
    Path,
    Route,
    SinkId,
    SinkParameters,
    SourceId,
    SourceParameters,
    SrtpKeys,
    SrtpProfile,
    TransportId,
)
from sfu.engine.numbers import initial_numbers
from sfu.engine.srtp import make_policy
from sfu.engine.wire import Command

if TYPE_CHECKING:
    from sfu.engine._native import Core

LIBRARY = "pylibsrtp"
VERSION = ["1", "0"]
"""Major and minor version of pylibsrtp whose libsrtp the core has been tried with."""

_PACKET_FUNCTION = "srtp_err_status_t(*)(struct srtp_ctx_t_ *, void *, int *)"
_FUNCTIONS = {
    "srtp_protect": _PACKET_FUNCTION,
    "srtp_unprotect": _PACKET_FUNCTION,
    "srtp_protect_rtcp": _PACKET_FUNCTION,
    "srtp_unprotect_rtcp": _PACKET_FUNCTION,
    "srtp_dealloc": "srtp_err_status_t(*)(struct srtp_ctx_t_ *)",
}
"""In the order `Core` takes them, with the types core/srtp.h declares."""


class NativeUnavailable(Exception):  # noqa: N818 - a condition, and its text is the reason
    """Why the native engine cannot run here, fit for a log and for health."""


# Loading


def load() -> ModuleType:
    """The extension module, after all checks. Raises NativeUnavailable."""
    try:
        module = import_module("sfu.engine._native")
    except ImportError as error:
        raise NativeUnavailable(f"it is not built ({error})") from None
    _check_version()
    _check_types()
    for answer in KNOWN_ANSWERS:
        _check_answer(module, answer)
    return module


def _check_version() -> None:
    wanted = ".".join(VERSION)
    try:
        version = metadata.version(LIBRARY)
    except metadata.PackageNotFoundError:
        raise NativeUnavailable(f"which {LIBRARY} is installed is not known") from None
    if version.split(".")[:2] != VERSION:
        raise NativeUnavailable(f"{LIBRARY} {version} is installed, and {wanted} is needed")


def _check_types() -> None:
    for name, wanted in _FUNCTIONS.items():
        function = getattr(lib, name, None)
        found = ffi.getctype(ffi.typeof(function)) if function is not None else "missing"
        if found != wanted:
            raise NativeUnavailable(f"{name} of {LIBRARY} is {found}, not {wanted}")


def addresses() -> tuple[int, int, int, int, int]:
    """Of libsrtp's functions, in the order `Core` takes them."""
    first, second, third, fourth, fifth = (
        int(ffi.cast("uintptr_t", ffi.addressof(lib, name))) for name in _FUNCTIONS
    )
    return first, second, third, fourth, fifth


class KnownAnswer(NamedTuple):
    """What the packets below look like under a profile and key."""

    profile: SrtpProfile
    key: bytes
    rtp: bytes
    rtcp: bytes


RTP = bytes.fromhex("800f1234decafbadcafebabe") + b"\xab" * 16
RTCP = bytes.fromhex("81c8000bcafebabe") + b"\xab" * 40

KNOWN_ANSWERS = (
    KnownAnswer(
        SrtpProfile.AEAD_AES_128_GCM,
        bytes(range(28)),
        bytes.fromhex(
            "800f1234decafbadcafebabe"
            "4ad7d8a55fb3fd902db557c94b415ecd17ea3bd1754d1f2808104e868c1cf597"
        ),
        bytes.fromhex(
            "81c8000bcafebabe"
            "60b68cb97100e4206ca1c1b44a69f017161c24aaef5d2f7d9ad1cf0b2318ecbe"
            "2346e9b6ed3bb27b9ae50bf41a41291b1a96a220cb2171dc80000001"
        ),
    ),
    KnownAnswer(
        SrtpProfile.AES128_CM_SHA1_80,
        bytes(range(30)),
        bytes.fromhex(
            "800f1234decafbadcafebabec8f5e0214236e5fde9cbd62d47b0a0914abc4786f3c58a32060f"
        ),
        bytes.fromhex(
            "81c8000bcafebabe"
            "2dcbd1a0f763810879d398df743f4f7da53e77c1f07631a54f073f68514f48fc"
            "5221aec1e679451b800000012678d9e9b708a0fc4001"
        ),
    ),
)
"""A test computes them by another library (RFC 3711, section 4.3; RFC 7714)."""


def _check_answer(module: ModuleType, answer: KnownAnswer) -> None:
    protect, unprotect, protect_rtcp, unprotect_rtcp, _ = addresses()
    pairs = (
        (protect, unprotect, RTP, answer.rtp),
        (protect_rtcp, unprotect_rtcp, RTCP, answer.rtcp),
    )
    sender = create_session(answer.profile, answer.key, Policy.SSRC_ANY_OUTBOUND)
    receiver = create_session(answer.profile, answer.key, Policy.SSRC_ANY_INBOUND)
    try:
        for there, back, plain, known in pairs:
            protected = module.run_srtp(there, sender, plain)
            if protected != known or module.run_srtp(back, receiver, known) != plain:
                raise NativeUnavailable(
                    f"{answer.profile} of {LIBRARY} gives other bytes than known"
                )
    except ValueError as error:
        raise NativeUnavailable(f"{answer.profile} of {LIBRARY}: {error}") from None
    finally:
        free_session(sender)
        free_session(receiver)


# SRTP sessions


def create_session(profile: SrtpProfile, key: bytes, direction: int) -> int:
    """The address of a session of libsrtp, whose owner the caller is. Raises ValueError."""
    handle = ffi.new("srtp_t *")
    policy = make_policy(profile, key, direction)
    status = lib.srtp_create(handle, policy._policy)
    if status:
        raise ValueError(f"libsrtp does not take the keys ({status})")
    return int(ffi.cast("uintptr_t", handle[0]))


def free_session(session: int) -> None:
    lib.srtp_dealloc(ffi.cast("srtp_t", session))


class NativeEngine:
    """Implements `Engine`. What belongs to a shell with a thread: `core`, `take_commands`,
    `decode_events`."""

    name = "native"
    transport_cc = True

    def __init__(self, unix_at_zero: float = 0.0) -> None:
        """`unix_at_zero`: Unix time (seconds) at which `now` was 0. Raises NativeUnavailable."""
        self.on_command: Callable[[], None] | None = None
        self.core: Core = load().Core(addresses(), unix_at_zero)
        self._commands = bytearray()
        self._sessions: list[int] = []
        """Those in queued commands, of which the core does not know yet."""

    def __del__(self) -> None:
        for session in getattr(self, "_sessions", ()):
            free_session(session)

    def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
        received = [(wire.encode_path(path), data) for path, data in batch]
        sent, events, wake_at = self.core.handle(now, self.take_commands(), received)
        datagrams = [Datagram(wire.decode_path(address), data) for address, data in sent]
        return Output(datagrams, list(wire.decode_events(events)), wake_at)

    def stats(self) -> EngineStats:
        """Raises TimeoutError if the engine's thread does not answer within a second."""
        return wire.decode_stats(self.core.stats())

    def totals(self) -> EngineTotals:
        """Raises TimeoutError as `stats` does."""
        return wire.decode_totals(self.core.totals())

    def take_commands(self) -> bytes:
        """What is queued; whoever takes it hands it to the core."""
        commands = bytes(self._commands)
        self._commands.clear()
        self._sessions.clear()
        return commands

    def decode_events(self, encoded: bytes) -> Iterator[Event]:
        return wire.decode_events(encoded)

    # Commands

    def _queue(self, kind: Command, *parts: bytes) -> None:
        first = not self._commands
        self._commands += wire.command(kind, *parts)
        if first and self.on_command is not None:
            self.on_command()

    def open_transport(
        self, transport: TransportId, ufrags: Sequence[str], extensions: Mapping[Extension, int]
    ) -> None:
        self._queue(
            Command.OPEN_TRANSPORT,
            wire.identifier(transport),
            wire.texts(ufrags),
            wire.extensions(extensions),
        )

    def set_ufrags(self, transport: TransportId, ufrags: Sequence[str]) -> None:
        self._queue(Command.SET_UFRAGS, wire.identifier(transport), wire.texts(ufrags))

    def set_extensions(self, transport: TransportId, extensions: Mapping[Extension, int]) -> None:
        self._queue(Command.SET_EXTENSIONS, wire.identifier(transport), wire.extensions(extensions))

    def expect_stun(self, transport: TransportId, path: Path) -> None:
        self._queue(Command.EXPECT_STUN, wire.identifier(transport), wire.encode_path(path))

    def validate_path(self, transport: TransportId, path: Path) -> None:
        self._queue(Command.VALIDATE_PATH, wire.identifier(transport), wire.encode_path(path))

    def select_path(self, transport: TransportId, path: Path | None) -> None:
        self._queue(Command.SELECT_PATH, wire.identifier(transport), wire.optional_path(path))

    def start_srtp(self, transport: TransportId, keys: SrtpKeys) -> None:
        """Sessions are made here, not in the engine's thread: a key set-up costs many packets."""
        receive = create_session(keys.profile, keys.receive, Policy.SSRC_ANY_INBOUND)
        try:
            send = create_session(keys.profile, keys.send, Policy.SSRC_ANY_OUTBOUND)
        except ValueError:
            free_session(receive)
            raise
        self._sessions += (receive, send)
        self._queue(Command.START_SRTP, wire.identifier(transport), wire.numbers(receive, send))

    def close_transport(self, transport: TransportId) -> None:
        self._queue(Command.CLOSE_TRANSPORT, wire.identifier(transport))

    def open_source(self, source: SourceId, parameters: SourceParameters) -> None:
        self._queue(Command.OPEN_SOURCE, wire.source(source, parameters))

    def close_source(self, source: SourceId) -> None:
        self._queue(Command.CLOSE_SOURCE, wire.identifier(source))

    def open_sink(self, sink: SinkId, parameters: SinkParameters) -> None:
        self._queue(Command.OPEN_SINK, wire.sink(sink, parameters, initial_numbers()))

    def close_sink(self, sink: SinkId) -> None:
        self._queue(Command.CLOSE_SINK, wire.identifier(sink))

    def route(self, routes: Sequence[Route]) -> None:
        for wanted in routes:
            self._queue(Command.ROUTE, wire.route(wanted))

    def set_receive_limit(self, transport: TransportId, bitrate: int) -> None:
        self._queue(Command.SET_RECEIVE_LIMIT, wire.numbers(transport, bitrate))

    def set_target(self, transport: TransportId, bitrate: int, probe: int) -> None:
        self._queue(Command.SET_TARGET, wire.target(transport, bitrate, probe))

    def send(self, path: Path, data: bytes) -> None:
        self._queue(Command.SEND, wire.encode_path(path), data)
