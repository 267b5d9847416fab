"""Requests made up by others' tool from the OpenAPI document, and the answers held against it.

No request may be answered by 5xx, by a status, a type or a body that the document does not know, or
let through where the document forbids it. Everything is tried by an administrator of his own, on
things that are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.openapi import document
from api.operations import Operation
from api.resources import OPERATIONS
from api.settings import Settings
from db.pool import Database
from sfu.server import MediaServer
from tests.api.conftest import SECRET, Api
from tests.api.people import bearer, new_meeting, own_id, post, sign_up
from tests.support.media import media_settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 12
"""Of each operation, right ones and wrong ones each."""
# Parameters nobody knows are ignored, as in bodies: they are not wrong.
CONFIG = schemathesis.Config.from_dict({"generation": {"allow-extra-parameters": False}})
SCHEMA = schemathesis.openapi.from_dict(document(OPERATIONS), config=CONFIG)


async def things_of(api: Api, token: str) -> dict[str, Any]:
    """Values for the parameters of paths, all of them of things that are one's own."""
    me, meeting_id = await own_id(api, token), await new_meeting(api, token)
    group = {"kind": "group", "title": "Us", "user_ids": [me]}
    _, conversation = await post(api, "/conversations", group, token)
    said = f"/conversations/{conversation['id']}/messages"
    _, message = await post(api, said, {"content": "Hello"}, token)
    _, written = await post(api, "/blogs", {"title": "T", "content": "C"}, token)
    _, invitation = await post(api, "/admin/invitations", {}, token)
    return {
        "user_id": me,
        "meeting_id": meeting_id,
        "conversation_id": conversation["id"],
        "message_id": message["id"],
        "post_id": written["id"],
        "invitation_id": invitation["id"],
        "session_id": "00000000-0000-0000-0000-000000000000",
    }


def has_input(operation: Operation) -> bool:
    """Whether anything of it can be wrong."""
    numbers = int in operation.path_parameters.values()
    return bool(operation.body or operation.query or numbers)


@pytest.fixture
async def api(database: Database, tmp_path: Path) -> AsyncIterator[Api]:
    limitless = Settings(data_dir=tmp_path, jwt_secret=SECRET, rate_limits=None)
    media = await MediaServer.start(media_settings())
    async with TestClient(TestServer(create_app(limitless, database, media))) as client:
        yield client
    await media.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_every_operation(api: Api, database: Database, mode: GenerationMode) -> None:
    for number, operation in enumerate(OPERATIONS):
        if mode is GenerationMode.NEGATIVE and not has_input(operation):
            continue
        token = await sign_up(api, email=f"{number}@example.com")
        await database.execute("UPDATE users SET is_admin = TRUE")
        things = await things_of(api, token)
        path = {name: things[name] for name in operation.path_parameters}
        await asyncio.to_thread(attempt, operation, mode, str(api.make_url("/")), token, path)


def attempt(
    operation: Operation, mode: GenerationMode, base: str, token: str, path: dict[str, Any]
) -> None:
    described = SCHEMA[operation.path][operation.method]
    own = path if operation.body or operation.query or operation.edits else None
    cases = described.as_strategy(
        generation_mode=mode,
        path_parameters=path if mode is GenerationMode.POSITIVE else own,
        # 412 is a refusal too, which the tool does not know.
        headers={"If-Match": "*"} if operation.edits else None,
    )

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def try_it(case: Any) -> None:  # noqa: ANN401
        response = case.call(base_url=base, headers=bearer(token))
        case.validate_response(response, checks=CHECKS)

    try_it()
