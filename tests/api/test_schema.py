"""The document the client's types are generated from."""

from __future__ import annotations

from typing import Any

from api.models import REQUESTS, RESPONSES
from api.schema import document


def schemas() -> dict[str, Any]:
    components: Any = document()["components"]
    found: dict[str, Any] = components["schemas"]
    return found


def test_it_has_every_model() -> None:
    assert schemas().keys() == {model.__name__ for model in (*REQUESTS, *RESPONSES)}


def test_what_a_request_may_leave_out_is_optional() -> None:
    assert schemas()["Signup"]["required"] == ["email", "password"]
    assert "required" not in schemas()["NewMeeting"]
    assert "default" not in schemas()["NewMeeting"]["properties"]["title"]


def test_what_an_answer_always_has_is_required() -> None:
    for model in RESPONSES:
        assert set(schemas()[model.__name__]["required"]) == set(model.model_fields)
