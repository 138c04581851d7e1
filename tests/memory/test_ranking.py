"""Candidates in the order in which they answer: what each word weighs, and each meaning beside the words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from memory.ranking import WORDS_WEIGH, rank, scores_of
from memory.types import Candidate, Passage

RARE, COMMON, NOWHERE = 7, 3, 5


def candidate(name: str, words: Mapping[int, float], *meaning: float) -> Candidate:
    vector = np.array(meaning, np.float32) if meaning else None
    return Candidate(Passage(name, "Parking.", "a.md", "Parking"), words, vector)


def test_a_word_weighs_the_more_the_fewer_of_the_candidates_have_it() -> None:
    many = [candidate(f"common {n}", {COMMON: 1.0}) for n in range(9)]
    best, *rest = rank({COMMON: 1.0, RARE: 1.0, NOWHERE: 1.0}, None, [*many, candidate("rare", {RARE: 1.0})])
    assert (best.id, best.score) == ("rare", 1.0)
    assert [hit.id for hit in rest] == [each.passage.id for each in many]
    expected = np.log(1 + 11 / 9.5) / np.log(1 + 11 / 1.5)
    assert [hit.score for hit in rest] == pytest.approx([expected] * 9)


def test_words_are_a_share_of_the_best_ones_beside_the_nearness_in_meaning() -> None:
    asked, meaning = {RARE: 1.0}, np.array([0.6, 0.8], np.float32)
    found = rank(asked, meaning, [candidate("near", {}, 0.6, 0.8), candidate("named", {RARE: 4.0}, 1.0, 0.0)])
    assert {hit.id: hit.score for hit in found} == pytest.approx({"near": 1.0, "named": 0.6 + WORDS_WEIGH})
    [unembedded] = rank(asked, meaning, [candidate("words alone", {RARE: 4.0})])
    assert unembedded.score == pytest.approx(WORDS_WEIGH)


@pytest.mark.parametrize("near", [None, [0.5, -0.25]])
def test_a_question_without_words_is_scored_by_meaning_alone(near: list[float] | None) -> None:
    meant = None if near is None else np.array(near)
    assert scores_of({}, np.zeros((0, 2)), meant).tolist() == (near or [0.0, 0.0])


def test_gives_no_more_than_was_wanted_and_the_earlier_of_two_that_are_as_good() -> None:
    alike = [candidate(name, {RARE: 1.0}) for name in "abc"]
    assert [hit.id for hit in rank({RARE: 1.0}, None, alike, 2)] == ["a", "b"]
    assert rank({RARE: 1.0}, None, []) == []
