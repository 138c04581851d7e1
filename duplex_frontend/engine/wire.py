"""What passes between the engine and those who use it: the messages, each the head of what is sent. No torch, no I/O.

Sound is float32 at 24 kHz. A call has a number of the client's choosing, good for its connection. How messages become
bytes: `duplex_frontend.engine.framing`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from duplex_frontend.errors import FrontendError

RATE_HZ: Final = 24_000
FRAME_SAMPLES: Final = 1920  # 80 ms
BLOCK_SAMPLES: Final = 480  # 20 ms
FRAME_S: Final = 0.08

Pcm = NDArray[np.float32]


class WireError(FrontendError):
    """What came over the wire is not what both sides agreed on. The text says what to do."""


class Head(BaseModel):
    """The head of a message. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Call = Annotated[int, Field(ge=0, lt=1 << 31)]
Word = Annotated[str, Field(min_length=1, max_length=80)]
RoleText = Annotated[str, Field(max_length=20_000)]


class Flavour(StrEnum):
    """What the call begins with."""

    PERSONAPLEX = "personaplex"  # a voice and a role
    MOSHI = "moshi"  # nothing


# --- to the engine -----------------------------------------------------------------------------------------


class Hello(Head):
    """`proof`: see `proof_of`; empty where the engine asks for no token. `name` is for its log."""

    kind: Literal["hello"] = "hello"
    proof: str = Field("", max_length=64)
    name: str = Field("", max_length=80)


class Draws(Head):
    """How tokens are drawn; see the engine's `Sampling`."""

    text_temperature: float = Field(0.7, ge=0, le=10)
    text_top_k: int = Field(25, ge=1, le=250)
    audio_temperature: float = Field(0.8, ge=0, le=10)
    audio_top_k: int = Field(250, ge=1, le=250)
    seed: int = Field(0, ge=0, lt=1 << 63)


class Open(Head):
    """Seat a call.

    Attributes:
        voice: one that the welcome lists; empty for the first of them.
        quiet: the agent says what it is told to and nothing of its own accord.
    """

    kind: Literal["open"] = "open"
    call: Call
    role: RoleText = ""
    voice: str = Field("", max_length=200)
    flavour: Flavour = Flavour.PERSONAPLEX
    draws: Draws = Draws()
    revision: int = 0
    quiet: bool = False


class Sound(Head):
    """Body: the caller's sound, float32, 1 to 50 blocks of 20 ms."""

    kind: Literal["sound"] = "sound"
    call: Call


class Whisper(Head):
    """Go on with this role. `expires_s`: call time after which it no longer applies."""

    kind: Literal["whisper"] = "whisper"
    call: Call
    revision: int
    role: RoleText
    expires_s: float | None = Field(None, ge=0)


class Say(Head):
    """Say these words exactly, instead of whatever is being said. `line` comes back with what became of them."""

    kind: Literal["say"] = "say"
    call: Call
    line: int = Field(ge=0)
    words: tuple[Word, ...] = Field(min_length=1, max_length=1000)


class Hold(Head):
    """Keep the agent from beginning, for at most so many frames; 0 lets go."""

    kind: Literal["hold"] = "hold"
    call: Call
    frames: int = Field(5, ge=0, le=5)


class Hush(Head):
    """Be silent at once and for at most so many frames; 0 lets go."""

    kind: Literal["hush"] = "hush"
    call: Call
    frames: int = Field(ge=0, le=750)


class Close(Head):
    kind: Literal["close"] = "close"
    call: Call


class Resume(Head):
    """Go on with a call whose connection broke."""

    kind: Literal["resume"] = "resume"
    call: Call
    ticket: str = Field(max_length=64)


# --- to the client -----------------------------------------------------------------------------------------


