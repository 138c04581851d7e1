"""An answer to an earlier question, taken back: `no, I meant everything is down`.

Nobody brings such an answer up of their own accord, so it counts only behind words that take something back, and
only for a question that was answered on the way to where the call is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.slot import Slot, SlotType
from reasoner.types import Answer, Heard, Intent, SlotName, Value, Waiting
from reasoner.understand.choices import closest
from reasoner.understand.denied import none_of
from reasoner.understand.echo import echo_of
from reasoner.understand.entries import is_question
from reasoner.understand.forms import best
from reasoner.understand.language import takes_yes_or_no
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.said import Said
from reasoner.understand.words import words_of

_SURE_NAMED = 0.8
_MOST_WORDS = 24  # of an utterance that takes an answer back


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is said beside the words that take back: one run of words behind another."""

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def earlier_in(said: Said, values: dict[SlotName, Heard], *, nearly: bool) -> Iterable[Heard]:
    """At most one: the answer that fits best, of the question that was answered last where several do.

    `nearly`: in other words than the flow's, or a bare yes or no; else only in the words of the flow.
    """
    if not _takes_back(said) or len(said.words) > _MOST_WORDS or said.of(Kind.QUESTION):
        return
    if any(piece.slot in said.asked for piece in said.of(Kind.VALUE)) or values.keys() & set(said.asked):
        return  # what is asked now comes first
    names = [name for name in answered_on_the_way(said) if name not in said.asked and name not in values]
    rest = _Rest(tuple(_beside(said)))
    if not names or not rest.words:
        return
    for find in (_meant, _nearly) if nearly else (_stated, _echoed):
        for name in names:
            found = find(said, name, rest)
            if found is not None and found[0] != said.slot(name).value:
                yield Heard(name, found[0], found[1], said.words.text())
                return


def answered_on_the_way(said: Said) -> list[SlotName]:
    """The questions whose answers led to where the call is, the last one first."""
    flow = said.expected.flow
    known = (name for name in reversed(said.state.path) if name in flow.slots and is_question(flow, name))
    return [name for name in known if said.slot(name).value is not None]


def _takes_back(said: Said) -> bool:
    if any(_is_sign(piece) or _is_sorry(said, piece) for piece in said.pieces):
        return True
    asks_yes_no = any(_takes_no(said, _slot(said, name)) for name in said.asked)
    begins = said.pieces[:1]
    leads = bool(begins) and begins[0].kind is Kind.ANSWER and begins[0].value is Answer.NO
    return leads and said.waiting is Waiting.ANSWER and not asks_yes_no and len(said.pieces) > 1


def _takes_no(said: Said, slot: Slot) -> bool:
    return takes_yes_or_no(slot) or (
        slot.type is SlotType.CHOICE and none_of(slot, said.expected.language) is not None
    )


def _is_sign(piece: Piece) -> bool:
    return piece.kind is Kind.CORRECTION or (piece.kind is Kind.COMMAND and piece.value is Intent.CORRECT)


def _is_sorry(said: Said, piece: Piece) -> bool:
    """`I'm sorry, the table ...`: which alone wants to hear something again."""
    if piece.kind is not Kind.COMMAND or piece.value is not Intent.REPEAT or piece.start:
        return False
    found = best(said.expected.language.corrections, said.words, piece.start)
    return found is not None and found[0] == piece.end < len(said.words)


def _beside(said: Said) -> Iterator[str]:
    for piece in said.pieces:
        denies = piece.kind is Kind.ANSWER and piece.value is Answer.NO and not piece.start
        if piece.kind not in (Kind.CORRECTION, Kind.COMMAND, Kind.OPENING) and not denies:
            yield from said.words.folded[piece.start : piece.end]


def _slot(said: Said, name: SlotName) -> Slot:
    return said.expected.flow.slots[name]


Found = tuple[Value, float] | None


