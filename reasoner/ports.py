"""What the reasoner needs from outside, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from flows.schema import Flow
from memory.types import Passage
from reasoner.events import Event, RunAction
from reasoner.state import GoalState
from reasoner.types import PromptShape, Understood, Utterance, Whisper


class Understander(Protocol):
    """Utterance → meaning. Typed parsers, or a language model whose answer is validated like any input."""

    async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
        """Never raises for anything a caller can say. Pure reading: changes nothing."""
        ...


class Progress(StrEnum):
    """How far words answer what is pending. The same as the front-end's `Completeness`."""

    COMPLETE = "complete"
    OPEN = "open"
    MIDDLE = "middle"
    SPELLING = "spelling"


@dataclass(frozen=True, slots=True)
class Anticipated:
    """What the caller may say next, for a recogniser: JSGF with one public rule.

    The same name always stands for the same grammar. `sounds` gives words that a pronouncing dictionary may
    lack, with ARPAbet or "" where the recogniser has to work it out. `judge` is pure and takes well under 1 ms.
    """

    name: str
    grammar: str
    sounds: Mapping[str, str]
    judge: Callable[[str], Progress]


class Search(Protocol):
    """Looks knowledge up within the flow's scope; answers from its cache where the words say the same."""

    async def __call__(
        self, question: str, *, speculative: bool, within: tuple[str, ...] = ()
    ) -> Sequence[Passage]:
        """Best first, empty where nothing fits or the store is lost. `within`: names of the flow's pages; all."""
        ...


class LooksAhead(Protocol):
    """Looks knowledge up while the caller speaks. Changes nothing that is said; `Search` uses what it has found."""

    def heard(self, words: str, within: tuple[str, ...] = ()) -> str:
        """The words so far. What `fetch` should look up now, "" for nothing. Pure but for its own small state."""
        ...

    async def fetch(self, question: str, within: tuple[str, ...] = ()) -> None:
        """Have the candidates for it in hand. Never raises for a store that is lost."""
        ...

    async def load(self, about: str, within: tuple[str, ...] = ()) -> None:
        """Load what may be asked next: the pages whole where they are few, else what is there `about` something."""
        ...

    def turn_over(self) -> None:
        """The turn has ended and what was found for it is used or thrown away."""
        ...


class Route(StrEnum):
    """What a turn turned out to be."""

    ANSWER = "answer"
    DIGRESSION = "digression"
    ACTION = "action"
    REPAIR = "repair"
    HAND_OVER = "hand_over"
    COMPLETION = "completion"


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a turn of thought may use."""

    flow: Flow
    understander: Understander
    search: Search
    count_tokens: Callable[[str], int] | None = None
    token_budget: int = 400
    shape: PromptShape = PromptShape.ROLE
    ahead: LooksAhead | None = None


@dataclass(frozen=True, slots=True)
class Thought:
    """What a turn of thought came to. The session commits the events or throws them away."""

    events: tuple[Event, ...]
    whisper: Whisper
    route: Route
    question: str = ""
    passages: tuple[Passage, ...] = ()
    took_ms: Mapping[str, float] = field(default_factory=dict)
    actions: tuple[RunAction, ...] = ()  # that committing it leads to
    late: bool = False  # what was looked up was not waited for any longer than the step allows
