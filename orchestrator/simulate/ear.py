"""What a caller makes of the agent's words: what is asked, what is claimed, whether to confirm, spell or wait.

A person on the phone understands plain questions. Here the flow's own questions stand in for that: an agent's
sentence is held against the words that the flow publishes for each slot. Nothing of the call's state is seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.schema import Flow
from flows.slot import Slot
from memory.types import Passage
from orchestrator.simulate.agreement import agrees, has
from orchestrator.simulate.people import fold
from orchestrator.simulate.published import filled, fixed, pattern_of, scripted
from orchestrator.simulate.reading import words
from reasoner.types import NamePart, SlotName, Value

_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n")
_FEW = frozenset(
    "a an the your you is are what which do does of for to and or please may can we i any be in it that".split()
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A value that the agent says is the caller's. `right`: None where the caller cannot make the value out."""

    slot: SlotName
    right: bool | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """The agent's turn, as understood.

    Attributes:
        asked: slots that are asked for, the last question last.
        claims: what is said of the caller's values.
        confirm: whether a yes or no to the claims is wanted.
        which: whether the caller is asked what is wrong.
        spell: the part of a name to be spelled, None where nothing is.
        there: "are you still there?". patience: the agent waits.
        closing: the call is being ended or handed over.
        text: the words.
    """

    text: str
    asked: tuple[SlotName, ...] = ()
    claims: tuple[Claim, ...] = ()
    confirm: bool = False
    which: bool = False
    spell: NamePart | None = None
    there: bool = False
    patience: bool = False
    closing: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether the caller knows what is wanted."""
        return bool(self.asked or self.confirm or self.which or self.spell or self.there or self.patience)


@dataclass(slots=True)
class Ear:
    """Hears the agent of one flow."""

    flow: Flow
    pages: Sequence[Passage] = ()
    _questions: list[tuple[re.Pattern[str], SlotName]] = field(init=False)
    _script: list[re.Pattern[str]] = field(init=False)

    def __post_init__(self) -> None:
        given = fixed(self.flow)
        asks = [
            (filled(text, given), name)
            for name, slot in self.flow.slots.items()
            for text in (slot.ask, *slot.again)
            if text
        ]
        asks.sort(key=lambda pair: -len(pair[0]))
        self._questions = [(pattern_of(text), name) for text, name in asks]
        known = {text for text in scripted(self.flow) if "{" not in text}
        known |= {one for page in self.pages for one in _SENTENCE.split(page.text) if len(one.split()) > 2}
        self._script = [pattern_of(text) for text in sorted(known, key=len, reverse=True)]

    def hear(
        self,
        text: str,
        truth: Mapping[SlotName, Value],
        told: Sequence[SlotName],
        open_: Sequence[SlotName],
        talked_of: SlotName = "",
    ) -> Prompt:
        """Understand a turn.

        Args:
            truth: what the caller knows.
            told: slots that the caller spoke of, the last one last.
            open_: slots that it was not asked for yet; preferred where two slots have the same question.
            talked_of: what was asked last. What is asked in the same words is that again, or belongs to it.
        """
        rest, asked = self._take_questions(text, open_, told, talked_of)
        for pattern in self._script:
            rest = pattern.sub("\n", rest)
        prompt = _Building()
        sentences = [sentence.strip() for sentence in _SENTENCE.split(rest) if sentence and sentence.strip()]
        for sentence in sentences:
            self._sentence(sentence, prompt, truth, told, talked_of)
        if prompt.confirm and not prompt.claims and told:
            prompt.claim(told[-1], agrees(self.flow.slots[told[-1]], truth.get(told[-1]), rest))
        asked += [name for name in prompt.asked if name not in asked]
        return Prompt(
            text,
            tuple(asked),
            tuple(prompt.claims.values()),
            prompt.confirm and not prompt.which,
            prompt.which,
            prompt.spell,
            "still there" in fold(text),
            "take your time" in fold(text) and not asked,
            any(word in fold(text) for word in ("goodbye", "connect you", "transfer you", "put you through")),
        )

    def _take_questions(
        self, text: str, open_: Sequence[SlotName], told: Sequence[SlotName], talked_of: SlotName
    ) -> tuple[str, list[SlotName]]:
        """The text without the flow's questions, and the slots they ask for in the order they were said."""
        around = talked_of.rpartition(".")[0]

        def likely(name: SlotName) -> int:
            """How much the talk is of this one of several that have the same question."""
            if name == talked_of:
                return 4
            beside = bool(around) and name.rpartition(".")[0] == around
            return 3 if beside and name not in told else 2 if name in open_ else int(beside)

        taken: dict[int, SlotName] = {}
        spans: list[tuple[int, int]] = []
        for pattern, name in self._questions:
            for match in pattern.finditer(text):
                at = match.start()
                if any(
                    start <= at and match.end() <= end and (start, end) != match.span()
                    for start, end in spans
                ):
                    continue  # `how did it end` is the end of a longer question
                spans.append(match.span())
                if at not in taken or likely(name) > likely(taken[at]):
                    taken[at] = name
        for pattern, _ in self._questions:
            text = pattern.sub(lambda match: "\n" * len(match[0]), text)
        return text, [name for _, name in sorted(taken.items())]

    def _sentence(
        self,
        sentence: str,
        prompt: _Building,
        truth: Mapping[SlotName, Value],
        told: Sequence[SlotName],
        talked_of: SlotName,
    ) -> None:
        said = words(sentence)
        about = self._about(sentence, talked_of)
        if (
            "spell" in said
            or "spelled" in said[:3]
            or ("letter" in said and "?" not in sentence and "by" in said)
        ):
            prompt.spell = _part(said)
        if _asks_which(sentence, said):
            prompt.which = True
            return
        if "?" in sentence and {"right", "correct", "true"} & set(said):
            prompt.confirm = True
        elif "?" in sentence:
            prompt.asked += about[:1] or self._alike(said)
            return
        elif prompt.spell is not None and "spelled" not in said:
            return
        self._claims(sentence, about, prompt, truth, told)

    def _claims(
        self,
        sentence: str,
        about: Sequence[SlotName],
        prompt: _Building,
        truth: Mapping[SlotName, Value],
        told: Sequence[SlotName],
    ) -> None:
        for name in about:
            right = agrees(self.flow.slots[name], truth.get(name), sentence)
            states = _states(sentence, self.flow.slots[name])
            if name not in truth and states:
                right = False
            if right is None and not states:
                continue  # it is only mentioned: `bring a list of your medicines`
            prompt.claim(name, right)
        if not about:
            for name in reversed(told):
                if name in truth and agrees(self.flow.slots[name], truth[name], sentence) is True:
                    prompt.claim(name, True)

    def _about(self, sentence: str, talked_of: SlotName) -> list[SlotName]:
        """The slots that a sentence names, by label or by how it says a yes, a no or nothing; longest first.

        Of several that are called the same it is the one that is talked of, or one beside it.
        """
        left = f" {' '.join(words(sentence))} "
        found: list[SlotName] = []
        for phrase, name in self._phrases(talked_of):
            written = f" {' '.join(words(phrase))} "
            if len(written) > 3 and written in left:
                found.append(name)
                left = left.replace(written, " | ", 1)
        return list(dict.fromkeys(found))

    def _phrases(self, talked_of: SlotName) -> list[tuple[str, SlotName]]:
        pairs = [
            (phrase, name)
            for name, slot in self.flow.slots.items()
            if slot.asked_for
            for phrase in (slot.label, slot.yes, slot.no, slot.none)
            if phrase
        ]
        around = talked_of.rpartition(".")[0]

        def far(pair: tuple[str, SlotName]) -> tuple[int, bool, bool]:
            phrase, name = pair
            return -len(phrase), name != talked_of, name.rpartition(".")[0] != around

        return sorted(pairs, key=far)

    def _alike(self, said: Sequence[str]) -> list[SlotName]:
        """The slot whose question shares most of its words with what was said, if it is most of them."""
        best, share = "", 0.6
        for name, slot in self.flow.slots.items():
            for text in (slot.ask, *slot.again):
                wanted = set(words(text)) - _FEW
                if wanted and (common := len(wanted & set(said)) / len(wanted)) > share:
                    best, share = name, common
        return [best] if best else []


