"""Dates in parts, and what makes them whole."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

EARLIEST_YEAR = 1900
LATEST_YEAR = 2099


@dataclass(frozen=True, slots=True)
class DateParts:
    """What was said of a date. `year` below 100 was said with two figures; None is what was not said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def whole(self) -> bool:
        return None not in (self.year, self.month, self.day)

    def over(self, iso: str) -> DateParts:
        """These parts, and from the date `iso` those that were not said."""
        known = datetime.date.fromisoformat(iso)
        return DateParts(
            year=known.year if self.year is None else self.year,
            month=known.month if self.month is None else self.month,
            day=known.day if self.day is None else self.day,
        )


class Which(StrEnum):
    """Which of the days of a name: the nearest, the one of next week, or the one before."""

    NEAREST = "nearest"
    NEXT_WEEK = "next_week"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day counted from the day of the call.

    Attributes:
        days, months: how many to go, negative for the past.
        weekday: 0 for a Monday, then `days` and `months` are counted from that day; None where none was named.
        onward: counted from a date that is known, where there is one: `two days later`.
    """

    days: int = 0
    months: int = 0
    weekday: int | None = None
    which: Which = Which.NEAREST
    onward: bool = False

    @property
    def is_nearest(self) -> bool:
        """Nothing tells which of the days of that name it is: `Tuesday`."""
        return self.weekday is not None and self.which is Which.NEAREST and not (self.days or self.months)

    def onward_from(
        self, base: datetime.date, *, past: bool, future: bool, today: datetime.date
    ) -> str | None:
        try:
            day = _months_on(base, self.months) + datetime.timedelta(days=self.days)
        except (OverflowError, ValueError):
            return None
        return None if (future and day < today) else _iso(_within(day, past, today))

    def iso(self, *, past: bool, future: bool, today: datetime.date) -> str | None:
        """The date. `next Friday` is the one of the week that begins with the coming Monday, `Friday` the nearest."""
        try:
            day = today if self.weekday is None else self._named(past, today)
            day = _months_on(day, self.months) + datetime.timedelta(days=self.days)
        except (OverflowError, ValueError):
            return None
        if future and day < today:
            return None
        return _iso(_within(day, past, today))

    def _named(self, past: bool, today: datetime.date) -> datetime.date:
        assert self.weekday is not None
        ahead = (self.weekday - today.weekday()) % 7 or 7
        if self.which is Which.LAST or (past and self.which is Which.NEAREST):
            return today - datetime.timedelta(days=(today.weekday() - self.weekday) % 7 or 7)
        if self.which is Which.NEXT_WEEK:
            monday = today + datetime.timedelta(days=7 - today.weekday())
            return monday + datetime.timedelta(days=self.weekday)
        return today + datetime.timedelta(days=ahead)


@dataclass(frozen=True, slots=True)
class Within:
    """A day within a month, or a year, counted from the day of the call: `the second Saturday in December`.

    Attributes:
        day: of the month, from its end where negative.
        month: by its number; None where `months` tells it.
        months: how many to go from this month. years: how many from this year; None where that is not said.
        nth, weekday: the how-manieth such day of the week, the last for -1; instead of `day`.
    """

    day: int | None = None
    month: int | None = None
    months: int = 0
    years: int | None = None
    nth: int = 0
    weekday: int | None = None

    @property
    def is_nearest(self) -> bool:
        return False

    def iso(self, *, past: bool, future: bool, today: datetime.date) -> str | None:
        """The date. Of a month without a year it is the next such day; or the last one, where it is `past`."""
        day: datetime.date | None
        if self.month is None:
            year, month = divmod(today.year * 12 + today.month - 1 + self.months, 12)
            day = self._in(year, month + 1)
        elif self.years is not None:
            day = self._in(today.year + self.years, self.month)
        else:
            step = -1 if past else 1
            days = (self._in(today.year + step * n, self.month) for n in range(9))
            day = next((d for d in days if d is not None and (d <= today if past else d >= today)), None)
        if day is None or (future and day < today):
            return None
        return _iso(_within(day, past, today))

    def _in(self, year: int, month: int) -> datetime.date | None:
        after = _day(year + month // 12, month % 12 + 1, 1)
        if after is None:
            return None
        last = after - datetime.timedelta(days=1)
        if self.weekday is None:
            if self.day is None or self.day > 0:
                return _day(year, month, self.day or 0)
            return last + datetime.timedelta(days=self.day + 1)
        if self.nth < 0:
            return last - datetime.timedelta(days=(last.weekday() - self.weekday) % 7)
        first = last.replace(day=1)
        day = first + datetime.timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))
        return day if day.month == month else None


def _months_on(day: datetime.date, months: int) -> datetime.date:
    """The same day of another month, or the last that it has."""
    if not months:
        return day
    years, month = divmod(day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        if (found := _day(day.year + years, month + 1, last)) is not None:
            return found
    return datetime.date(day.year + years, month + 1, day.day)


def iso_date(
    parts: DateParts, *, past: bool, today: datetime.date, future: bool = False, year_needed: bool = True
) -> str | None:
    """The date as `1980-03-03`, None where there is no such day, or where `past` or `future` forbids it.

    Two figures of a year stand for the latest century that `past` allows, else for the one of `today`. Without a
    year, or a month, it is the next such day; or the last one, where it is `past` and no year is needed.
    """
    if parts.day is None or (past and year_needed and parts.year is None):
        return None
    if parts.year is None:
        return _iso(_nearest(parts, past, today))
    if parts.month is None:
        return None
    day = _of_year(parts.year, parts, past, today)
    return None if day is None or (future and day < today) else _iso(day)


def _of_year(year: int, parts: DateParts, past: bool, today: datetime.date) -> datetime.date | None:
    assert parts.month is not None and parts.day is not None
    if year >= 100:
        return _within(_day(year, parts.month, parts.day), past, today)
    century = today.year - today.year % 100
    near = _within(_day(century + year, parts.month, parts.day), past, today)
    return near or _within(_day(century - 100 + year, parts.month, parts.day), past, today)


def _nearest(parts: DateParts, past: bool, today: datetime.date) -> datetime.date | None:
    """The next such day from today on, or the last one up to today."""
    assert parts.day is not None
    step = -1 if past else 1
    if parts.month is not None:
        days = (_day(today.year + step * n, parts.month, parts.day) for n in range(9))
    else:
        months = (divmod(today.year * 12 + today.month - 1 + step * n, 12) for n in range(13))
        days = (_day(year, month + 1, parts.day) for year, month in months)
    return next((day for day in days if day is not None and (day <= today if past else day >= today)), None)


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _within(day: datetime.date | None, past: bool, today: datetime.date) -> datetime.date | None:
    if day is None or not EARLIEST_YEAR <= day.year <= LATEST_YEAR or (past and day > today):
        return None
    return day


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
