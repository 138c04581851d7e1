"""Keys of a live call become entries. In virtual time: an entry is over after two seconds without a key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import virtual
from duplex_frontend.types import CallerTurn, Source
from flows.loader import load_flow
from flows.schema import Flow
from orchestrator.keypad import KEY_PAUSE_S, TOLD_WITHIN_S, UNREAD_KEYS, Keypad
from reasoner.acts import Disclose
from reasoner.machine import start
from reasoner.state import GoalState, Outcome
from reasoner.types import Pending, Waiting

FLOW = """
flow: desk
version: 1
about: A desk
agent: {name: Ann, company: The Desk, business: desk}
slots:
  phone: {type: phone, digits: 10}
  people: {type: number}
  sure: {type: yes_no}
ask: [phone, people, sure]
"""
SLOW = KEY_PAUSE_S - 0.1


class Rig:
    """A keypad whose clock, voice and conversation are the test's."""

    def __init__(self, flow: Flow, slot: str) -> None:
        self.state: GoalState = start(flow, "call")
        self.ask(slot)
        self.turns: list[CallerTurn] = []
        self.answered_s: list[float] = []
        self.hushed_s: list[float] = []
        self.thinks_s = 0.0
        self.then_ask: list[str] = []  # what each answer leads to
        self.keypad = Keypad(flow, lambda: self.state, self.now_s, self.hush, self.answer)

    def ask(self, slot: str) -> None:
        self.state = replace(self.state, pending=Pending(Waiting.ANSWER, (slot,)))

    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def hush(self) -> None:
        self.hushed_s.append(self.now_s())

    async def answer(self, turn: CallerTurn) -> None:
        self.turns.append(turn)
        self.answered_s.append(self.now_s())
        await asyncio.sleep(self.thinks_s)
        if self.then_ask:
            self.ask(self.then_ask.pop(0))

    async def press(self, keys: str, apart_s: float = 0.3) -> None:
        """Key by key, as a finger does."""
        for key in keys:
            self.keypad.press(key)
            await asyncio.sleep(apart_s)

    @property
    def entries(self) -> list[str]:
        return [turn.hypotheses[0].text for turn in self.turns]


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    path: Path = tmp_path_factory.mktemp("flow") / "desk.yaml"
    path.write_text(FLOW)
    return load_flow(str(path))


