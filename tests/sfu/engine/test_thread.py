"""The native engine in its own thread: real sockets, and packets that need no event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path as FilePath

import pytest

from sfu.engine import thread
from sfu.engine.interface import (
    Event,
    EventsLost,
    Kind,
    Path,
    Route,
    RouteSwitched,
    SinkId,
    StunReceived,
)
from sfu.engine.native import NativeEngine
from sfu.engine.thread import EVENTS_PER_TURN, ThreadShell
from sfu.rtp import rtcp
from tests.sfu.engine.conftest import ENGINES
from tests.support.wire import Encoding, FakePublisher, FakeSubscriber, Peer, Slot, Wire

pytestmark = pytest.mark.skipif("native" not in ENGINES, reason="without the native engine")

LOOPBACK = "127.0.0.1"
DEADLINE = 10.0
"""Seconds for things that take milliseconds."""
FRAME_PACKETS = 5
UDP_GRO = 104
SO_NO_CHECK = 11
IPPROTO_UDPLITE = 136
"""Linux's numbers, which the socket module does not name."""


class Listener:
    """Collects what a shell tells."""

    def __init__(self) -> None:
        self.turns: list[list[Event]] = []
        self._heard = asyncio.Event()

    def __call__(self, events: Sequence[Event]) -> None:
        self.turns.append(list(events))
        self._heard.set()

    @property
    def events(self) -> list[Event]:
        return [event for turn in self.turns for event in turn]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not self.turns or not condition():
                self._heard.clear()
                await self._heard.wait()


def open_shell(
    on_events: Callable[[Sequence[Event]], None] = lambda _: None,
    *,
    host: str = LOOPBACK,
    segment: bool = True,
) -> ThreadShell:
    return ThreadShell(NativeEngine(), host, 0, on_events, segment=segment)


class Client:
    """A peer of the fake wire with a real socket. Whoever waits for it holds the event loop."""

    def __init__(self, peer: Peer, shell: ThreadShell) -> None:
        self.peer = peer
        host = shell._socket.getsockname()[0]
        self.socket = socket.socket(shell._socket.family, socket.SOCK_DGRAM, shell._socket.proto)
        self.socket.bind((host, 0))
        self.socket.settimeout(DEADLINE)
        self._server = (host, shell.port)
        path = Path(host, self.socket.getsockname()[1], host)
        shell.engine.validate_path(peer.transport, path)
        shell.engine.select_path(peer.transport, path)

    def send(self, *datagrams: bytes) -> None:
        for data in datagrams:
            self.socket.sendto(data, self._server)

    def receive(self, packets: int) -> list[int]:
        """Take in what comes until that many media packets have come in all.

        Returns how many datagrams each reading brought: one, if the kernel did not join any.
        """
        readings = []
        deadline = time.monotonic() + DEADLINE  # reports come for ever
        while len(self.peer.received) < packets:
            assert time.monotonic() < deadline
            data, ancillary, _, sender = self.socket.recvmsg(1 << 16, 64)
            assert sender[:2] == self._server
            size = struct.unpack("@i", ancillary[0][2])[0] if ancillary else len(data)
            parts = [data[start : start + size] for start in range(0, len(data), size)]
            readings.append(len(parts))
            for part in parts:
                self.peer.accept(part, 0.0)
        return readings


