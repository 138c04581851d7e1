"""Of several hearings of a number, what most of them have."""

from __future__ import annotations

import pytest

from reasoner.events import CallerSaid
from reasoner.machine import advance
from reasoner.types import Channel, Heard, Reading, SlotStatus, Understood, Utterance
from reasoner.vote import vote
from tests.reasoner.talking import NO, Call, small_flow


@pytest.mark.parametrize(
    ("hearings", "voted"),
    [
        ((), None),
        (("123",), None),
        (("123", "124"), None),
        (("123", "124", "125"), "125"),  # nothing to go by but the last
        (("153", "124", "623"), "123"),
        (("923", "1234", "193", "129"), "123"),  # another length says nothing of these
    ],
)
def test_most_hearings_decide_each_character(hearings: tuple[str, ...], voted: str | None) -> None:
    assert vote(hearings) == voted


def heard(call: Call, number: str, channel: Channel) -> None:
    utterance = Utterance((Reading(number, 0.8),), 0, 1, channel)
    confidence = 0.8 if channel is Channel.SPEECH else 1.0
    understood = Understood((Heard("phone", number, confidence, number),))
    call.state, _ = advance(call.flow, call.state, CallerSaid(utterance, understood, call.state.revision))


@pytest.mark.parametrize(("channel", "taken"), [(Channel.SPEECH, "555123"), (Channel.TEXT, "555124")])
def test_a_number_misheard_twice_is_put_together_and_read_back(channel: Channel, taken: str) -> None:
    call = Call(small_flow({"phone": {"type": "phone", "digits": 6}}))
    call.started()
    for number in ("555923", "755123"):
        heard(call, number, channel)
        call.says(NO)
    heard(call, "555124" if channel is Channel.TEXT else "555183", channel)
    held = call.state.slots["phone"]
    assert (held.value, held.status) == (taken, SlotStatus.HEARD)
