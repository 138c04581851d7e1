"""How a date is said in American English: month before day, in words or figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.understand.dates import EARLIEST_YEAR, LATEST_YEAR, DateParts
from reasoner.understand.forms import Form, Rules, either, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS, ONES, ORDINALS, TEENS, TENS, ZEROS
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.words import FIGURES, Words

MONTHS = {
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}
_SHORT = {name[:3]: number for name, number in MONTHS.items() if name != "may"} | {"sept": 9}

_ORDINAL_FIGURES = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_DATE_FIGURES = re.compile(r"(\d+)[/.\-](\d+)[/.\-](\d+)")


def _figures_between(low: int, high: int, *widths: int) -> Form[int]:
    def make(word: str) -> int | None:
        return int(word) if word.isdecimal() and len(word) in widths and low <= int(word) <= high else None

    return Figures(make)


def _ordinal_figures(word: str) -> int | None:
    match = _ORDINAL_FIGURES.fullmatch(word)
    return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None


def _date_figures(word: str) -> DateParts | None:
    """`03/14/1986` and `1986-03-14`; day and month change places where only that is a date."""
    if re.fullmatch(r"\d{8}", word):
        word = f"{word[:2]}/{word[2:4]}/{word[4:]}"
    match = _DATE_FIGURES.fullmatch(word)
    if not match:
        return None
    first, second, third = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        return DateParts(year=first, month=second, day=third)
    days_first = "." in word and second <= 12  # with dots, the day comes first wherever dates are written so
    if days_first or first > 12 >= second:
        first, second = second, first
    return DateParts(year=third, month=first, day=second)


def _below(limit: int) -> dict[str, int]:
    return {words: n for words, n in CARDINALS.items() if n <= limit}


MONTH: Form[int] = rule("month", phrases(MONTHS, _SHORT))
ORDINAL: Form[int] = rule("nth", either(phrases(ORDINALS), Figures(_ordinal_figures)))
_DAY: Form[int] = either(ORDINAL, rule("day", phrases(_below(31))), _figures_between(1, 31, 1, 2))

_LEADING_ZERO: Form[int] = seq(phrases(ZEROS), phrases(ONES), make=lambda _, one: one)
_MONTH_NUMBER: Form[int] = rule("month_number", either(phrases(_below(12)), _LEADING_ZERO))
_DAY_NUMBER: Form[int] = rule("day_number", either(phrases(_below(31)), _LEADING_ZERO))

_TENS_ONES: Form[int] = seq(phrases(TENS), maybe(phrases(ONES), 0), make=lambda tens, one: tens + one)
_TWO_FIGURES: Form[int] = rule("two_figures", either(phrases(TEENS), _TENS_ONES, _LEADING_ZERO))
_CENTURY = phrases({"nineteen": 1900, "twenty": 2000})
_THOUSAND: Form[int] = seq(
    phrases({"two thousand": 2000}),
    maybe(said("and")),
    maybe(either(phrases(ONES), phrases(TEENS), _TENS_ONES), 0),
    make=lambda thousand, _, rest: thousand + rest,
)
YEAR: Form[int] = rule(
    "year",
    either(
        seq(_CENTURY, _TWO_FIGURES, make=lambda century, rest: century + rest),
        _THOUSAND,
        phrases({"nineteen hundred": 1900}),
        _figures_between(EARLIEST_YEAR, LATEST_YEAR, 4),
    ),
)
_CENTURY_ALONE = (19, 20)
"""As a year of two figures these are the beginning of one of four."""

_SHORT_YEAR: Form[int] = seq(_TWO_FIGURES, make=lambda year: None if year in _CENTURY_ALONE else year)
_ANY_YEAR: Form[int] = rule("any_year", either(YEAR, _SHORT_YEAR, _figures_between(0, 99, 2)))

_SO_FAR: Form[int] = either(
    _LEADING_ZERO,
    phrases(TEENS),
    seq(phrases({"twenty": 20}), maybe(phrases(ONES), 0), make=lambda tens, one: tens + one),
)
_PAST_YEAR: Form[int] = rule(
    "past_year",
    either(
        seq(phrases({"nineteen": 1900}), _TWO_FIGURES, make=lambda century, rest: century + rest),
        phrases({"nineteen hundred": 1900}),
        seq(phrases({"twenty": 2000}), _SO_FAR, make=lambda century, rest: century + rest),
        seq(
            phrases({"two thousand": 2000}),
            maybe(said("and")),
            maybe(either(phrases(ONES), _SO_FAR), 0),
            make=lambda thousand, _, rest: thousand + rest,
        ),
        unspoken(YEAR),
    ),
)
_ANY_PAST_YEAR: Form[int] = rule("any_past_year", either(_PAST_YEAR, _SHORT_YEAR, unspoken(_ANY_YEAR)))
"""The same years. A recogniser is not offered those of a future that nobody was born in: `twenty forty seven` sounds
like `nineteen forty seven`."""

_THE = maybe(said("the"))
_OF = maybe(unspoken(said("of", "in", "and")))

_NTH_MONTH: Form[int] = phrases({words: n for words, n in ORDINALS.items() if n <= 12})
_NAMED_DAY: tuple[Form[DateParts], ...] = (
    seq(MONTH, _THE, _DAY, make=lambda month, _, day: DateParts(month=month, day=day)),
    seq(_THE, ORDINAL, said("of"), MONTH, make=lambda _, day, __, month: DateParts(month=month, day=day)),
    unspoken(
        seq(
            _THE,
            ORDINAL,
            said("of the"),
            _NTH_MONTH,
            make=lambda _, day, __, month: DateParts(month=month, day=day),
        )
    ),
)
_DAY_FIRST: Form[DateParts] = unspoken(
    seq(_DAY, MONTH, make=lambda day, month: DateParts(month=month, day=day))
)
_SLASHED_ALOUD: Form[DateParts] = unspoken(
    seq(
        _MONTH_NUMBER,
        said("slash", "dash"),
        _DAY_NUMBER,
        maybe(said("slash", "dash")),
        make=lambda month, _, day, __: DateParts(month=month, day=day),
    )
)
_MONTH_DAY: Form[DateParts] = rule(
    "month_day",
    either(
        *_NAMED_DAY,
        seq(_MONTH_NUMBER, _DAY_NUMBER, make=lambda month, day: DateParts(month=month, day=day)),
        _SLASHED_ALOUD,
        _DAY_FIRST,
    ),
)


def _with_year(parts: DateParts, _: object, year: int | None) -> DateParts:
    return DateParts(year, parts.month, parts.day)


@dataclass(frozen=True, slots=True)
class _Slashed:
    """`3/14`, typed: a month and a day."""

    starts: frozenset[str] = frozenset({FIGURES})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, DateParts]]:
        if at + 1 < len(words) and words.between(at + 1) == "/":
            first, second = words.folded[at : at + 2]
            if first.isdecimal() and second.isdecimal() and len(first) < 3 and len(second) < 3:
                month, day = int(first), int(second)
                month, day = (day, month) if month > 12 >= day else (month, day)
                if 1 <= month <= 12 and 1 <= day <= 31:
                    yield at + 2, DateParts(month=month, day=day)

    def jsgf(self, rules: Rules) -> str:
        return ""


def _date(year: Form[int]) -> Form[DateParts]:
    return either(
        _Slashed(),
        seq(_MONTH_DAY, _OF, maybe(year), make=_with_year),
        Figures(_date_figures),
        unspoken(
            seq(
                maybe(said("in")),
                YEAR,
                maybe(said("on", "the")),
                _MONTH_DAY,
                make=lambda _, year, __, parts: _with_year(parts, None, year),
            )
        ),
        unspoken(seq(_MONTH_DAY, _OF, _CENTURY, make=lambda parts, *_: parts)),
        unspoken(seq(MONTH, make=lambda month: DateParts(month=month))),
    )


DATE = _date(_ANY_YEAR)
"""A date, perhaps without its year; a month alone is the beginning of one."""

PAST_DATE = _date(_ANY_PAST_YEAR)
"""One that has been, such as a date of birth."""

DATE_TOLD: Form[DateParts] = either(
    _Slashed(),
    seq(either(*_NAMED_DAY, _DAY_FIRST), _OF, maybe(_ANY_YEAR), make=_with_year),
    Figures(_date_figures),
    unspoken(seq(MONTH, make=lambda month: DateParts(month=month))),
)
"""One that says itself that it is a date: `eight zero eight` may be the beginning of a phone number."""


def _part(year: Form[int]) -> Form[DateParts]:
    return either(
        seq(MONTH, make=lambda month: DateParts(month=month)),
        seq(_THE, ORDINAL, make=lambda _, day: DateParts(day=day)),
        seq(year, make=lambda year: DateParts(year=year)),
        unspoken(seq(_figures_between(1, 31, 1, 2), make=lambda day: DateParts(day=day))),
    )


PART, PAST_PART = _part(YEAR), _part(_PAST_YEAR)
"""One part of a date that is known, to put it right: `the fourteenth`."""

ALONE: Form[DateParts] = either(
    seq(YEAR, make=lambda year: DateParts(year=year) if year >= EARLIEST_YEAR else None),
    seq(_THE, ORDINAL, make=lambda _, day: DateParts(day=day)),
)
"""The part of a date that was missing: `nineteen fifty seven`, `the twentieth`."""