def play(flow: Flow, slot: str, caller: Callable[[Rig], Awaitable[None]]) -> Rig:
    """What a caller does, and 10 s without a key after it."""

    async def scenario() -> Rig:
        rig = Rig(flow, slot)
        running = asyncio.create_task(rig.keypad.run())
        await caller(rig)
        await asyncio.sleep(10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return rig

    return virtual.run(scenario)


def test_keys_that_come_one_by_one_make_one_entry_that_ends_with_its_last_figure(flow: Flow) -> None:
    rig = play(flow, "phone", lambda rig: rig.press("5551234567"))
    assert rig.entries == ["5551234567"]
    (turn,) = rig.turns
    assert (turn.start_s, turn.end_s, turn.decided_s) == pytest.approx((0.0, 2.7, 2.7))
    assert turn.hypotheses[0].source is Source.KEYPAD
    assert rig.answered_s == pytest.approx([2.7 + TOLD_WITHIN_S])


@pytest.mark.parametrize("at_once", ["5551234567", "555123#", "1" * 11])
def test_many_keys_in_one_message_are_the_same_as_one_by_one(flow: Flow, at_once: str) -> None:
    async def paste(rig: Rig) -> None:
        rig.keypad.press(at_once)

    pasted, pressed = play(flow, "phone", paste), play(flow, "phone", lambda rig: rig.press(at_once))
    assert pasted.entries == pressed.entries == [at_once]


def test_the_end_key_ends_an_entry_at_once(flow: Flow) -> None:
    rig = play(flow, "people", lambda rig: rig.press("12#"))
    assert rig.entries == ["12#"]
    assert rig.answered_s == pytest.approx([0.6 + TOLD_WITHIN_S])


def test_a_pause_ends_an_entry_that_nothing_else_ends(flow: Flow) -> None:
    rig = play(flow, "people", lambda rig: rig.press("12"))
    assert rig.entries == ["12"]
    assert rig.answered_s == pytest.approx([0.3 + KEY_PAUSE_S + TOLD_WITHIN_S])
    assert rig.turns[0].end_s == pytest.approx(0.3), "the caller has waited since the last key"


def test_a_slow_finger_still_makes_one_entry(flow: Flow) -> None:
    assert play(flow, "people", lambda rig: rig.press("1234", SLOW)).entries == ["1234"]


def test_after_a_pause_another_entry_begins(flow: Flow) -> None:
    assert play(flow, "people", lambda rig: rig.press("12", KEY_PAUSE_S + 0.1)).entries == ["1", "2"]


def test_each_entry_is_measured_by_what_is_asked_when_it_begins(flow: Flow) -> None:
    """Who knows the questions keys ahead, faster than the agent thinks."""

    async def ahead(rig: Rig) -> None:
        rig.thinks_s, rig.then_ask = 1.0, ["phone", "people"]
        rig.keypad.press("155512345678#")

    rig = play(flow, "sure", ahead)
    assert rig.entries == ["1", "5551234567", "8#"]
    assert rig.turns[1].start_s == 0.0, "a key counts from when it was pressed"


def test_an_end_key_behind_an_entry_that_is_whole_already_is_part_of_it(flow: Flow) -> None:
    rig = play(flow, "phone", lambda rig: rig.press("5551234567#"))
    assert rig.entries == ["5551234567"]
    assert len(rig.hushed_s) == 10, "the answer to it is not cut off"


def test_only_one_end_key_is_part_of_the_entry_before(flow: Flow) -> None:
    assert play(flow, "phone", lambda rig: rig.press("5551234567##")).entries == ["5551234567", "#"]
    assert play(flow, "people", lambda rig: rig.press("12##")).entries == ["12#", "#"]
    assert play(flow, "people", lambda rig: rig.press("#")).entries == ["#"]


def test_each_key_stops_the_voice_when_it_is_pressed(flow: Flow) -> None:
    rig = play(flow, "people", lambda rig: rig.press("12#"))
    assert rig.hushed_s == pytest.approx([0.0, 0.3, 0.6])


def test_what_has_to_be_said_whole_is_cut_off_once_an_entry_and_not_by_each_key(flow: Flow) -> None:
    async def over_a_disclosure(rig: Rig) -> None:
        rig.state = replace(rig.state, acts=(Disclose("recorded"),))
        await rig.press("5551234567")

    assert play(flow, "phone", over_a_disclosure).hushed_s == [0.0]


def test_whoever_keys_is_busy_until_the_entry_was_thought_through(flow: Flow) -> None:
    seen = []

    async def watch(rig: Rig) -> None:
        rig.thinks_s = 1.0
        for _ in range(8):
            seen.append(rig.keypad.busy)
            if len(seen) == 2:
                rig.keypad.press("7")
            await asyncio.sleep(0.5)

    play(flow, "people", watch)  # pressed at 0.5 s, over at 2.5 s, answered at 3.5 s
    assert seen == [False, False, True, True, True, True, True, True]


def test_busy_ends_with_the_answer(flow: Flow) -> None:
    assert not play(flow, "people", lambda rig: rig.press("7#")).keypad.busy


def test_a_call_that_is_over_is_not_disturbed_by_keys(flow: Flow) -> None:
    async def late(rig: Rig) -> None:
        rig.state = replace(rig.state, outcome=Outcome.COMPLETE)
        await rig.press("12#")

    rig = play(flow, "people", late)
    assert (rig.entries, rig.hushed_s) == ([], [])


def test_keys_that_nobody_takes_do_not_pile_up(flow: Flow) -> None:
    async def flood(rig: Rig) -> None:
        rig.thinks_s = 1.0
        rig.keypad.press("7#" * UNREAD_KEYS)

    rig = play(flow, "people", flood)
    assert 0 < len(rig.entries) <= UNREAD_KEYS / 2
    assert set(rig.entries) == {"7#"}
