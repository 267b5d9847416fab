"""What is counted while it happens. What can be read at any time is left to the collectors."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a line more for each series

NAMESPACE = "tertulia"
REQUEST_BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Seconds, both."""


class Instruments:
    """One registry and all that is counted in it, of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self.requests = Counter(
            "http_requests",
            "HTTP requests answered.",
            ("method", "route", "code"),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "http_request_duration_seconds",
            "Time until an HTTP request was answered.",
            namespace=NAMESPACE,
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        # No histogram for each: hundreds of series more would take milliseconds of every scrape.
        self.route_seconds = Summary(
            "http_route_duration_seconds",
            "Time until HTTP requests of a route were answered.",
            ("route",),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "http_requests_in_progress",
            "HTTP requests being answered, WebSockets not among them.",
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self.ws_requests = Counter(
            "ws_requests",
            "Requests on WebSockets, by what came of them.",
            ("type", "outcome"),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self.ws_request_seconds = Histogram(
            "ws_request_duration_seconds",
            "Time until a request on a WebSocket was answered.",
            namespace=NAMESPACE,
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.ws_closed = Counter(
            "ws_connections_closed",
            "WebSockets that have ended, by who or what ended them.",
            ("reason",),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self.lag = Histogram(
            "event_loop_lag_seconds",
            "How much later than it should have the event loop came round, twice a second.",
            namespace=NAMESPACE,
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        self.scrape_seconds = Gauge(
            "metrics_scrape_duration_seconds",
            "Time that the answer to the scrape before this one took.",
            namespace=NAMESPACE,
            registry=self.registry,
        )

    def answered(self, type_: str, seconds: float, code: str | None) -> None:
        """A request on a WebSocket; this and the next make a `signaling.observer.Observer`."""
        self.ws_requests.labels(type_, code or "ok").inc()
        self.ws_request_seconds.observe(seconds)

    def closed(self, reason: str | None) -> None:
        self.ws_closed.labels(reason or "client").inc()
