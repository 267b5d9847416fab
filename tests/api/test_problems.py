"""Whatever goes wrong, the answer is one RFC 9457 document, and the server goes on."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api.addresses import Addresses
from api.certificate import self_signed, server_context
from api.content import MAX_BODY
from api.context import ADDRESSES, CERTIFIED, DATABASE, PASSWORDS
from api.passwords import QUEUE, WORKERS
from tests.api.conftest import Api
from tests.api.people import ADA, sign_up

JSON = {"Content-Type": "application/json"}


async def problem_of(response: ClientResponse, status: HTTPStatus) -> dict[str, Any]:
    assert response.status == status
    assert response.content_type == "application/problem+json"
    problem: dict[str, Any] = await response.json()
    assert problem.keys() == {"type", "title", "status", "detail", "errors", "trace_id"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"] == status.phrase
    assert problem["detail"]
    assert re.fullmatch("[0-9a-f]{32}", problem["trace_id"])
    return problem


async def test_no_such_path(api: Api) -> None:
    await problem_of(await api.get("/nowhere/at/all"), HTTPStatus.NOT_FOUND)


async def test_wrong_method(api: Api) -> None:
    response = await api.delete("/auth/login")
    await problem_of(response, HTTPStatus.METHOD_NOT_ALLOWED)
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"\x00\xff\xfe",
        b'{"email": "\\ud800", "password": "password123"}',
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b"email=ada%40example.com",
    ],
)
async def test_not_json(api: Api, body: bytes) -> None:
    response = await api.post("/auth/signup", data=body, headers=JSON)
    problem = await problem_of(response, HTTPStatus.BAD_REQUEST)
    assert "not JSON" in problem["detail"]


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "7", "1e999", "NaN"])
async def test_json_but_no_object(api: Api, body: str) -> None:
    response = await api.post("/auth/signup", data=body, headers=JSON)
    problem = await problem_of(response, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert problem["errors"][0]["field"] == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": "nonsense"},
        {"Content-Type": ""},
        {},
        JSON | {"Content-Encoding": "gzip"},
    ],
)
async def test_not_said_to_be_json(api: Api, headers: dict[str, str]) -> None:
    """Which a page of another site could send without asking."""
    body = json.dumps(ADA).encode()
    if "Content-Encoding" in headers:
        body = gzip.compress(body)
    response = await api.post("/auth/signup", data=body, headers=headers)
    await problem_of(response, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


async def test_json_with_a_character_set_or_in_large_letters(api: Api) -> None:
    for number, kind in enumerate(("application/json; charset=utf-8", "Application/JSON")):
        body = json.dumps(ADA | {"email": f"ada{number}@example.com"})
        response = await api.post("/auth/signup", data=body, headers={"Content-Type": kind})
        assert response.status == HTTPStatus.CREATED


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"email": "a@example.com", "email": "b@example.com", "password": "password1"}', "email"),
        ('{"email": "a@example.com", "password": "password1", "x": {"y": 1, "y": 2}}', "y"),
        ('{"email": "a@example.com", "password": "password1", "\\u0061": 1, "a": 2}', "a"),
        ('{"email": "a@example.com", "password": "password1", "age": 1e400}', "age"),
        ('{"email": "a@example.com", "password": "password1", "age": ' + "9" * 4000 + "}", "age"),
    ],
)
async def test_what_parsers_do_not_agree_about(api: Api, body: str, field: str) -> None:
    response = await api.post("/auth/signup", data=body, headers=JSON)
    problem = await problem_of(response, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize("number", ["9" * 4000, "9" * 40_000, "1e999999", "-0", "NaN"])
async def test_numbers_nobody_asked_for(api: Api, number: str) -> None:
    body = '{"email": "a@example.com", "password": "password1", "x": ' + number + "}"
    response = await api.post("/auth/signup", data=body, headers=JSON)
    assert response.status in (HTTPStatus.CREATED, HTTPStatus.BAD_REQUEST)


async def test_every_wrong_field_is_named(api: Api) -> None:
    response = await api.post("/auth/signup", json={"email": "no", "age": 1000})
    problem = await problem_of(response, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert {error["field"] for error in problem["errors"]} == {"email", "password", "age"}


async def test_what_was_sent_is_not_echoed(api: Api) -> None:
    response = await api.post("/auth/signup", json={"email": "e", "password": "short7"})
    assert "short7" not in await response.text()


async def test_too_large(api: Api) -> None:
    padded = ADA | {"padding": "x" * MAX_BODY}
    response = await api.post("/auth/signup", json=padded)
    await problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def test_too_large_without_a_length(api: Api) -> None:
    async def chunks() -> Any:  # noqa: ANN401 - an async generator
        for _ in range(MAX_BODY // 1024 + 1):
            yield b" " * 1024

    response = await api.post("/auth/signup", data=chunks(), headers=JSON)
    await problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def test_just_not_too_large(api: Api) -> None:
    body = json.dumps(ADA | {"padding": ""})
    padded = json.dumps(ADA | {"padding": "x" * (MAX_BODY - len(body))})
    response = await api.post("/auth/signup", data=padded, headers=JSON)
    assert response.status == HTTPStatus.CREATED


async def test_a_body_that_never_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.middlewares.REQUEST_TIMEOUT", 0.05)

    async def stalled() -> Any:  # noqa: ANN401 - an async generator
        yield b"{"
        await asyncio.Event().wait()

    response = await api.post("/auth/signup", data=stalled(), headers=JSON)
    await problem_of(response, HTTPStatus.REQUEST_TIMEOUT)


async def test_our_own_fault_is_logged_and_not_told(
    api: Api,
    app: web.Application,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a detail nobody should see")

    monkeypatch.setattr(app[DATABASE], "execute", broken)
    with caplog.at_level(logging.ERROR, "api"):
        response = await api.get("/health/ready")
    assert "nobody should see" not in await response.text()
    await problem_of(response, HTTPStatus.INTERNAL_SERVER_ERROR)
    assert "nobody should see" in caplog.text


async def test_the_database_is_away(api: Api, app: web.Application) -> None:
    await app[DATABASE].close()
    await problem_of(await api.get("/health/ready"), HTTPStatus.SERVICE_UNAVAILABLE)
    await problem_of(await api.post("/auth/login", json=ADA), HTTPStatus.SERVICE_UNAVAILABLE)


async def test_too_many_passwords_at_once(api: Api, app: web.Application) -> None:
    room = app[PASSWORDS]._room
    for _ in range(WORKERS + QUEUE):
        assert room.acquire(blocking=False)
    response = await api.post("/auth/signup", json=ADA)
    await problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)
    assert int(response.headers["Retry-After"]) > 0
    room.release(WORKERS + QUEUE)
    await sign_up(api)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "tertulia",
}


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere", "/users/me"])
async def test_every_answer_carries_the_security_headers(api: Api, path: str) -> None:
    headers = (await api.get(path)).headers
    assert HEADERS.items() <= dict(headers).items()
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["media-src"] == "'self' blob: mediastream:"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    for feature in ("camera", "microphone", "display-capture"):
        assert f"{feature}=(self)" in headers["Permissions-Policy"]


async def test_browsers_are_told_to_keep_to_tls_where_it_lasts(app: web.Application) -> None:
    app[ADDRESSES] = Addresses([ip_network("127.0.0.1")])
    async with TestClient(TestServer(app)) as api:
        for proto, told in (("https", "max-age=31536000"), ("http", None), ("https, http", None)):
            answer = await api.get("/health", headers={"X-Forwarded-Proto": proto})
            assert answer.headers.get("Strict-Transport-Security") == told


@pytest.mark.parametrize("certified", [True, False])
async def test_the_certificate_of_a_day_binds_nobody(
    app: web.Application, tmp_path: Path, certified: bool
) -> None:
    app[CERTIFIED] = certified
    tls = server_context(*self_signed(tmp_path))
    server = TestServer(app)
    await server.start_server(ssl=tls)
    async with TestClient(server) as api:
        answer = await api.get("/health", ssl=False)
        assert ("Strict-Transport-Security" in answer.headers) is certified


async def test_nobody_else_says_that_it_is_tls(api: Api) -> None:
    answer = await api.get("/health", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers


async def test_answers_of_the_api_are_not_stored(api: Api) -> None:
    assert (await api.get("/health")).headers["Cache-Control"] == "no-store"
