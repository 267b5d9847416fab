"""The web client's files: pages by their path, assets by their name, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api import client
from api.middlewares import problems
from tests.api.conftest import Api


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the page</title>")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "main-Cf9_a-Zz.js").write_text("the script")
    (folder / "assets" / "logo.svg").write_text("<svg/>")
    (folder / "assets" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("secret")
    return folder


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Api]:
    app = web.Application(middlewares=[problems])
    app.router.add_routes(client.routes(folder))
    async with TestClient(TestServer(app)) as served:
        yield served


@pytest.mark.parametrize(
    "path",
    ["/", "/signin", "/signup", "/m/abcdefghijklmnop", "/?next=/", "/chat", "/blog/7/edit"],
)
async def test_page_paths_get_the_page(site: Api, path: str) -> None:
    response = await site.get(path)
    assert (response.status, response.content_type) == (HTTPStatus.OK, "text/html")
    assert "the page" in await response.text()
    assert response.headers["Cache-Control"] == "no-cache"


async def test_hashed_assets_are_kept_for_ever(site: Api) -> None:
    response = await site.get("/assets/main-Cf9_a-Zz.js")
    assert await response.text() == "the script"
    assert response.content_type in ("text/javascript", "application/javascript")
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/icon.svg", "/assets/logo.svg"])
async def test_other_files_are_asked_for_again(site: Api, path: str) -> None:
    response = await site.get(path)
    assert (response.status, response.content_type) == (HTTPStatus.OK, "image/svg+xml")
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/m",
        "/m/a/b",
        "/signin/",
        "/assets",
        "/assets/",
        "/assets/gone.js",
        "/assets/link",
        "/assets/..%2Findex.html",
        "/assets/..%2F..%2Fsecret",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/%00",
        f"/assets/{'x' * 5000}",
        "/..%2Fsecret",
        "/.secret",
    ],
)
async def test_nothing_else_is_served(site: Api, path: str) -> None:
    response = await site.get(path)
    assert response.status == HTTPStatus.NOT_FOUND
    assert response.content_type == "application/problem+json"


async def test_what_to_do_is_told_when_it_has_not_been_built(site: Api, folder: Path) -> None:
    (folder / "index.html").unlink()
    response = await site.get("/")
    assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "make run" in await response.text()
