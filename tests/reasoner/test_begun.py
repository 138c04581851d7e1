"""Hearings that are not whole are put together, and what they give is read back."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from reasoner.acts import Ask, ReadBack
from reasoner.begun import put_together
from reasoner.events import CallerSaid
from reasoner.machine import advance
from reasoner.state import GoalState
from reasoner.types import Channel, Heard, Reading, SlotStatus, Understood, Utterance
from reasoner.whisper import compose
from tests.reasoner.talking import NO, YES, Call, small_flow

BORN: dict[str, dict[str, Any]] = {"born": {"type": "date", "label": "date of birth", "past": True}}
PHONE: dict[str, dict[str, Any]] = {"phone": {"type": "phone", "digits": 6}}


@pytest.mark.parametrize(
    ("hearings", "length", "whole"),
    [
        (("617902086", "679020868"), 10, "6179020868"),  # each has lost another one
        (("12345", "123456", "12346"), 6, "123456"),
        (("1123456", "123456"), 6, "123456"),  # one was added
        (("123456",), 6, None),
        (("12", "13"), 6, None),
        ((), 6, None),
        (("", "123456"), 6, None),
    ],
)
def test_what_is_lost_in_one_hearing_is_taken_from_another(
    hearings: tuple[str, ...], length: int, whole: str | None
) -> None:
    assert put_together(hearings, (length, length)) == whole


def says(
    call: Call, part: str, *, whole: str = "", confidence: float = 0.8, channel: Channel = Channel.SPEECH
) -> None:
    """The caller says a part of what is asked for, or all of it."""
    (slot,) = call.state.pending.slots[:1]
    utterance = Utterance((Reading("words", confidence),), 0, 1, channel)
    begun = (Heard(slot, part, 0.4, part),) if part else ()
    told = (Heard(slot, whole, confidence, whole),) if whole else ()
    event = CallerSaid(utterance, Understood(values=told, begun=begun), call.state.revision)
    call.state, _ = advance(call.flow, call.state, event)


def ringing(slots: dict[str, dict[str, Any]]) -> Call:
    call = Call(small_flow(slots))
    call.started()
    return call


def last_ask(state: GoalState) -> Ask:
    return [act for act in state.acts if isinstance(act, Ask)][-1]


def test_only_what_is_missing_of_a_date_is_asked_for() -> None:
    call = ringing(BORN)
    says(call, "????-09-20")
    assert last_ask(call.state).missing == ("year",)
    assert "which year" in spoken(call.flow, call.state)
    says(call, "1957-??-??")
    held = call.state.slots["born"]
    assert (held.value, held.status) == ("1957-09-20", SlotStatus.HEARD)
    assert call.state.acts[-1] == ReadBack(("born",))
    call.says(YES)
    assert call.state.slots["born"].status is SlotStatus.CONFIRMED
    assert call.state.slots["born"].begun == ()


def test_a_date_that_was_denied_is_asked_for_as_a_whole() -> None:
    call = ringing(BORN)
    says(call, "????-09-20")
    says(call, "1957-??-??")
    call.says(NO)
    assert last_ask(call.state).missing == ()
    says(call, "????-11-20")
    assert last_ask(call.state).missing == ("year",)


def test_no_day_that_there_is_not_comes_of_parts() -> None:
    call = ringing(BORN)
    says(call, "????-02-30")
    says(call, "1957-??-??")
    assert call.state.slots["born"].value is None


def test_a_number_heard_in_parts_is_put_together_and_never_taken_unread() -> None:
    call = ringing({"phone": {**PHONE["phone"], "confirm": "never"}})
    says(call, "51249")
    assert call.state.slots["phone"].value is None
    says(call, "52349")
    held = call.state.slots["phone"]
    assert (held.value, held.status) == ("512349", SlotStatus.HEARD)
    assert call.state.acts[-1] == ReadBack(("phone",))


def test_a_number_heard_whole_stands_against_parts_heard_before() -> None:
    call = ringing(PHONE)
    says(call, "55519")
    says(call, "", whole="444444")
    assert call.state.slots["phone"].value == "444444"


def test_what_was_typed_is_not_pieced_together() -> None:
    call = ringing(PHONE)
    for part in ("51249", "52349"):
        says(call, part, confidence=1.0, channel=Channel.TEXT)
    assert call.state.slots["phone"].value is None
    assert call.state.slots["phone"].begun == ()


def test_a_part_counts_as_an_attempt() -> None:
    call = ringing(PHONE)
    for part in ("555", "444", "333", "222"):
        says(call, part)
    assert call.state.outcome is not None


def test_after_a_failure_a_number_is_asked_for_digit_by_digit() -> None:
    call = ringing(PHONE)
    says(call, "555")
    assert "digit by digit" in spoken(call.flow, call.state)


def spoken(flow: Flow, state: GoalState) -> str:
    return " ".join(line.text for line in compose(flow, state).reply)
