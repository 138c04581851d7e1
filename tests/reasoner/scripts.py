"""Random flows with steps, gates, actions, topics, loops and disclosures, and random calls through them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from flows.expand import expand
from flows.schema import Flow
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallerSaid,
    CallerWasSilent,
    CallStarted,
    Effect,
    Event,
    Failure,
    PassagesFound,
)
from reasoner.machine import advance, start
from reasoner.state import GoalState
from reasoner.types import Answer, Channel, Heard, Intent, Reading, Understood, Utterance, Waiting
from reasoner.whisper import compose

TYPES = {"yes_no": (True, False), "choice": ("red", "blue"), "number": (1, 2, 3), "text": ("one", "two")}
Advanced = tuple[GoalState, Event, GoalState, tuple[Effect, ...]]


def random_flow(seed: int) -> Flow:
    """A flow that a checker would let pass, or nearly: some have loops without a bound, which the machine ends."""
    draw = random.Random(seed)
    slots: dict[str, Any] = {}
    for number in range(draw.randint(2, 7)):
        slot: dict[str, Any] = {"type": draw.choice(list(TYPES)), "confirm": draw.choice(CONFIRMS)}
        if slot["type"] == "choice":
            slot["values"] = {"red": [], "blue": []}
        if draw.random() < 0.3:
            slot["required"] = False
        if slot["type"] == "number" and draw.random() < 0.5:
            slot["valid"] = f"s{number} > 1"
        if number and draw.random() < 0.3:
            slot["required_if"] = _condition(draw, slots)
        slots[f"s{number}"] = slot
    steps = {f"t{number}": {} for number in range(draw.randint(1, 6))}
    gates = {"gate": _gate(draw, slots)} if draw.random() < 0.6 else {}
    disclosures = {"told": "This has to be said."} if draw.random() < 0.5 else {}
    actions = _actions(draw, slots)
    for step in steps.values():
        _fill(draw, step, slots, list(steps), [*gates, *disclosures], actions)
    topics = {"topic": {"says": "other", "go": draw.choice(list(steps))}} if draw.random() < 0.4 else {}
    if draw.random() < 0.3:
        steps["aside"] = {"say": "By the way.", "then": "back"}
        topics["aside"] = {"says": "aside", "visit": "aside"}
    if gates:
        actions["verify"]["gives"] = {"ok": "result.ok"}
        draw.choice(list(slots.values()))["protected_by"] = "gate"
        slots |= {"pin": {"type": "number"}, "ok": {"type": "yes_no", "source": "action"}}
    given = {
        "flow": "random",
        "version": "1",
        "about": "a test",
        "agent": {"name": "Ann", "company": "Acme", "business": "shop"},
        "slots": slots,
        "steps": steps,
        "gates": gates,
        "disclosures": disclosures,
        "actions": actions,
        "topics": topics,
        "limits": {"turns": 30, "steps": 60},
    }
    return expand(Flow.model_validate(given), {})


CONFIRMS = ("read_back", "together", "implicit", "never")


def _condition(draw: random.Random, slots: dict[str, Any]) -> str:
    name = draw.choice(list(slots))
    match slots[name]["type"]:
        case "yes_no":
            return draw.choice([name, f"!{name}"])
        case "number":
            return f"{name} > {draw.randint(1, 2)}"
        case "choice":
            return f'{name} == "red"'
        case _:
            return f"size({name}) > 0"


def _gate(draw: random.Random, slots: dict[str, Any]) -> dict[str, Any]:
    gate: dict[str, Any] = {"ask": ["pin"], "passes": "pin == 2", "attempts": draw.randint(1, 3)}
    if draw.random() < 0.5:
        gate |= {"do": "verify", "passes": "ok"}
    return gate


def _actions(draw: random.Random, slots: dict[str, Any]) -> dict[str, Any]:
    name = draw.choice(list(slots))
    write: dict[str, Any] = {"python": "w", "effect": "write", "with": {"x": name}}
    if draw.random() < 0.55:
        write["undo"] = "undone"
    return {
        "verify": {"python": "v", "effect": "read", "with": {}, "gives": {}},
        "look": {"python": "r", "effect": "read", "with": {"x": name}, "meanwhile": "One moment."},
        "book": write,
        "undone": {"python": "u", "effect": "write"},
    }


def _fill(
    draw: random.Random,
    step: dict[str, Any],
    slots: dict[str, Any],
    steps: list[str],
    needs: list[str],
    actions: dict[str, Any],
) -> None:
    if draw.random() < 0.55:
        step["ask"] = draw.sample(list(slots), draw.randint(1, min(3, len(slots))))
    if draw.random() < 0.3:
        step["say"] = "Something."
    if draw.random() < 0.2:
        step["if"] = _condition(draw, slots)
    if needs and draw.random() < 0.4:
        step["needs"] = draw.sample(needs, draw.randint(1, len(needs)))
    if draw.random() < 0.45:
        step["do"] = draw.choice(["look", "book", "book", "book"])
    if draw.random() < 0.2:
        step["at_most"] = draw.randint(1, 3)
    if draw.random() < 0.2:
        step["turns"] = draw.randint(1, 4)
    if draw.random() < 0.5:
        targets = [*steps, "next", "complete", "gave_up"]
        step["then"] = [
            {"if": _condition(draw, slots), "go": draw.choice(targets)},
            {"go": draw.choice(targets[-3:])},
        ]


class Line:
    """A caller, other systems and a voice that mostly make sense."""

    def __init__(self, flow: Flow, seed: int) -> None:
        self.flow = flow
        self.draw = random.Random(seed)
        self.now_s = 0.0

    def event(self, state: GoalState) -> Event:
        self.now_s += self.draw.uniform(1, 5)
        chance = self.draw.random
        if state.doing is not None and chance() < 0.8:
            if chance() < 0.2:
                return ActionFailed(state.doing.id, self.draw.choice(list(Failure)), self.now_s)
            return ActionDone(state.doing.id, self._result(), self.now_s)
        if state.open_question:
            return PassagesFound(state.open_question, (), state.revision)
        if chance() < 0.4 and state.acts_revision == state.revision:
            text = " ".join(line.text for line in compose(self.flow, state).reply)
            cut = len(text) // 2 if chance() < 0.2 else len(text)
            return AgentSpoke(text[:cut], state.acts_revision, self.now_s, self.now_s, text[cut:])
        if chance() < 0.05:
            return CallerWasSilent(6.0, self.now_s)
        return self._said(state)

    def _result(self) -> Any:
        return self.draw.choice(
            [{"ok": True}, {"ok": True}, {"ok": False}, {}, None, [1], "nonsense", {"ok": 3}]
        )

    def _said(self, state: GoalState) -> CallerSaid:
        understood = self._understood(state)
        reading = Reading("words", self.draw.choice([0.3, 0.9, 1.0]))
        channel = self.draw.choice([Channel.SPEECH, Channel.TEXT])
        utterance = Utterance((reading,), self.now_s, self.now_s, channel)
        return CallerSaid(utterance, understood, state.revision)

    def _understood(self, state: GoalState) -> Understood:
        chance, pending = self.draw.random, state.pending
        if chance() < 0.08:
            return Understood(intents=frozenset({self.draw.choice(QUIET)}))
        if chance() < 0.05 and self.flow.topics:
            return Understood(topics=(self.draw.choice(list(self.flow.topics)),))
        if chance() < 0.05:
            return Understood(question="What is that?")
        if chance() < 0.2:
            settled = [name for name, slot in state.slots.items() if slot.value is not None]
            names = self.draw.sample(list(self.flow.slots), self.draw.randint(1, 2))
            names = [self.draw.choice(settled)] if settled and chance() < 0.6 else names
            return Understood(values=tuple(map(self._heard, names)))
        if pending.waiting is Waiting.ANSWER:
            return Understood(values=(self._heard(pending.slots[0]),))
        if pending.waiting is Waiting.CONFIRMATION:
            return Understood(answer=Answer.YES if chance() < 0.8 else Answer.NO)
        return Understood()

    def _heard(self, name: str) -> Heard:
        value = self.draw.choice(TYPES.get(self.flow.slots[name].type.value, ("x",)))
        return Heard(name, value, self.draw.choice([0.3, 0.9, 1.0]), "words")


QUIET = (Intent.REPEAT, Intent.WAIT, Intent.DONT_KNOW, Intent.REFUSE, Intent.SKIP, Intent.CORRECT)


def run(flow: Flow, seed: int, most: int = 300) -> Iterator[Advanced]:
    """A call from its first word to its outcome: each state, what happened, and what came of it."""
    line, state = Line(flow, seed), start(flow, "call")
    event: Event = CallStarted(today="2026-11-23")
    for _ in range(most):
        after, effects = advance(flow, state, event)
        yield state, event, after, effects
        state = after
        if state.outcome is not None:
            return
        event = line.event(state)
