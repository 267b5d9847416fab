"""The native engine is only used where it does what it must."""

from __future__ import annotations

import gc
import hmac
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from pylibsrtp import Policy

from sfu.engine import native
from sfu.engine.interface import (
    Datagram,
    Extension,
    Path,
    SrtpKeys,
    SrtpProfile,
    TransportId,
)
from sfu.engine.native import KNOWN_ANSWERS, RTCP, RTP, NativeEngine, NativeUnavailable, load
from sfu.engine.numbers import initial_numbers
from tests.sfu.engine.conftest import ENGINES

pytestmark = pytest.mark.skipif("native" not in ENGINES, reason="without the native engine")

KEYS = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, receive=bytes(28), send=bytes(28))
PATH = Path("127.0.0.1", 5000, "127.0.0.1")


# The known answers, by another library


def keystream(key: bytes, counter: bytes, size: int) -> bytes:
    return Cipher(AES(key), CTR(counter)).encryptor().update(bytes(size))


def derive(master: bytes, salt: bytes, label: int, size: int) -> bytes:
    """RFC 3711, section 4.3.1, with a key derivation rate of 0."""
    salt = salt.ljust(14, b"\0")
    x = int.from_bytes(salt, "big") ^ label << 48
    return keystream(master, x.to_bytes(14, "big") + b"\0\0", size)


def xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def gcm(key: bytes) -> tuple[bytes, bytes]:
    """RFC 7714, sections 8 and 9."""
    master, salt = key[:16], key[16:]
    ssrc, sequence = RTP[8:12], RTP[2:4]
    iv = xor(b"\0\0" + ssrc + bytes(4) + sequence, derive(master, salt, 2, 12))
    rtp = RTP[:12] + AESGCM(derive(master, salt, 0, 16)).encrypt(iv, RTP[12:], RTP[:12])
    index = b"\0\0\0\1"
    iv = xor(b"\0\0" + RTCP[4:8] + b"\0\0" + index, derive(master, salt, 5, 12))
    trailer = b"\x80\0\0\1"
    cipher = AESGCM(derive(master, salt, 3, 16))
    return rtp, RTCP[:8] + cipher.encrypt(iv, RTCP[8:], RTCP[:8] + trailer) + trailer


def counter(salt: bytes, ssrc: bytes, index: int) -> bytes:
    value = int.from_bytes(salt, "big") << 16 ^ int.from_bytes(ssrc, "big") << 64 ^ index << 16
    return value.to_bytes(16, "big")


