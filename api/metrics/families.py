"""Families of samples in Prometheus' text format (exposition formats, version 0.0.4).

The library's own objects and encoder take several times as long, and these are most of a scrape.
Names and labels are ours, so nothing is to be escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from api.metrics.instruments import NAMESPACE

Labels = tuple[str, ...]
Samples = Mapping[Labels, float] | float
Parts = Mapping[Labels, tuple[Sequence[int], float]]
"""Counts up to each bound and beyond, and the sum, by the values of labels."""


def counter(name: str, text: str, samples: Samples, labels: Labels = ()) -> str:
    """`samples`: by the values of `labels`, or the only one."""
    return _plain(f"{name}_total", "counter", text, samples, labels)


def gauge(name: str, text: str, samples: Samples, labels: Labels = ()) -> str:
    return _plain(name, "gauge", text, samples, labels)


def histogram(
    name: str, text: str, bounds: Sequence[float], parts: Parts, labels: Labels = ()
) -> str:
    """One of what is now has buckets that rise and fall."""
    full = f"{NAMESPACE}_{name}"
    lines = [_head(full, "histogram", text)]
    for values, (counts, total) in parts.items():
        known = _pairs(labels, values)
        comma = "," if known else ""
        so_far = 0
        for bound, count in zip((*map(float, bounds), "+Inf"), counts, strict=True):
            so_far += count
            lines.append(f'{full}_bucket{{{known}{comma}le="{bound}"}} {so_far}\n')
        tail = f"{{{known}}}" if known else ""
        lines.append(f"{full}_sum{tail} {total}\n{full}_count{tail} {so_far}\n")
    return "".join(lines)


def raw(full: str, kind: str, text: str, value: float) -> str:
    """Under a name that is not ours."""
    return f"{_head(full, kind, text)}{full} {value}\n"


def _plain(name: str, kind: str, text: str, samples: Samples, labels: Labels) -> str:
    full = f"{NAMESPACE}_{name}"
    if not isinstance(samples, Mapping):
        return raw(full, kind, text, samples)
    return _head(full, kind, text) + "".join(
        f"{full}{{{_pairs(labels, values)}}} {value}\n" for values, value in samples.items()
    )


def _head(full: str, kind: str, text: str) -> str:
    return f"# HELP {full} {text}\n# TYPE {full} {kind}\n"


def _pairs(labels: Labels, values: Iterable[str]) -> str:
    return ",".join([f'{name}="{value}"' for name, value in zip(labels, values, strict=True)])