@dataclass(slots=True)
class _Building:
    asked: list[SlotName] = field(default_factory=list)
    claims: dict[SlotName, Claim] = field(default_factory=dict)
    confirm: bool = False
    which: bool = False
    spell: NamePart | None = None

    def claim(self, slot: SlotName, right: bool | None) -> None:
        """What was made out stands against a sentence that says nothing; a wrong value against a right one."""
        before = self.claims.get(slot)
        if before is None or before.right is None or right is False:
            self.claims[slot] = Claim(slot, right)


def _asks_which(sentence: str, said: Sequence[str]) -> bool:
    asks = said[:1] in (["what"], ["which"]) or {"what", "which"} & set(said[:4])
    wrong = {"wrong", "change", "incorrect"} & set(said) or (
        "not" in said and {"right", "correct"} & set(said)
    )
    return "?" in sentence and bool(asks) and bool(wrong)


def _part(said: Sequence[str]) -> NamePart:
    if {"last", "family", "surname"} & set(said):
        return NamePart.FAMILY
    return NamePart.GIVEN if {"first", "given"} & set(said) else NamePart.WHOLE


def _states(sentence: str, slot: Slot) -> bool:
    """Whether a value is said of a slot that the caller gave none for; `I need your number` says none."""
    said = set(words(sentence))
    nothing = (bool(slot.none) and has(slot.none, sentence)) or bool({"no", "none", "not"} & said)
    return has(slot.label, sentence) and bool({"is", "are"} & said) and not nothing
