"""A simulated caller: hears the agent's words, and says something, or nothing. It sees nothing else of the call."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flows.schema import Flow
from flows.slot import SlotType
from memory.types import Passage
from orchestrator.simulate import asides, verdicts
from orchestrator.simulate.ear import Ear, Prompt
from orchestrator.simulate.speech import Speech, mine
from orchestrator.simulate.temper import Kind, Temper, temper
from orchestrator.simulate.truth import Truth, another
from reasoner.types import SlotName, Value

_PATIENCE = 6
"""Turns in a row that a caller does not know what is wanted, before it hangs up."""
_HUMAN_BY = 5
"""The turn by which one that wants a person has said so."""
_SURE_TO_SLIP = frozenset({SlotType.CHOICE, SlotType.NUMBER, SlotType.MONEY, SlotType.DATE, SlotType.TIME})
_SLIPS = _SURE_TO_SLIP | {SlotType.PHONE, SlotType.DIGITS, SlotType.ID, SlotType.PERSON_NAME}


class Doing(StrEnum):
    """What the caller does with a turn."""

    TELL = "tell"
    ACCEPT = "accept"
    DENY = "deny"  # without the right value
    CORRECT = "correct"
    SPELL = "spell"
    ASK = "ask"
    HUMAN = "human"
    REFUSE = "refuse"
    LACK = "lack"  # it has no such thing, and need not
    LOOK_UP = "look_up"
    REPEAT = "repeat"
    BACKCHANNEL = "backchannel"
    HERE = "here"
    PUZZLED = "puzzled"
    SILENT = "silent"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Said:
    """A caller's turn.

    Attributes:
        text: the words as spoken, "" for a silence.
        doing: what it is for.
        values: slots whose true value is in the words.
        wrong: slots given a wrong value that is still to be mended.
        corrected: slots whose value is mended with this turn.
        asked: what the agent had asked for, as the caller understood it.
        blind: a yes to values that the caller could not make out.
        hopes_for: the text of the flow's pages that answers the caller's own question.
    """

    text: str
    doing: Doing
    values: tuple[SlotName, ...] = ()
    wrong: Mapping[SlotName, Value] = field(default_factory=dict)
    corrected: tuple[SlotName, ...] = ()
    asked: tuple[SlotName, ...] = ()
    blind: bool = False
    hopes_for: str = ""


@dataclass(slots=True)
class Caller:
    """One person with a truth and habits. Give it the agent's turns, one at a time."""

    flow: Flow
    truth: Truth
    kind: Kind
    rng: random.Random
    pages: Sequence[Passage] = ()
    ear: Ear = field(init=False)
    speech: Speech = field(init=False)
    temper: Temper = field(init=False)
    _told: list[SlotName] = field(default_factory=list)
    _times: dict[SlotName, int] = field(default_factory=dict)
    _slipped: dict[SlotName, Value] = field(default_factory=dict)
    _wrong: list[SlotName] = field(default_factory=list)
    _pending: SlotName = ""
    _question: str = ""
    _turns: int = 0
    _lost: int = 0
    _unread: int = 0
    _quiet: bool = False
    _looking: bool = False
    _wants_human: bool = False

    def __post_init__(self) -> None:
        self.temper = temper(self.kind, self.rng)
        self.ear = Ear(self.flow, self.pages)
        figures = self.rng.random() < 0.25
        self.speech = Speech(self.flow, self.truth, self.temper, self.rng, figures, self.pages)

    @property
    def open(self) -> list[SlotName]:
        """What will be asked, as far as such a caller can expect, and was not told yet."""
        asked = self.truth.route.asked
        return [name for name in asked if name not in self._told and name in self.truth.values]

    def answer(self, agent: str) -> Said:
        """The caller's turn after these words of the agent; "" where it said nothing."""
        self._turns += 1
        prompt = self.ear.hear(agent, self.truth.values, self._told, self.open, self._pending)
        if prompt.asked:
            self._pending, self._question = prompt.asked[-1], agent
        self._lost = 0 if prompt.is_clear or prompt.claims else self._lost + 1
        if self._lost > _PATIENCE:
            return Said("", Doing.HANG_UP)
        said = self._on_a_whim(prompt) or self._reply(prompt)
        self._quiet = said.doing is Doing.SILENT
        for name in said.values:
            self._tell(name)
        self._slipped |= said.wrong
        return said

    def _tell(self, name: SlotName) -> None:
        self._slipped.pop(name, None)
        self._times[name] = self._times.get(name, 0) + 1
        if name in self._told:
            self._told.remove(name)
        self._told.append(name)

    # --- what it does unasked -----------------------------------------------------------------------------

    def _on_a_whim(self, prompt: Prompt) -> Said | None:
        chance, habits = self.rng.random, self.temper
        if self._wants_human or (habits.human and (chance() < habits.human or self._turns >= _HUMAN_BY)):
            self._wants_human = True
            return Said(self.speech.one_of(asides.HUMAN), Doing.HUMAN, asked=prompt.asked)
        if self._looking:
            return None
        if not self._quiet and not prompt.there and chance() < habits.silent:
            return Said("", Doing.SILENT, asked=prompt.asked)
        wrongly = {claim.slot for claim in prompt.claims if claim.right is False}
        late = [name for name in self._slipped if name not in wrongly and name not in prompt.asked]
        if late and prompt.asked:
            name = late[0]
            return Said(
                self.speech.late(name, self._slipped[name]), Doing.CORRECT, (name,), {}, (name,), prompt.asked
            )
        if (prompt.asked or prompt.confirm) and not wrongly:
            if chance() < habits.digresses:
                question, answer = self.speech.question()
                return Said(question, Doing.ASK, asked=prompt.asked, hopes_for=answer)
            if chance() < habits.repeats:
                return Said(self.speech.one_of(asides.REPEAT), Doing.REPEAT, asked=prompt.asked)
        return None

    # --- what it answers ----------------------------------------------------------------------------------

    def _reply(self, prompt: Prompt) -> Said:
        wrong = [claim.slot for claim in prompt.claims if claim.right is False]
        if prompt.spell is not None:
            return self._spell(prompt)
        if prompt.which:
            return self._say_which()
        if wrong:
            return self._object(prompt, wrong)
        if prompt.asked:
            return self._answer(prompt.asked[-1], prompt)
        if prompt.confirm:
            return self._accept(prompt)
        if (
            prompt.there or prompt.patience or self._looking or not prompt.text
        ) and self._pending in self.open:
            here = f"{self.speech.one_of(asides.HERE)} " if prompt.there else ""
            told = self._answer(self._pending, prompt)
            return Said(here + told.text, told.doing, told.values, told.wrong, told.corrected, told.asked)
        if prompt.there:
            return Said(self.speech.one_of(asides.HERE), Doing.HERE)
        return self._puzzled()

    def _puzzled(self) -> Said:
        if self._turns == 1:
            return Said(self.speech.one_of(asides.OPENING), Doing.HERE)
        return Said(self.speech.one_of((*asides.CONFUSED, *asides.REPEAT)), Doing.PUZZLED)

    def _spell(self, prompt: Prompt) -> Said:
        assert prompt.spell is not None
        names = [*self._wrong, *reversed(self._told), self._pending]
        named = [name for name in names if name and self.flow.slots[name].type is SlotType.PERSON_NAME]
        name = (named or names)[0]
        if name not in self.truth.values:
            return self._refuse(name, prompt)
        return Said(self.speech.spelled(name, prompt.spell), Doing.SPELL, (name,), asked=(name,))

    def _say_which(self) -> Said:
        if not self._wrong:
            return Said(self.speech.one_of(asides.ALL_RIGHT), Doing.ACCEPT)
        name = self._wrong[0]
        text = self.speech.which(name)
        mended = text != mine(self.flow.slots[name].label) and " wrong" not in text
        return Said(
            text,
            Doing.CORRECT if mended else Doing.DENY,
            (name,) if mended else (),
            {},
            (name,) if mended else (),
        )

    def _object(self, prompt: Prompt, wrong: list[SlotName]) -> Said:
        """Something that the agent said is not so."""
        self._wrong = wrong
        name = wrong[0]
        again = self._times.get(name, 0)
        if prompt.confirm and self.rng.random() < self.temper.bare_no:
            return Said(self.speech.one_of(verdicts.DENY), Doing.DENY)
        text = self.speech.correction(name, among=len(prompt.claims), again=again)
        mended = (name,) if name in self.truth.values else ()
        return Said(text, Doing.CORRECT if mended else Doing.DENY, mended, {}, mended, prompt.asked)

    def _accept(self, prompt: Prompt) -> Said:
        self._wrong = []
        unread = not prompt.claims or any(claim.right is None for claim in prompt.claims)
        if unread and self._unread < 2:
            self._unread += 1
            return Said(self.speech.one_of(asides.REPEAT), Doing.REPEAT)
        text = self.speech.with_asides(self.speech.one_of(verdicts.ACCEPT), plain=True)
        early = self.open[:1] if self.rng.random() < self.temper.early else []
        extra = self.speech.volunteered(early[0]) if early else ""
        if not extra:
            return Said(text, Doing.ACCEPT, blind=unread)
        return Said(f"{text} {extra}", Doing.ACCEPT, (early[0],), blind=unread)

    def _answer(self, name: SlotName, prompt: Prompt) -> Said:
        """What was asked, or what this caller does instead."""
        if name not in self.truth.values:
            return self._refuse(name, prompt)
        slot, again, chance, habits = (
            self.flow.slots[name],
            self._times.get(name, 0),
            self.rng.random,
            self.temper,
        )
        if not again and not self._looking and chance() < habits.forgets and slot.type is not SlotType.YES_NO:
            self._looking = True
            return Said(self.speech.one_of(asides.FORGOT), Doing.LOOK_UP, asked=prompt.asked)
        self._looking = False
        if (
            slot.type not in (SlotType.YES_NO, SlotType.LIST, SlotType.TEXT)
            and chance() < habits.backchannels
        ):
            return Said(self.speech.one_of(asides.BACKCHANNEL), Doing.BACKCHANNEL, asked=prompt.asked)
        if chance() < habits.swap + habits.confuses and (other := self._other(name)):
            plain = slot.type is SlotType.YES_NO  # "sure, and my name is ..." would answer it
            return Said(
                self.speech.with_asides(other[1], plain=plain), Doing.TELL, (other[0],), asked=prompt.asked
            )
        if slot.type in _SLIPS and not again and chance() < habits.slip_now + habits.slip_later:
            return self._slip(name, prompt)
        text, told = self.speech.answer(name, self._question, again=again), [name]
        while len(told) < 4 and not again and chance() < habits.extra and (other := self._other(*told)):
            told.append(other[0])
            text = f"{text} {other[1]}"
        plain = slot.type in (SlotType.YES_NO, SlotType.LIST) and len(told) == 1
        return Said(self.speech.with_asides(text, plain=plain), Doing.TELL, tuple(told), asked=prompt.asked)

    def _slip(self, name: SlotName, prompt: Prompt) -> Said:
        slot, habits = self.flow.slots[name], self.temper
        wrong = another(slot, name, self.truth.values[name], self.rng)
        if self.rng.random() * (habits.slip_now + habits.slip_later) < habits.slip_now:
            return Said(self.speech.slip(name, wrong), Doing.TELL, (name,), asked=prompt.asked)
        self._times[name] = self._times.get(name, 0) + 1
        self._told.append(name)
        return Said(self.speech.value(slot, wrong), Doing.TELL, (), {name: wrong}, asked=prompt.asked)

    def _other(self, *but: SlotName) -> tuple[SlotName, str] | None:
        """Something else that can be told, with the words for it."""
        for name in self.rng.sample(self.open, len(self.open)):
            if name not in but and (text := self.speech.volunteered(name)):
                return name, text
        return None

    def _refuse(self, name: SlotName, prompt: Prompt) -> Said:
        if name == self.truth.refused:
            return Said(self.speech.one_of(asides.REFUSAL), Doing.REFUSE, asked=prompt.asked)
        return Said(self.speech.one_of(asides.NONE_TO_GIVE), Doing.LACK, asked=prompt.asked)
