"""Health: what runs, and why not the native engine where that was wanted."""

from __future__ import annotations

import sys
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.app import create_app
from api.context import DATABASE, GATEWAY, MEDIA
from api.settings import Settings
from db.pool import Database
from sfu.server import MediaServer
from tests.api.conftest import SECRET, Api
from tests.api.people import get
from tests.support.media import EXPECTED, media_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, jwt_secret=SECRET)


async def health(database: Database, settings: Settings, **changes: object) -> Any:  # noqa: ANN401 - JSON
    """What a server answers whose media settings are changed so."""
    media = await MediaServer.start(media_settings(**changes))
    try:
        async with TestClient(TestServer(create_app(settings, database, media))) as client:
            response = await client.get("/health")
            assert response.status == HTTPStatus.OK
            return await response.json()
    finally:
        await media.close()


async def test_it_tells_what_runs(database: Database, settings: Settings) -> None:
    assert await health(database, settings) == {
        "status": "ok",
        "engine": EXPECTED,
        "engine_reason": None,
        "engines": 1,
        "version": version("tertulia"),
    }


async def test_it_tells_how_many_run(database: Database, settings: Settings) -> None:
    assert (await health(database, settings, engines=3))["engines"] == 3


async def test_it_tells_why_the_native_engine_does_not_run(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sfu.engine._native", None)
    told = await health(database, settings, engine="auto")
    assert told["engine"] == "reference"
    assert "not built" in told["engine_reason"]


async def test_it_tells_what_keeps_it_from_being_ready(
    api: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await get(api, "/health/ready") == (HTTPStatus.OK, {"status": "ready"})
    monkeypatch.setattr(app[MEDIA], "answers", lambda: False)
    monkeypatch.setattr("api.health.LEAST_DISK", 2**80)
    await app[DATABASE].close()
    await app[GATEWAY].drain(0)
    async with api.get("/health/ready") as answer:
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) > 0
        problem = await answer.json(content_type=None)
    assert problem["detail"] == (
        "The database does not answer. The engine does not answer. The disk is full. "
        "The server is about to stop."
    )
    assert (await get(api, "/health"))[0] == HTTPStatus.OK, "restarting would not help"
