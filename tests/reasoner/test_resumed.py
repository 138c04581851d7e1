"""A call that goes on after its line was lost: what was said is said again, and nothing is asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.events import (
    ActionDone,
    AgentSpoke,
    CallEnded,
    CallerWasSilent,
    CallResumed,
    RunAction,
)
from reasoner.machine import advance
from reasoner.resumed import left_alone
from reasoner.state import Outcome, dump_state, load_state
from reasoner.types import SlotStatus, Waiting
from reasoner.whisper import compose
from tests.orchestrator.shop_flow import shop_flow
from tests.reasoner.talking import FACTS, YES, Call, asks, small_flow, values

CUT = "I am sorry, we were cut off."


def back(call: Call, *, elsewhere: bool = True) -> str:
    """What the agent says when the line is back; the state goes through bytes, as from a store."""
    call.state = load_state(dump_state(call.state))
    call.state, call.effects = advance(call.flow, call.state, CallResumed(call.now_s + 5, elsewhere))
    return " ".join(line.text for line in compose(call.flow, call.state).reply)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_pending_question_is_put_again_and_counts_as_no_attempt(elsewhere: bool) -> None:
    call = Call(small_flow({"colour": {"type": "choice", "values": {"red": [], "blue": []}}}))
    call.started()
    asked = call.state.slots["colour"].asked
    for _ in range(5):
        assert back(call, elsewhere=elsewhere).endswith("Your colour?")
    assert call.state.slots["colour"].asked == asked
    assert call.state.pending.slots == ("colour",)
    assert call.state.outcome is None


def test_what_was_answered_is_kept_and_not_asked_again() -> None:
    call = Call()
    call.started()
    call.says(values(name=FACTS["name"]))
    call.says(YES)
    before = call.state
    said = back(call)
    assert said.startswith(CUT) and "date of birth" in said and "name" not in said.lower()
    assert call.state.slots == before.slots
    assert call.state.revision == before.revision + 1
    assert call.state.slots["name"].status is SlotStatus.CONFIRMED


def test_a_read_back_is_read_again_and_a_yes_to_it_counts() -> None:
    call = Call()
    call.started()
    call.says(values(name=FACTS["name"]))
    assert "Susan Clark" in back(call)
    call.says(YES)
    assert call.state.slots["name"].status is SlotStatus.CONFIRMED


def test_an_answer_from_knowledge_is_told_again() -> None:
    call = Call()
    call.started()
    call.says(asks("where can i park"))
    before = " ".join(line.text for line in compose(call.flow, call.state).reply)
    said = back(call)
    assert said.startswith(CUT)
    assert said.removeprefix(CUT).strip() in before or before.endswith(said.removeprefix(CUT).strip())


def test_it_is_said_once_however_often_the_line_is_lost() -> None:
    call = Call()
    call.started()
    for _ in range(4):
        assert back(call).count(CUT) == 1


def test_silence_before_the_line_was_lost_does_not_count() -> None:
    call = Call()
    call.started()
    for _ in range(call.flow.limits.silences - 1):
        call.state, _ = advance(call.flow, call.state, CallerWasSilent(6.0, call.now_s))
    back(call)
    call.state, _ = advance(call.flow, call.state, CallerWasSilent(6.0, call.now_s))
    assert call.state.outcome is None


def test_the_calls_clock_goes_on_and_its_time_limit_holds() -> None:
    call = Call()
    call.started()
    call.now_s = call.flow.limits.minutes * 60.0 + 1
    back(call)
    assert call.state.at_s > call.flow.limits.minutes * 60


def waiting_for_an_order(folder: Path) -> Call:
    call = Call(shop_flow(folder))
    call.started()
    call.says(values(number="1234"))
    call.says(YES)
    call.state, _ = advance(
        call.flow, call.state, ActionDone(_doing(call).id, {"status": "packed"}, action="look_up")
    )
    call.says(values(colour="red"))
    call.says(YES)
    return call


def _doing(call: Call) -> RunAction:
    assert call.state.doing is not None
    doing = call.state.doing
    return RunAction(doing.id, doing.action, doing.arguments)


def test_an_action_under_way_elsewhere_is_asked_for_again_by_the_same_id(tmp_path: Path) -> None:
    call = waiting_for_an_order(tmp_path)
    wanted = _doing(call)
    assert wanted.action == "paint"
    back(call, elsewhere=True)
    assert [e for e in call.effects if isinstance(e, RunAction)] == [wanted]
    assert call.state.pending.waiting is Waiting.ACTION
    call.state, _ = advance(call.flow, call.state, ActionDone(wanted.id, {"id": "R7"}, action="paint"))
    assert call.state.slots["receipt"].value == "R7"


def test_an_action_under_way_here_is_not_asked_for_again(tmp_path: Path) -> None:
    call = waiting_for_an_order(tmp_path)
    back(call, elsewhere=False)
    assert not [e for e in call.effects if isinstance(e, RunAction)]
    assert call.state.doing is not None


def test_words_that_have_to_be_heard_and_were_not_are_said_again_and_can_be_proven(tmp_path: Path) -> None:
    call = Call(shop_flow(tmp_path))
    call.started()
    said = back(call)
    assert "This call is recorded." in said
    assert call.state.disclosures["recorded"].proven is None
    call.state, _ = advance(
        call.flow, call.state, AgentSpoke(said, call.state.acts_revision, call.now_s, call.now_s + 3)
    )
    assert call.state.disclosures["recorded"].proven is not None
    assert "recorded" not in back(call)


def test_a_call_that_is_over_cannot_be_resumed() -> None:
    call = Call()
    call.started()
    call.state, _ = advance(call.flow, call.state, CallEnded(1.0))
    assert advance(call.flow, call.state, CallResumed(2.0, True)) == (call.state, ())


def test_a_call_that_was_left_alone_ends_as_by_its_flow() -> None:
    call = Call()
    call.started()
    ended = CallEnded(3.0, "line_lost")
    assert left_alone(call.state, ended) == advance(call.flow, call.state, ended)[0]
    assert left_alone(call.state, ended).outcome is Outcome.HUNG_UP
