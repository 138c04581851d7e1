"""What is seen of a call: the view that its moments make, the picture of it, and plain lines."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator, Iterable

import anyio
import pytest
from rich.cells import cell_len
from rich.console import Console

from duplex_frontend.types import Party
from orchestrator.recording import (
    AgentCeased,
    AgentSaid,
    CallClosed,
    CallerWords,
    CallOpened,
    FloorHeld,
    LookedUp,
    Moment,
    SlotChanged,
    SlotInfo,
    TurnTimed,
    Whispered,
)
from orchestrator.screen.frame import Frame, conversation, draw
from orchestrator.screen.view import View, unfold
from orchestrator.show import show_call
from reasoner.types import SlotStatus
from tests.orchestrator.made_call import made_call, upto

OPENED = CallOpened(
    "c1", "door", "Two questions", "Ann", 16000, (SlotInfo("name", "name", "person_name", True),)
)


def seen(*moments: Moment) -> View:
    view = View()
    for moment in moments:
        view = unfold(view, moment)
    return view


def text_of(frame: Frame) -> list[str]:
    return ["".join(segment.text for segment in row) for row in frame.rows]


def words(text: str, at_s: float, *, final: bool = False, start_s: float = 1.0) -> CallerWords:
    return CallerWords(text, final, start_s, at_s, at_s, 0.9)


def spoken(text: str, at_s: float, revision: int = 1) -> AgentSaid:
    return AgentSaid(text, at_s - 0.3, at_s, at_s, revision)


# --- the view ----------------------------------------------------------------------------------------------


def test_partial_words_are_replaced_until_the_final_ones() -> None:
    view = seen(OPENED, words("my", 1.2), words("my name", 1.5), words("my name is ann", 2.0, final=True))
    assert [(said.text, said.final) for said in view.transcript] == [("my name is ann", True)]


def test_partial_words_of_which_nothing_came_go_when_the_next_turn_begins() -> None:
    view = seen(OPENED, words("hm", 1.2), spoken("Your name?", 4.0), words("yes", 5.4, start_s=5.0))
    assert [said.text for said in view.transcript] == ["Your name?", "yes"]


def test_the_agents_words_join_into_one_reply_until_it_ceases() -> None:
    view = seen(OPENED, spoken("Good", 1.0), spoken("day.", 1.4), AgentCeased(1.5, False, ""))
    assert [(said.text, said.final) for said in view.transcript] == [("Good day.", True)]


def test_what_the_agent_is_about_to_say_shrinks_as_it_says_it() -> None:
    whisper = Whispered(1, "role", "Good day to you", 0.9, True)
    assert seen(OPENED, whisper, spoken("Good", 1.0), spoken("day", 1.3)).upcoming == "to you"
    assert seen(OPENED, whisper, spoken("Hello", 1.0)).upcoming == ""


def test_an_interrupted_reply_is_marked_and_counted() -> None:
    view = seen(OPENED, spoken("What is", 1.0), AgentCeased(1.4, True, "your name?"))
    assert view.interruptions == 1
    assert view.transcript[0].interrupted
    assert view.transcript[0].unspoken == "your name?"


def test_a_backchannel_leaves_the_floor_where_it_was() -> None:
    view = seen(
        OPENED,
        FloorHeld("agent", "turn", "agent", 1.0),
        FloorHeld("agent", "backchannel", "caller", 2.0),
    )
    assert view.stretch.holder is Party.AGENT
    assert view.backchannels == ((2.0, Party.CALLER),)


def test_both_have_the_floor_while_they_overlap_and_not_for_ever() -> None:
    view = seen(
        OPENED, FloorHeld("agent", "turn", "agent", 1.0), FloorHeld("agent", "overlap", "caller", 2.0)
    )
    assert [party for party in Party if view.stretch.speaks(party, 2.1)] == [Party.CALLER, Party.AGENT]
    assert [party for party in Party if view.stretch.speaks(party, 5.0)] == [Party.AGENT]


def test_slots_fill_and_are_confirmed() -> None:
    heard = SlotChanged("name", "Ann Lee", "Ann Lee", "heard", 0.8, 2.0)
    confirmed = SlotChanged("name", "Ann Lee", "Ann Lee", "confirmed", 0.8, 4.0)
    assert seen(OPENED, heard).slots[0].status is SlotStatus.HEARD
    slot = seen(OPENED, heard, confirmed).slots[0]
    assert (slot.value, slot.status) == ("Ann Lee", SlotStatus.CONFIRMED)


def test_a_look_up_that_is_used_keeps_the_time_at_which_it_was_first_there() -> None:
    view = seen(
        OPENED,
        LookedUp("where park", ("Parking",), 3.0, True, False, 5.0),
        LookedUp("where can i park", ("Parking",), 0.1, True, False, 5.4),
        LookedUp("where can i park", ("Parking",), 0.0, True, True, 6.1),
        TurnTimed(1, 5.8, 6.1, 6.3, 500.0, 1.0, True, "digression", False, 6.3),
    )
    (lookup,) = (thought for thought in view.thoughts if isinstance(thought, LookedUp))
    assert (lookup.at_s, lookup.took_ms, lookup.used) == (5.0, 3.0, True)
    assert view.before_end_s(lookup.at_s) == pytest.approx(0.8)


# --- the picture -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(80, 24), (140, 40), (60, 16), (200, 60)])
def test_the_picture_fills_the_screen_and_no_more_at_any_moment(width: int, height: int) -> None:
    moments, _ = made_call()
    for at_s in range(0, 150, 6):
        frame = draw(seen(*upto(moments, at_s)), at_s, width, height)
        assert len(frame.rows) == height
        assert {cell_len(row) for row in text_of(frame)} == {width}


def test_wide_letters_and_long_words_stay_within_the_picture() -> None:
    view = seen(OPENED, words("山田太郎です " + "a" * 300, 2.0, final=True))
    assert {cell_len(row) for row in text_of(draw(view, 2.0, 80, 24))} == {80}


def test_nothing_that_a_caller_types_steers_the_terminal() -> None:
    typed = words("yes \x1b[31m\x07 no", 2.0, final=True)
    assert all(row.isprintable() for row in text_of(draw(seen(OPENED, typed), 2.0, 80, 24)))
    out = io.StringIO()
    anyio.run(show_call, _given([OPENED, typed]), Console(file=out))
    assert "\x1b" not in out.getvalue()


def test_the_picture_says_what_a_watcher_wants_to_know() -> None:
    moments, _ = made_call()
    shown = "\n".join(text_of(draw(seen(*upto(moments, 76)), 76.0, 140, 40)))
    for expected in ("Intake of a new patient", "3 of 8 confirmed", "✓ name", "◐ reason", "○ consent"):
        assert expected in shown
    assert "● has the floor" in shown
    assert "── interrupted" in shown
    assert "“park my car clinic”" in shown
    assert "before the end" in shown
    assert "whisper 8, thought ahead" in shown
    assert "median 54" in shown


def test_a_form_that_is_longer_than_the_screen_shows_what_changed_last() -> None:
    slots = tuple(SlotInfo(f"slot_{n}", f"slot {n}", "choice", True) for n in range(40))
    opened = CallOpened("c1", "long", "Long", "Ann", 16000, slots)
    view = seen(opened, SlotChanged("slot_31", "red", "red", "heard", 0.9, 3.0))
    shown = text_of(draw(view, 3.0, 80, 24))
    assert any("slot 31" in row and "red" in row for row in shown)
    assert any("and 29 more" in row for row in shown)


def test_the_conversation_keeps_its_newest_words_in_sight() -> None:
    moments, _ = made_call()
    rows = conversation(seen(*moments), 60, 10)
    assert len(rows) == 10
    assert "Goodbye." in "".join(segment.text for segment in rows[-1])


# --- showing it --------------------------------------------------------------------------------------------


async def _given(moments: Iterable[Moment]) -> AsyncIterator[Moment]:
    for moment in moments:
        yield moment


def test_without_a_terminal_each_final_event_is_one_plain_line() -> None:
    out = io.StringIO()
    moments, _ = made_call()
    anyio.run(show_call, _given(moments), Console(file=out, width=40))
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    assert (
        " 0:15  caller: hi yes my name is maria gomez and i was born on march third nineteen eighty" in lines
    )
    assert " 0:54  Claire: What is the reason for your visit? (interrupted)" in lines
    assert " 2:19  [consent] confirmed: yes" in lines
    assert sum("caller:" in line for line in lines) == 14  # no partial words among them
    assert lines[-1] == " 2:26  call closed: complete"


def test_on_a_terminal_the_screen_is_given_back_and_the_conversation_stays() -> None:
    out = io.StringIO()
    moments, _ = made_call()
    console = Console(file=out, force_terminal=True, width=100, height=30)
    anyio.run(show_call, _given(moments), console)
    live, _, after = out.getvalue().rpartition("\x1b[?1049l")
    assert "\x1b[?1049h" in live
    assert "maria gomez" in after
    assert "Goodbye." in after


def test_a_call_that_is_cancelled_gives_the_screen_back_too() -> None:
    out = io.StringIO()

    async def endless() -> AsyncIterator[Moment]:
        yield OPENED
        await anyio.sleep_forever()

    async def cancelled() -> None:
        with anyio.move_on_after(0.2):
            await show_call(endless(), Console(file=out, force_terminal=True, width=100, height=30))

    anyio.run(cancelled)
    assert "\x1b[?1049l" in out.getvalue()


def test_the_live_picture_is_drawn_at_most_eight_times_a_second_and_costs_little() -> None:
    moments, _ = made_call()
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=140, height=40)

    async def quick() -> AsyncIterator[Moment]:
        for n, moment in enumerate(moments[:150]):
            await anyio.sleep(0.01 if n else 0)
            yield moment

    began, busy = time.monotonic(), time.process_time()
    anyio.run(show_call, quick(), console)
    took = time.monotonic() - began
    assert out.getvalue().count("Souffleur") <= 8 * took + 2
    # 100 moments a second is ten times what a call brings.
    assert (time.process_time() - busy) / took < 0.5


def test_a_closed_call_stops_its_clock() -> None:
    view = seen(OPENED, CallClosed("hung_up", 9.0, ""))
    assert any("hung up · 0:09" in row for row in text_of(draw(view, view.at_s, 80, 24)))
