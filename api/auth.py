"""Accounts: signing up, in and out, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from api.context import (
    CREDENTIALS,
    GATEWAY,
    INVITATIONS,
    PASSWORDS,
    SESSIONS,
    SIGNUP,
    TOKENS,
    USERS,
)
from api.credentials import is_password
from api.invitations import digest
from api.models.accounts import Login, PasswordChange, Renewal, Session, SignedIn, Signup
from api.operations import Access, Call, Cost, Routes
from api.paging import Page, PageQuery, cursor, page
from api.problems import FieldError, ProblemError, not_found
from api.tokens import Token
from api.users import shown
from db.invitations import InvitationError
from db.users import EmailTakenError, NewUser, UserRow
from signaling.identity import Identity

_CLOSED = "This house is closed: an invitation of whoever runs the server is needed."
_INVITED = "An invitation is needed."

routes = Routes("auth")


@routes.post(
    "/auth/signup",
    access=Access.ANYBODY,
    cost=Cost.SIGN_IN,
    status=HTTPStatus.CREATED,
    problems={
        HTTPStatus.CONFLICT: "There is an account with this email.",
        HTTPStatus.FORBIDDEN: "An invitation is needed, and that is none, or not good any more.",
    },
)
async def signup(call: Call, body: Signup) -> Session:
    """Make an account, and sign in.

    Who may do so is set by `SIGNUP`: everybody, or whoever has an invitation.
    """
    if call.app[SIGNUP] != "open" and body.invitation is None:
        raise _uninvited(call, "is missing")
    user = NewUser(
        email=body.email,
        password=await call.app[PASSWORDS].hash(body.password),
        name=body.name or body.email.partition("@")[0],
        age=body.age,
    )
    try:
        row = await _create(call, user, body.invitation or "")
    except EmailTakenError:
        taken = FieldError(field="email", message="is taken")
        raise ProblemError(
            HTTPStatus.CONFLICT, "There is an account with this email.", [taken]
        ) from None
    except InvitationError:
        raise _uninvited(call, "is not good, or not any more, or not for this email") from None
    return _session(await call.app[TOKENS].issue_for_user(row.id), row)


async def _create(call: Call, user: NewUser, invitation: str) -> UserRow:
    signup = call.app[SIGNUP]
    if signup == "open":
        return await call.app[USERS].create(
            email=user.email, password=user.password, name=user.name, age=user.age
        )
    return await call.app[INVITATIONS].redeem(
        digest(invitation), user, from_administrators=signup == "invite"
    )


def _uninvited(call: Call, why: str) -> ProblemError:
    detail = _CLOSED if call.app[SIGNUP] == "closed" else _INVITED
    return ProblemError(HTTPStatus.FORBIDDEN, detail, [FieldError(field="invitation", message=why)])


@routes.post(
    "/auth/login",
    access=Access.ANYBODY,
    cost=Cost.SIGN_IN,
    problems={HTTPStatus.UNAUTHORIZED: "Email or password is wrong, or the account inactive."},
)
async def login(call: Call, body: Login) -> Session:
    """Sign in."""
    user = await call.app[USERS].by_email(body.email)
    hashed = user.password if user and user.is_active else None
    if not await is_password(call, body.email, hashed, body.password) or user is None:
        raise _refused()
    password = await _up_to_date(call, user, body.password)
    token = await call.app[TOKENS].issue_for_login(user.id, password)
    if token is None:  # changed in this moment
        raise _refused()
    return _session(token, user)


def _refused() -> ProblemError:
    return ProblemError(HTTPStatus.UNAUTHORIZED, "Email or password is wrong.")


async def _up_to_date(call: Call, user: UserRow, password: str) -> str:
    """The hash of a password that is right, made anew if it is not as good as today's are."""
    passwords = call.app[PASSWORDS]
    if not passwords.is_outdated(user.password):
        return user.password
    hashed = await passwords.hash(password)
    await call.app[CREDENTIALS].rehash(user.id, user.password, hashed)
    return hashed


def _session(token: Token, user: UserRow) -> Session:
    return Session(token=token.text, expires_at=token.expires_at, user=shown(user))


@routes.post("/auth/logout", access=Access.GUEST, cost=Cost.WRITE)
async def logout(call: Call) -> None:
    """Sign out: the token is good no longer, and its connections to `/ws` are closed."""
    identity = _identity(call)
    await call.app[TOKENS].revoke(identity)
    _end(call, lambda other: other.session_id == identity.session_id)


@routes.post("/auth/renew", access=Access.GUEST, cost=Cost.WRITE)
async def renew(call: Call) -> Renewal:
    """Stay signed in: get a token that is good for longer.

    It is the same session, so its connections to `/ws` stay open. Nobody stays signed in for more
    than 90 days this way.
    """
    token = await call.app[TOKENS].renew(_identity(call))
    if token is None:  # ended in this moment
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "The session has ended.")
    return Renewal(token=token.text, expires_at=token.expires_at)


@routes.put(
    "/auth/password",
    access=Access.USER,
    cost=Cost.SIGN_IN,
    problems={HTTPStatus.FORBIDDEN: "The current password is wrong."},
)
async def change_password(call: Call, body: PasswordChange) -> None:
    """Change one's password, and sign out everywhere else."""
    user = await call.app[USERS].by_id(call.user_id)
    if user is None or not await is_password(call, user.email, user.password, body.current):
        raise _wrong_password()
    current = _identity(call).session_id
    changed = await call.app[CREDENTIALS].change(
        user.id, user.password, await call.app[PASSWORDS].hash(body.new), UUID(current)
    )
    if not changed:  # by another request, in this moment
        raise _wrong_password()
    _end(call, lambda other: other.user_id == user.id and other.session_id != current)


def _wrong_password() -> ProblemError:
    wrong = FieldError(field="current", message="is wrong")
    return ProblemError(HTTPStatus.FORBIDDEN, "The current password is wrong.", [wrong])


@routes.get("/auth/sessions", access=Access.USER)
async def sessions(call: Call, query: PageQuery) -> Page[SignedIn]:
    """List where one is signed in, the newest first."""
    after = cursor(query, datetime, str)
    rows = await call.app[SESSIONS].list_for(
        call.user_id, (after[0], _uuid(after[1])) if after else None, query.limit + 1
    )
    current = _identity(call).session_id
    return page(
        rows,
        query.limit,
        key=lambda row: (row.created_at, str(row.id)),
        shown=lambda row: SignedIn(
            id=str(row.id),
            created_at=row.created_at,
            expires_at=row.expires_at,
            current=str(row.id) == current,
        ),
    )


@routes.delete("/auth/sessions/{session_id}", access=Access.USER, cost=Cost.WRITE)
async def end_session(call: Call, session_id: str) -> None:
    """Sign out elsewhere, such as on a lost device."""
    session = _uuid(session_id)
    if not await call.app[SESSIONS].close_own(call.user_id, session):
        raise not_found("session")
    _end(call, lambda other: other.session_id == str(session))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found("session") from None


def _end(call: Call, matches: Callable[[Identity], bool]) -> None:
    """What these logins have open; their rows are gone already."""
    call.app[GATEWAY].hub.revoke(matches)


def _identity(call: Call) -> Identity:
    if call.identity is None:
        raise RuntimeError("an operation for everybody asked who it is")
    return call.identity
