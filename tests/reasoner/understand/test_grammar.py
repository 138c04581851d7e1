"""What a grammar can produce, the parser can read; and a recogniser can use it."""

from __future__ import annotations

import random
import re
import time
from collections import Counter

import pytest
from pocketsphinx import Decoder, set_loglevel

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.state import GoalState
from reasoner.types import Answer, Intent, SlotState, Understood, Waiting
from reasoner.understand import anticipate
from reasoner.understand.sounds_en import SOUNDS
from tests.reasoner.understand.asking import INTAKE, asked, heard, read_back, values, waiting_for
from tests.reasoner.understand.jsgf import Sentences

SAMPLES = 300
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"

STATES = {
    **{f"asked {slot}": asked(slot) for slot in INTAKE.slots},
    "date read back": read_back(date_of_birth="1980-03-03"),
    "name read back": read_back(name="Susan Cole"),
    "phone read back": read_back(phone="5552134789"),
    "some read back": read_back(reason="fever", allergies=("latex",), medicines=()),
    "three read back": read_back(name="Susan Cole", date_of_birth="1980-03-03", phone="5552134789"),
    "others read back": read_back(insurance="Aetna", consent=True),
    "which of some": waiting_for(
        Waiting.WHICH, "reason", "allergies", "medicines", reason="fever", allergies=("latex",), medicines=()
    ),
    "spelling": waiting_for(Waiting.SPELLING, "name", name=SlotState(denied=("Susan Cole",))),
    "nothing": waiting_for(Waiting.NOTHING),
}


def fits(flow: Flow, slot: str, value: object) -> bool:
    match flow.slots[slot].type:
        case SlotType.DATE:
            return isinstance(value, str) and len(value) == 10
        case SlotType.PHONE:
            return isinstance(value, str) and value.isdigit() and len(value) == flow.slots[slot].digits
        case SlotType.CHOICE:
            return value in flow.slots[slot].values
        case SlotType.LIST:
            return isinstance(value, tuple) and set(value) <= set(flow.slots[slot].values)
        case SlotType.YES_NO:
            return isinstance(value, bool)
        case SlotType.PERSON_NAME:
            return isinstance(value, str) and value == value.strip() != ""


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_every_sentence_of_a_grammar_means_something(state: GoalState) -> None:
    chance = random.Random(20)
    sentences = Sentences(anticipate(INTAKE, state).grammar)
    silent: list[str] = []
    for _ in range(SAMPLES):
        sentence = sentences.one(chance)
        understood = heard(state, sentence)
        for value in understood.values:
            assert fits(INTAKE, value.slot, value.value), (sentence, value)
        assert not understood.question, sentence
        if understood == Understood() and not may_be_silent(sentence):
            silent.append(sentence)
    assert not silent, silent[:5]


def may_be_silent(sentence: str) -> bool:
    """A grammar counts no figures, knows no calendar, and cannot keep people from contradicting themselves."""
    said = f" {sentence} "
    figures = re.search(r" (zero|oh|one|two|three|four|five|six|seven|eight|nine) ", said)
    date = re.search(rf" ({MONTHS}) |(teen|ty|th|ten|eleven|twelve|first|second|third) ", said)
    contradiction = re.search(r" (no|sure|yes) ", said)
    half_a_name = re.search(r" (last name|surname) ", said)
    return bool(figures or date or contradiction or half_a_name or not sentence)


@pytest.mark.parametrize("slot", ["reason", "allergies", "medicines", "insurance"])
def test_what_is_said_of_a_slot_fills_that_slot(slot: str) -> None:
    chance, filled = random.Random(3), Counter[str]()
    sentences = Sentences(anticipate(INTAKE, asked(slot)).grammar)
    for _ in range(SAMPLES):
        filled.update(values(heard(asked(slot), sentences.one(chance))).keys())
    assert filled[slot] > SAMPLES / 10
    assert max(filled, key=lambda name: filled[name]) == slot


def test_commands_and_backchannels_are_in_every_grammar() -> None:
    for state in STATES.values():
        words = Sentences(anticipate(INTAKE, state).grammar).words()
        assert {"human", "repeat", "hold", "goodbye", "okay", "mm-hm", "uh-huh"} <= words


def test_a_spelled_letter_is_never_alone() -> None:
    sentences = Sentences(anticipate(INTAKE, STATES["spelling"]).grammar)
    chance = random.Random(5)
    for _ in range(SAMPLES):
        words = sentences.one(chance).split()
        for before, after in zip(words, [*words[1:], ""], strict=True):
            assert len(before) > 1 or before in "ai" or after in ("as", "for"), words


def test_a_grammar_is_made_once_and_its_name_stands_for_it() -> None:
    texts: dict[str, str] = {}
    for state in STATES.values():
        anticipated = anticipate(INTAKE, state)
        assert anticipate(INTAKE, state) is anticipated
        assert texts.setdefault(anticipated.name, anticipated.grammar) == anticipated.grammar
    assert len(texts) == len(STATES)