def _stated(said: Said, name: SlotName, rest: _Rest) -> Found:
    """A value of the question in the flow's words; the one that it had may stand beside it: `red, not green`."""
    slot = _slot(said, name)
    if not _is_whole(said, slot, rest):
        return None
    pairs = [(words_of(p).folded, label) for label, more in slot.values.items() for p in (label, *more)]
    left, labels = rest.words, []
    for phrase, label in sorted(pairs, key=lambda pair: -len(pair[0])):
        at = _place(phrase, left)
        if at is not None and not (takes_yes_or_no(slot) and label in (*Answer,) and phrase == (label,)):
            left = (*left[:at], "", *left[at + len(phrase) :])
            labels.append(label)
    now = said.slot(name).value
    held = (Answer.YES if now else Answer.NO) if slot.type is SlotType.YES_NO else now
    new = [label for label in dict.fromkeys(labels) if label != held]
    if len(new) != 1:
        return None
    return (new[0] == Answer.YES if slot.type is SlotType.YES_NO else new[0]), _SURE_NAMED


def _place(phrase: tuple[str, ...], within: tuple[str, ...]) -> int | None:
    size = len(phrase)
    return next((at for at in range(len(within) - size + 1) if within[at : at + size] == phrase), None)


def _is_whole(said: Said, slot: Slot, rest: _Rest) -> bool:
    """Beside a question for the caller's own words, nothing may be said but the answer taken back and its question."""
    if not said.expected.takes_prose:
        return True
    keywords = said.expected.language.keywords
    own = " ".join((slot.ask, slot.label, *slot.values, *(p for more in slot.values.values() for p in more)))
    return keywords(rest.text) <= keywords(own)


def _echoed(said: Said, name: SlotName, rest: _Rest) -> Found:
    """In the words of a yes or no question: `the light is on`. Not in words that the open question has as well."""
    slot, language = _slot(said, name), said.expected.language
    if not takes_yes_or_no(slot) or not _is_whole(said, slot, rest):
        return None
    alike = (_slot(said, one) for one in said.asked)
    now_asked = " ".join(one.ask for one in alike if takes_yes_or_no(one))
    told, theirs = language.keywords(rest.text), language.keywords(f"{slot.ask} {slot.label}")
    if not (told & theirs) - language.keywords(now_asked):
        return None
    answer = echo_of(slot, rest.words, language)
    return _as_value(slot, answer)


def _meant(said: Said, name: SlotName, rest: _Rest) -> Found:
    """`I meant yes`: to the question before, where the open one takes no yes."""
    slot = _slot(said, name)
    if not takes_yes_or_no(slot) or any(takes_yes_or_no(_slot(said, one)) for one in said.asked):
        return None
    # The no that leads over to what is meant is no answer: `no, just dinner`.
    answers = {p.value for p in said.of(Kind.ANSWER) if p.start or p.value is not Answer.NO}
    if len(rest.words) > 2 or name != answered_on_the_way(said)[0]:
        return None
    told = [word for word in rest.words if word in (*Answer,)] or [str(one) for one in answers]
    return _as_value(slot, Answer(told[-1])) if told and said.waiting is Waiting.ANSWER else None


def _nearly(said: Said, name: SlotName, rest: _Rest) -> Found:
    """In other words than the flow's."""
    slot = _slot(said, name)
    if slot.type is not SlotType.CHOICE or said.expected.takes_prose or said.doubtful:
        return None
    words = said.expected.language.keywords(rest.text)
    found = closest(slot, said.expected.options(name), words, rest.text, partly=True)
    return None if found is None or len(found[0]) != 1 else (found[0][0], found[1])


def _as_value(slot: Slot, answer: Answer | None) -> Found:
    if answer is None:
        return None
    if slot.type is SlotType.YES_NO:
        return answer is Answer.YES, _SURE_NAMED
    return (answer.value, _SURE_NAMED) if answer.value in slot.values else None
