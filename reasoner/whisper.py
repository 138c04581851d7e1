"""A goal state → what the agent goes on with: words for a voice that reads, a role prompt for one that phrases.

Pure: the same state gives the same words. Every reply ends with the question it waits on, in a line of its own,
so that a listener knows it is their turn. What callers and pages say gets into a prompt as information only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil

from flows.schema import Flow, Slot
from memory.types import Passage
from reasoner.agenda import in_order
from reasoner.quote import plain, quote, sentences
from reasoner.tongue import Tongue, tongue
from reasoner.types import (
    Acknowledge,
    Act,
    Apologise,
    Ask,
    AskSpelling,
    AskWhich,
    GoalState,
    Greet,
    ReadBack,
    SayLine,
    SlotName,
    SlotState,
    SlotStatus,
    Tell,
    Value,
    Whisper,
    WhisperLine,
)

TOKEN_BUDGET = 400
_DEFAULT_LANGUAGE = str(Flow.model_fields["language"].default)
_LAST_WORDS = frozenset({"handover", "cannot_finish", "declined", "cancelled", "goodbye"})
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


def _is_last_word(act: Act) -> bool:
    return isinstance(act, SayLine) and act.line in _LAST_WORDS


def _say(words: Tongue, flow: Flow, state: GoalState, act: Act) -> tuple[str, ...]:
    match act:
        case Greet():
            return (_line(words, flow, "greeting"),)
        case SayLine(line=line):
            return (_line(words, flow, line),)
        case Acknowledge():
            return (words.acknowledge(state.turns),)
        case Apologise(because=because):
            return (words.apologise(because, state.misunderstood + len(state.acts)),)
        case Ask(slot=name, again=again) if name in flow.slots:
            slot = flow.slots[name]
            return ((again and slot.again) or slot.ask,)
        case AskSpelling(slot=name, again=again, part=part) if name in flow.slots:
            return (words.ask_spelling(flow.slots[name].label, part, again),)
        case ReadBack(slots=names, spelled=spelled):
            return _say_read_back(words, flow, state, names, spelled)
        case AskWhich(slots=names):
            return (words.which([flow.slots[name].label for name in names if name in flow.slots]),)
        case Tell(question=question, passages=passages):
            return (_told(question, passages, flow) or _line(words, flow, "not_known"),)
        case _:
            return ()


def _line(words: Tongue, flow: Flow, name: str) -> str:
    own = getattr(flow.lines, name, "")
    agent = flow.agent
    default = words.LINES.get(name, "").format(company=agent.company, name=agent.name)
    return own or default


def _say_read_back(
    words: Tongue, flow: Flow, state: GoalState, names: Sequence[SlotName], spelled: bool
) -> tuple[str, ...]:
    held = [(name, state.slots.get(name, SlotState())) for name in names if name in flow.slots]
    values = [(flow.slots[name], one.value) for name, one in held if one.value is not None]
    letters = next((one.spelled for _, one in held if one.spelled), "") if spelled else ""
    return words.read_back(values, letters) if values else ()


def _told(question: str, passages: Sequence[Passage], flow: Flow) -> str:
    """What the best passage says to the question, "" where there is nothing to say."""
    return quote(question, passages[0].text, flow.language) if passages else ""


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
    labels = [flow.slots[name].label for name in flow.ask]
    facts = [
        _Fact("role", words.role(flow.agent), _Worth.ROLE),
        _Fact("about", words.about(flow.about.rstrip(".")), _Worth.ABOUT),
        _Fact("agenda", words.agenda(labels), _Worth.AGENDA),
    ]
    settled: list[_Fact] = []
    unsettled: list[_Fact] = []
    for name in in_order(flow):
        held = state.slots.get(name, SlotState())
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
