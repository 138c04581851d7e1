"""One caller's way of saying things: values in sentences, corrections, questions of its own."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from flows.schema import Flow
from flows.slot import Slot, SlotType
from memory.types import Passage
from orchestrator.simulate import asides, phrases, verdicts
from orchestrator.simulate.people import fold
from orchestrator.simulate.spoken import say, say_date_plainly, say_email, spell
from orchestrator.simulate.stories import is_story, story
from orchestrator.simulate.temper import Temper
from orchestrator.simulate.truth import TODAY, Truth
from reasoner.types import NamePart, SlotName, Value

_TURNED = {
    "your": "my", "yours": "mine", "you": "i", "we": "you", "our": "your", "us": "you", "my": "your", "i": "you",
}  # fmt: skip
_SPELLED = frozenset({SlotType.ID, SlotType.EMAIL})
_OF_EVENTS = frozenset("happened happen wrong going end tell".split())
_UNSAYABLE = frozenset({SlotType.YES_NO, SlotType.TEXT, SlotType.RECORD})


def turned(text: str) -> str:
    """From the agent's side to the caller's: `your phone` is `my phone`."""
    return " ".join(_TURNED.get(word, word) for word in fold(text).replace(",", "").split())


def mine(label: str) -> str:
    """What the caller calls a slot: `my phone number`, `the reason for my visit`."""
    said = turned(label)
    return (
        f"the {said}" if said != fold(label) else said if said.startswith(("the ", "my ")) else f"my {said}"
    )


@dataclass(slots=True)
class Speech:
    """Says things for one caller.

    Attributes:
        figures: whether this caller's recogniser writes numbers as figures.
        pages: what questions of the caller's own are about.
    """

    flow: Flow
    truth: Truth
    temper: Temper
    rng: random.Random
    figures: bool
    pages: Sequence[Passage] = ()

    def one_of(self, lines: Sequence[str]) -> str:
        return self.rng.choice(lines)

    def answer(self, name: SlotName, question: str, *, again: int = 0) -> str:
        """The answer to a slot's question. `again`: how often it was given before, in vain: then plainer."""
        slot, value = self.flow.slots[name], self.truth.values[name]
        if slot.type is SlotType.YES_NO:
            return self._yes_no(slot, value is True, question, again)
        if slot.type is SlotType.LIST and value == ():
            return self.one_of((*asides.NOTHING, *(f"i have {none}" for none in (slot.none,) if none)))
        if value == slot.no_preference and value not in slot.values:
            return self.one_of(asides.NO_PREFERENCE)
        said = self.value(slot, value, again=again)
        if is_story(slot):
            return self._framed(self.one_of(phrases.STORIES), slot, said)
        if slot.type is SlotType.PERSON_NAME and not again and " " in str(value) and self.rng.random() < 0.15:
            return self._name_in_parts()
        if (again and self.rng.random() < 0.7) or self.rng.random() < self.temper.bare:
            return said
        return self._framed(self.one_of(_frames(slot, value, said, question)), slot, said)

    def value(self, slot: Slot, value: Value, *, again: int = 0) -> str:
        """The value alone; after it was not understood by its own name, codes and addresses letter by letter."""
        if is_story(slot) and isinstance(value, tuple):
            return story(slot, value, self.rng)
        if again:
            if slot.type is SlotType.EMAIL:
                return say_email(str(value), self.rng, spelled=again > 1)
            if slot.type is SlotType.ID:
                return spell(str(value), self.rng, again > 1)
            if slot.type is SlotType.CHOICE:
                return str(value)
            if slot.type is SlotType.DATE:
                return say_date_plainly(str(value), self.rng)
            if slot.type is SlotType.LIST and isinstance(value, tuple):
                return " and ".join(value)
        return say(slot, value, self.rng, today=TODAY.isoformat(), figures=self.figures and not again)

    def volunteered(self, name: SlotName) -> str:
        """A value that was not asked for, "" where it cannot be told out of the blue."""
        slot, value = self.flow.slots[name], self.truth.values[name]
        if (
            slot.type in _UNSAYABLE
            or is_story(slot)
            or self.is_question(name)
            or (value == slot.no_preference and value not in slot.values)
        ):
            return ""
        if value == ():
            return self.one_of(phrases.VOLUNTEERED_NONE).format(none=slot.none) if slot.none else ""
        said = say_plainly(slot, value, self)
        return self._framed(self.one_of(phrases.VOLUNTEERED), slot, said)

    def correction(self, name: SlotName, *, among: int, again: int) -> str:
        """`No`, with what is right. `among`: how many values were read back with it."""
        slot, value = self.flow.slots[name], self.truth.values.get(name)
        if value is None:
            return self.one_of(verdicts.DENY)
        if value == ():
            return self.one_of(verdicts.CORRECT_NONE).format(none=slot.none or "none")
        if slot.type is SlotType.YES_NO:
            return f"no {mine(slot.label)} is {'yes' if value else 'no'}"
        lines = verdicts.CORRECT_NAMED if among > 1 else verdicts.CORRECT
        return self._framed(self.one_of(lines), slot, say_plainly(slot, value, self, again))

    def which(self, name: SlotName) -> str:
        slot, value = self.flow.slots[name], self.truth.values.get(name)
        if value is None or value == () or slot.type is SlotType.YES_NO:
            return mine(slot.label)
        return self._framed(self.one_of(verdicts.WHICH), slot, say_plainly(slot, value, self))

    def slip(self, name: SlotName, wrong: Value) -> str:
        """A wrong value and the right one in the same breath."""
        slot = self.flow.slots[name]
        false = say_plainly(slot, wrong, self)
        line = self.one_of(verdicts.SLIP).replace("{wrong}", false)
        return self._framed(line, slot, say_plainly(slot, self.truth.values[name], self))

    def late(self, name: SlotName, wrong: Value) -> str:
        """A correction of what was said a turn ago."""
        slot = self.flow.slots[name]
        lines = verdicts.LATE_ANSWER if self.is_question(name) else verdicts.LATE_CORRECTION
        line = self.one_of(lines).replace("{wrong}", say_plainly(slot, wrong, self))
        return self._framed(line, slot, say_plainly(slot, self.truth.values[name], self))

    def is_question(self, name: SlotName) -> bool:
        """Whether it is the answer to a question, which has no name that a caller would use."""
        return name in self.flow.steps

    def spelled(self, name: SlotName, part: NamePart) -> str:
        slot, value = self.flow.slots[name], str(self.truth.values.get(name, ""))
        if slot.type is SlotType.PERSON_NAME and " " in value:
            given, _, family = value.partition(" ")
            value = {NamePart.GIVEN: given, NamePart.FAMILY: family, NamePart.WHOLE: value}[part]
        if slot.type is SlotType.EMAIL:
            return say_email(value, self.rng, spelled=True)
        if slot.type not in _SPELLED and slot.type is not SlotType.PERSON_NAME:
            return say_plainly(slot, self.truth.values.get(name, ""), self)
        letters = " ".join(spell(word, self.rng, self.rng.random() < 0.5) for word in value.split())
        return self.one_of(
            (letters, letters, letters, f"sure {letters}", f"it's {letters}", f"that's {letters}")
        )

    def question(self) -> tuple[str, str]:
        """A question of the caller's own, and the text that answers it: of the flow's pages.

        Now and then it is something that nobody answers, "".
        """
        if not self.pages or self.rng.random() < 0.1:
            return self.one_of(asides.OFF_THE_MAP), ""
        page = self.rng.choice(self.pages)
        sentences = [one for one in re.split(r"(?<=[.?!])\s+", page.text) if 3 <= len(one.split()) <= 12]
        if sentences and self.rng.random() < 0.2:
            about = turned(self.rng.choice(sentences).rstrip(".?!"))
            return self.one_of(asides.ABOUT_SENTENCE).format(h=about), page.text
        heading = turned(page.title.rpartition(": ")[2])
        clause = heading.split(" ", 1)[0] in ("what", "how", "when", "where", "who", "why", "whether")
        frames = asides.ABOUT_CLAUSE if clause else asides.ABOUT_HEADING
        return self.one_of(frames).format(h=heading), page.text

    def with_asides(self, text: str, *, plain: bool = False) -> str:
        """As wordy as this caller is. `plain`: a yes or no, beside which another `yeah` would say something else."""
        if self.rng.random() < self.temper.wordy:
            text = f"{self.one_of(asides.HESITATIONS if plain else asides.ASIDES_BEFORE)} {text}"
        if self.rng.random() < self.temper.wordy / 3:
            text = f"{text} {self.one_of(asides.THANKS if plain else asides.ASIDES_AFTER)}"
        return text

    def _yes_no(self, slot: Slot, yes: bool, question: str, again: int) -> str:
        if again or slot.clear_yes:
            return self.one_of(verdicts.CLEAR_YES if yes else verdicts.CLEAR_NO)
        echo = _echo(question, yes)
        return self.one_of((*(verdicts.YES if yes else verdicts.NO), *([echo] * 4 if echo else [])))

    def _name_in_parts(self) -> str:
        letters = spell(self.truth.family, self.rng, False)
        line = self.one_of(phrases.NAME_IN_PARTS)
        return line.format(given=self.truth.given, family=self.truth.family, letters=letters)

    def _framed(self, line: str, slot: Slot, said: str) -> str:
        unit = "" if slot.unit and slot.unit in said else slot.unit
        return " ".join(line.format(v=said, label=mine(slot.label), unit=unit).split())


