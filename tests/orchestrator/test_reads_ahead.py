"""Actions tried ahead: reads with the same arguments are used, writes never begin, the rest is given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import TaskGroup

from flows.loader import load_flow
from orchestrator.reads_ahead import MOST_AHEAD, ReadsAhead
from reasoner.events import ActionDone, ActionFailed, Failure, RunAction

pytestmark = pytest.mark.anyio

FLOW = """
flow: shop
version: 1
about: Orders
agent: {name: Ann, company: Shop, business: shop}
slots:
  number: {type: text, ask: Which order?}
  state: {type: text, source: action}
ask: [number]
actions:
  look: {python: look, effect: read, with: {number: number}, gives: {state: result.state}}
  cancel: {python: cancel, effect: write, with: {number: number}}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shop:
    """What the other system was asked, and what it says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ended: list[str] = []
        self.takes_s = 0.02
        self.failing = False

    async def act(self, effect: RunAction) -> ActionDone | ActionFailed | None:
        self.asked.append(effect.id)
        try:
            await anyio.sleep(self.takes_s)
        finally:
            self.ended.append(effect.id)
        if self.failing:
            return ActionFailed(effect.id, Failure.FAILED)
        return ActionDone(effect.id, {"state": "sent"})


@asynccontextmanager
async def calling(tmp_path: Path) -> AsyncIterator[tuple[ReadsAhead, Shop, TaskGroup]]:
    (tmp_path / "shop.yaml").write_text(FLOW)
    shop = Shop()
    async with anyio.create_task_group() as tasks:
        yield ReadsAhead(load_flow(str(tmp_path / "shop.yaml")), shop.act), shop, tasks
        tasks.cancel_scope.cancel()


def look(number: str, name: str = "look", takes_back: bool = False) -> RunAction:
    return RunAction(f"{name} {number}", name, {"number": number}, takes_back)


async def test_a_read_begun_ahead_is_used_once_for_the_same_arguments(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        reads.begin([look("7")], tasks)
        reads.begin([look("7")], tasks)
        await anyio.sleep(0.05)
        assert await reads.do(look("7")) == ActionDone("look 7", {"state": "sent"})
        assert shop.asked == ["look 7"]
        await reads.do(look("7"))
        assert len(shop.asked) == 2


async def test_other_arguments_are_asked_for_anew(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        reads.begin([look("7")], tasks)
        assert (await reads.do(look("8"))) == ActionDone("look 8", {"state": "sent"})
        assert shop.asked == ["look 8", "look 7"] or shop.asked == ["look 7", "look 8"]


async def test_writes_and_what_takes_back_never_begin_ahead(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        reads.begin([look("7", "cancel"), look("7", takes_back=True), look("7", "unknown")], tasks)
        await anyio.sleep(0.05)
        assert shop.asked == []


async def test_no_more_than_a_few_are_begun_in_a_turn(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        for number in range(9):
            reads.begin([look(str(number))], tasks)
        await anyio.sleep(0.05)
        assert len(shop.asked) == MOST_AHEAD
        reads.turn_over()
        reads.begin([look("next")], tasks)
        await anyio.sleep(0.05)
        assert len(shop.asked) == MOST_AHEAD + 1


async def test_what_the_turn_does_not_come_to_is_given_up_and_never_used_later(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        shop.takes_s = 30.0
        reads.begin([look("7"), look("8")], tasks)
        await anyio.sleep(0.01)
        reads.turn_over({"look 8"})
        await anyio.sleep(0.01)
        assert shop.ended == ["look 7"]
        shop.takes_s = 0.0
        await reads.do(look("7"))
        assert shop.asked == ["look 7", "look 8", "look 7"]


async def test_one_that_failed_ahead_is_tried_when_it_counts(tmp_path: Path) -> None:
    async with calling(tmp_path) as (reads, shop, tasks):
        shop.failing = True
        reads.begin([look("7")], tasks)
        await anyio.sleep(0.05)
        shop.failing = False
        assert isinstance(await reads.do(look("7")), ActionDone)
