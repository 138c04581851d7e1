"""A reply cut into clauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.cascade.clauses import (
    FEW_WORDS,
    FIRST_WORDS,
    LATER_WORDS,
    MOST_WORDS,
    clauses,
    pause_after_ms,
)


@given(st.text(alphabet="abc,.;:!?—-\"') \n…。、", max_size=400))
def test_no_word_is_lost_added_or_changed(text: str) -> None:
    assert "".join("".join(clauses(text)).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["one", "two,", "three;", "—", "four.", "five"]), max_size=200))
def test_no_clause_is_longer_than_a_breath_and_none_is_empty(words: list[str]) -> None:
    made = clauses(" ".join(words))
    assert all(made)
    assert all(len(clause.split()) <= MOST_WORDS for clause in made)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_makes_no_clause(text: str) -> None:
    assert clauses(text) == []


def test_each_sentence_is_a_clause() -> None:
    text = "Thanks, Maria. And what is your date of birth? Take your time!"
    assert clauses(text) == ["Thanks, Maria.", "And what is your date of birth?", "Take your time!"]


def test_a_long_first_sentence_is_cut_so_that_its_beginning_comes_soon() -> None:
    text = (
        "Our clinic on Elm Street is open on weekdays, from eight in the morning until six in the evening, "
        "and on Saturdays, except in August, until one."
    )
    made = clauses(text)
    assert made[0] == "Our clinic on Elm Street is open on weekdays,"
    assert len(made[0].split()) <= FIRST_WORDS + FEW_WORDS
    assert all(len(clause.split()) <= LATER_WORDS + FEW_WORDS for clause in made)


def test_a_sentence_without_any_place_to_breathe_is_cut_all_the_same() -> None:
    made = clauses("word " * 100)
    assert max(len(clause.split()) for clause in made) <= MOST_WORDS


def test_a_last_word_is_not_cut_off_alone() -> None:
    text = "What is the best phone number to reach you on this week, please?"
    assert clauses(text) == [text]


def test_the_groups_of_a_phone_number_stay_in_one_breath() -> None:
    text = "I have five five five, one two three, four five six seven."
    assert clauses(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Please ask for Dr. Smith or Mrs. Jones.",
        "That was John F. Kennedy.",
        "We open at 8.30 a.m. on weekdays.",
        "It costs 1,200.50 a year.",
        "Das ist Nr. 5 bei uns.",
    ],
)
def test_a_full_stop_that_ends_no_sentence_cuts_nothing(text: str) -> None:
    assert clauses(text) == [text]


def test_a_quoted_sentence_ends_with_its_quotation_mark() -> None:
    assert clauses("You said “yes.” Is that right?") == ["You said “yes.”", "Is that right?"]


def test_scripts_that_write_no_spaces_are_cut_at_their_own_signs() -> None:
    assert clauses("お名前は何ですか？生年月日をお願いします。") == [
        "お名前は何ですか？",
        "生年月日をお願いします。",
    ]


def test_a_speaker_rests_longer_after_a_sentence_than_after_a_comma() -> None:
    assert pause_after_ms("Thanks.") > pause_after_ms("from eight,") > pause_after_ms("from eight") == 0
    assert pause_after_ms("You said “yes.”") == pause_after_ms("Yes?") == pause_after_ms("はい。")
