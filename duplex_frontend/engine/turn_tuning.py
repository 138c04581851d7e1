"""The thresholds of turns on the engine. Settings for a deployment."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallerTuning:
    """Where the caller's speech begins and ends.

    Attributes:
        onset, offset: probability of speech that begins it, and below which a frame is silent.
        onset_s: this much speech in a row makes an onset.
        pause, pause_head: the recogniser's probability of a pause, smoothed, over which silence ends a turn, and
            which of its heads (0.5, 1, 2, 3 s) is read.
        smoothing_s: time constant of the smoothing.
        pause_silence_s: silence that a pause needs as well.
        undecided_s: silence that ends a turn where the heads say there is none.
        complete_s, open_s, middle_s: silence that ends a turn without such heads, by how complete the expected
            answer is. In the middle of a number `middle_s` holds with them too.
        longest_turn_s: a turn is cut there.
        noise_s: a sound shorter than this with no words in it is no turn.
    """

    onset: float = 0.5
    offset: float = 0.35
    onset_s: float = 0.16
    pause: float = 0.6
    pause_head: int = 2
    smoothing_s: float = 0.1
    pause_silence_s: float = 0.16
    undecided_s: float = 1.2
    complete_s: float = 0.32
    open_s: float = 0.48
    middle_s: float = 0.96
    longest_turn_s: float = 30.0
    noise_s: float = 0.3


@dataclass(frozen=True, slots=True)
class AgentTuning:
    """When the agent counts as speaking.

    Attributes:
        loud_db: dBFS of a frame from which it can be heard.
        wordless_s: sound counts as speech for so long after a piece of a word.
        tail_s: the same after the last word of an exact line.
        pause_s: silence that ends a reply.
        give_way_s: the same while the caller has been speaking over it for `insists_s`.
        insists_s: see there.
        overlap_s: an agent that gave way was spoken over for so long at least; a shorter overlap is an answer that
            came before its last word was out.
        deaf_s: after it was hushed, what still comes of it does not count.
        longest_word_s: a word ends by then, whatever goes on sounding.
    """

    loud_db: float = -45.0
    wordless_s: float = 1.2
    tail_s: float = 0.4
    pause_s: float = 0.48
    give_way_s: float = 0.24
    insists_s: float = 0.4
    overlap_s: float = 0.24
    deaf_s: float = 0.4
    longest_word_s: float = 1.0


@dataclass(frozen=True, slots=True)
class BackchannelTuning:
    """What is no turn, of either side. Upper case and punctuation make no difference.

    Attributes:
        caller_s: speech longer than this is a turn whatever its words.
        agent_s: likewise of the agent over the caller.
    """

    words: tuple[str, ...] = (
        *("mm-hm", "mhm", "mm-hmm", "mmhmm", "hm", "hmm", "uh-huh", "aha", "i see"),
        *("ok", "okay", "right", "yeah", "yep", "alright", "sure"),
    )
    caller_s: float = 1.2
    agent_s: float = 1.2

    def covers(self, text: str) -> bool:
        """Whether a text is made of nothing but these; an empty one is not."""
        left = _plain(text)
        known = sorted((_plain(word) for word in self.words), key=len, reverse=True)
        if not left:
            return False
        while left:
            found = next((w for w in known if w and (left == w or left.startswith(f"{w} "))), None)
            if found is None:
                return False
            left = left[len(found) :].lstrip()
        return True


def _plain(text: str) -> str:
    """Small letters and digits, one space between words."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


@dataclass(frozen=True, slots=True)
class TurnTuning:
    """All thresholds of `Turns`.

    Attributes:
        silence_step_s: CallerSilent at each multiple.
        floor_pause_s: the holder's silence after which the floor is free.
    """

    caller: CallerTuning = field(default_factory=CallerTuning)
    agent: AgentTuning = field(default_factory=AgentTuning)
    backchannel: BackchannelTuning = field(default_factory=BackchannelTuning)
    silence_step_s: float = 6.0
    floor_pause_s: float = 0.25
