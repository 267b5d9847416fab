"""Posts as rows: drafts, edits, and lists that stay right while others write."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from db.blogs import BEGINNING, Blogs, Content, ListedPostRow, PostChanges, PostRow
from db.errors import StaleError
from db.pool import Database

MAX_CONTENT = 64 * 1024


async def author(database: Database, name: str = "Ada") -> int:
    user = await database.one(
        "INSERT INTO users (name, email, password)"
        " VALUES ($1::text, lower($1) || '@example.com', '') RETURNING id",
        name,
    )
    user_id: int = user["id"]
    return user_id


def content(markdown: str) -> Content:
    return Content(markdown, f"<p>{markdown}</p>", 1)


async def post(database: Database, author_id: int, title: str, text: str = "") -> PostRow:
    return await Blogs(database).create(
        author_id, title=title, content=content(text), published=True
    )


async def all_published(blogs: Blogs, limit: int = 2) -> list[ListedPostRow]:
    """Page by page."""
    found: list[ListedPostRow] = []
    while rows := await blogs.published(key(found[-1]) if found else None, limit):
        found += rows
    return found


def key(row: ListedPostRow) -> tuple[datetime, int]:
    assert row.published_at
    return row.published_at, row.id


async def test_a_draft_is_its_authors_alone(database: Database) -> None:
    ada, ben, blogs = await author(database), await author(database, "Ben"), Blogs(database)
    draft = await blogs.create(ada, title="Tea", content=content("*hot*"), published=False)
    assert (draft.author_id, draft.author_name, draft.version) == (ada, "Ada", 1)
    assert (draft.title, draft.content, draft.published_at) == ("Tea", "*hot*", None)
    assert await blogs.find(draft.id, ada) == draft
    assert await blogs.find(draft.id, ben) is None
    assert await blogs.find(draft.id, None) is None
    assert await blogs.published(None, 9) == []

    published = await blogs.update(draft.id, PostChanges(published=True), version=1)
    assert published.published_at
    assert await blogs.find(draft.id, ben) == await blogs.find(draft.id, None) == published
    assert [row.id for row in await blogs.published(None, 9)] == [draft.id]
    assert await blogs.find(draft.id + 1, ada) is None


async def test_an_edit_changes_what_it_names(database: Database) -> None:
    blogs = Blogs(database)
    post = await blogs.create(
        await author(database), title="Tea", content=content("hot"), published=True
    )
    renamed = await blogs.update(post.id, PostChanges(title="Coffee"), version=1)
    assert (renamed.title, renamed.content, renamed.version) == ("Coffee", "hot", 2)
    assert renamed.updated_at > post.updated_at
    again = await blogs.update(
        post.id, PostChanges(content=content("cold"), published=True), version=2
    )
    assert (again.title, again.content) == ("Coffee", "cold")
    assert again.published_at == post.published_at
    drafted = await blogs.update(post.id, PostChanges(published=False), version=None)
    assert (drafted.published_at, drafted.version) == (None, 4)


async def test_an_edit_of_what_has_changed_meanwhile_is_refused(database: Database) -> None:
    blogs = Blogs(database)
    post = await blogs.create(
        await author(database), title="Tea", content=content(""), published=True
    )
    await blogs.update(post.id, PostChanges(title="Coffee"), version=1)
    with pytest.raises(StaleError):
        await blogs.update(post.id, PostChanges(title="Milk"), version=1)
    assert await blogs.find(post.id, None) == await blogs.find(post.id, post.author_id)
    assert [row.title for row in await blogs.published(None, 9)] == ["Coffee"]
    await blogs.delete(post.id)
    assert await blogs.find(post.id, post.author_id) is None
    with pytest.raises(StaleError):
        await blogs.update(post.id, PostChanges(title="Milk"), version=None)


async def test_what_a_text_was_rendered_to_is_kept_as_long_as_it_is_that_text(
    database: Database,
) -> None:
    blogs = Blogs(database)
    written = await post(database, await author(database), "Tea", "*hot*")
    assert (written.html, written.renderer) == ("<p>*hot*</p>", 1)
    await blogs.keep_rendered(written.id, Content("*hot*", "<em>hot</em>", 2))
    read = await blogs.find(written.id, None)
    assert read == replace(written, html="<em>hot</em>", renderer=2)
    renamed = await blogs.update(written.id, PostChanges(title="Coffee"), version=1)
    assert (renamed.html, renamed.renderer) == ("<em>hot</em>", 2)
    changed = await blogs.update(written.id, PostChanges(content=content("cold")), version=2)
    assert (changed.content, changed.html, changed.renderer) == ("cold", "<p>cold</p>", 1)
    await blogs.keep_rendered(written.id, Content("*hot*", "<em>hot</em>", 2))
    assert await blogs.find(written.id, None) == changed


async def test_the_newest_publication_comes_first(database: Database) -> None:
    ada, blogs = await author(database), Blogs(database)
    late = await blogs.create(ada, title="late", content=content(""), published=False)
    for number in range(5):
        await post(database, ada, str(number), "x" * (BEGINNING + number))
    await blogs.update(late.id, PostChanges(published=True), version=None)
    found = await all_published(blogs)
    assert [row.title for row in found] == ["late", "4", "3", "2", "1", "0"]
    assert [len(row.beginning) for row in found] == [0, *[BEGINNING] * 5]


async def test_an_author_sees_what_is_hers(database: Database) -> None:
    ada, ben, blogs = await author(database), await author(database, "Ben"), Blogs(database)
    ids = [
        (await blogs.create(ada, title="", content=content(""), published=number % 2 == 0)).id
        for number in range(4)
    ]
    await post(database, ben, "not hers")
    first = await blogs.of_author(ada, None, 3)
    assert [row.id for row in first] == ids[:0:-1]
    assert [row.id for row in await blogs.of_author(ada, (ids[1],), 3)] == ids[:1]
    drafts = await blogs.of_author(ada, None, 9, published=False)
    assert [row.id for row in drafts] == [ids[3], ids[1]]
    published = await blogs.of_author(ada, None, 9, published=True)
    assert [row.id for row in published] == [ids[2], ids[0]]
    assert [row.id for row in await blogs.published(None, 9, author_id=ada)] == [ids[2], ids[0]]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("tea", {"green", "black"}),
        ("TEA", {"green", "black"}),
        ("tea -milk", {"green"}),
        ('"with milk"', {"black"}),
        ('"milk with"', set()),
        ("green or coffee", {"green"}),
        ("Grün", {"grün"}),
        ("черный", {"черный"}),
        ("draft", set()),
        ("te", set()),
        ("...", set()),
        ("' & | !( \\ \"", set()),
        ("<->", set()),
        ("example.org", {"black"}),
        ("https://example.org", {"black"}),
        ("ben@example.com", {"green"}),
        ("example.com", {"green"}),
        ("snake_case", {"green"}),
    ],
)
async def test_posts_are_found_by_their_words(
    database: Database, search: str, found: set[str]
) -> None:
    ada, blogs = await author(database), Blogs(database)
    await blogs.create(ada, title="draft", content=content("tea"), published=False)
    await post(database, ada, "green", "A *tea* without. <ben@example.com> snake_case")
    await post(database, ada, "black", "[Tea](https://example.org) with milk.")
    await post(database, ada, "grün")
    await post(database, ada, "черный", "чай")
    assert {row.title for row in await blogs.published(None, 9, search=search)} == found


async def test_each_search_is_planned_for_its_words(database: Database) -> None:
    ada, blogs = await author(database), Blogs(database)
    for number in range(12):
        await blogs.published(None, 9, search=f"word{number}", author_id=ada)
    plans = await database.one(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
        " WHERE statement LIKE '%search @@%' AND statement NOT LIKE '%pg_prepared_statements%'"
    )
    assert tuple(plans) == (0, 12)


async def test_found_posts_come_newest_first_and_in_pages(database: Database) -> None:
    ada, ben, blogs = await author(database), await author(database, "Ben"), Blogs(database)
    for number in range(6):
        await post(database, ben if number == 4 else ada, f"tea {number}", "tea " * (9 - number))
        await post(database, ada, "coffee")
    first = await blogs.published(None, 3, search="tea", author_id=ada)
    assert [row.title for row in first] == ["tea 5", "tea 3", "tea 2"]
    rest = await blogs.published(key(first[-1]), 9, search="tea", author_id=ada)
    assert [row.title for row in rest] == ["tea 1", "tea 0"]


@pytest.mark.parametrize(
    "words",
    [
        lambda number: f"{number:x} ",
        lambda number: f"{chr(0x20000 + number % 0x9000)}{number:x}-",
        lambda number: f"x.com/{number:x} ",
        lambda number: "\U0001f600",
    ],
    ids=["words", "one compound", "addresses", "no words"],
)
async def test_the_longest_texts_fit_the_search_index(database: Database, words: object) -> None:
    assert callable(words)
    text = "".join(words(number) for number in range(MAX_CONTENT))[:MAX_CONTENT]
    stored = await post(database, await author(database), "long", text)
    assert stored.content == text


@pytest.mark.parametrize("almost", ["a_", "<!--", "a1@", "~/", "./"])
async def test_what_looks_like_addresses_and_tags_is_indexed_in_time(
    database: Database, almost: str
) -> None:
    """PostgreSQL's parser of words would take longer than it may."""
    text = (almost * MAX_CONTENT)[:MAX_CONTENT]
    assert (await post(database, await author(database), text[:200], text)).content == text
