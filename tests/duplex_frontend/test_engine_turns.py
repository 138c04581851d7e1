"""What happened in a call on the engine, frame by frame in virtual time. No model, no torch."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duplex_frontend.engine.turn_tuning import BackchannelTuning
from duplex_frontend.engine.turns import Moment, Turns
from duplex_frontend.engine.vad import SILENCE_DB, EnergyVad, SileroFrames, loudness_db
from duplex_frontend.engine.words import FRAME_S, Heard, HeardWord, WordAssembler
from duplex_frontend.types import (
    AgentStarted,
    AgentStopped,
    AgentWords,
    CallerBackchannel,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    Completeness,
    FloorChanged,
    FloorReason,
    FrontendEvent,
    Party,
)

DELAY_S = 0.48  # six frames
LOUD_DB = -20.0


def word(text: str, frame: int) -> HeardWord:
    """A word of two frames that becomes known in `frame`, as late as the recogniser is."""
    end_s = frame * FRAME_S - DELAY_S
    return HeardWord(text, end_s - 2 * FRAME_S, end_s, 0.9)


class Played:
    """A call, a letter a frame.

    Args:
        caller: `c` where the caller makes a sound.
        agent: `a` where the agent's sound is loud, `w` where a word begins in it too.
        words: the agent's words by frame, in place of "w".
        hears: the recogniser's words by frame; None where there is no recogniser.
        pauses: a digit a frame, tenths of the probability of a pause; None where the model has no such heads.
    """

    def __init__(
        self,
        caller: str,
        agent: str = "",
        *,
        words: Mapping[int, str] | None = None,
        hears: Mapping[int, str] | None = None,
        pauses: str | None = None,
        turns: Turns | None = None,
    ) -> None:
        self.turns = turns or Turns(stt_delay_s=None if hears is None else DELAY_S)
        self.events: list[FrontendEvent] = []
        length = max(len(caller), len(agent))
        for n in range(length):
            of_caller = caller[n : n + 1] or "."
            of_agent = agent[n : n + 1] or "."
            piece = (words or {}).get(n, "▁w" if of_agent == "w" else "")
            heard = None
            if hears is not None:
                p = None if pauses is None else int(pauses[n : n + 1] or pauses[-1]) / 10
                told = tuple(word(text, n) for text in hears.get(n, "").split())
                heard = Heard(told, None if p is None else (p, p, p, p))
            self.events += self.turns.feed(
                Moment(
                    n,
                    1.0 if of_caller == "c" else 0.0,
                    LOUD_DB if of_agent in "aw" else SILENCE_DB,
                    piece,
                    heard,
                    revision=7,
                )
            )

    def of(self, *kinds: type) -> list[FrontendEvent]:
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def floor(self) -> list[tuple[str | None, str]]:
        return [(e.holder.value if e.holder else None, e.reason.value) for e in self.of(FloorChanged)]


def frames(s: float) -> int:
    return round(s / FRAME_S)


# --- turns ---------------------------------------------------------------------------------------------------


def test_a_turn_ends_where_the_recogniser_foresees_a_pause_and_its_last_words_have_come() -> None:
    call = Played(
        "." * 5 + "c" * 20 + "." * 20,
        hears={14: "book", 17: "a", 31: "table"},
        pauses="0" * 27 + "9" * 20,
    )
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses[0].text == "book a table"
    assert turn.hypotheses[0].confidence == pytest.approx(0.9)
    assert (turn.start_s, turn.end_s) == (pytest.approx(5 * FRAME_S), pytest.approx(25 * FRAME_S))
    # Not before the words of its end can have come, and not later than the frame after.
    assert turn.end_s + DELAY_S <= turn.decided_s <= turn.end_s + DELAY_S + 2 * FRAME_S + 1e-9
    assert not turn.interrupted
    assert call.floor == [("caller", "turn"), (None, "pause")]


def test_partial_words_are_told_as_they_come() -> None:
    call = Played("." * 5 + "c" * 20, hears={14: "book", 17: "a"}, pauses="0" * 25)
    assert [p.hypotheses[0].text for p in call.of(CallerPartial)] == ["book", "book a"]
    assert [p.at_s for p in call.of(CallerPartial)] == [
        pytest.approx(15 * FRAME_S),
        pytest.approx(18 * FRAME_S),
    ]


def test_a_pause_within_a_turn_that_the_recogniser_does_not_take_for_its_end_ends_nothing() -> None:
    caller = "c" * 10 + "." * 12 + "c" * 10 + "." * 30
    call = Played(caller, hears={10: "my", 13: "name", 37: "ann"}, pauses="1" * 34 + "9" * 30)
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses[0].text == "my name ann"


def test_silence_ends_a_turn_in_the_end_even_where_the_recogniser_sees_no_pause() -> None:
    call = Played("c" * 10 + "." * 30, hears={12: "hello"}, pauses="0" * 40)
    (turn,) = call.of(CallerTurn)
    assert turn.decided_s - turn.end_s == pytest.approx(1.2, abs=FRAME_S)


def test_a_single_high_pause_is_smoothed_away() -> None:
    silent = "c" * 10 + "." * 13
    once, twice = "0" * 18 + "9" + "0" * 22, "0" * 18 + "99" + "0" * 22
    assert not Played(silent, hears={12: "hello"}, pauses=once).of(CallerTurn)
    assert Played(silent, hears={12: "hello"}, pauses=twice).of(CallerTurn)


def test_a_pause_that_is_no_number_is_none_and_is_soon_forgotten() -> None:
    turns, events = Turns(stt_delay_s=0.0), list[FrontendEvent]()
    for n in range(40):
        p = float("nan") if n < 12 else 0.9
        heard = Heard((word("yes", n + 6),) if n == 5 else (), (p,) * 4)
        events += turns.feed(Moment(n, 1.0 if n < 10 else 0.0, SILENCE_DB, heard=heard))
    (turn,) = [e for e in events if isinstance(e, CallerTurn)]
    assert turn.decided_s - turn.end_s < 0.5


def test_a_flood_of_words_is_bounded() -> None:
    turns = Turns(stt_delay_s=DELAY_S)
    for n in range(20):
        turns.feed(Moment(n, 1.0, SILENCE_DB, heard=Heard(tuple(word("on", n) for _ in range(200)))))
    (turn,) = [e for e in turns.close() if isinstance(e, CallerTurn)]
    assert len(turn.hypotheses[0].text.split()) == 400


@pytest.mark.parametrize(
    ("completeness", "silence_s"),
    [(Completeness.COMPLETE, 0.32), (Completeness.OPEN, 0.48), (Completeness.MIDDLE, 0.96)],
)
def test_without_pause_heads_the_silence_that_ends_a_turn_depends_on_the_answer(
    completeness: Completeness, silence_s: float
) -> None:
    turns = Turns(stt_delay_s=0.0)
    turns.expect(lambda _: completeness)
    call = Played("c" * 10 + "." * 30, hears={9: "five"}, turns=turns)
    (turn,) = call.of(CallerTurn)
    assert turn.decided_s - turn.end_s == pytest.approx(silence_s, abs=1e-6)


def test_in_the_middle_of_a_number_a_foreseen_pause_is_not_believed_at_once() -> None:
    turns = Turns(stt_delay_s=DELAY_S)
    turns.expect(lambda _: Completeness.MIDDLE)
    call = Played("c" * 10 + "." * 30, hears={12: "five"}, pauses="9" * 40, turns=turns)
    (turn,) = call.of(CallerTurn)
    assert turn.decided_s - turn.end_s == pytest.approx(0.96, abs=FRAME_S)


def test_without_a_recogniser_there_are_turns_without_words() -> None:
    call = Played("." * 3 + "c" * 10 + "." * 20)
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses == ()
    assert turn.decided_s - turn.end_s == pytest.approx(0.48)
    assert not call.of(CallerPartial)


def test_a_click_is_no_turn() -> None:
    assert not Played("..cc" + "." * 30).of(CallerTurn)
    assert not Played("..c" + "." * 30).events


def test_words_that_the_vad_did_not_hear_are_a_turn_too() -> None:
    call = Played("." * 60, hears={14: "very", 18: "quiet", 23: "voice"}, pauses="0" * 30 + "9" * 30)
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses[0].text == "very quiet voice"
    assert call.floor[0] == ("caller", "turn")


def test_words_that_come_after_the_turn_was_decided_are_not_lost() -> None:
    call = Played("c" * 10 + "." * 60, hears={12: "four", 30: "five"}, pauses="9" * 70)
    assert [t.hypotheses[0].text for t in call.of(CallerTurn)] == ["four", "five"]


def test_a_monologue_is_cut() -> None:
    call = Played("c" * frames(65), hears={}, pauses="0")
    turns = call.of(CallerTurn)
    assert [round(t.end_s - t.start_s) for t in turns] == [30, 30]


# --- both --------------------------------------------------------------------------------------------------------


def test_turn_and_pause_and_answer() -> None:
    call = Played(
        "c" * 12 + "." * 60,
        "." * 25 + "waaawaaawaaa" + "." * 30,
        hears={14: "are", 17: "you", 18: "open"},
        pauses="0" * 12 + "9" * 60,
    )
    kinds = [type(e).__name__ for e in call.of(CallerTurn, AgentStarted, AgentWords, AgentStopped)]
    assert kinds == ["CallerTurn", "AgentStarted", "AgentWords", "AgentWords", "AgentWords", "AgentStopped"]
    (started,), (stopped,) = call.of(AgentStarted), call.of(AgentStopped)
    assert (started.at_s, started.revision) == (pytest.approx(25 * FRAME_S), 7)
    assert (stopped.at_s, stopped.interrupted, stopped.unspoken) == (pytest.approx(37 * FRAME_S), False, "")
    assert call.floor == [("caller", "turn"), (None, "pause"), ("agent", "turn"), (None, "pause")]


def test_an_answer_that_comes_at_once_ends_the_turn_when_its_words_are_in() -> None:
    call = Played(
        "c" * 12 + "." * 40,
        "." * 13 + "waaawaaawaaa",
        hears={14: "are", 17: "you", 18: "open"},
        pauses="0" * 50,  # no head sees a pause: the answer itself ends the turn
    )
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses[0].text == "are you open"
    assert turn.decided_s - turn.end_s <= DELAY_S + 2 * FRAME_S + 1e-9
    assert len(call.of(AgentStarted)) == 1


def test_words_of_the_agent_end_where_the_next_begins_or_the_sound_stops() -> None:
    call = Played("", "waaaawaa" + "." * 10, words={0: "▁good", 1: "bye", 5: " now"})
    assert [(w.text, round(w.start_s, 2), round(w.end_s, 2)) for w in call.of(AgentWords)] == [
        ("goodbye", 0.0, 0.4),
        ("now", 0.4, 0.64),
    ]


def test_a_hum_without_words_is_no_speech() -> None:
    call = Played("", "a" * 50)
    assert not call.of(AgentStarted, FloorChanged)
    call = Played("", "w" + "a" * 50)
    (stopped,) = call.of(AgentStopped)
    assert stopped.at_s == pytest.approx(0.08 + 1.2)


def test_barge_in() -> None:
    call = Played(
        "." * 10 + "c" * 20 + "." * 30,
        "waaa" * 5 + "." * 40,
        hears={21: "no", 24: "wait", 33: "tuesday"},
        pauses="0" * 30 + "9" * 30,
    )
    (stopped,) = call.of(AgentStopped)
    assert stopped.interrupted
    assert stopped.at_s == pytest.approx(20 * FRAME_S)
    (turn,) = call.of(CallerTurn)
    assert turn.interrupted
    assert turn.hypotheses[0].text == "no wait tuesday"
    assert call.floor[:3] == [("agent", "turn"), ("agent", "overlap"), ("caller", "interruption")]
    assert not call.of(CallerBackchannel)


def test_a_backchannel_over_the_agent_leaves_it_the_floor() -> None:
    call = Played(
        "." * 10 + "c" * 5 + "." * 40, "waaa" * 12, hears={20: "Mm-hmm."}, pauses="0" * 16 + "9" * 40
    )
    (heard,) = call.of(CallerBackchannel)
    assert (heard.text, heard.start_s, heard.end_s) == ("Mm-hmm.", pytest.approx(0.8), pytest.approx(1.2))
    assert not call.of(CallerTurn)
    assert ("agent", "backchannel") in call.floor
    assert [e.by for e in call.of(FloorChanged) if e.reason is FloorReason.BACKCHANNEL] == [Party.CALLER]
    assert not any(s.interrupted for s in call.of(AgentStopped))


def test_a_backchannel_needs_no_recogniser() -> None:
    call = Played("." * 10 + "c" * 5 + "." * 40, "waaa" * 14)
    assert len(call.of(CallerBackchannel)) == 1
    assert not call.of(CallerTurn)


def test_yes_over_the_agents_last_word_is_a_turn() -> None:
    call = Played(
        "." * 14 + "c" * 5 + "." * 30, "waaa" * 4 + "." * 40, hears={24: "yeah"}, pauses="0" * 19 + "9" * 40
    )
    assert not call.of(CallerBackchannel)
    (turn,) = call.of(CallerTurn)
    assert turn.hypotheses[0].text == "yeah"
    assert not any(s.interrupted for s in call.of(AgentStopped))


def test_double_talk_both_speak_on() -> None:
    call = Played(
        "." * 10 + "c" * 25 + "." * 40,
        "waaa" * 18,
        hears={20: "i", 24: "said", 28: "tuesday", 34: "please"},
        pauses="0" * 36 + "9" * 40,
    )
    (turn,) = call.of(CallerTurn)
    assert not turn.interrupted  # the agent spoke on
    assert ("agent", "overlap") in call.floor
    assert not call.of(CallerBackchannel)


def test_the_agents_backchannel_begins_no_reply() -> None:
    call = Played(
        "c" * 40 + "." * 30,
        "." * 15 + "aaaa" + "." * 40,
        words={15: "▁mm", 16: "-hm"},
        hears={12: "first", 20: "then", 30: "and"},
        pauses="0" * 42 + "9" * 40,
    )
    assert not call.of(AgentStarted, AgentStopped, AgentWords)
    assert [e.by for e in call.of(FloorChanged) if e.reason is FloorReason.BACKCHANNEL] == [Party.AGENT]
    assert all(e.holder is not Party.AGENT for e in call.of(FloorChanged))
    assert len(call.of(CallerTurn)) == 1


def test_the_agents_backchannel_in_the_callers_pause_gives_the_floor_back() -> None:
    call = Played(
        "c" * 12 + "." * 8 + "c" * 20 + "." * 30,
        "." * 15 + "aaaa" + "." * 40,
        words={15: "▁okay"},
        hears={12: "first", 30: "and"},
        pauses="0" * 42 + "9" * 40,
    )
    assert not call.of(AgentStarted)
    assert len(call.of(CallerTurn)) == 1


def test_an_agent_that_says_okay_and_goes_on_has_begun_where_its_sound_did() -> None:
    call = Played(
        "c" * 40,
        "." * 15 + "a" * 25,
        words={15: "▁okay", 19: "▁so", 22: "▁now"},
        hears={12: "first"},
        pauses="0",
    )
    (started,) = call.of(AgentStarted)
    assert started.at_s == pytest.approx(15 * FRAME_S)
    assert [w.text for w in call.of(AgentWords)][:2] == ["okay", "so"]


def test_silence_is_told_once_at_each_multiple_and_not_while_anybody_speaks() -> None:
    call = Played("c" * 10 + "." * frames(14) + "c" * 10 + "." * frames(8))
    assert [round(e.for_s, 1) for e in call.of(CallerSilent)] == [6.0, 12.0, 6.0]


# --- exact lines -----------------------------------------------------------------------------------------------


def line_moments(pieces: list[str], spoken: dict[int, tuple[int, ...]], *, number: int = 4) -> list[Moment]:
    """A line said a piece a frame and silence after it."""
    last = max(n for n, piece in enumerate(pieces) if piece)
    return [
        Moment(n, 0.0, LOUD_DB, piece, None, number if n <= last else None, spoken.get(n, ()), 3)
        for n, piece in enumerate(pieces)
    ]


def run(turns: Turns, moments: list[Moment]) -> list[FrontendEvent]:
    return [event for moment in moments for event in turns.feed(moment)]


def test_an_exact_line_is_told_in_its_own_spelling_and_ends_after_its_tail() -> None:
    turns = Turns()
    turns.line(4, ["Crème", "brûlée!"], 9)
    pieces = ["", "▁cre", "me", "", "▁brule", "e", *[""] * 20]  # loud throughout
    events = run(turns, line_moments(pieces, {2: (0,), 5: (1,)}))
    words = [e for e in events if isinstance(e, AgentWords)]
    assert [(w.text, w.revision) for w in words] == [("Crème", 9), ("brûlée!", 9)]
    (started,) = [e for e in events if isinstance(e, AgentStarted)]
    (stopped,) = [e for e in events if isinstance(e, AgentStopped)]
    assert started.revision == 9
    assert (stopped.revision, stopped.interrupted, stopped.unspoken) == (9, False, "")
    assert stopped.at_s == pytest.approx(6 * FRAME_S + 0.4)


def test_the_pauses_of_a_line_do_not_end_it() -> None:
    turns = Turns()
    turns.line(4, ["one", "two"], 9)
    moments = line_moments(["▁one", *[""] * 12, "▁two", *[""] * 25], {0: (0,), 13: (1,)})
    quiet = [
        Moment(
            m.frame, 0.0, SILENCE_DB if 2 <= m.frame < 13 else m.agent_db, m.piece, None, m.line, m.spoken, 3
        )
        for m in moments
    ]
    (stopped,) = [e for e in run(turns, quiet) if isinstance(e, AgentStopped)]
    assert (stopped.unspoken, stopped.interrupted) == ("", False)
    assert stopped.at_s > 13 * FRAME_S


def test_a_hushed_line_tells_what_was_not_said_and_leaves_out_the_word_that_was_cut() -> None:
    turns = Turns()
    turns.line(4, ["your", "number", "is", "seven"], 9)
    moments = line_moments(["▁your", "", "▁num", *[""] * 3], {0: (0,)})
    events = run(turns, moments[:3]) + turns.hush()
    assert [e.text for e in events if isinstance(e, AgentWords)] == ["your"]
    (stopped,) = [e for e in events if isinstance(e, AgentStopped)]
    assert (stopped.interrupted, stopped.unspoken, stopped.revision) == (True, "number is seven", 9)
    # What is still on its way from the engine begins nothing, nor does the sound after it.
    pieces = ["ber", "▁is", "▁se", "ven", *[""] * 10]
    late = [Moment(n, 0.0, LOUD_DB, piece, None, None, (), 3) for n, piece in enumerate(pieces, start=3)]
    assert not [e for e in run(turns, late) if isinstance(e, AgentStarted)]


def test_a_line_that_was_hushed_before_its_first_word_is_told_of_too() -> None:
    turns = Turns()
    turns.line(4, ["hello"], 9)
    assert turns.hush() == [AgentStopped(9, 0.0, True, "hello")]
    assert turns.hush() == []


def test_a_line_takes_the_place_of_what_was_being_said() -> None:
    turns = Turns()
    turns.line(1, ["one", "two", "three"], 5)
    turns.line(2, ["four"], 6)
    moments = [
        Moment(0, 0.0, LOUD_DB, "▁one", None, 1, (0,), 3),
        Moment(1, 0.0, LOUD_DB, "", None, 1, (), 3),
        Moment(2, 0.0, LOUD_DB, "", None, 2, (), 3),
        Moment(3, 0.0, LOUD_DB, "▁four", None, 2, (0,), 3),
        *[Moment(n, 0.0, SILENCE_DB, "", None, None, (), 3) for n in range(4, 20)],
    ]
    told = [(type(e).__name__, e.revision) for e in run(turns, moments) if not isinstance(e, FloorChanged)]
    assert told == [
        ("AgentStarted", 5),
        ("AgentWords", 5),
        ("AgentStopped", 5),
        ("AgentStarted", 6),
        ("AgentWords", 6),
        ("AgentStopped", 6),
    ]


# --- whatever happens ------------------------------------------------------------------------------------------


def moment_lists() -> st.SearchStrategy[list[Moment]]:
    """Stretches of frames that are alike, with words, pieces, lines and gaps strewn in."""
    texts = st.sampled_from(["", "", "", "yeah", "no", "book a table", "mm-hm"])
    pieces = st.sampled_from(["", "", "▁w", " okay", "so", "▁mm", "-hm"])
    stretch = st.tuples(
        st.integers(1, 25),
        st.sampled_from([0.0, 0.4, 1.0, float("nan")]),
        st.sampled_from([SILENCE_DB, -44.0, LOUD_DB]),
        st.lists(texts, max_size=4),
        st.lists(pieces, max_size=6),
        st.sampled_from([0.0, 0.3, 1.0, float("nan")]),
        st.sampled_from([None, None, 1, 2]),
        st.integers(0, 9),
    )

    def made(
        stretches: list[tuple[int, float, float, list[str], list[str], float, int | None, int]],
    ) -> list[Moment]:
        moments, frame = [], 0
        for length, speech, loud, texts, pieces, pause, line, gap in stretches:
            frame += gap if gap > 6 else 0
            for n in range(length):
                text = texts[n] if n < len(texts) else ""
                said = pieces[n] if n < len(pieces) else ""
                heard = Heard(tuple(word(t, frame) for t in text.split()), (pause,) * 4)
                spoken = (n % 3,) if line and said else ()
                moments.append(Moment(frame, speech, loud, said, heard, line, spoken, line or 0))
                frame += 1
        return moments

    return st.lists(stretch, max_size=14).map(made)


def known_at(event: FrontendEvent) -> list[float]:
    """Every time in an event, oldest first."""
    match event:
        case CallerTurn():
            return [event.start_s, event.end_s, event.decided_s]
        case CallerBackchannel() | AgentWords():
            return [event.start_s, event.end_s]
        case CallerPartial():
            return [event.start_s, event.at_s]
        case _:
            return [event.at_s]


@settings(max_examples=200, deadline=None)
@given(moment_lists(), st.booleans(), st.integers(0, 200))
def test_times_are_in_order_and_never_of_the_future(moments: list[Moment], stt: bool, hush_at: int) -> None:
    turns = Turns(stt_delay_s=DELAY_S if stt else None)
    turns.line(1, ["w", "w", "w"], 1)
    turns.line(2, ["w"], 2)
    orderly, told = Orderly(), list[FrontendEvent]()
    for moment in moments:
        events = turns.feed(moment) + (turns.hush() if moment.frame == hush_at else [])
        told += events
        for event in events:
            orderly.check(event, now_s=(moment.frame + 1) * FRAME_S)
    floor_alternates(told)
    for event in turns.close():
        orderly.check(event, now_s=(moments[-1].frame + 1) * FRAME_S)
    assert orderly.speaking is None


class Orderly:
    """What holds of every call's events, whatever was heard."""

    def __init__(self) -> None:
        self.newest: dict[type, float] = {}
        self.caller_s = self.agent_s = 0.0  # told so far
        self.speaking: int | None = None  # the revision of the reply that goes on
        self.began_s = 0.0  # and when it began

    def check(self, event: FrontendEvent, now_s: float) -> None:
        times = known_at(event)
        assert times == sorted(times), event
        assert times[0] >= 0 and times[-1] <= now_s + 1e-9, (event, now_s)
        assert times[-1] >= self.newest.get(type(event), 0.0) - 1e-9, event
        self.newest[type(event)] = times[-1]
        match event:
            case CallerTurn() | CallerBackchannel():
                assert event.start_s >= self.caller_s - 1e-9, event  # no sound is told twice
                self.caller_s = event.end_s
            case AgentWords():
                assert event.start_s >= max(self.agent_s, self.began_s) - 1e-9, event
                assert self.speaking == event.revision, "words out of a reply"
                self.agent_s = event.end_s
            case AgentStarted():
                assert self.speaking is None, "a reply within a reply"
                self.speaking, self.began_s = event.revision, event.at_s
            case AgentStopped():
                assert self.speaking == event.revision or (event.unspoken and event.interrupted), event
                self.speaking = None
            case CallerSilent():
                assert self.speaking is None


