"""How a day near the day of the call is said in English: `tomorrow`, `next Friday`, `in two weeks`."""

from __future__ import annotations

import re
from dataclasses import replace

from reasoner.understand.dates import Ahead, DateParts, Which, Within
from reasoner.understand.dates_en import DATE, DATE_TOLD, MONTH, ORDINAL
from reasoner.understand.forms import Form, as_, either, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS
from reasoner.understand.phrases import Figures, phrases, said

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_FULL = {name: n for n, name in enumerate(_WEEKDAYS)}
_SHORT = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5,
    "sun": 6,
    "wensday": 2, "wednsday": 2, "wendsday": 2, "thurday": 3, "tuesdays": 1, "mondays": 0, "saterday": 5,
    "tusday": 1,
    "teusday": 1, "firday": 4, "satuday": 5, "thrusday": 3,
}  # fmt: skip
_WEEKDAY: Form[int] = rule("weekday", phrases(_FULL, _SHORT))
_WEEKDAY_TOLD: Form[int] = phrases(_FULL)

_COUNT: Form[int] = either(
    phrases({words: n for words, n in CARDINALS.items() if n <= 31} | {"a": 1, "an": 1}, {"a couple of": 2, "a couple": 2, "a few": 3}),
    Figures(lambda word: int(word) if word.isascii() and word.isdecimal() and len(word) <= 3 else None),
)  # fmt: skip
_UNIT: Form[tuple[int, int]] = phrases(
    {"day": (1, 0), "days": (1, 0), "week": (7, 0), "weeks": (7, 0), "month": (0, 1), "months": (0, 1)},
    {"year": (0, 12), "years": (0, 12), "fortnight": (14, 0), "weeks'": (7, 0), "week's": (7, 0)},
)
_LENGTH: Form[Ahead] = seq(_COUNT, _UNIT, make=lambda n, unit: Ahead(days=n * unit[0], months=n * unit[1]))

_NAMED_DAYS = {
    "today": Ahead(),
    "tomorrow": Ahead(days=1),
    "the day after tomorrow": Ahead(days=2),
    "yesterday": Ahead(days=-1),
}
_NAMED_READ = {
    "tonight": Ahead(), "right now": Ahead(), "day after tomorrow": Ahead(days=2),
    "the day before yesterday": Ahead(days=-2),
    "day before yesterday": Ahead(days=-2), "last night": Ahead(days=-1), "this evening": Ahead(),
    "this afternoon": Ahead(),
    "this morning": Ahead(), "tmrw": Ahead(days=1), "tomorow": Ahead(days=1), "tommorow": Ahead(days=1),
    "tommorrow": Ahead(days=1), "tomorrow's": Ahead(days=1), "today's": Ahead(), "a week ago": Ahead(days=-7),
    "a week from today": Ahead(days=7), "a week from now": Ahead(days=7), "this day": Ahead(),
    "same day": Ahead(), "right away": Ahead(), "straight away": Ahead(), "immediately": Ahead(),
    "the next day": Ahead(days=1, onward=True), "the following day": Ahead(days=1, onward=True),
    "the day after": Ahead(days=1, onward=True), "the day after that": Ahead(days=1, onward=True),
}  # fmt: skip
_NAMED: Form[Ahead] = rule("near_day", phrases(_NAMED_DAYS, _NAMED_READ))

_WHICH: Form[Which] = phrases(
    {"this": Which.NEAREST, "this coming": Which.NEAREST, "next": Which.NEXT_WEEK, "last": Which.LAST},
    {
        "coming": Which.NEAREST, "the coming": Which.NEAREST, "the following": Which.NEXT_WEEK,
        "upcoming": Which.NEAREST,
        "this upcoming": Which.NEAREST, "the next": Which.NEAREST, "following": Which.NEXT_WEEK,
        "this past": Which.LAST,
        "past": Which.LAST, "the past": Which.LAST, "the last": Which.LAST, "this next": Which.NEAREST,
        "a": Which.NEAREST,
        "next week": Which.NEXT_WEEK, "next week on": Which.NEXT_WEEK, "last week": Which.LAST,
        "the": Which.NEAREST,
        "this week": Which.NEAREST, "previous": Which.LAST,
    },
)  # fmt: skip
_BEHIND: Form[Which] = phrases(
    {}, {"next week": Which.NEXT_WEEK, "of next week": Which.NEXT_WEEK, "this week": Which.NEAREST, "last week": Which.LAST, "coming": Which.NEAREST}
)  # fmt: skip
_PART_OF_DAY = maybe(unspoken(said("morning", "afternoon", "evening", "night")))


def _day(which: Which | None, weekday: int, behind: Which | None) -> Ahead:
    return Ahead(weekday=weekday, which=behind or which or Which.NEAREST)


