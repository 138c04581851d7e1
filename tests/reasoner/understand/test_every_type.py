"""For every type of slot: grammars, hostile words, speed, and values in words that are understood again."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketsphinx import Decoder, set_loglevel

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.fits import fits
from reasoner.types import Channel, Understood, Value, Waiting
from reasoner.understand import anticipate
from reasoner.understand.expectation import expectation_of
from reasoner.values_en import value as in_words
from tests.reasoner.understand.jsgf import Sentences
from tests.reasoner.understand.made_flows import (
    BANK,
    HOTEL,
    RESTAURANT,
    ROUTER,
    TRAIN,
    found,
    made,
    state_of,
    turn,
)

ASKED = [
    (flow, name)
    for flow in (RESTAURANT, TRAIN, HOTEL, BANK, ROUTER)
    for name, slot in flow.slots.items()
    if slot.asked_for
]
IDS = [f"{flow.about} {name}" for flow, name in ASKED]
SAMPLES = 60


# --- what fits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "good", "bad"),
    [
        ({"type": "number"}, [0, 4, -2], [1.5, True, "4", None, float("nan"), float("inf")]),
        ({"type": "number", "whole": False, "min": 1, "max": 2}, [1, 1.5], [0.5, 3]),
        ({"type": "money", "min": 1}, [1.5, 20], [0.5, "20"]),
        ({"type": "time"}, ["00:00", "23:59"], ["24:00", "7:30", "12:60", "", 7]),
        ({"type": "date"}, ["2026-11-23"], ["2026-02-30", "23.11.2026", 5]),
        ({"type": "email"}, ["a@b.co"], ["a@b", "A@b.co", "a b@c.de", "@b.co"]),
        ({"type": "digits", "length": "4-6"}, ["0042", "123456"], ["123", "1234567", "12a4", "١٢٣٤"]),
        ({"type": "id", "length": "2-4"}, ["AB12"], ["ab12", "A", "ABCDE", "A-1"]),
        ({"type": "text"}, ["hello, world!"], ["", "  ", "a\nb", "x" * 3000, 5]),
        (
            {"type": "choice", "values": {"a": []}, "other": "else", "no_preference": "any"},
            ["a", "else", "any"],
            ["b", "", 1],
        ),
        ({"type": "list", "values": {"a": [], "b": []}}, [(), ("a", "b")], [("c",), ["a"], "a"]),
        ({"type": "choice", "values": {"a": []}}, ["a"], [""]),
        ({"type": "number", "no_preference": "any"}, ["any", 3], ["some"]),
        ({"type": "record", "fields": {"n": "number"}}, [{"n": 1, "x": "y"}, {}], [{"n": "1"}, {1: 2}, "x"]),
    ],
)
def test_a_value_fits_in_its_canonical_form_alone(
    slot: dict[str, Any], good: list[object], bad: list[object]
) -> None:
    made_slot = Slot.model_validate(slot)
    assert all(fits(made_slot, value) for value in good)
    assert not [value for value in bad if fits(made_slot, value)]


# --- in words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "value", "words"),
    [
        ({"type": "number", "unit": "people"}, 4, "four people"),
        ({"type": "number", "unit": "people"}, 1, "one person"),
        ({"type": "number"}, 1205, "one thousand two hundred five"),
        ({"type": "number", "whole": False}, -3.5, "minus three point five"),
        ({"type": "money", "unit": "dollars"}, 20.5, "twenty dollars and fifty cents"),
        ({"type": "money", "unit": "dollars"}, 1, "one dollar"),
        ({"type": "money", "unit": "pounds"}, 0.5, "fifty pence"),
        ({"type": "money"}, 12.5, "twelve point five"),
        ({"type": "time"}, "19:30", "seven thirty in the evening"),
        ({"type": "time"}, "09:05", "nine oh five in the morning"),
        ({"type": "time"}, "12:00", "noon"),
        ({"type": "time"}, "00:30", "twelve thirty at night"),
        ({"type": "email"}, "j_doe@ex-ample.co.uk", "j underscore doe at ex dash ample dot co dot uk"),
        ({"type": "id"}, "AB12", "A B one two"),
        ({"type": "digits"}, "0042", "zero zero four two"),
        ({"type": "text"}, "Near the door.", "Near the door."),
        ({"type": "record"}, {"plan": "gold", "open": True}, "plan gold and open yes"),
        ({"type": "choice", "no_preference": "dontcare"}, "dontcare", "no preference"),
        ({"type": "time"}, "sometime", "sometime"),
    ],
)
def test_a_value_is_said_in_words(slot: dict[str, Any], value: Value, words: str) -> None:
    assert in_words(Slot.model_validate(slot), value) == words


@pytest.mark.parametrize(
    ("flow", "name", "value"),
    [
        *((RESTAURANT, "time", f"{hour:02d}:{minute:02d}") for hour in range(24) for minute in (0, 5, 30)),
        *((RESTAURANT, "people", n) for n in (1, 2, 11)),
        *((BANK, "amount", n) for n in (1, 2.5, 100, 1250.75, 20_000)),
        (RESTAURANT, "email", "jane.doe-1@example.co.uk"),
        (BANK, "reference", "AB12CD"),
        (BANK, "pin", "0042"),
        (RESTAURANT, "day", "2026-12-24"),
    ],
)
def test_what_the_agent_says_is_understood_when_a_caller_says_it(flow: Flow, name: str, value: Value) -> None:
    words = in_words(flow.slots[name], value)
    assert found(turn(flow, words, name, channel=Channel.SPEECH)) == {name: value}


# --- grammars ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("flow", "name"), ASKED, ids=IDS)
def test_what_a_grammar_can_produce_gives_values_that_fit(flow: Flow, name: str) -> None:
    chance, filled = random.Random(7), 0
    state = state_of(flow, name)
    sentences = Sentences(anticipate(flow, state).grammar)
    for _ in range(SAMPLES):
        understood = turn(flow, sentences.one(chance), name, channel=Channel.SPEECH)
        for heard in understood.values:
            slot = flow.slots[heard.slot]
            loose = slot.model_copy(update={"min": None, "max": None})
            assert fits(loose, heard.value), heard
        filled += any(heard.slot == name for heard in understood.values)
    spelled = flow.slots[name].type in (
        SlotType.TEXT,
        SlotType.DIGITS,
        SlotType.ID,
        SlotType.PHONE,
        SlotType.DATE,
    )
    assert filled or spelled


def test_a_recogniser_has_sounds_for_every_word_of_every_type() -> None:
    set_loglevel("FATAL")
    for flow, name in ASKED:
        decoder = Decoder(lm=None, bestpath=False, fwdflat=False)
        anticipated = anticipate(flow, state_of(flow, name))
        for word, sound in anticipated.sounds.items():
            if decoder.lookup_word(word) is None and sound:
                decoder.add_word(word, sound, False)
        guessed = {word for word, sound in anticipated.sounds.items() if not sound}
        words = Sentences(anticipated.grammar).words() - guessed
        assert not {w for w in words if decoder.lookup_word(w) is None}, (flow.about, name)


def test_topics_are_in_the_grammar() -> None:
    words = Sentences(anticipate(RESTAURANT, state_of(RESTAURANT, "people")).grammar).words()
    assert {"opening", "hours", "reservation"} <= words


# --- hostile words -------------------------------------------------------------------------------------------

SAID = (
    "no yes it's at for the half past six dot com jane@example.com $1,250.50 7:30 pm twenty double oh b as in boy next friday "
    "in two weeks 3/14 AB-12 any i don't care with free parking 😀 東京 ' - ? from to the second one not cheap a couple of "
    "people point five minus hundred thousand and k o'clock noon tomorrow 14th ½ +44 ١٢"
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SAID.split()), max_size=40).map(" ".join))


@settings(max_examples=400, deadline=None)
@given(
    text=TEXTS,
    asked=st.sampled_from(ASKED),
    waiting=st.sampled_from([Waiting.ANSWER, Waiting.CONFIRMATION, Waiting.WHICH, Waiting.ACTION]),
    channel=st.sampled_from(list(Channel)),
    today=st.sampled_from(["2026-11-23", "", "9999-12-31", "0001-01-01", "nonsense"]),
)
def test_nothing_that_can_be_said_raises_or_gives_what_cannot_be(
    text: str, asked: tuple[Flow, str], waiting: Waiting, channel: Channel, today: str
) -> None:
    flow, name = asked
    understood = turn(flow, text, name, channel=channel, waiting=waiting, today=today)
    for heard in understood.values:
        slot = flow.slots[heard.slot].model_copy(update={"min": None, "max": None})
        assert fits(slot, heard.value), heard
        assert 0 <= heard.confidence <= 1
    anticipate(flow, state_of(flow, name, waiting=waiting)).judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@" * 500_000,
        "a.b" * 300_000,
        "A1-" * 300_000,
        "1,234," * 200_000,
        "$" * 1_000_000,
        "dot com at " * 90_000,
        "twenty thousand and " * 50_000,
        "cheap " * 160_000,
        "\U0001f600" * 1_000_000,
        "from to " * 120_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_megabyte_takes_a_moment(text: str) -> None:
    for flow, name in ASKED:
        anticipate(flow, state_of(flow, name))
        turn(flow, "warm", name)
    for flow, name in ASKED:
        begun = time.process_time()
        turn(flow, text, name)
        assert time.process_time() - begun < 1.0, (flow.about, name)


# --- speed ---------------------------------------------------------------------------------------------------

_KINDS = "number date time choice choice text digits id money list phone email yes_no person_name".split()


def _wide(slots: int) -> Flow:
    def slot(n: int) -> dict[str, Any]:
        kind = _KINDS[n % len(_KINDS)]
        values = {f"colour {n} {word}": [f"{word} thing {n}"] for word in ("red", "green", "blue", "grey")}
        return {"type": kind, "label": f"thing {n}"} | (
            {"values": values} if kind in ("choice", "list") else {}
        )

    return made("many things", {f"slot_{n}": slot(n) for n in range(slots)})


def test_of_fifty_slots_a_turn_takes_few_milliseconds_and_another_pending_next_to_nothing() -> None:
    flow = _wide(50)
    anticipate(flow, state_of(flow, "slot_0"))
    begun = time.process_time()
    for n in range(1, 50):
        expectation_of(flow, state_of(flow, f"slot_{n}").pending)
    assert (time.process_time() - begun) / 49 < 0.2
    words = "i would like the my thing forty to be on friday please thanks"
    took = []
    for n in range(50):
        begun = time.process_time()
        understood: Understood = turn(flow, words, f"slot_{n}")
        took.append(time.process_time() - begun)
        assert understood is not None
    assert sorted(took)[25] < 0.05
