"""The exported schema says of each field what really happens on the wire."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from signaling import messages
from signaling.schema import REQUESTS, document

SCHEMAS: dict[str, Any] = document()["components"]["schemas"]


def test_every_reference_resolves() -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document())))
    assert names
    assert names <= set(SCHEMAS)


def test_every_model_of_the_protocol_is_there() -> None:
    abstract = {"Message", "Request", "Result", "NumberedEvent"}
    models = {
        name
        for name, value in vars(messages).items()
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
    }
    assert models - abstract <= set(SCHEMAS)


def test_what_a_request_may_omit_is_optional() -> None:
    assert SCHEMAS["Join"]["required"] == ["id", "type", "meeting_id"]
    assert SCHEMAS["ViewItem"]["required"] == ["track_id", "width", "height"]
    assert "default" not in str(SCHEMAS["Publish"])


@pytest.mark.parametrize("name", ["Slot", "Failure", "Media", "Joined", "JoinResult", "Encoding"])
def test_what_the_server_sends_is_complete(name: str) -> None:
    assert set(SCHEMAS[name]["required"]) == set(SCHEMAS[name]["properties"])


def test_unions_are_told_apart_by_type() -> None:
    requests = SCHEMAS["ClientRequest"]["discriminator"]
    assert requests["propertyName"] == "type"
    assert len(requests["mapping"]) == len(REQUESTS)
    assert {"reply", "error", "slots", "closing"} <= set(
        SCHEMAS["ServerMessage"]["discriminator"]["mapping"]
    )


def test_results_name_the_model_of_each_reply() -> None:
    results = SCHEMAS["Results"]["properties"]
    assert set(results) == set(SCHEMAS["ClientRequest"]["discriminator"]["mapping"])
    assert results["join"] == {"$ref": "#/components/schemas/JoinResult"}
    assert results["mute"] == {"$ref": "#/components/schemas/Empty"}
