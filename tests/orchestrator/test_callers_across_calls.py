"""Callers who ring again: recognised by number or identity, told nothing before the gate, not asked twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from memory.callers import SignKind
from memory.errors import StoreLost
from memory.sealed import Key, KeyMissing, Keyring
from orchestrator.acquaintance import Acquaintance, Register
from reasoner.events import CallerRecognised, CallStarted, load_event
from reasoner.state import Outcome
from reasoner.types import SlotStatus
from tests.orchestrator.callers_rig import BANK, CLINIC, FOR_EVER, World, intake, now, world

pytestmark = pytest.mark.anyio

ANN, BOB = "+1 555 213 8841", "5550001111"
PASSED = {"check": {"ok": True}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def test_a_second_call_begins_with_what_the_first_established_and_asks_only_the_rest(
    here: World,
) -> None:
    await intake(here, ANN)
    async with here.call(CLINIC, ANN) as rung:
        assert "Your name is Ann Lee" in rung.said and "What is your name" not in rung.said
        assert "Ann Lee, from an earlier call, not confirmed yet" in rung.prompt
        assert "Rome" not in rung.said, "the name comes first, and alone"
        assert "Rome" in await rung.say("yes")
        assert "Which street" in await rung.say("yes")
        state = rung.session.state
        assert (state.slots["name"].asked, state.slots["city"].asked) == (0, 0)
        assert {state.slots[name].status for name in ("name", "city")} == {SlotStatus.CONFIRMED}
    assert here.troubles == []


async def test_what_is_not_marked_for_the_number_alone_is_asked_again(here: World) -> None:
    await intake(here, ANN)
    kept = await here.known(ANN)
    assert kept is not None and kept.values["street"].known_by is SignKind.IDENTITY
    async with here.call(CLINIC, ANN) as rung:
        assert "Elm Street" not in rung.prompt
        await rung.say("yes")
        assert "Which street" in await rung.say("yes")
        assert all("Elm Street" not in prompt.role for prompt in rung.line.prompts)


async def test_another_number_and_none_are_nobody(here: World) -> None:
    await intake(here, ANN)
    for number in (BOB, "", "anonymous"):
        async with here.call(CLINIC, number) as rung:
            assert "What is your name" in rung.said
            assert "Ann Lee" not in rung.prompt


async def test_who_does_not_answer_to_the_name_hears_nothing_more_and_leaves_no_trace_in_it(
    here: World,
) -> None:
    await intake(here, ANN)
    before = await here.known(ANN)
    for denial in ("No.", "No, my name is Peter Smith."):
        async with here.call(CLINIC, ANN) as rung:
            answer = await rung.say(denial)
            assert "Rome" not in answer and "Ann Lee" not in answer
            assert all("Rome" not in prompt.role for prompt in rung.line.prompts[1:])
            for words in ("Peter Smith", "yes", "Oslo", "yes", "Oak Lane", "yes", "my back"):
                await rung.say(words)
    assert await here.known(ANN) == before


async def test_a_name_that_is_put_right_is_the_same_persons(here: World) -> None:
    await intake(here, ANN)
    async with here.call(CLINIC, ANN) as rung:
        await rung.say("No, it is Ann Leigh.")
        assert "Rome" in await rung.say("yes")
        await rung.say("yes")
    kept = await here.known(ANN)
    assert kept is not None and kept.values["name"].value == "Ann Leigh"


async def test_a_remembered_value_that_is_wrong_is_asked_for_as_if_it_had_never_been(here: World) -> None:
    await intake(here, ANN)
    async with here.call(CLINIC, ANN) as rung:
        await rung.say("yes")
        assert "Which city do you live in" in await rung.say("no")
        await rung.say("Oslo")
        await rung.say("yes")
    kept = await here.known(ANN)
    assert kept is not None and kept.values["city"].value == "Oslo"


async def test_only_what_was_confirmed_is_kept_with_a_summary_and_what_was_left_open(here: World) -> None:
    async with here.call(CLINIC, ANN) as rung:
        await rung.say("My name is Ann Lee")
        await rung.say("yes")
        await rung.say("Rome")
    kept = await here.known(ANN)
    assert kept is not None
    assert {name: value.value for name, value in kept.values.items()} == {"name": "Ann Lee"}
    (past,), (matter,) = kept.calls, kept.open_matters
    assert (past.outcome, past.text) == ("hung_up", "Intake of a patient, hung up; settled name")
    assert matter.text == "Intake of a patient, not finished; missing street, pain"
    await intake(here, ANN)
    again = await here.known(ANN)
    assert again is not None and again.open_matters == ()
    assert [call.outcome for call in again.calls] == ["hung_up", "complete"]
    assert "knee" not in str(again), "the slot is not remembered for the caller"


async def test_without_the_consent_that_a_flow_needs_nobody_becomes_known(here: World) -> None:
    asking = CLINIC.split("  city:")[0].replace(
        "slots:\n",
        "slots:\n  agree: {type: yes_no, ask: May we keep that?, confirm: never, must_be_yes: true}\n",
    )
    asking += "ask: [name, agree]\n"
    async with here.call(asking, ANN) as rung:
        await rung.say("My name is Ann Lee")
        await rung.say("yes")
        await rung.say("no")
    assert await here.known(ANN) is None
    await intake(here, BOB)
    async with here.call(asking, BOB) as rung:
        for words in ("No, it is Ann Leigh", "yes", "no"):
            await rung.say(words)
    kept = await here.known(BOB)
    assert kept is not None and kept.values["name"].value == "Ann Lee", "they did not agree to that one"
    assert len(kept.calls) == 2
    async with here.call(asking, ANN) as rung:
        for words in ("My name is Ann Lee", "yes", "yes"):
            await rung.say(words)
        assert rung.session.state.outcome is Outcome.COMPLETE
    assert await here.known(ANN) is not None


# --- behind a gate -----------------------------------------------------------------------------------------


async def _banked(here: World, number: str, customer: str = "1234", street: str = "Elm Street") -> None:
    async with here.call(BANK, number, results=PASSED) as rung:
        for words in (customer, "4321", street, "yes", "a statement"):
            await rung.say(words)


async def test_behind_a_gate_nothing_is_used_before_it_is_passed_and_then_everything(here: World) -> None:
    await _banked(here, ANN)
    async with here.call(BANK, BOB, results=PASSED) as rung:
        assert "customer number" in rung.said
        assert "Elm" not in rung.prompt
        await rung.say("1234")
        assert all("Elm" not in prompt.role for prompt in rung.line.prompts)
        answer = await rung.say("4321")
        assert "Thank you" in answer and "Your street is Elm Street" in answer, answer
        assert "Which street" not in answer
        assert "Known from earlier calls" in rung.prompt
        await rung.say("yes")
        assert rung.session.state.slots["street"].status is SlotStatus.CONFIRMED
        events = [load_event(stored.event) for stored in await here.sessions.events(rung.session.key)]
        (recognised,) = [event for event in events if isinstance(event, CallerRecognised)]
        assert recognised.values == {"street": "Elm Street"}


async def test_what_proves_who_is_calling_is_asked_though_the_number_is_known(here: World) -> None:
    await _banked(here, ANN)
    async with here.call(BANK, ANN, results=PASSED) as rung:
        assert "customer number" in rung.said
        assert "1234" not in rung.prompt and "PIN" in await rung.say("1234")


async def test_a_gate_that_is_not_passed_brings_nothing(here: World) -> None:
    await _banked(here, ANN)
    async with here.call(BANK, ANN, results={"check": {"ok": False}}) as rung:
        await rung.say("1234")
        await rung.say("9999")
        assert all("Elm" not in prompt.role for prompt in rung.line.prompts)
        assert not rung.session.state.earlier


async def test_another_identity_is_another_caller_though_the_number_is_the_same(here: World) -> None:
    await _banked(here, ANN)
    await _banked(here, ANN, customer="9876", street="Oak Lane")
    everybody = [caller async for caller in here.book.every("default")]
    assert sorted(str(caller.values["street"].value) for caller in everybody) == ["Elm Street", "Oak Lane"]
    async with here.call(BANK, ANN, results=PASSED) as rung:
        await rung.say("9876")
        answer = await rung.say("4321")
        assert "Oak Lane" in answer
        assert all("Elm" not in prompt.role for prompt in rung.line.prompts)


async def test_what_the_number_has_brought_gives_way_to_who_proves_to_be_another(here: World) -> None:
    both = BANK.replace(
        "slots:\n",
        "slots:\n  city: {type: text, ask: Which city?, confirm: together, remember: caller, known_by: phone}\n",
    ).replace("what: {ask: wish}", "what: {ask: [city, wish]}")
    await intake(here, ANN)
    await _banked(here, "", customer="9876", street="Oak Lane")
    async with here.call(both, ANN, results=PASSED) as rung:
        assert "Rome" in rung.prompt
        await rung.say("9876")
        await rung.say("4321")
        assert rung.session.state.slots["city"].value is None
        assert "Rome" not in rung.prompt


async def test_a_pin_is_kept_nowhere_beyond_the_call(here: World) -> None:
    async with here.call(BANK, ANN, results=PASSED) as rung:
        await rung.say("1234")
        await rung.say("four three two one")
        story = rung.session.written_down().dump().decode()
    kept = await here.known(ANN)
    assert kept is not None and "pin" not in kept.values
    stored = (await here.sessions.load(rung.session.key)).record.decode()
    for written in (story, stored):
        assert "4321" not in written and "four three two one" not in written and "[PIN]" in written


# --- when the store is in trouble ------------------------------------------------------------------------------


async def test_a_store_that_is_lost_costs_a_call_its_memory_and_nothing_else(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await intake(here, ANN)

    async def lost(*_: object, **__: object) -> None:
        raise StoreLost("callers.db: away")

    monkeypatch.setattr(here.callers, "find", lost)
    async with here.call(CLINIC, ANN) as rung:
        assert "What is your name" in rung.said
        await rung.say("My name is Ann Lee")
        assert rung.session.state.slots["name"].value == "Ann Lee"
    assert [trouble.split(":")[0] for trouble in here.troubles] == [
        "who is calling could not be looked up",
        "what is to be remembered of the caller was not written",
    ]


async def test_without_the_key_nobody_is_recognised_and_reading_says_which_is_missing(here: World) -> None:
    await intake(here, ANN)
    here.keys = Keyring([Key("other", b"o" * 32)])
    async with here.call(CLINIC, ANN) as rung:
        assert "What is your name" in rung.said
    with pytest.raises(KeyMissing, match=r"'test', which is not among the keys given \(there are other\)"):
        [caller async for caller in here.book.every("default")]


async def test_two_calls_that_end_at_once_are_both_kept(here: World) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(intake, here, ANN)
    everybody = [caller async for caller in here.book.every("default")]
    assert len(everybody) == 1
    assert len(everybody[0].calls) == 3
    assert here.troubles == []


async def test_what_is_too_old_is_not_used(here: World) -> None:
    await intake(here, ANN)
    strict = replace(FOR_EVER, days={**FOR_EVER.days, "personal": 0.0})
    register = Register(here.book, strict)
    acquaintance = Acquaintance(register, "default", here.flow(CLINIC), ANN, here.troubles.append)
    assert await acquaintance.at_start() == {}
    assert now() > (await here.known(ANN)).values["name"].confirmed_at  # type: ignore[union-attr]


async def test_a_call_that_another_process_goes_on_with_knows_its_caller_still(here: World) -> None:
    await intake(here, ANN)
    flow = here.flow(CLINIC)
    async with here.call(CLINIC, ANN) as rung:
        await rung.say("yes")
        events = [load_event(stored.event) for stored in await here.sessions.events(rung.session.key)]
        opening = events[0]
        assert isinstance(opening, CallStarted) and opening.given["name"] == "Ann Lee"
        elsewhere = Acquaintance(
            Register(here.book, FOR_EVER), "default", flow, opening.number, here.troubles.append
        )
        await elsewhere.go_on(opening)
        record = await here.sessions.load(rung.session.key)
        assert list(elsewhere.marks()) == record.summary["marks"]
        await elsewhere.keep(rung.session.state, now())
    kept = await here.known(ANN)
    assert kept is not None and [call.call for call in kept.calls] == ["call1", "call2"]
