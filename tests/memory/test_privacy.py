"""Values are found in words in whatever form they were said; what is kept is kept no longer than it may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.privacy import Hidden, Redactor, Retention, most_private

PHONE = Hidden("phone", "5552138841", ("five five five, two one three, eight eight four one",))
NAME = Hidden("name", "Ann Kowalski")
BORN = Hidden("date of birth", "1980-04-03", ("April third, nineteen eighty",))
CODE = Hidden("code", "K12XY")


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        (PHONE, "it is 5552138841"),
        (PHONE, "it is 555-213-8841."),
        (PHONE, "call (555) 213 88 41 please"),
        (PHONE, "five five five two one three eight eight four one"),
        (PHONE, "Your number is five five five, two one three, eight eight four one."),
        (NAME, "My name is Ann Kowalski"),
        (NAME, "KOWALSKI, with a K"),
        (NAME, "hello ann"),
        (NAME, "k o w a l s k i"),
        (NAME, "K as in kilo, O as in oscar, W as in whiskey, A. L as in lima S K I"),
        (BORN, "born april third nineteen eighty"),
        (BORN, '{"born": "1980-04-03"}'),
        (CODE, "K12XY"),
        (CODE, "k one two x y"),
        (Hidden("city", "Bad Homburg"), "in bad  homburg"),
        (Hidden("allergies", ["penicillin", "tree nuts"]), "tree nuts and Penicillin"),
        (Hidden("sum", 1250), "1250 dollars"),
        (Hidden("account", {"iban": "DE12345"}), "DE12345"),
    ],
)
def test_a_value_is_found_however_it_was_said_or_written(hidden: Hidden, said: str) -> None:
    told = Redactor([hidden]).text(said)
    assert hidden.mask in told
    for word in ("5552138841", "kowalski", "ann ", "eight four one", "1980", "penicillin", "12", "homburg"):
        assert word not in told.lower()


def test_other_words_stay() -> None:
    said = "Banana annexed 555 and five; ten plans. K one."
    assert Redactor([PHONE, NAME, CODE]).text(said) == said


def test_the_longer_value_is_found_first() -> None:
    told = Redactor([Hidden("city", "York"), Hidden("office", "New York")]).text("from New York to York")
    assert told == "from [office] to [city]"


def test_what_says_nothing_by_itself_is_left_to_when_it_was_said() -> None:
    assert (
        Redactor([Hidden("consent", True), Hidden("people", 2), Hidden("note", "")]).text("yes, 2")
        == "yes, 2"
    )


def test_nothing_hidden_changes_nothing_and_trees_keep_their_shape() -> None:
    assert Redactor([]).text("Ann Kowalski") == "Ann Kowalski"
    tree = {"name": "Ann Kowalski", "n": 3, "said": ["I am Ann Kowalski", None, True]}
    assert Redactor([NAME]).tree(tree) == {"name": "[name]", "n": 3, "said": ["I am [name]", None, True]}


WORDS = st.text("abcdefgh ÄÖß'-.,", max_size=30)


@given(WORDS, WORDS, st.text("0123456789", min_size=4, max_size=12), st.sampled_from(["", " ", "-", ". "]))
def test_digits_are_found_between_any_words_with_any_gaps(
    before: str, after: str, digits: str, gap: str
) -> None:
    told = Redactor([Hidden("PIN", digits)]).text(f"{before} {gap.join(digits)} {after}")
    assert "[PIN]" in told
    assert not set("0123456789") & set(told)


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_hidden_no_text_is_an_error_and_twice_is_as_once(value: str, text: str) -> None:
    redactor = Redactor([Hidden("x", value, (value,))])
    once = redactor.text(text)
    assert redactor.text(once) == once or "x" in value.lower()


# --- how long ------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_each_class_has_its_own_time() -> None:
    retention = Retention({"none": 1000, "personal": 30, "sensitive": 7}, 1)
    since = NOW - timedelta(days=10)
    assert [retention.keeps(pii, since, NOW) for pii in ("none", "personal", "sensitive")] == [
        True,
        True,
        False,
    ]
    assert not retention.keeps_recording(since, NOW)
    assert retention.keeps("sensitive", NOW - timedelta(days=7), NOW)


def test_the_most_private_counts() -> None:
    assert most_private(["none", "sensitive", "personal"]) == "sensitive"
    assert most_private([]) == "none"