class Meeting:
    """A publisher and a subscriber of his video, connected to one shell."""

    def __init__(self, shell: ThreadShell) -> None:
        self.shell = shell
        wire = Wire(shell.engine)
        publisher, subscriber = FakePublisher(wire), FakeSubscriber(wire)
        self.publisher = Client(publisher, shell)
        self.subscriber = Client(subscriber, shell)
        self.encoding: Encoding = publisher.encoding(declared=True)
        self.slot: Slot = subscriber.slot()
        shell.engine.route([Route(self.slot.id, self.encoding.id)])

    def close(self) -> None:
        self.publisher.socket.close()
        self.subscriber.socket.close()

    def send_frame(self, *, keyframe: bool = False) -> None:
        packets = self.encoding.frame(keyframe=keyframe, packets=FRAME_PACKETS)
        self.publisher.send(*map(self.publisher.peer.srtp.protect, packets))

    def watch(self, frames: int) -> None:
        for number in range(1, frames + 1):
            self.send_frame(keyframe=number == 1)
            self.subscriber.receive(number * FRAME_PACKETS)

    def lose(self, frame: int) -> list[int]:
        """Have a frame sent again: packets of one size for one peer, in one round of the engine.

        Returns what `Client.receive` does.
        """
        client = self.subscriber
        first = self.slot.packets[frame * FRAME_PACKETS].sequence
        lost = [first + index & 0xFFFF for index in range(FRAME_PACKETS)]
        nack = rtcp.nack(1, self.slot.parameters.ssrc, lost)
        client.send(client.peer.srtp.protect_rtcp(nack))
        return client.receive(len(client.peer.received) + FRAME_PACKETS)


@contextmanager
def meeting(shell: ThreadShell) -> Iterator[Meeting]:
    with closing(shell), closing(Meeting(shell)) as opened:
        yield opened


async def posted() -> None:
    """The turn of the loop in which commands are handed to the thread."""
    await asyncio.sleep(0)


def answered(sink: SinkId) -> Route:
    """A route that is answered each time."""
    return Route(sink, None, paused=True)


def stun(ufrag: str, size: int) -> bytes:
    """A Binding request of about that many bytes."""
    username = f"{ufrag}:peer".encode()
    padding = bytes(size)
    attributes = struct.pack("!HH", 6, len(username)) + username + bytes(-len(username) % 4)
    attributes += struct.pack("!HH", 0x8022, len(padding)) + padding
    return struct.pack("!HHI12s", 1, len(attributes), 0x2112A442, b"transaction!") + attributes


# Packets


@pytest.mark.parametrize("host", [LOOPBACK, "::1"])
async def test_packets_are_forwarded_while_the_event_loop_is_held(host: str) -> None:
    with meeting(open_shell(host=host)) as talk:
        await posted()
        # From here on the loop has no turn.
        talk.watch(40)
        packets = talk.slot.packets
        first = packets[0].sequence
        assert [packet.sequence - first for packet in packets] == list(range(200))
        stats = talk.shell.stats()
        assert stats.drops == {}
        assert stats.sources[talk.encoding.id].packets == 200
        assert stats.sinks[talk.slot.id].packets == 200
        load, totals = talk.shell.load(), talk.shell.totals()
        assert sum(load.delays) >= 200
        assert load.delay_sum > 0
        assert load.cpu is not None
        assert load.cpu > 0
        assert totals.kinds[Kind.VIDEO].packets_sent == 200


@pytest.mark.parametrize("segment", [True, False])
async def test_equal_packets_for_one_peer_leave_as_one(segment: bool) -> None:
    with meeting(open_shell(segment=segment)) as talk:
        await posted()
        talk.watch(2)
        # The kernel leaves together for the receiver what was together for the sender.
        talk.subscriber.socket.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
        assert max(talk.lose(1)) == (FRAME_PACKETS if segment else 1)
        assert len(talk.slot.repairs) == FRAME_PACKETS


