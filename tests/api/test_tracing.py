"""Traces: which spans there are, what hangs on what, and what must not be in them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from api.app import create_app
from api.context import DATABASE
from api.settings import Settings
from api.tracing import Tracing
from benchmarks.signaling_client import SignalingClient
from db.pool import Address, Database
from sfu.server import MediaServer
from tests.api.conftest import SECRET, Api
from tests.api.people import ADA, new_meeting, sign_up
from tests.support.caller import Caller
from tests.support.media import media_settings
from tests.support.polling import until
from tests.support.postgres import TEMPLATE, new_database
from tests.support.tertulia import Tertulia


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Iterator[Tracing]:
    tracing = Tracing("masked", exporter)
    yield tracing
    tracing.close()


@pytest.fixture
async def api(tracing: Tracing, postgres: Address, tmp_path: Path) -> AsyncIterator[Api]:
    settings = Settings(data_dir=tmp_path, jwt_secret=SECRET)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(new_database(postgres, TEMPLATE))
        database = await Database.connect(address, answered=tracing.statement)
        stack.push_async_callback(database.close)
        media = await MediaServer.start(media_settings(), tracing)
        stack.push_async_callback(media.close)
        app = create_app(settings, database, media, tracing)
        yield await stack.enter_async_context(TestClient(TestServer(app)))


class Spans:
    def __init__(self, tracing: Tracing, exporter: InMemorySpanExporter) -> None:
        tracing._provider.force_flush()
        self._spans = exporter.get_finished_spans()

    def one(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self._spans if span.name == name]
        return span

    def below(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [
            span
            for span in self._spans
            if span.parent and parent.context and span.parent.span_id == parent.context.span_id
        ]

    def __str__(self) -> str:
        return "\n".join(span.to_json() for span in self._spans)


async def test_a_request_and_its_statements(
    api: Api, tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    await sign_up(api)
    answer = await api.post("/auth/login", json=ADA | {"password": "not the right one"})
    problem = await answer.json()
    spans = Spans(tracing, exporter)
    login = spans.one("POST /auth/login")
    assert login.attributes
    assert login.attributes["http.response.status_code"] == 401
    assert login.attributes["http.route"] == "/auth/login"
    assert login.status.status_code is StatusCode.UNSET  # a fault of the client's is none of ours
    assert login.context
    assert problem["trace_id"] == f"{login.context.trace_id:032x}"
    (statement,) = spans.below(login)
    assert statement.name == "SELECT"
    assert statement.attributes
    assert "$1" in str(statement.attributes["db.query.text"])
    for secret in ("password123", "not the right one", "ada@example.com", "argon2"):
        assert secret not in str(spans)


async def test_a_failed_statement_and_a_fault_of_ours(
    api: Api, tracing: Tracing, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.app is not None
    database = api.app[DATABASE]

    async def broken(*_: object) -> None:
        await database.execute("SELECT 1 / 0")

    monkeypatch.setattr(database, "row", broken)
    answer = await api.post("/auth/login", json=ADA)
    assert answer.status == 500
    spans = Spans(tracing, exporter)
    login = spans.one("POST /auth/login")
    assert login.status.status_code is StatusCode.ERROR
    (statement,) = spans.below(login)
    assert statement.status.description == "DivisionByZeroError"


async def test_a_join_from_the_offer_to_the_first_packet(
    api: Api, tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    token = await sign_up(api)
    meeting = await new_meeting(api, token)
    client = await SignalingClient.connect(api.session, str(api.make_url("/ws")))
    await client.authenticate(token)
    joined = (await client.request("join", meeting_id=meeting))["joined"]
    async with Caller(client) as caller:
        await caller.connect()
        caller.speak()

        async def came() -> bool:
            tracing._provider.force_flush()
            return any(span.name == "media media" for span in exporter.get_finished_spans())

        await until(came)
    await client.close()
    spans = Spans(tracing, exporter)
    offer = spans.one("/ws offer")
    steps = spans.below(offer)
    assert [step.name for step in steps] == ["media ice", "media dtls", "media media"]
    for step in (offer, *steps):
        assert step.attributes
        assert step.attributes["tertulia.meeting"] == meeting
        assert step.attributes["tertulia.participant"] == joined["participant_id"]
        assert step.attributes["tertulia.connection"]
    assert {span.name for span in spans.below(spans.one("/ws join"))} >= {"SELECT"}
    assert spans.one("/ws authenticate")
    for secret in (token, client.secret, caller.server.password, caller.ice.credentials.password):
        assert secret
        assert secret not in str(spans)


async def test_a_step_that_failed(
    api: Api, tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    token = await sign_up(api)
    meeting = await new_meeting(api, token)
    client = await SignalingClient.connect(api.session, str(api.make_url("/ws")))
    await client.authenticate(token)
    await client.request("join", meeting_id=meeting)
    async with Caller(client):
        await client.request("leave")
    await client.close()
    span = Spans(tracing, exporter).one("media ice")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "left")


@pytest.mark.parametrize("trusted", [True, False])
async def test_only_a_trusted_proxy_may_begin_a_trace(
    api: Api,
    tracing: Tracing,
    exporter: InMemorySpanExporter,
    trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.addresses.Addresses.trusts", lambda *_: trusted)
    headers = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "X-Forwarded-For": "203.0.113.77"}
    answer = await api.get("/users/me", headers=headers)
    assert ((await answer.json())["trace_id"] == "ab" * 16) is trusted
    span = Spans(tracing, exporter).one("GET /users/me")
    assert span.attributes
    assert span.attributes["client.address"] == ("203.0.113.0" if trusted else "127.0.0.1")


async def test_a_collector_that_is_away_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("api.tracing.CLOSE_TIMEOUT", 0.05)
    tracing = Tracing("full")
    with tracing.span("GET /"):
        pass
    tracing.close()


async def test_the_command_sends_them_and_logs_what_programs_read(tmp_path: Path) -> None:
    sent: list[ResourceSpans] = []

    async def collect(request: web.Request) -> web.Response:
        body = ExportTraceServiceRequest.FromString(await request.read())
        sent.extend(body.resource_spans)
        return web.Response(content_type="application/x-protobuf")

    collector = web.Application()
    collector.router.add_post("/v1/traces", collect)
    async with TestServer(collector) as running:
        server = Tertulia(
            tmp_path,
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": str(running.make_url("")),
                "OTEL_SERVICE_NAME": "our meetings",
                "OTEL_BSP_SCHEDULE_DELAY": "100",
                "LOG_FORMAT": "json",
                "LOG_LEVEL": "debug",
            },
        )
        await server.start()
        await server.sign_up("Ada")
        await server.stop()
    assert {value_of(resource, "service.name") for resource in sent} == {"our meetings"}
    names = [span.name for each in sent for scope in each.scope_spans for span in scope.spans]
    assert "POST /auth/signup" in names
    assert "INSERT" in names
    logged = [json.loads(line) for line in server.log.read_text().splitlines() if line[0] == "{"]
    (signup,) = [line for line in logged if line["message"].startswith("POST /auth/signup")]
    traces = {span.trace_id.hex() for each in sent for s in each.scope_spans for span in s.spans}
    assert signup["trace_id"] in traces
    assert [line for line in logged if line["level"] in ("warning", "error")] == []


def value_of(resource: ResourceSpans, key: str) -> str:
    (found,) = [each.value for each in resource.resource.attributes if each.key == key]
    return str(found.string_value)


def test_it_is_off_unless_wanted() -> None:
    """Not even imported by what serves."""
    code = "import api.server, sys; assert not [m for m in sys.modules if 'opentelemetry' in m]"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - ours
