"""The parts of `call.json`. Documented in docs/call-json.md. Times are seconds in the call's audio clock."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from reasoner.types import SlotStatus, Strays, Value


class Part(BaseModel):
    """A part of the file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Who = Literal["caller", "agent"]


class EvidencePart(Part):
    """The words that a value came from, and those with which the caller accepted it."""

    words: str
    start_s: float
    end_s: float
    accepted_words: str
    accepted_s: float | None


class SlotPart(Part):
    """`value` in its canonical form, None where there is none; `spoken` as the agent would say it.

    `pii`: how private it is, as the flow says; `never`: it may not be kept beyond the call.
    """

    label: str
    value: Value | None
    spoken: str
    status: SlotStatus
    confirmed: bool
    confidence: float
    evidence: EvidencePart | None
    pii: Literal["none", "personal", "sensitive", "never"] = "personal"


class ChangePart(Part):
    """A slot took another value or status: heard, corrected, confirmed."""

    name: str
    value: Value | None
    spoken: str
    status: SlotStatus
    confidence: float
    at_s: float


class SaidPart(Part):
    """`interrupted`: the other party cut it off, and `unspoken` was left to say. `slots`: what a turn was about."""

    who: Who
    text: str
    start_s: float
    end_s: float
    confidence: float | None = None
    interrupted: bool = False
    unspoken: str = ""
    backchannel: bool = False
    slots: tuple[str, ...] = ()


class RecallPart(Part):
    """The look-up that a turn used. `ready`: its passages were there before the turn was decided."""

    query: str
    titles: tuple[str, ...]
    at_s: float
    took_ms: float
    speculative: bool
    ready: bool


class TurnWhisperPart(Part):
    revision: int
    ahead: bool


class TurnPart(Part):
    """One turn of the caller: see `orchestrator.recording.TurnTimed`."""

    turn: int
    end_of_speech_s: float
    decided_s: float
    first_sample_s: float | None
    latency_ms: float | None
    thought_ms: float
    route: str
    recall: RecallPart | None
    whisper: TurnWhisperPart | None
    interrupted: bool
    before_whisper: bool = False


class LookupPart(Part):
    """One look-up of knowledge, used or not."""

    query: str
    titles: tuple[str, ...]
    at_s: float
    took_ms: float
    speculative: bool
    used: bool


class WhisperPart(Part):
    revision: int
    text: str
    reply: str
    at_s: float
    ahead: bool
    left_out: tuple[str, ...] = ()
    exact: bool = False
    guided: bool = False


class ReceiptPart(Part):
    """What became of a whisper: `fate` is prepared, applied, superseded, expired or failed."""

    revision: int
    fate: str
    at_s: float
    frame: int | None
    why: str


class FindingPart(Part):
    """What following the agent's own words has found: see docs/steering.md."""

    kind: Strays
    about: str
    text: str
    start_s: float
    end_s: float
    revision: int
    confidence: float
    heard: bool


class DisclosurePart(Part):
    """A disclosure that had to be spoken. `proven`: where it was heard to its end, None where it never was."""

    times: int
    proven: EvidencePart | None


class FloorPart(Part):
    """`holder` has the floor from `at_s` on, None for nobody."""

    holder: Who | None
    reason: Literal["turn", "pause", "overlap", "interruption", "backchannel"]
    by: Who
    at_s: float


class TroublePart(Part):
    part: str
    what: str
    at_s: float


class LatencyPart(Part):
    """End of the caller's speech to the first sample of the answer, over `turns` that were answered."""

    turns: int
    p50_ms: float | None
    p95_ms: float | None


class SteeringPart(Part):
    """How the voice was steered.

    Attributes:
        answers: turns of the caller that were answered; before_whisper: of them, those whose answer began before
            the whisper for it was given.
        thoughts: turns thought through while the caller still spoke; thoughts_used: of them, those committed.
        replies, exact, guided: replies given to the voice; those whose words were all to be said as they stand, and
            those of which some were.
        strayed, corrected: what was found to stray, and corrections that were heard.
    """

    answers: int = 0
    before_whisper: int = 0
    thoughts: int = 0
    thoughts_used: int = 0
    replies: int = 0
    exact: int = 0
    guided: int = 0
    strayed: int = 0
    corrected: int = 0


class FiguresPart(Part):
    """Attributes:
    barge_in_to_silence_ms: for each interruption by the caller, from its first sample to the agent's silence.
    late_blocks: 20 ms blocks made more than 20 ms late; None where nobody counted.
    lookups_ready: turns whose passages were there before the turn was decided, of `lookups_needed`.
    simulation: the caller was no person; `simulated` says what it was.
    steering: how the voice was steered.
    """

    latency: LatencyPart
    barge_in_to_silence_ms: tuple[float, ...]
    late_blocks: int | None
    lookups_needed: int
    lookups_ready: int
    simulation: bool
    simulated: str
    steering: SteeringPart = SteeringPart()


class AudioPart(Part):
    """A recording beside the file; `channels` from left to right."""

    file: str
    rate_hz: int
    channels: tuple[Who, ...]
