"""A session that is taken up, loses its line, or loses the right to lead its call; on a double of a front-end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from duplex_frontend.errors import EngineLost
from duplex_frontend.types import CallerSilent, FrontendEvent
from memory.errors import StoreLost, WrongToken
from memory.leases_sqlite import SqliteLeases
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator import session
from orchestrator.calls import DoAction
from orchestrator.orphans import Orphans
from orchestrator.recording import CallClosed, CallOpened, Trouble, TurnTimed
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.taken_up import LaterCall, TakenUp, take_up
from orchestrator.telling import Teller
from orchestrator.tenure import Tenure, new_tenure
from reasoner.events import ActionDone, ActionFailed, RunAction, load_event
from reasoner.ports import Ports
from reasoner.types import SlotStatus
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall
from tests.orchestrator.shop_flow import shop_flow

pytestmark = pytest.mark.anyio

KEY = SessionKey("default", "call1")
TTL_S = 0.6


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def no_knowledge(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


class Warehouse:
    """Does what the flow asks of it, and notes what it was asked. `busy`: until that is set it does not."""

    def __init__(self) -> None:
        self.asked: list[RunAction] = []
        self.busy: asyncio.Event | None = None

    async def act(self, effect: RunAction) -> ActionDone | ActionFailed | None:
        self.asked.append(effect)
        if self.busy is not None:
            await self.busy.wait()
        return ActionDone(effect.id, {"status": "packed", "id": "R7"})

    @property
    def painted(self) -> list[RunAction]:
        return [effect for effect in self.asked if effect.action == "paint"]


class Away(SqliteSessions):
    """A real store that can be away."""

    away = False

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        if self.away:
            raise StoreLost("the store did not answer")
        await super().save(record, events, seen, fence=fence, moments=moments)


class Leg:
    """One process's part of a call."""

    def __init__(self, session: Session, line: DoubleOfADuplexCall, tenure: Tenure, house: Warehouse) -> None:
        self.session, self.line, self.tenure, self.house = session, line, tenure, house

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0.005)

    async def say(self, text: str) -> str:
        """The caller says something; what the agent has said when it falls silent."""
        first = len(self.line.prompts)
        self.line.hear(text)
        await self.settle()
        spoken = first - 1
        while spoken < len(self.line.prompts) - 1:
            spoken = len(self.line.prompts) - 1
            self.line.speak()
            await self.settle()
        return " ".join(line.text for prompt in self.line.prompts[first:] for line in prompt.reply)


class Place:
    """A store and its leases, and processes that lead one call."""

    def __init__(self, folder: Path, store: Away, leases: SqliteLeases) -> None:
        self.flow = shop_flow(folder)
        self.store, self.leases = store, leases

    @asynccontextmanager
    async def leading(
        self,
        owner: str,
        *,
        grace_s: float = 30.0,
        line: DoubleOfADuplexCall | None = None,
        resumable: bool = True,
    ) -> AsyncIterator[Leg]:
        """Lead the call: a new one, or the one that there is. It is left as it is when the block ends."""
        line, house = line or DoubleOfADuplexCall(), Warehouse()
        taken_up: TakenUp | None = None
        if await self._is_new():
            lease = await self.leases.begin(KEY, owner, "token")
            tenure = Tenure(self.leases, lease, "token" if resumable else "")
        else:
            tenure = Tenure(self.leases, await self.leases.take(KEY, owner, "token"), "token")
            taken_up = await take_up(self.store, KEY)
        session = self._session(line, house.act, tenure, taken_up, grace_s)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run)
            leg = Leg(session, line, tenure, house)
            await leg.settle()
            yield leg
            tenure.lose()  # as if the process were gone: nothing more is written
            tasks.cancel_scope.cancel()

    async def _is_new(self) -> bool:
        return not await self.store.list(KEY.tenant)

    def _session(
        self,
        line: DoubleOfADuplexCall,
        act: DoAction,
        tenure: Tenure,
        taken_up: TakenUp | None,
        grace_s: float,
    ) -> Session:
        teller = Teller(self.flow, Story())
        return Session(
            key=KEY,
            call=LaterCall(line, taken_up.offset_s) if taken_up else line,
            rate_hz=16_000,
            ports=Ports(self.flow, ParserUnderstander(), no_knowledge),
            act=act,
            saver=Saver(
                self.store,
                lambda what, better: teller.trouble("memory", what, recovered=better),
                tenure=tenure,
                seen=taken_up.state.revision if taken_up else 0,
                events=taken_up.events if taken_up else (),
                moments=taken_up.moments if taken_up else (),
            ),
            teller=teller,
            tenure=tenure,
            taken_up=taken_up,
            grace_s=grace_s,
        )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    store = await Away.open(tmp_path / "sessions.db")
    leases = await SqliteLeases.open(tmp_path / "sessions.db", ttl_s=TTL_S)
    yield Place(tmp_path, store, leases)
    await store.aclose()
    await leases.aclose()


