"""A length, or a number, in answer to the question whether it is more than another one, as it is said in English.

`For about an hour` to `has it been blinking for more than ten minutes`: yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.understand.amounts import Number
from reasoner.understand.amounts_en import NUMBER
from reasoner.understand.forms import Form, best, either, maybe, seq
from reasoner.understand.phrases import phrases, said
from reasoner.understand.words import Words, words_of

_MORE, _AT_LEAST, _LESS, _AT_MOST = "more", "at least", "less", "at most"
_THAN: Form[str] = phrases(
    {},
    dict.fromkeys(("more than", "over", "longer than", "older than", "greater than", "above", "for more than"), _MORE)
    | dict.fromkeys(("at least", "no less than"), _AT_LEAST)
    | dict.fromkeys(("less than", "under", "fewer than", "below", "younger than", "shorter than"), _LESS)
    | dict.fromkeys(
        ("at most", "no more than", "within", "within the last", "within the past", "in the last", "in the past", "during the last"),
        _AT_MOST,
    ),
)  # fmt: skip
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_UNITS: Form[int] = phrases(
    {},
    {
        f"{unit}{s}": seconds
        for unit, seconds in {
            "second": _SECOND, "minute": _MINUTE, "min": _MINUTE, "hour": _HOUR, "day": _DAY, "night": _DAY, "week": 7 * _DAY,
            "fortnight": 14 * _DAY, "month": 30 * _DAY, "year": 365 * _DAY,
        }.items()
        for s in ("", "s")
    },
)  # fmt: skip
_SINCE: Form[int] = phrases(
    {},
    {
        "yesterday": _DAY, "last night": _DAY, "the day before yesterday": 2 * _DAY, "today": 0, "this morning": 0, "just now": 0,
        "last week": 7 * _DAY, "last month": 30 * _DAY, "last year": 365 * _DAY, "half an hour": 30 * _MINUTE, "a quarter of an hour": 15 * _MINUTE,
        "a moment ago": 0, "all day": _DAY, "all night": _DAY, "all week": 7 * _DAY,
    },
)  # fmt: skip
_ABOUT = maybe(
    said("about", "around", "almost", "nearly", "maybe", "like", "only", "just", "roughly", "some", "for")
)


@dataclass(frozen=True, slots=True)
class _Amount:
    """`seconds`: what one of its unit has, None where it has no unit of time. `than`: `over a week` is more than that."""

    number: Number
    seconds: int | None
    than: str
    end: int


_COUNT: Form[Number] = either(NUMBER, phrases({}, {"a": 1, "an": 1, "one": 1, "a few": 3, "several": 4}))
_OF_TIME: Form[tuple[str, Number, int]] = either(
    seq(
        maybe(_THAN, ""),
        _ABOUT,
        maybe(_THAN, ""),
        _COUNT,
        _UNITS,
        make=lambda than, _, late, n, unit: (than or late, n, unit),
    ),
    seq(maybe(_THAN, ""), _SINCE, make=lambda than, seconds: (than, seconds, 1)),
)
_OF_NUMBER: Form[tuple[str, Number]] = seq(
    maybe(_THAN, ""), _ABOUT, NUMBER, make=lambda than, _, n: (than, n)
)


def compared(asked: str, told: Words) -> bool | None:
    """Whether what was told is so much as is asked for; None where nothing can be compared."""
    bounds = [amount for amount in _amounts(words_of(asked)) if amount.than]
    said_amounts = list(_amounts(told))
    if len(bounds) != 1 or len(said_amounts) != 1:
        return None
    bound, amount = bounds[0], said_amounts[0]
    if (bound.seconds is None) != (amount.seconds is None):
        # `Five`, to whether it is more than ten minutes
        if amount.seconds is not None or amount.end < len(told):
            return None
        return _holds(bound.than, amount.number, bound.number, amount.than)
    if bound.seconds is None or amount.seconds is None:
        return _holds(bound.than, amount.number, bound.number, amount.than)
    return _holds(bound.than, amount.number * amount.seconds, bound.number * bound.seconds, amount.than)


def _amounts(words: Words) -> Iterator[_Amount]:
    at = 0
    while at < len(words):
        if (timed := best(_OF_TIME, words, at)) is not None:
            at, (than, number, seconds) = timed
            yield _Amount(number, seconds, than, at)
        elif (bare := best(_OF_NUMBER, words, at)) is not None:
            at, (than, number) = bare
            yield _Amount(number, None, than, at)
        else:
            at += 1


def _holds(than: str, told: Number, bound: Number, told_than: str) -> bool | None:
    """`told_than`: of what was told only a bound is known, `over a week`; None where that does not tell."""
    more, less = told_than in (_MORE, _AT_LEAST), told_than in (_LESS, _AT_MOST)
    wants_more = than in (_MORE, _AT_LEAST)
    if more and told >= bound:
        return wants_more
    if less and told <= bound:
        return not wants_more
    if more or less:
        return None
    if told == bound:
        return than in (_AT_LEAST, _AT_MOST)
    return (told > bound) is wants_more
