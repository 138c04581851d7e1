"""A long listing that others delete from."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import NotFound
from memory.listing import every

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shelf:
    """Letters, listed in pages of three; before each page others take away what they were told to."""

    def __init__(self, letters: str, taken: Sequence[str] = ()) -> None:
        self.order = letters
        self.left = set(letters)
        self._taken = iter(taken)

    async def page(self, before: str | None) -> Sequence[str]:
        self.left -= set(next(self._taken, ""))
        if before is not None and before not in self.left:
            raise NotFound(before)
        first = 0 if before is None else self.order.index(before) + 1
        return [letter for letter in self.order[first:] if letter in self.left][:3]

    async def all(self) -> list[str]:
        return [letter async for letter in every(self.page, str)]


async def test_all_come_in_order_and_once() -> None:
    assert "".join(await Shelf("abcdefgh").all()) == "abcdefgh"
    assert await Shelf("").all() == []
    assert "".join(await Shelf("abc").all()) == "abc"


async def test_where_the_last_of_a_page_is_deleted_it_goes_on_after_the_one_before() -> None:
    assert "".join(await Shelf("abcdefgh", ["", "c"]).all()) == "abcdefgh"
    assert "".join(await Shelf("abcdefgh", ["", "bc"]).all()) == "abcdefgh"


async def test_where_a_whole_page_is_deleted_it_begins_anew() -> None:
    assert "".join(await Shelf("abcdefgh", ["", "abc"]).all()) == "abcdefgh"
    assert "".join(await Shelf("abcdefgh", ["", "", "def"]).all()) == "abcdefabcgh"
    assert "".join(await Shelf("abc", ["", "abc"]).all()) == "abc"


@given(st.lists(st.text("abcdefgh", max_size=4), max_size=12))
def test_what_nobody_deletes_is_never_missed(taken: list[str]) -> None:
    import anyio

    shelf = Shelf("abcdefgh", taken)
    seen = anyio.run(shelf.all)
    assert shelf.left <= set(seen)


async def test_who_goes_through_may_delete_what_it_has_seen() -> None:
    shelf, seen = Shelf("abcdefgh"), ""
    async for letter in every(shelf.page, str):
        shelf.left.discard(letter)
        seen += letter
    assert seen == "abcdefgh"
