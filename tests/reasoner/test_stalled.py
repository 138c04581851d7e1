"""Turns that lead nowhere: values read back together are read back one by one, and a call does not go on for ever."""

from __future__ import annotations

import pytest

from flows.schema import Flow
from reasoner.types import Intent, SlotStatus, Understood
from tests.reasoner.talking import NOTHING, YES, Call, small_flow, values, wants

REPEAT = wants(Intent.REPEAT)


def read_back_call() -> Call:
    call = Call(flow())
    call.started()
    call.says(values(city="Oslo", plan="gold"))
    assert call.state.pending.slots == ("city", "plan")
    return call


def flow() -> Flow:
    slot = {"type": "text", "confirm": "read_back"}
    return small_flow({"city": slot, "plan": slot})


@pytest.mark.parametrize("useless", [REPEAT, NOTHING])
def test_what_is_not_followed_together_is_read_back_one_by_one(useless: Understood) -> None:
    call = read_back_call()
    assert "Oslo" in call.says(useless) and call.state.pending.slots == ("city", "plan")
    said = call.says(useless)
    assert "Oslo" in said and "gold" not in said and call.state.pending.slots == ("city",)
    said = call.says(YES)
    assert "gold" in said and "Oslo" not in said
    call.says(YES)
    assert call.state.outcome == "complete"
    assert {held.status for held in call.state.slots.values()} == {SlotStatus.CONFIRMED}


def test_who_asks_for_the_same_words_for_ever_is_handed_over() -> None:
    call = read_back_call()
    for turn in range(flow().limits.misunderstandings * 2):
        assert call.state.outcome is None, turn
        call.says(REPEAT if turn % 3 else NOTHING)
    assert call.state.outcome == "handed_over"


def test_a_turn_that_leads_somewhere_begins_the_count_anew() -> None:
    call = read_back_call()
    for _ in range(5):
        call.says(REPEAT)
    assert call.state.stalled == 5
    call.says(YES)
    assert call.state.stalled == 0
