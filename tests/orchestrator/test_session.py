"""One call, joined: a double of a front-end, the real reasoner, a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from duplex_frontend.errors import EngineLost
from duplex_frontend.types import CallerPartial, CallerSilent, FrontendEvent, Hypothesis, Source
from flows.loader import load_flow
from memory.errors import StoreLost
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.recording import CallClosed, Trouble, TurnTimed, Whispered
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telling import Teller
from reasoner.events import load_event
from reasoner.ports import Ports
from reasoner.state import Outcome, load_state
from reasoner.types import SlotStatus
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

FLOW = """
flow: door
version: 1
about: Two questions
agent: {name: Ann, company: The Door, business: doorkeeper}
slots:
  colour:
    type: choice
    label: colour
    confirm: read_back
    ask: Which colour do you want?
    values: {red: [], blue: []}
  sure:
    type: yes_no
    label: consent
    ask: May we keep that?
    yes: you agree
    confirm: together
ask: [colour, sure]
"""
KEY = SessionKey("default", "call1")


async def no_knowledge(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


class Rig:
    """A session on a double, with a real database."""

    def __init__(self, session: Session, line: DoubleOfADuplexCall, store: SqliteSessions) -> None:
        self.session, self.line, self.store = session, line, store

    async def settle(self) -> None:
        """Let everything that was started come to rest."""
        for _ in range(20):
            await asyncio.sleep(0.005)

    async def say(self, text: str) -> str:
        """The caller says something; what the agent answers."""
        self.line.hear(text)
        await self.settle()
        answer = self.line.said_last
        self.line.speak()
        await self.settle()
        return answer


@asynccontextmanager
async def calling(tmp_path: Path, store: SqliteSessions | None = None) -> AsyncIterator[Rig]:
    path = tmp_path / "door.yaml"
    path.write_text(FLOW)
    flow = load_flow(str(path))
    store = store or await SqliteSessions.open(tmp_path / "sessions.db")
    line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
    saver = Saver(store, lambda what, recovered: teller.trouble("memory", what, recovered=recovered))
    session = Session(
        key=KEY,
        call=line,
        rate_hz=16_000,
        ports=Ports(flow, ParserUnderstander(), no_knowledge),
        saver=saver,
        teller=teller,
    )
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run)
            rig = Rig(session, line, store)
            await rig.settle()
            yield rig
            await session.hang_up()
    finally:
        await store.aclose()


def run(scenario: object) -> None:
    anyio.run(scenario)  # type: ignore[arg-type]


def test_a_whole_call_is_led_confirmed_ended_and_saved(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            assert "Which colour" in rig.line.said_last
            rig.line.speak()
            assert "red" in await rig.say("red")
            assert "May we keep that" in await rig.say("yes")
            assert "agree" in await rig.say("yes")
            await rig.say("yes")
            assert rig.session.state.outcome is Outcome.COMPLETE
            assert rig.line.closed, "the line is put down once the last words were spoken"
            stored = await rig.store.load(KEY)
            assert load_state(stored.state) == rig.session.state
            assert stored.outcome == "complete"
            events = [load_event(e.event) for e in await rig.store.events(KEY)]
            assert [e.kind for e in events][:2] == ["call_started", "caller_said"]
        closed = rig.session.told[-1]
        assert isinstance(closed, CallClosed) and closed.outcome == "complete"

    run(scenario)


def test_the_state_changes_only_by_events_that_are_stored(tmp_path: Path) -> None:
    async def scenario() -> None:
        from flows.loader import load_flow
        from reasoner import machine

        async with calling(tmp_path) as rig:
            rig.line.speak()
            await rig.say("blue")
            await rig.say("yes")
            flow = load_flow(str(tmp_path / "door.yaml"))
            state = machine.start(flow, KEY.call)
            for stored in await rig.store.events(KEY):
                state, _ = machine.advance(flow, state, load_event(stored.event))
            assert state == rig.session.state

    run(scenario)


def test_a_thought_made_ahead_is_used_when_the_words_stay_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            heard = (Hypothesis("red", 0.9, Source.GRAMMAR), Hypothesis("red", 0.9, Source.OPEN))
            rig.line.happen(CallerPartial(heard, 1.0, 1.5))
            await asyncio.sleep(0.25)
            assert rig.session.state.slots["colour"].status is SlotStatus.EMPTY, "ahead changes nothing"
            rig.line.hear("red")
            await rig.settle()
            assert rig.session.state.slots["colour"].value == "red"
            whispered = [m for m in rig.session.told if isinstance(m, Whispered)]
            assert whispered[-1].ahead
            evidence = rig.session.state.slots["colour"].evidence
            assert evidence is not None and evidence.end_s == rig.line.now_s

    run(scenario)


def test_a_thought_made_ahead_of_other_words_is_thrown_away(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            rig.line.happen(CallerPartial((Hypothesis("red", 0.9, Source.GRAMMAR),), 1.0, 1.5))
            await asyncio.sleep(0.25)
            rig.line.hear("blue")
            await rig.settle()
            assert rig.session.state.slots["colour"].value == "blue"
            assert not [m for m in rig.session.told if isinstance(m, Whispered)][-1].ahead

    run(scenario)


def test_a_thought_made_ahead_of_a_change_is_thrown_away(tmp_path: Path) -> None:
    """The state has moved on since: what was thought on the old one applies to nothing."""

    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            heard = (Hypothesis("red", 0.9, Source.GRAMMAR), Hypothesis("red", 0.9, Source.OPEN))
            rig.line.happen(CallerPartial(heard, 1.0, 1.5))
            await asyncio.sleep(0.25)
            rig.line.happen(CallerSilent(6.0, 8.0))
            await rig.settle()
            rig.line.hear("red")
            await rig.settle()
            assert rig.session.state.slots["colour"].value == "red"

    run(scenario)


def test_latency_is_told_from_the_end_of_speech_to_the_first_sample(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            await rig.say("red")
            (timed,) = (m for m in rig.session.told if isinstance(m, TurnTimed))
            assert timed.latency_ms == pytest.approx(500)

    run(scenario)


def test_typed_words_stop_the_voice_and_count_as_a_turn(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.session.type("blue")
            await rig.settle()
            assert rig.line.hushed == 1
            assert rig.session.state.slots["colour"].value == "blue"

    run(scenario)


def test_silence_is_asked_after(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            await rig.settle()
            before = len(rig.line.prompts)
            rig.line.happen(CallerSilent(6.0, 8.0))
            await rig.settle()
            assert len(rig.line.prompts) == before + 1
            assert "colour" in rig.line.said_last

    run(scenario)


def test_a_caller_who_hangs_up_leaves_what_was_established(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with calling(tmp_path) as rig:
            rig.line.speak()
            await rig.say("red")
            await rig.say("yes")
            await rig.session.hang_up()
            stored = await rig.store.load(KEY)
            assert stored.outcome == "hung_up"
            assert load_state(stored.state).slots["colour"].status is SlotStatus.CONFIRMED

    run(scenario)


class LosesItsEngine(DoubleOfADuplexCall):
    async def _lost(self) -> AsyncIterator[FrontendEvent]:
        raise EngineLost("the engine is gone")
        yield

    def events(self) -> AsyncIterator[FrontendEvent]:
        return self._lost()


def test_a_lost_engine_ends_the_call_and_saves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        monkeypatch.setitem(globals(), "DoubleOfADuplexCall", LosesItsEngine)
        async with calling(tmp_path) as rig:
            await rig.settle()
            assert any(isinstance(m, Trouble) and m.part == "engine" for m in rig.session.told)
            assert (await rig.store.load(KEY)).outcome == "hung_up"

    run(scenario)


class FailsAtFirst(SqliteSessions):
    """A real store with a fault: it refuses the first saves."""

    failures = 2

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreLost("the store did not answer within 2 s")
        await super().save(record, events, seen, fence=fence, moments=moments)


def test_what_a_failing_store_did_not_take_is_written_when_it_works_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = await FailsAtFirst.open(tmp_path / "sessions.db")
        async with calling(tmp_path, store) as rig:
            rig.line.speak()
            await rig.say("red")
            await asyncio.sleep(1.5)
            stored = await store.load(KEY)
            assert stored.revision == rig.session.state.revision
            kinds = [load_event(e.event).kind for e in await store.events(KEY)]
            assert kinds == ["call_started", "caller_said"]
            told = [m.what for m in rig.session.told if isinstance(m, Trouble)]
            assert len(told) == 2, "told when it begins and when it is over, not each time"

    run(scenario)
