"""What the outcome of an impaired scenario means: figures per receiver, and goals met or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, Final

from benchmarks import best_set
from benchmarks.browsers import Watched
from benchmarks.goal import Goal, Verdict
from benchmarks.impaired import Outcome
from benchmarks.links import Carried
from benchmarks.observations import percentile
from benchmarks.playout import FREEZE, Playout, Shown, Span, freezes
from benchmarks.reception import Second
from benchmarks.scenarios import BIN, Interval
from benchmarks.viewers import Seen

STANDING: Final = 0.1
"""Seconds of queue that nobody should have to wait in all the time."""
_SPEAKERS: Final = 3
"""Microphones that are forwarded at most."""
_AUDIO: Final = 56_000
"""Bits/s of each, UDP payload."""
_CALM: Final = 1.0
"""Seconds without a standing queue after which it counts as drained."""
_WHOLE: Final = 0.5
"""Seconds within which a picture with all its temporal layers shows a frame of the highest."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of the server, bits/s, over the measured time."""

    low: float
    median: float
    high: float
    """10th, 50th and 90th percentile."""


@dataclass(slots=True)
class Figures:
    """Of one receiver over the measured time; bits/s are of UDP payload."""

    name: str
    received: float
    """Audio and video, retransmissions of what had not come included."""
    resent: float
    """Of it retransmitted."""
    padding: float
    """Probes and needless retransmissions."""
    freezes: int
    """Longer than `FREEZE`; the sum over its pictures."""
    frozen: float
    """Seconds."""
    time_to_first_frame: float | None
    """Seconds from the offer; from the click in a browser."""
    layers: list[list[str]]
    """Of each picture, by second: height, frames shown."""
    recovered: float | None = None
    """Share of all video packets that came in time, retransmissions included; since the join."""
    lost_on_the_way: float = 0.0
    """Share of all packets that the link lost or dropped on their way to the receiver."""
    estimate: Estimate | None = None
    standing_queue: float = 0.0
    longest_queue: float = 0.0
    """Seconds."""
    pleas: int = 0
    """Keyframes asked for."""
    nacks: int = 0
    paused: float = 0.0
    """Seconds for which the server said that a picture was paused for want of bandwidth, the sum
    over its pictures. Meanwhile it does not freeze."""
    others: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Analysis:
    scenario: str
    meaning: str
    link: float | None
    """Bits/s at first."""
    offered: float
    """Bits/s of the highest encodings of all cameras and the voices forwarded with them."""
    best: float | None
    even: float | None
    """Bits/s of the best sets (see best_set.py) that fit into 85 % of the link, voices included."""
    receivers: list[Figures]
    verdicts: list[Verdict]
    publishers: list[dict[str, Any]]
    relay_lag_ms: tuple[float, float]
    loop_lag_ms: tuple[float, float]
    """50th and 99th percentile."""
    server_cpu: float
    series: list[dict[str, Any]]
    """Of the receiver on the bad link, by second."""


class _Window:
    def __init__(self, outcome: Outcome, begin: float, end: float) -> None:
        self.outcome = outcome
        self.begin = begin
        self.end = end
        self.seconds = end - begin

    def intervals(self, link: dict[int, Interval]) -> list[tuple[float, Interval]]:
        times = ((number * BIN, interval) for number, interval in sorted(link.items()))
        return [(at, interval) for at, interval in times if self.begin <= at < self.end]

    def bitrate(self, sizes: Iterator[int]) -> float:
        return 8 * sum(sizes) / self._whole_seconds()

    def received(self, seen: Seen) -> list[Second]:
        whole = range(int(self.begin) + 1, int(self.end))
        return [seen.seconds.get(number, Second()) for number in whole]

    def _whole_seconds(self) -> int:
        return max(1, int(self.end) - int(self.begin) - 1)


def analyse(outcome: Outcome) -> Analysis:
    window = _Window(outcome, outcome.begin, outcome.end)
    scenario = outcome.scenario
    voices = _AUDIO * min(_SPEAKERS, scenario.cameras)
    rate = scenario.rate
    room = None if rate is None else best_set.FILLED * rate - voices
    best = best_set.best_set(outcome.clips, scenario.cameras, room)
    even = best_set.even_set(outcome.clips, scenario.cameras, room)
    everything = best_set.best_set(outcome.clips, scenario.cameras, None)
    receivers = [_synthetic(window, number) for number in range(len(outcome.seen))]
    if outcome.watched is not None:
        receivers.append(_browser(window, outcome.watched))
    analysis = Analysis(
        scenario=scenario.name,
        meaning=scenario.meaning,
        link=rate,
        offered=best_set.bitrate(everything) + voices,
        best=best_set.bitrate(best) + voices,
        even=best_set.bitrate(even) + voices,
        receivers=receivers,
        verdicts=[],
        publishers=[_publisher(outcome, number) for number in range(len(outcome.published))],
        relay_lag_ms=(1000 * outcome.relay_lag[0], 1000 * outcome.relay_lag[1]),
        loop_lag_ms=(
            1000 * outcome.observed.lag(0.5, window.begin, window.end),
            1000 * outcome.observed.lag(0.99, window.begin, window.end),
        ),
        server_cpu=outcome.server_cpu,
        series=_series(window),
    )
    analysis.verdicts = list(
        _verdicts(window, analysis, [clip.encoding.height if clip else 0 for clip in best])
    )
    return analysis


