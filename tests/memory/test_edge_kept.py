"""What searches keep of the index for the next ones: never older than the last write, never for others' eyes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import qdrant_edge as engine

from memory.edge_kept import MOST_COUNTS_KEPT, Kept
from memory.edge_points import point
from memory.edge_search import Searches
from memory.edge_shard import open_shard
from memory.edge_terms import Terms
from memory.types import Candidate, Passage, Query

TERMS = Terms("en")


def candidate(name: str) -> Candidate:
    return Candidate(Passage(name, f"Parking place {name}.", "a.md", "Parking"), {})


def test_gives_what_was_kept_and_the_number_that_was_counted() -> None:
    kept = Kept()
    kept.keep({1: candidate("one"), 2: candidate("two")}, kept.version)
    kept.keep_count("clinic", 7, kept.version)
    assert kept.candidates([2, 3]) == {2: candidate("two")}
    assert (kept.count("clinic"), kept.count("bank")) == (7, None)


def test_what_was_read_before_a_write_is_gone_with_it() -> None:
    kept = Kept()
    kept.keep({1: candidate("one")}, kept.version)
    kept.keep_count("clinic", 7, kept.version)
    with kept.writing():
        assert kept.candidates([1]) == {} and kept.count("clinic") is None


def test_what_was_read_while_something_was_written_is_not_kept() -> None:
    kept = Kept()
    before = kept.version
    with kept.writing():
        for version in (before, kept.version):
            kept.keep({1: candidate("one")}, version)
            kept.keep_count("clinic", 7, version)
        during = kept.version
    for version in (before, during):
        kept.keep({1: candidate("one")}, version)
        kept.keep_count("clinic", 7, version)
    assert kept.candidates([1]) == {} and kept.count("clinic") is None
    kept.keep({1: candidate("one")}, kept.version)
    assert kept.candidates([1])


def test_one_writer_of_two_that_ends_leaves_the_other_writing() -> None:
    kept = Kept()
    with kept.writing():
        with kept.writing():
            pass
        kept.keep({1: candidate("one")}, kept.version)
        assert kept.candidates([1]) == {}


def test_keeps_no_more_than_it_may_and_those_that_were_wanted_last() -> None:
    kept = Kept(most=2)
    kept.keep({1: candidate("one"), 2: candidate("two")}, kept.version)
    kept.candidates([1])
    kept.keep({3: candidate("three")}, kept.version)
    assert set(kept.candidates([1, 2, 3])) == {1, 3}
    for at in range(MOST_COUNTS_KEPT + 1):
        kept.keep_count(at, at, kept.version)
    assert sum(kept.count(at) is not None for at in range(MOST_COUNTS_KEPT + 1)) <= MOST_COUNTS_KEPT


PARKING = Passage("a#1", "Parking is free in the garage.", "a.md", "Parking")


@pytest.fixture
def shard() -> Iterator[engine.EdgeShard]:
    folder, opened = open_shard(None, ("en", "", 0), None)
    yield opened
    opened.close()
    folder.leave()


def put(shard: engine.EdgeShard, passage: Passage) -> None:
    shard.update(engine.UpdateOperation.upsert_points([point("default", "clinic", passage, TERMS, None)]))


class WrittenMeanwhile(Kept):
    """Whenever it is asked, the passage has just been written again, for staff alone."""

    def __init__(self, shard: engine.EdgeShard) -> None:
        super().__init__()
        self._shard = shard

    def candidates(self, points: Sequence[Any]) -> dict[Any, Candidate]:
        with self.writing():
            put(self._shard, Passage("a#1", "Staff park on the roof.", "a.md", "Parking", access="staff"))
        return super().candidates(points)


def test_a_passage_that_was_kept_from_others_since_it_was_found_is_not_given_to_them(
    shard: engine.EdgeShard,
) -> None:
    put(shard, PARKING)
    searches = Searches(shard, TERMS, WrittenMeanwhile(shard), embedded=False)
    assert searches.candidates(Query("parking"), 10) == []
    staff = searches.candidates(Query("park", access=("staff",)), 10)
    assert [found.passage.text for found in staff] == ["Staff park on the roof."]


def test_what_is_known_is_not_read_again(shard: engine.EdgeShard) -> None:
    put(shard, PARKING)
    searches = Searches(shard, TERMS, Kept(), embedded=False)
    [first] = searches.candidates(Query("parking"), 10)
    [again] = searches.candidates(Query("where is the garage"), 10)
    assert again is first
