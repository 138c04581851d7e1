"""The thresholds of the embedded front-end. Settings for a deployment; a flow may override them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class VadTuning:
    onset: float = 0.5  # speech probability that begins speech
    offset: float = 0.35  # below it a window counts as silence
    onset_ms: int = 96  # this much speech in a row makes an onset
    onset_over_agent_ms: int = 96  # the same while the agent is speaking
    lead_in_ms: int = 400  # audio before the onset that the recogniser hears as well


@dataclass(frozen=True, slots=True)
class EndpointTuning:
    """Silence that ends a turn, by how complete the expected answer is."""

    complete_ms: int = 300
    open_ms: int = 480
    middle_ms: int = 900
    spelling_ms: int = 700
    longest_turn_s: float = 30.0


@dataclass(frozen=True, slots=True)
class BargeInTuning:
    """The voice falls silent at the onset, and goes on from there if it was only a backchannel."""

    enabled: bool = True
    commit_ms: int = 700  # speech this long is an interruption whatever its words
    fade_ms: int = 15


@dataclass(frozen=True, slots=True)
class BackchannelTuning:
    words: tuple[str, ...] = ("mm-hm", "mhm", "uh-huh", "okay", "right", "i see", "yeah", "alright", "sure")
    agent_after_s: float = (
        4.0  # the agent says one itself in a caller's turn this long, at a pause; 0 for never
    )
    agent_pause_ms: int = 250
    agent_word: str = "mm-hm"


@dataclass(frozen=True, slots=True)
class Tuning:
    vad: VadTuning = field(default_factory=VadTuning)
    endpoint: EndpointTuning = field(default_factory=EndpointTuning)
    barge_in: BargeInTuning = field(default_factory=BargeInTuning)
    backchannel: BackchannelTuning = field(default_factory=BackchannelTuning)
    silence_step_s: float = 6.0  # CallerSilent at each multiple
    believe_grammar: float = 0.5  # confidence from which the grammar's reading comes first
