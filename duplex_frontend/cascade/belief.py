"""Which of two readings of an utterance to believe: what was expected, or what was heard without expecting it.

A grammar answers anything: whatever is said, it finds the closest of its phrases. The open ear is free to find
better words, so how far the grammar's path falls behind the open one's tells how much had to be bent to fit.

The figures are from eight synthesized voices, 280 answers to the questions of a clinic's intake and 104 sentences
that no grammar had, clean (`benchmarks/ears.py` says them again). Answers that were heard right lay between -1.6
and +0.5 thousandths, 95 % of them above -0.85; sentences that were not expected below -1.2, most below -2, and two
in nine had no path through the grammar at all. An answer of which a part was misheard looks like one that was not.
"""

from __future__ import annotations

import math

from duplex_frontend.cascade.ear_wire import Reading
from duplex_frontend.types import Hypothesis, Source

EVEN = -0.0011
"""Grammar's score less the open ear's, per frame of words, at which either is as likely to be right."""

STEP = 0.0003
"""The difference that takes the odds from even to 2.7 in one."""

FEWEST_FRAMES = 10  # 100 ms: less is no word, and nothing to divide by

OPEN_CONFIDENCE = 0.6
"""Of any reading of the open ear, which has no measure of its own: about as many of its words are right, 77 % with
flite's voices, 59 % with espeak-ng's."""

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
    frames = max(grammar.frames, free.frames, FEWEST_FRAMES)
    steps = ((grammar.score - free.score) / frames - EVEN) / STEP
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, steps))))


def _hypothesis(reading: Reading | None, confidence: float, source: Source) -> tuple[Hypothesis, ...]:
    return (Hypothesis(reading.text, round(confidence, 3), source),) if reading and reading.text else ()
