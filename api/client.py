"""The built web client: its pages, and the files they load.

Page paths all get the same document, which looks at the path itself. Anything else that does not
exist is a 404: a wrong path must not look like a page.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "client"
"""Where `npm run build` in web/ puts it."""
PAGES = (
    "/",
    "/signin",
    "/signup",
    "/m/{meeting_id}",
    r"/{section:chat|blog|people|settings|administration}{place:(/[\w/-]*)?}",
)
HASHED = re.compile(r"-[\w-]{8}\.\w+$")
"""The name Vite gives a file whose content will never change under it."""
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
REVALIDATED = {"Cache-Control": "no-cache"}
NOT_BUILT = """<!doctype html>
<title>Tertulia</title>
<h1>The web client has not been built</h1>
<p>Start Tertulia with <code>make run</code>, which builds it, or run
<code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>.</p>
"""


def routes(folder: Path = FOLDER) -> list[web.AbstractRouteDef]:
    async def index(_: web.Request) -> web.StreamResponse:
        return page(folder / "index.html")

    async def asset(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return _file(folder / "assets", name, IMMUTABLE if HASHED.search(name) else REVALIDATED)

    async def root_file(request: web.Request) -> web.StreamResponse:
        return _file(folder, request.match_info["name"], REVALIDATED)

    return [
        *(web.get(path, index) for path in PAGES),
        web.get("/assets/{name:.+}", asset),
        web.get(r"/{name:[\w-]+\.[\w.-]+}", root_file),
    ]


def page(file: Path) -> web.StreamResponse:
    if file.is_file():
        return web.FileResponse(file, headers=REVALIDATED)
    return web.Response(
        status=HTTPStatus.SERVICE_UNAVAILABLE, text=NOT_BUILT, content_type="text/html"
    )


def _file(folder: Path, name: str, headers: dict[str, str]) -> web.StreamResponse:
    """Raises HTTPNotFound for what is not a file inside the folder, links included."""
    path = _resolve(folder, name)
    if path is None:
        raise web.HTTPNotFound
    return web.FileResponse(path, headers=headers)


def _resolve(folder: Path, name: str) -> Path | None:
    try:
        path = (folder / name).resolve()
        return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):  # a name too long, or with NUL in it
        return None
