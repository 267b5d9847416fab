"""The application over real HTTP, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.app import create_app
from api.settings import Settings
from db.pool import Database
from sfu.server import MediaServer
from tests.support.media import media_settings

Api: TypeAlias = "TestClient[web.Request, web.Application]"

SECRET = "a secret of the tests, long enough for HS256"
PUBLIC_URL = "https://meet.example.org"
PARTICIPANTS = 200
"""Of one meeting; a newcomer's server takes fewer."""


@pytest.fixture
async def app(database: Database, tmp_path: Path) -> AsyncIterator[web.Application]:
    settings = Settings(
        data_dir=tmp_path,
        jwt_secret=SECRET,
        public_url=PUBLIC_URL,
        meeting_participants=PARTICIPANTS,
        rate_limits=None,
    )
    media = await MediaServer.start(media_settings())
    yield create_app(settings, database, media)
    await media.close()


@pytest.fixture
async def api(app: web.Application) -> AsyncIterator[Api]:
    async with TestClient(TestServer(app)) as client:
        yield client
