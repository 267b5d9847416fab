"""What `tertulia admin` does: whoever runs the server has its rights without an account.

It goes to the database itself. The embedded one is either served by a running Tertulia, or started
for the moment. A running server notices by itself (api/logins.py).
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from pydantic import TypeAdapter, ValidationError

from api.database import reached
from api.invitations import digest, new_code
from api.models.common import Email
from api.passwords import Passwords
from api.settings import Settings
from db.credentials import Credentials
from db.invitations import Invitations
from db.migrate import migrate
from db.pool import Database, DatabaseUnavailableError
from db.users import AccountChanges, LastAdministratorError, UserRow, Users


class AdministrationError(Exception):
    """It could not be done; the message says why."""


async def administrate(settings: Settings, action: str, email: str | None) -> str:
    """What there is to tell of it. Raises AdministrationError, EmbeddedError, MigrationError."""
    if email is not None:
        email = _checked(email)
    try:
        async with _database(settings) as database:
            if action == "invite":
                return await _invite(database, email)
            return await _ACTIONS[action](database, await _account(database, email or ""))
    except DatabaseUnavailableError as error:
        raise AdministrationError(f"Cannot connect to PostgreSQL: {error}.") from error


def _checked(email: str) -> str:
    """As it is stored."""
    try:
        checked: str = TypeAdapter(Email).validate_python(email)
    except ValidationError:
        raise AdministrationError(f"{email} is not an email address.") from None
    return checked


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    async with reached(settings) as (address, served):
        database = await Database.connect(address, connections=1)
        try:
            if not served:  # the schema is that of whoever serves it
                await migrate(database)
            yield database
        finally:
            await database.close()


async def _account(database: Database, email: str) -> UserRow:
    user = await Users(database).by_email(email)
    if user is None:
        raise AdministrationError(f"There is no account with the email {email}.")
    return user


async def _promote(database: Database, user: UserRow) -> str:
    await Users(database).administer(user.id, AccountChanges(is_admin=True), None, actor_id=None)
    return f"{user.email} is an administrator."


async def _demote(database: Database, user: UserRow) -> str:
    changes = AccountChanges(is_admin=False)
    try:
        await Users(database).administer(user.id, changes, None, actor_id=None)
    except LastAdministratorError:
        raise AdministrationError(
            f"{user.email} is the last administrator. Promote somebody else first."
        ) from None
    return f"{user.email} is no administrator."


async def _reset_password(database: Database, user: UserRow) -> str:
    password, passwords = secrets.token_urlsafe(12), Passwords()
    try:
        hashed = await passwords.hash(password)
    finally:
        passwords.close()
    await Credentials(database).reset(user.id, hashed, actor_id=None)
    inactive = "" if user.is_active else "\nThe account is inactive, though."
    return f"The new password of {user.email}: {password}{inactive}"


async def _invite(database: Database, email: str | None) -> str:
    code = new_code()
    invitation = await Invitations(database).create(digest(code), email, actor_id=None)
    whom = f" for {email}" if email else ""
    return f"Invitation{whom}, good once until {invitation.expires_at:%Y-%m-%d %H:%M} UTC: {code}"


_ACTIONS: Mapping[str, Callable[[Database, UserRow], Awaitable[str]]] = {
    "promote": _promote,
    "demote": _demote,
    "reset-password": _reset_password,
}