def _publisher(outcome: Outcome, number: int) -> dict[str, Any]:
    published = outcome.published[number]
    figures = dataclasses.asdict(published)
    if outcome.uplinks:
        figures["lost_on_the_way"] = _lost(list(outcome.uplinks[number].up.values()))
    return figures


def _synthetic(window: _Window, number: int) -> Figures:
    seen = window.outcome.seen[number]
    seconds = window.received(seen)
    playouts = seen.playouts.values()
    pauses = {slot: _pauses(window, seen, slot) for slot in range(window.outcome.scenario.cameras)}
    frozen = [
        freezes(_shown(seen, slot), window.begin, window.end, spans)
        for slot, spans in pauses.items()
    ]
    first = [playout.shown[0].time for playout in playouts if playout.shown]
    direct = sum(playout.tally.direct for playout in playouts)
    recovered = sum(playout.tally.recovered for playout in playouts)
    lost = sum(playout.tally.lost for playout in playouts)
    figures = Figures(
        name="synthetic" if number == 0 else f"bystander {number}",
        received=window.bitrate(s.audio + s.video + s.resent for s in seconds),
        resent=window.bitrate(s.resent for s in seconds),
        padding=window.bitrate(s.padding for s in seconds),
        freezes=sum(one.count for one in frozen),
        frozen=sum(one.seconds for one in frozen),
        time_to_first_frame=min(first) - seen.joined if first else None,
        layers=[_layers(window, playout) for playout in playouts],
        recovered=1 - lost / max(1, direct + recovered + lost),
        estimate=_estimate(window, seen.ufrag),
        pleas=sum(playout.pleas for playout in playouts),
        nacks=sum(playout.nacks for playout in playouts),
        paused=sum(end - begin for spans in pauses.values() for begin, end in spans),
    )
    if number == 0:
        _add_link(window, figures, window.outcome.carried[0])
    return figures


def _shown(seen: Seen, slot: int) -> list[Shown]:
    return seen.playouts[slot].shown if slot in seen.playouts else []


def _estimate(window: _Window, ufrag: str) -> Estimate | None:
    values = window.outcome.observed.estimate(ufrag, window.begin, window.end)
    if not values:
        return None
    return Estimate(*(percentile(values, share) for share in (0.1, 0.5, 0.9)))


def _add_link(window: _Window, figures: Figures, carried: Carried) -> None:
    intervals = window.intervals(carried.down)
    figures.lost_on_the_way = _lost([interval for _, interval in intervals])
    figures.standing_queue = _standing(intervals)
    figures.longest_queue = max((interval.longest_wait for _, interval in intervals), default=0.0)


def _lost(intervals: Sequence[Interval]) -> float:
    packets = sum(interval.packets for interval in intervals)
    return sum(interval.lost + interval.dropped for interval in intervals) / max(1, packets)


def _standing(intervals: Sequence[tuple[float, Interval]]) -> float:
    """95th percentile over the seconds of the shortest wait in each: what a second does not drain
    is no burst."""
    seconds = [
        min(interval.least_wait for _, interval in group)
        for _, group in groupby(intervals, key=lambda pair: int(pair[0]))
    ]
    return percentile([wait for wait in seconds if wait < float("inf")], 0.95)


def _layers(window: _Window, playout: Playout) -> list[str]:
    """`720p30`: lines and frames shown, by second."""
    found = []
    for second in range(int(window.seconds)):
        begin = window.begin + second
        shown = [s for s in playout.shown if begin <= s.time < begin + 1]
        found.append(f"{shown[-1].height}p{len(shown)}" if shown else "-")
    return found


def _pauses(window: _Window, seen: Seen, slot: int) -> list[Span]:
    """When the server said that it was, within the window."""
    told = [(at, slot in paused) for at, paused in seen.paused]
    spans = [
        (at, then) for (at, paused), (then, _) in pairwise([*told, (window.end, True)]) if paused
    ]
    clipped = [(max(begin, window.begin), min(end, window.end)) for begin, end in spans]
    return [(begin, end) for begin, end in clipped if begin < end]


