"""Whatever happens, in whatever order: what the machine promises of every call."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.schema import Flow
from reasoner.acts import ReadBack
from reasoner.events import (
    AgentSpoke,
    CallEnded,
    CallerSaid,
    CallerWasSilent,
    CallResumed,
    CallStarted,
    Event,
    HandOver,
    HangUp,
    PassagesFound,
)
from reasoner.machine import advance, start
from reasoner.state import GoalState, Outcome, dump_state, load_state
from reasoner.types import Answer, Channel, Heard, Intent, Reading, SlotStatus, Understood, Utterance, Waiting
from reasoner.whisper import compose
from tests.reasoner.talking import INTAKE, PARKING, small_flow

# A flow with every type, every policy and an optional slot of each: more corners than a real one.
CORNERS = small_flow(
    {
        "name": {"type": "person_name", "attempts": 3},
        "pet": {"type": "person_name", "full": False, "required": False},
        "phone": {"type": "phone", "digits": 4, "confirm": "together", "required": False, "attempts": 1},
        "day": {"type": "date"},
        "colour": {"type": "choice", "values": {"red": (), "blue": ()}, "confirm": "never"},
        "fruits": {
            "type": "list",
            "values": {"apple": (), "pear": ()},
            "none": "no fruit",
            "confirm": "together",
        },
        "agreed": {"type": "yes_no", "yes": "you agree", "must_be_yes": True, "confirm": "together"},
        "sure": {"type": "yes_no", "yes": "you are sure", "required": False},
    },
    limits={"turns": 30, "minutes": 60, "silences": 2, "misunderstandings": 4},
)
FLOWS = (CORNERS, INTAKE)

VALUES: dict[str, list[Any]] = {
    "person_name": ["Susan Clark", "Jan Kowalski", "Susan", ""],
    "date": ["1980-03-03", "2001-12-31", "1980-13-01", "yesterday"],
    "phone": ["5551234567", "1234", "9876", "12", "5559876543"],
    "choice": ["red", "blue", "Aetna", "Cigna", "back pain", "rash", "nonsense"],
    "list": [(), ("apple",), ("apple", "pear"), ("penicillin",), ("aspirin",), ("nonsense",)],
    "yes_no": [True, True, True, False],
}
EVERY_VALUE = [value for values in VALUES.values() for value in values]
NO_TIME = [math.nan, math.inf, -math.inf, -1.0]


class Chance:
    """A caller, a line and a front-end that mostly make sense. Everything is drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.flow = self.random.choice(FLOWS)
        self.mess = self.random.choice([0.05, 0.2, 0.6])  # how often anything may come
        self.now_s = 0.0

    def one_in(self, n: int) -> bool:
        return self.random.random() < 1 / n

    def time_s(self) -> float:
        self.now_s += self.random.uniform(1, 8)
        return self.random.choice(NO_TIME) if self.one_in(30) else self.now_s

    def event(self, state: GoalState) -> Event:
        pick = self.random.random
        revision = state.revision if pick() > 0.05 else self.random.randrange(-1, 40)
        if state.open_question and pick() < 0.9:
            passages = self.random.choice([(), (PARKING,)])
            return PassagesFound(state.open_question, passages, revision)
        if pick() < 0.02:
            events = [CallStarted(self.time_s()), CallEnded(self.time_s()), CallResumed(self.time_s(), True)]
            return self.random.choice(events)
        if pick() < 0.08:
            return CallerWasSilent(self.random.choice([6.0, 60.0, math.nan]), self.time_s())
        if pick() < 0.12:
            unspoken = self.random.choice(["", "right?", "Is that right?", "five six seven. Is that right?"])
            return AgentSpoke("words", state.acts_revision, 0, 1, unspoken)
        return self.said(state, revision)

    def said(self, state: GoalState, revision: int) -> CallerSaid:
        understood = self.chaos(state) if self.random.random() < self.mess else self.sense(state)
        readings = (Reading("words", 0.9),) if not self.one_in(10) else ()
        channel = Channel.SPEECH if not self.one_in(8) else Channel.TEXT
        utterance = Utterance(readings, self.time_s(), self.time_s(), channel)
        return CallerSaid(utterance, understood, revision)

    def sense(self, state: GoalState) -> Understood:
        """An answer to what is pending, with more or less beside it."""
        waiting, slots = state.pending.waiting, state.pending.slots
        if waiting is Waiting.SPELLING:
            return Understood(
                spelled=self.random.choice(["clark", "kowalski", "jan", "susan", "jan kowalski"])
            )
        if waiting is Waiting.WHICH:
            blamed = self.random.choice(slots)
            return self.random.choice(
                [Understood(rejected=(blamed,)), Understood(values=(self.heard(blamed),))]
            )
        if waiting is Waiting.ANSWER:
            extra = (self.heard(self.random.choice([*self.flow.slots])),) if self.one_in(4) else ()
            return Understood(
                values=(self.heard(slots[0]), *extra), answer=self.answer() if self.one_in(8) else None
            )
        correction = (self.heard(self.random.choice([*self.flow.slots])),) if self.one_in(5) else ()
        return Understood(answer=self.answer(), values=correction)

    def answer(self) -> Answer:
        return Answer.NO if self.one_in(4) else Answer.YES

    def heard(self, name: str) -> Heard:
        fitting = VALUES[self.flow.slots[name].type] if name in self.flow.slots else EVERY_VALUE
        value = self.random.choice(EVERY_VALUE if self.one_in(20) else fitting)
        return Heard(name, value, self.random.choice([0.0, 0.9, 1.0, 7.0, math.nan]), "words")

    def chaos(self, state: GoalState) -> Understood:
        """Anything at all, contradictions included."""
        pick, names = self.random, [*self.flow.slots, "unheard_of"]
        ends = {Intent.HUMAN, Intent.CANCEL, Intent.GOODBYE}
        intents = [intent for intent in Intent if intent not in ends or self.one_in(8)]
        return Understood(
            values=tuple(self.heard(pick.choice(names)) for _ in range(pick.choice([0, 0, 1, 3]))),
            answer=pick.choice([None, None, Answer.YES, Answer.NO]),
            intents=frozenset(pick.sample(intents, pick.choice([0, 0, 1, 2]))),
            question=pick.choice(["", "", "", "where can i park"]),
            spelled=pick.choice(["", "", "", "clark", "jan kowalski"]),
            rejected=tuple(pick.choice(names) for _ in range(pick.choice([0, 0, 0, 1, 2]))),
        )


