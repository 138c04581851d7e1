"""What callers know."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flows.conditions import Expressions
from flows.loader import load_flow
from orchestrator.simulate.route import World, route
from orchestrator.simulate.truth import TODAY, another, make_truth
from reasoner.state import Outcome

EVERY_TYPE = load_flow(str(Path(__file__).parent / "every_type.yaml"))
CLINIC = load_flow("medical_intake")


def test_a_caller_has_a_value_for_every_slot_it_will_be_asked_for() -> None:
    for seed in range(40):
        truth = make_truth(EVERY_TYPE, random.Random(seed))
        assert truth.route.needed <= set(truth.values)


def test_the_same_seed_gives_the_same_truth() -> None:
    assert make_truth(EVERY_TYPE, random.Random(7)) == make_truth(EVERY_TYPE, random.Random(7))


def test_values_keep_to_what_the_flow_calls_valid() -> None:
    expressions = Expressions(EVERY_TYPE.slots, ("result",))
    for seed in range(40):
        truth = make_truth(EVERY_TYPE, random.Random(seed))
        known = {**truth.values, "today": TODAY.isoformat()}
        assert expressions.holds(
            "days(today, new_day) <= 20 && worth >= 1 && parcels <= 40 && sent_on <= today", known
        )


def test_most_callers_can_get_to_the_end_whatever_they_have_to_prove() -> None:
    ends = [make_truth(EVERY_TYPE, random.Random(seed)).route.outcome for seed in range(40)]
    assert ends.count(Outcome.COMPLETE) == 40


def test_another_system_knows_what_the_caller_has_to_prove() -> None:
    truth = make_truth(EVERY_TYPE, random.Random(3))
    assert truth.results["find_account"]["pin"] == truth.values["pin"]


def test_a_caller_who_refuses_a_required_answer_has_to_be_handed_over() -> None:
    truth = make_truth(CLINIC, random.Random(3), refuses=True)
    assert truth.refused not in truth.values
    assert truth.route.outcome is Outcome.HANDED_OVER
    assert truth.route.asked[-1] == truth.refused


def test_who_cannot_prove_who_they_are_is_locked_out_and_asked_nothing_that_is_protected() -> None:
    truth = make_truth(EVERY_TYPE, random.Random(3))
    results = {**truth.results, "find_account": {"pin": "no such"}}
    world = World(TODAY.isoformat(), truth.values, {}, results)
    found = route(EVERY_TYPE, world, Expressions(EVERY_TYPE.slots, ("result",)))
    assert (found.code, found.asked) == ("locked_out", ("caller_name", "pin"))


@pytest.mark.parametrize(
    ("wish", "asked"), [("loss", "story"), ("damage", "broken"), ("new delivery", "hour")]
)
def test_the_route_takes_the_way_whose_condition_holds(wish: str, asked: str) -> None:
    truth = make_truth(EVERY_TYPE, random.Random(3))
    values = {**truth.values, "wish": wish}
    world = World(TODAY.isoformat(), values, {}, truth.results)
    found = route(EVERY_TYPE, world, Expressions(EVERY_TYPE.slots, ("result",)))
    assert asked in found.asked
    assert found.code == "complete"


def test_a_slip_is_never_the_truth() -> None:
    rng = random.Random(1)
    for name in ("wish", "parcels", "sent_on", "caller_name"):
        slot = EVERY_TYPE.slots[name]
        value = make_truth(EVERY_TYPE, rng).values[name]
        assert all(another(slot, name, value, rng) != value for _ in range(30))
