"""What a supervisor may do to a call, and what even a supervisor may not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.acts import Ask, Dictated
from reasoner.by_hand import LONGEST_NOTE, MOST_NOTES, Refusal, forcible, refusal
from reasoner.events import (
    ActionDone,
    ByHand,
    CallEnded,
    CallStarted,
    HandedOverByHand,
    MemoryPatched,
    NoteWhispered,
    Reply,
    RunAction,
    StepForced,
    WordsOrdered,
    dump_event,
    load_event,
)
from reasoner.machine import advance, start
from reasoner.reply import reply_lines
from reasoner.state import GoalState, Outcome, dump_state, load_state
from reasoner.types import SlotStatus, Waiting
from reasoner.whisper import compose
from tests.orchestrator.api.rig import FLOW
from tests.orchestrator.shop_flow import SHOP

BOSS = "key:1"


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    path: Path = tmp_path_factory.mktemp("flow") / "door.yaml"
    path.write_text(FLOW)
    return load_flow(str(path))


def began(flow: Flow) -> GoalState:
    return advance(flow, start(flow, "c1"), CallStarted(today="2026-11-23"))[0]


def patch(state: GoalState, *, past_gates: bool = False, **slots: object) -> MemoryPatched:
    return MemoryPatched(slots, None, BOSS, state.revision, past_gates)  # type: ignore[arg-type]


def words(flow: Flow, state: GoalState) -> str:
    return " ".join(line.text for line in reply_lines(flow, state))


def test_a_value_set_by_hand_counts_and_the_agent_goes_on_to_the_next_question(flow: Flow) -> None:
    state = began(flow)
    assert state.pending.slots == ("colour",)
    after, effects = advance(flow, state, patch(state, colour="red"))
    assert (after.slots["colour"].value, after.slots["colour"].status) == ("red", SlotStatus.CONFIRMED)
    assert after.pending.slots == ("agreed",) and Reply() in effects
    assert "May we keep that" in words(flow, after)


def test_a_value_nobody_waits_for_is_set_without_a_word(flow: Flow) -> None:
    state = began(flow)
    after, effects = advance(flow, state, patch(state, note="call back"))
    assert after.slots["note"].value == "call back" and effects == ()
    assert (after.pending, after.acts_revision) == (state.pending, state.acts_revision)


def test_setting_a_value_by_hand_uses_up_no_attempt_of_the_callers(flow: Flow) -> None:
    state = began(flow)
    state, _ = advance(flow, state, patch(state, colour="red"))
    asked = state.slots["agreed"].asked
    state, _ = advance(flow, state, patch(state, colour="blue"))
    assert state.pending.slots == ("agreed",) and state.slots["agreed"].asked == asked


@pytest.mark.parametrize(
    ("slots", "why"),
    [
        ({"colour": "green"}, Refusal.BAD_VALUE),
        ({"colour": 7}, Refusal.BAD_VALUE),
        ({"nothing": "x"}, Refusal.NO_SUCH_SLOT),
        ({"pin": "1234"}, Refusal.GATED),
        ({"agreed": True}, Refusal.GATED),
        ({"colour": "red", "agreed": True}, Refusal.GATED),
    ],
)
def test_a_patch_that_may_not_be_changes_nothing(flow: Flow, slots: dict[str, object], why: Refusal) -> None:
    state = began(flow)
    event = patch(state, **slots)
    assert refusal(flow, state, event) is why
    assert advance(flow, state, event) == (state, ())


def test_consent_and_proofs_take_the_right_to_go_past_gates(flow: Flow) -> None:
    state = began(flow)
    after, _ = advance(flow, state, patch(state, past_gates=True, agreed=True, pin="1234"))
    assert after.slots["agreed"].value is True and after.slots["pin"].value == "1234"


def test_a_patch_of_a_state_that_has_moved_on_is_stale(flow: Flow) -> None:
    state = began(flow)
    late = patch(state, colour="red")
    moved, _ = advance(flow, state, patch(state, note="first"))
    assert refusal(flow, moved, late) is Refusal.STALE
    assert advance(flow, moved, late) == (moved, ())


def test_a_call_that_is_over_takes_patches_and_nothing_else(flow: Flow) -> None:
    over, _ = advance(flow, began(flow), CallEnded(3.0))
    for event in (
        NoteWhispered("x", BOSS),
        StepForced("last", BOSS),
        WordsOrdered("x", BOSS),
        HandedOverByHand(BOSS),
    ):
        assert refusal(flow, over, event) is Refusal.OVER
        assert advance(flow, over, event) == (over, ())
    after, effects = advance(flow, over, patch(over, colour="blue"))
    assert after.slots["colour"].value == "blue" and effects == () and after.outcome is Outcome.HUNG_UP


def test_a_note_is_in_the_next_prompt_and_is_never_said(flow: Flow) -> None:
    state, effects = advance(flow, began(flow), NoteWhispered("Offer <b>tea</b>: green", BOSS))
    assert effects == () and state.notes == ("Offer <b>tea</b>: green",)
    whisper = compose(flow, state)
    assert "Bear in mind, and do not say: Offer tea , green" in whisper.text.replace("  ", " ")
    assert all("tea" not in line.text for line in whisper.reply)


def test_notes_have_a_bound(flow: Flow) -> None:
    state = began(flow)
    for n in range(MOST_NOTES):
        state, _ = advance(flow, state, NoteWhispered(f"note {n}", BOSS))
    assert refusal(flow, state, NoteWhispered("one more", BOSS)) is Refusal.TOO_LONG
    assert refusal(flow, began(flow), NoteWhispered("x" * (LONGEST_NOTE + 1), BOSS)) is Refusal.TOO_LONG
    assert refusal(flow, began(flow), NoteWhispered("  ", BOSS)) is Refusal.EMPTY


def test_ordered_words_go_out_as_they_stand_and_the_open_question_follows(flow: Flow) -> None:
    state = began(flow)
    after, effects = advance(flow, state, WordsOrdered("I see {pin} and {colour}.", BOSS))
    first, *rest = reply_lines(flow, after)
    assert first.text == "I see {pin} and {colour}." and not first.interruptible
    assert Reply() in effects and "Which colour" in rest[-1].text
    assert after.slots["colour"].asked == state.slots["colour"].asked
    assert isinstance(after.acts[0], Dictated) and isinstance(after.acts[-1], Ask)


def test_words_that_the_flow_forbids_are_not_said_by_order_either(flow: Flow) -> None:
    state = began(flow)
    assert refusal(flow, state, WordsOrdered("Well, WE GUARANTEE IT!", BOSS)) is Refusal.NEVER_SAY


def test_a_forced_step_asks_for_its_gate_first(flow: Flow) -> None:
    after, _ = advance(flow, began(flow), StepForced("inside", BOSS))
    assert after.pending.slots == ("pin",) and not after.gates.get("identity")
    assert "inside" not in words(flow, after)


def test_a_gate_is_waived_only_with_the_right_to_and_it_is_written_down_by_whom(flow: Flow) -> None:
    after, _ = advance(flow, began(flow), StepForced("inside", BOSS, past_gates=True))
    assert after.gates["identity"].passed and after.gates["identity"].waived_by == BOSS
    assert "You are inside" in words(flow, after) and after.pending.slots == ("secret",)


def test_only_steps_that_a_call_can_be_in_by_itself_are_forced(flow: Flow) -> None:
    assert set(forcible(flow)) == {"main", "inside", "last"}
    for name in ("identity", "nowhere", "complete", ""):
        assert refusal(flow, began(flow), StepForced(name, BOSS)) is Refusal.NO_SUCH_STEP


def test_nothing_is_forced_while_something_is_written(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    shop = load_flow(str(path))
    state = began(shop)
    state, effects = advance(shop, state, patch(state, number="1234"))
    (look_up,) = [e for e in effects if isinstance(e, RunAction)]
    assert refusal(shop, state, StepForced("choose", BOSS)) is None, "a look-up may be left"
    state, _ = advance(shop, state, ActionDone(look_up.id, {"status": "open"}))
    state, effects = advance(shop, state, patch(state, colour="red"))
    assert state.doing is not None and shop.actions[state.doing.action].effect == "write"
    assert refusal(shop, state, StepForced("choose", BOSS)) is Refusal.BUSY


def test_a_call_is_handed_over_by_hand(flow: Flow) -> None:
    after, effects = advance(flow, began(flow), HandedOverByHand(BOSS))
    assert after.outcome is Outcome.HANDED_OVER and Reply() in effects
    assert after.pending.waiting is Waiting.NOTHING


ORDERS = st.one_of(
    st.builds(NoteWhispered, st.text(max_size=30), st.just(BOSS)),
    st.builds(WordsOrdered, st.text(max_size=30), st.just(BOSS)),
    st.builds(
        StepForced, st.sampled_from(["main", "inside", "last", "identity", "x"]), st.just(BOSS), st.booleans()
    ),
    st.builds(
        MemoryPatched,
        st.dictionaries(
            st.sampled_from(["colour", "note", "agreed", "pin", "secret", "x"]),
            st.sampled_from(["red", "green", True, None, 7, "1234", ""]),
            max_size=3,
        ),
        st.one_of(st.none(), st.lists(st.text(min_size=1, max_size=5), max_size=3).map(tuple)),
        st.just(BOSS),
        st.just(0),
        st.booleans(),
    ),
    st.builds(HandedOverByHand, st.just(BOSS)),
)


@given(st.lists(ORDERS, max_size=12))
def test_whatever_is_ordered_the_machine_is_total_and_its_rules_hold(orders: list[ByHand]) -> None:
    flow = _door()
    state = began(flow)
    waived = False
    for order in orders:
        event = replace(order, revision=state.revision) if isinstance(order, MemoryPatched) else order
        why = refusal(flow, state, event)
        after, effects = advance(flow, state, load_event(dump_event(event)))
        assert (after == state and effects == ()) if why else after.revision == state.revision + 1
        assert load_state(dump_state(after)) == after
        reply_lines(flow, after)
        waived = waived or (isinstance(event, StepForced | MemoryPatched) and event.past_gates)
        if not waived:
            assert not any(gate.passed for gate in after.gates.values()), "no gate without proof"
            assert after.slots["agreed"].value is None, "no consent but the caller's"
        assert after.outcome is not Outcome.COMPLETE or waived
        state = after


_FLOWS: list[Flow] = []


def _door() -> Flow:
    if not _FLOWS:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "door.yaml"
            path.write_text(FLOW)
            _FLOWS.append(load_flow(str(path)))
    return _FLOWS[0]
