"""Who says what the way to a receiver carries: one strategy per file."""

from __future__ import annotations

from sfu.bandwidth.null import Unlimited
from sfu.bandwidth.protocol import Bandwidth
from sfu.bandwidth.remb import ByRemb
from sfu.bandwidth.transport_cc import ByTransportCc

__all__ = ["Bandwidth", "ByRemb", "ByTransportCc", "Unlimited", "strategy_for"]


def strategy_for(*, transport_cc: bool, remb: bool, now: float) -> Bandwidth:
    """By what was negotiated on the receiving m-lines."""
    if transport_cc:
        return ByTransportCc()
    return ByRemb(now) if remb else Unlimited()