async def order(leg: Leg) -> None:
    """Up to the question for the colour."""
    leg.line.speak()
    await leg.settle()
    await leg.say("one two three four")
    await leg.say("yes")


async def have_it_painted(leg: Leg) -> None:
    """Up to the other system's work, which goes on until it is let."""
    await order(leg)
    await leg.say("red")
    leg.house.busy = asyncio.Event()
    leg.line.hear("yes")
    await leg.settle()


async def test_a_session_goes_on_from_what_another_one_left(place: Place) -> None:
    async with place.leading("one") as first:
        await order(first)
        before = first.session.state
        told = len(first.session.told)
    async with place.leading("two") as second:
        assert second.line.said_last.startswith("I am sorry, we were cut off.")
        assert second.line.said_last.endswith("Which colour do you want?")
        state = second.session.state
        assert state.slots == before.slots and state.path == before.path
        assert state.revision == before.revision + 1
        assert state.at_s >= before.at_s
        second.line.speak()
        await second.say("red")
        await second.say("yes")
        story = second.session.told
        assert isinstance(story[0], CallOpened) and sum(isinstance(m, CallOpened) for m in story) == 1
        assert len(story) > told
        assert [m.turn for m in story if isinstance(m, TurnTimed)] == [1, 2, 3, 4]
        assert [m.part for m in story if isinstance(m, Trouble)] == ["line"]
        assert min(m.at_s for m in story[told:]) >= before.at_s, "the call's clock goes on"
        await second.session.ended()
    record = await place.store.load(KEY)
    assert record.outcome == "complete" and b"we were cut off" in record.record
    events = await place.store.events(KEY)
    assert [each.revision for each in events] == list(range(1, record.revision + 1))


async def test_a_write_that_was_wanted_is_done_by_who_takes_the_call_up_and_by_nobody_else(
    place: Place,
) -> None:
    async with place.leading("one") as first:
        await order(first)
        await first.say("red")
        place.store.away = True
        first.line.hear("yes")
        await first.settle()
        assert first.house.painted == [], "it waits until the store knows of it"
        other = await place.leases.take(KEY, "two", "token")
        place.store.away = False
        await asyncio.sleep(1.5)
        assert first.house.painted == [] and first.tenure.lost
        assert first.session.end == "elsewhere"
        await place.leases.release(other, over=False)
    async with place.leading("three") as third:
        assert "Is that right?" in third.line.said_last
        third.line.speak()
        await third.say("yes")
        (painted,) = third.house.painted
        assert painted.arguments == {"number": "1234", "colour": "red"}


async def test_a_write_under_way_is_taken_up_by_its_id(place: Place) -> None:
    async with place.leading("one") as first:
        await have_it_painted(first)
        (begun,) = first.house.painted
    async with place.leading("two") as second:
        assert second.house.painted == [begun]
        second.line.speak()
        await second.settle()
        assert second.session.state.slots["receipt"].value == "R7"


async def test_who_was_overtaken_stops_and_writes_nothing(place: Place) -> None:
    async with place.leading("one") as first:
        await order(first)
        stored = (await place.store.load(KEY)).revision
        await place.leases.take(KEY, "two", "token")
        await first.say("red")
        await asyncio.wait_for(first.session.ended(), 2)
        assert first.session.end == "elsewhere" and first.line.closed
        assert (await place.store.load(KEY)).revision == stored
        assert not any(isinstance(m, CallClosed) for m in first.session.told)


async def test_who_was_overtaken_in_silence_learns_it_by_the_next_renewal(place: Place) -> None:
    async with place.leading("one") as first:
        await place.leases.take(KEY, "two", "token")
        await asyncio.wait_for(first.session.ended(), TTL_S)
        assert first.line.closed