Step = tuple[GoalState, Event, GoalState, tuple[Any, ...]]


def run(seed: int) -> tuple[Flow, list[Step]]:
    """A call: for each step the state, the event, the state after it and the effects."""
    chance = Chance(seed)
    state = start(chance.flow, "call-1")
    steps: list[Step] = []
    for at in range(chance.random.randrange(1, 60)):
        event = CallStarted() if at == 0 and not chance.one_in(10) else chance.event(state)
        after, effects = advance(chance.flow, state, event)
        steps.append((state, event, after, effects))
        if state.outcome is not None and chance.one_in(3):
            break
        state = after
    return chance.flow, steps


def calls() -> st.SearchStrategy[tuple[Flow, list[Step]]]:
    return st.integers(0, 2**32 - 1).map(run)


EXAMPLES = settings(max_examples=120, deadline=None, derandomize=True)


@EXAMPLES
@given(calls())
def test_an_event_moves_the_state_one_revision_on_or_changes_nothing(call: Any) -> None:
    for before, _event, after, effects in call[1]:
        if after.revision == before.revision:
            assert after is before and effects == ()
        else:
            assert after.revision == before.revision + 1


@EXAMPLES
@given(calls())
def test_the_same_events_always_lead_to_the_same_state(call: Any) -> None:
    flow, steps = call
    state = start(flow, "call-1")
    for before, event, after, effects in steps:
        assert dump_state(state) == dump_state(before)
        state, again = advance(flow, state, event)
        assert (dump_state(state), again) == (dump_state(after), effects)


@EXAMPLES
@given(calls())
def test_every_state_survives_being_written_and_read(call: Any) -> None:
    for _before, _event, after, _effects in call[1]:
        read = load_state(dump_state(after))
        assert read == after
        assert dump_state(read) == dump_state(after)


@EXAMPLES
@given(calls())
def test_a_value_is_confirmed_only_by_a_yes_after_it_was_read_back(call: Any) -> None:
    flow, steps = call
    for before, event, after, _effects in steps:
        for name, slot in after.slots.items():
            was = before.slots[name]
            if slot.status is not SlotStatus.CONFIRMED or (was.status, was.value) == (
                slot.status,
                slot.value,
            ):
                continue
            if flow.slots[name].confirm == "never":
                continue
            assert isinstance(event, CallerSaid) and event.understood.answer is Answer.YES
            assert before.pending.waiting is Waiting.CONFIRMATION and name in before.pending.slots
            assert not before.cut
            assert slot.value == was.value
            assert slot.evidence is not None and slot.evidence.accepted_words == event.utterance.text


@EXAMPLES
@given(calls())
def test_what_waits_for_a_yes_was_the_last_thing_read_back(call: Any) -> None:
    """So the yes of the test above is a yes to these values."""
    for _before, _event, after, _effects in call[1]:
        if after.pending.waiting is Waiting.CONFIRMATION and not after.open_question:
            read = [act for act in after.acts if isinstance(act, ReadBack)]
            waits = any(act.kind == "say_line" and act.line == "wait" for act in after.acts)
            assert waits or (read and read[-1].slots == after.pending.slots)


