"""From the text of a WebSocket message to a request."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from signaling.errors import RequestError
from signaling.messages import AnyRequest

_ADAPTER: TypeAdapter[AnyRequest] = TypeAdapter(AnyRequest)
_MAX_ID = 2**53 - 1


def parse(text: str | bytes) -> AnyRequest:
    """Strict: no number where a text should be, no binary messages. Raises RequestError."""
    if isinstance(text, bytes):
        raise RequestError("bad_message", "Send text messages, not binary ones.")
    try:
        return _ADAPTER.validate_json(text, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise _refusal(details, text) from None


def _refusal(details: ErrorDetails, text: str) -> RequestError:
    request = _id_of(text)
    match details["type"]:
        case "union_tag_invalid":
            return RequestError("unknown_type", "There is no such request.", "type", request)
        case "union_tag_not_found":
            return RequestError("bad_message", "Field required", "type", request)
    field = ".".join(str(part) for part in details["loc"][1:]) or None
    return RequestError("bad_message", details["msg"], field, request)


def _id_of(text: str) -> int | None:
    """The id of a message that is wrong elsewhere, so that its sender finds the request."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    number = message.get("id") if isinstance(message, dict) else None
    return number if type(number) is int and 0 <= number <= _MAX_ID else None
