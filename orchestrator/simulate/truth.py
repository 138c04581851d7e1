"""What a simulated caller knows and wants: a value for every slot that callers can give, and where that leads."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from flows.conditions import Expressions
from flows.schema import Flow
from flows.slot import Slot, SlotType
from orchestrator.simulate import people
from orchestrator.simulate.backend import answer, examples
from orchestrator.simulate.route import Route, World, route
from orchestrator.simulate.stories import is_story, text_for
from reasoner.state import Outcome
from reasoner.types import SlotName, Value

TODAY = date(2026, 11, 23)
"""Of every simulated call, a Monday."""
_DRAWS = 60
_TRIES_FOR_VALID = 200
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Proof:
    """What opens a gate: an action with the caller's own values. `otherwise`: what it answers to any other."""

    arguments: Mapping[str, Any]
    otherwise: Any


@dataclass(frozen=True, slots=True)
class Truth:
    """One caller's world.

    Attributes:
        given, family: the caller's name.
        values: what the caller says to each slot, in canonical form; slots that it has nothing for are left out.
        refused: a slot that the caller keeps to itself, "" for none; it has no value here.
        called: what the call itself gives.
        results: what each action answers. proofs: and where that depends on what it is given, by action.
        route: where the call has to go with all that.
    """

    given: str
    family: str
    values: Mapping[SlotName, Value]
    route: Route
    refused: SlotName = ""
    called: Mapping[SlotName, Value] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    proofs: Mapping[str, Proof] = field(default_factory=dict)


def make_truth(flow: Flow, rng: random.Random, *, refuses: bool = False) -> Truth:
    """A caller's truth. Nine in ten are drawn until the call can be complete, if it can be within some draws.

    Raises:
        EndlessWay: the flow never ends for such a caller.
    """
    expressions = Expressions(flow.slots, ("result",))
    whatever = rng.random() < 0.1
    truth = _draw(flow, rng, expressions)
    for _ in range(_DRAWS):
        if whatever or truth.route.outcome is Outcome.COMPLETE:
            break
        truth = _draw(flow, rng, expressions)
    return _keeping_back(flow, truth, rng, expressions) if refuses else truth


def _keeping_back(flow: Flow, truth: Truth, rng: random.Random, expressions: Expressions) -> Truth:
    refused = rng.choice(truth.route.asked) if truth.route.asked else ""
    values = {name: value for name, value in truth.values.items() if name != refused}
    world = World(TODAY.isoformat(), values, truth.called, truth.results)
    return replace(truth, values=values, refused=refused, route=route(flow, world, expressions))


def _draw(flow: Flow, rng: random.Random, expressions: Expressions) -> Truth:
    given, family = people.person(rng)
    known: dict[str, Any] = {"today": TODAY.isoformat()}
    values: dict[SlotName, Value] = {}
    called: dict[SlotName, Value] = {}
    for name, slot in flow.slots.items():
        if slot.source == "call":
            called[name] = known[name] = _value(slot, name, rng, (given, family))
        elif slot.asked_for and (slot.required or slot.required_if or rng.random() < 0.75):
            value = _valid(slot, name, rng, (given, family), known, expressions)
            values[name] = known[name] = value
    results = _results(flow, rng, known, expressions)
    world = World(TODAY.isoformat(), values, called, results)
    proofs = _proofs(flow, known, results, expressions)
    return Truth(given, family, values, route(flow, world, expressions), "", called, results, proofs)


def _proofs(
    flow: Flow, known: Mapping[str, Any], results: Mapping[str, Any], expressions: Expressions
) -> dict[str, Proof]:
    """What the gates' actions answer to values that are not the caller's: the other yes or no."""
    proofs: dict[str, Proof] = {}
    for gate in flow.gates.values():
        action = flow.actions.get(gate.do or "")
        flags = [n for n in expressions.names(gate.passes) if flow.slots[n].type is SlotType.YES_NO]
        if action is None or gate.do is None or not any(name in action.gives for name in flags):
            continue
        found = {
            n: expressions.value(t, known, {"result": results[gate.do]}) for n, t in action.gives.items()
        }
        other = found | {name: not found.get(name) for name in flags}
        if not expressions.holds(gate.passes, {**known, **other}):
            given = {key: expressions.value(text, known) for key, text in action.with_.items()}
            proofs[gate.do] = Proof(given, answer(action, other, results[gate.do], expressions))
    return proofs


def _valid(
    slot: Slot,
    name: SlotName,
    rng: random.Random,
    person: tuple[str, str],
    known: Mapping[str, Any],
    expressions: Expressions,
) -> Value:
    """A value for which `valid` holds, where drawing finds one."""
    value = _value(slot, name, rng, person)
    for _ in range(_TRIES_FOR_VALID if slot.valid else 0):
        if expressions.holds(slot.valid or "", {**known, name: value}):
            break
        value = _value(slot, name, rng, person)
    return value


def _results(
    flow: Flow, rng: random.Random, known: dict[str, Any], expressions: Expressions
) -> dict[str, Any]:
    """What the actions answer, so that the gates open to this caller."""
    shown = examples(flow)
    wanted: dict[SlotName, Any] = {}
    for name, slot in flow.slots.items():
        if slot.source == "action":
            wanted[name] = _looked_up(slot, name, rng, known, flow, shown)
    for gate in flow.gates.values():
        _open(gate.passes, wanted, known, flow, expressions)
    return {
        name: answer(action, wanted, shown.get(name), expressions) for name, action in flow.actions.items()
    }


