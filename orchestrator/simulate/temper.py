"""How callers behave: kinds of callers, each a set of habits with how likely they are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is special about a caller."""

    COOPERATIVE = "cooperative"
    TERSE = "terse"
    CHATTY = "chatty"  # long sentences, several things at once
    OUT_OF_ORDER = "out_of_order"  # tells something else before what was asked
    SELF_CORRECTING = "self_correcting"  # says a wrong value, then mends it, at once or a turn later
    FORGETFUL = "forgetful"  # has to look it up first
    REFUSING = "refusing"  # keeps one thing to itself
    OFF_TOPIC = "off_topic"  # asks what the flow's pages answer
    INTERRUPTING = "interrupting"  # says the next thing before it is asked
    SILENT = "silent"
    WANTS_HUMAN = "wants_human"
    MISHEARS = "mishears"  # answers another question, asks to hear it again
    BACKCHANNELS = "backchannels"
    MIXTURE = "mixture"


@dataclass(frozen=True, slots=True)
class Temper:
    """Habits. Each number is how likely it is, at each turn where it could show.

    Attributes:
        bare: the value alone, without a sentence around it.
        wordy: hesitations and asides around what is said.
        extra: something not asked for is told along with the answer (again for each further thing, at most three).
        swap: something else is told instead of the answer.
        slip_now, slip_later: a wrong value, mended in the same breath, or a turn later.
        forgets: "let me look", and the answer a turn later.
        refuses: one thing, of those asked for, is kept back for good.
        digresses: asks a question of its own instead of answering.
        early: goes on to the next thing while the agent reads back or confirms.
        silent: says nothing.
        human: asks for a person, once and for all.
        repeats: asks to hear it again. confuses: answers another question than the one asked.
        backchannels: "mm-hm" or "okay" instead of an answer to a question that no yes answers.
        bare_no: objects with nothing but a no.
    """

    bare: float = 0.35
    wordy: float = 0.2
    extra: float = 0.0
    swap: float = 0.0
    slip_now: float = 0.0
    slip_later: float = 0.0
    forgets: float = 0.0
    refuses: bool = False
    digresses: float = 0.0
    early: float = 0.0
    silent: float = 0.0
    human: float = 0.0
    repeats: float = 0.0
    confuses: float = 0.0
    backchannels: float = 0.0
    bare_no: float = 0.25


_TEMPERS = {
    Kind.COOPERATIVE: Temper(),
    Kind.TERSE: Temper(bare=0.95, wordy=0.0, bare_no=0.6),
    Kind.CHATTY: Temper(bare=0.0, wordy=0.7, extra=0.55, bare_no=0.1),
    Kind.OUT_OF_ORDER: Temper(swap=0.3, extra=0.25),
    Kind.SELF_CORRECTING: Temper(slip_now=0.25, slip_later=0.2),
    Kind.FORGETFUL: Temper(forgets=0.3),
    Kind.REFUSING: Temper(refuses=True),
    Kind.OFF_TOPIC: Temper(digresses=0.3),
    Kind.INTERRUPTING: Temper(early=0.4, extra=0.1),
    Kind.SILENT: Temper(silent=0.25),
    Kind.WANTS_HUMAN: Temper(human=0.25),
    Kind.MISHEARS: Temper(repeats=0.15, confuses=0.12),
    Kind.BACKCHANNELS: Temper(backchannels=0.25),
}


def temper(kind: Kind, rng: random.Random) -> Temper:
    """The habits of a caller of this kind. A mixture has a few of all of them, drawn anew for each caller."""
    if kind is not Kind.MIXTURE:
        return _TEMPERS[kind]

    def some(most: float) -> float:
        return rng.choice((0.0, most / 2, most))

    return Temper(
        bare=rng.choice((0.0, 0.3, 0.8)),
        wordy=rng.choice((0.1, 0.5)),
        extra=some(0.3),
        swap=some(0.15),
        slip_now=some(0.12),
        slip_later=some(0.1),
        forgets=some(0.15),
        digresses=some(0.15),
        early=some(0.15),
        silent=some(0.1),
        repeats=some(0.08),
        confuses=some(0.05),
        backchannels=some(0.12),
    )
