"""`/api`: what the API can do, as a document for programs and as a page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aiohttp import web

from api import client
from api.openapi import document
from api.operations import Operation

PATH = "/api"
PAGE = "api.html"
DOCUMENT = web.AppKey("openapi", str)
_VARY = {"Vary": "Accept"}
_QUALITY = re.compile(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*$", re.IGNORECASE)


def add_reference(app: web.Application, operations: Iterable[Operation]) -> None:
    app[DOCUMENT] = json.dumps(document(operations))
    app.router.add_get(PATH, _reference)


async def _reference(request: web.Request) -> web.StreamResponse:
    if prefers_html(",".join(request.headers.getall("Accept", []))):
        answer = client.page(client.FOLDER / PAGE)
        answer.headers.update(_VARY)
        return answer
    return web.Response(text=request.app[DOCUMENT], content_type="application/json", headers=_VARY)


def prefers_html(accept: str) -> bool:
    """Whether an Accept header (RFC 9110, section 12.5.1) names HTML, and JSON less or not."""
    return _quality(accept, "text/html") > _quality(accept, "application/json")


def _quality(accept: str, media_type: str) -> float:
    """0 for what is not named; `*/*` names nothing."""
    for part in accept.split(","):
        if part.partition(";")[0].strip().lower() == media_type:
            quality = _QUALITY.search(part)
            return float(quality[1]) if quality else 1.0
    return 0.0