class Welcome(Head):
    """What is served here. Body: the SentencePiece model that counts its tokens.

    Attributes:
        engine: another one after each start.
        hears: whether the engine transcribes the caller, and how long after a sound its word comes.
    """

    kind: Literal["welcome"] = "welcome"
    engine: str
    family: Flavour
    rows: int
    free: int
    window: int
    voices: tuple[str, ...] = ()
    hears: bool = False
    hears_after_s: float = 0.0


class Opened(Head):
    """The call is seated, or goes on after a broken connection.

    Attributes:
        ticket: to go on with after a broken connection.
        frame: number of the frame that comes next.
        received: samples of the caller's sound that the engine has been given in all.
    """

    kind: Literal["opened"] = "opened"
    call: Call
    ticket: str
    frame: int = 0
    received: int = 0


class Why(StrEnum):
    NO_SEAT = "no_seat"
    PROMPT_TOO_LONG = "prompt_too_long"
    UNKNOWN_VOICE = "unknown_voice"
    NOT_SERVED = "not_served"
    UNKNOWN_TICKET = "unknown_ticket"


class Refused(Head):
    """No call. `counts`: rows for `no_seat`; frames, window and room for `prompt_too_long`."""

    kind: Literal["refused"] = "refused"
    call: Call
    why: Why
    text: str
    counts: tuple[int, ...] = ()


class HeardWord(Head):
    """A word of the caller, in seconds of the call; `confidence` 0..1."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


class Heard(Head):
    """What the recogniser made of a frame: words that became complete, and the probabilities of its pause heads."""

    words: tuple[HeardWord, ...] = ()
    pauses: tuple[float, ...] | None = None


class Frame(Head):
    """80 ms of the call. Body: the agent's sound, float32 [1920], or nothing where this reader was too slow.

    Attributes:
        number: 0 is the call's first.
        token: the agent's text token; the vocabulary comes with the welcome.
        heard: by the recogniser, None where there is none.
        sound_from, sound: which samples of the caller's sound were listened to, counted from its first; what is
            missing to a whole frame was heard as silence.
        late_ms: how far behind its time the frame was made.
        line, spoken: the line that is being said, and which of its words have gone out now.
        skipped: samples of the caller's sound left out before this frame, because too much had piled up.
    """

    kind: Literal["frame"] = "frame"
    call: Call
    number: int
    token: int
    heard: Heard | None = None
    sound_from: int = 0
    sound: int = 0
    late_ms: float = 0.0
    line: int | None = None
    spoken: tuple[int, ...] = ()
    skipped: int = 0


class LineOver(Head):
    """A line was said to its end, or broken off.

    Attributes:
        spoken: words whose sound has gone out, counted from the first.
        started: words that were begun; one more where one was cut.
        left_out: words, by index, that the model's vocabulary cannot write.
        stopped: broken off before its end.
    """

    kind: Literal["line_over"] = "line_over"
    call: Call
    line: int
    spoken: int
    started: int
    left_out: tuple[int, ...] = ()
    stopped: bool = False
    frame: int


class Outcome(StrEnum):
    LANDED = "landed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    GONE = "gone"
    REFUSED = "refused"  # `text` says why


class Receipt(Head):
    """What became of a whisper. `frame`: the first that was made under it."""

    kind: Literal["receipt"] = "receipt"
    call: Call
    revision: int
    outcome: Outcome
    frame: int | None = None
    text: str = ""


class Closed(Head):
    """The call is over. What was counted: its frames, those of them that were made late, and those that were
    starved: heard as silence, in whole or in part, because the caller's sound was not there."""

    kind: Literal["closed"] = "closed"
    call: Call
    why: str = ""
    frames: int = 0
    late: int = 0
    starved: int = 0


class Fault(Head):
    """Something was wrong with what was sent. `call` None: with the connection, which ends."""

    kind: Literal["fault"] = "fault"
    call: Call | None = None
    text: str


ToEngine = Hello | Open | Sound | Whisper | Say | Hold | Hush | Close | Resume
ToClient = Welcome | Opened | Refused | Frame | LineOver | Receipt | Closed | Fault
Message = ToEngine | ToClient
