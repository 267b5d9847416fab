"""What comes with a request: its body, and its query."""

from __future__ import annotations

import json
from collections import Counter
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from api.operations import Operation
from api.problems import FieldError, ProblemError, invalid, unprocessable

JSON = "application/json"
MAX_BODY = 64 * 1024
"""Bytes, where nothing else is said."""


async def content(operation: Operation, request: web.Request) -> dict[str, BaseModel]:
    """The arguments `query` and `body`; the whole body has come then.

    Raises ProblemError 400, 413, 415, 422.
    """
    found = {}
    if operation.query:
        found["query"] = _query(request, operation.query)
    if operation.accepts:
        _check_type(request, operation.accepts)
        await request.read()
    if operation.body:
        _check_type(request, JSON)
        found["body"] = _body(await request.read(), operation.body)
    return found


def _query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    _check_unique(list(request.query))
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_input=False)) from None


def _check_type(request: web.Request, wanted: str) -> None:
    if not fnmatchcase(request.content_type, wanted):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {wanted}, and say so in Content-Type."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Send the body as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},  # RFC 9110, section 12.5.3
        )


def _body(text: bytes, model: type[BaseModel]) -> BaseModel:
    try:
        body = model.model_validate_json(text, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        if details[0]["type"] == "json_invalid":
            raise ProblemError(
                HTTPStatus.BAD_REQUEST, f"The body is not JSON: {details[0]['msg']}"
            ) from None
        raise invalid(details) from None
    # The parser above takes the last of two members with one name, others take the first. By now
    # it is known to be no deeper than that parser allows.
    json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    return body


def _unique(members: list[tuple[str, Any]]) -> None:
    if len(members) > 1:  # of objects there may be very many
        _check_unique([name for name, _ in members])


def _check_unique(names: list[str]) -> None:
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        raise unprocessable(FieldError(field=name, message="is there twice") for name in twice)
