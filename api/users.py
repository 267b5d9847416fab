"""People with an account, as others may see them."""

from __future__ import annotations

from api.context import USERS
from api.models.people import Me
from api.operations import Access, Call, Routes
from api.problems import not_found
from db.users import UserRow

routes = Routes("users")


@routes.get("/users/me", access=Access.USER)
async def me(call: Call) -> Me:
    """One's own account."""
    user = await call.app[USERS].by_id(call.user_id)
    if user is None:
        raise not_found("account")
    return shown(user)


def shown(user: UserRow) -> Me:
    return Me(
        id=user.id, email=user.email, name=user.name, age=user.age, created_at=user.created_at
    )
