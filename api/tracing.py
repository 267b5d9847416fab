"""Traces by OpenTelemetry: of requests, their statements, and how media connections come about.

The spans are our own, made at the seams that signaling, media and database have for them; nothing
is patched. Where no collector is set, none of this is even imported.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from time import time_ns
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from api.logs import Mask, mask
from sfu.observer import Step
from signaling import correlation
from signaling.correlation import TRACE, Value, new_trace_id

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

CLOSE_TIMEOUT = 3.0
"""Seconds that the last spans have to leave."""
ADDRESS = "client.address"
OWN = "tertulia."
"""Begins the names of attributes that are not OpenTelemetry's."""


class Tracing:
    """A `signaling.correlation.Tracer` and a `sfu.observer.Observer`, from now until `close`.

    `addresses` says what is told of people's, as in the log. Everything else is said by the OTEL_*
    variables.
    """

    def __init__(self, addresses: str, exporter: SpanExporter | None = None) -> None:
        self._mask = mask(addresses)
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("tertulia", version("tertulia"))
        self._parent = TraceContextTextMapPropagator()

    def close(self) -> None:
        """Send what waits, for a moment. A collector that is away must keep nobody waiting."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_TIMEOUT)

    @contextmanager
    def span(self, name: str, came_with: Mapping[str, str] | None = None) -> Iterator[_Span]:
        with self._tracer.start_as_current_span(
            name,
            context=self._parent.extract(came_with) if came_with else None,
            kind=SpanKind.SERVER,
            attributes=_known(),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield _Span(span, self._mask)

    def statement(self, record: LoggedQuery) -> None:
        """One that has been answered. What it was asked with is nobody's business. Those that no
        request asks have no trace to be in."""
        if not get_current_span().is_recording():
            return
        text = " ".join(record.query.split())
        attributes = {"db.system.name": "postgresql", "db.query.text": text}
        failure = type(record.exception).__name__ if record.exception else None
        self._past(text.partition(" ")[0], SpanKind.CLIENT, record.elapsed, attributes, failure)

    def reached(self, step: Step, seconds: float) -> None:
        self._past(f"media {step}", SpanKind.INTERNAL, seconds, _known())

    def failed(self, step: Step, reason: str, seconds: float) -> None:
        self._past(f"media {step}", SpanKind.INTERNAL, seconds, _known(), reason)

    def _past(
        self,
        name: str,
        kind: SpanKind,
        seconds: float,
        attributes: Mapping[str, Value],
        failure: str | None = None,
    ) -> None:
        """What has just ended, whatever its trace is."""
        now = time_ns()
        began = now - round(seconds * 1e9)
        span = self._tracer.start_span(name, kind=kind, attributes=attributes, start_time=began)
        if failure:
            span.set_status(StatusCode.ERROR, failure)
        span.end(now)


class _Span:
    def __init__(self, span: Span, mask: Mask) -> None:
        number = span.get_span_context().trace_id
        self.trace_id = format_trace_id(number) if number else new_trace_id()
        self._span = span
        self._mask = mask

    def add(self, attributes: Mapping[str, Value]) -> None:
        told = dict(attributes)
        if ADDRESS in told:
            told[ADDRESS] = self._mask(str(told[ADDRESS]))
        self._span.set_attributes(told)

    def fail(self, why: str) -> None:
        self._span.set_status(StatusCode.ERROR, why)


def _known() -> dict[str, Value]:
    return {f"{OWN}{name}": value for name, value in correlation.fields().items() if name != TRACE}


def _resource() -> Resource:
    """Ours, unless the operator gave another name."""
    ours = Resource({SERVICE_NAME: "tertulia", SERVICE_VERSION: version("tertulia")})
    return Resource.create().merge(ours).merge(OTELResourceDetector().detect())
