"""Which reading comes first, from scores alone."""

import pytest

from duplex_frontend.cascade.belief import ALONE_CONFIDENCE, EVEN, STEP, confidence_of, weigh
from duplex_frontend.cascade.ear_wire import Reading
from duplex_frontend.types import Source

FREE = Reading("yes please", -0.40, 100)


def grammar(steps: float, text: str = "yes") -> Reading:
    """A grammar's reading whose odds are so many steps from even."""
    assert FREE.score is not None
    return Reading(text, FREE.score + 100 * (EVEN + steps * STEP), 80)


def test_the_grammar_comes_first_when_it_fits_as_well_as_free_words() -> None:
    first, second = weigh(grammar(+3), FREE, 0.5)
    assert (first.source, first.text) == (Source.GRAMMAR, "yes")
    assert (second.source, second.text) == (Source.OPEN, "yes please")
    assert first.confidence > 0.9


def test_free_words_come_first_when_the_grammar_had_to_be_bent() -> None:
    first, second = weigh(grammar(-3), FREE, 0.5)
    assert (first.source, second.source) == (Source.OPEN, Source.GRAMMAR)
    assert second.confidence < 0.1


def test_how_much_is_believed_can_be_tuned() -> None:
    assert weigh(grammar(+1), FREE, 0.9)[0].source is Source.OPEN
    assert weigh(grammar(-1), FREE, 0.1)[0].source is Source.GRAMMAR


def test_confidence_grows_with_the_grammar_s_score_and_stays_within_bounds() -> None:
    confidences = [confidence_of(grammar(steps), FREE) for steps in (-1e9, -5, -1, 0, 1, 5, 1e9)]
    assert confidences == sorted(confidences)
    assert confidences[3] == pytest.approx(0.5)
    assert confidences[0] == pytest.approx(0) and confidences[-1] == pytest.approx(1)


def test_one_ear_is_enough() -> None:
    (alone,) = weigh(grammar(0), None, 0.5)
    assert (alone.source, alone.confidence) == (Source.GRAMMAR, ALONE_CONFIDENCE)
    (free,) = weigh(None, FREE, 0.5)
    assert free.source is Source.OPEN


def test_an_ear_that_found_no_path_has_no_say() -> None:
    (only,) = weigh(Reading("", None, 100), FREE, 0.5)
    assert only.source is Source.OPEN


def test_noise_that_fits_silence_better_than_words_is_nothing() -> None:
    assert weigh(grammar(+2, text=""), FREE, 0.5) == ()


def test_speech_that_does_not_fit_silence_is_kept() -> None:
    (kept,) = weigh(grammar(-2, text=""), FREE, 0.5)
    assert kept.source is Source.OPEN


def test_nothing_comes_of_nothing() -> None:
    assert weigh(None, None, 0.5) == ()
    assert weigh(Reading("", None, 0), Reading("", None, 0), 0.5) == ()
