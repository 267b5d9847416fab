"""Short ways to make families of samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isinf

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from api.metrics.instruments import NAMESPACE

Labels = tuple[str, ...]
Samples = Mapping[Labels, float] | float


def counter(name: str, text: str, samples: Samples, labels: Sequence[str] = ()) -> Metric:
    """`samples`: by the values of `labels`, or the only one. `_total` is put behind the name."""
    return _fill(CounterMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels), samples)


def gauge(name: str, text: str, samples: Samples, labels: Sequence[str] = ()) -> Metric:
    return _fill(GaugeMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels), samples)


def _fill(family: CounterMetricFamily | GaugeMetricFamily, samples: Samples) -> Metric:
    found = samples if isinstance(samples, Mapping) else {(): samples}
    for labels, value in found.items():
        family.add_metric(labels, value)
    return family


Parts = Mapping[Labels, tuple[Sequence[int], float]]
"""Counts up to each bound and beyond, and the sum, by the values of labels."""


def histogram(
    name: str, text: str, bounds: Sequence[float], parts: Parts, labels: Sequence[str] = ()
) -> Metric:
    family = HistogramMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels)
    for values, (counts, total) in parts.items():
        family.add_metric(values, list(_cumulated(bounds, counts)), total)
    return family


def gauge_histogram(
    name: str, text: str, bounds: Sequence[float], parts: Parts, labels: Sequence[str] = ()
) -> Metric:
    """Of what is now: its buckets rise and fall."""
    family = GaugeHistogramMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels)
    for values, (counts, total) in parts.items():
        family.add_metric(values, list(_cumulated(bounds, counts)), total)
    return family


def _cumulated(bounds: Sequence[float], counts: Sequence[int]) -> Iterable[tuple[str, int]]:
    so_far = 0
    for bound, count in zip((*bounds, inf), counts, strict=True):
        so_far += count
        yield "+Inf" if isinf(bound) else str(float(bound)), so_far
