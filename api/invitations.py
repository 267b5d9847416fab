"""Invitations to sign up, for houses that are not open to everybody."""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import Any

from api.administration import named
from api.context import INVITATIONS, SIGNUP
from api.models.accounts import Invitation, IssuedInvitation, NewInvitation
from api.operations import Access, Call, Cost, Routes
from api.paging import Page, PageQuery, cursor, page
from api.problems import ProblemError, not_found
from db.invitations import InvitationRow

routes = Routes("invitations")


def new_code() -> str:
    """144 random bits."""
    return secrets.token_urlsafe(18)


def digest(code: str) -> bytes:
    """What is kept of a code. Nobody can guess one, so it needs no slow hash."""
    return hashlib.sha256(code.encode()).digest()


@routes.post(
    "/admin/invitations",
    access=Access.ADMIN,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    problems={HTTPStatus.CONFLICT: "The house is closed: `SIGNUP` allows no invitations."},
)
async def create(call: Call, body: NewInvitation) -> IssuedInvitation:
    """Invite somebody to sign up.

    The code is told only in this answer. It is good once and for seven days, and where `email` is
    given only for that.
    """
    if call.app[SIGNUP] == "closed":
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "This house is closed: only whoever runs the server can invite, by its command line.",
        )
    code = new_code()
    row = await call.app[INVITATIONS].create(digest(code), body.email, actor_id=call.user_id)
    return IssuedInvitation(**_fields(row), code=code)


@routes.get("/admin/invitations", access=Access.ADMIN)
async def invitations(call: Call, query: PageQuery) -> Page[Invitation]:
    """List invitations, the newest first.

    Those that nobody used disappear after they expire.
    """
    rows = await call.app[INVITATIONS].newest(cursor(query, int), query.limit + 1)
    return page(
        rows, query.limit, key=lambda row: (row.id,), shown=lambda row: Invitation(**_fields(row))
    )


@routes.delete("/admin/invitations/{invitation_id}", access=Access.ADMIN, cost=Cost.WRITE)
async def revoke(call: Call, invitation_id: int) -> None:
    """Take an invitation back that nobody has used."""
    if not await call.app[INVITATIONS].revoke(invitation_id, actor_id=call.user_id):
        raise not_found("unused invitation")


def _fields(row: InvitationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "created_by": named(row.created_by, row.creator_name),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "used_by": named(row.used_by, row.user_name),
    }
