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


@pytest.mark.parametrize(
    ("asked", "confidence", "label"), [(2, 0.03, "Cigna"), (1, 0.03, None), (2, 0.001, None)]
)
def test_what_was_expected_counts_sooner_where_it_had_to_be_asked_for_again(
    asked: int, confidence: float, label: str | None
) -> None:
    begun = machine.start(FLOW, "c")
    slots = begun.slots | {"insurance": replace(begun.slots["insurance"], asked=asked)}
    state = replace(begun, slots=slots, pending=Pending(Waiting.ANSWER, ("insurance",)))
    utterance = Utterance((Reading("seeing a", 0.6), Reading("cigna", confidence, True)), 0.0, 1.0)
    understood = anyio.run(ParserUnderstander().understand, FLOW, state, utterance)
    assert [value.value for value in understood.values] == ([label] if label else [])
    assert all(value.confidence < FLOW.slots["insurance"].min_confidence for value in understood.values)
