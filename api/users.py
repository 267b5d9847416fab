"""People with an account: one's own, and others as far as they may be seen.

Others see a name and a picture, never an email or an age. Pictures are for whoever has an account;
guests of a meeting see none.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import ETag, web

from api.avatars import FORMATS, MAX_BYTES, UnreadableImageError, avatar_path
from api.context import AVATAR_MAKER, AVATARS, CHAT, GATEWAY, LIMITER, USERS
from api.credentials import is_password
from api.models.people import Farewell, Me, PeopleQuery, Person, ProfileChanges
from api.operations import Access, Call, Cost, Routes, Versioned
from api.paging import Page, cursor, page
from api.problems import FieldError, ProblemError, not_found, unprocessable
from db import users
from db.users import LastAdministratorError, PersonRow, UserRow

AVATAR_CACHING = "private, max-age=300"
"""After a change of picture the path is another one; this is for who uses the bare path."""

routes = Routes("users")


@routes.get("/users/me", access=Access.USER)
async def me(call: Call) -> Versioned[Me]:
    """One's own account."""
    return _own(await call.app[USERS].by_id(call.user_id))


@routes.patch("/users/me", access=Access.USER, cost=Cost.WRITE, edits=True)
async def edit(call: Call, body: ProfileChanges) -> Versioned[Me]:
    """Change one's name and age."""
    changes = users.ProfileChanges(
        body.name, body.age, forget_age="age" in body.model_fields_set and body.age is None
    )
    return _own(await call.app[USERS].change_profile(call.user_id, changes, call.if_match))


@routes.put(
    "/users/me/avatar",
    access=Access.USER,
    cost=Cost.EXPENSIVE,
    accepts="image/*",
    max_body=MAX_BYTES,
    problems={
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The file is larger than 2 MiB.",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "It is not said to be PNG, JPEG, WebP or GIF.",
        HTTPStatus.UNPROCESSABLE_ENTITY: "It cannot be read, or has too many pixels.",
    },
)
async def put_avatar(call: Call) -> Versioned[Me]:
    """Give oneself a picture.

    The body is a PNG, JPEG, WebP or GIF file of at most 2 MiB and 12 megapixels. Its middle is
    kept, as a WebP of 256 × 256 pixels; of an animation its first picture; of what else the file
    tells, such as where it was taken, nothing.
    """
    if call.request.content_type not in FORMATS:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Send a picture with one of these as Content-Type: {', '.join(FORMATS)}.",
        )
    data = await call.request.read()
    try:
        avatar = await call.app[AVATAR_MAKER].make(data, call.request.content_type)
    except UnreadableImageError as error:
        raise unprocessable([FieldError(field="", message=str(error))]) from None
    return _own(await call.app[AVATARS].put(call.user_id, avatar))


@routes.delete("/users/me/avatar", access=Access.USER, cost=Cost.WRITE)
async def delete_avatar(call: Call) -> Versioned[Me]:
    """Be without a picture."""
    return _own(await call.app[AVATARS].delete(call.user_id))


@routes.delete(
    "/users/me",
    access=Access.USER,
    cost=Cost.SIGN_IN,
    problems={
        HTTPStatus.FORBIDDEN: "The password is wrong.",
        HTTPStatus.CONFLICT: "Nobody would be left who could administer.",
    },
)
async def delete(call: Call, body: Farewell) -> None:
    """Delete one's account, for good.

    At once and everywhere: name, email, age, password, picture, sessions, invitations, posts
    (drafts too) and memberships are deleted; meetings one hosts end. What one wrote in
    conversations stays with the others, as by "Deleted user".

    The password comes in the body, where neither its characters nor anybody's logs are a problem.
    """
    user = await call.app[USERS].by_id(call.user_id)
    if user is None or not await is_password(call, user.email, user.password, body.password):
        wrong = FieldError(field="password", message="is wrong")
        raise ProblemError(HTTPStatus.FORBIDDEN, "The password is wrong.", [wrong])
    await delete_account(call, call.user_id)


async def delete_account(call: Call, user_id: int) -> None:
    """And end what runs by it. Raises ProblemError 404, 409."""
    try:
        gone = await call.app[USERS].delete(user_id, actor_id=call.user_id)
    except LastAdministratorError:
        raise last_administrator() from None
    if gone is None:
        raise not_found("account")
    for meeting_id in gone.meetings:
        call.app[GATEWAY].hub.meeting_ended(meeting_id)
    sign_out(call, user_id)
    for conversation_id, others in gone.conversations.items():
        call.app[CHAT].members_changed(conversation_id, others)


def sign_out(call: Call, user_id: int) -> None:
    """End what the account has open; its sessions' rows are gone already."""
    call.app[GATEWAY].hub.revoke(lambda identity: identity.user_id == user_id)


def last_administrator() -> ProblemError:
    return ProblemError(
        HTTPStatus.CONFLICT, "Nobody would be left who could administer. Promote somebody first."
    )


@routes.get("/users", access=Access.USER)
async def people(call: Call, query: PeopleQuery) -> Page[Person]:
    """List people to talk to, by name, without oneself."""
    if query.search and call.identity:  # a letter that many names begin with takes PostgreSQL long
        call.app[LIMITER].check_account(call.identity, Cost.WRITE)
    rows = await call.app[USERS].people(
        cursor(query, str, int), query.limit + 1, but=call.user_id, search=query.search
    )
    return page(rows, query.limit, key=lambda row: (row.folded, row.id), shown=_person)


@routes.get("/users/{user_id}", access=Access.USER)
async def person(call: Call, user_id: int) -> Person:
    """Who somebody is."""
    row = await call.app[USERS].person(user_id)
    if row is None:
        raise not_found("person")
    return _person(row)


@routes.get(
    "/users/{user_id}/avatar",
    access=Access.USER,
    produces="image/webp",
    also={HTTPStatus.NOT_MODIFIED: "The `ETag` in `If-None-Match` is still that of the picture."},
)
async def avatar(call: Call, user_id: int) -> web.Response:
    """Somebody's picture, 256 × 256 pixels.

    `avatar` of people and accounts has its path with something that changes with the picture.
    """
    row = await call.app[AVATARS].find(user_id)
    if row is None:
        raise not_found("picture")
    # `Vary`: on a shared computer the next one to sign in is not shown what he may not see.
    answer = web.Response(headers={"Cache-Control": AVATAR_CACHING, "Vary": "Authorization"})
    answer.etag = row.digest
    known = call.request.if_none_match or ()
    if any(each == ETag("*") or each.value == row.digest for each in known):
        answer.set_status(HTTPStatus.NOT_MODIFIED)
    else:
        answer.content_type, answer.body = "image/webp", row.image
    return answer


def _own(user: UserRow | None) -> Versioned[Me]:
    if user is None:
        raise not_found("account")
    return Versioned(shown(user), user.version)


def shown(user: UserRow) -> Me:
    """An account, as its owner sees it."""
    return Me(
        id=user.id,
        email=user.email,
        name=user.name,
        age=user.age,
        avatar=avatar_path(user.id, user.avatar),
        is_admin=user.is_admin,
        created_at=user.created_at,
        version=user.version,
    )


def _person(row: PersonRow) -> Person:
    return Person(id=row.id, name=row.name, avatar=avatar_path(row.id, row.avatar))
