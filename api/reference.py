"""`/api`: what the API can do."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aiohttp import web

from api.openapi import document
from api.operations import Operation

PATH = "/api"
DOCUMENT = web.AppKey("openapi", str)


def add_reference(app: web.Application, operations: Iterable[Operation]) -> None:
    app[DOCUMENT] = json.dumps(document(operations))
    app.router.add_get(PATH, _document)


async def _document(request: web.Request) -> web.Response:
    return web.Response(text=request.app[DOCUMENT], content_type="application/json")
