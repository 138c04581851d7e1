"""What the agent really said, held against what it had to say and what it may say. Pure.

Said were the words whose sound was played to the caller. Where a recogniser listens to the agent's own voice, what had
to be said has to be in its words too; a text that was never heard proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.schema import Flow
from flows.steering import Check
from reasoner.acts import (
    Act,
    Ask,
    AskSpelling,
    AskWhich,
    Correct,
    Dictated,
    Disclose,
    Echo,
    Greet,
    ReadBack,
    Say,
    SayLine,
    Tell,
)
from reasoner.adherence_asked import greeting_in, is_asked, is_confirmed, is_spelling_asked, is_which_asked
from reasoner.adherence_facts import Mention, Sort, Support, facts, known, mentions, support_of
from reasoner.adherence_words import MEANT, Said, Speech, meant, says, values_said, verbatim
from reasoner.events import AgentSpoke
from reasoner.quote import sentences
from reasoner.reply import disclosure_sentences, reply_lines, say, spoken
from reasoner.state import GoalState
from reasoner.tongue import tongue
from reasoner.types import Finding, SlotState, Spoken, Strays

ANSWERED = 0.4
"""Share of a passage's sentence that an answer by meaning has."""

_LOOSE = frozenset({"wait", "busy", "not_known"})
"""Lines that any friendly words may stand for."""

UNTRUE = frozenset({Strays.CLAIMED, Strays.UNSUPPORTED})
LEFT_OUT = frozenset({Strays.NOT_ASKED, Strays.NOT_SAID, Strays.NOT_DISCLOSED})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that strayed. `act`: what had to be said, None where something was said that must not be."""

    finding: Finding
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a reply so far, as the model wrote them and as they were heard.

    Attributes:
        voice: None where nobody listens to the agent's own voice.
    """

    flow: Flow
    state: GoalState
    event: AgentSpoke
    speech: Speech
    voice: Speech | None

    @property
    def language(self) -> str:
        return self.flow.language

    @property
    def texts(self) -> tuple[str, ...]:
        """In all of them has to be what had to be said."""
        return (self.speech.text,) if self.voice is None else (self.speech.text, self.voice.text)

    def finding(self, kind: Strays, about: str, said: Said | Mention | None = None) -> Finding:
        """With the words as evidence: those of `said`, else all."""
        begins, ends = (said.begins, said.ends) if said is not None else (0, len(self.speech.text))
        start_s, end_s = self.speech.times(begins, ends)
        text = self.speech.text[begins:ends] if said is not None else self.speech.text
        sure = self.event.heard_confidence if self.voice is not None else 1.0
        return Finding(
            kind, about, text, start_s, end_s, self.event.revision, round(sure, 3), self.voice is not None
        )


def hear(flow: Flow, state: GoalState, event: AgentSpoke) -> Heard:
    """The words of an event, ready to be judged."""
    whole = (Spoken(event.text, event.start_s, event.end_s),)
    speech = Speech(event.words or whole)
    voice = None if event.heard is None else Speech((Spoken(event.heard, event.start_s, event.end_s),))
    return Heard(flow, state, event, speech, voice)


# --- what must not be said -----------------------------------------------------------------------------------


def untrue(heard: Heard) -> Iterator[Fault]:
    """Forbidden claims, and facts that nothing supports. Of words that go on, a fact at their end is not whole yet."""
    checks = heard.flow.steering.check
    if Check.CLAIMS in checks:
        yield from _claims(heard)
    if Check.FACTS in checks:
        yield from _facts(heard)


def _claims(heard: Heard) -> Iterator[Fault]:
    written = " ".join(line.text for line in reply_lines(heard.flow, heard.state))
    for claim in heard.flow.never_say:
        for text in heard.texts:
            said = verbatim(text, claim, heard.language)
            if said is not None and verbatim(written, claim, heard.language) is None:
                where = said if text is heard.speech.text else None
                yield Fault(heard.finding(Strays.CLAIMED, claim, where))
                break


def _facts(heard: Heard) -> Iterator[Fault]:
    may: Support | None = None
    for speech in filter(None, (heard.speech, heard.voice)):
        for sentence in sentences(speech.text):
            found = facts(sentence, heard.language)
            if not found:
                continue
            may = may or known(heard.flow, heard.state)
            # An ear writes no full stops: figures of two sentences run together in the right words, too.
            written = () if speech is heard.speech else (_as_heard(heard.speech.text),)
            allowed = may | support_of(written, heard.language)
            for fact in found:
                whole = heard.event.over or fact.ends < len(sentence.rstrip(" .!?,"))
                if whole and not allowed.holds(fact):
                    at = max(0, speech.text.find(sentence)) + fact.begins
                    where = Said(at, at + fact.ends - fact.begins) if speech is heard.speech else None
                    yield Fault(heard.finding(Strays.UNSUPPORTED, fact.sort.value, where))


def _as_heard(text: str) -> str:
    return " ".join(re.findall(r"[\w$€£@'’]+", text)).lower()


