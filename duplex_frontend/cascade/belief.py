"""Which of two readings of an utterance to believe: what was expected, or what was heard without expecting it.

A grammar answers anything: whatever is said, it finds the closest of its phrases. The open ear is free to find
better words, so how far the grammar's path falls behind the open one's, per frame, tells how much had to be bent to
fit. Its own words cost the open ear more than the grammar's cost, so where the grammar is right its path is often
the better one.
"""

from __future__ import annotations

import math

from duplex_frontend.cascade.ear_wire import Reading
from duplex_frontend.types import Hypothesis, Source

EVEN = -0.0012
"""Grammar's score less the open ear's, natural logarithm per frame, at which either is as likely to be right."""

STEP = 0.0002
"""The difference that takes the odds from even to 2.7 in one."""

OPEN_CONFIDENCE = 0.6
ALONE_CONFIDENCE = 0.5
"""Of the grammar's reading where the open ear gave none to compare with."""


def weigh(grammar: Reading | None, free: Reading | None, believe: float) -> tuple[Hypothesis, ...]:
    """The hypotheses of an utterance, best first.

    Args:
        grammar: what the grammar ear made of it; None where it did not listen.
        free: what the open ear made of it; None where it did not listen.
        believe: the confidence from which the grammar's reading comes first.

    Returns:
        Up to one of each source; none where nothing was said, or nothing could be made of it.
    """
    confidence = confidence_of(grammar, free)
    expected = _hypothesis(grammar, confidence, Source.GRAMMAR)
    heard = _hypothesis(free, OPEN_CONFIDENCE, Source.OPEN)
    if grammar is not None and not expected and grammar.score is not None and confidence >= believe:
        return ()  # silence fits better than the words that the open ear made of a noise
    return (*expected, *heard) if confidence >= believe else (*heard, *expected)


def confidence_of(grammar: Reading | None, free: Reading | None) -> float:
    """How likely the grammar's reading is right, 0..1."""
    if grammar is None or grammar.score is None:
        return 0.0
    if free is None or free.score is None:
        return ALONE_CONFIDENCE
    steps = (grammar.score - free.score - EVEN) / STEP
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, steps))))


def _hypothesis(reading: Reading | None, confidence: float, source: Source) -> tuple[Hypothesis, ...]:
    return (Hypothesis(reading.text, round(confidence, 3), source),) if reading and reading.text else ()
