"""A goal state → what the agent goes on with: words for a voice that reads, a role prompt for one that phrases.

Pure: the same state gives the same words. Every reply ends with the question it waits on, in a line of its own,
so that a listener knows it is their turn. What callers and pages say gets into a prompt as information only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil

from flows.schema import Flow
from flows.slot import Confirm, Slot
from memory.types import Passage
from reasoner.acts import (
    Acknowledge,
    Act,
    Apologise,
    Ask,
    AskSpelling,
    AskWhich,
    Disclose,
    Echo,
    Greet,
    ReadBack,
    Say,
    SayLine,
    Tell,
)
from reasoner.agenda import in_order
from reasoner.quote import plain, quote, sentences
from reasoner.state import GoalState
from reasoner.tongue import Tongue, tongue
from reasoner.types import SlotName, SlotState, SlotStatus, Value, Whisper, WhisperLine

TOKEN_BUDGET = 400
_DEFAULT_LANGUAGE = str(Flow.model_fields["language"].default)
_LAST_WORDS = frozenset({"handover", "cannot_finish", "declined", "cancelled", "goodbye", "locked_out"})
_LONGEST_VALUE = 120
_PASSAGE_WORDS = 80
_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


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


def spoken(slot: Slot, value: Value | None, language: str = _DEFAULT_LANGUAGE) -> str:
    """A value as the agent would say it, "" where there is none."""
    return "" if value is None else tongue(language).value(slot, value)


def guess_tokens(text: str) -> int:
    """A SentencePiece vocabulary of 32,000 needs a token for about four letters of English; this counts three."""
    return ceil(len(text.encode()) / 3)


# --- the reply -------------------------------------------------------------------------------------------------


def reply_lines(flow: Flow, state: GoalState) -> tuple[WhisperLine, ...]:
    """The words of the acts, a line for each breath; the last is the question that is waited on."""
    words = tongue(flow.language)
    lines: list[WhisperLine] = []
    digressed = False
    for act in state.acts:
        if digressed and isinstance(act, Ask | AskSpelling):
            lines.append(WhisperLine(words.back_to_question(state.turns)))
        lines += (WhisperLine(text, not _is_last_word(act)) for text in _say(words, flow, state, act))
        digressed = isinstance(act, Tell)
    return tuple(line for line in lines if line.text)


def disclosure_words(flow: Flow, state: GoalState, name: str) -> str:
    """What has to be spoken, as it is spoken."""
    disclosure = flow.disclosures.get(name)
    return filled(flow, state, disclosure.text) if disclosure is not None else ""


def filled(flow: Flow, state: GoalState, text: str) -> str:
    """A text of the script with the values of its slots. Of what waits behind a gate, only what it is called."""
    words = tongue(flow.language)

    def value(found: re.Match[str]) -> str:
        slot = flow.slots.get(found[1])
        if slot is None:
            return _field(flow, state, found)
        if not is_open(flow, state, found[1]):
            return slot.label
        held = state.slots.get(found[1], SlotState()).value
        return slot.label if held is None else words.value(slot, held)

    return _PLACE.sub(value, text)


def _field(flow: Flow, state: GoalState, found: re.Match[str]) -> str:
    """A field of a record: `{account.balance}`."""
    name, _, field = found[1].rpartition(".")
    held = state.slots.get(name, SlotState()).value
    if name not in flow.slots or not is_open(flow, state, name) or not isinstance(held, Mapping):
        return found[0] if name not in flow.slots else field.replace("_", " ")
    value = held.get(field)
    return field.replace("_", " ") if value is None else plain_value(value)


def plain_value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else f"{value}"


def is_open(flow: Flow, state: GoalState, name: SlotName) -> bool:
    """Whether a value may be said: it is behind no gate, or the gate is passed."""
    gate = flow.slots[name].protected_by
    return gate is None or (gate in state.gates and state.gates[gate].passed)


def _is_last_word(act: Act) -> bool:
    """Whether it is to be spoken to its end, whoever speaks over it."""
    match act:
        case SayLine(line=line):
            return line in _LAST_WORDS
        case Say():
            return act.last or act.must_finish
        case _:
            return isinstance(act, Disclose)


def _say(words: Tongue, flow: Flow, state: GoalState, act: Act) -> tuple[str, ...]:
    match act:
        case Greet():
            return (_line(words, flow, state, "greeting"),)
        case SayLine(line=line):
            return (_line(words, flow, state, line),)
        case Acknowledge():
            return (words.acknowledge(state.turns),)
        case Say(text=text, how=how):
            return () if how == "hint" else (filled(flow, state, text),)
        case Disclose(name=name):
            return (disclosure_words(flow, state, name),)
        case Echo(slots=names):
            return (words.echo(_held(flow, state, names)),)
        case Apologise(because=because):
            return (words.apologise(because, state.misunderstood + len(state.acts)),)
        case Ask(slot=name, again=again) if name in flow.slots:
            slot = flow.slots[name]
            asked = slot.again[min(again, len(slot.again)) - 1] if again and slot.again else slot.ask
            return (filled(flow, state, asked),)
        case AskSpelling(slot=name, again=again, part=part) if name in flow.slots:
            return (words.ask_spelling(flow.slots[name].label, part, again),)
        case ReadBack(slots=names, spelled=spelled):
            return _say_read_back(words, flow, state, names, spelled)
        case AskWhich(slots=names):
            return (words.which([flow.slots[name].label for name in names if name in flow.slots]),)
        case Tell(question=question, passages=passages):
            return (_told(question, passages, flow) or _line(words, flow, state, "not_known"),)
        case _:
            return ()


def _line(words: Tongue, flow: Flow, state: GoalState, name: str) -> str:
    own = getattr(flow.lines, name, "")
    agent = flow.agent
    default = words.LINES.get(name, "").format(company=agent.company, name=agent.name)
    return filled(flow, state, own) or default


def _say_read_back(
    words: Tongue, flow: Flow, state: GoalState, names: Sequence[SlotName], spelled: bool
) -> tuple[str, ...]:
    values = _held(flow, state, names)
    held = [(flow.slots[name], state.slots[name]) for name in names if name in flow.slots]
    letters = next((one.spelled for _, one in held if one.spelled), "") if spelled else ""
    if spelled and not letters:
        whole = (str(one.value) for slot, one in held if slot.policy is Confirm.SPELL_BACK and one.value)
        letters = next(whole, "")
    return words.read_back(values, letters) if values else ()


def _held(flow: Flow, state: GoalState, names: Sequence[SlotName]) -> list[tuple[Slot, Value]]:
    held = [
        (flow.slots[name], state.slots.get(name, SlotState()).value) for name in names if name in flow.slots
    ]
    return [(slot, value) for slot, value in held if value is not None]


def _told(question: str, passages: Sequence[Passage], flow: Flow) -> str:
    """What the best passage says to the question, "" where there is nothing to say, or nothing that may be said."""
    told = quote(question, passages[0].text, flow.language) if passages else ""
    return "" if any(claim.casefold() in told.casefold() for claim in flow.never_say) else told


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
            said += _say(words, flow, state, act)
    parts = [words.answer_from_pages()] if answers else []
    if said:
        parts.append(words.say_now(" ".join(said)))
    return " ".join(part for part in parts if part)


def _tamed(state: GoalState) -> GoalState:
    """The state with every text that a caller gave as information."""
    slots = {
        name: replace(held, value=_as_information(held.value)) if isinstance(held.value, str) else held
        for name, held in state.slots.items()
    }
    return replace(state, slots=slots)


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
