"""How a day near the day of the call is said in English: `tomorrow`, `next Friday`, `in two weeks`."""

from __future__ import annotations

from reasoner.understand.dates import Ahead, DateParts, Which
from reasoner.understand.dates_en import DATE, ORDINAL
from reasoner.understand.forms import Figures, Form, either, maybe, phrases, rule, said, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS

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
    "same day": Ahead(),
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


def _relative(weekday: Form[int]) -> Form[Ahead]:
    named = seq(maybe(_WHICH), weekday, maybe(_BEHIND), make=_day)
    later = seq(
        unspoken(said("a week from", "a week on", "a week", "one week from")),
        maybe(_WHICH),
        weekday,
        make=lambda _, __, day: Ahead(days=7, weekday=day),
    )
    ago = seq(_LENGTH, said("ago", readable=("back", "before")), make=lambda n, _: Ahead(-n.days, -n.months))
    return either(
        seq(_NAMED, make=lambda day: day),
        seq(named, _PART_OF_DAY, make=lambda day, _: day),
        later,
        unspoken(seq(weekday, said("after next", "week"), make=lambda day, _: Ahead(days=7, weekday=day))),
        seq(said("in"), _LENGTH, make=lambda _, length: length),
        seq(
            _LENGTH,
            said("from now", "from today", readable=("time", "later", "from tomorrow")),
            make=lambda n, _: n,
        ),
        ago,
    )


_ON = maybe(said("on", readable=("for", "by", "on the", "for the", "from", "until", "till", "since", "as of", "starting", "around", "beginning")))  # fmt: skip
_COMMA_DAY: Form[int] = seq(_WEEKDAY, maybe(said("the")), make=lambda day, _: day)

NEAR_DAY: Form[Ahead | DateParts] = seq(
    _ON,
    either(
        _relative(_WEEKDAY),
        seq(_COMMA_DAY, DATE, make=lambda _, date: date),
        seq(unspoken(_COMMA_DAY), ORDINAL, make=lambda _, day: DateParts(day=day)),
        DATE,
        phrases({}, {"now": Ahead()}),
        seq(maybe(said("the")), ORDINAL, make=lambda _, day: DateParts(day=day)),
    ),
    make=lambda _, day: day,
)
"""A date of these weeks and months: a date without its year, a day of the month, one of the week, or one counted."""

NEAR_DAY_TOLD: Form[Ahead | DateParts] = seq(
    _ON,
    either(
        _relative(_WEEKDAY_TOLD),
        seq(maybe(seq(_WEEKDAY, maybe(said("the")), make=lambda *_: None)), DATE, make=lambda _, d: d if d.month and d.day else None),
    ),
    make=lambda _, day: day,
)  # fmt: skip
"""One that cannot be taken for something else."""
