"""The OpenAPI document, which the client's types are made from."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from api.openapi import document
from api.operations import Access
from api.resources import OPERATIONS
from tests.api.conftest import Api

DOCUMENT: Any = document(OPERATIONS)
SCHEMAS: Any = DOCUMENT["components"]["schemas"]


def described(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method]
    return found


def test_others_find_it_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_has_every_operation_once() -> None:
    names = [operation.id for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert sum(len(methods) for methods in DOCUMENT["paths"].values()) == len(names)


def test_every_operation_says_what_it_does() -> None:
    assert [each.id for each in OPERATIONS if each.handler.__doc__ is None] == []


def test_what_a_request_may_leave_out_is_optional() -> None:
    assert SCHEMAS["Signup"]["required"] == ["email", "password"]
    assert "required" not in SCHEMAS["NewMeeting"]
    assert "default" not in SCHEMAS["NewMeeting"]["properties"]["title"]


def test_what_an_answer_always_has_is_required() -> None:
    for operation in OPERATIONS:
        if operation.answer:
            fields = set(operation.answer.model_fields)
            assert set(SCHEMAS[operation.answer.__name__]["required"]) == fields


def test_a_token_is_needed_unless_anybody_may() -> None:
    for operation in OPERATIONS:
        security = described(operation.path, operation.method.lower())["security"]
        assert ({} in security) == (operation.access is Access.ANYBODY)


async def test_it_is_served(api: Api) -> None:
    async with api.get("/api", headers={"Accept": "application/json"}) as response:
        assert response.content_type == "application/json"
        assert await response.json() == DOCUMENT