def say_plainly(slot: Slot, value: Value, speech: Speech, again: int = 0) -> str:
    """The value in a form that fits inside any sentence."""
    if value == ():
        return slot.none or "none"
    if slot.type in (SlotType.CHOICE, SlotType.YES_NO):
        return str(value) if not isinstance(value, bool) else "yes" if value else "no"
    return speech.value(slot, value, again=again)


def _frames(slot: Slot, value: Value, said: str, question: str) -> Sequence[str]:
    """Sentences that go with a value, and with how it was asked for."""
    if slot.type is SlotType.CHOICE and said != str(value) and len(said.split()) > 2:
        return phrases.CLAUSES  # `my back hurts` goes into no other sentence
    asked = set(fold(question).replace("?", " ").split())
    if slot.type is SlotType.TEXT and not set(fold(slot.ask).replace("?", " ").split()) & _OF_EVENTS:
        return phrases.STORIES
    if slot.type is SlotType.CHOICE and asked & {"like", "want", "prefer", "choose"}:
        return (*phrases.ANSWERS[slot.type], *phrases.WISHES)
    if slot.type is SlotType.NUMBER and slot.unit in ("people", "persons", "guests"):
        return (*phrases.ANSWERS[slot.type], *phrases.PARTIES)
    return phrases.ANSWERS[slot.type]


def _echo(question: str, yes: bool) -> str:
    """The short answer that a question calls for: `do you` gives `yes i do`, `are you` `no i'm not`."""
    asked = fold(question)
    for start, short_yes, short_no in (
        ("do you", "yes i do", "no i don't"),
        ("are you", "yes i am", "no i'm not"),
        ("have you", "yes i have", "no i haven't"),
        ("did you", "yes i did", "no i didn't"),
        ("can you", "yes i can", "no i can't"),
        ("would you", "yes i would", "no i wouldn't"),
        ("may we", "yes you may", "no you may not"),
        ("can we", "yes you can", "no i'd rather you didn't"),
        ("is it", "yes it is", "no it isn't"),
        ("is there", "yes there is", "no there isn't"),
        ("was anyone", "yes", "no nobody"),
        ("did anyone", "yes", "no nobody"),
    ):
        if re.search(rf"(^|[.?!,:]\s*){start}\b", asked):
            return short_yes if yes else short_no
    return ""
