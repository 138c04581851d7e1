"""A whole call that is led with the keys of a telephone: a double of a front-end, the real reasoner, a real store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from duplex_frontend.types import AgentStarted, AgentStopped, CallerSilent
from orchestrator.callfile import load_call
from orchestrator.recording import CallerWords
from reasoner.state import Outcome
from reasoner.types import SlotStatus, Waiting
from tests.orchestrator.callers_rig import BANK, Rung, world
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

pytestmark = pytest.mark.anyio

DESK = """
flow: desk
version: 1
about: A number to call back
agent: {name: Ann, company: The Desk, business: desk}
slots:
  phone: {type: phone, digits: 10, ask: What is your number?}
  sure: {type: yes_no, ask: May we call you?, confirm: never}
  people: {type: number, ask: How many are you?, confirm: never}
ask: [phone, sure, people]
"""
NUMBER = "5552138841"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hushes(DoubleOfADuplexCall):
    """Tells what a hush cut off, as front-ends do, where a reply is being spoken."""

    speaking = False

    def begin(self) -> None:
        self.speaking = True
        self.happen(AgentStarted(self.prompts[-1].revision, self.now_s))

    def hush(self) -> None:
        super().hush()
        if self.speaking:
            self.speaking = False
            self.happen(AgentStopped(self.prompts[-1].revision, self.now_s, True, self.said_last))


async def press(rung: Rung, keys: str) -> str:
    """Key by key; what the agent says to it, which the caller hears to its end."""
    for key in keys:
        rung.line.pass_time(0.3)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        rung.session.press(key)
    await rung.settle()
    said = rung.said
    rung.line.speak()
    await rung.settle()
    return said


def shown(rung: Rung) -> list[str]:
    return [one.text for one in rung.session.told if isinstance(one, CallerWords) and one.final]


async def test_a_number_that_is_keyed_is_read_back_confirmed_and_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as here, here.call(DESK) as rung:
        assert "Is that right?" in await press(rung, NUMBER)
        phone = rung.session.state.slots["phone"]
        assert (phone.value, phone.status) == (NUMBER, SlotStatus.HEARD)
        assert "May we call you?" in await press(rung, "1")
        assert rung.session.state.slots["phone"].status is SlotStatus.CONFIRMED
        assert "How many are you?" in await press(rung, "1")
        await press(rung, "12#")
        assert rung.session.state.slots["people"].value == 12
        assert rung.session.state.outcome is Outcome.COMPLETE
        assert shown(rung) == [NUMBER, "1", "1", "12#"]


async def test_the_first_key_stops_the_voice_and_the_question_is_not_asked_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here, here.call(DESK) as rung:
        prompts = len(rung.line.prompts)
        rung.session.press("5")
        await rung.settle()
        assert rung.line.hushed == 1
        assert len(rung.line.prompts) == prompts


async def test_who_is_keying_is_not_asked_whether_anybody_is_there(tmp_path: Path) -> None:
    async with world(tmp_path) as here, here.call(DESK) as rung:
        rung.session.press("555")
        await rung.settle()
        before = rung.session.state.revision
        rung.line.happen(CallerSilent(6.0, 8.0))
        await rung.settle()
        assert rung.session.state.revision == before
        await press(rung, NUMBER[3:])
        rung.line.happen(CallerSilent(6.0, 30.0))
        await rung.settle()
        assert rung.session.state.revision > before, "silence after the entry counts again"


async def test_what_is_said_while_keys_are_pressed_is_a_turn_of_its_own_and_neither_is_lost(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here, here.call(DESK) as rung:
        rung.session.press("555")
        await rung.settle()
        await rung.say("one moment please")
        await press(rung, NUMBER[3:])
        assert shown(rung) == ["one moment please", NUMBER]
        assert rung.session.state.slots["phone"].value == NUMBER


async def test_keys_do_not_accept_what_was_cut_off_before_it_was_read_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.orchestrator.callers_rig.DoubleOfADuplexCall", Hushes)
    async with world(tmp_path) as here, here.call(DESK) as rung:
        line = rung.line
        assert isinstance(line, Hushes)
        rung.session.press(NUMBER)
        await rung.settle()
        line.begin()
        await rung.settle()
        rung.session.press("1")
        await rung.settle()
        state = rung.session.state
        assert state.slots["phone"].status is SlotStatus.HEARD
        assert state.pending.waiting is Waiting.CONFIRMATION
        await press(rung, "")  # now it is read out to its end
        await press(rung, "1")
        assert rung.session.state.slots["phone"].status is SlotStatus.CONFIRMED


async def test_a_number_that_was_keyed_is_taken_out_of_the_calls_file_like_one_that_was_said(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        async with here.call(DESK, level="personal") as rung:
            for keys in ("555#", f"{NUMBER[:9]}9", "2", f"1{NUMBER}", "1", "1", "4#"):
                await press(rung, keys)
            assert rung.session.state.slots["phone"].value == NUMBER
        story = (await here.sessions.load(rung.session.key)).record.decode()
        for figures in (NUMBER, f"{NUMBER[:9]}9", '"555', "555#"):
            assert figures not in story, figures
        said = [one.text for one in load_call(story).transcript if one.who == "caller"]
        assert said[0] == said[1] == "[phone]"


async def test_a_pin_that_was_keyed_on_a_live_call_is_in_no_words_of_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        async with here.call(BANK, results={"check": {"ok": False}}) as rung:
            for keys in ("1234", "9987", "1234", "998#", "9986"):
                await press(rung, keys)
        story = (await here.sessions.load(rung.session.key)).record.decode()
        for pin in ("9987", "998", "9986"):
            assert pin not in story, pin
        assert "1234" in story
