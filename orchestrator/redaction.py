"""Takes what is private out of a call's file, by the class of each slot: its values, and the words they were said in.

A value is found in three ways: where it is written, by when it was said, and by its words wherever else they stand. A
turn of the caller that is about nothing else is taken out as a whole; so it holds for what was misheard, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from flows.schema import Flow
from memory.privacy import Hidden, Redactor
from orchestrator.callfile import CallFile
from orchestrator.callparts import SaidPart, SlotPart
from reasoner.events import CallerSaid, Event
from reasoner.machine import advance, start
from reasoner.reply import spoken
from reasoner.state import GoalState
from reasoner.types import SlotName

Level = Literal["never", "sensitive", "personal"]
"""What is taken out: what may never be kept; also what is sensitive; also what is personal."""

_TAKEN_OUT: Mapping[Level, frozenset[str]] = {
    "never": frozenset({"never"}),
    "sensitive": frozenset({"never", "sensitive"}),
    "personal": frozenset({"never", "sensitive", "personal"}),
}
_IN_WORDS = frozenset(
    {
        "text",
        "reply",
        "unspoken",
        "query",
        "titles",
        "what",
        "words",
        "accepted_words",
        "spoken",
        "why",
        "about",
    }
)
"""Keys of a call's file whose texts may hold what somebody said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn of the caller, and the slots that it was about: what was asked, and what was understood."""

    start_s: float
    end_s: float
    slots: tuple[SlotName, ...]


def answer_of(before: GoalState, event: Event) -> Answer | None:
    """What a turn was about. `before`: the state that it was said in. None for what is no turn, or about no slot."""
    if not isinstance(event, CallerSaid):
        return None
    understood = event.understood
    heard = (value.slot for value in (*understood.values, *understood.begun))
    slots = tuple(dict.fromkeys((*before.pending.slots, *heard, *understood.rejected)))
    return Answer(event.utterance.start_s, event.utterance.end_s, slots) if slots else None


def answers_of(flow: Flow, call: str, events: Iterable[Event]) -> tuple[Answer, ...]:
    """The same for all turns of a call, from its events."""
    found, state = [], start(flow, call)
    for event in events:
        answer = answer_of(state, event)
        found += [answer] if answer is not None else []
        state, _ = advance(flow, state, event)
    return tuple(found)


def class_of(flow: Flow, name: SlotName) -> Literal["none", "personal", "sensitive", "never"]:
    """How private a slot's value is."""
    slot = flow.slots[name]
    return "never" if slot.remember == "never" else slot.pii


def classified(call: CallFile, flow: Flow, answers: Sequence[Answer]) -> CallFile:
    """The file with the class of each slot, and of each turn of the caller what it is about."""
    slots = {
        name: slot.model_copy(update={"pii": class_of(flow, name) if name in flow.slots else slot.pii})
        for name, slot in call.slots.items()
    }
    return call.model_copy(
        update={"slots": slots, "transcript": tuple(_about(said, answers) for said in call.transcript)}
    )


def _about(said: SaidPart, answers: Sequence[Answer]) -> SaidPart:
    if said.who != "caller":
        return said
    near = (one for one in answers if one.start_s <= said.end_s + 0.01 and said.start_s <= one.end_s + 0.01)
    return said.model_copy(update={"slots": tuple(dict.fromkeys(name for one in near for name in one.slots))})


def redacted(call: CallFile, level: Level, language: str = "en-US", flow: Flow | None = None) -> CallFile:
    """The file without what the level takes out; the label of its slot stands in its place.

    Args:
        call: with classes; see `classified`.
        language: of what was spoken. flow: knows how values are said; without it as the file tells.
    """
    hidden = {name for name, slot in call.slots.items() if slot.pii in _TAKEN_OUT[level]}
    if not hidden or level in call.redacted:
        return call
    redactor = Redactor(_hidden(call, hidden, flow, language))
    tree = call.model_dump(mode="json")
    tree["transcript"] = [
        said.model_copy(update={"text": _turn(call, said, hidden)}).model_dump(mode="json")
        for said in call.transcript
    ]
    tree = {name: _without(part, redactor, name) for name, part in tree.items()}
    for name in hidden:
        slot = tree["slots"][name]
        mask = f"[{call.slots[name].label}]"
        slot |= {"value": None, "spoken": mask if call.slots[name].value is not None else ""}
        if slot["evidence"] is not None:
            slot["evidence"] |= {"words": mask}
    for change in tree["changes"]:
        if change["name"] in hidden:
            change |= {"value": None, "spoken": f"[{call.slots[change['name']].label}]"}
    tree["redacted"] = [*tree["redacted"], level]
    return CallFile.model_validate(tree)


def _hidden(call: CallFile, names: Iterable[SlotName], flow: Flow | None, language: str) -> Iterator[Hidden]:
    """Every value that the slots ever had."""
    for name in names:
        slot = call.slots[name]
        said = [(slot.value, slot.spoken)]
        said += [(change.value, change.spoken) for change in call.changes if change.name == name]
        for value, words in said:
            if value is not None:
                ways = [words, spoken(flow.slots[name], value, language)] if flow is not None else [words]
                dumped = SlotPart.model_dump(slot.model_copy(update={"value": value}), mode="json")["value"]
                yield Hidden(slot.label, dumped, tuple(dict.fromkeys(way for way in ways if way)))
        if slot.evidence is not None and slot.value is not None and not isinstance(slot.value, bool):
            yield Hidden(slot.label, slot.evidence.words)


def _turn(call: CallFile, said: SaidPart, hidden: set[SlotName]) -> str:
    """The words of a turn of the caller without what it told of hidden slots."""
    about = [name for name in said.slots if name in hidden]
    if said.who != "caller" or not about or not said.text:
        return said.text
    if len(about) < len(said.slots):
        text = said.text
        for name in about:
            text = _without_evidence(text, said, call.slots[name])
        if text != said.text:
            return text
    return " ".join(f"[{call.slots[name].label}]" for name in about)


def _without_evidence(text: str, said: SaidPart, slot: SlotPart) -> str:
    """Where the value is from this turn: its words are its evidence."""
    evidence = slot.evidence
    if evidence is None or not evidence.words or not said.start_s <= evidence.end_s <= said.end_s + 0.01:
        return text
    return Redactor([Hidden(slot.label, evidence.words)]).text(text)


def _without(node: JsonValue, redactor: Redactor, key: str = "") -> JsonValue:
    match node:
        case str():
            return redactor.text(node) if key in _IN_WORDS else node
        case list():
            return [_without(item, redactor, key) for item in node]
        case dict():
            return {name: _without(item, redactor, name) for name, item in node.items()}
        case _:
            return node
