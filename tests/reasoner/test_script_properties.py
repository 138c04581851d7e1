"""What holds in every call through every script, whatever callers, other systems and voices do."""

from __future__ import annotations

from collections import Counter

import pytest

from flows.schema import Flow
from reasoner.acts import Acknowledge, Ask, SayLine
from reasoner.conditions import holds, values_of
from reasoner.events import CallerSaid, RunAction
from reasoner.machine import advance, start
from reasoner.reply import is_open
from reasoner.state import GateState, GoalState, Outcome, dump_state, load_state
from reasoner.types import Intent, SlotStatus
from reasoner.whisper import compose
from tests.reasoner.scripts import Advanced, random_flow, run

SEEDS = range(600)


def calls(seed: int) -> tuple[Flow, list[Advanced]]:
    flow = random_flow(seed)
    return flow, list(run(flow, seed))


def missing(flow: Flow, state: GoalState) -> list[str]:
    """Required slots of the steps gone through that are not confirmed."""
    values = values_of(state.slots, state.today)
    return [
        name
        for step in state.path
        if state.visits[step].said and not state.visits[step].skipped and state.visits[step].done
        for name in flow.steps[step].ask
        if flow.slots[name].required
        and holds(flow, flow.slots[name].required_if, values)
        and state.slots[name].status is not SlotStatus.CONFIRMED
    ]


@pytest.mark.parametrize("block", range(0, len(SEEDS), 50))
def test_every_call_ends_and_keeps_to_its_script(block: int) -> None:
    for seed in SEEDS[block : block + 50]:
        flow, steps = calls(seed)
        last = steps[-1][2]
        assert last.outcome is not None, f"seed {seed} did not end"
        refused = 0
        for before, event, after, effects in steps:
            where = f"seed {seed} revision {after.revision} {event}"
            assert len(set(after.path)) == len(after.path), where
            assert all(frame.step in after.path for frame in after.frames), where
            assert after.turns <= flow.limits.turns and after.steps <= flow.limits.steps + 1, where
            assert after.acts or after.outcome is not None, where
            for name in after.path:
                if after.visits[name].said and not after.visits[name].skipped:
                    gates = [need for need in flow.steps[name].needs if need in flow.gates]
                    assert all(after.gates.get(g, GateState()).passed for g in gates), where
            for act in after.acts if after.acts_revision == after.revision else ():
                if isinstance(act, Ask):
                    asking = [n for n in after.path if act.slot in flow.steps[n].ask and after.visits[n].said]
                    assert asking or after.slots[act.slot].denied or after.outcome is not None, where
            shut = {n for n, slot in flow.slots.items() if slot.protected_by}
            shut -= shut if after.gates.get("gate", GateState()).passed else set()
            shown = after.acts if before.revision < after.acts_revision else ()
            for act in shown if not before.gates.get("gate", GateState()).passed else ():
                named = {act.slot} if isinstance(act, Ask) else set(getattr(act, "slots", ()))
                assert isinstance(act, Acknowledge) or not named & shut, where
            again = isinstance(event, CallerSaid) and Intent.REPEAT in event.understood.intents
            new = after.acts if before.revision < after.acts_revision and not again else ()
            refused += any(isinstance(act, SayLine) and act.line == "not_verified" for act in new)
            attempts = max((gate.attempts for gate in flow.gates.values()), default=0)
            assert refused <= attempts, where
            for name, gate in after.gates.items():
                settled = all(
                    after.slots[slot].status is SlotStatus.CONFIRMED and after.slots[slot].was is None
                    for slot in flow.gates[name].ask
                )
                if gate.passed and settled and not flow.gates[name].do:
                    assert holds(flow, flow.gates[name].passes, values_of(after.slots, after.today)), where
                assert gate.failed <= flow.gates[name].attempts, where
                if gate.passed and not before.gates.get(name, GateState()).passed:
                    assert holds(flow, flow.gates[name].passes, values_of(after.slots, after.today)), where
            for effect in effects:
                if isinstance(effect, RunAction) and not effect.takes_back:
                    assert after.outcome is not None or after.doing is not None, where
            compose(flow, after)
        if last.outcome is Outcome.COMPLETE:
            assert missing(flow, last) == [], f"seed {seed}"
            assert all(last.disclosures[name].proven for name in flow.disclosures), f"seed {seed}"
            open_ = (name for name in last.slots if is_open(flow, last, name))
            heard = [name for name in open_ if last.slots[name].status is SlotStatus.HEARD]
            assert heard == [], f"seed {seed}"


def test_the_same_events_give_the_same_state_to_the_byte() -> None:
    for seed in SEEDS[:60]:
        flow, steps = calls(seed)
        state = start(flow, "call")
        for _before, event, after, _effects in steps:
            state, _ = advance(flow, load_state(dump_state(state)), event)
            assert dump_state(state) == dump_state(after), f"seed {seed}"


def test_the_calls_of_these_tests_get_into_every_corner() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        _flow, steps = calls(seed)
        last = steps[-1][2]
        seen[f"outcome {last.code}"] += 1
        seen["gate passed"] += any(gate.passed for gate in last.gates.values())
        seen["gate failed"] += any(gate.failed for gate in last.gates.values())
        seen["disclosed again"] += any(one.times > 1 for one in last.disclosures.values())
        seen["visited again"] += any(visit.times > 1 for visit in last.visits.values())
        for _before, _event, after, effects in steps:
            seen["undone"] += any(isinstance(e, RunAction) and e.takes_back for e in effects)
            seen["frames"] += bool(after.frames)
            for act in after.acts:
                seen[act.kind] += 1
                seen[f"line {getattr(act, 'line', '')}"] += 1
    wanted = ("complete", "handed_over", "gave_up", "locked_out")
    corners = [*(f"outcome {code}" for code in wanted), "gate passed", "gate failed", "disclosed again"]
    corners += ["visited again", "undone", "frames", "echo", "say", "disclose", "line too_late"]
    assert {corner: seen[corner] for corner in corners if seen[corner] < 3} == {}
