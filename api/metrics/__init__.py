"""`/metrics`: what a Prometheus server asks for, and what it may know.

Names and units follow Prometheus' conventions. No label has values that people choose: there are
as many series after a year as after an hour.
"""

from __future__ import annotations

from api.metrics.exposition import METRICS_TOKEN, add_metrics, metrics_app
from api.metrics.http import INSTRUMENTS, measured
from api.metrics.instruments import Instruments

__all__ = [
    "INSTRUMENTS",
    "METRICS_TOKEN",
    "Instruments",
    "add_metrics",
    "measured",
    "metrics_app",
]
