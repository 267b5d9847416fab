from __future__ import annotations

import json
from typing import Any

import pytest

from sfu.tracks import TrackSource
from signaling.errors import RequestError
from signaling.messages import Publish
from signaling.parsing import parse


def refusal(message: Any) -> RequestError:  # noqa: ANN401 - any JSON
    with pytest.raises(RequestError) as caught:
        parse(message if isinstance(message, str | bytes) else json.dumps(message))
    return caught.value


def test_a_request_is_typed() -> None:
    text = '{"id": 7, "type": "publish", "source": "camera", "mid": "1", "new_field": [1]}'
    assert parse(text) == Publish(id=7, type="publish", source=TrackSource.CAMERA, mid="1")


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "[1", "[" * 100_000, "null", "3", '"text"', "[]", b"\x00\xff", "{}"],
)
def test_what_is_no_request_has_no_id(message: str | bytes) -> None:
    error = refusal(message)
    assert error.problem.code == "bad_message"
    assert error.request is None


@pytest.mark.parametrize("type_", ["nonsense", "", "Join", 3, None, {"a": 1}])
def test_an_unknown_type_is_named_as_such(type_: object) -> None:
    error = refusal({"id": 4, "type": type_})
    assert (error.problem.code, error.problem.field) == ("unknown_type", "type")
    assert error.request == 4


def test_a_missing_type_is_a_bad_message() -> None:
    error = refusal({"id": 4})
    assert (error.problem.code, error.problem.field) == ("bad_message", "type")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "mute", "track_id": "a", "muted": "yes"}, "muted"),
        ({"type": "mute", "track_id": "a", "muted": 1}, "muted"),
        ({"type": "mute", "track_id": 1, "muted": True}, "track_id"),
        ({"type": "mute", "track_id": "", "muted": True}, "track_id"),
        ({"type": "mute", "muted": True}, "track_id"),
        ({"type": "join", "meeting_id": "x" * 65}, "meeting_id"),
        ({"type": "join", "meeting_id": "x", "replaces": {"session_id": "a"}}, "replaces.secret"),
        ({"type": "publish", "source": "webcam", "mid": "0"}, "source"),
        ({"type": "slots_applied", "revision": -1}, "revision"),
        ({"type": "slots_applied", "revision": 0.5}, "revision"),
        ({"type": "offer", "sdp": "x" * (256 * 1024 + 1)}, "sdp"),
        ({"type": "offer", "sdp": None}, "sdp"),
        (
            {"type": "view", "tracks": [{"track_id": "a", "width": -1, "height": 0}]},
            "tracks.0.width",
        ),
        ({"type": "view", "tracks": [{"track_id": "a", "width": 1, "height": 1}] * 101}, "tracks"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, object], field: str) -> None:
    error = refusal({"id": 9, **fields})
    assert (error.problem.code, error.problem.field) == ("bad_message", field)
    assert error.request == 9


@pytest.mark.parametrize("number", [None, True, "1", 1.5, -1, 2**53, [1]])
def test_a_wrong_id_is_no_id(number: object) -> None:
    error = refusal({"id": number, "type": "ping"})
    assert (error.problem.code, error.problem.field) == ("bad_message", "id")
    assert error.request is None


def test_what_was_sent_is_not_echoed() -> None:
    error = refusal({"id": 1, "type": "authenticate", "token": ["my-secret-token"]})
    assert "my-secret-token" not in error.problem.model_dump_json()
