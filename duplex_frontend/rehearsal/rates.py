"""How well a rehearsal actor plays. A simulation: nobody measured these on a model."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares are 0..1, of the replies that they can happen to.

    Attributes:
        obeys: says what the whisper asks for. What it does otherwise is drawn by the four weights that follow.
        skips, invents, greets, rambles: leaves out the question; states a figure that nobody gave; greets again;
            says something pleasant instead.
        paraphrases: of what it says of its own, in other words.
        fails_exact: words that it was guided to word for word come out with one of them wrong, missing, or broken off.
        audio_differs: what is heard differs in a word from the text that the model wrote.
        talks_over: says a few words while the caller speaks. backchannels: "mm-hm" instead.
        forgets: with no whisper but the first, what is lost of `obeys` with each further reply.
        floor_s: it takes the floor so long after the caller's last sample.
        hold_s: and is held back for a whisper no longer than this.
        words_a_second: of its speech.
        ear_errors: share of words that the recogniser on its own voice gets wrong. ear_s: its delay.
        hears_itself: there is such a recogniser.
    """

    obeys: float = 0.7
    skips: float = 0.4
    invents: float = 0.25
    greets: float = 0.1
    rambles: float = 0.25
    paraphrases: float = 0.4
    fails_exact: float = 0.1
    audio_differs: float = 0.02
    talks_over: float = 0.03
    backchannels: float = 0.1
    forgets: float = 0.05
    floor_s: float = 0.07
    hold_s: float = 0.4
    words_a_second: float = 2.7
    ear_errors: float = 0.01
    ear_s: float = 0.3
    hears_itself: bool = True

    def obeying(self, share: float) -> Rates:
        return replace(self, obeys=share)


FAITHFUL = Rates(
    obeys=1.0,
    paraphrases=0.0,
    fails_exact=0.0,
    audio_differs=0.0,
    talks_over=0.0,
    backchannels=0.0,
    ear_errors=0.0,
)
"""An actor that does as it is told."""
