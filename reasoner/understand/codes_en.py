"""How codes are said in English: figures one by one, and letters with or without words for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.slot import Slot
from reasoner.understand.figures_en import (
    AND_FEW,
    FIGURE,
    HUNDREDS,
    ONE_TYPED,
    THOUSANDS,
    TWO_FIGURES,
    repeated,
)
from reasoner.understand.forms import ANY, Form, Rules, as_, either, many, maybe, seq, unspoken
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.spelling_en import LETTER, LETTER_AS_READ
from reasoner.understand.words import FIGURES, Words

MOST_GROUPS = 40
_SHORTEST_CODE = 2  # characters of a code in one piece: one alone is too easily a word

_O = phrases({}, {"o": "0"})
_BETWEEN = maybe(
    unspoken(
        said("and then", "then", "and", "dash", "hyphen", "space", "followed by", "point", "stroke", "slash")
    )
)


def _figures(zero: Form[str]) -> Form[str]:
    return either(
        repeated(either(FIGURE, unspoken(zero), ONE_TYPED)),
        unspoken(AND_FEW),
        HUNDREDS,
        THOUSANDS,
        TWO_FIGURES,
        Figures(lambda word: word if word.isascii() and word.isdecimal() else _plain(word)),
    )


def _plain(word: str) -> str | None:
    """`1,234` and `98.76` typed for figures."""
    figures = word.replace(",", "").replace(".", "")
    return figures if figures.isascii() and figures.isdecimal() else None


DIGITS: Form[str] = seq(
    many(seq(_BETWEEN, _figures(_O), make=lambda _, figures: figures), MOST_GROUPS), make="".join
)
"""Figures in any number: `oh seven`, `double four`, `twelve thirty four`."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A code as it is typed: letters and figures without a space, `AB-12`, or capitals, `QXRT`."""

    starts: frozenset[str] = frozenset({ANY})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, str]]:
        if at >= len(words) or (at > 0 and words.between(at) in _GLUE):
            return
        end = at + 1
        while end < len(words) and words.between(end) in _GLUE:
            end += 1
        written = (
            "".join(words.written[at:end]).replace("-", "").replace("/", "").replace(".", "").replace(",", "")
        )
        mixed = any(c.isdigit() for c in written) and any(c.isalpha() for c in written)
        before_figures = end < len(words) and words.keys[end] == FIGURES and words.between(end) == " "
        shortest = _SHORTEST_CODE if before_figures else _SHORTEST_CODE + 1
        capital = written.isupper() and written.isalpha() and len(written) >= shortest
        if written.isascii() and written.isalnum() and (mixed or capital):
            yield end, written.upper()

    def jsgf(self, rules: Rules) -> str:
        return ""


_GLUE = ("", "-", "/", ".", "_", "–")
_CAPITAL = maybe(unspoken(said("capital", "capital letter", "upper case", "uppercase", "big", "letter", "the letter", "lower case")))  # fmt: skip
_CHARACTER: Form[str] = either(
    Chunk(),
    seq(_CAPITAL, as_(str.upper, repeated(LETTER)), make=lambda _, letter: letter),
    unspoken(seq(_CAPITAL, as_(str.upper, repeated(LETTER_AS_READ)), make=lambda _, letter: letter)),
    _figures(phrases({}, {"o": "O"})),
)
_CODE: Form[str] = seq(many(seq(_BETWEEN, _CHARACTER, make=lambda _, text: text), MOST_GROUPS), make="".join)


def code_of(slot: Slot) -> Form[str]:
    """Letters and figures, upper case, as many as the slot can have."""
    most = slot.lengths[1]
    return seq(_CODE, make=lambda code: code if _SHORTEST_CODE <= len(code) <= most else None)
