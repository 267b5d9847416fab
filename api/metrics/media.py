"""The media's figures as families of samples, read from the engines when somebody asks."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from api.metrics.families import Labels, counter, gauge, histogram
from sfu.engine.interface import Drop, Kind, KindTotals
from sfu.engine.load import BOUNDS
from sfu.figures import CONNECTING, Distribution, EngineFigures
from sfu.server import MediaServer

OF_KIND = {
    "packets_received": ("packets_received", "RTP packets received."),
    "bytes_received": ("bytes_received", "Bytes of RTP packets received."),
    "packets_lost": ("packets_lost", "RTP packets that did not arrive from publishers."),
    "packets_recovered": ("packets_recovered", "Of these, those that came when asked for again."),
    "nacks_sent": ("nacks_sent", "Negative acknowledgements sent to publishers."),
    "keyframes": ("keyframes_received", "Keyframes received."),
    "keyframe_requests_sent": (
        "keyframe_requests_sent",
        "Picture loss indications (PLI) sent to publishers.",
    ),
    "packets_sent": ("packets_forwarded", "RTP packets forwarded to receivers."),
    "bytes_sent": ("bytes_forwarded", "Bytes of payload forwarded to receivers."),
    "retransmitted": ("packets_retransmitted", "RTP packets sent again to receivers."),
    "nacks_received": ("nacks_received", "Negative acknowledgements received from receivers."),
}
"""By the field of KindTotals: name and text. Keyframe requests received have types."""
MEASURED_BANDWIDTHS = (12_500, 37_500, 125_000, 250_000, 500_000, 1_250_000, 2_500_000)
"""Bytes a second: 100 kbit/s to 20 Mbit/s."""
OUTCOMES = ("connected", "timeout", "failed", "abandoned")

_log = logging.getLogger(__name__)


class MediaCollector:
    def __init__(self, media: MediaServer) -> None:
        self._media = media
        self._lost: Counter[Labels] = Counter()
        """The most that was ever seen to be lost, by engine and kind."""

    def collect(self) -> Iterator[str]:
        try:
            engines = {str(number): each for number, each in enumerate(self._media.figures())}
        except TimeoutError:
            _log.error("an engine does not answer: it has no metrics")
            return
        yield from self._of_kinds(engines)
        yield from _of_engines(engines)
        yield from _connecting(engines)
        yield from _of_now(engines)

    def _of_kinds(self, engines: dict[str, EngineFigures]) -> Iterator[str]:
        for field in fields(KindTotals):
            if field.name not in OF_KIND:
                continue
            name, text = OF_KIND[field.name]
            samples: dict[Labels, float] = {
                (engine, kind): getattr(each.totals.kinds[kind], field.name)
                for engine, each in engines.items()
                for kind in Kind
            }
            if field.name == "packets_lost":
                samples = self._risen(samples)
            yield counter(f"media_{name}", text, samples, ("engine", "kind"))

    def _risen(self, samples: dict[Labels, float]) -> dict[Labels, float]:
        """What was thought to be lost may still come; a counter must not fall for that."""
        for labels, value in samples.items():
            self._lost[labels] = max(self._lost[labels], int(value))
        return dict(self._lost)


def _of_engines(engines: dict[str, EngineFigures]) -> Iterator[str]:
    yield counter(
        "media_keyframe_requests_received",
        "Keyframe requests received from receivers.",
        {
            (engine, type_): count
            for engine, each in engines.items()
            for type_, count in _requests(each).items()
        },
        ("engine", "type"),
    )
    yield counter(
        "media_drops",
        "Datagrams and packets that went no further.",
        {
            (engine, drop): each.totals.drops.get(drop, 0)
            for engine, each in engines.items()
            for drop in Drop
        },
        ("engine", "reason"),
    )
    plain: dict[str, tuple[str, Callable[[EngineFigures], float]]] = {
        "media_datagrams_received": (
            "Datagrams received of clients.",
            lambda each: each.totals.datagrams_received,
        ),
        "media_datagram_bytes_received": (
            "Bytes of datagrams received of clients.",
            lambda each: each.totals.bytes_received,
        ),
        "media_datagrams_sent": (
            "Datagrams sent to clients.",
            lambda each: each.totals.datagrams_sent,
        ),
        "media_datagram_bytes_sent": (
            "Bytes of datagrams sent to clients.",
            lambda each: each.totals.bytes_sent,
        ),
        "media_layer_switches": (
            "Changes of the layer that a receiver gets.",
            lambda each: each.totals.layer_switches,
        ),
    }
    for name, (text, read) in plain.items():
        yield counter(name, text, _by_engine(engines, read), ("engine",))
    yield counter(
        "media_engine_cpu_seconds",
        "Processor time of the engine's own thread.",
        {(engine,): each.load.cpu for engine, each in engines.items() if each.load.cpu is not None},
        ("engine",),
    )
    yield histogram(
        "media_forwarding_delay_seconds",
        "From when a datagram was read until all that it caused was sent, pacing apart.",
        BOUNDS,
        {(engine,): (each.load.delays, each.load.delay_sum) for engine, each in engines.items()},
        ("engine",),
    )


def _by_engine(
    engines: dict[str, EngineFigures], read: Callable[[EngineFigures], float]
) -> dict[Labels, float]:
    return {(engine,): read(each) for engine, each in engines.items()}


def _requests(each: EngineFigures) -> dict[str, int]:
    everything = sum(kind.keyframe_requests_received for kind in each.totals.kinds.values())
    full = each.totals.full_intra_requests
    return {"pli": everything - full, "fir": full}


def _connecting(engines: dict[str, EngineFigures]) -> Iterator[str]:
    for what, text in (("ice", "ICE"), ("dtls", "DTLS")):
        outcomes = {engine: getattr(each.connecting, what) for engine, each in engines.items()}
        yield counter(
            f"media_{what}_connections",
            f"Connections by what came of their {text}.",
            {
                (engine, outcome): found[outcome]
                for engine, found in outcomes.items()
                for outcome in OUTCOMES
            },
            ("engine", "outcome"),
        )
        took: dict[str, Distribution] = {
            engine: getattr(each.connecting, f"{what}_seconds") for engine, each in engines.items()
        }
        yield histogram(
            f"media_{what}_duration_seconds",
            f"How long {text} took where it succeeded.",
            CONNECTING,
            {(engine,): (each.counts, each.sum) for engine, each in took.items()},
            ("engine",),
        )


def _of_now(engines: dict[str, EngineFigures]) -> Iterator[str]:
    numbers: dict[str, tuple[str, Callable[[EngineFigures], float]]] = {
        "media_rooms": ("Rooms, each a live meeting.", lambda each: each.rooms),
        "media_participants": ("Participants in rooms.", lambda each: each.participants),
        "media_subscriptions": ("Slots that carry something.", lambda each: each.subscriptions),
    }
    for name, (text, read) in numbers.items():
        yield gauge(name, text, _by_engine(engines, read), ("engine",))
    yield gauge(
        "media_publications",
        "Tracks offered to rooms.",
        {
            (engine, source): count
            for engine, each in engines.items()
            for source, count in each.publications.items()
        },
        ("engine", "source"),
    )
    yield _bandwidths(engines)


def _bandwidths(engines: dict[str, EngineFigures]) -> str:
    """How many receivers have up to so much: of now, so these buckets rise and fall."""
    parts: dict[Labels, tuple[Sequence[int], float]] = {}
    for engine, each in engines.items():
        found = Distribution(MEASURED_BANDWIDTHS)
        for estimate in each.estimates:
            found.add(estimate / 8)
        parts[(engine,)] = found.counts, found.sum
    return histogram(
        "media_estimated_bandwidth_bytes_per_second",
        "What the ways to receivers are estimated to carry.",
        MEASURED_BANDWIDTHS,
        parts,
        ("engine",),
    )
