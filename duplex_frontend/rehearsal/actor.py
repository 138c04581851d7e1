"""What a rehearsal actor makes of a whisper: words, what is heard of them, and what it did, for the record. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from duplex_frontend.rehearsal.rates import Rates
from duplex_frontend.types import Line, Prompt

_RAMBLES = (
    "Sure, I can help you with that.",
    "Okay, that sounds good.",
    "Right, let me see here.",
    "Great, thanks so much.",
)
_GREETINGS = ("Hello, thank you for calling.", "Hi there, welcome.", "Good morning, thanks for calling.")
_INVENTED = (
    "It usually takes {n} days.",
    "That comes to {n} dollars.",
    "There are {n} people ahead of you.",
    "We are open until {n} fifteen.",
)
_OPENERS = ("Alright.", "Okay.", "Sure.", "Good.")
_SWAPS = (
    (r"\bWhat is\b", "What's"),
    (r"\bIs that right\?", "Is that correct?"),
    (r"\bIs all of that right\?", "Is all of that correct?"),
    (r"\bI am\b", "I'm"),
    (r"\bThank you\b", "Thanks"),
)
_FIGURES = "zero one two three four five six seven eight nine".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_OTHERS = ("maybe", "also", "really", "then", "again")


class Deed(StrEnum):
    """What the actor did with a whisper."""

    OBEYED = "obeyed"
    SKIPPED = "skipped"
    INVENTED = "invented"
    GREETED = "greeted"
    RAMBLED = "rambled"
    FAILED_EXACT = "failed_exact"


@dataclass(frozen=True, slots=True)
class Performance:
    """Words to be said, and those that are heard: as many, "" for one that makes no sound.

    Attributes:
        wrong: what was stated and nobody gave, "" for nothing.
    """

    written: tuple[str, ...]
    heard: tuple[str, ...]
    deed: Deed
    wrong: str = ""

    @property
    def differs(self) -> bool:
        return self.written != self.heard


class Actor:
    """One call's. The same seed and the same whispers give the same words.

    Args:
        whispered: it gets every whisper; else only the first, and goes by memory.
    """

    def __init__(self, rates: Rates, seed: int, *, whispered: bool = True) -> None:
        self._rates = rates
        self._rng = random.Random(f"actor {seed}")
        self._whispered = whispered
        self._replies = 0

    def perform(self, prompt: Prompt) -> Performance:
        """Say a reply."""
        obeys = self._obeys()
        self._replies += 1
        own = [line for line in prompt.reply if not (line.exact and self._whispered)]
        deed = Deed.OBEYED
        if own and self._rng.random() >= obeys:
            deed = self._stray()
        text, wrong = self._words(prompt.reply, own, deed)
        guided = [line for line in prompt.reply if line not in own]
        if guided and self._rng.random() < self._rates.fails_exact:
            text, deed = self._spoil(text, guided), Deed.FAILED_EXACT if deed is Deed.OBEYED else deed
        written = tuple(text.split())
        heard = written
        if written and self._rng.random() < self._rates.audio_differs:
            heard = self._misspoken(written)
        return Performance(written, heard, deed, wrong)

    def before_its_whisper(self) -> Performance:
        """An answer of its own, since nothing was whispered yet."""
        written = tuple(self._rng.choice(_RAMBLES).split())
        return Performance(written, written, Deed.RAMBLED)

    def happens(self, share: float) -> bool:
        return self._rng.random() < share

    def ear(self, heard: Sequence[str]) -> tuple[str, float]:
        """What a recogniser makes of these sounds, and how sure it is."""
        words, errors = [], 0
        for word in (re.sub(r"[^\w' -]", "", word).lower() for word in heard if word):
            if self._rng.random() < self._rates.ear_errors:
                errors += 1
                word = self._rng.choice(_OTHERS)
            words.append(word)
        return " ".join(words), max(0.3, 0.97 - 0.2 * errors)

    def _obeys(self) -> float:
        if self._whispered:
            return self._rates.obeys
        return self._rates.obeys * (1 - self._rates.forgets) ** self._replies

    def _stray(self) -> Deed:
        deeds = (Deed.SKIPPED, Deed.INVENTED, Deed.GREETED, Deed.RAMBLED)
        rates = self._rates
        return self._rng.choices(deeds, (rates.skips, rates.invents, rates.greets, rates.rambles))[0]

    def _words(self, lines: Sequence[Line], own: Sequence[Line], deed: Deed) -> tuple[str, str]:
        """The reply with what was done to it. Lines that are guided stay, whatever is done to the others."""
        said = [(line.text, line in own) for line in lines]
        match deed:
            case Deed.SKIPPED:
                last = max(at for at, (_, mine) in enumerate(said) if mine)
                kept = [text for at, (text, _) in enumerate(said) if at != last]
                return " ".join(kept) or self._rng.choice(_OPENERS), ""
            case Deed.RAMBLED:
                return " ".join([self._rng.choice(_RAMBLES), *(text for text, mine in said if not mine)]), ""
            case Deed.GREETED:
                return " ".join([self._rng.choice(_GREETINGS), *(text for text, _ in said)]), ""
            case Deed.INVENTED:
                return self._invent(said)
            case _:
                return " ".join(self._paraphrased(text) if mine else text for text, mine in said), ""

    def _invent(self, said: Sequence[tuple[str, bool]]) -> tuple[str, str]:
        """Another figure in what is read back, or one that is made up."""
        text = " ".join(text for text, _ in said)
        figures = [m for m in re.finditer(r"\w+", text) if m.group().lower() in _FIGURES[2:]]
        if len(figures) >= 3 and not any(not mine for _, mine in said):
            at = self._rng.choice(figures)
            other = self._rng.choice([f for f in _FIGURES if f != at.group().lower()])
            wrong = f"{other} for {at.group()}"
            return text[: at.start()] + other + text[at.end() :], wrong
        number = f"{self._rng.choice(_TENS)} {self._rng.choice(_FIGURES[3:])}"
        wrong = self._rng.choice(_INVENTED).format(n=number)
        return f"{wrong} {text}", wrong

    def _paraphrased(self, text: str) -> str:
        if self._rng.random() >= self._rates.paraphrases:
            return text
        for pattern, other in _SWAPS:
            if self._rng.random() < 0.6:
                text = re.sub(pattern, other, text)
        text = f"{text[:1].upper()}{text[1:]}"
        if self._rng.random() < 0.3 and not text.endswith("?"):
            text = f"{self._rng.choice(_OPENERS)} {text}"
        return text

    def _spoil(self, text: str, guided: Sequence[Line]) -> str:
        """Guided words with one of them missing or another, or broken off."""
        line = self._rng.choice(guided).text
        words = line.split()
        at = self._rng.randrange(len(words))
        how = self._rng.random()
        if how < 0.4:
            spoiled = words[:at] + words[at + 1 :]
        elif how < 0.7:
            spoiled = [*words[:at], self._rng.choice(_OTHERS), *words[at + 1 :]]
        else:
            spoiled = words[: max(1, at)]
        return text.replace(line, " ".join(spoiled), 1)

    def _misspoken(self, written: Sequence[str]) -> tuple[str, ...]:
        at = self._rng.randrange(len(written))
        figure = re.sub(r"\W", "", written[at]).lower() in _FIGURES
        other = self._rng.choice(_FIGURES if figure else ("", *_OTHERS))
        return (*written[:at], other, *written[at + 1 :])


def boundary_after(words: Sequence[str], at: int) -> int:
    """How many words are said when the sentence that word `at` is in has ended."""
    for end in range(at, len(words)):
        if words[end].endswith((".", "?", "!")):
            return end + 1
    return len(words)
