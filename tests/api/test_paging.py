"""Cursors of pages."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.models.common import Model
from api.paging import PageQuery, cursor, page
from api.problems import ProblemError


class Number(Model):
    number: int


MOMENTS = st.datetimes(timezones=st.just(UTC))
IDS = st.integers(1, 2**63 - 1)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)


@given(MOMENTS, IDS, NAMES)
def test_the_next_page_begins_after_the_last_item(moment: datetime, number: int, name: str) -> None:
    shown = page(
        [number, 0], 1, key=lambda row: (moment, row, name), shown=lambda row: Number(number=row)
    )
    assert shown.items == [Number(number=number)]
    assert shown.next
    assert cursor(PageQuery(after=shown.next), datetime, int, str) == (moment, number, name)


@pytest.mark.parametrize("letter", ["a", "é", "字", "😀", '"', "\\"])
def test_the_longest_name_fits(letter: str) -> None:
    key = (80 * letter, 2**63 - 1)
    shown = page([1, 2], 1, key=lambda _: key, shown=lambda row: Number(number=row))
    assert cursor(PageQuery(after=shown.next), str, int) == key


def test_half_a_character_is_no_cursor() -> None:
    forged = urlsafe_b64encode(rb'["\ud800",1]').decode()
    with pytest.raises(ProblemError):
        cursor(PageQuery(after=forged), str, int)


def test_the_last_page_has_no_next() -> None:
    shown = page([1], 1, key=lambda row: (row,), shown=lambda row: Number(number=row))
    assert (shown.items, shown.next) == ([Number(number=1)], None)
    assert page([], 1, key=lambda row: (row,), shown=lambda row: Number(number=row)).items == []


def test_the_first_page_begins_at_the_beginning() -> None:
    assert cursor(PageQuery(), int) is None


@given(
    st.text(min_size=1, max_size=200)
    | st.sampled_from(
        # [], [1, 2], ["1"], [true], [1.5], [1e999], [null], {}, [[[[, 2^63
        [
            "W10=",
            "WzEsMl0=",
            "WyIxIl0=",
            "W3RydWVd",
            "WzEuNV0=",
            "WzFlOTk5XQ==",
            "W251bGxd",
            "e30=",
            "W1tbWw==",
            "WzkyMjMzNzIwMzY4NTQ3NzU4MDhd",
            "=",
            "%",
            "W1",
        ]
    )
)
def test_what_is_no_cursor_is_refused(forged: str) -> None:
    with pytest.raises(ProblemError) as caught:
        cursor(PageQuery.model_construct(limit=1, after=forged), int)
    assert caught.value.status == 422
    assert caught.value.errors[0].field == "after"


@pytest.mark.parametrize("forged", ["WyJcdTAwMDAiXQ==", "WyIyMDI2LTAxLTAxIl0="])
def test_neither_is_what_the_database_would_not_take(forged: str) -> None:
    """A NUL; a moment without its offset."""
    for kind in (datetime, str) if forged == "WyJcdTAwMDAiXQ==" else (datetime,):
        with pytest.raises(ProblemError):
            cursor(PageQuery(after=forged), kind)
