"""What counts as wrong, and what only came over the line badly."""

from __future__ import annotations

import random
from dataclasses import replace

import anyio
import pytest

from flows.loader import open_flow
from orchestrator.simulate.caller import Doing, Said
from orchestrator.simulate.conversation import Conversation, Exchange, converse
from orchestrator.simulate.line import Setting, agent_of
from orchestrator.simulate.report import cell
from orchestrator.simulate.score import as_heard, score
from orchestrator.simulate.temper import Kind
from orchestrator.simulate.truth import TODAY, make_truth
from reasoner.state import Outcome

TRUTH = "i told my manager and we changed the plan"


@pytest.mark.parametrize(
    ("value", "heard"),
    [
        ("i told my manager and we changed the plan", "i told my manager and we changed the plan"),
        (
            "i'd told it by manager an who changed a plan",
            "well i'd told it by manager an who changed a plan okay",
        ),
        ("thirty my manager way correct a plan", "no thirty my manager way correct a plan"),
        ("i told my manager", "i told my manager"),  # the rest was lost
    ],
)
def test_an_answer_as_it_came_over_the_line_is_not_wrong(value: str, heard: str) -> None:
    assert as_heard(value, TRUTH, heard)


@pytest.mark.parametrize(
    ("value", "heard"),
    [
        ("plan", "i told my manager and we changed the plan"),  # most of it was left out
        ("just a moment please", "i told my manager and we changed the plan"),
        ("i told my manager and we changed the plan twice", "i told my manager and we changed the plan"),
        ("in the kitchen of my uncle's restaurant", "i told by manager and we changed a plan"),
    ],
)
def test_what_the_line_did_not_bring_or_was_left_out_of_it_is_wrong(value: str, heard: str) -> None:
    assert not as_heard(value, TRUTH, heard)


def told(text: str, *, heard: str, value: str) -> Conversation:
    """A call that is over, with one text told so and heard so, and this value for it in the end."""

    async def hold() -> Conversation:
        async with agent_of(open_flow("star_question")) as agent:
            return await converse(agent.flow, agent.dial, kind=Kind.COOPERATIVE, seed=1015)

    call = anyio.run(hold)
    at, name = next(
        (at, name)
        for at, exchange in enumerate(call.exchanges)
        for name in exchange.said.values
        if call.flow.slots[name].type == "text"
    )
    exchanges = list(call.exchanges)
    exchanges[at] = replace(exchanges[at], heard=heard, said=replace(exchanges[at].said, text=text))
    turn = exchanges[-1].turn
    state = turn.state
    slots = {**state.slots, name: replace(state.slots[name], value=value)}
    moment = replace(turn.moments[-1], state=replace(state, slots=slots))
    exchanges[-1] = replace(exchanges[-1], turn=replace(turn, moments=(*turn.moments[:-1], moment)))
    truth = replace(call.truth, values={**call.truth.values, name: text})
    return replace(call, exchanges=tuple(exchanges), truth=truth)


def test_a_garbled_text_is_counted_apart_from_the_wrong_ones_and_still_not_right() -> None:
    clean = score(told(TRUTH, heard=TRUTH, value=TRUTH))
    garbled = score(
        told(
            TRUTH, heard="thirty by manager way correct a plan", value="thirty by manager way correct a plan"
        )
    )
    wrong = score(told(TRUTH, heard=TRUTH, value="i do not have that"))
    assert (clean.confirmed_wrong.hits, clean.garbled.hits, clean.success) == (0, 0, True)
    assert (garbled.confirmed_wrong.hits, garbled.garbled.hits, garbled.success) == (0, 1, False)
    assert (wrong.confirmed_wrong.hits, wrong.garbled.hits, wrong.success) == (1, 0, False)
    together = cell([clean, garbled, wrong])
    assert (together.garbled.hits, together.confirmed_wrong.hits) == (1, 1)
    assert together.garbled.of == clean.garbled.of * 3 > 0


def test_who_stops_where_the_flow_lets_them_leaves_nothing_incomplete() -> None:
    """`on: cancel` of the lesson leads to its end, which counts as complete."""

    async def hold() -> Conversation:
        async with agent_of(open_flow("language_lesson")) as agent:
            truth = make_truth(agent.flow, random.Random(1))
            line = agent.dial(Setting(TODAY.isoformat(), truth.called, truth.results))
            opening = await line.begin()
            turn = await line.said("i want to stop", 1.0)
            said = Exchange(Said("i want to stop", Doing.TELL), "i want to stop", 1.0, opening.state, turn)
            return Conversation(agent.flow, Kind.TERSE, 1, 0.0, truth, opening, (said,), False, 4, 0)

    call = anyio.run(hold)
    assert call.state.outcome is Outcome.COMPLETE
    assert score(call).incomplete == 0
    unseen = replace(call.exchanges[0].turn.moments[0], event=None)
    exchange = replace(call.exchanges[0], turn=replace(call.exchanges[0].turn, moments=(unseen,)))
    assert score(replace(call, exchanges=(exchange,))).incomplete == 1
