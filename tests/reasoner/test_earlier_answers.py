"""An answer to a question is corrected a turn later: the call goes the other way, and nothing is asked twice."""

from __future__ import annotations

import asyncio
from typing import Any

from flows.expand import expand
from flows.loader import load_flow
from flows.schema import Flow
from reasoner.acts import Say, SayLine
from reasoner.events import ActionDone, CallerSaid, CallStarted, Effect, RunAction
from reasoner.machine import advance, start
from reasoner.state import GoalState, dump_state, load_state
from reasoner.types import Channel, Reading, Utterance
from tests.reasoner.understand.asking import PARSER

SUPPORT, LESSON = load_flow("tech_support"), load_flow("language_lesson")


def talk(flow: Flow, *said: str) -> GoalState:
    """The state after these turns of a caller, with the parsers."""
    state = advance(flow, start(flow, "c"), CallStarted(today="2026-11-23"))[0]
    for words in said:
        state, _ = turn(flow, state, words)
    return state


def turn(flow: Flow, state: GoalState, words: str) -> tuple[GoalState, tuple[Effect, ...]]:
    utterance = Utterance((Reading(words, 1.0, True),), 0.0, 1.0, Channel.SPEECH)
    understood = asyncio.run(PARSER.understand(flow, state, utterance))
    return advance(flow, state, CallerSaid(utterance, understood, state.revision))


def flow_of(steps: dict[str, Any], **more: Any) -> Flow:
    agent = {"name": "Ann", "company": "Acme", "business": "shop"}
    written = {"flow": "small", "version": "1", "about": "a test", "agent": agent, "steps": steps, **more}
    return expand(Flow.model_validate(written), {})


def said(state: GoalState) -> list[str]:
    return [act.text for act in state.acts if isinstance(act, Say)]


def test_the_call_goes_the_other_way_and_what_lay_behind_is_no_part_of_it() -> None:
    before = talk(SUPPORT, "down", "yes")
    assert before.path == ("scope", "lights", "internet_light")
    after = turn(SUPPORT, before, "no, i meant just one device")[0]
    assert after.path == ("scope", "wifi")
    assert after.pending.slots == ("wifi",)
    assert after.slots["scope"].value == "one device"


def test_who_comes_back_to_the_first_way_is_not_asked_again() -> None:
    state = talk(SUPPORT, "down", "yes", "no, i meant just one device", "sorry, i meant everything is down")
    assert state.path == ("scope", "lights", "internet_light")
    assert state.pending.slots == ("internet_light",)
    assert state.slots["internet_light"].asked == 2


def test_what_the_answer_had_set_is_taken_back_with_it() -> None:
    before = talk(LESSON, "un café, por favor", "una mesa para dos")
    assert (before.slots["score"].value, before.slots["knows_table"].value) == (2, True)
    after = turn(LESSON, before, "no i meant una mesa por dos")[0]
    assert (after.slots["score"].value, after.slots["knows_table"].value) == (1, False)
    assert after.pending.slots == ("bill",)


def test_what_later_steps_had_set_is_set_again_and_not_twice() -> None:
    before = talk(LESSON, "un café, por favor", "una mesa para dos")
    after = turn(LESSON, before, "i said that wrong i meant un café")[0]
    assert (after.slots["score"].value, after.slots["knows_coffee"].value) == (1, False)
    assert after.slots["knows_table"].value is True


def test_other_words_on_the_same_way_are_said() -> None:
    before = talk(SUPPORT, "one device", "yes")
    assert any("forget that network" in text for text in said(before))
    after = turn(SUPPORT, before, "wait no the network does not show")[0]
    assert any("carry the device" in text for text in said(after))
    assert after.pending.slots == ("helped",)


def test_a_correction_is_no_round_of_a_loop() -> None:
    before = talk(SUPPORT, "slow")
    assert before.visits["restart"].times == 1
    one_device = turn(SUPPORT, before, "no i meant just one device")[0]
    again = turn(SUPPORT, one_device, "sorry i meant it is slow")[0]
    assert again.path[-1] == "helped"
    assert again.visits["helped"].times == 1


WRITES: dict[str, dict[str, Any]] = {
    "steps": {
        "what": {"question": "A table or a room?", "answers": {"table": "book", "room": "rooms"}},
        "book": {"do": "book", "then": "more"},
        "more": {"question": "Anything else?", "answers": {"yes": "what", "no": "complete"}, "at_most": 3, "or_else": "complete"},
        "rooms": {"question": "For one night?", "answers": {"yes": "complete", "no": "complete"}},
    },
    "actions": {"book": {"python": "book", "effect": "write"}},
}  # fmt: skip


def test_what_was_written_for_good_is_not_taken_back() -> None:
    flow = flow_of(**WRITES)
    state = talk(flow)
    state, effects = turn(flow, state, "a table")
    (wanted,) = [effect for effect in effects if isinstance(effect, RunAction)]
    state = advance(flow, state, ActionDone(wanted.id, {}))[0]
    assert state.pending.slots == ("more",)
    state, _ = turn(flow, state, "sorry i meant a room")
    assert SayLine("too_late") in state.acts
    assert state.slots["what"].value == "table"
    assert state.pending.slots == ("more",)


def test_a_state_with_all_that_is_kept_for_it_is_read_as_it_was_written() -> None:
    state = talk(LESSON, "un café, por favor")
    assert state.visits["coffee"].had == {"knows_coffee": False, "score": 0}
    assert dump_state(load_state(dump_state(state))) == dump_state(state)
