"""One turn of thought: the way it takes, what it leaves behind, and how long it is allowed to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from langsmith import tracing_context
from langsmith.utils import tracing_is_enabled

from flows.schema import Flow
from memory.types import Passage
from reasoner.events import CallerSaid, PassagesFound
from reasoner.graph import think
from reasoner.machine import advance
from reasoner.ports import Ports, Route, Thought
from reasoner.state import GoalState, dump_state
from reasoner.types import Answer, Intent, Reading, Understood, Utterance
from reasoner.whisper import compose
from tests.reasoner.talking import INTAKE, NO, NOTHING, PARKING, YES, Call, asks, values, wants

pytestmark = pytest.mark.anyio
SAID = Utterance((Reading("words", 0.9),), 1.0, 2.0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Means:
    """An understander for a test that says itself what the words mean."""

    def __init__(self, understood: Understood) -> None:
        self.understood = understood

    async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
        return self.understood


class Pages:
    """A search that knows about parking, and remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    async def __call__(
        self, question: str, *, speculative: bool, within: tuple[str, ...] = ()
    ) -> Sequence[Passage]:
        self.asked.append((question, speculative))
        return [PARKING] if "park" in question else []


async def thought(call: Call, understood: Understood, *, speculative: bool = False) -> tuple[Thought, Pages]:
    pages = Pages()
    ports = Ports(call.flow, Means(understood), pages)
    return await think(call.state, SAID, ports, speculative), pages


def confirming() -> Call:
    call = Call()
    call.started()
    call.says(values(name="Susan Clark"))
    return call


@pytest.mark.parametrize(
    ("understood", "route"),
    [
        (YES, Route.ANSWER),
        (values(date_of_birth="1980-03-03"), Route.ANSWER),
        (NO, Route.REPAIR),
        (NOTHING, Route.REPAIR),
        (wants(Intent.WAIT), Route.REPAIR),
        (asks("where can i park"), Route.DIGRESSION),
        (asks("where can i park", answer=Answer.YES), Route.DIGRESSION),
        (wants(Intent.HUMAN), Route.HAND_OVER),
        (wants(Intent.CANCEL), Route.COMPLETION),
        (wants(Intent.BACKCHANNEL), Route.ANSWER),
    ],
)
async def test_a_turn_takes_the_way_that_it_calls_for(understood: Understood, route: Route) -> None:
    made, pages = await thought(confirming(), understood)
    assert made.route is route
    assert bool(pages.asked) == (route is Route.DIGRESSION)
    assert ("recall" in made.took_ms) == (route is Route.DIGRESSION)


async def test_the_last_yes_leads_to_completion() -> None:
    call = Call().up_to("consent")
    call.says(YES)
    call.says(YES)
    made, _ = await thought(call, YES)
    assert made.route is Route.COMPLETION
    assert made.whisper.reply[-1].text.endswith("Goodbye.")


async def test_a_thought_leaves_the_state_it_began_from_alone() -> None:
    call = confirming()
    before = dump_state(call.state)
    await thought(call, values(date_of_birth="1980-03-03"))
    assert dump_state(call.state) == before


async def test_its_events_lead_to_the_state_that_its_whisper_is_for() -> None:
    call = confirming()
    made, _ = await thought(call, asks("where can i park", answer=Answer.YES))
    assert [type(event) for event in made.events] == [CallerSaid, PassagesFound]
    state = call.state
    for event in made.events:
        state, _effects = advance(call.flow, state, event)
    assert state.revision == call.state.revision + 2
    assert made.whisper == compose(call.flow, state)
    assert made.passages == (PARKING,) and made.question == "where can i park"


async def test_the_search_is_told_whether_the_turn_may_go_on() -> None:
    for speculative in (True, False):
        _, pages = await thought(confirming(), asks("where can i park"), speculative=speculative)
        assert pages.asked == [("where can i park", speculative)]


async def test_a_thought_made_ahead_is_the_thought_made_at_the_end() -> None:
    call = confirming()
    ahead, _ = await thought(call, YES, speculative=True)
    final, _ = await thought(call, YES)
    assert replace(ahead, took_ms={}) == replace(final, took_ms={})


async def test_a_backchannel_gets_no_words() -> None:
    made, _ = await thought(confirming(), wants(Intent.BACKCHANNEL))
    assert made.whisper.reply == ()
    assert len(made.events) == 1


async def test_after_the_end_there_is_nothing_to_say() -> None:
    call = confirming()
    call.says(wants(Intent.HUMAN))
    made, _ = await thought(call, YES)
    assert made.whisper.reply == ()
    assert advance(call.flow, call.state, made.events[0]) == (call.state, ())


async def test_the_budget_and_the_counter_of_the_model_reach_the_prompt() -> None:
    call = confirming()
    ports = Ports(INTAKE, Means(YES), Pages(), count_tokens=lambda text: len(text.split()), token_budget=40)
    made = await think(call.state, SAID, ports)
    assert len(made.whisper.text.split()) <= 40
    assert made.whisper.left_out


async def test_no_tracer_is_told_what_callers_say() -> None:
    """Tracing that was turned on for another part of the program must not send a call's words away."""
    seen: list[bool] = []

    class Watches(Means):
        async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
            seen.append(bool(tracing_is_enabled()))
            return YES

    with tracing_context(enabled=True):
        await think(confirming().state, SAID, Ports(INTAKE, Watches(YES), Pages()))
    assert seen == [False]


async def test_thinking_takes_a_few_milliseconds_beside_parsing_and_searching() -> None:
    call = confirming()
    took = sorted([(await thought(call, asks("where can i park")))[0].took_ms["total"] for _ in range(60)])
    assert took[30] < 20, took  # 1.6 ms on a quiet machine
