"""A text that was read back, put right in the caller's own words: `no, it's the left one`, `my reason is a cough`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flows.slot import SlotType
from reasoner.types import Answer, Heard, Intent, SlotName, Waiting
from reasoner.understand.findings import SURE_READ
from reasoner.understand.forms import best
from reasoner.understand.pieces import Kind
from reasoner.understand.said import Said

_FEWEST_BARE = 3  # words behind a bare no: fewer are a part of it, or too easily misheard


@dataclass(frozen=True, slots=True)
class _Lead:
    """The words before a text.

    Attributes:
        denies: they say no.
        named: they name the slot.
        led: they end in leading over.
        whole: what follows is the text, whatever it begins with: `it's no good`.
    """

    end: int = 0
    denies: bool = False
    named: bool = False
    led: bool = False
    whole: bool = False


def reworded_in(said: Said) -> Iterable[Heard]:
    """At most one: behind a no, or with the name of its slot; where several were read back, only with that."""
    if said.waiting not in (Waiting.CONFIRMATION, Waiting.WHICH):
        return
    alone = len(said.asked) == 1 and said.waiting is Waiting.CONFIRMATION
    for name in said.asked:
        if said.expected.flow.slots[name].type is not SlotType.TEXT:
            continue
        lead = _lead_of(said, name)
        rest = len(said.words) - lead.end
        meant = lead.named or (alone and lead.denies)
        if meant and rest >= (1 if lead.led else _FEWEST_BARE) and not _is_other(said, lead.end):
            yield Heard(name, said.words.as_written(lead.end), SURE_READ, said.words.text())
            return


def _is_other(said: Said, end: int) -> bool:
    """Whether something else is wanted, or asked."""
    early = [piece for piece in said.pieces if piece.start <= end]
    wants = any(piece.kind is Kind.COMMAND and piece.value is not Intent.CORRECT for piece in early)
    return wants or any(piece.kind in (Kind.QUESTION, Kind.NEITHER) for piece in early)


def _lead_of(said: Said, name: SlotName) -> _Lead:
    lead = _Lead()
    while lead.end < len(said.words) and not lead.whole and (longer := _longer(said, name, lead)) is not None:
        lead = longer
    return lead


def _longer(said: Said, name: SlotName, lead: _Lead) -> _Lead | None:
    language, words = said.expected.language, said.words
    if (no := best(language.answers, words, lead.end)) is not None and no[1] is Answer.NO:
        return replace(lead, end=no[0], denies=True, led=False)
    if (correction := best(language.corrections, words, lead.end)) is not None:
        return replace(lead, end=correction[0], denies=True, led=True)
    if (label := _label(said, name, lead.end)) is not None:
        return label
    if (lead.denies or lead.named) and (its := best(language.its, words, lead.end)):
        return replace(lead, end=its[0], led=True, whole=True)
    opening = best(language.openings, words, lead.end)
    return None if opening is None else replace(lead, end=opening[0])


def _label(said: Said, name: SlotName, at: int) -> _Lead | None:
    """`my reason is`, `the reason is wrong`."""
    language, words = said.expected.language, said.words
    article = best(language.naming, words, at)
    label = best(said.expected.forms[name].name, words, article[0] if article else at)
    if label is None:
        return None
    if (wrong := best(language.wrong, words, label[0])) is not None:
        return _Lead(wrong[0], denies=True, named=True)
    its = best(language.its, words, label[0])
    return None if its is None else _Lead(its[0], named=True, led=True, whole=True)
