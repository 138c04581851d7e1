"""Nothing that waits behind a gate is said, asked or looked at where the gate may not have been passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.checks.paths import Paths
from flows.checks.spots import Spot, What, spots
from flows.checks.texts import named, slots_in
from flows.checks.written import Written
from flows.conditions import names_in
from flows.errors import Mistake

_EMPTY: frozenset[str] = frozenset()


def check(written: Written, paths: Paths) -> Iterator[Mistake]:
    """Every leak past a gate, every value that may not be there yet when it is said, and words said too early."""
    times = _Times(paths)
    yield from _disclosed_early(written)
    for spot in spots(written.flow):
        if spot.what is What.SLOT and spot.step and "ask" in spot.path[-2:]:
            yield from _leaks(written, spot, spot.text, times, "asks for")
        elif spot.what is What.TEXT:
            for name in dict.fromkeys(named(text, written) for text in slots_in(spot.text)):
                yield from _leaks(written, spot, name, times, "says")
                yield from _not_there(written, spot, name, times)
        elif spot.what is What.EXPRESSION and spot.step:
            for name in dict.fromkeys(names_in(spot.text)):
                yield from _leaks(written, spot, name, times, "looks at")


@dataclass(frozen=True, slots=True)
class _Times:
    """What is certain whenever a part of the flow has its turn."""

    paths: Paths

    def at(self, spot: Spot) -> list[frozenset[str]]:
        """What is certain at each time that a spot is said or worked out. None: it never is."""
        flow = self.paths.flow
        if spot.step:
            return self._in([spot.step], entering=spot.path[2] == "if")
        section, name = spot.path[0], str(spot.path[1]) if len(spot.path) > 1 else ""
        match section:
            case "slots":
                asking = [step for step, part in flow.steps.items() if name in part.ask]
                gates = {gate for gate, part in flow.gates.items() if name in part.ask}
                needing = [step for step, part in flow.steps.items() if gates & set(part.needs)]
                return self._in(asking) + self._in(needing, entering=True)
            case "actions":
                return self._in([step for step, part in flow.steps.items() if part.do == name])
            case "disclosures":
                return self._in([step for step, part in flow.steps.items() if name in part.needs])
            case "outcomes":
                known = self.paths.certain()
                return [known[name]] if name in known else []
            case _:
                return [_EMPTY]

    def _in(self, steps: list[str], entering: bool = False) -> list[frozenset[str]]:
        known = self.paths.certain()
        return [
            known[step] | (_EMPTY if entering else self.paths.needed(step)) for step in steps if step in known
        ]


def _leaks(written: Written, spot: Spot, name: str, times: _Times, does: str) -> Iterator[Mistake]:
    slot = written.slots.get(name)
    gate = slot.protected_by if slot is not None else None
    if gate is None or not any(f"need:{gate}" not in known for known in times.at(spot)):
        return
    rule = f"this {does} `{name}`, which waits behind the gate `{gate}`, where it may not have been passed"
    cure = f"Add `needs: {gate}` to the step{f' `{spot.step}`' if spot.step else ''}."
    if not spot.step:
        cure = f"Take it out, or say it in a step that `needs: {gate}`."
    yield written.mistake(spot.path, rule, cure)


def _not_there(written: Written, spot: Spot, name: str, times: _Times) -> Iterator[Mistake]:
    """A value that is said has to have been asked for, or given, on every path to where it is said."""
    slot = written.slots.get(name)
    if slot is None or slot.source == "call" or slot.start is not None or name in written.flow.inputs:
        return
    if not spot.step or name in written.flow.inputs:
        return
    late = spot.path[2] in ("question", "answers", "then", "on")
    known = [facts | (times.paths.gained(spot.step) if late else _EMPTY) for facts in times.at(spot)]
    if any(f"slot:{name}" not in facts for facts in known):
        rule = f"this says `{name}`, and a call can come here without it"
        cure = "Ask for it before, or say this only where it is known."
        yield written.mistake(spot.path, rule, cure, warning=True)


def _disclosed_early(written: Written) -> Iterator[Mistake]:
    """What `needs` lists is seen to in its order: a disclosure before a gate is told to whoever rings."""
    flow = written.flow
    for step, part in flow.steps.items():
        for place, need in enumerate(part.needs):
            gate = next((later for later in part.needs[place + 1 :] if later in flow.gates), None)
            if need not in flow.disclosures or gate is None:
                continue
            rule = f"the disclosure `{need}` is said before the gate `{gate}` is passed, to whoever rings"
            cure = (
                f"Put the gate first: `needs: [{gate}, {need}]`. If everybody has to hear it, "
                f"give `{need}` to a step of its own above this one."
            )
            yield written.mistake(("steps", step, "needs"), rule, cure, warning=True)
