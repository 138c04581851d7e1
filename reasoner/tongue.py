"""What a language needs in order to put the agent's acts into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from flows.schema import Agent
from flows.slot import Slot
from reasoner import speak_en, speak_plain
from reasoner.types import NamePart, Value


class Tongue(Protocol):
    """The words of one language. A module with these functions serves. All are pure.

    `turn` and `again` let the wording vary: the same numbers give the same words.
    """

    @property
    def LINES(self) -> Mapping[str, str]:  # noqa: N802
        """What is said at fixed places where the flow has no line, by name. `{company}` and `{name}` are filled in."""
        ...

    def value(self, slot: Slot, given: Value) -> str:
        """A value as it is said: `March third, nineteen eighty`."""
        ...

    def acknowledge(self, turn: int) -> str: ...

    def echo(self, values: Sequence[tuple[Slot, Value]]) -> str:
        """Values in passing, to be objected to."""
        ...

    def apologise(self, because: Literal["not_understood", "wrong"], turn: int) -> str: ...

    def ask_spelling(self, label: str, part: NamePart, again: int) -> str: ...

    def ask_missing(self, label: str, missing: Sequence[str]) -> str:
        """Asks for `year`, `month` or `day` of a date that is begun. May be "": then all of it is asked for."""
        ...

    def ask_plainly(self, slot: Slot) -> str:
        """Asks once more for a code that was not made out, one character at a time. May be ""."""
        ...

    def read_back(self, values: Sequence[tuple[Slot, Value]], spelled: str) -> tuple[str, str]:
        """What was heard, and the question whether it is right. `spelled`: letters to say one by one."""
        ...

    def sounds_like(self, slot: Slot, given: Value) -> Value | None:
        """Another value that is easily heard for this one, as thirteen is for thirty. None where there is none."""
        ...

    def from_earlier(self) -> str:
        """What leads to values that are read back and that an earlier call has left. May be ""."""
        ...

    def which(self, labels: Sequence[str]) -> str: ...

    def back_to_question(self, turn: int) -> str:
        """What leads from a digression back to the question that follows. May be ""."""
        ...

    # the role prompt, in the shape that the model was trained on

    def role(self, agent: Agent) -> str: ...

    def about(self, about: str) -> str: ...

    def agenda(self, labels: Sequence[str]) -> str: ...

    def settled(self, slot: Slot, given: Value) -> str: ...

    def unsettled(self, slot: Slot, given: Value) -> str: ...

    def recalled(self, slot: Slot, given: Value) -> str:
        """What an earlier call has left and nobody has confirmed in this one."""
        ...

    def earlier(self, text: str) -> str:
        """What an earlier call came to."""
        ...

    def declined(self, label: str) -> str: ...

    def page(self, title: str, text: str) -> str: ...

    def guidance(self, note: str) -> str:
        """What a supervisor lets the agent know. To be borne in mind, not said."""
        ...

    def answer_from_pages(self) -> str: ...

    def say_now(self, words: str) -> str: ...

    def say_only(self, words: str, *, exact: bool) -> str:
        """Asks again for what was left out. `exact`: in these very words."""
        ...

    def never(self, claims: Sequence[str]) -> str:
        """What must not be said. May be ""."""
        ...

    def greeted(self) -> str:
        """That the caller needs no other greeting. May be ""."""
        ...

    def correct(self) -> str:
        """Takes back what was just said. May be "": then the right words alone have to do."""
        ...


_TONGUES: Mapping[str, Tongue] = {"en": speak_en}


def tongue(language: str) -> Tongue:
    """The words of a language, given as a BCP 47 tag. For one that is not known: nothing but the flow's own words."""
    return _TONGUES.get(language.split("-")[0].lower(), speak_plain)


def speaks(language: str) -> bool:
    """Whether there are words for this language, so that not every line has to come from the flow."""
    return language.split("-")[0].lower() in _TONGUES