def _browser(window: _Window, watched: Watched) -> Figures:
    samples = [(watched.clock + s["time"] / 1000, s["streams"]) for s in watched.samples]
    inside = [(at, streams) for at, streams in samples if window.begin <= at <= window.end]
    first = next((at for at, streams in samples if _total(streams, "framesDecoded")), None)
    (begin, before), (end, after) = inside[0], inside[-1]
    size = sum(
        _total(after, n) - _total(before, n) for n in ("bytesReceived", "headerBytesReceived")
    )
    resent = _total(after, "retransmittedBytesReceived") - _total(
        before, "retransmittedBytesReceived"
    )
    long, frozen = _browser_freezes(inside)
    figures = Figures(
        name="Chromium",
        received=8 * size / (end - begin),
        resent=8 * resent / (end - begin),
        padding=0.0,
        freezes=long,
        frozen=frozen,
        time_to_first_frame=None if first is None else first - watched.joined,
        layers=_browser_layers(inside),
        estimate=_estimate(window, watched.ufrag),
        pleas=int(_total(after, "pliCount") - _total(before, "pliCount")),
        nacks=int(_total(after, "nackCount") - _total(before, "nackCount")),
        others={
            name: _total(after, name) - _total(before, name)
            for name in ("framesDecoded", "framesDropped", "freezeCount", "totalFreezesDuration")
        },
    )
    _add_link(window, figures, window.outcome.carried[1])
    return figures


Streams = list[dict[str, Any]]


def _total(streams: Streams, name: str) -> float:
    return float(sum(stream[name] for stream in streams))


def _browser_freezes(samples: Sequence[tuple[float, Streams]]) -> tuple[int, float]:
    """Those longer than `FREEZE`: what the browser counts when a freeze is over, or what can be
    seen of one that is not."""
    number, seconds = 0, 0.0
    for mid in _video_mids(samples):
        one = [(at, s) for at, streams in samples for s in streams if s["mid"] == mid]
        over = [_ended_freezes(before, after) for (_, before), (_, after) in pairwise(one)]
        number += sum(count for count, _ in over)
        seconds += sum(lasted for _, lasted in over)
        moved = [at for (at, s), (_, then) in pairwise(reversed(one)) if _moved(then, s)]
        still = one[-1][0] - (moved[0] if moved else one[0][0])
        if still > FREEZE:
            number, seconds = number + 1, seconds + still
    return number, seconds


def _ended_freezes(before: dict[str, Any], after: dict[str, Any]) -> tuple[int, float]:
    """A quarter of a second has so few that all are as long as the average."""
    count = after["freezeCount"] - before["freezeCount"]
    lasted = after["totalFreezesDuration"] - before["totalFreezesDuration"]
    return (count, lasted) if count and lasted / count > FREEZE else (0, 0.0)


