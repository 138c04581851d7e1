"""What is private is out of a call's file, wherever it stands in it, and the file is one still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.loader import load_flow
from orchestrator.callfile import CallFile, load_call
from orchestrator.redaction import Answer, classified, redacted
from tests.orchestrator.callers_rig import BANK, CLINIC, intake, world
from tests.orchestrator.made_call import made_call

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def made() -> CallFile:
    moments, state = made_call()
    whole = CallFile.from_moments(moments, state, started_at=datetime(2026, 11, 23, tzinfo=UTC))
    return classified(whole, load_flow("medical_intake"), ())


def test_each_slot_carries_its_class() -> None:
    classes = {name: slot.pii for name, slot in made().slots.items()}
    assert classes["reason"] == classes["allergies"] == "sensitive"
    assert classes["name"] == "personal"


def test_what_may_never_be_kept_is_all_that_is_taken_out_by_default() -> None:
    assert redacted(made(), "never") == made()


@pytest.mark.parametrize(
    ("level", "gone", "left"),
    [
        ("sensitive", ("penicillin", "lisinopril", "metformin", "back pain"), ("Gomez", "5552138841")),
        ("personal", ("gomez", "maria", "5552138841", "1980-03-13", "penicillin", "blue cross"), ()),
    ],
)
def test_the_level_says_what_goes(level: str, gone: tuple[str, ...], left: tuple[str, ...]) -> None:
    told = redacted(made(), level, flow=load_flow("medical_intake"))  # type: ignore[arg-type]
    text = told.dump().decode()
    for word in gone:
        assert word.lower() not in text.lower(), word
    for word in left:
        assert word in text
    assert load_call(told.dump()) == told
    assert told.redacted == (level,)
    assert [slot.status for slot in told.slots.values()] == [slot.status for slot in made().slots.values()]


def test_a_turn_about_hidden_slots_alone_goes_as_a_whole_also_where_it_was_misheard() -> None:
    call = made()
    turn = next(said for said in call.transcript if said.who == "caller")
    misheard = call.model_copy(update={"transcript": (turn.model_copy(update={"text": "for tea too one"}),)})
    told = redacted(
        classified(misheard, load_flow("medical_intake"), [Answer(turn.start_s, turn.end_s, ("reason",))]),
        "sensitive",
    )
    assert [said.text for said in told.transcript] == [f"[{call.slots['reason'].label}]"]
    assert told.transcript[0].slots == ("reason",)


def test_of_a_turn_about_several_slots_only_the_words_of_the_hidden_ones_go(tmp_path: Path) -> None:
    call = made()
    turn = next(said for said in call.transcript if said.who == "caller")
    mixed = call.model_copy(
        update={"transcript": (turn.model_copy(update={"text": "It is Maria and my back pain"}),)}
    )
    about = [Answer(turn.start_s, turn.end_s, ("name", "reason"))]
    told = redacted(classified(mixed, load_flow("medical_intake"), about), "sensitive")
    (said,) = told.transcript
    assert "back pain" not in said.text


async def test_a_whole_call_is_written_without_what_the_settings_take_out(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        async with here.call(CLINIC, "5552138841", level="personal") as rung:
            for words in ("My name is Ann Lee", "yes", "Rome", "yes", "Elm Street", "yes", "my knee hurts"):
                await rung.say(words)
        story = (await here.sessions.load(rung.session.key)).record
        for word in (b"Ann Lee", b"Rome", b"Elm", b"knee", b"5552138841"):
            assert word not in story, word
        call = load_call(story)
        assert all(slot.confirmed and slot.value is None for slot in call.slots.values())


async def test_a_pin_that_was_keyed_said_wrong_and_said_again_is_in_no_words_of_the_call(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        async with here.call(BANK, "", results={"check": {"ok": False}}) as rung:
            for words in ("1234", "nine nine eight seven", "1234", "the pin is 9 9 8 6", "1234", "9985"):
                await rung.say(words)
        story = (await here.sessions.load(rung.session.key)).record.decode()
        for word in ("nine nine eight", "9 9 8", "9987", "9986", "9985"):
            assert word not in story, word
        assert "1234" in story


async def test_an_intake_tells_what_each_turn_was_about(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await intake(here, "5552138841")
        (record,) = await here.sessions.list("default")
        story = load_call((await here.sessions.load(record.key)).record)
        assert story.transcript[1].slots == ("name",)
        assert record.summary["pii"]["pain"] == "sensitive"
