"""The application over real HTTP, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.app import create_app
from api.settings import Settings
from benchmarks.signaling_client import SignalingClient
from db.pool import Database
from sfu.server import MediaServer
from tests.support.media import media_settings

Api: TypeAlias = "TestClient[web.Request, web.Application]"
Connect: TypeAlias = Callable[[str], Awaitable[SignalingClient]]
"""A client of `/ws`, by its token."""

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


@pytest.fixture
async def connect(api: Api) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        async def connected(token: str) -> SignalingClient:
            client = await SignalingClient.connect(api.session, str(api.make_url("/ws")))
            stack.push_async_callback(client.close)
            await client.authenticate(token)
            return client

        yield connected