def tag(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha1")[:10]


def counter_mode(key: bytes) -> tuple[bytes, bytes]:
    """RFC 3711, sections 4.1.1, 4.2 and 3.4."""
    master, salt = key[:16], key[16:]
    sequence = int.from_bytes(RTP[2:4], "big")
    iv = counter(derive(master, salt, 2, 14), RTP[8:12], sequence)
    body = xor(RTP[12:], keystream(derive(master, salt, 0, 16), iv, len(RTP) - 12))
    rtp = RTP[:12] + body
    rtp += tag(derive(master, salt, 1, 20), rtp + bytes(4))
    iv = counter(derive(master, salt, 5, 14), RTCP[4:8], 1)
    body = xor(RTCP[8:], keystream(derive(master, salt, 3, 16), iv, len(RTCP) - 8))
    rtcp = RTCP[:8] + body + b"\x80\0\0\1"
    return rtp, rtcp + tag(derive(master, salt, 4, 20), rtcp)


def test_known_answers_are_right() -> None:
    answers = {answer.profile: answer for answer in KNOWN_ANSWERS}
    first = answers[SrtpProfile.AEAD_AES_128_GCM]
    assert (first.rtp, first.rtcp) == gcm(first.key)
    second = answers[SrtpProfile.AES128_CM_SHA1_80]
    assert (second.rtp, second.rtcp) == counter_mode(second.key)


# What is refused


def test_an_extension_that_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(native, "import_module", missing)
    with pytest.raises(NativeUnavailable, match="not built"):
        load()


@pytest.mark.parametrize("version", ["0.12.0", "1.1.0", "2.0", "1.10.0", "1.0rc1", "1"])
def test_another_version_of_the_library(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(native, "metadata", SimpleNamespace(version=lambda _: version))
    with pytest.raises(NativeUnavailable, match=version):
        load()


def test_a_library_of_no_known_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "LIBRARY", "a-library-nobody-installs")
    with pytest.raises(NativeUnavailable, match="not known"):
        load()


def test_a_function_of_another_type(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = dict(native._FUNCTIONS, srtp_protect="int(*)(void *, long)")
    monkeypatch.setattr(native, "_FUNCTIONS", wanted)
    with pytest.raises(NativeUnavailable, match="srtp_protect"):
        load()


def test_a_function_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {**native._FUNCTIONS, "srtp_fly": "void(*)(void)"}
    monkeypatch.setattr(native, "_FUNCTIONS", wanted)
    with pytest.raises(NativeUnavailable, match="srtp_fly of pylibsrtp is missing"):
        load()


@pytest.mark.parametrize("field", ["rtp", "rtcp"])
@pytest.mark.parametrize("answer", KNOWN_ANSWERS, ids=lambda answer: answer.profile.value)
def test_other_bytes_than_known(
    monkeypatch: pytest.MonkeyPatch, answer: native.KnownAnswer, field: str
) -> None:
    good: bytes = getattr(answer, field)
    bad = good[:-1] + bytes((good[-1] ^ 1,))
    wrong = answer._replace(rtp=bad) if field == "rtp" else answer._replace(rtcp=bad)
    monkeypatch.setattr(native, "KNOWN_ANSWERS", (wrong,))
    with pytest.raises(NativeUnavailable, match=answer.profile.value):
        load()


# Sessions


def test_keys_that_libsrtp_does_not_take() -> None:
    with pytest.raises(ValueError, match="at least 28 bytes"):
        NativeEngine().start_srtp(TransportId(1), SrtpKeys(KEYS.profile, b"short", b"short"))


@pytest.fixture
def freed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sessions that were given back from Python."""
    found: list[int] = []
    free = native.free_session

    def note(session: int) -> None:
        found.append(session)
        free(session)

    monkeypatch.setattr(native, "free_session", note)
    return found


def test_a_session_whose_counterpart_cannot_be_made_is_freed(freed: list[int]) -> None:
    engine = NativeEngine()
    freed.clear()
    with pytest.raises(ValueError, match="at least 28 bytes"):
        engine.start_srtp(TransportId(1), SrtpKeys(KEYS.profile, KEYS.receive, b"short"))
    assert len(freed) == 1
    assert engine.take_commands() == b""
    del engine
    gc.collect()
    assert len(freed) == 1


def test_sessions_in_commands_that_nobody_took_are_freed(freed: list[int]) -> None:
    engine = NativeEngine()
    freed.clear()
    engine.start_srtp(TransportId(1), KEYS)
    del engine
    gc.collect()
    assert len(freed) == 2


def test_sessions_that_were_taken_are_the_cores(freed: list[int]) -> None:
    engine = NativeEngine()
    freed.clear()
    engine.open_transport(TransportId(1), ["a"], {})
    engine.start_srtp(TransportId(1), KEYS)
    engine.start_srtp(TransportId(2), KEYS)  # nobody's: the core frees them at once
    engine.handle(0.0, [])
    del engine
    gc.collect()
    assert freed == []


# The module


def test_a_session_of_libsrtp_is_used_as_the_core_does() -> None:
    module = load()
    protect, unprotect, *_ = native.addresses()
    session = native.create_session(KEYS.profile, KEYS.send, Policy.SSRC_ANY_OUTBOUND)
    assert len(module.run_srtp(protect, session, RTP)) == len(RTP) + 16
    with pytest.raises(ValueError, match="refused"):
        module.run_srtp(protect, session, RTP[:8])
    with pytest.raises(ValueError, match="refused"):
        module.run_srtp(unprotect, session, bytes(3000))
    native.free_session(session)


@pytest.mark.parametrize(
    "commands",
    [b"\1", b"\xff\0\0\0\0", b"\1\0\0\0\0", b"\x08\x01\0\0\0\1", b"\x0f\xff\xff\xff\xff"],
)
def test_malformed_commands_are_refused(commands: bytes) -> None:
    engine = NativeEngine()
    with pytest.raises(ValueError, match="malformed"):
        engine.core.handle(0.0, commands, [])
    engine.handle(1.0, [])


def test_malformed_batches_are_refused() -> None:
    core = NativeEngine().core
    with pytest.raises(ValueError, match="34"):
        core.handle(0.0, b"", [(b"short", b"data")])
    with pytest.raises(TypeError):
        core.handle(0.0, b"", [b"no tuple"])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        core.handle(0.0, b"", [("text", b"data")])  # type: ignore[list-item]


def test_a_round_that_failed_is_over() -> None:
    """What it would have sent is lost with it; the next one is as any other."""
    engine = NativeEngine()
    engine.send(PATH, b"lost")
    with pytest.raises(ValueError, match="malformed"):
        engine.core.handle(0.0, engine.take_commands() + b"\1", [])
    engine.send(PATH, b"sent")
    assert list(engine.handle(1.0, []).datagrams) == [Datagram(PATH, b"sent")]


def test_nobody_else_comes_in_while_a_round_runs() -> None:
    core = NativeEngine().core
    calls: tuple[Callable[[], object], ...] = (
        lambda: core.handle(0.0, b"", []),
        lambda: core.start(-1, -1),
        lambda: core.post(b""),
        core.take_events,
        core.notices,
        core.stop,
        core.stats,
    )
    refused: list[str] = []

    class Batch:
        """Runs Python code in the middle of a round, as another thread might."""

        def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
            for call in calls:
                with pytest.raises(RuntimeError, match="another thread") as caught:
                    call()
                refused.append(str(caught.value))
            return iter(())

    core.handle(0.0, b"", Batch())  # type: ignore[arg-type]
    assert len(refused) == len(calls)
    core.handle(1.0, b"", [])


def test_without_a_thread_there_is_nobody_to_post_to() -> None:
    core = NativeEngine().core
    for call in (core.take_events, core.notices, lambda: core.post(b"")):
        with pytest.raises(RuntimeError, match="thread"):
            call()
    assert core.stop() == b""


def test_functions_are_five_addresses() -> None:
    module = load()
    with pytest.raises(ValueError, match="five"):
        module.Core((1, 2), 0.0)
    with pytest.raises(TypeError):
        module.Core(("a", "b", "c", "d", "e"), 0.0)


def test_an_id_beyond_255_is_refused_before_the_core_sees_it() -> None:
    engine = NativeEngine()
    with pytest.raises(ValueError, match="extension id 300"):
        engine.open_transport(TransportId(1), ["a"], {Extension.MID: 300})
    with pytest.raises(ValueError, match="longer than 255"):
        engine.open_transport(TransportId(1), ["a" * 256], {})
    with pytest.raises(ValueError, match="no IP address"):
        engine.send(Path("example.org", 1, ""), b"")
    assert engine.take_commands() == b""


def test_commands_are_announced_once() -> None:
    engine = NativeEngine()
    told: list[int] = []
    engine.on_command = lambda: told.append(1)
    engine.send(PATH, b"one")
    engine.send(PATH, b"two")
    assert len(told) == 1
    assert list(engine.handle(0.0, []).datagrams) == [
        Datagram(PATH, b"one"),
        Datagram(PATH, b"two"),
    ]
    engine.send(PATH, b"three")
    assert len(told) == 2


def test_initial_numbers_are_low_and_differ() -> None:
    drawn = [initial_numbers() for _ in range(100)]
    assert all(number.sequence < 1 << 14 for number in drawn)
    assert all(number.timestamp < 1 << 31 for number in drawn)
    assert len(set(drawn)) == 100
