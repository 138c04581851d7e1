"""How codes are said in English: figures one by one, and letters with or without words for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.slot import Slot
from reasoner.understand.forms import (
    ANY,
    Figures,
    Form,
    Rules,
    either,
    many,
    maybe,
    phrases,
    rule,
    said,
    seq,
    unspoken,
)
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS
from reasoner.understand.spelling_en import LETTER, LETTER_AS_READ
from reasoner.understand.words import FIGURES, Words

MOST_GROUPS = 40
_SHORTEST_CODE = 2  # characters of a code in one piece: one alone is too easily a word

_FIGURE: Form[str] = rule(
    "figure", phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}, {"nought": "0", "null": "0"})
)
_O = phrases({}, {"o": "0"})
_TIMES: Form[int] = phrases({"double": 2, "triple": 3}, {"treble": 3, "quadruple": 4})
_TWO_FIGURES = {words: str(n) for words, n in CARDINALS.items() if n >= 10}
_BETWEEN = maybe(
    unspoken(
        said("and then", "then", "and", "dash", "hyphen", "space", "followed by", "point", "stroke", "slash")
    )
)


def _figures(zero: Form[str]) -> Form[str]:
    one = either(_FIGURE, unspoken(zero))
    return either(
        seq(maybe(_TIMES, 1), one, make=lambda times, figure: figure * times),
        seq(phrases(dict(ONES)), said("hundred"), make=lambda n, _: f"{n}00"),
        seq(phrases(dict(ONES)), said("thousand"), make=lambda n, _: f"{n}000"),
        phrases(_TWO_FIGURES),
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
_CHARACTER: Form[str] = either(
    Chunk(),
    seq(maybe(_TIMES, 1), LETTER, make=lambda times, letter: letter.upper() * times),
    unspoken(seq(maybe(_TIMES, 1), LETTER_AS_READ, make=lambda times, letter: letter.upper() * times)),
    _figures(phrases({}, {"o": "O"})),
)
_CODE: Form[str] = seq(many(seq(_BETWEEN, _CHARACTER, make=lambda _, text: text), MOST_GROUPS), make="".join)


def code_of(slot: Slot) -> Form[str]:
    """Letters and figures, upper case, as many as the slot can have."""
    most = slot.lengths[1]
    return seq(_CODE, make=lambda code: code if _SHORTEST_CODE <= len(code) <= most else None)