async def test_segmentation_is_given_up_after_a_few_refusals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By EINVAL, which may be the fault of one path."""
    shell = open_shell()
    # Who does not want checksums cannot have segmentation, on IPv4.
    shell._socket.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    with meeting(shell) as talk:
        await posted()
        talk.watch(6)
        for frame in range(6):
            talk.lose(frame)
        assert shell.stats().drops == {}
        assert len(talk.slot.repairs) == 6 * FRAME_PACKETS
    assert caplog.text.count("GSO") == 1


async def test_segmentation_is_given_up_at_once_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """By EIO, which UDP-Lite gives."""

    def bind_lite(host: str, port: int) -> socket.socket:
        try:
            bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, IPPROTO_UDPLITE)
        except OSError:
            pytest.skip("needs a kernel with UDP-Lite")
        bound.setblocking(False)
        bound.bind((host, port))
        return bound

    monkeypatch.setattr(thread, "bind", bind_lite)
    shell = open_shell()
    with meeting(shell) as talk:
        await posted()
        talk.watch(2)
        talk.lose(1)
        assert shell.stats().drops == {}
        assert len(talk.slot.repairs) == FRAME_PACKETS
        shell.stats()
    assert caplog.text.count("GSO") == 1


# Statistics


async def test_stats_while_traffic_flows() -> None:
    with meeting(open_shell()) as talk:
        await posted()
        before = 0
        for number in range(100):
            talk.send_frame(keyframe=number == 0)
            now = talk.shell.stats().sources[talk.encoding.id].packets
            assert before <= now <= (number + 1) * FRAME_PACKETS
            before = now
            talk.subscriber.receive((number + 1) * FRAME_PACKETS)
        assert talk.shell.stats().sinks[talk.slot.id].packets == 100 * FRAME_PACKETS


async def test_stats_show_what_was_commanded_before() -> None:
    with closing(open_shell()) as shell:
        for number in range(1, 200):
            peer = FakeSubscriber(Wire(shell.engine))
            shell.engine.close_transport(peer.transport)
            shell.engine.open_transport(peer.transport, [str(number)], {})
            await posted()
            assert set(shell.stats().transports) == {peer.transport}
            shell.engine.close_transport(peer.transport)


# Events


async def test_events_leave_other_tasks_their_turn() -> None:
    listener = Listener()
    with closing(open_shell(listener)) as shell:
        slot = FakeSubscriber(Wire(shell.engine)).slot()
        count = 10 * EVENTS_PER_TURN
        shell.engine.route([answered(slot.id)] * count)
        others: list[int] = []

        async def other() -> None:
            while len(listener.events) < count:
                others.append(len(listener.turns))
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await listener.until(lambda: len(listener.events) == count)
        await task
    assert max(map(len, listener.turns)) <= EVENTS_PER_TURN
    assert set(range(1, len(listener.turns))) <= set(others)


async def test_a_loop_that_does_not_listen_costs_events_but_no_answers_and_no_memory() -> None:
    listener = Listener()
    with meeting(open_shell(listener)) as talk:
        await posted()
        # From here on the loop has no turn.
        transport = talk.subscriber.peer.transport
        request = stun(talk.subscriber.peer.ufrag, 1300)
        sent, answers, chunk = 20_000, 500, 40
        deadline = time.monotonic() + 6 * DEADLINE
        for number in range(chunk, sent + 1, chunk):
            talk.subscriber.send(*[request] * chunk)
            talk.shell.engine.route([answered(talk.slot.id)])
            talk.shell._post()
            while talk.shell.stats().transports[transport].datagrams_received < number:
                assert time.monotonic() < deadline
        # And here it wakes up again.
        await listener.until(lambda: isinstance(listener.turns[-1][-1], EventsLost))
    requests = [event for event in listener.events if isinstance(event, StunReceived)]
    lost = sum(event.count for event in listener.events if isinstance(event, EventsLost))
    switched = [event for event in listener.events if isinstance(event, RouteSwitched)]
    assert lost > 0
    assert len(requests) + lost == sent
    # What waited: the queue of 8 MiB, what did not fit into it, what the engine still had.
    assert len(requests) <= (8 << 20) / len(request) + 2 * 4096 + 1
    assert len(switched) == answers + 1  # and that of the meeting's beginning


async def test_close_hands_on_the_last_events() -> None:
    listener = Listener()
    shell = open_shell(listener)
    slot = FakeSubscriber(Wire(shell.engine)).slot()
    count = 3 * EVENTS_PER_TURN
    shell.engine.route([answered(slot.id)] * count)
    shell.close()
    assert len(listener.events) == count
    assert shell.stats().sinks.keys() == {slot.id}
    shell.close()
    assert len(listener.events) == count


async def test_a_handler_may_close_the_shell() -> None:
    closed = asyncio.Event()
    heard: list[Event] = []

    def close(events: Sequence[Event]) -> None:
        heard.extend(events)
        shell.close()
        closed.set()

    with closing(open_shell(close)) as shell:
        slot = FakeSubscriber(Wire(shell.engine)).slot()
        shell.engine.route([answered(slot.id)] * 100)
        async with asyncio.timeout(DEADLINE):
            await closed.wait()
    assert len(heard) == 100


# Commands


async def test_commands_from_before_are_applied() -> None:
    engine = NativeEngine()
    transport = FakeSubscriber(Wire(engine)).transport
    with closing(ThreadShell(engine, LOOPBACK, 0, lambda _: None)) as shell:
        await posted()
        assert shell.stats().transports.keys() == {transport}


async def test_malformed_commands_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with closing(open_shell()) as shell:
        for _ in range(2):
            shell.engine.core.post(b"\xff\0\0\0\0")
            shell.stats()
            shell.stats()
    assert caplog.text.count("did not understand") == 1


async def test_commands_that_do_not_fit_are_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_shell()) as shell:
        with monkeypatch.context() as patch:
            patch.setattr(shell.engine, "take_commands", lambda: bytes((16 << 20) + 1))
            await posted()
        assert "commands are lost" in caplog.text
        transport = FakeSubscriber(Wire(shell.engine)).transport
        await posted()
        assert shell.stats().transports.keys() == {transport}


# The thread


def media_threads() -> list[FilePath]:
    tasks = FilePath("/proc/self/task").iterdir()
    return [task for task in tasks if (task / "comm").read_text() == "tertulia-media\n"]


def thread_count() -> int:
    return len(os.listdir("/proc/self/task"))


def file_count() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_thread_has_a_name_and_leaves_signals_to_others() -> None:
    with closing(open_shell()):
        [task] = media_threads()
        status = dict(line.split(":\t") for line in (task / "status").read_text().splitlines())
        blocked = int(status["SigBlk"], 16)
        wanted = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
        assert [number for number in wanted if not blocked >> (number - 1) & 1] == []
    assert media_threads() == []


async def test_opening_and_closing_leaves_nothing_behind() -> None:
    gc.collect()
    before = thread_count(), file_count()
    for _ in range(200):
        shell = open_shell()
        FakePublisher(Wire(shell.engine)).encoding()
        shell.close()
    assert (thread_count(), file_count()) == before


async def test_an_engine_that_is_only_dropped_ends_its_thread() -> None:
    core = NativeEngine().core
    ours, theirs = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), os.eventfd(0)
    core.start(ours.fileno(), theirs)
    assert len(media_threads()) == 1
    del core
    gc.collect()
    assert media_threads() == []
    ours.close()
    os.close(theirs)


async def test_an_engine_runs_in_one_shell_only() -> None:
    with closing(open_shell()) as shell:
        before = thread_count(), file_count()
        with pytest.raises(RuntimeError, match="runs already"):
            ThreadShell(shell.engine, LOOPBACK, 0, lambda _: None)
        assert (thread_count(), file_count()) == before
        shell.engine.open_transport(FakeSubscriber(Wire(shell.engine)).transport, [], {})
        await posted()
        assert len(shell.stats().transports) == 1


async def test_a_thread_needs_a_socket() -> None:
    core = NativeEngine().core
    reading, writing = os.pipe()
    with pytest.raises(OSError, match="socket"):
        core.start(reading, writing)
    os.close(reading)
    os.close(writing)
    assert core.stop() == b""
