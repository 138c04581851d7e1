"""Going through all of a long listing, page by page, while others write to the store and delete from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from memory.errors import NotFound

Record = TypeVar("Record")


async def every(
    page_before: Callable[[str | None], Awaitable[Sequence[Record]]], id_of: Callable[[Record], str]
) -> AsyncIterator[Record]:
    """All records, as they are listed. They may be deleted meanwhile, by who goes through them and by others.

    Args:
        page_before: a page of the records that come after the one of this id, the first page for None. Raises NotFound
            where there is no such record (any more).
        id_of: the id that `page_before` takes.

    Where all of a page is deleted before the next one was asked for, it begins anew: some come twice, none is missed.
    """
    page = await page_before(None)
    while page:
        # Read ahead: who goes through the page may delete what the next would begin after.
        following = await _after(page, page_before, id_of)
        for record in page:
            yield record
        page = following


async def _after(
    page: Sequence[Record],
    page_before: Callable[[str | None], Awaitable[Sequence[Record]]],
    id_of: Callable[[Record], str],
) -> Sequence[Record]:
    for last in reversed(page):
        try:
            return await page_before(id_of(last))
        except NotFound:
            continue  # another process deleted it since
    return await page_before(None)
