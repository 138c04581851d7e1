"""When keys are all of an answer, so that nobody has to wait for another one."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.machine import start
from reasoner.state import GoalState
from reasoner.types import Answer, Intent, Pending, Understood, Waiting
from reasoner.understand.keypad import MOST_KEYS, all_keyed, understand_keys

TODAY = datetime.date(2026, 11, 23)
FLOW = """
flow: keys
version: 1
about: Everything that can be keyed
agent: {name: Ann, company: The Desk, business: desk}
slots:
  phone: {type: phone, digits: 10}
  pin: {type: digits, length: 4}
  member: {type: digits, length: 4-8}
  spoken: {type: digits, length: 4, keypad: false}
  sure: {type: yes_no}
  colour: {type: choice, values: {red: [], blue: [], green: []}}
  month: {type: choice, values: {m1: [], m2: [], m3: [], m4: [], m5: [], m6: [], m7: [], m8: [], m9: [], m10: [], m11: [], m12: []}}
  extras: {type: list, values: {salt: [], pepper: []}}
  people: {type: number}
  amount: {type: money}
  born: {type: date, past: true}
  at: {type: time}
  why: {type: text}
ask: [phone, pin, member, spoken, sure, colour, month, extras, people, amount, born, at, why]
"""


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    path: Path = tmp_path_factory.mktemp("flow") / "keys.yaml"
    path.write_text(FLOW)
    return load_flow(str(path))


def asked(flow: Flow, *slots: str, waiting: Waiting = Waiting.ANSWER) -> GoalState:
    return replace(start(flow, "call"), pending=Pending(waiting, slots))


def ends_with(flow: Flow, state: GoalState, keys: str) -> int:
    """With which of the keys the entry is whole, counted from 1; 0: with none of them."""
    return next((n for n in range(1, len(keys) + 1) if all_keyed(flow, state, keys[:n])), 0)


@pytest.mark.parametrize(
    ("slot", "keys", "whole_with"),
    [
        ("phone", "55512345678", 10),
        ("phone", "155512345678", 11),  # the country code stands before it
        ("phone", "555123456", 0),
        ("phone", "555#", 4),
        ("phone", "55*", 3),  # to be asked again, and to begin anew
        ("pin", "12345", 4),
        ("pin", "123", 0),
        ("pin", "12#", 3),
        ("member", "1234567", 0),
        ("member", "123456789", 8),
        ("spoken", "12345", 0),
        ("spoken", "12#", 3),
        ("sure", "1", 1),
        ("sure", "2", 1),
        ("sure", "0", 1),
        ("sure", "*", 1),
        ("colour", "3", 1),
        ("colour", "0", 1),
        ("month", "2", 1),
        ("month", "12", 2),
        ("month", "1", 0),
        ("month", "03", 2),
        ("extras", "12", 0),
        ("people", "12", 0),
        ("amount", "12*50", 0),
        ("amount", "12*50#", 6),
        ("amount", "*", 1),
        ("born", "03141985", 8),
        ("born", "031485", 0),
        ("at", "0730", 4),
        ("at", "7", 0),
        ("why", "123", 0),
    ],
)
def test_an_entry_is_whole_where_one_more_key_could_only_spoil_it(
    flow: Flow, slot: str, keys: str, whole_with: int
) -> None:
    assert ends_with(flow, asked(flow, slot), keys) == whole_with


def test_what_is_whole_without_an_end_key_gives_a_value(flow: Flow) -> None:
    for slot, keys in {"phone": "15551234567", "pin": "0123", "colour": "3", "born": "03141985"}.items():
        state = asked(flow, slot)
        assert all_keyed(flow, state, keys)
        assert [heard.slot for heard in understand_keys(flow, state, keys, TODAY).values] == [slot]


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("1", Understood(answer=Answer.YES)),
        ("2", Understood(answer=Answer.NO)),
        ("0", Understood(intents=frozenset({Intent.HUMAN}))),
        ("*", Understood(intents=frozenset({Intent.REPEAT}))),
    ],
)
def test_one_key_answers_what_was_read_back(flow: Flow, keys: str, meant: Understood) -> None:
    state = asked(flow, "phone", waiting=Waiting.CONFIRMATION)
    assert all_keyed(flow, state, keys)
    assert understand_keys(flow, state, keys, TODAY) == meant


def test_one_key_says_which_of_two_is_wrong(flow: Flow) -> None:
    state = asked(flow, "phone", "pin", waiting=Waiting.WHICH)
    assert all_keyed(flow, state, "2")
    assert understand_keys(flow, state, "2", TODAY).rejected == ("pin",)


@pytest.mark.parametrize(
    ("slots", "waiting"),
    [
        (("sure",), Waiting.ANSWER),
        (("colour",), Waiting.ANSWER),
        (("phone",), Waiting.CONFIRMATION),
        (("phone", "pin"), Waiting.WHICH),
    ],
)
def test_a_number_that_nobody_asked_for_is_one_misunderstanding_and_not_one_for_each_key(
    flow: Flow, slots: tuple[str, ...], waiting: Waiting
) -> None:
    state = asked(flow, *slots, waiting=waiting)
    assert ends_with(flow, state, "5551234567") == 0
    assert ends_with(flow, state, "5551234567#") == 11


@pytest.mark.parametrize("waiting", [Waiting.NOTHING, Waiting.ACTION])
def test_keys_that_nothing_waits_for_are_collected(flow: Flow, waiting: Waiting) -> None:
    assert ends_with(flow, asked(flow, waiting=waiting), "0123456789") == 0


def test_no_entry_is_longer_than_any_value(flow: Flow) -> None:
    assert ends_with(flow, asked(flow, "why"), "7" * 2 * MOST_KEYS) == MOST_KEYS
