"""People's pictures of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from db.pool import Database
from db.users import COLUMNS, UserRow


@dataclass(frozen=True, slots=True)
class AvatarRow:
    image: bytes = field(repr=False)
    """WebP."""
    digest: str


_TOUCH = f"""
    UPDATE users SET version = version + 1, updated_at = now()
    WHERE id = $1 AND deleted_at IS NULL RETURNING {COLUMNS}
"""  # noqa: S608 - a constant


class Avatars:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user_id: int) -> AvatarRow | None:
        """None also where the account is not active."""
        record = await self._database.row(
            """
            SELECT image, digest FROM avatars JOIN users ON users.id = user_id
            WHERE user_id = $1 AND is_active AND deleted_at IS NULL
            """,
            user_id,
        )
        return AvatarRow(**record) if record else None

    async def put(self, user_id: int, avatar: AvatarRow) -> UserRow | None:
        """The account with it. None where there is no account any more."""
        async with self._database.connection() as connection, connection.transaction():
            record = await connection.fetchrow(_TOUCH, user_id)
            if record is None:
                return None
            await connection.execute(
                """
                INSERT INTO avatars (user_id, image, digest) VALUES ($1, $2, $3)
                ON CONFLICT (user_id) DO UPDATE
                SET image = excluded.image, digest = excluded.digest, updated_at = now()
                """,
                user_id,
                avatar.image,
                avatar.digest,
            )
        return replace(UserRow(**record), avatar=avatar.digest)

    async def delete(self, user_id: int) -> UserRow | None:
        """The account without it. None where there is no account any more."""
        async with self._database.connection() as connection, connection.transaction():
            record = await connection.fetchrow(_TOUCH, user_id)
            if record is None:
                return None
            await connection.execute("DELETE FROM avatars WHERE user_id = $1", user_id)
        return replace(UserRow(**record), avatar=None)
