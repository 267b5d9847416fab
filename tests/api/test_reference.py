"""`/api` is a document for programs and a page for people."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest

from api import client
from tests.api.conftest import Api


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(client, "FOLDER", tmp_path)
    (tmp_path / "api.html").write_text("<title>Page of the test</title>")
    return tmp_path


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("TEXT/HTML; Q=0.7, application/json ;q=0.5", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html;q=0", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/htmlx, x/text/html, ;;q=,", "application/json"),
    ],
)
async def test_who_asks_for_a_page_gets_it(api: Api, folder: Path, accept: str, kind: str) -> None:
    async with api.get("/api", headers={"Accept": accept}) as response:
        assert (response.status, response.content_type) == (HTTPStatus.OK, kind)
        assert response.headers["Vary"] == "Accept"
        assert "script-src 'self';" in response.headers["Content-Security-Policy"]
        assert ("Page of the test" in await response.text()) == (kind == "text/html")


async def test_without_the_page_programs_still_get_the_document(api: Api, folder: Path) -> None:
    (folder / "api.html").unlink()
    async with api.get("/api", headers={"Accept": "text/html"}) as response:
        assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "make run" in await response.text()
    async with api.get("/api") as response:
        assert (await response.json())["openapi"].startswith("3.1")
