"""Blogs: written by people with an account, read by anybody."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from api.avatars import avatar_path
from api.context import BLOGS, LIMITER, MARKDOWN
from api.markdown import VERSION, excerpt
from api.models.blogs import (
    MAX_CONTENT,
    Author,
    Draft,
    ListedPost,
    MyPostsQuery,
    NewPost,
    Post,
    PostChanges,
    PostsQuery,
    Preview,
)
from api.operations import Access, Call, Cost, Routes, Versioned
from api.paging import Page, cursor, page
from api.problems import forbidden, not_found
from db import blogs
from db.blogs import Content, ListedPostRow, PostRow

MAX_BODY = 12 * MAX_CONTENT + 8192
"""Bytes: JSON may need as much for one character, as an escaped surrogate pair."""

LONG = 8 * 1024
"""Characters. To render more takes our processor long enough to be limited as what is expensive."""

routes = Routes("blogs")


@routes.post(
    "/blogs",
    access=Access.USER,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    idempotent=True,
    max_body=MAX_BODY,
)
async def create(call: Call, body: NewPost) -> Versioned[Post]:
    """Write a post."""
    row = await call.app[BLOGS].create(
        call.user_id,
        title=body.title,
        content=await _rendered(call, body.content),
        published=body.published,
    )
    return await _shown(call, row)


@routes.get("/blogs", access=Access.ANYBODY)
async def published(call: Call, query: PostsQuery) -> Page[ListedPost]:
    """List what is published, the newest first."""
    if query.search:  # some take PostgreSQL long enough
        call.app[LIMITER].check_address(call.address, Cost.EXPENSIVE)
    rows = await call.app[BLOGS].published(
        cursor(query, datetime, int),
        query.limit + 1,
        author_id=query.author,
        search=query.search,
    )
    return page(rows, query.limit, key=lambda row: (row.published_at, row.id), shown=_listed)


@routes.get("/blogs/mine", access=Access.USER)
async def mine(call: Call, query: MyPostsQuery) -> Page[ListedPost]:
    """List one's own posts, drafts too, the last begun first."""
    rows = await call.app[BLOGS].of_author(
        call.user_id, cursor(query, int), query.limit + 1, published=query.published
    )
    return page(rows, query.limit, key=lambda row: (row.id,), shown=_listed)


@routes.post("/blogs/preview", access=Access.USER, cost=Cost.WRITE, max_body=MAX_BODY)
async def preview(call: Call, body: Draft) -> Preview:
    """See what a text will look like, and keep nothing of it."""
    return Preview(html=(await _rendered(call, body.content)).html)


@routes.get("/blogs/{post_id}", access=Access.ANYBODY)
async def read(call: Call, post_id: int) -> Versioned[Post]:
    """Read a post.

    A draft is there for its author only.
    """
    return await _shown(call, await _find(call, post_id))


@routes.patch(
    "/blogs/{post_id}", access=Access.USER, cost=Cost.WRITE, edits=True, max_body=MAX_BODY
)
async def edit(call: Call, post_id: int, body: PostChanges) -> Versioned[Post]:
    """Change, publish or withdraw a post of one's own."""
    row = await _find(call, post_id)
    if row.author_id != call.user_id:
        raise forbidden("Only its author can change a post.")
    content = None if body.content is None else await _rendered(call, body.content)
    changes = blogs.PostChanges(body.title, content, body.published)
    return await _shown(call, await call.app[BLOGS].update(post_id, changes, call.if_match))


@routes.delete("/blogs/{post_id}", access=Access.USER, cost=Cost.WRITE)
async def delete(call: Call, post_id: int) -> None:
    """Delete a post of one's own.

    Administrators can delete what others have published.
    """
    row = await _find(call, post_id)
    if row.author_id == call.user_id:
        await call.app[BLOGS].delete(post_id)
    elif call.identity and call.identity.admin:
        await call.app[BLOGS].delete_for(post_id, administrator_id=call.user_id)
    else:
        raise forbidden("Only its author can delete a post.")


async def _find(call: Call, post_id: int) -> PostRow:
    reader_id = call.identity.user_id if call.identity else None
    row = await call.app[BLOGS].find(post_id, reader_id)
    if row is None:
        raise not_found("post")
    return row


async def _rendered(call: Call, markdown: str) -> Content:
    if call.identity and len(markdown) > LONG:
        call.app[LIMITER].check_account(call.identity, Cost.EXPENSIVE)
    return Content(markdown, await call.app[MARKDOWN].render(markdown), VERSION)


async def _html(call: Call, row: PostRow) -> str:
    if row.html is not None and row.renderer == VERSION:
        return row.html
    html = await call.app[MARKDOWN].render(row.content)
    await call.app[BLOGS].keep_rendered(row.id, Content(row.content, html, VERSION))
    return html


async def _shown(call: Call, row: PostRow) -> Versioned[Post]:
    post = Post(
        id=row.id,
        title=row.title,
        author=_author(row),
        published_at=row.published_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        content=row.content,
        html=await _html(call, row),
        version=row.version,
    )
    return Versioned(post, row.version)


def _author(row: PostRow | ListedPostRow) -> Author:
    avatar = avatar_path(row.author_id, row.author_avatar)
    return Author(id=row.author_id, name=row.author_name, avatar=avatar)


def _listed(row: ListedPostRow) -> ListedPost:
    return ListedPost(
        id=row.id,
        title=row.title,
        author=_author(row),
        published_at=row.published_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        excerpt=excerpt(row.beginning),
    )
