"""One decoder at work, utterance by utterance. Lives in a process of its own: pocketsphinx holds the GIL."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pocketsphinx import Decoder, set_loglevel

from duplex_frontend.cascade.caller_mean import CallerMean
from duplex_frontend.cascade.ear_grammars import Grammars
from duplex_frontend.cascade.ear_wire import EarKind, Phrases, Reading
from duplex_frontend.cascade.pronounce_en import ALSO

WARP = "0.9"
"""Vocal tract warp of the filterbank (inverse linear). Of 1.0, 0.95, 0.9 and 0.86, over eight synthesized voices
this understood most (27 % of answers misheard with espeak-ng's voices at 1.0, 19 % here; flite's the same); on five
clips of a person reading it makes no difference beyond chance."""

_BOTH = {
    # Neither ear reads its lattice anew at the end: 100 ms that change few words.
    "bestpath": False,
    "fwdflat": False,
    "warp_params": WARP,
    # A frame's scores are relative to the best sound in it. It has to be the best of all sounds, not of those that
    # an ear just looks for, or the two ears' scores mean nothing beside each other.
    "compallsen": True,
}
_GRAMMAR = _BOTH | {"lm": None, "wip": 0.05, "beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40}
"""Wider beams than pocketsphinx's own (1e-48, 7e-29): the few paths of a long answer, such as ten letters with a word
each, were all given up on the way, and nothing was heard. It costs a tenth more CPU."""
_OPEN = _BOTH
_SILENCES = frozenset({"<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]"})
_NO_WORD = "(NULL)"  # a step from rule to rule of a grammar: takes no time, and has its cost
_TINY = 1e-300


class Listener:
    """A decoder, what it listens for, and whom it listens to."""

    def __init__(self, ear: EarKind) -> None:
        set_loglevel("FATAL")
        self._ear = ear
        self._decoder = Decoder(**(_GRAMMAR if ear is EarKind.GRAMMAR else _OPEN))
        self._grammars = Grammars(self._decoder)
        for word, variants in ALSO.items():
            self._grammars.add(word, variants)
        self._mean = CallerMean(self._decoder)
        self._expected = ""
        self._waiting: Phrases | None = None  # came while an utterance was going on
        self._listening = False
        self._text = ""

    def expect(self, phrases: Phrases) -> Iterator[str]:
        """Use these from the next utterance on. Yields what had to be left out, and why."""
        if self._listening:
            self._waiting = phrases
            return
        self._waiting, self._expected = None, phrases.name
        if self._ear is EarKind.GRAMMAR:
            yield from self._grammars.prepare(phrases)

    def catch_up(self) -> Iterator[str]:
        """Take over what was expected in the meantime, as `expect` does."""
        if self._waiting is not None and not self._listening:
            yield from self.expect(self._waiting)

    def begin(self) -> None:
        self.cancel()
        self._text = ""
        self._listening = self._activate()
        if self._listening:
            self._mean.begin()
            self._decoder.start_utt()

    def feed(self, pcm: bytes) -> Reading | None:
        """Hear more (int16, 16 kHz); say what is made of the utterance so far when that has changed."""
        if not self._listening:
            return None
        self._decoder.process_raw(pcm, False, False)
        self._mean.hear(len(pcm))
        hypothesis = self._decoder.hyp()
        text = hypothesis.hypstr if hypothesis else ""
        if text == self._text:
            return None
        self._text = text
        return self._reading()

    def end(self) -> Reading:
        """The utterance is over: what was made of it."""
        if not self._listening:
            return Reading("", None, 0)
        self._decoder.end_utt()
        self._listening = False
        self._mean.end()
        return self._reading()

    def cancel(self) -> None:
        """Forget the utterance."""
        if self._listening:
            self._decoder.end_utt()
            self._listening = False

    def _activate(self) -> bool:
        if self._ear is EarKind.GRAMMAR:
            return self._grammars.activate(self._expected)
        self._decoder.activate_search()
        return True

    def _reading(self) -> Reading:
        hypothesis, segments = self._decoder.hyp(), self._decoder.seg()
        if segments is None:
            return Reading("", None, 0)
        # A path without words has no hypothesis, but segments. Their scores come as powers: logarithms add up.
        score, frames = 0.0, 0
        for segment in segments:
            score += math.log(max(segment.ascore, _TINY))
            if segment.word in _SILENCES:
                continue  # what a silence costs is another thing in a grammar than in an open vocabulary
            score += math.log(max(segment.lscore, _TINY))
            if segment.word != _NO_WORD:
                frames += segment.end_frame - segment.start_frame + 1
        return Reading(hypothesis.hypstr if hypothesis else "", score, frames)
