"""Where speech begins and ends, on made-up probabilities in virtual time."""

import pytest

from duplex_frontend.cascade.hearing import WINDOW_S, Hearing, Mark
from duplex_frontend.cascade.tuning import EndpointTuning, VadTuning


def marks(hearing: Hearing, probabilities: list[float]) -> list[tuple[int, Mark]]:
    found = ((n, hearing.feed(p)) for n, p in enumerate(probabilities))
    return [(n, mark) for n, mark in found if mark is not None]


def speech(ms: float) -> list[float]:
    return [0.9] * round(ms / 1000 / WINDOW_S)


def silence(ms: float) -> list[float]:
    return [0.05] * round(ms / 1000 / WINDOW_S)


def test_a_click_is_no_onset() -> None:
    assert marks(Hearing(), silence(320) + speech(64) + silence(640)) == []


def test_the_turn_begins_where_the_speech_did() -> None:
    hearing = Hearing()
    assert marks(hearing, silence(320) + speech(320))[0][1] is Mark.ONSET
    assert hearing.start_s == pytest.approx(0.320)


def test_an_open_answer_ends_after_the_open_silence() -> None:
    hearing = Hearing(endpoint=EndpointTuning(open_ms=480))
    n, mark = marks(hearing, speech(640) + silence(960))[-1]
    assert mark is Mark.END
    assert (n + 1) * WINDOW_S == pytest.approx(0.640 + 0.480)
    assert hearing.end_s == pytest.approx(0.640)


def test_patience_set_in_the_middle_of_a_turn_decides_its_end() -> None:
    hearing = Hearing(endpoint=EndpointTuning(open_ms=480))
    marks(hearing, speech(640))
    hearing.patience_ms = 320
    n, mark = marks(hearing, silence(960))[-1]
    assert mark is Mark.END and (n + 1) * WINDOW_S == pytest.approx(0.320)


def test_a_pause_within_the_turn_does_not_end_it() -> None:
    found = [mark for _, mark in marks(Hearing(), speech(320) + silence(320) + speech(320))]
    assert found == [Mark.ONSET, Mark.PAUSE, Mark.RESUMED]


def test_each_turn_starts_with_the_default_patience() -> None:
    hearing = Hearing(endpoint=EndpointTuning(open_ms=480))
    marks(hearing, speech(320))
    hearing.patience_ms = 900
    marks(hearing, silence(960) + speech(320))
    assert hearing.patience_ms == 480


def test_nobody_talks_forever() -> None:
    hearing = Hearing(endpoint=EndpointTuning(longest_turn_s=2.0))
    assert marks(hearing, speech(4000))[1][1] is Mark.END


def test_over_the_agent_it_may_take_more_to_begin() -> None:
    hearing = Hearing(vad=VadTuning(onset_ms=64, onset_over_agent_ms=160))
    found = [hearing.feed(0.9, over_agent=True) for _ in range(5)]
    assert found == [None, None, None, None, Mark.ONSET]
