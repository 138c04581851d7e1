"""What the conditions of a flow come to, given what is established. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.conditions import Expressions
from flows.schema import Flow
from flows.slot import Slot, SlotType
from flows.step import Way
from reasoner.fits import fits
from reasoner.types import SlotName, SlotState, Value
from reasoner.understand.kept import PerFlow

Values = Mapping[str, Any]
Slots = Mapping[SlotName, SlotState]


def _made(flow: Flow, extra: tuple[str, ...]) -> Expressions:
    return Expressions(flow.slots, extra)


_expressions: PerFlow[tuple[str, ...], Expressions] = PerFlow(_made)


def values_of(slots: Slots, today: str) -> Values:
    """What conditions may look at: all slots that have a value, and the date."""
    known: dict[str, Any] = {name: held.value for name, held in slots.items() if held.value is not None}
    return known | {"today": today} if today else known


def holds(flow: Flow, condition: str | None, values: Values) -> bool:
    """Whether a condition is true. None always is; one that needs what is not known never."""
    return condition is None or _expressions(flow, ()).holds(condition, values)


def refutes(flow: Flow, condition: str | None, values: Values) -> bool:
    """Whether a condition is known to be false."""
    return condition is not None and _expressions(flow, ()).value(condition, values) is False


def worked_out(
    flow: Flow, expression: str, values: Values, result: Mapping[str, Any] | None = None
) -> Value | None:
    """What an expression comes to, None where it needs what is not known."""
    extra = {} if result is None else {"result": result}
    given: Value | None = _expressions(flow, tuple(extra)).value(expression, values, extra)
    return given


def depends_on(flow: Flow, *expressions: str | None) -> frozenset[SlotName]:
    """The slots that expressions look at."""
    made = _expressions(flow, ())
    return frozenset(name for text in expressions if text is not None for name in made.names(text))


def way_on(flow: Flow, ways: tuple[Way, ...], values: Values) -> Way:
    """The first way that is open. The last one always is."""
    return next((way for way in ways if holds(flow, way.if_, values)), ways[-1])


def canonical(flow: Flow, name: SlotName, given: Any) -> Value | None:
    """A value from an action, the call or an expression in the slot's canonical form, None where it fits nowhere."""
    slot = flow.slots.get(name)
    if slot is None or given is None:
        return None
    value = tuple(given) if isinstance(given, list | tuple) else given
    if slot.type is SlotType.YES_NO and value in ("true", "false", "yes", "no"):
        value = value in ("true", "yes")
    elif slot.type in (SlotType.NUMBER, SlotType.MONEY) and isinstance(value, str):
        value = _number(value)
    elif slot.type is SlotType.LIST and isinstance(value, str):
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    elif isinstance(value, bool | int | float) and slot.type not in _AS_THEY_ARE:
        value = f"{value:g}" if isinstance(value, float) else str(value)
    if slot.source != "caller" and slot.type in (SlotType.CHOICE, SlotType.LIST):
        return _chosen(slot, value)
    return value if value is not None and fits(slot, value) else None


def _chosen(slot: Slot, value: Any) -> Value | None:
    """What other systems give need not be one of the values that callers can choose from, but has to be texts."""
    if slot.type is SlotType.CHOICE:
        return value if isinstance(value, str) and value else None
    if not isinstance(value, tuple) or not all(isinstance(item, str | int | float) for item in value):
        return None
    return tuple(f"{item:g}" if isinstance(item, float) else str(item) for item in value)


_AS_THEY_ARE = (SlotType.YES_NO, SlotType.NUMBER, SlotType.MONEY)


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
