"""The next state in the making. Lives within one call of `advance` and never leaves it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from flows.schema import Flow, SlotType
from reasoner.agenda import ToRead, next_task, reading_acts, repeat_pending
from reasoner.slots import decline, part_to_spell
from reasoner.types import (
    Act,
    Ask,
    AskSpelling,
    Effect,
    GoalState,
    HandOver,
    HangUp,
    NamePart,
    Outcome,
    Pending,
    Reply,
    SayLine,
    SlotName,
    SlotState,
    Tell,
    Waiting,
)


@dataclass(slots=True)
class Draft:
    """What `advance` works on: the state as it was, and what becomes of it.

    `acts` are those of the reply; where no reply is made, the old ones stand.
    """

    flow: Flow
    state: GoalState
    slots: dict[SlotName, SlotState]
    pending: Pending
    acts: list[Act] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    at_s: float = 0.0
    turns: int = 0
    misunderstood: int = 0
    silences: int = 0
    questions: tuple[str, ...] = ()
    open_question: str = ""
    held: bool = False
    cut: bool = False
    outcome: Outcome | None = None

    def settled(self) -> tuple[GoalState, tuple[Effect, ...]]:
        """The new state, one revision on, and what is wanted of the world."""
        revision = self.state.revision + 1
        spoke = bool(self.acts)
        state = replace(
            self.state,
            revision=revision,
            at_s=self.at_s,
            slots=self.slots,
            pending=Pending() if self.outcome else self.pending,
            acts=tuple(self.acts) if spoke else self.state.acts,
            acts_revision=revision if spoke else self.state.acts_revision,
            cut=self.cut and not spoke,
            open_question=self.open_question,
            held=self.held,
            turns=self.turns,
            misunderstood=self.misunderstood,
            silences=self.silences,
            questions=self.questions,
            outcome=self.outcome,
        )
        return state, tuple(self.effects)

    def view(self) -> GoalState:
        """The state as it stands now, for those who only read."""
        return replace(self.state, slots=self.slots, pending=self.pending)

    def pass_time(self, to_s: float) -> None:
        """The call's clock only goes forward."""
        if math.isfinite(to_s) and to_s > self.at_s:
            self.at_s = to_s


def begin_draft(flow: Flow, state: GoalState) -> Draft:
    """A draft of what follows `state`. Slots that the flow does not have, or not yet, are put right."""
    slots = {name: state.slots.get(name, SlotState()) for name in flow.slots}
    waited_on = tuple(name for name in state.pending.slots if name in slots)
    pending = replace(state.pending, slots=waited_on) if waited_on else Pending()
    return Draft(
        flow=flow,
        state=state,
        slots=slots,
        pending=pending,
        at_s=state.at_s,
        turns=state.turns,
        misunderstood=state.misunderstood,
        silences=state.silences,
        questions=state.questions,
        open_question=state.open_question,
        held=state.held,
        cut=state.cut,
        outcome=state.outcome,
    )


# --- moves: each adds the acts of what the agent does next ---------------------------------------------------


def go_on(draft: Draft) -> None:
    """Do what is next on the agenda, or finish."""
    task = next_task(draft.flow, draft.slots)
    if task is None:
        # A question that was asked along with the last yes is answered before the goodbye.
        draft.pending = Pending()
        if not draft.open_question:
            end(draft, "goodbye", Outcome.COMPLETE, HangUp())
    elif isinstance(task, ToRead):
        acts, draft.pending = reading_acts(draft.slots, task.slots)
        draft.acts += acts
    else:
        ask(draft, task.slot)


def ask(draft: Draft, name: SlotName, *, spell: bool = False) -> None:
    """Ask for a slot, which counts as an attempt. With all attempts used, decline it or hand over.

    `spell`: have a name spelled even though none was heard yet.
    """
    slot, state = draft.flow.slots[name], draft.slots[name]
    if state.asked >= slot.attempts:
        if slot.required:
            hand_over(draft, f"attempts:{name}")
        else:
            draft.slots[name] = decline(state)
            go_on(draft)
        return
    draft.slots[name] = replace(state, asked=state.asked + 1)
    if slot.type is SlotType.PERSON_NAME and (spell or state.value or state.denied or state.spelled):
        was_spelling = draft.pending.waiting is Waiting.SPELLING and draft.pending.slots[:1] == (name,)
        part = part_to_spell(slot, state)
        same = was_spelling and draft.pending.part is part
        draft.acts.append(AskSpelling(name, again=int(same), part=part))
        draft.pending = Pending(Waiting.SPELLING, (name,), part)
    else:
        draft.acts.append(Ask(name, again=state.asked))
        draft.pending = Pending(Waiting.ANSWER, (name,), NamePart.WHOLE)


def ask_again(draft: Draft, *, spell: bool = False) -> None:
    """Put the pending question once more, as another attempt where it asks for a value."""
    if draft.pending.waiting in (Waiting.ANSWER, Waiting.SPELLING):
        ask(draft, draft.pending.slots[0], spell=spell or draft.pending.waiting is Waiting.SPELLING)
    else:
        return_to_pending(draft)


def return_to_pending(draft: Draft, *, plainer: bool = False) -> None:
    """Put the pending question once more without counting it as an attempt."""
    acts = repeat_pending(draft.view(), plainer=plainer)
    if acts:
        draft.acts += acts
    else:
        go_on(draft)


def hand_over(draft: Draft, why: str) -> None:
    end(draft, "handover", Outcome.HANDED_OVER, HandOver(why))


def end(draft: Draft, line: str, outcome: Outcome, effect: Effect) -> None:
    """Say a last line, which replaces whatever else was to be said except what was looked up for the caller."""
    draft.acts = [*(act for act in draft.acts if isinstance(act, Tell)), SayLine(line)]
    draft.outcome = outcome
    draft.open_question = ""
    draft.effects += [effect]


def reply(draft: Draft) -> None:
    """The acts are to be spoken now."""
    draft.effects.insert(0, Reply())
