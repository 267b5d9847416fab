"""The OpenAPI 3.1 document of the HTTP API, made from its operations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core.core_schema import WithDefaultSchema

from api import idempotency, problems
from api.operations import Access, Operation
from api.problems import Problem

Json = dict[str, Any]
Schemas = Mapping[tuple[Any, JsonSchemaMode], Json]
REFERENCE = "#/components/schemas/{model}"
_DESCRIPTION = (
    "Errors are RFC 9457 problem documents. Lists come in pages: send `next` as `after` to go on. "
    "An edit needs `If-Match` with the `ETag` of what was read."
)


_REPLAYED = {
    "description": "`true`: this is the answer to an earlier request with the same key.",
    "schema": {"const": "true"},
}


class _Generator(GenerateJsonSchema):
    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Leave the default out: generators take it as "always there", a request may omit it."""
        return self.generate_inner(schema["schema"])

    def normalize_name(self, name: str) -> str:
        """Name pages as their classes are named: PostPage, not Page_Post_."""
        return super().normalize_name(re.sub(r"^Page\[(\w+)\]$", r"\1Page", name))


def document(operations: Iterable[Operation]) -> Json:
    operations = list(operations)
    schemas, definitions = models_json_schema(
        sorted(_models(operations), key=str),
        ref_template=REFERENCE,
        schema_generator=_Generator,
    )
    paths: dict[str, Json] = {}
    for operation in operations:
        described = _Description(operation, schemas).whole()
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tertulia",
            "version": version("tertulia"),
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for each in operations)],
    }


def _models(operations: Iterable[Operation]) -> set[tuple[type[BaseModel], JsonSchemaMode]]:
    """Requests as they are validated; answers as they are sent, where every field is there."""
    models: set[tuple[type[BaseModel], JsonSchemaMode]] = {(Problem, "serialization")}
    for operation in operations:
        if operation.body:
            models.add((operation.body, "validation"))
        if operation.answer:
            models.add((operation.answer, "serialization"))
    return models


class _Description:
    """One operation, as OpenAPI has it."""

    def __init__(self, operation: Operation, schemas: Schemas) -> None:
        self._operation = operation
        self._schemas = schemas

    def whole(self) -> Json:
        operation = self._operation
        described: Json = {
            "operationId": operation.id,
            "tags": [operation.tag],
            "summary": operation.summary,
            "description": operation.description,
            "parameters": self._parameters(),
            "responses": self._responses(),
            "security": self._security(),
        }
        if operation.body or operation.accepts:
            described["requestBody"] = {"required": True, "content": self._request_content()}
        return {name: value for name, value in described.items() if value not in ("", [])}

    def _security(self) -> list[Json]:
        signed_in: Json = {"bearer": []}
        return [{}, signed_in] if self._operation.access is Access.ANYBODY else [signed_in]

    def _request_content(self) -> Json:
        operation = self._operation
        if operation.accepts:
            return {operation.accepts: {}}
        assert operation.body  # noqa: S101 - asked by the caller
        return {"application/json": {"schema": self._schemas[operation.body, "validation"]}}

    def _parameters(self) -> list[Json]:
        return [*self._path_parameters(), *self._query_parameters(), *self._header_parameters()]

    def _path_parameters(self) -> Iterable[Json]:
        for name, kind in self._operation.path_parameters.items():
            schema: Json = {"type": "string", "minLength": 1}
            if kind is int:
                schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
            yield {"name": name, "in": "path", "required": True, "schema": schema}

    def _query_parameters(self) -> Iterable[Json]:
        if self._operation.query is None:
            return
        schema = self._operation.query.model_json_schema(schema_generator=_Generator)
        for name, described in schema["properties"].items():
            parameter = {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": described.pop("description", ""),
                "schema": _without_null(described),
            }
            yield {key: value for key, value in parameter.items() if value != ""}

    def _header_parameters(self) -> Iterable[Json]:
        if self._operation.edits:
            yield _header("If-Match", "The `ETag` of what is edited, or `*`.", required=True)
        if self._operation.idempotent:
            text = "Chosen by the client: a repeated request with it does nothing again."
            header = _header(idempotency.HEADER, text, required=False)
            yield {**header, "schema": {"type": "string", "pattern": f"^{idempotency.PATTERN}$"}}

    def _responses(self) -> Json:
        operation = self._operation
        responses = {str(operation.status.value): self._success(operation.status.phrase)}
        for status, meaning in operation.also.items():
            is_empty = status == HTTPStatus.NOT_MODIFIED
            answer = {"description": meaning} if is_empty else self._success(meaning)
            responses[str(status.value)] = answer
        errors = {**_errors(operation), **operation.problems}
        for status, meaning in sorted(errors.items()):
            responses[str(status.value)] = self._problem(status, meaning)
        responses["default"] = {"description": "Another error", "content": self._problem_content()}
        return responses

    def _success(self, meaning: str) -> Json:
        operation = self._operation
        if operation.produces:
            return {"description": meaning, "content": {operation.produces: {}}}
        if operation.answer is None:
            return {"description": meaning}
        schema = self._schemas[operation.answer, "serialization"]
        described: Json = {
            "description": meaning,
            "content": {"application/json": {"schema": schema}},
        }
        if operation.idempotent:
            described["headers"] = {idempotency.REPLAYED: _REPLAYED}
        return described

    def _problem(self, status: HTTPStatus, meaning: str) -> Json:
        described: Json = {"description": meaning, "content": self._problem_content()}
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            described["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}
            }
        return described

    def _problem_content(self) -> Json:
        return {problems.CONTENT_TYPE: {"schema": self._schemas[Problem, "serialization"]}}


def _errors(operation: Operation) -> dict[HTTPStatus, str]:
    """What any operation of its kind may answer."""
    errors = {
        HTTPStatus.TOO_MANY_REQUESTS: "Too often; try again later.",
        HTTPStatus.SERVICE_UNAVAILABLE: "The database is away; try again later.",
    }
    if operation.access is Access.ANYBODY:
        errors[HTTPStatus.UNAUTHORIZED] = "The token is not valid."
    else:
        errors[HTTPStatus.UNAUTHORIZED] = "Sign in first."
        errors[HTTPStatus.FORBIDDEN] = "Not yours to do."
    if operation.path_parameters:
        errors[HTTPStatus.NOT_FOUND] = "Nothing there that you may see."
    if operation.body:
        errors[HTTPStatus.BAD_REQUEST] = "The body is not JSON."
        errors[HTTPStatus.REQUEST_ENTITY_TOO_LARGE] = "The body is too large."
        errors[HTTPStatus.UNSUPPORTED_MEDIA_TYPE] = "The body is not said to be JSON."
    if operation.body or operation.query:
        errors[HTTPStatus.UNPROCESSABLE_ENTITY] = "Some fields are not valid."
    if operation.edits:
        errors[HTTPStatus.PRECONDITION_FAILED] = "It has been changed meanwhile."
        errors[HTTPStatus.PRECONDITION_REQUIRED] = "If-Match is missing."
    if operation.idempotent:
        errors[HTTPStatus.CONFLICT] = "A request with this Idempotency-Key is under way."
    return errors


def _header(name: str, description: str, *, required: bool) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }


def _without_null(schema: Json) -> Json:
    """A parameter of a query is left out, not null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema
