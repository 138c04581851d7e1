"""What the agent did with its turn, from its sound alone: what it asks, and whether what it reads back is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from orchestrator.callers import grammars_en as grammars
from orchestrator.callers.cues_en import NOTHING_WANTED, Act, Gist, gist
from orchestrator.callers.facts import Facts, Field
from orchestrator.callers.readback import ReadBack, Verdict, compare
from orchestrator.callers.spoken_en import find_date, find_digits, find_spelled, plain_words


class Turn(Protocol):
    """One turn of the agent, as far as it was heard. It can be listened to more than once."""

    @property
    def readings(self) -> tuple[str, ...]:
        """What the first listening gave: one or more readings of the same sound."""
        ...

    async def again(self, grammar: grammars.Grammar) -> str:
        """Its words, if they were of this grammar; "" where they cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn that was listened to. `read_back`: only where it reads something back."""

    gist: Gist
    words: str
    read_back: ReadBack | None = None


class Listener:
    """Listens with one person's ears: he knows his own facts best."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def listen(self, turn: Turn, told: frozenset[Field]) -> Heard:
        """Make out what a turn was.

        Args:
            told: what the caller has said and the agent has not read back yet; he expects to hear that.
        """
        readings = [plain_words(reading) for reading in turn.readings]
        meant = _best([gist(words) for words in readings])
        words = " | ".join(" ".join(reading) for reading in readings)
        if meant.act is not Act.READS_BACK:
            return Heard(meant, words)
        return Heard(meant, words, await self._read_back(turn, readings, told))

    async def _read_back(
        self, turn: Turn, readings: list[tuple[str, ...]], told: frozenset[Field]
    ) -> ReadBack:
        kinds, spelled = _kinds_in(readings)
        kinds |= told
        if not kinds:
            kinds = frozenset({Field.NAME})  # of no other kind do all words sound like something else
        if kinds & grammars.PICKED:
            kinds |= grammars.PICKED
        again = plain_words(await turn.again(grammars.read_back(self._facts, kinds, spelled)))
        found = compare(again, self._facts, kinds)
        if found.verdicts or not told:
            return found
        return ReadBack(dict.fromkeys(told, Verdict.UNSURE), found.words)


def _best(gists: list[Gist]) -> Gist:
    """Of several readings the first that wants something; one that reads back comes before all others."""
    for meant in gists:
        if meant.act is Act.READS_BACK:
            return meant
    for meant in gists:
        if meant.act not in NOTHING_WANTED:
            return meant
    return gists[0] if gists else Gist(Act.UNCLEAR)


def _kinds_in(readings: list[tuple[str, ...]]) -> tuple[frozenset[Field], bool]:
    """Which kinds of values the words speak of, and whether something is spelled."""
    kinds: set[Field] = set()
    spelled = False
    for words in readings:
        text = " ".join(words)
        born = find_date(words)
        if (born.month and born.day) or born.year or "birth" in words:
            kinds.add(Field.DATE_OF_BIRTH)
        elif len(find_digits(words)) >= 4 or "phone number" in text:
            kinds.add(Field.PHONE)
        if "name" in words:
            kinds.add(Field.NAME)
        if "as in" in text or len(find_spelled(words)) >= 3 or "spelled" in words:
            kinds.add(Field.NAME)
            spelled = True
        if {"reason", "allergies", "allergic", "medicines", "insurance", "agree"} & set(words):
            kinds |= grammars.PICKED
    return frozenset(kinds), spelled
