"""How closely a flow follows what the agent really says, and what is done where that strays."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from flows.part import OneOrMore, Part


class Check(StrEnum):
    """What the agent's own words are followed for."""

    LINES = "lines"  # what had to be said: questions, values read back, lines
    CLAIMS = "claims"  # `never_say`
    FACTS = "facts"  # figures, dates, sums and names that nothing supports
    GREETING = "greeting"  # a second greeting


class Means(StrEnum):
    """How to put right what strayed."""

    WHISPER = "whisper"  # asked for again and nothing else, in the model's own words
    EXACT = "exact"  # the words themselves
    INTERRUPT = "interrupt"  # the same at once: the agent breaks off, and corrects itself


class CutOff(StrEnum):
    """What becomes of words that have to be finished and were cut off."""

    REPEAT = "repeat"  # said again from their beginning
    RESUME = "resume"  # from the sentence that was cut off


Tries = Annotated[tuple[Means, ...], OneOrMore, Field(max_length=6)]


class Steering(Part):
    """What is done where the agent's words stray from what they had to be. Matters for voices that phrase themselves.

    Each list is tried in its order, one means for each try; after the last a person takes over. `[]` hands over at
    once. The next turn of the caller begins anew. Verbatim lines and disclosures are always said in their exact words.
    """

    check: Annotated[tuple[Check, ...], OneOrMore] = Field(
        tuple(Check),
        description="What is followed; `[]` for nothing. Disclosures are followed whatever stands here.",
    )
    left_out: Tries = Field(
        (Means.WHISPER, Means.EXACT, Means.EXACT, Means.EXACT),
        description="When something that had to be said was not.",
    )
    untrue: Tries = Field(
        (Means.INTERRUPT, Means.INTERRUPT, Means.INTERRUPT),
        description="When a claim of `never_say`, or a fact that nothing supports, was said.",
    )
    cut_off: CutOff = Field(
        CutOff.REPEAT, description="What becomes of `must_finish` lines and disclosures that were cut off."
    )
    mid_sentence: bool = Field(
        False, description="Whether a whisper may be applied while the agent is in the middle of a sentence."
    )
    misheard: float = Field(
        0.1,
        ge=0,
        le=0.4,
        description="Share of words that a recogniser on the agent's own voice may get wrong; never a figure or a `not`.",
    )
