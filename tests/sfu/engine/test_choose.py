"""Which engine runs under which name, with the native one there and not."""

from __future__ import annotations

import logging
import sys

import pytest

from sfu.engine.choose import choose, open_shell
from sfu.engine.interface import Engine
from tests.sfu.engine.conftest import ENGINES
from tests.support.engine import FakeEngine

built = pytest.mark.skipif("native" not in ENGINES, reason="a run without the native engine")


@pytest.fixture
def _not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sfu.engine._native", None)


@built
@pytest.mark.parametrize("name", ["auto", "native"])
def test_native_where_it_can_run(name: str, caplog: pytest.LogCaptureFixture) -> None:
    choice = choose(name)
    assert (choice.name, choice.reason) == ("native", None)
    assert choice.make(0.0).name == "native"
    assert caplog.records == []


@pytest.mark.usefixtures("_not_built")
def test_auto_falls_back_loudly(caplog: pytest.LogCaptureFixture) -> None:
    choice = choose("auto")
    assert choice.name == choice.make(0.0).name == "reference"
    assert choice.reason is not None
    assert "not built" in choice.reason
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    told = record.getMessage()
    assert choice.reason in told
    assert "Install gcc and python3-dev" in told
    assert "TERTULIA_ENGINE=reference" in told


@pytest.mark.usefixtures("_not_built")
def test_native_where_it_cannot_run_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="not built"):
        choose("native")


@pytest.mark.usefixtures("_not_built")
def test_reference_where_it_is_wanted_needs_no_reason(caplog: pytest.LogCaptureFixture) -> None:
    choice = choose("reference")
    assert (choice.name, choice.reason) == ("reference", None)
    assert choice.make(0.0).name == "reference"
    assert caplog.records == []


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"quick.*auto, native, reference"):
        choose("quick")


def test_every_engine_made_is_another() -> None:
    make = choose("reference").make
    assert make(0.0) is not make(0.0)


async def test_an_engine_runs_in_the_shell_that_suits_it(engine: Engine) -> None:
    shell = open_shell(engine, "127.0.0.1", 0, lambda _: None)
    try:
        assert shell.engine is engine
        in_a_thread = type(shell).__name__ == "ThreadShell"
        assert in_a_thread is (engine.name == "native")
    finally:
        shell.close()


async def test_any_other_engine_runs_on_the_loop() -> None:
    shell = open_shell(FakeEngine(), "127.0.0.1", 0, lambda _: None)
    assert type(shell).__name__ == "UdpShell"
    shell.close()