def test_a_value_in_the_state_does_not_change_the_grammar() -> None:
    assert anticipate(INTAKE, read_back(phone="5552134789")) is anticipate(
        INTAKE, read_back(phone="5550149826")
    )


def flow_of(**slots: object) -> Flow:
    given = {
        "flow": "made",
        "version": "1",
        "about": "a flow",
        "agent": {"name": "A", "company": "B", "business": "c"},
        "slots": slots,
        "ask": list(slots),
    }
    return Flow.model_validate(given)


ODD = flow_of(
    size={
        "type": "choice",
        "label": "Größe (in cm); <size>",
        "ask": "How big?",
        "values": {"42": (), "7 1/2": (), "X-Large": ("extra large | huge",), "Covid-19": (), "!?": ()},
    },
    who={"type": "person_name", "label": "name", "ask": "Who?", "known": ("Xóchitl", "Óscar Núñez")},
    when={"type": "date", "label": "appointment", "ask": "When?"},
    ok={"type": "yes_no", "label": "agreement", "ask": "Ok?"},
)


def test_odd_values_of_a_flow_leave_the_grammar_whole() -> None:
    for slot in ODD.slots:
        state = waiting_for(Waiting.ANSWER, slot, flow=ODD)
        anticipated = anticipate(ODD, state)
        for word in Sentences(anticipated.grammar).words():
            assert not any(c.isdigit() or c in '|;<>()!?"' for c in word), word
        decoder = decoder_with(anticipated.sounds, guess="AH")
        decoder.add_jsgf_string(anticipated.name, anticipated.grammar)
        decoder.activate_search(anticipated.name)
    state = waiting_for(Waiting.ANSWER, "size", flow=ODD)
    assert values(heard(state, "forty two", flow=ODD)) == {"size": "42"}
    assert values(heard(state, "extra large huge", flow=ODD)) == {"size": "X-Large"}
    assert values(heard(state, "covid nineteen", flow=ODD)) == {"size": "Covid-19"}


def test_names_that_the_flow_knows_are_known() -> None:
    state = waiting_for(Waiting.ANSWER, "who", flow=ODD)
    assert values(heard(state, "xochitl nunez", flow=ODD)) == {"who": "Xóchitl Núñez"}


def test_a_date_ahead_needs_no_year() -> None:
    state = waiting_for(Waiting.ANSWER, "when", flow=ODD)
    assert values(heard(state, "march third", flow=ODD)) == {"when": "2027-03-03"}
    assert values(heard(state, "december third", flow=ODD)) == {"when": "2026-12-03"}


@pytest.mark.parametrize("state", ["asked date_of_birth", "date read back", "asked name"])
def test_nobody_is_heard_to_be_born_in_a_year_to_come(state: str) -> None:
    sentences, chance = Sentences(anticipate(INTAKE, STATES[state]).grammar), random.Random(4)
    said = " . ".join(sentences.one(chance) for _ in range(5 * SAMPLES))
    assert re.search(r"nineteen (seventy|eighty|ninety)", said)
    assert not re.search(
        r"(twenty|two thousand( and)?) (thirty|forty|fifty|sixty|seventy|eighty|ninety)", said
    )


# --- in the recogniser ---------------------------------------------------------------------------------------


def decoder_with(sounds: object, guess: str = "") -> Decoder:
    assert isinstance(sounds, dict)
    set_loglevel("FATAL")
    decoder = Decoder(lm=None, bestpath=False, fwdflat=False, wip=0.05)
    for word, sound in sounds.items():
        if decoder.lookup_word(word) is None and (sound or guess):
            decoder.add_word(word, sound or guess, False)
    return decoder


def test_every_grammar_compiles_quickly_with_the_sounds_it_brings() -> None:
    for label, state in STATES.items():
        anticipated = anticipate(INTAKE, state)
        decoder = decoder_with(anticipated.sounds)
        lacking = {w for w in Sentences(anticipated.grammar).words() if decoder.lookup_word(w) is None}
        assert not lacking, f"{label}: no sound for {lacking}"
        begun = time.process_time()
        decoder.add_jsgf_string(anticipated.name, anticipated.grammar)
        decoder.activate_search(anticipated.name)
        assert time.process_time() - begun < 1.0, label


def test_every_sound_is_one_that_the_recogniser_knows() -> None:
    decoder = decoder_with({})
    for word, sound in SOUNDS.items():
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, sound, False)
        assert decoder.lookup_word(word.partition("(")[0])


def test_a_yes_and_a_wish_are_heard_as_such_in_every_state() -> None:
    assert heard(STATES["date read back"], "yes").answer is Answer.YES
    for state in STATES.values():
        assert heard(state, "can i speak to a human please").intents == {Intent.HUMAN}
