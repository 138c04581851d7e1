"""Times of day in parts, and what makes them whole."""

from __future__ import annotations

from dataclasses import dataclass

_EARLIEST_NIGHT = 5  # `four at night` is early in the morning


@dataclass(frozen=True, slots=True)
class TimeParts:
    """What was said of a time. `half`: `am`, `pm` or `night`, "" where it was not said. `exact`: on a clock of 24 hours."""

    hour: int
    minute: int = 0
    half: str = ""
    exact: bool = False

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
