"""A call in text: other systems that answer at once, later or never, and a log that leads to the same state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flows.schema import Flow
from orchestrator.calls import DoAction, leave_it
from orchestrator.chat import no_pages
from orchestrator.text_call import WORDS_A_SECOND, Answered, TextCall
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallStarted,
    Failure,
    HandOver,
    RunAction,
    dump_event,
    load_event,
)
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import Outcome, dump_state
from reasoner.types import Value, Waiting
from reasoner.understand import ParserUnderstander
from tests.orchestrator.shop_flow import shop_flow

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    return shop_flow(tmp_path)


def calling(flow: Flow, actions: DoAction = leave_it, given: Mapping[str, Value] | None = None) -> TextCall:
    ports = Ports(flow, ParserUnderstander(), no_pages)
    return TextCall(ports, actions=actions, today="2026-11-23", given=given or {})


async def at_once(effect: RunAction) -> ActionDone | ActionFailed:
    return ActionDone(effect.id, {"look_up": {"status": "packed"}, "paint": {"id": "R7"}}[effect.action])


async def waiting(flow: Flow) -> TextCall:
    """A call that waits for `look_up`, which nobody carries out."""
    call = calling(flow)
    await call.begin()
    await order(call)
    assert call.state.doing is not None
    return call


async def order(call: TextCall) -> Answered:
    """The caller says which order, and that it was heard right."""
    await call.said("one two three four")
    return await call.said("yes")


async def choose(call: TextCall) -> Answered:
    await call.said("red")
    return await call.said("yes")


def value(call: TextCall, name: str) -> Value | None:
    return call.state.slots[name].value


# --- actions -------------------------------------------------------------------------------------------------


async def test_an_action_answered_at_once_goes_on_in_the_same_turn(flow: Flow) -> None:
    call = calling(flow, at_once)
    await call.begin()
    answered = await order(call)
    assert answered.agent == "Got it. One moment. Your order is packed. Which colour do you want?"
    (asked,) = (effect for effect in answered.effects if isinstance(effect, RunAction))
    assert (asked.action, asked.arguments) == ("look_up", {"number": "1234"})


async def test_two_actions_in_one_turn_are_both_carried_out(tmp_path: Path) -> None:
    unconfirmed = ("    label: colour\n", "    label: colour\n    confirm: never\n")
    call = calling(shop_flow(tmp_path, unconfirmed), at_once)
    await call.begin()
    await call.said("i want the blue one")
    answered = await order(call)
    assert [e.action for e in answered.effects if isinstance(e, RunAction)] == ["look_up", "paint"]
    assert (call.state.code, value(call, "receipt")) == ("complete", "R7")


async def test_an_action_may_be_answered_later_by_an_event(flow: Flow) -> None:
    call = await waiting(flow)
    assert call.state.pending.waiting is Waiting.ACTION
    assert call.state.doing is not None
    answered = await call.happened(ActionDone(call.state.doing.id, {"status": "packed"}))
    assert answered.agent == "Your order is packed. Which colour do you want?"
    assert call.state.pending.slots == ("colour",)


async def test_an_answer_to_something_else_changes_nothing(flow: Flow) -> None:
    call = await waiting(flow)
    before = call.state
    answered = await call.happened(ActionDone("another", {"status": "lost"}))
    assert (answered.agent, answered.effects, call.state) == ("", (), before)


async def test_an_action_that_nobody_answers_is_late_once_its_time_is_up(flow: Flow) -> None:
    call = await waiting(flow)
    assert (await call.silent(1)).agent == ""
    assert call.state.doing is not None
    answered = await call.silent(3)
    assert answered.agent.startswith("The warehouse does not answer.")
    assert HandOver("handed_over") in answered.effects
    assert call.state.outcome is Outcome.HANDED_OVER


async def test_silences_add_up_while_an_action_is_waited_for(flow: Flow) -> None:
    call = await waiting(flow)
    assert (await call.silent(0.7)).agent == ""
    assert (await call.silent(0.7)).agent.startswith("The warehouse does not answer.")


async def test_each_action_has_its_own_time(flow: Flow) -> None:
    async def only_look_up(effect: RunAction) -> ActionDone | ActionFailed | None:
        return await at_once(effect) if effect.action == "look_up" else None

    call = calling(flow, only_look_up)
    await call.begin()
    await call.silent(4)  # before anything was asked of anybody
    await order(call)
    await choose(call)
    assert call.state.doing is not None and call.state.doing.action == "paint"
    assert (await call.silent(4)).agent == "", "its time is 5 s, and begins with it"
    assert (await call.silent(2)).agent.startswith("It could not be painted.")


@pytest.mark.parametrize(
    ("why", "said", "step"),
    [
        (Failure.REFUSED, "There is no such order. Which colour", "choose"),
        (Failure.TIMEOUT, "The warehouse does not answer.", ""),
    ],
)
async def test_a_failure_is_what_the_flow_makes_of_it(flow: Flow, why: Failure, said: str, step: str) -> None:
    async def failing(effect: RunAction) -> ActionFailed:
        return ActionFailed(effect.id, why)

    call = calling(flow, failing)
    await call.begin()
    answered = await order(call)
    assert answered.agent.startswith(f"Got it. One moment. {said}")
    assert (call.state.step, value(call, "status")) == (step, None)


async def test_what_was_answered_is_logged_with_the_actions_name(flow: Flow) -> None:
    call = calling(flow, at_once)
    await call.begin()
    await order(call)
    assert [event.action for event in call.log if isinstance(event, ActionDone)] == ["look_up"]


# --- the line ------------------------------------------------------------------------------------------------


async def test_keys_answer_what_was_asked(flow: Flow) -> None:
    call = calling(flow, at_once)
    await call.begin()
    await call.keyed("1234#")
    assert value(call, "number") == "1234"


async def test_a_disclosure_is_proven_by_the_reply_that_said_it(flow: Flow) -> None:
    call = calling(flow)
    answered = await call.begin()
    assert "This call is recorded." in answered.agent
    (spoken,) = (event for event in call.log if isinstance(event, AgentSpoke))
    proven = call.state.disclosures["recorded"].proven
    assert proven is not None and proven.words == "This call is recorded."
    assert spoken.start_s < proven.start_s < proven.end_s < spoken.end_s
    assert proven.end_s - proven.start_s == pytest.approx(4 / WORDS_A_SECOND, abs=0.5)


async def test_slots_that_the_call_gives_are_there_from_the_first_word(flow: Flow) -> None:
    call = calling(flow, given={"rings_from": "5551234567"})
    await call.begin()
    assert value(call, "rings_from") == "5551234567"
    (started,) = (event for event in call.log if isinstance(event, CallStarted))
    assert (started.given, started.today) == ({"rings_from": "5551234567"}, "2026-11-23")


async def test_a_slot_that_cannot_be_so_is_not_given(flow: Flow) -> None:
    call = calling(flow, given={"rings_from": "anonymous", "nobody": "x"})
    await call.begin()
    assert value(call, "rings_from") is None


async def test_who_hangs_up_leaves_a_call_that_is_over(flow: Flow) -> None:
    call = await waiting(flow)
    await call.hung_up()
    assert call.is_over and call.state.outcome is Outcome.HUNG_UP
    before = call.state
    assert (await call.said("hello")).agent == ""
    assert call.state == before


# --- the log -------------------------------------------------------------------------------------------------


async def test_the_log_leads_to_the_same_state_to_the_byte(flow: Flow) -> None:
    """Through what a store keeps of it, too."""
    call = calling(flow, at_once, {"rings_from": "5551234567"})
    await call.begin()
    await call.said("what do you want")
    await call.silent(6)
    await order(call)
    await choose(call)
    assert call.state.code == "complete"
    state = start(flow, call.id)
    for event in call.log:
        state, _ = advance(flow, state, load_event(dump_event(event)))
    assert dump_state(state) == dump_state(call.state)


async def test_time_only_goes_forward(flow: Flow) -> None:
    call = calling(flow, at_once)
    await call.begin()
    times = [call.now_s]
    for words in ("hello", "one two three four", "red"):
        await call.said(words)
        times.append(call.now_s)
    assert times == sorted(set(times))
    assert call.state.at_s <= call.now_s
