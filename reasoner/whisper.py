"""A goal state → what the agent goes on with: words for a voice that reads, a role prompt for one that phrases.

Pure: the same state gives the same words. Every reply ends with the question it waits on, in a line of its own,
so that a listener knows it is their turn. What callers and pages say gets into a prompt as information only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil

from flows.schema import Flow
from flows.slot import Slot
from memory.types import Passage
from reasoner.acts import (
    Say,
    Tell,
)
from reasoner.agenda import in_order
from reasoner.quote import plain, sentences
from reasoner.reply import is_open, reply_lines, say
from reasoner.state import GoalState
from reasoner.tongue import Tongue, tongue
from reasoner.types import SlotName, SlotState, SlotStatus, Value, Whisper, WhisperLine

TOKEN_BUDGET = 400
_LONGEST_VALUE = 120
_PASSAGE_WORDS = 80


def compose(
    flow: Flow,
    state: GoalState,
    count_tokens: Callable[[str], int] | None = None,
    budget: int = TOKEN_BUDGET,
) -> Whisper:
    """The whisper for a state.

    Args:
        count_tokens: of the model that reads `text`; without it, a guess on the safe side.
        budget: most tokens of `text`. What does not fit is left out, the least important first, and named.
    """
    lines = reply_lines(flow, state)
    text, left_out = _prompt(flow, state, lines, count_tokens or guess_tokens, budget)
    return Whisper(text=text, reply=lines, revision=state.revision, left_out=left_out)


def guess_tokens(text: str) -> int:
    """A SentencePiece vocabulary of 32,000 needs a token for about four letters of English; this counts three."""
    return ceil(len(text.encode()) / 3)


# --- the role prompt -------------------------------------------------------------------------------------------


class _Worth(IntEnum):
    """What is kept first."""

    ROLE = 0
    NOW = 1
    ANSWER = 2
    PENDING = 3
    OPEN = 4
    SETTLED = 5
    ABOUT = 6
    AGENDA = 7


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str  # as `left_out` calls it
    text: str
    worth: _Worth


def _prompt(
    flow: Flow,
    state: GoalState,
    lines: Sequence[WhisperLine],
    count_tokens: Callable[[str], int],
    budget: int,
) -> tuple[str, tuple[str, ...]]:
    """The facts that fit, stable ones first, and the names of those that do not."""
    facts = _facts(flow, state, lines)
    # Of two that are worth the same, the later one is about what was talked about last.
    ranked = sorted(range(len(facts)), key=lambda at: (facts[at].worth, -at))
    kept: set[int] = set()
    for at in ranked:
        if count_tokens(_joined(facts, kept | {at})) <= budget:
            kept.add(at)
        elif facts[at].worth is _Worth.ROLE:
            break  # nothing makes sense without it
    left_out = tuple(fact.name for at, fact in enumerate(facts) if at not in kept)
    return _joined(facts, kept), left_out


def _joined(facts: Sequence[_Fact], kept: set[int]) -> str:
    return " ".join(fact.text for at, fact in enumerate(facts) if at in kept)


def _facts(flow: Flow, state: GoalState, lines: Sequence[WhisperLine]) -> list[_Fact]:
    words = tongue(flow.language)
    state = _tamed(state)
    labels = _agenda(flow, state)
    facts = [
        _Fact("role", words.role(flow.agent), _Worth.ROLE),
        _Fact("about", words.about(flow.about.rstrip(".")), _Worth.ABOUT),
    ]
    if labels:
        facts.append(_Fact("agenda", words.agenda(labels), _Worth.AGENDA))
    settled: list[_Fact] = []
    unsettled: list[_Fact] = []
    for name in in_order(flow):
        held = state.slots.get(name, SlotState()) if is_open(flow, state, name) else SlotState()
        fact = _slot_fact(words, flow.slots[name], name, held, pending=name in state.pending.slots)
        if fact is not None:
            (settled if fact.worth is _Worth.SETTLED else unsettled).append(fact)
    facts += settled + unsettled
    tells = [act for act in state.acts if isinstance(act, Tell) and act.passages]
    for tell in tells:
        facts += _page_facts(words, tell.passages)
    if lines:
        facts.append(_Fact("now", _now(words, flow, state), _Worth.NOW))
    return facts


def _agenda(flow: Flow, state: GoalState) -> list[str]:
    """What the step is about: its own slots where it asks for any, else all that the flow asks for."""
    step = flow.steps.get(state.step)
    names = step.ask if step is not None and step.ask else flow.ask
    return [flow.slots[name].label for name in names]


def _slot_fact(words: Tongue, slot: Slot, name: SlotName, held: SlotState, *, pending: bool) -> _Fact | None:
    if held.status is SlotStatus.DECLINED:
        return _Fact(name, words.declined(slot.label), _Worth.SETTLED)
    if held.value is None:
        return None
    if held.status is SlotStatus.CONFIRMED:
        return _Fact(name, words.settled(slot, held.value), _Worth.SETTLED)
    return _Fact(name, words.unsettled(slot, held.value), _Worth.PENDING if pending else _Worth.OPEN)


def _page_facts(words: Tongue, passages: Sequence[Passage]) -> list[_Fact]:
    facts = []
    for passage in passages[:2]:
        kept: list[str] = []
        for sentence in sentences(passage.text):
            if kept and len(" ".join([*kept, sentence]).split()) > _PASSAGE_WORDS:
                break
            kept.append(sentence)
        text = words.page(
            _as_information(passage.title), _as_information(" ".join(kept), _PASSAGE_WORDS * 12)
        )
        facts.append(_Fact(f"passage:{passage.id}", text, _Worth.ANSWER))
    return facts


def _now(words: Tongue, flow: Flow, state: GoalState) -> str:
    """What to do next. A page's own words are never in it: they are information, not an order."""
    said: list[str] = []
    answers = False
    for act in state.acts:
        if isinstance(act, Tell) and act.passages:
            answers = True
        else:
            said += say(words, flow, state, act)
    parts = [words.answer_from_pages()] if answers else []
    if said:
        parts.append(words.say_now(" ".join(said)))
    return " ".join(part for part in parts if part)


def _tamed(state: GoalState) -> GoalState:
    """The state with every text that a caller gave as information."""

    def tame(value: Value | None) -> Value | None:
        return _as_information(value) if isinstance(value, str) else value

    slots = {name: replace(held, value=tame(held.value)) for name, held in state.slots.items()}
    acts = tuple(
        replace(act, values={name: tame(value) for name, value in act.values.items()})
        if isinstance(act, Say)
        else act
        for act in state.acts
    )
    return replace(state, slots=slots, acts=acts)


def _as_information(text: str, at_most: int = _LONGEST_VALUE) -> str:
    """Words of a caller or a page, unable to look like the prompt's own: no colons, tags or markup."""
    return plain(text)[:at_most].replace(":", ",")


def leanest_prompt(flow: Flow) -> dict[str, int]:
    """About how many tokens of a prompt each step takes at the least: the role, and what it says when it begins."""
    words = tongue(flow.language)
    role = words.role(flow.agent)
    return {
        name: guess_tokens(f"{role} {words.say_now(' '.join(line.text for line in step.say))}")
        for name, step in flow.steps.items()
    }
