"""What every listing checks before it lists, and times written so that they sort."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST_PAGE = 1000


def check_page(limit: int, what: str) -> None:
    """`what`: is listed, in the plural. Raises ValueError."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise ValueError(f"limit is {limit}; ask for 1 to {LONGEST_PAGE} {what} at a time")


def stamp(time: datetime) -> str:
    """UTC, ISO 8601 with microseconds: sorts as it stands. Raises ValueError where there is no time zone."""
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; give the time in UTC")
    return time.astimezone(UTC).isoformat(timespec="microseconds")