async def test_a_lost_line_is_waited_for_in_silence_and_greeted_again(place: Place) -> None:
    async with place.leading("one") as leg:
        await order(leg)
        leg.session.line_lost()
        prompts = len(leg.line.prompts)
        for _ in range(5):
            leg.line.happen(CallerSilent(6.0, 30.0))
        await leg.settle()
        assert leg.line.hushed == 1 and len(leg.line.prompts) == prompts
        await leg.session.line_back()
        assert (
            leg.line.said_last
            == "I am sorry, we were cut off. Your order is packed. Which colour do you want?"
        )
        leg.line.speak()
        assert "red" in await leg.say("red")
        assert leg.session.state.slots["number"].status is SlotStatus.CONFIRMED


async def test_a_line_that_was_not_lost_does_not_come_back(place: Place) -> None:
    async with place.leading("one") as leg:
        before = leg.session.state
        await leg.session.line_back()
        assert leg.session.state == before


async def test_a_line_that_stays_away_ends_the_call(place: Place) -> None:
    async with place.leading("one", grace_s=0.1) as leg:
        await order(leg)
        leg.session.line_lost()
        await asyncio.wait_for(leg.session.ended(), 2)
        assert leg.session.end == "over"
    assert (await place.store.load(KEY)).outcome == "hung_up"
    with pytest.raises(WrongToken):
        await place.leases.take(KEY, "two", "token")


class LosesItsEngine(DoubleOfADuplexCall):
    def __init__(self) -> None:
        super().__init__()
        self.lost = asyncio.Event()

    async def _until_lost(self) -> AsyncIterator[FrontendEvent]:
        await self.lost.wait()
        raise EngineLost("the engine is gone")
        yield

    def events(self) -> AsyncIterator[FrontendEvent]:
        return self._until_lost()


async def test_a_lost_engine_leaves_the_call_for_another_one(place: Place) -> None:
    line = LosesItsEngine()
    async with place.leading("one", line=line) as leg:
        line.lost.set()
        await asyncio.wait_for(leg.session.ended(), 2)
        assert leg.session.end == "suspended"
        assert await place.leases.holder(KEY) is None
    assert (await place.store.load(KEY)).outcome is None
    async with place.leading("two") as second:
        assert "order number" in second.line.said_last


# --- a process that is told to leave -----------------------------------------------------------------------


async def test_a_call_that_is_handed_over_is_stored_whole_and_free_for_others_at_once(place: Place) -> None:
    async with place.leading("one") as first:
        await order(first)
        await asyncio.wait_for(first.session.hand_over(), 2)
        assert first.line.closed and first.session.end == "restarting"
        assert await place.leases.holder(KEY) is None
        left = first.session.state
        assert not any(isinstance(moment, CallClosed) for moment in first.session.told)
    record = await place.store.load(KEY)
    assert (record.revision, record.outcome, record.record) == (left.revision, None, b"")
    async with place.leading("two") as second:
        assert second.line.said_last.endswith("Which colour do you want?")
        assert second.session.state.slots == left.slots


async def test_a_call_whose_caller_is_away_is_handed_over_as_well(place: Place) -> None:
    async with place.leading("one", grace_s=0.1) as leg:
        await order(leg)
        leg.session.line_lost()
        await leg.session.hand_over()
        await asyncio.sleep(0.2)
        assert leg.session.end == "restarting"
    assert (await place.store.load(KEY)).outcome is None


async def test_a_call_that_nobody_can_come_back_to_is_not_handed_over(place: Place) -> None:
    async with place.leading("one", resumable=False) as leg:
        await order(leg)
        await leg.session.hand_over()
        assert not leg.line.closed
        assert "Is that right?" in await leg.say("red")


async def test_a_call_at_its_end_is_not_handed_over(place: Place) -> None:
    async with place.leading("one") as leg:
        await order(leg)
        await leg.say("red")
        leg.line.hear("yes")
        await leg.settle()
        while leg.session.state.outcome is None:
            leg.line.speak()
            await leg.settle()
        await leg.session.hand_over()
        assert not leg.line.closed
        leg.line.speak()
        await asyncio.wait_for(leg.session.ended(), 2)
        assert leg.session.end == "over"


