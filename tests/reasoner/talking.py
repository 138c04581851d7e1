"""A call without sound or parser: what the caller means is written down, and the real machine answers."""

from __future__ import annotations

from typing import Any

from flows.expand import expand
from flows.loader import load_flow
from flows.schema import Flow
from memory.types import Passage
from reasoner.events import CallerSaid, CallerWasSilent, CallStarted, Effect, Event, PassagesFound
from reasoner.machine import advance, start
from reasoner.state import GoalState
from reasoner.types import Answer, Channel, Heard, Intent, Reading, SlotStatus, Understood, Utterance, Value
from reasoner.whisper import compose

INTAKE = load_flow("medical_intake")

YES = Understood(answer=Answer.YES)
NO = Understood(answer=Answer.NO)
NOTHING = Understood()
PARKING = Passage(
    "visiting#parking", "Parking is free for patients. Bring your ticket.", "visiting.md", "Parking"
)

FACTS: dict[str, Value] = {
    "name": "Susan Clark",
    "date_of_birth": "1980-03-03",
    "phone": "5551234567",
    "reason": "back pain",
    "allergies": ("penicillin",),
    "medicines": ("lisinopril", "metformin"),
    "insurance": "Aetna",
    "consent": True,
}


def small_flow(slots: dict[str, dict[str, Any]], **more: Any) -> Flow:
    """A flow with these slots, all asked in their order unless `ask` says otherwise."""
    given = {"label": "it", "ask": "What is it?"}
    written = Flow.model_validate(
        {
            "flow": "small",
            "version": "1",
            "about": "a test",
            "agent": {"name": "Ann", "company": "Acme", "business": "shop"},
            "slots": {
                name: {**given, "label": name, "ask": f"Your {name}?", **slot} for name, slot in slots.items()
            },
            "ask": list(slots),
            **more,
        }
    )
    return expand(written, {})


def values(**given: Value) -> Understood:
    return Understood(values=heard(**given))


def heard(**given: Value) -> tuple[Heard, ...]:
    return tuple(Heard(name, value, 0.9, str(value)) for name, value in given.items())


def wants(*intents: Intent, **more: Any) -> Understood:
    return Understood(intents=frozenset(intents), **more)


def asks(question: str, **more: Any) -> Understood:
    return wants(Intent.QUESTION, question=question, **more)


class Call:
    """One call: each method is an event, and returns what the agent says to it."""

    def __init__(self, flow: Flow = INTAKE) -> None:
        self.flow = flow
        self.state: GoalState = start(flow, "call-1")
        self.effects: tuple[Effect, ...] = ()
        self.now_s = 0.0
        self.events: list[Event] = []

    def apply(self, event: Event) -> str:
        self.events.append(event)
        self.state, self.effects = advance(self.flow, self.state, event)
        return self.reply if any(effect.kind == "reply" for effect in self.effects) else ""

    def started(self) -> str:
        return self.apply(CallStarted())

    def says(self, understood: Understood, words: str = "words", channel: Channel = Channel.SPEECH) -> str:
        self.now_s += 5
        readings = (Reading(words, 0.9),) if words else ()
        utterance = Utterance(readings, self.now_s - 2, self.now_s, channel)
        return self.apply(CallerSaid(utterance, understood, self.state.revision))

    def finds(self, *passages: Passage) -> str:
        return self.apply(PassagesFound(self.state.open_question, passages, self.state.revision))

    def silent(self, for_s: float = 6.0) -> str:
        self.now_s += for_s
        return self.apply(CallerWasSilent(for_s, self.now_s))

    @property
    def reply(self) -> str:
        return " ".join(line.text for line in compose(self.flow, self.state).reply)

    @property
    def kinds(self) -> list[str]:
        return [act.kind for act in self.state.acts]

    def status(self, name: str) -> SlotStatus:
        return self.state.slots[name].status

    def value(self, name: str) -> Value | None:
        return self.state.slots[name].value

    def up_to(self, slot: str, **facts: Value) -> Call:
        """Answer everything that is asked before `slot`, and say yes to what is read back."""
        truth = {**FACTS, **facts}
        self.started()
        while not (self.state.pending.waiting.value == "answer" and self.state.pending.slots == (slot,)):
            pending = self.state.pending
            self.says(
                YES
                if pending.waiting.value == "confirmation"
                else values(**{pending.slots[0]: truth[pending.slots[0]]})
            )
        return self


def started() -> Call:
    """A call that was just answered."""
    call = Call()
    call.started()
    return call
