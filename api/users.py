"""People with an account, as others may see them."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from api.context import USERS, respond, user_id
from api.models import User
from api.problems import ProblemError
from db.users import UserRow

routes = web.RouteTableDef()


@routes.get("/users/me")
async def me(request: web.Request) -> web.Response:
    user = await request.app[USERS].by_id(await user_id(request))
    if user is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "The account no longer exists.")
    return respond(shown(user))


def shown(user: UserRow) -> User:
    return User(
        id=user.id, email=user.email, name=user.name, age=user.age, created_at=user.created_at
    )