@EXAMPLES
@given(calls())
def test_a_call_is_complete_only_with_every_required_slot_confirmed(call: Any) -> None:
    flow, steps = call
    for _before, _event, after, effects in steps:
        if after.outcome is Outcome.COMPLETE:
            for name, slot in flow.slots.items():
                allowed = {SlotStatus.CONFIRMED}
                allowed |= set() if slot.required else {SlotStatus.DECLINED}
                allowed |= set() if name in flow.ask else {SlotStatus.EMPTY}
                assert after.slots[name].status in allowed
            assert after.slots.get("agreed", after.slots.get("consent")).value is True  # type: ignore[union-attr]
        if after.outcome in (Outcome.COMPLETE, Outcome.CANCELLED, Outcome.GAVE_UP) and effects:
            assert HangUp() in effects
        if after.outcome is Outcome.HANDED_OVER and effects:
            assert any(isinstance(effect, HandOver) for effect in effects)


@EXAMPLES
@given(calls())
def test_nothing_happens_to_a_call_that_has_its_outcome(call: Any) -> None:
    for before, _event, after, effects in call[1]:
        if before.outcome is not None:
            assert after is before and effects == ()


@EXAMPLES
@given(calls())
def test_a_denied_value_is_not_read_back_again_unless_typed_or_spelled_or_said_twice_more(call: Any) -> None:
    flow, steps = call
    typed: set[tuple[str, Any]] = set()
    for _before, event, after, effects in steps:
        if isinstance(event, CallerSaid) and event.utterance.channel is not Channel.SPEECH:
            typed |= {(name, slot.value) for name, slot in after.slots.items()}
        if not effects:
            continue
        for act in after.acts:
            for name in act.slots if isinstance(act, ReadBack) else ():
                slot = after.slots[name]
                meant = (name, slot.value) in typed or bool(slot.spelled)
                if flow.slots[name].type != "yes_no" and not meant:
                    assert slot.value not in slot.denied or slot.value == slot.insisted


@EXAMPLES
@given(calls())
def test_every_reply_has_words_and_ends_with_what_it_waits_for(call: Any) -> None:
    flow, steps = call
    for _before, _event, after, effects in steps:
        whisper = compose(flow, after)
        assert whisper.revision == after.revision
        if not any(effect.kind == "reply" for effect in effects):
            continue
        assert whisper.reply and all(line.text.strip() for line in whisper.reply)
        last = after.acts[-1].kind
        if after.outcome is not None or after.held:
            assert last == "say_line"
        else:
            assert last in ("ask", "ask_spelling", "read_back", "ask_which")
            assert after.pending.waiting is not Waiting.NOTHING


@EXAMPLES
@given(st.integers(0, 2**32 - 1))
def test_a_call_ends_within_its_limits(seed: int) -> None:
    """However the caller answers, they cannot be kept on the line for ever."""
    chance = Chance(seed)
    flow = chance.flow
    state, _ = advance(flow, start(flow, "call-1"), CallStarted())
    for _turn in range(flow.limits.turns):
        if state.outcome is not None:
            return
        state, _ = advance(flow, state, chance.said(state, state.revision))
        if state.open_question:
            state, _ = advance(flow, state, PassagesFound(state.open_question, (), state.revision))
    assert state.outcome is not None


def test_the_calls_of_these_tests_get_into_every_corner() -> None:
    """The promises above would be empty if no call ever came to where they matter."""
    seen: Counter[str] = Counter()
    for seed in range(600):
        for before, event, after, _effects in run(seed)[1]:
            if after is before:
                seen[f"dropped {event.kind}"] += 1
                continue
            seen[f"outcome {after.outcome}"] += 1
            seen[f"waiting {after.pending.waiting}"] += 1
            seen["cut"] += after.cut
            seen["yes to a cut read-back"] += before.cut and before.acts_revision != after.acts_revision
            for act in after.acts if after.acts_revision == after.revision else ():
                seen[getattr(act, "line", act.kind)] += 1
                seen["read back together"] += isinstance(act, ReadBack) and len(act.slots) > 1
                seen["read back spelled"] += isinstance(act, ReadBack) and act.spelled
            seen["denied"] += any(slot.denied for slot in after.slots.values())
            seen["declined"] += any(slot.status is SlotStatus.DECLINED for slot in after.slots.values())
            seen["doubted"] += any(slot.doubted for slot in after.slots.values())
    corners = [
        *(f"outcome {outcome}" for outcome in Outcome),
        *(f"waiting {waiting}" for waiting in Waiting if waiting is not Waiting.ACTION),
        *(
            "cut",
            "yes to a cut read-back",
            "read back together",
            "read back spelled",
            "denied",
            "declined",
            "doubted",
        ),
        *("wait", "needed", "still_there", "handover", "cannot_finish", "declined", "cancelled", "goodbye"),
        *("greet", "acknowledge", "apologise", "ask", "ask_spelling", "ask_which", "tell"),
        *("dropped caller_said", "dropped passages_found", "dropped agent_spoke", "dropped call_started"),
    ]
    assert {corner: seen[corner] for corner in corners if seen[corner] < 5} == {}