async def test_what_another_system_does_for_a_call_is_taken_in_before_it_is_handed_over(place: Place) -> None:
    async with place.leading("one") as leg:
        await have_it_painted(leg)
        assert leg.house.painted
        leaving = asyncio.create_task(leg.session.hand_over())
        await leg.settle()
        assert not leg.line.closed
        leg.house.busy.set()
        await leg.settle()
        assert not leg.line.closed and not leaving.done(), "the caller is told of it first"
        leg.line.speak()
        await asyncio.wait_for(leaving, 2)
        assert not leg.line.closed, "and hears the goodbye"
        assert leg.session.state.slots["receipt"].value == "R7"


async def test_another_system_that_takes_too_long_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SETTLED_WITHIN_S", 0.05)
    async with place.leading("one") as first:
        await have_it_painted(first)
        await asyncio.wait_for(first.session.hand_over(), 2)
        assert first.session.end == "restarting"
        (begun,) = first.house.painted
    async with place.leading("two") as second:
        assert second.house.painted == [begun], "by the same id, so that nothing is painted twice"


async def test_a_result_that_nobody_was_told_of_and_that_completes_the_call_ends_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SETTLED_WITHIN_S", 0.05)
    async with place.leading("one") as leg:
        await order(leg)
        await leg.say("red")
        leg.line.hear("yes")
        await leg.settle()
        assert leg.house.painted and leg.session.state.outcome is None, "the result waits for the voice"
        await asyncio.wait_for(leg.session.hand_over(), 2)
        assert leg.session.end == "over"
    assert (await place.store.load(KEY)).outcome == "complete"
    with pytest.raises(WrongToken):
        await place.leases.take(KEY, "two", "token")


async def test_a_new_call_that_cannot_be_resumed_has_no_token(place: Place) -> None:
    tenure = await new_tenure(place.leases, KEY, "one", resumable=False)
    assert tenure.token == "" and not tenure.admits("")
    with pytest.raises(WrongToken):
        await place.leases.take(KEY, "two", "")


class Breaks(LosesItsEngine):
    """Of which nobody has thought."""

    async def _until_lost(self) -> AsyncIterator[FrontendEvent]:
        await self.lost.wait()
        raise ZeroDivisionError
        yield


async def test_a_fault_of_ours_ends_the_call_and_saves_it(place: Place) -> None:
    line = Breaks()
    with pytest.raises(ExceptionGroup, check=lambda group: group.split(ZeroDivisionError)[1] is None):
        async with place.leading("one", line=line) as leg:
            line.lost.set()
            await leg.session.ended()
            end = leg.session.end
    assert end == "failed" and line.closed
    assert (await place.store.load(KEY)).outcome == "hung_up"
    with pytest.raises(WrongToken):
        await place.leases.take(KEY, "two", "token")


# --- calls that were left alone ----------------------------------------------------------------------------


async def test_a_call_that_nobody_leads_is_ended_with_its_story(place: Place) -> None:
    orphans = Orphans(place.store, place.leases, KEY.tenant, "undertaker", for_s=0.2)
    async with place.leading("one") as first:
        await order(first)
        assert await orphans.end_all() == 0
    await asyncio.sleep(TTL_S + 0.3)
    assert await orphans.end_all() == 1
    record = await place.store.load(KEY)
    assert record.outcome == "hung_up" and b"This call is recorded" in record.record
    assert load_event((await place.store.events(KEY))[-1].event).kind == "call_ended"
    assert await orphans.end_all() == 0
    with pytest.raises(WrongToken):
        await place.leases.take(KEY, "two", "token")


async def test_a_caller_who_comes_back_in_time_keeps_the_call(place: Place) -> None:
    orphans = Orphans(place.store, place.leases, KEY.tenant, "undertaker", for_s=0.0)
    async with place.leading("one") as first:
        await order(first)
    await asyncio.sleep(TTL_S + 0.1)
    async with place.leading("two") as second:
        assert await orphans.end_all() == 0
        second.line.speak()
        await second.say("red")
    assert (await place.store.load(KEY)).outcome is None


async def test_a_lease_without_a_call_is_cleared_away(place: Place) -> None:
    await place.leases.begin(KEY, "one", "token")
    await asyncio.sleep(TTL_S + 0.1)
    orphans = Orphans(place.store, place.leases, KEY.tenant, "undertaker", for_s=0.0)
    assert await orphans.end_all() == 0
    assert await place.leases.abandoned(KEY.tenant, 0.0) == []
