"""Tests inside a flow: what passes, and a sentence of its own for each thing that went another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.loader import open_flow
from memory.edge import EdgeKnowledge
from orchestrator.flow_tests import Held, hold_tests
from tests.orchestrator.shop_flow import shop

pytestmark = pytest.mark.anyio

TALK = """
    talk:
      - {agent: [What is the order number, recorded], agent_not: colour, step: find, does: []}
      - {caller: one two three four, agent: "Is that right?", slots: {number: "1234"}}
      - {caller: "yes", agent: [One moment, packed], does: look_up, step: choose, slots: {status: packed, colour: ""}}
      - {caller: red}
      - {caller: "yes", agent: goodbye, does: paint, outcome: complete}
    actions: {look_up: {status: packed}, paint: {id: R7}}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def held(folder: Path, test: str, *changes: tuple[str, str]) -> Held:
    """One test, as it was held."""
    (one,) = await hold_tests(open_flow(str(shop(folder, *changes, tests=f"  one:{test}"))))
    return one


def wrong(one: Held) -> list[str]:
    return [text for exchange in one.exchanges for text in exchange.wrong] + list(one.wrong)


async def test_a_test_that_goes_as_written_passes(tmp_path: Path) -> None:
    one = await held(tmp_path, TALK + "    slots: {receipt: R7, colour: red}\n    outcome: complete\n")
    assert (one.passed, wrong(one)) == (True, [])
    assert [exchange.caller for exchange in one.exchanges] == [
        "", "one two three four", "yes", "red", "yes",
    ]  # fmt: skip
    assert one.exchanges[0].agent.endswith("What is the order number?")


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        ("agent: How are you", 'the agent does not say "How are you"'),
        ("agent_not: RIGHT", 'the agent says "RIGHT"'),
        ("step: choose", "the step is find, not choose"),
        ("does: look_up", "the actions are none, not look_up"),
        ("outcome: complete", "the outcome is still open, not complete"),
        ("slots: {number: '9999'}", "`number` is '1234', not 9999"),
        ("slots: {colour: red}", "`colour` is empty, not red"),
        ("slots: {number: ''}", "`number` is '1234', not empty"),
    ],
)
async def test_each_thing_that_went_another_way_has_its_sentence(
    tmp_path: Path, turn: str, told: str
) -> None:
    one = await held(tmp_path, "\n    talk:\n      - {caller: one two three four, " + turn + "}\n")
    assert wrong(one) == [told]
    assert one.exchanges[1].wrong == (told,)
    assert not one.passed


async def test_a_turn_in_which_nobody_does_anything_looks_at_the_one_before(tmp_path: Path) -> None:
    one = await held(
        tmp_path,
        "\n    talk:\n      - {agent: nonsense}\n      - {agent: the order number}\n      - {step: choose}\n",
    )
    assert [exchange.wrong for exchange in one.exchanges] == [
        ('the agent does not say "nonsense"', "the step is find, not choose")
    ]


async def test_actions_that_were_not_to_be_done_are_told(tmp_path: Path) -> None:
    one = await held(tmp_path, TALK.replace("does: look_up", "does: []"))
    assert wrong(one) == ["the actions are look_up, not none"]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("outcome: handed_over", "the outcome is complete, not handed_over"),
        ("slots: {receipt: R8}", "`receipt` is 'R7', not R8"),
    ],
)
async def test_what_is_not_so_at_the_end_is_told(tmp_path: Path, end: str, told: str) -> None:
    one = await held(tmp_path, f"{TALK}    {end}\n")
    assert one.wrong == (told,)
    assert not one.passed


async def test_a_call_that_is_over_too_early_is_told_at_the_turn_that_it_misses(tmp_path: Path) -> None:
    talk = "\n    talk:\n      - caller: i want to talk to a person\n      - caller: hello\n      - caller: hello\n"
    one = await held(tmp_path, talk)
    assert wrong(one) == ["the call had ended before, with handed_over"]
    assert one.exchanges[-1].caller == "hello"
    assert len(one.exchanges) == 3, "what follows is of no interest"


# --- what actions give ---------------------------------------------------------------------------------------

ORDER = "\n    talk:\n      - caller: one two three four\n      - {caller: 'yes', "


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{status: packed}", "agent: Your order is packed"),
        ("timeout", "agent: The warehouse does not answer, outcome: handed_over"),
        ("refused", "agent: There is no such order, step: choose"),
        ("failed", "agent: connect you, outcome: handed_over"),
        ("[refused, {status: packed}]", "agent: There is no such order"),
    ],
)
async def test_an_action_gives_a_result_or_fails_as_the_test_says(
    tmp_path: Path, given: str, expected: str
) -> None:
    one = await held(tmp_path, f"{ORDER}{expected}}}\n    actions: {{look_up: {given}}}\n")
    assert wrong(one) == []


async def test_an_action_that_the_test_says_nothing_of_is_told(tmp_path: Path) -> None:
    one = await held(tmp_path, f"{ORDER}does: look_up}}\n")
    assert one.wrong == ("the action `look_up` was asked for, and the test does not say what it gives",)


async def test_numbers_and_flags_of_a_result_are_what_they_look_like(tmp_path: Path) -> None:
    gives = 'gives: {status: \'result.right && result.count > 2 && result.code == "007" && result.none == null ? "so" : "no"\'}'
    one = await held(
        tmp_path,
        f"{ORDER}agent: Your order is so}}\n"
        "    actions: {look_up: {right: true, count: 3, code: '007', none: null}}\n",
        ("gives: {status: result.status}", gives),
    )
    assert wrong(one) == []


# --- other turns ---------------------------------------------------------------------------------------------


async def test_keys_and_silences_are_turns_too(tmp_path: Path) -> None:
    one = await held(
        tmp_path,
        """
    talk:
      - {silence_s: 6, agent: Are you still there}
      - {keypad: "1234#", slots: {number: "1234"}}
      - {silence_s: 2.5}
""",
    )
    assert wrong(one) == []
    assert [exchange.caller for exchange in one.exchanges] == [
        "", "(6 s of silence)", "(keys 1234#)", "(2.5 s of silence)",
    ]  # fmt: skip


async def test_a_test_has_a_date_and_slots_that_the_call_gives(tmp_path: Path) -> None:
    say = ("Your order is {status}.", "You ring from {rings_from}, on {day}.")
    slots = ("  status: {", "  day: {type: date, source: action}\n  status: {")
    gives = ("gives: {status: result.status}", "gives: {status: result.status, day: today}")
    one = await held(
        tmp_path,
        f"{ORDER}agent: 'five five five, one two three, four five six seven, on November twenty third'}}\n"
        "    actions: {look_up: {status: packed}}\n"
        "    given: {rings_from: '5551234567'}\n    today: '2026-11-23'\n"
        "    slots: {rings_from: '5551234567', day: '2026-11-23'}\n",
        say,
        slots,
        gives,
    )
    assert wrong(one) == []


async def test_questions_are_answered_from_the_flows_pages(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "visiting.md").write_text("# Parking\n\nParking is free in the yard.\n")
    talk = "\n    talk:\n      - {caller: where can i park, agent: Parking is free in the yard}\n"
    path = shop(tmp_path, ("slots:\n", "knowledge: pages\nslots:\n"), tests=f"  one:{talk}")
    knowledge = await EdgeKnowledge.open()
    try:
        (with_pages,) = await hold_tests(open_flow(str(path)), knowledge)
        (without,) = await hold_tests(open_flow(str(path)))
    finally:
        await knowledge.aclose()
    assert (wrong(with_pages), without.passed) == ([], False)
