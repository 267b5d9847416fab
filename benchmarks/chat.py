"""What it costs the server to tell everybody in a conversation what is said in it."""

from __future__ import annotations

import json
import secrets
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks import chat_floor
from benchmarks.chat_clients import Clients
from benchmarks.core import watch_core
from benchmarks.goal import Goal, Verdict
from benchmarks.machine import Machine, describe_machine, split_cpus
from benchmarks.server import Server, ServerError, run_server
from benchmarks.worker import Worker

GOAL: Final = Goal(most=10)
"""µs of server CPU per delivery."""
RATES: Final = (5.0, 50.0, None)
WARM_UP: Final = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Options:
    clients: int = 200
    people: int = 20
    """Accounts the clients belong to, equally many each."""
    rates: tuple[float | None, ...] = RATES
    """Messages a second; None: as many as the server takes."""
    seconds: float = 5.0
    windows: int = 3
    awake: bool = False
    """Keep the server's core from idling: see `core.watch_core`."""


@dataclass(frozen=True, slots=True)
class Window:
    cpu_us: float
    """Of the server's process, without PostgreSQL, per delivery."""
    deliveries: float
    """A second."""
    p50: float
    p99: float
    """Milliseconds from sending to hearing, in the same process."""
    misplaced: int


@dataclass(frozen=True, slots=True)
class Result:
    rate: float | None
    windows: list[Window]

    def median(self, value: Callable[[Window], float]) -> float:
        return statistics.median(map(value, self.windows))

    @property
    def cpu_us(self) -> float:
        return self.median(lambda window: window.cpu_us)


@dataclass(frozen=True, slots=True)
class Report:
    machine: Machine
    options: Options
    floor_us: float
    """See chat_floor.py."""
    results: list[Result]


def run(options: Options, progress: Callable[[str], None]) -> Report:
    server_cpus, other_cpus = split_cpus()
    with tempfile.TemporaryDirectory(prefix="tertulia-chat-") as folder:
        data = Path(folder) / "data"
        with (
            watch_core(server_cpus[0], awake=options.awake),
            run_server("auto", data, server_cpus, other_cpus) as server,
        ):
            progress(f"{options.people} people sign up")
            tokens, conversation = _conversation(server, options.people)
            with Worker(Clients, other_cpus) as worker:
                worker.call(Clients.connect, server.url, tokens, options.clients)
                worker.call(Clients.talk, conversation, 20.0, WARM_UP)
                results = [
                    _result(server, worker, conversation, rate, options, progress)
                    for rate in options.rates
                ]
                worker.call(Clients.leave)
            progress("bare sends")
            floor = chat_floor.measure(options.clients, options.seconds, server_cpus, other_cpus)
    return Report(describe_machine(server_cpus, other_cpus), options, floor, results)


def as_table(report: Report) -> str:
    lines = [
        f"{report.options.clients} clients of {report.options.people} people, one conversation"
    ]
    lines.append(
        f"{'messages/s':>12}{'deliveries/s':>14}{'CPU µs/delivery':>17}{'of the goal':>13}"
        f"{'p50 ms':>9}{'p99 ms':>9}{'misplaced':>11}"
    )
    for result in report.results:
        rate = "flood" if result.rate is None else f"{result.rate:g}"
        lines.append(
            f"{rate:>12}{result.median(lambda w: w.deliveries):>14,.0f}{result.cpu_us:>17.2f}"
            f"{result.cpu_us / (GOAL.most or 1):>13.2f}"
            f"{result.median(lambda w: w.p50):>9.1f}{result.median(lambda w: w.p99):>9.1f}"
            f"{sum(w.misplaced for w in result.windows):>11}"
        )
    lines.append(f"{'bare send':>12}{'':>14}{report.floor_us:>17.2f}")
    verdicts = [Verdict.of(_name(result), result.cpu_us, GOAL) for result in report.results]
    return "\n".join([*lines, "", *map(str, verdicts)])


def as_json(report: Report) -> str:
    return json.dumps(asdict(report), indent=2)


def _name(result: Result) -> str:
    said = "a flood" if result.rate is None else f"{result.rate:g} messages/s"
    return f"CPU µs per delivery, {said}"


def _conversation(server: Server, people: int) -> tuple[Sequence[str], int]:
    """Tokens of its members, and its id."""
    accounts = [
        server.post(
            "/auth/signup",
            {
                "email": f"{secrets.token_hex(8)}@example.com",
                "password": secrets.token_hex(16),
                "name": f"Person {number}",
            },
        )
        for number in range(people)
    ]
    tokens = [str(account["token"]) for account in accounts]
    body: dict[str, object] = {
        "kind": "group",
        "title": "Tea",
        "user_ids": [account["user"]["id"] for account in accounts[1:]],
    }
    return tokens, int(server.post("/conversations", body, tokens[0])["id"])


def _result(
    server: Server,
    worker: Worker[Clients],
    conversation: int,
    rate: float | None,
    options: Options,
    progress: Callable[[str], None],
) -> Result:
    windows = []
    for number in range(options.windows):
        progress(f"{'flood' if rate is None else f'{rate:g} messages/s'}, window {number + 1}")
        before = server.cpu()
        heard = worker.call(Clients.talk, conversation, rate, options.seconds)
        used = server.cpu() - before
        if not heard.delivered:
            raise ServerError("nothing was delivered")
        latencies = sorted(heard.latencies)
        windows.append(
            Window(
                cpu_us=1e6 * used / heard.delivered,
                deliveries=heard.delivered / options.seconds,
                p50=1000 * latencies[len(latencies) // 2],
                p99=1000 * latencies[int(len(latencies) * 0.99)],
                misplaced=heard.misplaced,
            )
        )
    return Result(rate, windows)
