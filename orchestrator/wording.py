"""How times, values and figures are written for people: one way, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reasoner.types import Value


def clock(at_s: float) -> str:
    """A call time as minutes and seconds: `1:07`, an hour or more as `1:02:03`."""
    minutes, seconds = divmod(max(0, int(at_s)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def written(value: Value | None, spoken: str = "") -> str:
    """A slot's value as a form would show it; `spoken` where there is nothing to write, as for an empty list."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case ():
            return spoken or "none"
        case tuple():
            return ", ".join(value)
        case Mapping():
            return ", ".join(f"{name} {_field(inner)}" for name, inner in value.items())
        case _:
            return str(value)


def _field(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def printable(text: str) -> str:
    """Without what would steer a terminal: callers can type, and so can whoever writes a flow."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def milliseconds(value_ms: float | None) -> str:
    return "" if value_ms is None else f"{value_ms:.0f} ms"


def plural(count: int, noun: str, many: str = "") -> str:
    """`1 turn`, `2 turns`, `2 replies` where `many` says so."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0..1) of `values` lie, interpolated; None where there are none."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
