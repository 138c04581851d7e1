"""The acts of a state → the words that are spoken. Pure.

Every reply ends with the question it waits on, in a line of its own, so that a listener knows it is their turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flows.places import PLACE
from flows.schema import Flow
from flows.slot import CODES, Confirm, Slot
from memory.types import Passage
from reasoner.acts import (
    Acknowledge,
    Act,
    Apologise,
    Ask,
    AskSpelling,
    AskWhich,
    Correct,
    Dictated,
    Disclose,
    Echo,
    Greet,
    ReadBack,
    Say,
    SayLine,
    Tell,
)
from reasoner.quote import quote, sentences
from reasoner.state import GoalState
from reasoner.tongue import Tongue, tongue
from reasoner.types import SlotName, SlotState, Value, WhisperLine

_DEFAULT_LANGUAGE = str(Flow.model_fields["language"].default)
_LAST_WORDS = frozenset({"handover", "cannot_finish", "declined", "cancelled", "goodbye", "locked_out"})


def reply_lines(flow: Flow, state: GoalState) -> tuple[WhisperLine, ...]:
    """The words of the acts, a line for each breath; the last is the question that is waited on."""
    words = tongue(flow.language)
    lines: list[WhisperLine] = []
    digressed = False
    for act in state.acts:
        if digressed and isinstance(act, Ask | AskSpelling):
            lines.append(WhisperLine(words.back_to_question(state.turns), exact=state.adherence.exact))
        exact = (
            state.adherence.exact or state.outcome is not None or _is_exact(act)
        )  # nobody corrects last words
        lines += (WhisperLine(text, not _is_last_word(act), exact) for text in say(words, flow, state, act))
        digressed = isinstance(act, Tell)
    return tuple(line for line in lines if line.text)


def disclosure_words(flow: Flow, state: GoalState, name: str) -> str:
    """What has to be spoken, as it is spoken."""
    disclosure = flow.disclosures.get(name)
    return filled(flow, state, disclosure.text) if disclosure is not None else ""


def disclosure_sentences(flow: Flow, state: GoalState, name: str) -> list[str]:
    return sentences(disclosure_words(flow, state, name))


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

    return PLACE.sub(value, text)


def _with_values(state: GoalState, values: Mapping[SlotName, Value | None]) -> GoalState:
    """The state with these values, whatever has become of them."""
    held = {name: replace(state.slots.get(name, SlotState()), value=value) for name, value in values.items()}
    return replace(state, slots={**state.slots, **held}) if held else state


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


def _is_exact(act: Act) -> bool:
    """Whether its words are not for anybody to change."""
    return isinstance(act, Disclose | Dictated | Correct) or (isinstance(act, Say) and act.how == "verbatim")


def _is_last_word(act: Act) -> bool:
    """Whether it is to be spoken to its end, whoever speaks over it."""
    match act:
        case SayLine(line=line):
            return line in _LAST_WORDS
        case Say():
            return act.last or act.must_finish
        case _:
            return isinstance(act, Disclose | Dictated)


def say(words: Tongue, flow: Flow, state: GoalState, act: Act) -> tuple[str, ...]:
    match act:
        case Greet():
            return (_line(words, flow, state, "greeting"),)
        case SayLine(line=line):
            return (_line(words, flow, state, line),)
        case Acknowledge():
            return (words.acknowledge(state.turns),)
        case Say(text=text, how=how, values=values):
            return () if how == "hint" else (filled(flow, _with_values(state, values), text),)
        case Disclose(name=name, since=since):
            rest = " ".join(disclosure_sentences(flow, state, name)[since:])
            return (rest if since else disclosure_words(flow, state, name),)
        case Correct():
            return (words.correct(),)
        case Dictated(text=text):
            return (text,)
        case Echo(slots=names):
            return (words.echo(_held(flow, state, names)),)
        case Apologise(because=because):
            return (words.apologise(because, state.misunderstood + len(state.acts)),)
        case Ask(slot=name, again=again, missing=missing) if name in flow.slots:
            slot = flow.slots[name]
            if missing and (rest := words.ask_missing(slot.label, missing)):
                return (rest,)
            if again and not slot.again and slot.type in CODES and (plainly := words.ask_plainly(slot)):
                return (plainly,)
            asked = slot.again[min(again, len(slot.again)) - 1] if again and slot.again else slot.ask
            return (filled(flow, state, asked),)
        case AskSpelling(slot=name, again=again, part=part) if name in flow.slots:
            return (words.ask_spelling(flow.slots[name].label, part, again),)
        case ReadBack(slots=names, spelled=spelled, recalled=recalled):
            said = _say_read_back(words, flow, state, names, spelled)
            return (words.from_earlier(), *said) if recalled and said else said
        case AskWhich(slots=names):
            return (words.which([flow.slots[name].label for name in names if name in flow.slots]),)
        case Tell(question=question, passages=passages):
            hidden = "not_allowed" if _is_hidden(flow, state, question) else "not_known"
            return (_told(question, passages, flow) or _line(words, flow, state, hidden),)
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
    letters = next((_letters(one) for _, one in held if one.spelled), "") if spelled else ""
    if spelled and not letters:
        whole = (str(one.value) for slot, one in held if slot.policy is Confirm.SPELL_BACK and one.value)
        letters = next(whole, "")
    return words.read_back(values, letters) if values else ()


def _letters(held: SlotState) -> str:
    """What to spell of a name. Where the given name was spelled last, the family name was before: both of them."""
    whole, last = str(held.value or ""), held.spelled
    return whole if whole.casefold().startswith(f"{last.casefold()} ") else last


def _held(flow: Flow, state: GoalState, names: Sequence[SlotName]) -> list[tuple[Slot, Value]]:
    held = [
        (flow.slots[name], state.slots.get(name, SlotState()).value) for name in names if name in flow.slots
    ]
    return [(slot, value) for slot, value in held if value is not None]


def _is_hidden(flow: Flow, state: GoalState, question: str) -> bool:
    """Whether it asks for what waits behind a gate that is not passed."""
    asked = question.casefold()
    hidden = (slot for name, slot in flow.slots.items() if not is_open(flow, state, name))
    return any(slot.label.casefold() in asked for slot in hidden)


def _told(question: str, passages: Sequence[Passage], flow: Flow) -> str:
    """What the best passage says to the question, "" where there is nothing to say, or nothing that may be said."""
    told = quote(question, passages[0].text, flow.language) if passages else ""
    return "" if any(claim.casefold() in told.casefold() for claim in flow.never_say) else told


def spoken(slot: Slot, value: Value | None, language: str = _DEFAULT_LANGUAGE) -> str:
    """A value as the agent would say it, "" where there is none."""
    return "" if value is None else tongue(language).value(slot, value)
