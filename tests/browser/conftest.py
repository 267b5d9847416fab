"""A server, people with browsers, and a network nobody else is on, for each test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest
from playwright.async_api import BrowserType, async_playwright

from tests.support.browser import Page
from tests.support.chromium import ChromiumPage, chromium
from tests.support.firefox import FirefoxPage, firefox
from tests.support.namespace import isolated_network
from tests.support.people import Person
from tests.support.tertulia import Tertulia

ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
"""What remains of a failed test: screenshots and the server's log."""
FAILED = pytest.StashKey[bool]()


class Browsers:
    """Starts them; they end with the test."""

    def __init__(self, launcher: BrowserType, directory: Path, stack: AsyncExitStack) -> None:
        self._launcher = launcher
        self._directory = directory
        self._stack = stack
        self._numbers = count(1)
        self.pages: list[Page] = []

    async def chromium(self, person: Person, *, allow: bool = True) -> ChromiumPage:
        """`allow`: may the page have camera and microphone?"""
        browser = chromium(self._launcher, person, self._new_directory(), allow=allow)
        page = await self._stack.enter_async_context(browser)
        self.pages.append(page)
        return page

    async def firefox(self) -> FirefoxPage:
        page = await self._stack.enter_async_context(firefox(self._new_directory()))
        self.pages.append(page)
        return page

    def _new_directory(self) -> Path:
        directory = self._directory / f"browser{next(self._numbers)}"
        directory.mkdir()
        return directory


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        item.stash[FAILED] = True
    return report  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    with isolated_network():
        yield


def failed(request: pytest.FixtureRequest) -> bool:
    stash: pytest.Stash = request.node.stash
    return stash.get(FAILED, False)


@pytest.fixture
def artifacts(request: pytest.FixtureRequest) -> Iterator[Path]:
    directory = ARTIFACTS / str(request.node.name)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    yield directory
    if not failed(request):
        shutil.rmtree(directory)


@pytest.fixture
async def browsers(
    network: None, tmp_path: Path, request: pytest.FixtureRequest, artifacts: Path
) -> AsyncIterator[Browsers]:
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        started = Browsers(playwright.chromium, tmp_path, stack)
        yield started
        if failed(request):
            for number, page in enumerate(started.pages, start=1):
                (artifacts / f"page{number}.png").write_bytes(await page.screenshot())


@pytest.fixture
def settings() -> dict[str, str]:
    """Environment of the server; a newcomer has none. For `parametrize`."""
    return {}


@pytest.fixture
async def server(
    network: None,
    settings: dict[str, str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    artifacts: Path,
) -> AsyncIterator[Tertulia]:
    server = Tertulia(tmp_path, settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        if failed(request):
            shutil.copy(server.log, artifacts)
    assert server.complaints() == []
