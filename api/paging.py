"""Lists, page by page, by key: pages stay right while others write.

A page begins after the last item of the one before, wherever that stands by then. Its key travels
as a cursor, which is opaque to clients.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.models.common import Model
from api.problems import FieldError, unprocessable

R = TypeVar("R")
T = TypeVar("T", bound=BaseModel)

DEFAULT_LIMIT = 30
MAX_LIMIT = 100
_MAX_INTEGER = 2**63 - 1

Key = tuple[Any, ...]


class PageQuery(Model):
    """What each list takes; lists with filters add to it."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    """How many items at most."""
    after: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    """`next` of the page before."""


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    items: list[T]
    next: str | None = None
    """`after` of the next page; null at the end."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        return f"{params[0].__name__}Page"


def cursor(query: PageQuery, *kinds: type) -> Key | None:
    """The key to go on after: one value per kind, each an int, str or datetime.

    Raises ProblemError 422 for what is no cursor of such a list.
    """
    if query.after is None:
        return None
    try:
        values = json.loads(urlsafe_b64decode(query.after.encode("ascii")))
        if not isinstance(values, list):
            raise ValueError(values)
        return tuple(_decoded(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        wrong = FieldError(field="after", message="is not what `next` of a page said")
        raise unprocessable([wrong]) from None


def _decoded(value: object, kind: type) -> object:
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if type(value) is not kind:
        raise ValueError(value)
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise ValueError(value)
    # PostgreSQL takes neither NUL nor half a character (a ValueError, too).
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError(value)
    return value


def page(
    rows: Sequence[R], limit: int, key: Callable[[R], Key], shown: Callable[[R], T]
) -> Page[T]:
    """From `limit` + 1 rows: the one too many tells that there is another page."""
    visible = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[shown(row) for row in visible], next=_encoded(key(visible[-1])) if more else None
    )


def _encoded(key: Key) -> str:
    values = [value.isoformat() if isinstance(value, datetime) else value for value in key]
    # Unescaped: a name of 80 letters of any script has room in a cursor.
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode()
