"""nginx in front of the server: one origin, the same answers, and nobody can say he is another."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from api import client
from api.middlewares import STRICT_TRANSPORT
from api.problems import CONTENT_TYPE, Problem
from api.resources import OPERATIONS
from tests.containers.dockerfile import ROOT
from tests.containers.nginx import Nginx, binary, nginx
from tests.support.tertulia import Tertulia, free_port

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        binary() is None and "CI" not in os.environ, reason="nginx is not installed"
    ),
]
OF_THE_WAY = {"date", "content-length", "transfer-encoding", "connection", "keep-alive", "server"}
"""Headers that tell of the connection, not of the answer."""
OF_FILES = {"etag", "last-modified", "accept-ranges", "vary"}
TRACE = re.compile(rb'"trace_id":"\w*"')
"""Of one request alone."""
Scene: TypeAlias = tuple[Tertulia, Nginx]
PAGES = ["/", "/signin", "/m/abcDEF123", "/chat", "/chat/with/3", "/blog/12", "/administration/"]
OTHERS = ["/icon.svg", "/manifest.webmanifest", "/nothing", "/assets/nothing.js", "/.vite/x.json"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Scene]:
    directory = tmp_path_factory.mktemp("nginx")
    server = Tertulia(directory, {"TRUSTED_PROXIES": "127.0.0.1", "HOST": "127.0.0.1"})
    await server.start()
    (directory / "nginx").mkdir()
    try:
        async with nginx(directory / "nginx", f"127.0.0.1:{server.port}") as front:
            yield server, front
        assert server.complaints() == []
    finally:
        await server.stop()


async def answer(url: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(url + path, headers=headers, ssl=False) as response,
    ):
        seen = {
            name.lower(): value
            for name, value in response.headers.items()
            if name.lower() not in OF_THE_WAY | OF_FILES
        }
        return response.status, seen, TRACE.sub(b"", await response.read())


@pytest.mark.parametrize("path", [*PAGES, *OTHERS, "/health", "/api", "/users"])
async def test_it_answers_as_the_server_does(scene: Scene, path: str) -> None:
    server, front = scene
    direct = await answer(server.url, path)
    through = await answer(front.plain, path)
    if direct[0] == HTTPStatus.NOT_FOUND:
        assert through[0] == HTTPStatus.NOT_FOUND
        return
    through[1].pop("content-encoding", None)
    assert through == direct


async def test_assets_are_kept_for_ever_and_packed(scene: Scene) -> None:
    server, front = scene
    script = max((client.FOLDER / "assets").glob("*.js"), key=lambda file: file.stat().st_size)
    path = f"/assets/{script.name}"
    status, headers, body = await answer(front.plain, path)
    assert (status, body) == (HTTPStatus.OK, script.read_bytes())
    assert headers["cache-control"] == client.IMMUTABLE["Cache-Control"]
    assert headers["content-encoding"] == "gzip"
    assert (await answer(server.url, path))[1]["cache-control"] == headers["cache-control"]


async def test_tls_lasts(scene: Scene) -> None:
    for path in ("/", "/icon.svg", "/health"):
        _, headers, _ = await answer(scene[1].tls, path)
        assert headers["strict-transport-security"] == STRICT_TRANSPORT
        assert "strict-transport-security" not in (await answer(scene[1].plain, path))[1]


async def test_metrics_are_not_for_everybody(scene: Scene) -> None:
    assert (await answer(scene[1].plain, "/metrics"))[0] == HTTPStatus.NOT_FOUND


async def smoke_test(url: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        ROOT / "scripts" / "test-api.sh", url, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_the_smoke_test_passes(scene: Scene) -> None:
    for code, output in await asyncio.gather(*map(smoke_test, (scene[1].plain, scene[1].tls))):
        assert code == 0, output
        assert output.count("ok ") == len(output.splitlines()) > 10


async def test_the_smoke_test_can_fail() -> None:
    code, output = await smoke_test(f"http://localhost:{free_port()}")
    assert code == 1
    assert "FAILED  the server is alive" in output


async def test_a_page_may_connect(scene: Scene) -> None:
    server, front = scene
    token = await server.sign_up("Ada")
    for url in (front.plain, front.tls):
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{url}/ws", ssl=False, origin=url) as socket,
        ):
            await socket.send_json({"type": "authenticate", "id": 1, "token": token})
            assert (await socket.receive_json())["type"] == "reply"
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{url}/ws", ssl=False, origin="https://evil.example")
            assert refused.value.status == HTTPStatus.FORBIDDEN


async def test_nobody_says_where_he_comes_from(tmp_path: Path) -> None:
    """What a client writes into the headers that a proxy writes is gone."""
    seen: dict[str, list[str]] = {}

    async def note(request: web.Request) -> web.Response:
        for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Host"):
            seen[name] = request.headers.getall(name)
        return web.Response()

    app = web.Application()
    app.router.add_get("/users", note)
    async with TestServer(app) as server, nginx(tmp_path, f"127.0.0.1:{server.port}") as front:
        lies = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "gopher"}
        await answer(front.tls, "/users", **lies)
        host = front.tls.removeprefix("https://")
        assert seen == {
            "X-Forwarded-For": ["127.0.0.1"],
            "X-Forwarded-Proto": ["https"],
            "Host": [host],
        }


async def test_while_the_server_is_away_it_says_so_as_the_server_would(tmp_path: Path) -> None:
    async with nginx(tmp_path, f"127.0.0.1:{free_port()}") as front:
        assert (await answer(front.plain, "/"))[0] == HTTPStatus.OK, "the page stays"
        status, headers, body = await answer(front.plain, "/users")
    assert (status, headers["content-type"]) == (HTTPStatus.SERVICE_UNAVAILABLE, CONTENT_TYPE)
    assert headers["retry-after"] == "2"
    assert headers.keys() > {"content-security-policy", "x-content-type-options"}
    problem = Problem.model_validate_json(body)
    assert problem.status == status


async def test_no_path_of_the_api_is_taken_for_a_file_or_a_page() -> None:
    text = (ROOT / "containers" / "nginx" / "site.conf").read_text(encoding="utf-8")
    taken = [re.compile(each) for each in re.findall(r"^location ~ (\S+) \{", text, re.MULTILINE)]
    assert len(taken) == 2
    for path in {re.sub(r"\{\w+\}", "7", operation.path) for operation in OPERATIONS}:
        assert not any(pattern.search(path) for pattern in taken), path
        assert not path.startswith("/assets/")
    for path in PAGES:
        assert taken[1].search(path), path
