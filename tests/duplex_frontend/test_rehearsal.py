"""The rehearsal actor: a simulation that plays as badly as it is told to, and keeps to its port while it does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from benchmarks import virtual
from duplex_frontend.rehearsal.actor import Actor, Deed
from duplex_frontend.rehearsal.call import RehearsalCall
from duplex_frontend.rehearsal.frontend import Rehearsal
from duplex_frontend.rehearsal.rates import FAITHFUL, Rates
from duplex_frontend.types import (
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    CallerTurn,
    Completeness,
    Expected,
    Fate,
    FrontendEvent,
    Line,
    Persona,
    Prompt,
    WhisperReceipt,
)

ASK = Prompt(1, "Say it.", (Line("Thank you."), Line("And your phone number?")))
EXACT = Prompt(1, "Say it.", (Line("This call is recorded for quality.", exact=True),))


def deeds(rates: Rates, prompt: Prompt, times: int = 2000) -> Counter[Deed]:
    actor = Actor(rates, 1)
    return Counter(actor.perform(prompt).deed for _ in range(times))


@pytest.mark.parametrize("obeys", [0.0, 0.5, 0.7, 1.0])
def test_it_obeys_as_often_as_it_is_told_to(obeys: float) -> None:
    found = deeds(Rates(obeys=obeys), ASK)
    assert found[Deed.OBEYED] / 2000 == pytest.approx(obeys, abs=0.04)
    if obeys < 1:
        assert {Deed.SKIPPED, Deed.INVENTED, Deed.GREETED, Deed.RAMBLED} <= set(found)


def test_exact_words_fail_in_one_of_ten_and_sound_differs_in_one_of_fifty() -> None:
    actor = Actor(Rates(), 1)
    played = [actor.perform(EXACT) for _ in range(3000)]
    wrong = [" ".join(one.written) for one in played if one.deed is Deed.FAILED_EXACT]
    assert len(wrong) / 3000 == pytest.approx(0.1, abs=0.02)
    assert EXACT.reply[0].text not in wrong
    assert sum(one.differs for one in played) / 3000 == pytest.approx(0.02, abs=0.01)


def test_an_obedient_actor_says_what_it_was_given_and_the_same_seed_says_the_same() -> None:
    assert " ".join(Actor(FAITHFUL, 3).perform(ASK).written) == "Thank you. And your phone number?"
    one, other = Actor(Rates(), 5), Actor(Rates(), 5)
    assert [one.perform(ASK) for _ in range(50)] == [other.perform(ASK) for _ in range(50)]


def test_without_whispers_it_forgets() -> None:
    rates = Rates(obeys=1.0)
    late = [Actor(rates, seed, whispered=False) for seed in range(400)]
    for actor in late:
        for _ in range(19):
            actor.perform(ASK)
    obeyed = sum(actor.perform(ASK).deed is Deed.OBEYED for actor in late) / 400
    assert obeyed == pytest.approx(0.95**19, abs=0.08)


# --- the call, in made-up time -------------------------------------------------------------------------------


class Scene:
    """A call whose events are collected."""

    def __init__(self, call: RehearsalCall) -> None:
        self.call = call
        self.events: list[FrontendEvent] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.call.events():
            self.events.append(event)

    def all(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def play(scene: Any, rates: Rates = FAITHFUL) -> Scene:
    """Run a scene in made-up time; the call is over then."""

    async def scenario() -> Scene:
        stage = Rehearsal(rates, tick_s=0.1)
        on = Scene(await stage.open(Persona("Ann")))
        work: Coroutine[Any, Any, None] = scene(on)
        await work
        await stage.aclose()
        await asyncio.sleep(0)
        return on

    return virtual.run(scenario)


def test_it_takes_the_floor_70_ms_after_the_caller_and_is_held_for_its_whisper_at_most_400_ms() -> None:
    async def scene(on: Scene) -> None:
        on.call.expect(Expected("number", "", judge=lambda words: Completeness.MIDDLE))
        await on.call.caller_says("five five five")
        await asyncio.sleep(2)

    on = play(scene)
    (turn,), (started,) = on.all(CallerTurn), on.all(AgentStarted)
    assert started.at_s - turn.end_s == pytest.approx(0.47, abs=0.03)
    assert on.call.record.played[0].early
    assert turn.decided_s <= started.at_s + 0.03, "whose answer has begun has ended the turn"


def test_a_whisper_that_comes_in_time_is_what_it_answers_with() -> None:
    async def scene(on: Scene) -> None:
        on.call.expect(Expected("yes", "", judge=lambda words: Completeness.COMPLETE))
        await on.call.caller_says("yes please")
        on.call.whisper(ASK)
        await asyncio.sleep(5)

    on = play(scene)
    (played,) = on.call.record.played
    assert not played.early and played.heard == "Thank you. And your phone number?"
    (turn,), (started,) = on.all(CallerTurn), on.all(AgentStarted)
    assert started.at_s - turn.end_s < 0.3


def test_a_whisper_waits_for_the_end_of_the_sentence_and_is_told_of() -> None:
    async def scene(on: Scene) -> None:
        on.call.whisper(Prompt(1, "a", (Line("This is the first sentence. And this is the second."),)))
        await asyncio.sleep(0.5)
        on.call.whisper(Prompt(2, "b", (Line("Newer words."),)))
        await asyncio.sleep(8)

    on = play(scene)
    assert [one.heard for one in on.call.record.played] == ["This is the first sentence.", "Newer words."]
    told = [(one.revision, one.fate) for one in on.all(WhisperReceipt)]
    assert told == [(1, Fate.PREPARED), (1, Fate.APPLIED), (2, Fate.PREPARED), (2, Fate.APPLIED)]


def test_only_what_was_played_is_told_as_said_and_the_ear_hears_what_sounded() -> None:
    async def scene(on: Scene) -> None:
        on.call.whisper(Prompt(1, "a", (Line("one two three four five six seven eight"),)))
        await asyncio.sleep(1.6)
        on.call.hush()
        await asyncio.sleep(1)

    on = play(scene)
    said = " ".join(words.text for words in on.all(AgentWords))
    (stopped,), (heard,) = on.all(AgentStopped), on.all(AgentHeard)
    assert stopped.interrupted and f"{said} {stopped.unspoken}" == "one two three four five six seven eight"
    assert heard.text == said and stopped.unspoken.startswith("five")


def test_two_whispers_in_a_row_leave_one_superseded_or_said() -> None:
    async def scene(on: Scene) -> None:
        on.call.whisper(Prompt(1, "a", (Line("A long first sentence that goes on."),)))
        await asyncio.sleep(0.4)
        on.call.whisper(Prompt(2, "b", (Line("Never said."),)))
        on.call.whisper(Prompt(3, "c", (Line("The newest."),)))
        on.call.whisper(Prompt(4, "d", (Line("Too late."),), expires_s=0.1))
        await asyncio.sleep(8)

    on = play(scene)
    assert [one.heard for one in on.call.record.played][-1] == "The newest."
    fates = {one.revision: one.fate for one in on.all(WhisperReceipt)}
    assert fates == {1: Fate.APPLIED, 2: Fate.SUPERSEDED, 3: Fate.APPLIED, 4: Fate.EXPIRED}
