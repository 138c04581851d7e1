"""Actions of a live call: their results are spoken, their failures too, and a write is not given up half-way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from memory.sqlite import SqliteSessions
from memory.types import SessionKey
from orchestrator.actions.allowed import ActionSettings
from orchestrator.actions.functions import Refused
from orchestrator.actions.run import open_actions
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telling import Teller
from reasoner.events import ActionDone, ActionFailed, Failure, load_event
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import Outcome, dump_state
from reasoner.types import Waiting
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall
from tests.orchestrator.shop_flow import shop_flow

KEY = SessionKey("default", "call1")
Function = Callable[..., Any]


class Rig:
    """A session on a double of a line, with a real store and real actions."""

    def __init__(self, session: Session, line: DoubleOfADuplexCall, store: SqliteSessions) -> None:
        self.session, self.line, self.store = session, line, store
        self.spoken = 0  # prompts

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0.005)

    async def say(self, text: str) -> list[str]:
        """The caller says something, and hears all the replies that follow."""
        self.line.hear(text)
        await self.settle()
        return await self.listen(len(self.line.prompts) - 1)

    async def listen(self, first: int) -> list[str]:
        """What is said from the prompt `first` on, each reply spoken to its end."""
        while self.spoken < len(self.line.prompts):
            self.spoken = len(self.line.prompts)
            self.line.speak()
            await self.settle()
        return [" ".join(line.text for line in prompt.reply) for prompt in self.line.prompts[first:]]

    async def order(self) -> list[str]:
        await self.listen(0)
        await self.say("one two three four")
        return await self.say("yes")

    async def events(self) -> list[Any]:
        return [load_event(stored.event) for stored in await self.store.events(KEY)]


@asynccontextmanager
async def calling(tmp_path: Path, functions: Mapping[str, Function]) -> AsyncIterator[Rig]:
    flow = shop_flow(tmp_path)
    store = await SqliteSessions.open(tmp_path / "sessions.db")
    line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
    try:
        async with open_actions(ActionSettings(), functions) as actions, anyio.create_task_group() as tasks:
            session = Session(
                key=KEY,
                call=line,
                rate_hz=16_000,
                ports=Ports(flow, ParserUnderstander(), no_pages),
                act=lambda effect: actions.run(flow, effect),
                saver=Saver(store, lambda what, recovered: None),
                teller=teller,
            )
            tasks.start_soon(session.run)
            rig = Rig(session, line, store)
            await rig.settle()
            yield rig
            await session.hang_up()
    finally:
        await store.aclose()


async def no_pages(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


async def look_up(number: str) -> dict[str, str]:
    return {"status": {"1234": "packed"}.get(number, "lost")}


async def paint(number: str, colour: str) -> dict[str, str]:
    return {"id": "R7"}


def run(scenario: Callable[[], Any]) -> None:
    anyio.run(scenario)


def test_what_another_system_answers_changes_what_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            assert "This call is recorded." in rig.line.said_last
            assert await rig.order() == [
                "Got it. One moment.",
                "Your order is packed. Which colour do you want?",
            ]
            await rig.say("red")
            assert (await rig.say("yes"))[-1] == "Done. Goodbye."
            assert rig.session.state.outcome is Outcome.COMPLETE
            assert rig.session.state.slots["receipt"].value == "R7"

    run(scenario)


def test_what_was_answered_is_stored_and_leads_to_the_same_state(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            await rig.order()
            events = await rig.events()
            (answered,) = (event for event in events if isinstance(event, ActionDone))
            assert (answered.action, answered.result) == ("look_up", {"status": "packed"})
            flow = shop_flow(tmp_path)
            state = start(flow, KEY.call)
            for event in events:
                state, _ = advance(flow, state, event)
            assert dump_state(state) == dump_state(rig.session.state)

    run(scenario)


def test_the_caller_is_told_to_wait_and_may_speak_meanwhile(tmp_path: Path) -> None:
    async def scenario() -> None:
        answer = asyncio.Event()

        async def slow(number: str) -> dict[str, str]:
            await answer.wait()
            return {"status": "packed"}

        async with calling(tmp_path, {"look_up": slow, "paint": paint}) as rig:
            assert await rig.order() == ["Got it. One moment."]
            assert rig.session.state.pending.waiting is Waiting.ACTION
            await rig.say("i want the blue one")
            answer.set()
            await rig.settle()
            assert rig.line.said_last == "Your colour is blue. Is that right?"

    run(scenario)


async def refuses(number: str) -> None:
    raise Refused


async def breaks(number: str) -> None:
    raise RuntimeError("the database is on fire")


@pytest.mark.parametrize(
    ("function", "why", "said"),
    [
        (refuses, Failure.REFUSED, "There is no such order. Which colour do you want?"),
        (breaks, Failure.FAILED, "I will connect you with a person now."),
    ],
)
def test_an_action_that_fails_is_what_the_flow_makes_of_it(
    tmp_path: Path, function: Function, why: Failure, said: str
) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": function, "paint": paint}) as rig:
            assert (await rig.order())[-1].endswith(said)
            (failed,) = (event for event in await rig.events() if isinstance(event, ActionFailed))
            assert (failed.action, failed.why) == ("look_up", why)

    run(scenario)


def test_a_result_waits_until_what_is_being_said_was_said(tmp_path: Path) -> None:
    """The newest reply wins: what comes too soon would cut off words that the caller never hears."""

    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            await rig.listen(0)
            await rig.say("one two three four")
            rig.line.hear("yes")
            await rig.settle()
            assert rig.line.said_last == "Got it. One moment."
            rig.line.speak()
            await rig.settle()
            assert rig.line.said_last.startswith("Your order is packed.")

    run(scenario)


def test_a_caller_who_cuts_in_is_answered_and_then_told_the_result(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            await rig.listen(0)
            await rig.say("one two three four")
            rig.line.hear("yes")
            await rig.settle()
            rig.line.hear("mm-hm")  # before the reply was spoken, and nothing is said to it
            await rig.settle()
            assert rig.line.said_last.startswith("Your order is packed.")

    run(scenario)


def test_a_result_waits_for_the_answer_to_a_question_that_came_between(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            await rig.listen(0)
            await rig.say("one two three four")
            rig.line.hear("yes")
            await rig.settle()
            rig.line.hear("where can i park")
            await rig.settle()
            assert "do not have that information" in rig.line.said_last
            rig.line.speak()
            await rig.settle()
            assert rig.line.said_last.startswith("Your order is packed.")

    run(scenario)


def test_what_was_done_is_kept_though_the_caller_hung_up_before_hearing_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": look_up, "paint": paint}) as rig:
            await rig.listen(0)
            await rig.say("one two three four")
            rig.line.hear("yes")
            await rig.settle()
            await rig.session.hang_up()
            assert rig.session.state.outcome is Outcome.HUNG_UP
            assert rig.session.state.slots["status"].value == "packed"
            assert [event.action for event in await rig.events() if isinstance(event, ActionDone)] == [
                "look_up"
            ]

    run(scenario)


def test_hanging_up_lets_a_write_finish_and_gives_up_a_read(tmp_path: Path) -> None:
    done: list[str] = []

    async def slow_read(number: str) -> dict[str, str]:
        await asyncio.sleep(0.6)
        done.append("read")
        return {"status": "packed"}

    async def slow_write(number: str, colour: str) -> dict[str, str]:
        await asyncio.sleep(0.6)
        done.append("write")
        return {"id": "R7"}

    async def scenario() -> None:
        async with calling(tmp_path, {"look_up": slow_read, "paint": paint}) as rig:
            await rig.order()
            await rig.session.hang_up()
            assert rig.session.state.outcome is Outcome.HUNG_UP
        assert done == [], "a read is given up when its call ends"
        (tmp_path / "sessions.db").unlink()
        async with calling(tmp_path, {"look_up": look_up, "paint": slow_write}) as rig:
            await rig.order()
            await rig.say("red")
            await rig.say("yes")
            assert rig.session.state.doing is not None
            with anyio.fail_after(0.4):  # and nobody waits for the write
                await rig.session.hang_up()
            assert (done, rig.session.state.outcome) == ([], Outcome.HUNG_UP)
        assert done == ["write"]

    run(scenario)


def test_an_answer_that_comes_after_the_end_is_ignored(tmp_path: Path) -> None:
    async def scenario() -> None:
        answer = asyncio.Event()

        async def slow(number: str) -> dict[str, str]:
            await answer.wait()
            return {"status": "packed"}

        async with calling(tmp_path, {"look_up": slow, "paint": paint}) as rig:
            await rig.order()
            assert "connect you" in (await rig.say("i want to talk to a person"))[-1]
            ended = rig.session.state
            assert ended.outcome is Outcome.HANDED_OVER
            answer.set()
            await rig.settle()
            assert rig.session.state.code == ended.code
            assert not [event for event in await rig.events() if isinstance(event, ActionDone)]

    run(scenario)
