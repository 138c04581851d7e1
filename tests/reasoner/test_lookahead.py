"""When to look up: early, seldom, on what was really said, and not at all for answers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.lookahead import LookAhead, Pace, keeps, meanings
from reasoner.terms import terms

WORDS = st.lists(
    st.sampled_from(
        "what does the gold card cost abroad can i park refund two march maria um a b limit fee daily wire".split()
    ),
    max_size=40,
)


def lookups(said: list[str], look: LookAhead | None = None) -> list[str]:
    look = look or LookAhead("en")
    return [found for n in range(1, len(said) + 1) if (found := look.heard(" ".join(said[:n])))]


@given(WORDS)
def test_a_turn_costs_a_bounded_number_of_lookups_each_for_words_that_were_said(said: list[str]) -> None:
    found = lookups(said)
    assert len(found) <= Pace().most
    assert all(" ".join(said).startswith(question) for question in found)


@given(WORDS)
def test_each_further_lookup_has_as_many_new_words_as_the_meaning_needs_to_change(said: list[str]) -> None:
    found = [set(meanings(question, "en")) for question in lookups(said)]
    for earlier, later in itertools.pairwise(found):
        assert len(later - earlier) >= Pace().least_new


@given(WORDS)
def test_nothing_is_looked_up_while_a_lookup_is_under_way(said: list[str]) -> None:
    look = LookAhead("en")
    assert not any(look.heard(" ".join(said[:n]), busy=True) for n in range(1, len(said) + 1))


@given(WORDS, WORDS)
def test_a_new_turn_is_decided_as_the_first(before: list[str], said: list[str]) -> None:
    look = LookAhead("en")
    lookups(before, look)
    look.turn_over()
    assert lookups(said, look) == lookups(said)


@pytest.mark.parametrize(
    "answer",
    [
        "yes that's right",
        "it's maria m a r i a",
        "seven two nine one",
        "the second of january",
        "um hang on",
        "",
    ],
)
def test_answers_are_not_looked_up(answer: str) -> None:
    assert lookups(answer.split()) == []


def test_a_question_is_looked_up_before_it_ends_and_again_when_it_turns() -> None:
    said = "what does the gold card cost when i use it abroad in a shop that charges in dollars".split()
    first, *others = lookups(said)
    assert first == "what does the gold card" and len(others) == 1


def test_words_that_the_recogniser_takes_back_are_not_looked_up_again() -> None:
    look = LookAhead("en")
    assert look.heard("can i park") == ""
    assert look.heard("can i park refund")
    assert look.heard("can i park refund wire limit fee daily") == ""  # new, and not yet stable
    assert look.heard("can i park refund limit march") == ""


def test_what_was_fetched_serves_words_of_which_half_are_known() -> None:
    assert keeps({"gold", "card"}, {"gold"}, set())
    assert keeps({"gold", "card"}, set(), {"card"})
    assert not keeps({"gold", "card", "abroad"}, {"gold"}, set())
    assert not keeps(set(), {"gold"}, {"card"})


def test_in_a_language_that_is_not_known_every_word_counts() -> None:
    assert meanings("wo ist der parkplatz", "de") == list(terms("wo ist der parkplatz", "de"))
    assert lookups("wo ist der parkplatz".split(), LookAhead("de"))
