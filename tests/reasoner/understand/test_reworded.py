"""A text that was read back is put right in the same breath as the no."""

from __future__ import annotations

import pytest

from reasoner.types import Answer, Channel, Value, Waiting
from tests.reasoner.understand.made_flows import found, made, turn

DESK = made(
    "repairs",
    {
        "fault": {"type": "text", "label": "fault", "ask": "What is wrong with it?"},
        "part": {"type": "text", "label": "spare part", "ask": "Which part do you mean?"},
        "phone": "phone",
    },
)
HEARD = "it makes the oys"


def said(
    words: str, *read: str, waiting: Waiting = Waiting.CONFIRMATION
) -> tuple[Answer | None, dict[str, Value]]:
    known = dict.fromkeys(read, HEARD)
    understood = turn(DESK, words, *read, waiting=waiting, channel=Channel.SPEECH, **known)
    return understood.answer, found(understood)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("no it's the door that does not close", "the door that does not close"),
        ("no sorry my fault is the door does not close", "the door does not close"),
        ("not quite it's i can't open it and it makes a noise", "i can't open it and it makes a noise"),
        ("my fault is wrong it's it never stops", "it never stops"),
        ("no i said the drum does not turn", "the drum does not turn"),
        ("actually it's the drum", "the drum"),
        ("no the drum does not turn any more", "the drum does not turn any more"),
        ("no it's no good any more", "no good any more"),
    ],
)
def test_a_text_is_put_right_behind_a_no(words: str, text: str) -> None:
    assert said(words, "fault") == (Answer.NO, {"fault": text})


@pytest.mark.parametrize(
    "words", ["no", "no that's wrong", "no that's not what i said", "nope sorry", "that's not right"]
)
def test_a_bare_no_brings_no_text(words: str) -> None:
    assert said(words, "fault") == (Answer.NO, {})


@pytest.mark.parametrize(
    "words",
    ["sorry what was that", "yes that's it", "yes it's the drum", "no problem at all", "what do you mean"],
)
def test_what_denies_nothing_puts_nothing_right(words: str) -> None:
    answer, values = said(words, "fault")
    assert (answer is not Answer.NO, values) == (True, {})


def test_of_several_texts_the_one_that_is_named_is_put_right() -> None:
    assert said("no the drum does not turn at all", "fault", "part")[1] == {}
    assert said("no my spare part is the left hinge", "fault", "part")[1] == {"part": "the left hinge"}
    which = said("the spare part is the left hinge", "fault", "part", waiting=Waiting.WHICH)
    assert which[1] == {"part": "the left hinge"}


def test_a_long_no_to_what_was_read_back_is_a_no() -> None:
    words = "no this it short sick nine over for five nine her one the five"
    understood = turn(
        DESK, words, "phone", waiting=Waiting.CONFIRMATION, channel=Channel.SPEECH, phone="6145114995"
    )
    assert understood.answer is Answer.NO
