"""One operation of the HTTP API: a path, who may use it, and a typed function that does it.

The function's signature and docstring are the only description there is. From them come the check
of what is sent, the answer, and the operation's part of the OpenAPI document:

    @routes.patch("/blogs/{post_id}", access=Access.USER, cost=Cost.WRITE, edits=True)
    async def edit(call: Call, post_id: int, body: PostChanges) -> Versioned[Post]:
        \"\"\"Change a post.\"\"\"

`body` and `query` are models; other parameters are parts of the path.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from aiohttp import web
from pydantic import BaseModel

from signaling.identity import Identity

M = TypeVar("M", bound=BaseModel)
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

INTEGER = "[1-9][0-9]{0,18}"
"""A path's number; what else stands there is nothing that exists."""


class Access(StrEnum):
    """Who may use an operation at all; what of it is theirs, the operation itself checks."""

    ANYBODY = "anybody"
    """A token that is sent is still checked."""
    GUEST = "guest"
    """Anybody signed in, guests of a meeting too."""
    USER = "user"
    """Whoever has an account."""
    ADMIN = "administrator"


class Cost(StrEnum):
    """What an operation costs us: the class of its rate limit."""

    READ = "read"
    WRITE = "write"
    EXPENSIVE = "expensive"
    """Hashing, images."""
    SIGN_IN = "sign_in"
    """Where strangers try their luck."""


@dataclass(frozen=True, slots=True)
class Call:
    """One use of an operation."""

    request: web.Request
    address: str
    """Whoever sent it, as an IP address."""
    identity: Identity | None = None
    if_match: int | None = None
    """The version to be edited; None: whichever there is."""

    @property
    def app(self) -> web.Application:
        return self.request.app

    @property
    def user_id(self) -> int:
        """The account that sends it; only where access is USER or ADMIN."""
        if self.identity is None or self.identity.user_id is None:
            raise RuntimeError("an operation for everybody asked for an account")
        return self.identity.user_id


@dataclass(frozen=True, slots=True)
class Answer(Generic[M]):
    """An answer with another status than the operation's usual one, or with headers."""

    model: M
    status: HTTPStatus | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[M]):
    """An answer with an `ETag`, to be sent back as `If-Match` with an edit."""

    model: M
    version: int
    status: HTTPStatus | None = None


Handler = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What `Routes` makes of a decorated function."""

    method: str
    path: str
    tag: str
    handler: Handler
    access: Access
    cost: Cost
    status: HTTPStatus
    also: Mapping[HTTPStatus, str]
    """Other answers that are no errors, and what they mean."""
    problems: Mapping[HTTPStatus, str]
    """Errors of its own, and what they mean; the general ones need not be told."""
    idempotent: bool
    """`Idempotency-Key` is heeded. Not where an answer tells a secret: it is kept for a day."""
    edits: bool
    """`If-Match` is needed."""
    accepts: str | None
    """Content type of a body that is no JSON."""
    produces: str | None
    """Content type of an answer that is no JSON."""
    max_body: int | None
    """Bytes, where it is not the application's usual limit."""
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    path_parameters: Mapping[str, type[int] | type[str]]
    answer: type[BaseModel] | None
    """None: no content, or `produces`."""

    @property
    def id(self) -> str:
        return f"{self.tag}_{self.handler.__name__}"

    @property
    def summary(self) -> str:
        return self._documentation[0].rstrip(".")

    @property
    def description(self) -> str:
        return "\n".join(self._documentation[1:]).strip()

    @property
    def _documentation(self) -> Sequence[str]:
        return (inspect.getdoc(self.handler) or self.handler.__name__).splitlines()

    @property
    def route(self) -> str:
        """The path as aiohttp matches it."""
        pattern = self.path
        for name, kind in self.path_parameters.items():
            if kind is int:
                pattern = pattern.replace(f"{{{name}}}", f"{{{name}:{INTEGER}}}")
        return pattern


class Routes:
    """Operations with one tag. Each decorator leaves the function as it is."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        return self._operation("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        return self._operation("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        return self._operation("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        return self._operation("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        return self._operation("DELETE", path, **options)

    def _operation(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        cost: Cost = Cost.READ,
        status: HTTPStatus | None = None,
        also: Mapping[HTTPStatus, str] | None = None,
        problems: Mapping[HTTPStatus, str] | None = None,
        idempotent: bool = False,
        edits: bool = False,
        accepts: str | None = None,
        produces: str | None = None,
        max_body: int | None = None,
    ) -> Callable[[F], F]:
        if idempotent and access not in (Access.USER, Access.ADMIN):
            raise TypeError(f"{path}: only accounts have idempotency keys")

        def add(handler: F) -> F:
            hints = get_type_hints(handler)
            answer = _answer_model(hints.pop("return"))
            usual = HTTPStatus.OK if answer or produces else HTTPStatus.NO_CONTENT
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    tag=self.tag,
                    handler=handler,
                    access=access,
                    cost=cost,
                    status=status or usual,
                    also=also or {},
                    problems=problems or {},
                    idempotent=idempotent,
                    edits=edits,
                    accepts=accepts,
                    produces=produces,
                    max_body=max_body,
                    body=hints.pop("body", None),
                    query=hints.pop("query", None),
                    path_parameters=_path_parameters(path, hints),
                    answer=answer,
                )
            )
            return handler

        return add


def _answer_model(annotation: object) -> type[BaseModel] | None:
    """The model of what a handler returns."""
    if get_origin(annotation) in (Answer, Versioned):
        (annotation,) = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if annotation is NoneType or (
        isinstance(annotation, type) and issubclass(annotation, web.StreamResponse)
    ):
        return None
    raise TypeError(f"an operation cannot answer with {annotation}")


def _path_parameters(path: str, hints: dict[str, Any]) -> dict[str, type[int] | type[str]]:
    names = re.findall(r"\{(\w+)\}", path)
    if hints.keys() != {"call", *names}:
        raise TypeError(f"{path}: the handler's parameters are {sorted(hints)}")
    return {name: hints[name] for name in names}
