"""Dates in parts, and what makes them whole."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

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


def iso_date(parts: DateParts, *, past: bool, today: datetime.date) -> str | None:
    """The date as `1980-03-03`, None where there is no such day, or where `past` forbids it.

    Two figures of a year stand for the latest century that `past` allows, else for the one of `today`. Without a
    year it is the next such day, where the date need not be past.
    """
    if parts.month is None or parts.day is None:
        return None
    if parts.year is None:
        if past:
            return None
        this_year = _day(today.year, parts.month, parts.day)
        if this_year is not None and this_year >= today:
            return this_year.isoformat()
        return _iso(_day(today.year + 1, parts.month, parts.day))
    if parts.year >= 100:
        return _iso(_within(_day(parts.year, parts.month, parts.day), past, today))
    century = today.year - today.year % 100
    near = _within(_day(century + parts.year, parts.month, parts.day), past, today)
    return _iso(near or _within(_day(century - 100 + parts.year, parts.month, parts.day), past, today))


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
