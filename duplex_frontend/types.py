"""What passes between a front-end and the one who steers it.

All times are seconds in the call's own audio clock: 0 is the first block that the front-end consumed.
Audio is float32, mono, -1..1. A block is 20 ms at the front-end's own rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

BLOCK_MS = 20
BLOCK_S = BLOCK_MS / 1000

Block = NDArray[np.float32]
"""[samples], float32, mono: 20 ms at the rate that the front-end declares in its capabilities."""


class Party(StrEnum):
    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a model that draws its words and sounds is to draw them. None leaves it to the front-end."""

    seed: int | None = None
    text_temperature: float | None = None
    text_top_k: int | None = None
    audio_temperature: float | None = None
    audio_top_k: int | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """The voice and role a call starts from.

    Attributes:
        role: for a model that phrases its own words, what it is told before the call begins; without tags.
        drawing: likewise.
    """

    name: str
    voice: str = ""
    language: str = "en-US"
    role: str = ""
    drawing: Drawing = Drawing()


@dataclass(frozen=True, slots=True)
class Line:
    """Words to be spoken, one breath of the agent's reply.

    Attributes:
        exact: as they stand, also by a voice that phrases its own words and can be made to (`says_exactly`).
    """

    text: str
    interruptible: bool = True
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the voice has to go on with. The newest wins; a front-end takes the half that it can use.

    Attributes:
        revision: of the state that it was made from; receipts and AgentStarted carry it back.
        role: the role prompt, for a model that phrases its own words.
        reply: the words themselves, for a voice that speaks what it is given.
        expires_s: call time after which it no longer applies, None for never.
        mid_sentence: it may be applied while the agent is in the middle of a sentence.
    """

    revision: int
    role: str
    reply: tuple[Line, ...] = ()
    expires_s: float | None = None
    mid_sentence: bool = False


class Completeness(StrEnum):
    """Whether the caller's words so far answer what was asked. Decides how long a silence ends the turn."""

    COMPLETE = "complete"  # nothing more is needed: a short silence ends the turn
    OPEN = "open"  # cannot tell
    MIDDLE = "middle"  # in the middle of a number or a list: wait longer
    SPELLING = "spelling"  # letters that may be all of a name: wait between the two


def cannot_tell(_words: str) -> Completeness:
    return Completeness.OPEN


@dataclass(frozen=True, slots=True)
class Expected:
    """What the caller may say next: a hint that a recogniser may use or ignore.

    Attributes:
        name: the same name always stands for the same grammar (it is compiled once).
        grammar: JSGF with one public rule, "" where anything may come.
        sounds: words of the grammar that a pronouncing dictionary may lack, with their ARPAbet
            pronunciation ("K OW D IY N"), or "" where the recogniser has to work it out.
        judge: pure and quick (well under 1 ms); called with the words so far on each new partial.
    """

    name: str
    grammar: str
    sounds: Mapping[str, str] = field(default_factory=dict)
    judge: Callable[[str], Completeness] = cannot_tell


ANYTHING = Expected(name="anything", grammar="")


class Source(StrEnum):
    """Which ear a hypothesis came from."""

    GRAMMAR = "grammar"  # it fits what was expected, and was believed
    OPEN = "open"  # an open vocabulary
    TYPED = "typed"
    KEYPAD = "keypad"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of what was said. `confidence` is 0..1."""

    text: str
    confidence: float
    source: Source


# --- what a call reports -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerPartial:
    """Words so far of a turn that goes on. They may still change."""

    hypotheses: tuple[Hypothesis, ...]
    start_s: float
    at_s: float


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """The caller has finished a turn.

    Attributes:
        hypotheses: best first; empty where there was speech and nothing could be made of it.
        start_s, end_s: first and last sample of the caller's speech.
        decided_s: when the end of the turn was decided.
        interrupted: the agent was speaking and gave way to this turn.
    """

    hypotheses: tuple[Hypothesis, ...]
    start_s: float
    end_s: float
    decided_s: float
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class CallerBackchannel:
    """The caller said "mm-hm" over the agent, who goes on speaking. No turn."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class CallerSilent:
    """Neither side has spoken for `for_s`. Sent once at each multiple of the tuned step."""

    for_s: float
    at_s: float