def _moved(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(after["framesDecoded"] > before["framesDecoded"])


def _video_mids(samples: Sequence[tuple[float, Streams]]) -> list[str]:
    return sorted({s["mid"] for _, streams in samples for s in streams if s["kind"] == "video"})


def _browser_layers(samples: Sequence[tuple[float, Streams]]) -> list[list[str]]:
    return [_browser_layer(samples, mid) for mid in _video_mids(samples)]


def _browser_layer(samples: Sequence[tuple[float, Streams]], mid: str) -> list[str]:
    by_second = [list(group) for _, group in groupby(samples, key=lambda sample: int(sample[0]))]
    found = []
    before = 0
    for group in by_second:
        streams = [stream for _, all_ in group for stream in all_ if stream["mid"] == mid]
        decoded = streams[-1]["framesDecoded"] if streams else before
        fresh = decoded - before if before else 0
        found.append(f"{streams[-1]['frameHeight']}p{fresh}" if streams else "-")
        before = decoded
    return found[1:]


def _series(window: _Window) -> list[dict[str, Any]]:
    seen = window.outcome.seen[0]
    found = []
    for second in range(int(window.seconds)):
        begin = window.begin + second
        got = seen.seconds.get(int(begin), Second())
        one = _Window(window.outcome, begin, begin + 1)
        intervals = one.intervals(window.outcome.carried[0].down)
        estimates = window.outcome.observed.estimate(seen.ufrag, window.outcome.begin - 60, begin)
        waits = [interval.longest_wait for _, interval in intervals]
        found.append(
            {
                "second": second,
                "received": 8 * (got.audio + got.video + got.resent),
                "resent": 8 * got.resent,
                "padding": 8 * got.padding,
                "estimate": estimates[-1] if estimates else None,
                "longest_queue": max(waits, default=0.0),
                "dropped": sum(interval.dropped for _, interval in intervals),
                "lost": sum(interval.lost for _, interval in intervals),
            }
        )
    return found


# Goals


def _verdicts(window: _Window, analysis: Analysis, best: Sequence[int]) -> Iterator[Verdict]:
    name = analysis.scenario
    if name == "steps":
        yield from _step_verdicts(window, best)
    elif name == "one-bad":
        yield from _bystander_verdicts(window, analysis)
    else:
        yield from _constant_verdicts(analysis)
    if name.startswith("loss-5"):
        yield Verdict.of(
            "video packets recovered", analysis.receivers[0].recovered, Goal(least=0.999)
        )


def _constant_verdicts(analysis: Analysis) -> Iterator[Verdict]:
    synthetic = analysis.receivers[0]
    assert analysis.best is not None  # noqa: S101 - for the type checker
    yield Verdict.of("received / best set", synthetic.received / analysis.best, Goal(least=0.9))
    if analysis.link is not None:
        if analysis.offered > analysis.link:
            share = synthetic.estimate.median / analysis.link if synthetic.estimate else None
            yield Verdict.of("estimate / link", share, Goal(most=1.0, least=0.8))
        for figures in analysis.receivers:
            what = f"standing queue of {figures.name}, s"
            yield Verdict.of(what, figures.standing_queue, Goal(most=STANDING))
    for figures in analysis.receivers:
        yield Verdict.of(f"freezes > 0.5 s of {figures.name}", figures.freezes, Goal(most=0))


def _bystander_verdicts(window: _Window, analysis: Analysis) -> Iterator[Verdict]:
    """They have no limit, so their best set is everything."""
    outcome = window.outcome
    assert outcome.alone is not None  # noqa: S101 - for the type checker
    alone = _Window(outcome, *outcome.alone)
    good = [figures for figures in analysis.receivers if figures.name.startswith("bystander")]
    before = [_synthetic(alone, number).received for number in range(1, len(outcome.seen))]
    shares = [now.received / max(1.0, then) for now, then in zip(good, before, strict=True)]
    least = min(figures.received for figures in good) / analysis.offered
    yield Verdict.of("worst bystander's received / everything", least, Goal(least=0.9))
    yield Verdict.of("the same / before the bad one came", min(shares), Goal(least=0.95))
    yield Verdict.of(
        "freezes > 0.5 s of all bystanders", sum(figures.freezes for figures in good), Goal(most=0)
    )
    for figures in analysis.receivers:
        if figures.name == "Chromium":
            yield Verdict.of("freezes > 0.5 s of Chromium", figures.freezes, Goal(most=0))


def _step_verdicts(window: _Window, best: Sequence[int]) -> Iterator[Verdict]:
    outcome = window.outcome
    down, up = (window.begin + step.at for step in outcome.scenario.down[1:3])
    for name, carried in zip(("synthetic", "Chromium"), outcome.carried, strict=False):
        drained = _drained(carried, down, up)
        what = f"queue of {name} drained after the step down, s"
        yield Verdict.of(what, drained, Goal(most=1.0))
    full = _full_again(outcome.seen[0], up, window.end, best)
    yield Verdict.of("full layers after the step up, s", full, Goal(most=8.0))


def _drained(carried: Carried, begin: float, end: float) -> float | None:
    """Seconds until nothing has stood in the queue for `_CALM`."""
    calm_since = begin
    for number, interval in sorted(carried.down.items()):
        at = number * BIN
        if not begin <= at < end:
            continue
        if STANDING < interval.least_wait < float("inf"):
            calm_since = at + BIN
        elif at - calm_since >= _CALM:
            break
    return calm_since - begin if calm_since < end - _CALM else None


def _full_again(seen: Seen, begin: float, end: float, best: Sequence[int]) -> float | None:
    """Seconds until its pictures are at least as high as those of the best set, at full rate."""
    shown = sorted(
        ((one.time, slot, one) for slot, p in seen.playouts.items() for one in p.shown),
        key=lambda found: found[0],
    )
    heights: dict[int, int] = {}
    whole: dict[int, float] = {}
    for time, slot, one in shown:
        heights[slot] = one.height
        if one.temporal == 2:
            whole[slot] = time
        if begin <= time < end and _as_high(heights, whole, time, best):
            return time - begin
    return None


def _as_high(
    heights: dict[int, int], whole: dict[int, float], now: float, best: Sequence[int]
) -> bool:
    flowing = sorted(
        (height for slot, height in heights.items() if now - whole.get(slot, 0.0) < _WHOLE),
        reverse=True,
    )
    wanted = sorted(best, reverse=True)
    return len(flowing) >= len(wanted) and all(
        has >= wants for has, wants in zip(flowing, wanted, strict=False)
    )
