"""Proof and correction in a live session: what was played counts, and what strays is put right or handed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from duplex_frontend.types import (
    OWN_EAR,
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    Capabilities,
    Fate,
    Impaired,
    WhisperReceipt,
)
from flows.loader import load_flow
from memory.sqlite import SqliteSessions
from memory.types import SessionKey
from orchestrator import conversation
from orchestrator.recording import Found, Receipt, TurnTimed
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telling import Teller
from orchestrator.whispers import MOST_TRIES
from reasoner.ports import Ports
from reasoner.state import Outcome
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

FLOW = """
flow: debt
version: 1
about: a debt
agent: {name: Ann, company: Acme, business: agency}
slots:
  colour: {type: choice, ask: Which colour was it?, values: {red: [], blue: []}, confirm: never}
  size: {type: choice, ask: Which size was it?, values: {big: [], small: []}, confirm: never}
disclosures:
  miranda: This is an attempt to collect a debt.
steps:
  one: {needs: miranda, ask: colour}
  two: {ask: size}
"""
MIRANDA = "This is an attempt to collect a debt."


async def nothing(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


class Rig:
    def __init__(self, session: Session, line: DoubleOfADuplexCall) -> None:
        self.session, self.line = session, line

    async def settle(self) -> None:
        for _ in range(15):
            await asyncio.sleep(0.004)

    async def says(self, text: str, *, revision: int | None = None, ear: str | None = "") -> None:
        """The voice says this instead of what it was given. `ear`: what is heard of it, "" for the same; None: late."""
        line, now_s = self.line, self.line.now_s
        revision = line.prompts[-1].revision if revision is None else revision
        line.happen(AgentStarted(revision, now_s + 0.1))
        for at, word in enumerate(text.split()):
            line.happen(AgentWords(word, revision, now_s + 0.1 + at * 0.3, now_s + 0.4 + at * 0.3))
        line.now_s = now_s + 0.4 + 0.3 * len(text.split())
        line.happen(AgentStopped(revision, line.now_s, False))
        if ear is not None:
            line.happen(AgentHeard(ear or text, revision, now_s, line.now_s, 0.9))
        await self.settle()

    @property
    def found(self) -> list[str]:
        return [moment.kind for moment in self.session.told if isinstance(moment, Found)]


@asynccontextmanager
async def calling(tmp_path: Path, *, hears_itself: bool = False) -> AsyncIterator[Rig]:
    path = tmp_path / "debt.yaml"
    path.write_text(FLOW)
    flow = load_flow(str(path))
    store = await SqliteSessions.open(tmp_path / "sessions.db")
    line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
    one = Session(
        key=SessionKey("t", "c"),
        call=line,
        rate_hz=16_000,
        ports=Ports(flow, ParserUnderstander(), nothing),
        saver=Saver(store, lambda why, recovered: None),
        teller=teller,
        capabilities=Capabilities(16_000, True, True, False, hears_itself=hears_itself),
    )
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.run)
            rig = Rig(one, line)
            await rig.settle()
            yield rig
            await one.hang_up()
    finally:
        await store.aclose()


def test_a_skipped_question_is_whispered_again_and_then_said_in_exact_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            await rig.says(
                f"Hello, this is Ann at Acme, thank you for calling, an automated assistant. {MIRANDA}"
            )
            assert rig.line.said_last == "Which colour was it?"
            assert not any(line.exact for line in rig.line.prompts[-1].reply)
            await rig.says("Okay.")
            assert all(line.exact for line in rig.line.prompts[-1].reply)
            await rig.says("Which colour was it?")
            assert rig.found == ["disclosed", "not_asked", "not_asked", "corrected"]
            proven = rig.session.written_down().disclosures["miranda"].proven
            assert proven is not None and proven.words.startswith("This is an attempt")
            assert proven.end_s - proven.start_s == pytest.approx(8 * 0.3, abs=0.2)

    anyio.run(scenario)


def test_an_invented_fact_is_broken_off_while_it_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            await rig.says(rig.line.said_last)
            rig.line.hear("red")
            await rig.settle()
            revision = rig.line.prompts[-1].revision
            rig.line.happen(AgentStarted(revision, rig.line.now_s))
            for word in "It costs forty seven dollars per".split():
                rig.line.happen(AgentWords(word, revision, rig.line.now_s, rig.line.now_s + 0.3))
            await rig.settle()
            assert rig.line.hushed == 1
            assert rig.line.said_last.startswith("Let me correct that.")
            assert rig.line.said_last.endswith("Which size was it?")

    anyio.run(scenario)


def test_where_an_ear_is_loaded_nothing_is_proven_before_it_has_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "HEARD_WITHIN_S", 0.05)

    async def scenario() -> None:
        async with calling(tmp_path, hears_itself=True) as rig:
            said = rig.line.said_last
            await rig.says(said, ear=None)
            await asyncio.sleep(0.1)
            await rig.settle()
            assert rig.session.state.disclosures["miranda"].proven is None
            assert MIRANDA in rig.line.said_last, "an ear that heard nothing proves nothing: it is said again"
            await rig.says(rig.line.said_last, ear=rig.line.said_last.replace("debt", "dead"))
            assert rig.session.state.disclosures["miranda"].proven is None
            await rig.says(rig.line.said_last)
            assert rig.session.state.disclosures["miranda"].proven is not None

    anyio.run(scenario)


def test_without_its_ear_the_text_is_what_there_is(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path, hears_itself=True) as rig:
            rig.line.happen(Impaired(OWN_EAR, "gone", False, 0.0))
            await rig.says(rig.line.said_last, ear=None)
            assert rig.session.state.disclosures["miranda"].proven is not None

    anyio.run(scenario)


def test_an_answer_that_began_before_its_whisper_is_judged_as_the_answer_and_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            await rig.says(rig.line.said_last)
            old = rig.line.prompts[-1].revision
            now_s = rig.line.now_s
            rig.line.hear("red")
            rig.line.happen(AgentStarted(old, now_s + 2.1))
            rig.line.now_s = now_s + 2.1
            await rig.settle()
            await rig.says("Okay, that sounds good.", revision=old)
            assert rig.session.state.adherence.left_out == 1
            (timed,) = [one for one in rig.session.told if isinstance(one, TurnTimed)]
            assert timed.before_whisper
            assert rig.session.written_down().figures.steering.before_whisper == 1

    anyio.run(scenario)


def test_a_voice_that_stays_silent_is_asked_again_and_ends_with_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ANSWERS_WITHIN_S", 0.05)

    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            await asyncio.sleep(0.8)
            assert rig.session.state.outcome is Outcome.HANDED_OVER
            assert len(rig.line.prompts) >= 4

    anyio.run(scenario)


def test_a_voice_that_is_silent_since_its_caller_presses_keys_has_left_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ANSWERS_WITHIN_S", 0.4)

    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.session.press("5")
            before = len(rig.line.prompts)
            await asyncio.sleep(0.6)
            assert len(rig.line.prompts) == before

    anyio.run(scenario)


def test_the_fate_of_each_whisper_is_told_and_one_that_failed_is_given_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            revision = rig.line.prompts[-1].revision
            rig.line.happen(WhisperReceipt(revision, Fate.PREPARED, 0.1))
            rig.line.happen(WhisperReceipt(revision, Fate.FAILED, 0.2, why="the engine refused it"))
            await rig.settle()
            assert [prompt.revision for prompt in rig.line.prompts] == [revision, revision]
            for _ in range(5):
                rig.line.happen(WhisperReceipt(revision, Fate.FAILED, 0.3))
            await rig.settle()
            assert len(rig.line.prompts) == MOST_TRIES
            rig.line.happen(WhisperReceipt(revision - 1, Fate.FAILED, 0.4))
            await rig.settle()
            assert len(rig.line.prompts) == MOST_TRIES, "one that is old is not given again"
            told = [one for one in rig.session.told if isinstance(one, Receipt)]
            assert [one.fate for one in told][:2] == ["prepared", "failed"]
            kept = rig.session.written_down().receipts
            assert len(kept) == 8 and kept[1].why == "the engine refused it"

    anyio.run(scenario)
