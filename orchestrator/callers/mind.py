"""What a caller says next: from what was heard, from his facts, from his temper. Knows nothing of the agent's state."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from orchestrator.callers import phrases_en as phrases
from orchestrator.callers.cues_en import Act
from orchestrator.callers.facts import Field, Person, Quirk, slip_of
from orchestrator.callers.listener import Turn, read_back_in, verdict

READ_BACK_AT_ONCE = (Field.NAME, Field.DATE_OF_BIRTH, Field.PHONE)
"""What people want to be sure of before they go on."""

_ORDER = {asked: at for at, asked in enumerate(Field)}

LONG_TURN_S = 2.5
"""An agent that has been speaking for so long may be interrupted, or encouraged."""


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the agent, and what is meant by them. `keys`: pressed instead."""

    text: str
    meaning: str
    keys: str = ""
    hangs_up: bool = False


@dataclass(slots=True)
class Mind:
    """One caller in one call. `again`: they have called before, and are told what is remembered of it."""

    person: Person
    again: bool = False
    left: set[Quirk] = field(default_factory=set)  # quirks still to come
    told: list[Field] = field(default_factory=list)
    unsettled: list[Field] = field(default_factory=list)  # told, and not yet agreed on when read back
    last: Say | None = None
    lost: int = 0  # turns in a row in which somebody did not understand
    unsure: int = 0
    events: list[str] = field(default_factory=list)
    last_during: str = ""
    _asked: Field | None = None
    _rng: random.Random = field(default_factory=random.Random)
    _denied: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.person.seed * 7919 + 1)
        self.left = set(self.person.temper.quirks)
        if self.again:
            self.told, self.unsettled = list(READ_BACK_AT_ONCE), [Field.NAME]

    def reply(self, turn: Turn, heard: str) -> Say:
        """What to say to the agent's turn. `heard`: the same turn as the ear for values heard it."""
        say = self._reply(turn, heard)
        self.last, self.last_during = say, ""
        return say

    def during(self, speaking_s: float, so_far: str) -> Say | None:
        """What to say while the agent speaks: "mm-hm", or a word that cuts it off. Mostly nothing."""
        if speaking_s < LONG_TURN_S:
            return None
        if Quirk.BACKCHANNEL in self.left:
            self.left.discard(Quirk.BACKCHANNEL)
            self.events.append("backchannel")
            self.last_during = "backchannel"
            return Say("mm-hm", "backchannel")
        asked = self._asked
        if Quirk.BARGE_IN in self.left and self.last and self.last.meaning == "question" and asked:
            self.left.discard(Quirk.BARGE_IN)
            self.events.append("barge_in")
            self.last_during = "barge_in"
            self.last = Say(self._answer(asked), f"interrupts with {asked}")
            return self.last
        _ = so_far
        return None

    @property
    def expects_more(self) -> bool:
        """The agent was only encouraged: a pause of its is not yet the end of its turn."""
        return self.last_during == "backchannel"

    def impatient(self) -> Say:
        """Nothing has been heard for a long time."""
        self.lost += 1
        return self._despair() or self.last or Say("hello", "still there")

    def _reply(self, turn: Turn, heard: str) -> Say:
        if turn.act in (Act.GOODBYE, Act.HANDS_OVER):
            return Say("goodbye", turn.act.value, hangs_up=True)
        if turn.act is Act.READS_BACK:
            return self._judge(turn, heard)
        if turn.act is Act.ASKS and turn.asks is not None:
            return self._answer_question(turn.asks)
        if turn.act is Act.ASKS_KEYS:
            self._tell(Field.PHONE)
            return Say("", f"keys {Field.PHONE}", keys=self.person.facts.phone)
        if turn.act is Act.ASKS_SPELLING:
            self._tell(Field.NAME)
            return Say(phrases.spelling(self.person.facts, given=not turn.spelled), "spells")
        if turn.act is Act.ASKS_WHICH:
            wrong = self.told[-1] if self.told else Field.NAME
            return Say(phrases.answer(wrong, self.person.facts, self._rng, whole=True), f"corrects {wrong}")
        if turn.act in (Act.ASKS_REPEAT, Act.STILL_THERE) and self.last is not None:
            return self.last
        if turn.act is Act.WAITS:
            return Say("okay", "waits")
        self.lost += 1
        return self._despair() or Say(phrases.pardon(self._rng), "asks to repeat")

    def _answer_question(self, asks: Field) -> Say:
        temper = self.person.temper
        if self._asked is asks and self.last is not None and self.last.meaning == f"tells {asks}":
            self.lost += 1  # asked again
            if despair := self._despair():
                return despair
        else:
            self.lost = 0
            self.unsettled = [f for f in self.unsettled if f not in READ_BACK_AT_ONCE]
        self._asked = asks
        # The very question that reminds him may never come: the agent can have heard that answer already.
        reminded = _ORDER[asks] >= _ORDER[temper.asks_instead_of] and asks not in self.told
        if Quirk.QUESTION in self.left and reminded:
            self.left.discard(Quirk.QUESTION)
            self.events.append("question")
            return Say(self._rng.choice(phrases.QUESTIONS[temper.topic]), "question")
        first, second = temper.pair
        if Quirk.TWO_AT_ONCE in self.left and asks is first and second not in self.told:
            self.left.discard(Quirk.TWO_AT_ONCE)
            self.events.append("two_at_once")
            self._tell(first, second)
            one, other = (
                phrases.answer(f, self.person.facts, self._rng, whole=True) for f in (first, second)
            )
            return Say(f"{one}, and {other}", f"tells {first} and {second}")
        return Say(self._answer(asks), f"tells {asks}")

    def _tell(self, *fields: Field) -> None:
        self.told += fields
        self.unsettled = [f for f in self.unsettled if f not in fields] + list(fields)

    def _answer(self, asks: Field) -> str:
        facts, temper = self.person.facts, self.person.temper
        self._tell(asks)
        if Quirk.SLIP in self.left and asks is temper.slips_on:
            self.left.discard(Quirk.SLIP)
            self.events.append("slip")
            facts = slip_of(facts, asks, self._rng)
        return phrases.answer(asks, facts, self._rng, whole=self._rng.random() < temper.chattiness)

    def _judge(self, turn: Turn, heard: str) -> Say:
        facts = self.person.facts
        reads = sorted(turn.reads | read_back_in(heard)) or self.told[-1:]
        verdicts = {f: verdict(f, (heard, turn.text), facts, spelled=turn.spelled) for f in reads}
        wrong = [f for f, verdict in verdicts.items() if verdict is False]
        doubtful = [f for f, verdict in verdicts.items() if verdict is None]
        if wrong:
            self.unsure = 0
            self._denied += 1
            self.told = [f for f in self.told if f != wrong[0]] + [wrong[0]]
            if despair := self._despair(self._denied >= 3 * self.person.temper.despair):
                return despair
            return Say(
                phrases.correction(wrong[0], facts, self._rng, alone=len(reads) == 1), f"corrects {wrong[0]}"
            )
        if doubtful and self.unsure < 2:
            self.unsure += 1
            return Say(phrases.pardon(self._rng), "asks to repeat")
        if doubtful:
            self.unsure = 0
            return Say(
                phrases.correction(doubtful[0], facts, self._rng, alone=len(reads) == 1),
                f"doubts {doubtful[0]}",
            )
        self.unsure = self.lost = 0
        self.unsettled = [f for f in self.unsettled if f not in reads and f not in READ_BACK_AT_ONCE]
        return Say(phrases.yes(self._rng), "agrees")

    def _despair(self, given_up: bool = False) -> Say | None:
        if given_up or self.lost > self.person.temper.despair:
            self.events.append("despair")
            return Say("i give up, goodbye", "despair", hangs_up=True)
        return None