_ABOUT = maybe(
    unspoken(
        said(
            "about",
            "around",
            "roughly",
            "exactly",
            "just",
            "only",
            "maybe",
            "almost",
            "nearly",
            "some",
            "over",
            "like",
        )
    )
)
_NTH: Form[int] = phrases({}, {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4})  # fmt: skip
_MONTHS_ON: Form[int] = phrases({}, {"this month": 0, "the month": 0, "next month": 1, "the next month": 1, "the coming month": 1, "last month": -1, "the previous month": -1})  # fmt: skip
_YEARS_ON: Form[int] = phrases({}, {"this year": 0, "next year": 1, "last year": -1, "the year before last": -2, "the coming year": 1})  # fmt: skip
_IN_MONTH: Form[Within] = seq(
    said("of", "in"),
    either(
        as_(lambda month: Within(month=month), MONTH), as_(lambda months: Within(months=months), _MONTHS_ON)
    ),
    make=lambda _, month: month,
)
_BOUND: Form[int] = phrases({}, {"last day": -1, "end": -1, "very end": -1, "first day": 1, "beginning": 1, "start": 1})  # fmt: skip
_WITHIN: Form[Within] = unspoken(
    either(
        seq(maybe(said("the")), _NTH, _WEEKDAY, _IN_MONTH, make=lambda _, nth, day, month: replace(month, nth=nth, weekday=day)),
        seq(maybe(said("the")), _BOUND, _IN_MONTH, make=lambda _, day, month: replace(month, day=day)),
        seq(maybe(said("the")), ORDINAL, said("of"), _MONTHS_ON, make=lambda _, day, __, months: Within(day=day, months=months)),
        seq(_MONTHS_ON, said("on the", "the"), ORDINAL, make=lambda months, _, day: Within(day=day, months=months)),
        seq(
            DATE_TOLD,
            maybe(said("of", "in")),
            _YEARS_ON,
            make=lambda d, _, years: Within(d.day, d.month, years=years) if d.day and d.month and d.year is None else None,
        ),
    )
)  # fmt: skip
"""A day within a month, or year, that is counted from the day of the call."""
_HOLIDAYS: Form[DateParts] = phrases(
    {},
    {
        words: DateParts(month=month, day=day)
        for (month, day), several in {
            (12, 24): ("christmas eve",),
            (12, 25): ("christmas day", "christmas"),
            (12, 26): ("boxing day",),
            (12, 31): ("new year's eve",),
            (1, 1): ("new year's day", "new year's", "new years day"),
            (2, 14): ("valentine's day", "valentines day"),
            (3, 17): ("st patrick's day", "saint patrick's day"),
            (7, 4): ("independence day",),
            (10, 31): ("halloween",),
        }.items()
        for words in several
    },
)


def _relative(weekday: Form[int]) -> Form[Ahead]:
    named = seq(maybe(_WHICH), weekday, maybe(_BEHIND), make=_day)
    later = seq(
        unspoken(said("a week from", "a week on", "a week", "one week from")),
        maybe(_WHICH),
        weekday,
        make=lambda _, __, day: Ahead(days=7, weekday=day),
    )
    ago = seq(
        _ABOUT,
        _LENGTH,
        said("ago", readable=("back", "before", "ago today", "ago from today")),
        make=lambda _, n, __: Ahead(-n.days, -n.months),
    )
    onward = seq(
        _ABOUT,
        _LENGTH,
        phrases({}, {"later": 1, "after that": 1, "earlier": -1, "sooner": -1, "before that": -1}),
        make=lambda _, n, sign: Ahead(sign * n.days, sign * n.months, onward=True),
    )
    return either(
        seq(_NAMED, make=lambda day: day),
        seq(named, _PART_OF_DAY, make=lambda day, _: day),
        later,
        unspoken(
            seq(
                maybe(said("the")),
                weekday,
                said("after next", "week"),
                make=lambda _, day, __: Ahead(days=7, weekday=day),
            )
        ),
        seq(said("in"), _LENGTH, make=lambda _, length: length),
        seq(
            _LENGTH,
            said("from now", "from today", readable=("time", "from tomorrow")),
            make=lambda n, _: n,
        ),
        ago,
        unspoken(onward),
    )


_ON = maybe(said("on", readable=("for", "by", "on the", "for the", "from", "until", "till", "since", "as of", "starting", "around", "beginning")))  # fmt: skip
_COMMA_DAY: Form[int] = seq(_WEEKDAY, maybe(said("the")), make=lambda day, _: day)

NEAR_DAY: Form[Ahead | DateParts | Within] = seq(
    _ON,
    either(
        _relative(_WEEKDAY),
        _WITHIN,
        _HOLIDAYS,
        seq(_COMMA_DAY, DATE, make=lambda _, date: date),
        seq(unspoken(_COMMA_DAY), ORDINAL, make=lambda _, day: DateParts(day=day)),
        DATE,
        phrases({}, {"now": Ahead()}),
        seq(maybe(said("the")), ORDINAL, make=lambda _, day: DateParts(day=day)),
    ),
    make=lambda _, day: day,
)
"""A date of these weeks and months: a date without its year, a day of the month, one of the week, or one counted."""

NEAR_DAY_LED: Form[Ahead | DateParts | Within] = seq(
    _ON,
    either(
        _relative(_WEEKDAY),
        _WITHIN,
        _HOLIDAYS,
        seq(_COMMA_DAY, DATE_TOLD, make=lambda _, date: date),
        seq(_COMMA_DAY, ORDINAL, make=lambda _, day: DateParts(day=day)),
        DATE_TOLD,
        seq(maybe(said("the")), ORDINAL, make=lambda _, day: DateParts(day=day)),
    ),
    make=lambda _, day: day,
)
"""One behind words that lead up to dates: two bare numbers may be figures of something else."""

NEAR_DAY_TOLD: Form[Ahead | DateParts | Within] = seq(
    _ON,
    either(
        _relative(_WEEKDAY_TOLD),
        _WITHIN,
        seq(maybe(seq(_WEEKDAY, maybe(said("the")), make=lambda *_: None)), DATE_TOLD, make=lambda _, d: d if d.month and d.day else None),
    ),
    make=lambda _, day: day,
)  # fmt: skip
"""One that cannot be taken for something else."""

_ENDS = re.compile(
    r"\b(?:return|returning|back|check[- ]?(?:ing )?out|checkout|end|ends|ending|until)\b", re.IGNORECASE
)


def ends_something(about: str) -> bool:
    """Whether a date is when something is over that began on another: a return, a check-out."""
    return _ENDS.search(about) is not None


REACHING = frozenset({"till", "until", "til", "through", "thru", "to"})
NIGHTS = frozenset({"nights", "days", "night"})