def greeted_again(heard: Heard) -> Finding | None:
    """A greeting that nobody asked for, once the call has begun."""
    if Check.GREETING not in heard.flow.steering.check or heard.state.turns == 0:
        return None
    if any(isinstance(act, Greet) for act in heard.state.acts):
        return None
    words = greeting_in(heard.flow, heard.speech.text)
    written = " ".join(line.text for line in reply_lines(heard.flow, heard.state)).casefold()
    if not words or words.casefold() in written:
        return None
    at = heard.speech.text.find(words)
    return heard.finding(Strays.GREETED_AGAIN, "greeting", Said(at, at + len(words)))


# --- what had to be said -------------------------------------------------------------------------------------


def left_out(heard: Heard) -> Iterator[Fault]:
    """What the reply had to say and did not. Disclosures are judged by `disclosed`."""
    if Check.LINES not in heard.flow.steering.check:
        return
    for act in heard.state.acts:
        if not all(_is_said(heard, act, text) for text in heard.texts):
            kind = Strays.NOT_ASKED if is_question(act) else Strays.NOT_SAID
            yield Fault(heard.finding(kind, about(act)), act)


def disclosed(heard: Heard, name: str, since: int = 0) -> tuple[tuple[Said, ...], bool]:
    """The sentences of a disclosure that were said word for word from `since` on, one after the other, and whether
    all were."""
    flow, misheard = heard.flow, heard.flow.steering.misheard
    wanted = disclosure_sentences(flow, heard.state, name)[since:]
    found: list[Said] = []
    for sentence in wanted:
        said = verbatim(heard.speech.text, sentence, heard.language)
        voiced = (
            heard.voice is None or verbatim(heard.voice.text, sentence, heard.language, misheard) is not None
        )
        if said is None or not voiced:
            break
        found.append(said)
    return tuple(found), len(found) == len(wanted)


def was_said(heard: Heard, line: Say) -> bool:
    """Whether a line of the script was said to its end."""
    return all(_is_said(heard, line, text) for text in heard.texts)


def is_question(act: Act) -> bool:
    return isinstance(act, Ask | AskSpelling | ReadBack | AskWhich)


def about(act: Act) -> str:
    """What an act is about, as a finding names it."""
    match act:
        case Ask(slot=name) | AskSpelling(slot=name):
            return name
        case ReadBack(slots=names) | Echo(slots=names) | AskWhich(slots=names):
            return ",".join(names)
        case SayLine(line=line):
            return line
        case Disclose(name=name):
            return name
        case _:
            return act.kind


def _is_said(heard: Heard, act: Act, text: str) -> bool:
    flow, state, language = heard.flow, heard.state, heard.language
    match act:
        case Ask():
            wanted = " ".join(say(tongue(language), flow, state, act))
            return is_asked(flow, act.slot, wanted, text)
        case AskSpelling():
            return is_spelling_asked(" ".join(say(tongue(language), flow, state, act)), text, language)
        case AskWhich():
            return is_which_asked(text, language)
        case ReadBack(slots=names):
            return _values_said(heard, names, text) and is_confirmed(text, language)
        case Echo(slots=names):
            return _values_said(heard, names, text)
        case Tell():
            return _is_told(heard, act, text)
        case Say(how="verbatim") | Dictated():
            wanted = " ".join(say(tongue(language), flow, state, act))
            voiced = heard.voice is not None and text is not heard.speech.text
            return verbatim(text, wanted, language, flow.steering.misheard if voiced else 0.0) is not None
        case SayLine(line=line) if line in _LOOSE:
            return True
        case Say(how="paraphrase") | SayLine() | Greet() | Correct():
            return says(text, " ".join(say(tongue(language), flow, state, act)), language)
        case _:
            return True


def _values_said(heard: Heard, names: Iterable[str], text: str) -> bool:
    return all(_value_said(heard, name, text) for name in names)


def _value_said(heard: Heard, name: str, text: str) -> bool:
    flow, held = heard.flow, heard.state.slots.get(name, SlotState())
    if name not in flow.slots or held.value is None:
        return True
    wanted = spoken(flow.slots[name], held.value, flow.language)
    if any(fact.sort is not Sort.NAME for fact in mentions(wanted, flow.language)):
        return values_said(text, wanted, flow.language)
    return meant(text, wanted, flow.language) >= MEANT


def _is_told(heard: Heard, act: Tell, text: str) -> bool:
    """Whether the caller's question was answered from what was found. That nothing was found may be said in any way."""
    if not act.passages:
        return True
    wanted = " ".join(say(tongue(heard.language), heard.flow, heard.state, act))
    if meant(text, wanted, heard.language) >= ANSWERED:
        return True
    pages = (
        one for passage in act.passages for one in sentences(passage.text) if len(re.findall(r"\w+", one)) > 3
    )
    return any(meant(text, one, heard.language) >= ANSWERED for one in pages)
