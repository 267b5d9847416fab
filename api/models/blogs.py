"""Posts of people's blogs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.models.common import Id, Model, Moment, Printable, Search, Writable
from api.paging import PageQuery

MAX_CONTENT = 64 * 1024
"""Characters."""

PostTitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Printable,
]
Content = Annotated[
    str,
    StringConstraints(max_length=MAX_CONTENT),
    Writable,
    Field(description="Markdown (CommonMark, with tables and strikethrough)."),
]


class NewPost(Model):
    title: PostTitle
    content: Content
    published: bool = False
    """A post that is not published is a draft, which only its author sees."""


class PostChanges(Model):
    """What is left out stays as it is."""

    title: PostTitle | None = None
    content: Content | None = None
    published: bool | None = None
    """False makes it a draft again; published anew, it comes first in lists."""


class Draft(Model):
    content: Content


class Preview(Model):
    html: str
    """As `html` of a post."""


class PostsQuery(PageQuery):
    author: Id | None = None
    """Only posts by this person."""
    search: Search | None = None
    """Only posts with all these words; "a phrase" in quotes, `-not` this word, this `or` that."""


class MyPostsQuery(PageQuery):
    published: bool | None = None
    """Only what is published, or only drafts."""


class Author(Model):
    id: int
    name: str
    avatar: str | None
    """Path of the picture, for those with an account."""


class _AnyPost(Model):
    id: int
    title: str
    author: Author
    published_at: Moment | None
    """Null: a draft."""
    created_at: Moment
    updated_at: Moment


class ListedPost(_AnyPost):
    excerpt: str
    """How it begins: plain text, not HTML."""


class Post(_AnyPost):
    content: str
    """Markdown, as it was written."""
    html: str
    """The same, safe in any page: no scripts, styles or pictures, whoever wrote it."""
    version: int
    """The `ETag`."""
