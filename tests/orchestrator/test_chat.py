"""Calls in text: whole conversations through the parsers, the graph and the machine, and the lines around them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flows.loader import load_flow, open_flow
from memory.edge import EdgeKnowledge
from memory.pages import read_pages
from orchestrator.chat import converse, no_pages
from orchestrator.jsonl import LONGEST_LINE
from orchestrator.text_call import TextCall
from reasoner.events import HandOver
from reasoner.ports import Ports, Search
from reasoner.recall import Recall
from reasoner.state import Outcome, dump_state, load_state
from reasoner.types import SlotStatus
from reasoner.understand import ParserUnderstander

pytestmark = pytest.mark.anyio
INTAKE = load_flow("medical_intake")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def pages() -> AsyncIterator[Search]:
    folder = open_flow("medical_intake").knowledge_dir
    assert folder is not None
    knowledge = await EdgeKnowledge.open()
    try:
        await knowledge.put("default", "medical_intake", read_pages(folder))
        yield Recall(knowledge, "default", ("medical_intake",), language="en-US", budget_s=5)
    finally:
        await knowledge.aclose()


class Caller:
    """Says its lines one after the other; fails where the agent does not answer as expected."""

    def __init__(self, search: Search) -> None:
        self.call = TextCall(Ports(INTAKE, ParserUnderstander(), search))
        self._begun = False

    async def says(self, *script: tuple[str, str]) -> None:
        if not self._begun:
            await self.call.begin()
            self._begun = True
        for words, expected in script:
            answered = await self.call.said(words)
            assert expected in answered.agent, (words, answered.agent)

    def slots(self) -> dict[str, Any]:
        return {name: slot.value for name, slot in self.call.state.slots.items()}


# --- whole conversations -------------------------------------------------------------------------------------


async def test_a_plain_caller_gets_through() -> None:
    caller = Caller(no_pages)
    await caller.says(
        ("my name is susan clark", "Your name is Susan Clark. Is that right?"),
        ("yes", "What is your date of birth?"),
        ("march third nineteen eighty", "March third, nineteen eighty. Is that right?"),
        ("that's right", "What phone number"),
        (
            "five five five one two three four five six seven",
            "five five five, one two three, four five six seven.",
        ),
        ("yes", "What is the reason for your visit?"),
        ("my back hurts", "Do you have any allergies?"),
        ("no", "Which medicines"),
        ("lisinopril and metformin", "Which insurance"),
        ("aetna", "May we keep these details"),
        ("yes", "The reason for your visit is back pain. I have noted no allergies."),
        ("yes", "Your insurance is Aetna. You agree that we keep your details."),
        ("yes that's right", "You are all set"),
    )
    assert caller.call.state.outcome is Outcome.COMPLETE
    assert caller.slots() == {
        "name": "Susan Clark",
        "date_of_birth": "1980-03-03",
        "phone": "5551234567",
        "reason": "back pain",
        "allergies": (),
        "medicines": ("lisinopril", "metformin"),
        "insurance": "Aetna",
        "consent": True,
    }
    assert {slot.status for slot in caller.call.state.slots.values()} == {SlotStatus.CONFIRMED}


async def test_a_lively_caller_gets_through_as_well() -> None:
    """Two answers at once, a surname nobody knows, a question, a correction, a wait, a backchannel."""
    async with pages() as search:
        caller = Caller(search)
        await caller.says(
            ("my name is susan kowalczyk", "Susan Kowalczyk. Is that right?"),
            ("no", "Please spell your last name"),
            ("k as in kilo o w a l s k i", "Susan Kowalski, spelled K as in kilo"),
            ("yes", "date of birth"),
            (
                "march third nineteen eighty and my number is five five five one two three four five six seven",
                "Your date of birth is March third, nineteen eighty. Your phone number is five five five",
            ),
            ("no the date of birth is march fourth nineteen eighty", "March fourth, nineteen eighty."),
            ("yes", "reason for your visit"),
            ("how much does a first visit cost", "one hundred and twenty dollars"),
            ("i have a sore throat", "allergies"),
            ("penicillin", "medicines"),
            ("mm-hm", ""),
            ("could you repeat that", "Which medicines do you take regularly?"),
            ("just a second", "take your time"),
            ("i take insulin", "insurance"),
            ("cigna", "keep these details"),
            ("yes", "Your allergies are penicillin."),
            ("the reason is wrong", "Is it a check up, an illness, a pain, or something else?"),
            ("a cough", "The reason for your visit is cough. Your allergies are penicillin."),
            ("yes", "Your insurance is Cigna."),
            ("yes", "Goodbye."),
        )
    assert caller.call.state.outcome is Outcome.COMPLETE
    assert caller.slots()["name"] == "Susan Kowalski"
    assert caller.slots()["date_of_birth"] == "1980-03-04"
    assert caller.slots()["reason"] == "cough"


async def test_a_question_along_with_an_answer_gets_both_done() -> None:
    async with pages() as search:
        caller = Caller(search)
        await caller.says(
            ("my name is susan clark", "Is that right?"),
            ("yes where can i park", "Parking is free for patients in the garage on Mill Street."),
        )
    assert caller.call.state.slots["name"].status is SlotStatus.CONFIRMED
    assert caller.call.state.pending.slots == ("date_of_birth",)


async def test_a_caller_who_wants_a_person_is_handed_over() -> None:
    caller = Caller(no_pages)
    answered = await caller.call.said("i want to talk to a human please")
    assert answered.agent == "I will connect you with a person at the front desk now."
    assert HandOver("caller_asked") in answered.effects


async def test_a_caller_who_does_not_consent_is_not_kept() -> None:
    caller = Caller(no_pages)
    await caller.says(
        ("my name is susan clark", ""), ("yes", ""), ("march third nineteen eighty", ""), ("yes", ""),
        ("five five five one two three four five six seven", ""), ("yes", ""), ("a rash", ""), ("none", ""),
        ("none", ""), ("medicare", "May we keep"),
        ("no", "You do not agree that we keep your details. Is that right?"),
        ("yes", "Without your consent"),
    )  # fmt: skip
    assert caller.call.state.outcome is Outcome.CANCELLED


async def test_the_same_words_always_lead_to_the_same_call() -> None:
    async def once() -> Any:
        caller = Caller(no_pages)
        await caller.says(("susan clark", ""), ("yes", ""), ("what", ""), ("march third nineteen eighty", ""))
        return caller.call.state

    assert await once() == await once()


# --- lines ---------------------------------------------------------------------------------------------------


async def lines(*given: str | dict[str, Any]) -> list[dict[str, Any]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in given)
    out = io.StringIO()
    await converse(INTAKE, True, io.StringIO(text), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def test_programs_get_an_object_a_line_with_the_greeting_first() -> None:
    greeting, confirming, confirmed, ended = await lines(
        {"caller": "my name is susan clark"}, {"caller": "yes"}
    )
    assert greeting["agent"].startswith("Thank you for calling")
    assert (greeting["state"]["step"], greeting["state"]["waits_for"]) == ("main", "answer:name")
    assert greeting["effects"] == [{"kind": "reply"}]
    assert confirming["state"]["slots"]["name"] == {
        "value": "Susan Clark",
        "confirmed": False,
        "status": "heard",
    }
    assert confirming["state"]["waits_for"] == "confirmation:name"
    assert confirmed["state"]["slots"]["name"]["confirmed"] is True
    assert ended == {
        "agent": "",
        "state": {**confirmed["state"], "waits_for": "done", "outcome": "hung_up", "ended": "hung_up"},
        "effects": [],
    }


async def test_silence_is_said_in_seconds() -> None:
    _, silent, _ = await lines({"silence_s": 6})
    assert silent["agent"].startswith("Are you still there?")


async def test_a_call_that_is_over_reads_no_further() -> None:
    told = await lines({"caller": "i want to talk to a person"}, {"caller": "hello?"})
    assert [line["state"]["outcome"] for line in told] == [None, "handed_over"]
    assert told[1]["effects"] == [{"kind": "reply"}, {"why": "caller_asked", "kind": "hand_over"}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        ("[" * 5000, "not JSON"),
        ("null", "write"),
        ("[]", "write"),
        ("{}", "write"),
        ('{"caller": 1}', "write"),
        ('{"caller": "a", "more": 1}', "write"),
        ('{"caller": "a", "silence_s": 6}', "write"),
        ('{"silence_s": true}', "write"),
        ('{"silence_s": "6"}', "write"),
        ('{"silence_s": 0}', "more than 0"),
        ('{"silence_s": -1}', "more than 0"),
        ('{"silence_s": NaN}', "more than 0"),
        ('{"silence_s": 1e999}', "more than 0"),
        ('{"silence_s": ' + "9" * 400 + "}", "more than 0"),
        ('{"caller": "' + "a" * LONGEST_LINE + '"}', "longer than"),
    ],
)
async def test_a_line_that_says_nothing_is_told_so_and_the_call_goes_on(line: str, told: str) -> None:
    _, error, after, _ = await lines(line, {"caller": "my name is susan clark"})
    assert list(error) == ["error"] and told in error["error"]
    assert len(error["error"]) < 600
    assert after["agent"].startswith("Your name is Susan Clark.")


@pytest.mark.parametrize("words", ["", "   ", "\ud800", "\0", "é" * 2000, "😀", "a\nb", "{}[]<system>"])
async def test_any_words_can_be_said_and_kept(words: str) -> None:
    out = io.StringIO()
    state = await converse(INTAKE, True, io.StringIO(json.dumps({"caller": words}) + "\n"), out)
    after = json.loads(out.getvalue().splitlines()[1])
    assert after["agent"] and after["state"]["outcome"] is None
    assert load_state(dump_state(state)) == state
    out.getvalue().encode()


async def test_half_a_character_in_an_answer_does_not_spoil_what_is_kept() -> None:
    said = '{"caller": "my name is susan clark"}\n{"caller": "yes \\ud800"}\n'
    state = await converse(INTAKE, True, io.StringIO(said), io.StringIO())
    assert state.slots["name"].status is SlotStatus.CONFIRMED
    assert load_state(dump_state(state)) == state


async def test_people_get_a_prompt_and_the_form_at_the_end() -> None:
    out = io.StringIO()
    state = await converse(INTAKE, False, io.StringIO("my name is susan clark\n\nyes\n"), out)
    text = out.getvalue()
    assert state.outcome is Outcome.HUNG_UP
    assert "Claire: Your name is Susan Clark. Is that right?" in text
    assert "Claire: Are you still there?" in text  # the empty line
    assert "name                   Susan Clark\n" in text
    assert "phone number           (empty)" in text
    assert text.endswith("outcome: hung_up\n")


async def test_values_that_were_never_accepted_are_marked() -> None:
    out = io.StringIO()
    await converse(INTAKE, False, io.StringIO("my name is susan clark\n"), out)
    assert "Susan Clark  (not confirmed)" in out.getvalue()


async def test_a_reader_that_goes_away_ends_the_call() -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    state = await converse(INTAKE, True, io.StringIO("{}\n"), Gone())
    assert state.outcome is Outcome.HUNG_UP


async def test_ctrl_c_while_a_turn_is_thought_lets_it_finish() -> None:
    async def interrupted(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
        signal.raise_signal(signal.SIGINT)
        return ()

    out = io.StringIO()
    given = '{"caller": "where can i park"}\n{"caller": "my name is susan clark"}\n'
    state = await converse(INTAKE, True, io.StringIO(given), out, search=interrupted)
    assert "I do not have that information" in out.getvalue()
    assert (state.outcome, state.slots["name"].value) == (Outcome.HUNG_UP, None)


# --- as a program --------------------------------------------------------------------------------------------

PROGRAM = """
import sys, anyio
from flows.loader import load_flow
from orchestrator.chat import converse
state = anyio.run(lambda: converse(load_flow("medical_intake"), True, sys.stdin, sys.stdout))
print(state.outcome, file=sys.stderr)
"""


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )
    yield started
    started.kill()
    started.communicate()


def test_ctrl_c_hangs_up_without_a_traceback(program: subprocess.Popen[bytes]) -> None:
    assert program.stdin is not None and program.stdout is not None
    program.stdout.readline()
    program.stdin.write(b'{"caller": "my name is susan clark"}\n')
    program.stdin.flush()
    assert b"Susan Clark" in program.stdout.readline()
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=20)
    assert (program.returncode, errors) == (0, b"hung_up\n"), errors.decode()


def test_bytes_that_are_no_text_do_not_end_the_call(program: subprocess.Popen[bytes]) -> None:
    said = b'{"caller": "caf\xe9 \xff"}\n{"caller": "my name is susan clark"}\n'
    out, errors = program.communicate(said, timeout=20)
    assert (program.returncode, errors) == (0, b"hung_up\n"), errors.decode()
    assert [next(iter(json.loads(line))) for line in out.splitlines()] == ["agent"] * 4
