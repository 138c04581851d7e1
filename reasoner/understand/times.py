"""Times of day in parts, and what makes them whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

_EARLIEST_NIGHT = 5  # `four at night` is early in the morning


@dataclass(frozen=True, slots=True)
class TimeParts:
    """What was said of a time.

    Attributes:
        half: `am`, `pm` or `night`, "" where it was not said.
        exact: on a clock of 24 hours.
    """

    hour: int
    minute: int = 0
    half: str = ""
    exact: bool = False

    @classmethod
    def of(cls, hh_mm: str) -> TimeParts | None:
        """A time as it is kept, None where it is none."""
        hour, _, minute = hh_mm.partition(":")
        if not (hour.isdecimal() and minute.isdecimal()):
            return None
        return cls(int(hour), int(minute), exact=True)

    def shifted(self, minutes: int) -> str | None:
        """So much later on the same day, as `19:30`; None where that is another day."""
        hour, minute = divmod(self.hour * 60 + self.minute + minutes, 60)
        return f"{hour:02d}:{minute:02d}" if 0 <= hour < 24 else None

    def hh_mm(self, late_from: int) -> str | None:
        """As `19:30`, None where there is no such time.

        Where morning or evening was not said, an hour below `late_from` is one of the afternoon or evening.
        """
        hour = self.hour
        if hour > 24 or not 0 <= self.minute < 60 or (hour == 24 and self.minute):
            return None
        if hour <= 12 and not self.exact:
            if self.half:
                late = self.half == "pm" or (self.half == "night" and _EARLIEST_NIGHT <= hour < 12)
                hour = hour % 12 + (12 if late else 0)
            elif hour < late_from:
                hour += 12 if 0 < hour < 12 else 0
        return f"{hour % 24:02d}:{self.minute:02d}"


@dataclass(frozen=True, slots=True)
class Later:
    """`An hour later`: counted from the time that is known; earlier where negative."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Minutes:
    """`Half past`, of an hour that was said before; negative for those before the hour, `quarter to`."""

    minute: int

    def of(self, base: TimeParts) -> TimeParts:
        if self.minute >= 0:
            return replace(base, minute=self.minute)
        return replace(base, hour=(base.hour - 1) or (0 if base.exact else 12), minute=60 + self.minute)