def floor_alternates(events: list[FrontendEvent]) -> None:
    """Each change of the floor follows from the one before."""
    holder: Party | None = None
    for event in events:
        if not isinstance(event, FloorChanged):
            continue
        match event.reason:
            case FloorReason.PAUSE:
                assert holder is event.by and event.holder is None
            case FloorReason.TURN | FloorReason.INTERRUPTION:
                assert event.holder is event.by is not holder
                assert event.reason is FloorReason.TURN or holder is not None
            case FloorReason.OVERLAP:
                assert event.holder is holder is not event.by
            case FloorReason.BACKCHANNEL:
                assert event.holder is not event.by
                assert event.holder is not None
        holder = event.holder


def test_a_frame_that_comes_twice_is_refused() -> None:
    turns = Turns()
    turns.feed(Moment(3, 0.0, SILENCE_DB))
    with pytest.raises(ValueError, match="frame 3 came after frame 3"):
        turns.feed(Moment(3, 0.0, SILENCE_DB))


@pytest.mark.parametrize("kind", ["silence", "endless speech", "endless pieces"])
def test_hours_take_no_memory(kind: str) -> None:
    turns = Turns(stt_delay_s=DELAY_S)

    def hour(start: int) -> None:
        for n in range(start, start + 45_000):
            heard = Heard((word("on", n),) if kind == "endless speech" else (), (0.0,) * 4)
            speech = 1.0 if kind == "endless speech" else 0.0
            if kind == "endless pieces":
                turns.feed(Moment(n, speech, LOUD_DB, "x", heard))
            else:
                turns.feed(Moment(n, speech, SILENCE_DB, "", heard))

    hour(0)
    tracemalloc.start()
    hour(45_000)
    before = tracemalloc.get_traced_memory()[0]
    hour(90_000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


# --- words, sound ------------------------------------------------------------------------------------------------


def test_pieces_become_words() -> None:
    words = WordAssembler()
    pieces = ["▁hel", "lo", "", "", "▁you", " there", "▁", "a"]
    ended = [words.feed(piece, n * FRAME_S, 0.5 + n / 100) for n, piece in enumerate(pieces)]
    told = [(w.text, round(w.start_s, 2), round(w.end_s, 2)) for w in ended if w]
    assert told == [("hello", 0.0, 0.16), ("you", 0.32, 0.4), ("there", 0.4, 0.48)]
    assert words.open == "a"
    last = words.flush()
    assert last is not None and last.text == "a" and words.flush() is None


def test_pieces_that_never_begin_a_word_are_cut() -> None:
    words = WordAssembler()
    ended = [words.feed("x", n * FRAME_S) for n in range(100)]
    assert [len(w.text) for w in ended if w] == [24, 24, 24, 24]


@pytest.mark.parametrize("text", ["Mm-hmm.", "yeah, yeah", "Okay. Right!", "I see", "uh-huh"])
def test_a_backchannel_in_any_spelling(text: str) -> None:
    assert BackchannelTuning().covers(text)


@pytest.mark.parametrize("text", ["", "...", "yeah but", "no", "okay five", "seen"])
def test_no_backchannel(text: str) -> None:
    assert not BackchannelTuning().covers(text)


def sound(level: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, 1920).astype(np.float32)


def test_speech_stands_out_of_the_noise_of_the_line_and_a_fan_does_not() -> None:
    vad = EnergyVad()
    for n in range(50):  # 4 s of a fan
        steady = vad.feed(sound(0.02, n))
    assert steady < 0.1
    click = sound(0.02)
    click[:400] = sound(0.5)[:400]
    assert vad.feed(click) < 0.1
    assert vad.feed(sound(0.2)) > 0.9
    assert vad.feed(sound(0.02)) < 0.1
    assert vad.feed(np.zeros(1920, np.float32)) == 0.0


def test_the_first_frame_of_a_call_can_be_speech_and_garbage_is_silence() -> None:
    assert EnergyVad().feed(sound(0.1)) > 0.9
    assert EnergyVad().feed(np.full(1920, np.nan, np.float32)) == 0.0
    with pytest.raises(ValueError, match="1920"):
        EnergyVad().feed(np.zeros(100, np.float32))


def test_loudness() -> None:
    assert loudness_db(np.full(1920, 0.1, np.float32)) == pytest.approx(-20, abs=0.01)
    assert loudness_db(np.zeros(1920, np.float32)) == SILENCE_DB


def test_silero_hears_frames() -> None:
    pytest.importorskip("onnxruntime", reason="Silero is an option of the engine's own environment")
    vad = SileroFrames()
    assert max(vad.feed(sound(0.02, n)) for n in range(20)) < 0.5


def test_none_of_it_needs_torch_or_moshi() -> None:
    what = "duplex_frontend.engine.turns, duplex_frontend.engine.vad, duplex_frontend.engine.words"
    told = f"import sys, {what}; assert not {{'torch', 'moshi', 'sentencepiece'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", told], check=True)
