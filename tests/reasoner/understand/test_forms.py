"""The little language that spoken forms are written in."""

from __future__ import annotations

import pytest

from reasoner.understand.forms import Rules, best, either, many, maybe, rule, seq, unspoken
from reasoner.understand.phrases import phrases, said
from reasoner.understand.words import MOST_WORDS, words_of


def test_the_longest_reading_wins() -> None:
    form = either(phrases({"twenty": 20}), phrases({"twenty one": 21}))
    assert best(form, words_of("twenty one"), 0) == (2, 21)
    assert best(form, words_of("one"), 0) is None


def test_a_sequence_gives_back_what_it_took_too_much_of() -> None:
    number = phrases({"twenty": 20, "twenty one": 21, "one": 1})
    pair = seq(number, number, make=lambda a, b: (a, b))
    assert best(pair, words_of("twenty one one"), 0) == (3, (21, 1))
    assert best(pair, words_of("twenty one"), 0) == (2, (20, 1))


def test_a_value_that_cannot_be_is_no_reading() -> None:
    even = seq(phrases({"one": 1, "two": 2}), make=lambda n: n if n % 2 == 0 else None)
    assert best(even, words_of("one"), 0) is None
    assert best(even, words_of("two"), 0) == (1, 2)


def test_many_takes_as_many_as_there_are_and_may() -> None:
    form = many(phrases({"a": 1, "b": 2}), 3)
    assert best(form, words_of("a b a b"), 0) == (3, (1, 2, 1))
    assert best(form, words_of("c"), 0) is None


def test_a_form_is_written_as_it_is_read() -> None:
    rules = Rules()
    digit = rule("digit", phrases({"one": 1, "two": 2}, readable={"won": 1}))
    form = seq(maybe(said("it's")), many(digit, 9), maybe(unspoken(said("ok"))), make=lambda *found: found)
    assert form.jsgf(rules) == "[it's] (<digit>)+"
    assert rules.texts == {"digit": "(one | two)"}
    assert best(form, words_of("won two ok"), 0) == (3, (None, (1, 2), "ok"))


def test_likelier_phrases_weigh_more() -> None:
    assert phrases({"a": 1, "b": 2}, halves_at=1).jsgf(Rules()) == "(/1.0000/ a | /0.5000/ b)"


def test_two_rules_of_one_name_get_two_names() -> None:
    rules = Rules()
    assert rules.use("a", "x") == "<a>"
    assert rules.use("a", "y") == "<a_2>"
    assert rules.use("a", "x") == "<a>"


def test_a_phrase_without_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match="without a word"):
        said("?!")


def test_words_lose_case_accents_and_noise_and_keep_what_matters() -> None:
    words = words_of("  Señor\u00a0O’Brien, [NOISE] <sil> at(2) 555-1234 on 3/14/86 — Jean-Luc? ")
    assert words.folded == ("senor", "o'brien", "at", "555", "1234", "on", "3/14/86", "jean", "luc")
    assert words.written[-2:] == ("Jean", "-Luc")
    assert words.asks


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    assert len(words_of("a " * 100_000)) <= MOST_WORDS
