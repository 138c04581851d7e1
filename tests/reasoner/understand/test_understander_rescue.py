"""Short answers that the open vocabulary made something else of."""

from dataclasses import replace

import anyio
import pytest

from flows.loader import load_flow
from reasoner import machine
from reasoner.types import Answer, Pending, Reading, Utterance, Waiting
from reasoner.understand import ParserUnderstander

FLOW = load_flow("medical_intake")


@pytest.mark.parametrize(
    ("heard", "fits", "confidence", "answer"),
    [
        ("us", "yes", 0.13, Answer.YES),
        ("connecticut", "correct", 0.44, Answer.YES),
        ("us", "yes", 0.05, None),  # made of other speech
        ("no that is wrong", "yes", 0.4, Answer.NO),  # the open reading means something
    ],
)
def test_what_was_expected_counts_where_the_open_reading_means_nothing(
    heard: str, fits: str, confidence: float, answer: Answer | None
) -> None:
    state = replace(machine.start(FLOW, "c"), pending=Pending(Waiting.CONFIRMATION, ("name",)))
    utterance = Utterance((Reading(heard, 0.6), Reading(fits, confidence, True)), 0.0, 1.0)
    understood = anyio.run(ParserUnderstander().understand, FLOW, state, utterance)
    assert understood.answer is answer
