"""Whether words were said: word for word, or by meaning. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.adherence_facts import Mention, mentions, support_of
from reasoner.quote import sentences
from reasoner.terms import terms
from reasoner.types import Spoken
from reasoner.understand.words import words_of

MEANT = 0.5
"""Share of the words that carry meaning, from which on something counts as said by meaning."""
_NOT_SAID = math.inf


@dataclass(frozen=True, slots=True)
class Said:
    """Where words were found: letters of the text, and how many of them differ, 0..1."""

    begins: int
    ends: int
    errors: float = 0.0


@dataclass(frozen=True, slots=True)
class Speech:
    """What the agent said, piece by piece, and when."""

    pieces: tuple[Spoken, ...]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    def times(self, begins: int, ends: int) -> tuple[float, float]:
        """When these letters of `text` were spoken, as finely as the pieces tell."""
        at, start_s, end_s = 0, None, 0.0
        for piece in self.pieces:
            after = at + len(piece.text)
            if begins < after + 1 and ends > at:
                share = (piece.end_s - piece.start_s) / max(1, len(piece.text))
                if start_s is None:
                    start_s = piece.start_s + share * max(0, begins - at)
                end_s = piece.start_s + share * min(len(piece.text), ends - at)
            at = after + 1
        if start_s is None:
            last = self.pieces[-1].end_s if self.pieces else 0.0
            return last, last
        return round(start_s, 3), round(max(start_s, end_s), 3)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    begins: int
    ends: int


def _cut(text: str) -> list[_Word]:
    """Folded words with their letters; a text may have any number of them."""
    found: list[_Word] = []
    at = 0
    for sentence in sentences(text) if len(text) > 600 else [text]:
        place = text.find(sentence[:20], at)
        at = place if place >= 0 else at
        words = words_of(sentence)
        spans = zip(words.folded, words.spans, strict=True)
        found += (_Word(word, at + begin, at + end) for word, (begin, end) in spans)
    return found


def verbatim(text: str, wanted: str, language: str, misheard: float = 0.0) -> Said | None:
    """Where `wanted` was said word for word.

    Args:
        misheard: share of its words that may be others, as a recogniser hears them. Never a figure, a name's
            number or a word that denies; figures may be written as words.
    """
    heard, needed = _cut(text), [word.text for word in _cut(wanted)]
    if not needed:
        return Said(0, 0)
    said = [word.text for word in heard]
    for at in range(len(said) - len(needed) + 1):
        if said[at : at + len(needed)] == needed:
            return Said(heard[at].begins, _with_stop(text, heard[at + len(needed) - 1].ends))
    if not misheard:
        return None
    return _nearly(
        _with_figures(text, heard, language), _with_figures(wanted, _cut(wanted), language), misheard
    )


def _with_stop(text: str, ends: int) -> int:
    """The end of a sentence belongs to it."""
    return ends + (text[ends : ends + 1] in (".", "?", "!"))


def _with_figures(text: str, words: Sequence[_Word], language: str) -> list[_Word]:
    """The words with each figure, date and time as one word of its own, so that `20` and `twenty` are the same."""
    out: list[_Word] = []
    facts = [fact for fact in mentions(text, language) if fact.sort.value != "name"]
    for word in words:
        fact = next((f for f in facts if f.begins <= word.begins < f.ends), None)
        if fact is None:
            out.append(word)
        elif not out or out[-1].begins != fact.begins:
            out.append(_Word(f"#{_plain(fact)}", fact.begins, fact.ends))
    return out


def _plain(fact: Mention) -> str:
    return f"{fact.value:.10g}" if isinstance(fact.value, float) else f"{fact.value}"


def _nearly(heard: Sequence[_Word], wanted: Sequence[_Word], misheard: float) -> Said | None:
    """The stretch of `heard` with the fewest differences (Sellers 1980), if these are few enough."""
    most = misheard * len(wanted)
    # for each word of `wanted`: (differences, first word of the stretch) of the best stretch that ends here
    column: list[tuple[float, int]] = [(0.0, 0)]
    for needed in wanted:
        column.append((column[-1][0] + _missing(needed.text), 0))
    best: tuple[float, int, int] = (_NOT_SAID, 0, 0)
    for at, word in enumerate(heard):
        diagonal, column[0] = column[0], (0.0, at + 1)
        for row, needed in enumerate(wanted, start=1):
            same = 0.0 if needed.text == word.text else max(_missing(needed.text), _extra(word.text))
            swapped = (diagonal[0] + same, at if row == 1 else diagonal[1])
            dropped = (column[row - 1][0] + _missing(needed.text), column[row - 1][1])
            added = (column[row][0] + _extra(word.text), column[row][1])
            diagonal, column[row] = column[row], min(swapped, dropped, added)
        if column[-1][0] < best[0]:
            best = (column[-1][0], column[-1][1], at)
    errors, first, last = best
    if errors > most or first >= len(heard):
        return None
    # A stretch may not be chosen so that a word which denies falls just outside of it.
    around = [
        *heard[max(0, first - math.ceil(errors)) : first],
        *heard[last + 1 : last + 1 + math.ceil(errors)],
    ]
    if any(word.text in _denying() for word in around):
        return None
    return Said(heard[first].begins, heard[last].ends, errors / len(wanted))


def _missing(word: str) -> float:
    """What it costs not to hear a word of those wanted."""
    return _NOT_SAID if _weighs(word) else 1.0


def _extra(word: str) -> float:
    return _NOT_SAID if word in _denying() else 1.0


def _weighs(word: str) -> bool:
    return word.startswith("#") or word.isdecimal() or word in _denying()


def _denying() -> frozenset[str]:
    from reasoner.adherence_en import NEGATIONS

    return NEGATIONS


# --- by meaning ----------------------------------------------------------------------------------------------


def meant(text: str, wanted: str, language: str) -> float:
    """How much of what `wanted` means is in a text, 0..1; all of it where `wanted` carries no meaning."""
    needed = set(terms(wanted, language))
    if not needed:
        needed, said = {w.text for w in _cut(wanted)}, {w.text for w in _cut(text)}
    else:
        said = set(terms(text, language))
    return len(needed & said) / len(needed) if needed else 1.0


def values_said(text: str, wanted: str, language: str) -> bool:
    """Whether every figure, date and time of `wanted` is in a text, in whatever form."""
    needed = [fact for fact in mentions(wanted, language) if fact.sort.value != "name"]
    if not needed or verbatim(text, wanted, language) is not None:
        return True
    said = support_of((text,), language)
    return all(said.holds(fact) for fact in needed)


def says(text: str, wanted: str, language: str) -> bool:
    """Whether it was said by meaning: most of its words, and all of its figures."""
    return meant(text, wanted, language) >= MEANT and values_said(text, wanted, language)
