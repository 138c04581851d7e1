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
from reasoner.types import PromptShape, SlotName, SlotState, SlotStatus, Strays, Value, Whisper, WhisperLine

TOKEN_BUDGET = 400
_LONGEST_VALUE = 120
_LONGEST_NOTE = 500
_PASSAGE_WORDS = 80
_PASSAGE_LETTERS = 12 * _PASSAGE_WORDS


def compose(
    flow: Flow,
    state: GoalState,
    count_tokens: Callable[[str], int] | None = None,
    budget: int = TOKEN_BUDGET,
    shape: PromptShape = PromptShape.ROLE,
) -> Whisper:
    """The whisper for a state.

    Args:
        count_tokens: of the model that reads `text`; without it, a guess on the safe side.
        budget: most tokens of `text`. What does not fit is left out, the least important first, and named.
        shape: of `text`. The facts are the same in each.
    """
    lines = reply_lines(flow, state)
    facts = _facts(flow, state, lines)
    count = count_tokens or guess_tokens
    kept = _kept(facts, lambda kept: count(_laid_out(facts, kept, shape)) <= budget)
    text, left_out = _laid_out(facts, kept, shape), _left_out(facts, kept)
    return Whisper(text=text, reply=lines, revision=state.revision, left_out=left_out)


def guess_tokens(text: str) -> int:
    """A SentencePiece vocabulary of 32,000 needs a token for about four letters of English; this counts three."""
    return ceil(len(text.encode()) / 3)


# --- the role prompt -------------------------------------------------------------------------------------------


class _Worth(IntEnum):
    """What is kept first."""

    ROLE = 0
    NOW = 1
    NOTE = 2
    ANSWER = 3
    PENDING = 4
    OPEN = 5
    SETTLED = 6
    ABOUT = 7
    AGENDA = 8


_STAND_ALONE = (_Worth.ROLE, _Worth.NOW)
"""In a paragraph of its own, where facts are a list."""


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str  # as `left_out` calls it
    text: str
    worth: _Worth
    cut: bool = False  # only its beginning is here


def _kept(facts: Sequence[_Fact], fits: Callable[[set[int]], bool]) -> set[int]:
    """The facts, by their places, that fit; those that are worth most first."""
    # Of two that are worth the same, the later one is about what was talked about last.
    ranked = sorted(range(len(facts)), key=lambda at: (facts[at].worth, -at))
    kept: set[int] = set()
    for at in ranked:
        if fits(kept | {at}):
            kept.add(at)
        elif facts[at].worth is _Worth.ROLE:
            break  # nothing makes sense without it
    return kept


def _left_out(facts: Sequence[_Fact], kept: set[int]) -> tuple[str, ...]:
    return tuple(
        f"{fact.name} (its end)" if at in kept else fact.name
        for at, fact in enumerate(facts)
        if at not in kept or fact.cut
    )


def _laid_out(facts: Sequence[_Fact], kept: set[int], shape: PromptShape) -> str:
    """Stable facts first."""
    chosen = [fact for at, fact in enumerate(facts) if at in kept]
    if shape is PromptShape.ROLE:
        return " ".join(fact.text for fact in chosen)
    lines = [fact.text if fact.worth in _STAND_ALONE else f"- {fact.text}" for fact in chosen]
    ends = ["\n\n" if fact.worth is _Worth.NOW else "\n" for fact in chosen]
    return "".join(end + line for end, line in zip(ends, lines, strict=True)).strip()


def _facts(flow: Flow, state: GoalState, lines: Sequence[WhisperLine]) -> list[_Fact]:
    words = tongue(flow.language)
    state = _tamed(state)
    labels = _agenda(flow, state)
    facts = [
        _Fact("role", words.role(flow.agent), _Worth.ROLE),
        _Fact("about", words.about(flow.about.rstrip(".")), _Worth.ABOUT),
    ]
    if flow.never_say and (never := words.never(flow.never_say)):
        facts.append(_Fact("never", never, _Worth.PENDING))
    if any(one.kind is Strays.GREETED_AGAIN for one in state.adherence.findings) and (
        note := words.greeted()
    ):
        facts.append(_Fact("greeted", note, _Worth.PENDING))
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
    for at, text in enumerate(state.earlier):
        known = words.earlier(_as_information(text, _LONGEST_NOTE))
        facts.append(_Fact(f"earlier:{at}", known, _Worth.ABOUT))
    for at, note in enumerate(state.notes):
        facts.append(_Fact(f"note:{at}", words.guidance(_as_information(note, _LONGEST_NOTE)), _Worth.NOTE))
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
    if held.recalled:
        return _Fact(name, words.recalled(slot, held.value), _Worth.OPEN)
    return _Fact(name, words.unsettled(slot, held.value), _Worth.PENDING if pending else _Worth.OPEN)


def _page_facts(words: Tongue, passages: Sequence[Passage]) -> list[_Fact]:
    facts = []
    for passage in passages[:2]:
        whole, kept = sentences(passage.text), list[str]()
        for sentence in whole:
            if kept and len(" ".join([*kept, sentence]).split()) > _PASSAGE_WORDS:
                break
            kept.append(sentence)
        told = " ".join(kept)
        text = words.page(_as_information(passage.title), _as_information(told, _PASSAGE_LETTERS))
        cut = len(kept) < len(whole) or len(told) > _PASSAGE_LETTERS
        facts.append(_Fact(f"passage:{passage.id}", text, _Worth.ANSWER, cut))
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
    again = state.adherence.left_out or state.adherence.untrue
    if said and (again or state.adherence.exact):
        parts.append(words.say_only(" ".join(said), exact=state.adherence.exact))
    elif said:
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