def _looked_up(
    slot: Slot, name: str, rng: random.Random, known: Mapping[str, Any], flow: Flow, shown: Mapping[str, Any]
) -> Any:
    if slot.type is SlotType.YES_NO:
        return rng.random() < 0.85
    if slot.type is not SlotType.RECORD:
        return _value(slot, name, rng, ("", ""))
    example = _shown(name, flow, shown)
    made = {"text": "A1", "number": 40, "yes_no": True, "list": ("one", "two")}
    record = {field_: example.get(field_, made[kind]) for field_, kind in slot.fields.items()}
    return record | {field_: known[field_] for field_ in slot.fields if field_ in known}


def _shown(name: str, flow: Flow, shown: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record as an example result has it."""
    for action_name, action in flow.actions.items():
        result: Any = shown.get(action_name)
        for part in action.gives.get(name, "").split(".")[1:]:
            result = result.get(part) if isinstance(result, dict) else None
        if name in action.gives and isinstance(result, dict):
            return result
    return {}


def _open(
    passes: str, wanted: dict[str, Any], known: Mapping[str, Any], flow: Flow, expressions: Expressions
) -> None:
    """Make a gate's condition hold, by what is looked up: the same as the caller says, a yes, or a no."""
    looked_up = [name for name in expressions.names(passes) if name in wanted]
    told = [known[name] for name in expressions.names(passes) if name in known]
    for name in looked_up:
        slot = flow.slots[name]
        if slot.type is SlotType.RECORD:
            for part in slot.fields:
                for value in (wanted[name][part], *told, True, False):
                    wanted[name] = {**wanted[name], part: value}
                    if expressions.holds(passes, {**known, **wanted}):
                        return
            continue
        for value in (wanted[name], *told, True, False, *slot.values, 1, 0):
            if expressions.holds(passes, {**known, **wanted, name: value}):
                wanted[name] = value
                return


# --- values by type -----------------------------------------------------------------------------------------


def _value(slot: Slot, name: str, rng: random.Random, person: tuple[str, str]) -> Value:
    about = f"{name} {slot.label}".lower().replace("_", " ")
    given, family = person if all(person) else people.person(rng)
    match slot.type:
        case SlotType.PERSON_NAME:
            return f"{given} {family}" if slot.full else given
        case SlotType.TEXT:
            if slot.source == "action" and "name" in about:
                return f"{given} {family}"
            return text_for(slot, name, rng)
        case SlotType.CHOICE:
            extra = [value for value in (slot.no_preference,) if value and rng.random() < 0.15]
            return rng.choice(extra or list(slot.values))
        case SlotType.LIST:
            names = list(slot.values)
            least = 0 if slot.none and not is_story(slot) else 1
            many = rng.choices((0, 1, 2, 3), (25, 40, 25, 10))[0]
            if is_story(slot):
                many += rng.randint(0, 1)
            return tuple(sorted(rng.sample(names, min(len(names), max(least, many))), key=names.index))
        case SlotType.YES_NO:
            return slot.must_be_yes or rng.random() < 0.6
        case SlotType.NUMBER:
            return _number(slot, rng)
        case SlotType.MONEY:
            return _money(slot, rng)
        case SlotType.DATE:
            return _date(slot, about, rng).isoformat()
        case SlotType.TIME:
            return f"{rng.randint(8, 19):02d}:{rng.choice((0, 0, 15, 30, 30, 45)):02d}"
        case SlotType.PHONE:
            return _phone(slot.digits, rng)
        case SlotType.EMAIL:
            return people.mail_address(rng, given, family)
        case SlotType.DIGITS:
            return "".join(rng.choice("0123456789") for _ in range(_length(slot, rng, 6)))
        case SlotType.ID:
            size = _length(slot, rng, 6)
            return "".join(rng.choice(_LETTERS if rng.random() < 0.5 else "23456789") for _ in range(size))
        case SlotType.RECORD:
            return {}


def _length(slot: Slot, rng: random.Random, usual: int) -> int:
    least, most = slot.lengths
    return usual if (least, most) == (1, 40) else rng.randint(least, most)


def _number(slot: Slot, rng: random.Random) -> int | float:
    least = slot.min if slot.min is not None else 1
    most = slot.max if slot.max is not None else max(least + 9, 12)
    if slot.whole:
        near = min(most, least + 20) if rng.random() < 0.6 else most
        return rng.randint(int(least), int(near))
    return round(rng.uniform(least, most), 1)


def _money(slot: Slot, rng: random.Random) -> int | float:
    most = slot.max if slot.max is not None else 900
    amount = round(rng.uniform(slot.min or 5, most))
    if rng.random() < 0.6:
        return amount
    return min(most, round(amount + rng.choice((0.5, 0.99, 0.25)), 2))


def _date(slot: Slot, about: str, rng: random.Random) -> date:
    if "birth" in about or "born" in about:
        return date(1930, 1, 1) + timedelta(days=rng.randrange(78 * 365))
    if slot.past:
        return TODAY - timedelta(days=rng.randint(1, 400))
    return TODAY + timedelta(days=rng.randint(1, 45))


def _phone(digits: int, rng: random.Random) -> str:
    area = rng.choice(people.AREA_CODES.split()) if digits == 10 else ""
    rest = [rng.choice("23456789"), *(rng.choice("0123456789") for _ in range(digits))]
    return (area + "".join(rest))[:digits]


def another(slot: Slot, name: str, value: Value, rng: random.Random) -> Value:
    """A value of the same kind that is not this one."""
    for _ in range(50):
        other = _value(slot, name, rng, ("", ""))
        if other != value:
            return other
    raise ValueError(f"slot `{name}` has no other value than {value!r}; a caller cannot slip there")
