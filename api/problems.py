"""Every error of the HTTP API is an RFC 9457 `application/problem+json` document.

Handlers raise `ProblemError`; the middleware turns it, and whatever else went wrong, into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from signaling import correlation

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CONTENT_TYPE = "application/problem+json"
SOON = {"Retry-After": "1"}
"""Headers of a 503 that may be over in a moment; seconds."""
WHY = web.ResponseKey("why", str)
"""Where the answer has the detail, for the log."""


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Path of the field, dotted; empty for the whole body.")
    message: str


class Problem(BaseModel):
    """RFC 9457, section 3.1. `type` is `about:blank`: the status says what kind it is."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    trace_id: str = Field(
        "",
        description="Names this request in the server's log, and its trace. Empty if no request "
        "was read.",
    )


class ProblemError(Exception):
    """Answered as a problem document with `status`."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


def invalid(errors: Iterable[ErrorDetails]) -> ProblemError:
    """The request's body does not fit its model."""
    fields = [
        FieldError(
            field=".".join(str(part) for part in error["loc"]),
            message=error["msg"].removeprefix("Value error, "),
        )
        for error in errors
    ]
    return unprocessable(fields)


def unprocessable(fields: Iterable[FieldError]) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "Some fields are not valid.", fields)


def not_found(what: str) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def forbidden(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.FORBIDDEN, detail)


def response(error: ProblemError) -> web.Response:
    problem = Problem(
        title=error.status.phrase,
        status=error.status,
        detail=error.detail,
        errors=error.errors,
        trace_id=correlation.trace_id(),
    )
    answer = web.Response(
        status=error.status,
        text=problem.model_dump_json(),
        content_type=CONTENT_TYPE,
        headers=error.headers,
    )
    answer[WHY] = error.detail
    return answer
