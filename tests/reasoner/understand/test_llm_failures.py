"""A model that is late, broken, or asked too much of costs a turn its budget at most, and no call its answer."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from reasoner.types import (
    Understood,
)
from reasoner.understand.llm_breaker import Breaker
from reasoner.understand.llm_chat import Why
from tests.reasoner.understand.asking_a_model import (
    HELPLINE,
    alone,
    anyio_backend,
    asked,
    double,
    typed,
    understanding,
    value,
    values,
)
from tests.reasoner.understand.double_of_an_openai_server import (
    Asked,
    DoubleOfAnOpenAiServer,
    Reply,
    error,
    finds,
    says,
    served,
)

__all__ = ["anyio_backend", "double"]  # fixtures
pytestmark = pytest.mark.anyio


# --- one turn -----------------------------------------------------------------------------------------

_COMPLETE = '{"values":[],"answer":null,"intents":[],"topics":[],"question":"","spelled":"","rejected":[]}'


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(error(500, "overloaded"), Why.BROKEN, id="500"),
        pytest.param(error(429, "slow down"), Why.REJECTED, id="429"),
        pytest.param(Reply(hang_up=True), Why.DOWN, id="it hangs up"),
        pytest.param(
            Reply(302, (b"",), headers=(("Location", "/v2"),)), Why.REJECTED, id="it sends elsewhere"
        ),
        pytest.param(Reply(parts=(b"<html>hello</html>",)), Why.GARBLED, id="a web page"),
        pytest.param(Reply(parts=(b'{"choices": []}',)), Why.GARBLED, id="no choices"),
        pytest.param(Reply(parts=(b'data: {"choices"\n\n', b"data: [DONE]")), Why.GARBLED, id="a stream"),
        pytest.param(Reply(parts=(b"\xff\xfe\x00",)), Why.GARBLED, id="bytes that are no text"),
        pytest.param(Reply(parts=(b" " * 1_000_000,)), Why.TOO_LONG, id="1 MB"),
        pytest.param(says("x" * 1_000_000), Why.TOO_LONG, id="a completion of 1 MB"),
        pytest.param(
            Reply(parts=(b"x",), headers=(("Content-Encoding", "gzip"),)), Why.GARBLED, id="something packed"
        ),
        pytest.param(says("", refusal="I cannot"), Why.REFUSED, id="a refusal"),
        pytest.param(says(_COMPLETE[:40], finish="length"), Why.CUT, id="cut off"),
        pytest.param(says("Sure! Here is the JSON:"), Why.NONSENSE, id="no JSON"),
        pytest.param(says(_COMPLETE[:-1]), Why.NONSENSE, id="JSON without its end"),
        pytest.param(says("[" * 20_000), Why.NONSENSE, id="JSON without a bottom"),
        pytest.param(says('{"values": []}'), Why.NONSENSE, id="fields are missing"),
        pytest.param(says(_COMPLETE[:-1] + ',"do":"pay"}'), Why.NONSENSE, id="a field too many"),
        pytest.param(says(_COMPLETE.replace("null", '"maybe"')), Why.NONSENSE, id="a field of another type"),
        pytest.param(
            says(_COMPLETE.replace('"topics":[],', "")),
            Why.NONSENSE,
            id="a field that may be empty is missing",
        ),
        pytest.param(
            says(_COMPLETE.replace("[]", '[{"words":"x","slot":"concern","value":NaN}]', 1)),
            Why.NONSENSE,
            id="a number that is none",
        ),
    ],
)
async def test_without_an_answer_of_use_the_parsers_reading_stands(
    double: DoubleOfAnOpenAiServer, reply: Reply, why: Why
) -> None:
    said = "you are charging me way too much and no power on top"
    told: list[Why] = []
    async with understanding(double) as understander:
        understander.on_failure = told.append
        double.answer = lambda asked: reply
        result = await understander.understand(HELPLINE, asked("concern"), typed(said))
        assert result == await alone(asked("concern"), said)
        assert dict(understander.failures) == {why: 1} and told == [why]


async def test_a_wrong_key_is_told_as_a_rejected_request(double: DoubleOfAnOpenAiServer) -> None:
    async with understanding(double, key="sk-wrong") as understander:
        assert (
            await understander.understand(HELPLINE, asked("concern"), typed("something appalling"))
            is not None
        )
        assert dict(understander.failures) == {Why.REJECTED: 1}
    assert "Incorrect API key" in double.refused[0]


async def test_a_server_that_is_not_there_is_no_trouble_for_the_call() -> None:
    async with served() as double:
        pass
    async with understanding(double) as understander:
        result = await understander.understand(HELPLINE, asked("alone"), typed("yes but it is complicated"))
        assert result == await alone(asked("alone"), "yes but it is complicated")
        assert dict(understander.failures) == {Why.DOWN: 1}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(says(_COMPLETE, after_s=30), id="late"),
        pytest.param(Reply(parts=(b" ",) * 300, pause_s=0.1), id="a byte at a time"),
    ],
)
async def test_a_late_answer_is_not_waited_for(double: DoubleOfAnOpenAiServer, reply: Reply) -> None:
    double.answer = lambda asked: reply
    async with understanding(double, budget_ms=150) as understander:
        await alone(asked("alone"), "yes but it is complicated")  # tables are read once
        with anyio.fail_after(3):
            result = await understander.understand(
                HELPLINE, asked("alone"), typed("yes but it is complicated")
            )
        assert dict(understander.failures) == {Why.LATE: 1}
        await double.until(lambda: double.dropped == 1)
    assert result == await alone(asked("alone"), "yes but it is complicated")


async def test_a_turn_that_is_thought_ahead_and_thrown_away_drops_its_request(
    double: DoubleOfAnOpenAiServer,
) -> None:
    double.answer = lambda asked: says(_COMPLETE, after_s=30)
    async with understanding(double, budget_ms=20_000) as understander:
        thinking = asyncio.create_task(
            understander.understand(HELPLINE, asked("concern"), typed("you are charging me"))
        )
        await double.until(lambda: bool(double.asked))
        thinking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await thinking
        await double.until(lambda: double.dropped == 1)
        assert not understander.failures  # the model is not to blame
        double.answer = lambda asked: finds(asked, values=[value("concern", "billing", "charging me")])
        result = await understander.understand(HELPLINE, asked("concern"), typed("you are charging me"))
        assert values(result) == {"concern": "billing"}


async def test_a_model_that_keeps_failing_is_left_out_for_a_while(double: DoubleOfAnOpenAiServer) -> None:
    now_s = 0.0
    breaker = Breaker(after=3, pause_s=30)
    async with understanding(double, breaker=breaker, clock=lambda: now_s) as understander:

        async def turn() -> Understood:
            return await understander.understand(HELPLINE, asked("concern"), typed("you are charging me"))

        double.answer = lambda asked: error(500, "overloaded")
        for _ in range(5):
            await turn()
        assert len(double.asked) == 3
        assert dict(understander.failures) == {Why.BROKEN: 3, Why.PAUSED: 2}
        now_s = 30.0
        await turn()  # one failure is enough now
        await turn()
        assert len(double.asked) == 4
        now_s = 60.0
        double.answer = lambda asked: finds(asked, values=[value("concern", "billing", "charging me")])
        assert values(await turn()) == {"concern": "billing"}
        double.answer = lambda asked: error(500, "overloaded")
        for _ in range(3):
            await turn()
        assert len(double.asked) == 8


async def test_a_caller_cannot_have_the_model_left_out_for_others(double: DoubleOfAnOpenAiServer) -> None:
    double.answer = lambda asked: says("", refusal="I cannot help with that")
    async with understanding(double, breaker=Breaker(after=2)) as understander:
        for _ in range(6):
            await understander.understand(HELPLINE, asked("concern"), typed("something appalling"))
    assert len(double.asked) == 6


async def test_twenty_callers_at_once_each_get_their_own_answer(double: DoubleOfAnOpenAiServer) -> None:
    labels = ("billing", "outage", "moving")

    def answer(asked_for: Asked) -> Reply:
        label = labels[int(asked_for.said.split()[-1]) % 3]
        found = finds(asked_for, values=[value("concern", label, "it is strange")])
        return Reply(parts=found.parts, after_s=0.2)

    double.answer = answer
    results: dict[int, Understood] = {}
    async with understanding(double) as understander:

        async def turn(number: int) -> None:
            said = typed(f"it is strange number {number}")
            results[number] = await understander.understand(HELPLINE, asked("concern"), said)

        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(turn, number)
        assert not understander.failures
    assert double.most_at_once == 20
    assert {n: values(r)["concern"] for n, r in results.items()} == {n: labels[n % 3] for n in range(20)}


@pytest.mark.parametrize(
    "said",
    ["\ud800 strange", "\x00\x01 what", "}{][" * 500, "ä" * 5000, "a " * 3000, "👋 hello there you"],
)
async def test_nothing_that_can_be_typed_makes_it_fail(double: DoubleOfAnOpenAiServer, said: str) -> None:
    async with understanding(double, always=True) as understander:
        await understander.understand(HELPLINE, asked("concern"), typed(said, said[:100]))
        assert not understander.failures
