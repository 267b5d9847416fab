"""Log lines: whose they are, in which form, and what of addresses is in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from api.logs import KIND, mask, set_up
from signaling.correlation import note, noted


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []  # `basicConfig(force=True)` closes what it finds
    yield
    root.handlers, root.level = handlers, level


def lines(form: str, addresses: str = "full") -> io.StringIO:
    stream = io.StringIO()
    set_up("info", form, addresses, stream)
    return stream


def test_json_says_whose_it_is_and_holds_a_traceback_in_one_line() -> None:
    told = lines("json")
    with noted(trace_id="ab" * 16, user=7, guest=None):
        try:
            raise ZeroDivisionError("by nothing")
        except ZeroDivisionError:
            logging.getLogger("sfu").exception("transport %d\nfailed", 3)
    logging.getLogger("sfu").info("later")
    first, second = (json.loads(line) for line in told.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == (
        "error",
        "sfu",
        "transport 3\nfailed",
    )
    assert (first["trace_id"], first["user"]) == ("ab" * 16, 7)
    assert "guest" not in first
    assert first["exc_info"].endswith("ZeroDivisionError: by nothing")
    assert first["time"].endswith("+00:00")
    assert second.keys() == {"time", "level", "logger", "message"}


def test_people_read_one_line_whatever_a_client_says() -> None:
    told = lines("console")
    with noted(meeting="standup"):
        note(participant="p1")
        logging.getLogger("api").info("a name: %s", "Eve\n2026-01-01 INFO api: \x1b[31mlies\x85")
    (line,) = told.getvalue().splitlines()
    assert line.endswith(
        r"INFO api: a name: Eve\x0a2026-01-01 INFO api: \x1b[31mlies\x85"
        " [meeting=standup participant=p1]"
    )


def test_the_same_again_and_again_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    told, now = lines("json"), 1e9
    monkeypatch.setattr("time.time", lambda: now)
    monkeypatch.setattr("time.time_ns", lambda: round(now * 1e9))
    most = round(KIND.burst)
    for number in range(most + 300):
        logging.getLogger("api").info("refused %d", number)
    logging.getLogger("api").info("something else")
    now += 1.5 / KIND.per_second
    for number in range(2):
        logging.getLogger("api").info("refused %d", number)
    *_, last, other, again = (json.loads(line) for line in told.getvalue().splitlines())
    assert len(told.getvalue().splitlines()) == most + 2
    assert (last["message"], other["message"]) == (f"refused {most - 1}", "something else")
    assert (again["message"], again["left_out"]) == ("refused 0", 300)
    assert "left_out" not in last


@pytest.mark.parametrize(
    ("text", "masked", "none"),
    [
        ("from 203.0.113.77:5000", "from 203.0.113.0:5000", "from (address):5000"),
        ("[2001:db8:1:2::77]:443", "[2001:db8:1::]:443", "[(address)]:443"),
        ("2001:db8:1:2:3:4:5:6,", "2001:db8:1::,", "(address),"),
        ("::ffff:203.0.113.77", "203.0.113.0", "(address)"),
        ("(203.0.113.77)", "(203.0.113.0)", "((address))"),
        ('"203.0.113.77"', '"203.0.113.0"', '"(address)"'),
        ("127.0.0.1 ::1 0.0.0.0 ::", "127.0.0.1 ::1 0.0.0.0 ::", "127.0.0.1 ::1 0.0.0.0 ::"),
        ("at 17:24:07, 1.2.3", "at 17:24:07, 1.2.3", "at 17:24:07, 1.2.3"),
        ("999.1.1.1 and a::b::c", "999.1.1.1 and a::b::c", "999.1.1.1 and a::b::c"),
        ("db::pool db:pool:acquire", "db::pool db:pool:acquire", "db::pool db:pool:acquire"),
    ],
)
def test_addresses_are_masked_and_nothing_else(text: str, masked: str, none: str) -> None:
    assert mask("full")(text) == text
    assert mask("masked")(text) == masked
    assert mask("none")(text) == none


@pytest.mark.parametrize("form", ["console", "json"])
def test_addresses_are_masked_wherever_they_come_from(form: str) -> None:
    told = lines(form, "masked")
    try:
        raise OSError("no route to 203.0.113.77")
    except OSError:
        logging.getLogger("db").exception("to\n%s", "2001:db8:1:2::77")
    assert "203.0.113.0" in told.getvalue()
    assert "2001:db8:1::" in told.getvalue()
    assert "113.77" not in told.getvalue()
    assert "2::77" not in told.getvalue()
