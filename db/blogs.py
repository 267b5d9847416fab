"""Posts of people's blogs. One without `published_at` is a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.audit import Entry, record
from db.errors import NoAccountError, StaleError
from db.pool import Database


@dataclass(frozen=True, slots=True)
class Content:
    """Markdown, and what a version of the renderer made of it."""

    markdown: str
    html: str
    renderer: int


@dataclass(frozen=True, slots=True)
class PostRow:
    id: int
    title: str
    content: str
    """Markdown."""
    html: str | None
    renderer: int | None
    author_id: int
    author_name: str
    author_avatar: str | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ListedPostRow:
    """A post as lists have it."""

    id: int
    title: str
    beginning: str
    """Of its content."""
    author_id: int
    author_name: str
    author_avatar: str | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PostChanges:
    """None leaves a thing as it is."""

    title: str | None = None
    content: Content | None = None
    published: bool | None = None
    """Published anew, it comes first again."""


BEGINNING = 600
"""Characters."""
_COMMON = """
    blogs.id, title, author_id, (SELECT name FROM users WHERE id = author_id) AS author_name,
    (SELECT digest FROM avatars WHERE user_id = author_id) AS author_avatar,
    published_at, created_at, updated_at
"""
_WHOLE = f"{_COMMON}, content, html, renderer, version"
_LISTED = f"{_COMMON}, left(content, {BEGINNING}) AS beginning"


class Blogs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, author_id: int, *, title: str, content: Content, published: bool
    ) -> PostRow:
        """Raises NoAccountError."""
        record = await self._database.row(
            f"""
            WITH blogs AS (
                INSERT INTO blogs (author_id, title, content, html, renderer, published_at)
                SELECT id, $2, $3, $4, $5, CASE WHEN $6 THEN now() END
                FROM users WHERE id = $1 AND is_active FOR KEY SHARE
                RETURNING *
            )
            SELECT {_WHOLE} FROM blogs
            """,  # noqa: S608 - a constant of this module
            author_id,
            title,
            content.markdown,
            content.html,
            content.renderer,
            published,
        )
        if record is None:
            raise NoAccountError
        return PostRow(**record)

    async def find(self, post_id: int, reader_id: int | None) -> PostRow | None:
        """What is published, and one's own drafts."""
        record = await self._database.row(
            f"""
            SELECT {_WHOLE} FROM blogs
            WHERE blogs.id = $1 AND (published_at IS NOT NULL OR author_id = $2)
            """,  # noqa: S608
            post_id,
            reader_id,
        )
        return PostRow(**record) if record else None

    async def update(self, post_id: int, changes: PostChanges, version: int | None) -> PostRow:
        """Raises StaleError when `version` (None: any) is not what is there."""
        content = changes.content
        record = await self._database.row(
            f"""
            WITH blogs AS (
                UPDATE blogs SET
                    title = coalesce($3, title),
                    content = coalesce($4, content),
                    html = coalesce($5, html),
                    renderer = coalesce($6, renderer),
                    published_at = CASE $7::boolean
                        WHEN TRUE THEN coalesce(published_at, now())
                        WHEN FALSE THEN NULL
                        ELSE published_at
                    END,
                    updated_at = now(),
                    version = version + 1
                WHERE id = $1 AND version = coalesce($2, version) RETURNING *
            )
            SELECT {_WHOLE} FROM blogs
            """,  # noqa: S608
            post_id,
            version,
            changes.title,
            content.markdown if content else None,
            content.html if content else None,
            content.renderer if content else None,
            changes.published,
        )
        if record is None:
            raise StaleError
        return PostRow(**record)

    async def keep_rendered(self, post_id: int, content: Content) -> None:
        """What is not that content any more stays as it is."""
        await self._database.execute(
            "UPDATE blogs SET html = $3, renderer = $4 WHERE id = $1 AND content = $2",
            post_id,
            content.markdown,
            content.html,
            content.renderer,
        )

    async def delete(self, post_id: int) -> None:
        await self._database.execute("DELETE FROM blogs WHERE id = $1", post_id)

    async def delete_for(self, post_id: int, *, administrator_id: int) -> None:
        """Together with the entry that tells who did it."""
        async with self._database.connection() as connection, connection.transaction():
            deleted = await connection.fetchrow(
                "DELETE FROM blogs WHERE id = $1 RETURNING author_id, title", post_id
            )
            if deleted:
                entry = Entry("post.delete", {"post": post_id, "title": deleted["title"]})
                await record(connection, administrator_id, deleted["author_id"], [entry])

    async def published(
        self,
        after: tuple[datetime, int] | None,
        limit: int,
        *,
        author_id: int | None = None,
        search: str | None = None,
    ) -> list[ListedPostRow]:
        """The newest first; `search` as people type it into search engines.

        A post that is published anew between two pages goes to the front: it is on one page at
        most.
        """
        conditions = ["published_at IS NOT NULL"]
        arguments: list[object] = [limit]
        if after:
            arguments += after
            conditions.append("(published_at, blogs.id) < ($2, $3)")
        if author_id is not None:
            arguments.append(author_id)
            conditions.append(f"author_id = ${len(arguments)}")
        if search is not None:
            arguments.append(search)
            words = f"websearch_to_tsquery('simple', plain_words(${len(arguments)}))"
            conditions.append(f"search @@ {words}")
        query = _list(conditions, "published_at DESC, blogs.id DESC")
        if search is None:
            records = await self._database.rows(query, *arguments)
        else:
            records = await self._database.rows_planned_anew(query, *arguments)
        return [ListedPostRow(**record) for record in records]

    async def of_author(
        self, author_id: int, after: tuple[int] | None, limit: int, *, published: bool | None = None
    ) -> list[ListedPostRow]:
        """Drafts too, the latest begun first; `published` leaves one of both kinds out."""
        conditions = ["author_id = $2"]
        arguments: list[object] = [limit, author_id]
        if after:
            arguments += after
            conditions.append("blogs.id < $3")
        if published is not None:
            conditions.append(f"published_at IS {'NOT ' if published else ''}NULL")
        records = await self._database.rows(_list(conditions, "blogs.id DESC"), *arguments)
        return [ListedPostRow(**record) for record in records]


def _list(conditions: list[str], order: str) -> str:
    """Authors are looked up for the page alone."""
    return f"""
        SELECT {_LISTED} FROM (
            SELECT * FROM blogs WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT $1
        ) AS blogs ORDER BY {order}
    """  # noqa: S608 - constants of this module