@dataclass(frozen=True, slots=True)
class AgentStarted:
    """The first sample of a reply went out."""

    revision: int
    at_s: float


@dataclass(frozen=True, slots=True)
class AgentWords:
    """Words that were spoken: their audio went out between start_s and end_s."""

    text: str
    revision: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class AgentStopped:
    """The agent ceased to speak: at the end of its reply, or because it gave way."""

    revision: int
    at_s: float
    interrupted: bool
    unspoken: str = ""


@dataclass(frozen=True, slots=True)
class AgentHeard:
    """What a recogniser on the agent's own voice made of what it said until it ceased to speak.

    Sent after the AgentStopped that it belongs to, by front-ends with `Capabilities.hears_itself`.
    """

    text: str
    revision: int
    start_s: float
    end_s: float
    confidence: float = 1.0


OWN_EAR = "own ear"
"""The part that is Impaired where the recogniser on the agent's own voice is gone."""


class Fate(StrEnum):
    """What became of a whisper. APPLIED, SUPERSEDED and EXPIRED are final; one that FAILED may be given again."""

    PREPARED = "prepared"  # taken; applied at the next boundary
    APPLIED = "applied"
    SUPERSEDED = "superseded"  # a newer one came before it was applied
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WhisperReceipt:
    """What became of the whisper of `revision`.

    Attributes:
        at_s: when. frame: the first that was made under it, where the front-end counts them.
        why: of a failure; no words of the call.
    """

    revision: int
    fate: Fate
    at_s: float
    frame: int | None = None
    why: str = ""


class FloorReason(StrEnum):
    TURN = "turn"
    PAUSE = "pause"
    OVERLAP = "overlap"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """Who holds the floor from `at_s` on (None: nobody), and why.

    A BACKCHANNEL does not move the floor: `holder` stays who it was and `by` gave the backchannel.
    """

    holder: Party | None
    reason: FloorReason
    by: Party
    at_s: float


@dataclass(frozen=True, slots=True)
class Impaired:
    """A part failed and was started again (`recovered`) or is gone for good. The call goes on."""

    part: str
    why: str
    recovered: bool
    at_s: float


FrontendEvent = (
    CallerPartial
    | CallerTurn
    | CallerBackchannel
    | CallerSilent
    | AgentStarted
    | AgentWords
    | AgentStopped
    | AgentHeard
    | WhisperReceipt
    | FloorChanged
    | Impaired
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """20 ms of the call: what was heard and what was said in the same block of time.

    `late_ms` says how far behind its time the block was made.
    """

    heard: Block
    said: Block
    at_s: float
    late_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """Places for calls. `taken`: by calls of this process."""

    seats: int
    taken: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a front-end can do, so that nobody has to ask for its name.

    Attributes:
        rate_hz: of the blocks it takes and gives.
        phrases_itself: speaks from `Prompt.role`; else it speaks `Prompt.reply`.
        says_exactly: can be made to speak given words.
        takes_grammar: uses `Expected.grammar`.
        languages: BCP 47 tags; empty where any.
        reads_instructions: its model is instructed as chat models are; else it reads a role in PersonaPlex's shape.
        hears_itself: a recogniser listens to the agent's own voice, and AgentHeard follows each AgentStopped.
        count_tokens: of a role text, by the model that reads it; None where none does.
    """

    rate_hz: int
    phrases_itself: bool
    says_exactly: bool
    takes_grammar: bool
    languages: tuple[str, ...] = ()
    count_tokens: Callable[[str], int] | None = None
    hears_itself: bool = False
    reads_instructions: bool = False
