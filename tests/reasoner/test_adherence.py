"""What the agent said, held against what it had to say: proof, and everything that strays."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import anyio
import pytest

from flows.loader import library, load_flow, open_flow
from flows.schema import Flow
from memory.types import Passage
from orchestrator.simulate.conversation import Conversation, converse
from orchestrator.simulate.line import agent_of
from orchestrator.simulate.temper import Kind
from reasoner.acts import Disclose, Say
from reasoner.adherence import disclosed, greeted_again, hear, left_out, untrue
from reasoner.adherence_facts import Sort, mentions, support_of
from reasoner.adherence_words import Speech, verbatim
from reasoner.events import AgentSpoke
from reasoner.reply import disclosure_words, reply_lines
from reasoner.types import Spoken, Strays
from tests.reasoner.talking import YES, Call, asks, small_flow, values

EN = "en-US"
MIRANDA = "This is an attempt to collect a debt. Any information will be used for that purpose."


def debt(**more: Any) -> Flow:
    slots = {"promise": {"type": "date", "label": "date", "ask": "When can you pay?"}}
    steps = {"pay": {"needs": "miranda", "ask": "promise"}}
    given: dict[str, Any] = {"disclosures": {"miranda": MIRANDA}, "never_say": ["jail", "your credit"]}
    return small_flow(slots, ask=[], steps=steps, **{**given, **more})


def spoke(call: Call, text: str, **more: Any) -> AgentSpoke:
    return AgentSpoke(text, call.state.acts_revision, 1.0, 4.0, **more)


def strays(call: Call, text: str, **more: Any) -> list[Strays]:
    heard = hear(call.flow, call.state, spoke(call, text, **more))
    return [fault.finding.kind for fault in (*untrue(heard), *left_out(heard))]


# --- who says what was whispered never strays ---------------------------------------------------------------


KINDS = (Kind.COOPERATIVE, Kind.OFF_TOPIC, Kind.SELF_CORRECTING)
ENGLISH = [name for name, _ in library() if load_flow(name).language.startswith("en")]


async def calls(name: str) -> list[Conversation]:
    """Simulated calls on a flow of the library, with a voice that says what it is given."""
    async with agent_of(open_flow(name)) as agent:
        return [
            await converse(agent.flow, agent.dial, kind=kind, seed=seed, pages=agent.pages)
            for kind in KINDS
            for seed in (1, 2)
        ]


@pytest.mark.parametrize("name", ENGLISH)
def test_a_reply_as_it_was_whispered_never_strays_nor_as_a_recogniser_writes_it(name: str) -> None:
    flow, seen = load_flow(name), 0
    for call in anyio.run(calls, name):
        assert call.state.adherence.corrections == 0
        for moment in call.moments:
            if not moment.speaks:
                continue
            text = " ".join(line.text for line in reply_lines(flow, moment.state))
            for own in (text, re.sub(r"[^\w\s'$@-]", "", text).lower()):
                spoken = AgentSpoke(text, moment.state.acts_revision, 0, 1, heard=own)
                heard = hear(flow, moment.state, spoken)
                found = [fault.finding for fault in (*untrue(heard), *left_out(heard))]
                assert not found, (text, own)
                assert greeted_again(heard) is None
            seen += 1
    assert seen > 3


# --- questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Okay. And your phone number?",
        "What's the best number to reach you at?",
        "could you give me your phone number",
    ],
)
def test_a_question_counts_however_it_is_put(text: str) -> None:
    call = Call().up_to("phone")
    assert Strays.NOT_ASKED not in strays(call, text)


@pytest.mark.parametrize(
    "text", ["Okay, thank you.", "Your phone number, I see.", "What is your first name?", ""]
)
def test_a_question_that_was_not_put_is_missed(text: str) -> None:
    call = Call().up_to("phone")
    assert Strays.NOT_ASKED in strays(call, text)


def test_a_read_back_needs_its_values_and_its_question() -> None:
    call = Call().up_to("phone")
    call.says(values(phone="5551234567"))
    assert strays(call, "So that's 555 123 4567, correct?") == []
    assert strays(call, "So that's 555 123 4567.") == [Strays.NOT_ASKED]
    assert Strays.UNSUPPORTED in strays(call, "So that's 555 123 4568, correct?")


def test_what_the_ear_did_not_hear_was_not_said() -> None:
    call = Call().up_to("phone")
    text = call.reply
    assert strays(call, text, heard=text.lower()) == []
    assert strays(call, text, heard="thanks") != []


# --- facts and claims ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("It costs forty seven dollars.", Sort.NUMBER),
        ("It takes 30 days.", Sort.NUMBER),
        ("We open at half past nine.", Sort.TIME),
        ("See you on March third.", Sort.DATE),
        ("Come on Monday.", Sort.WEEKDAY),
        ("Ask for Doctor Whittaker.", Sort.NAME),
        ("Call five five five, eight one two.", Sort.DIGITS),
    ],
)
def test_a_fact_that_nothing_supports_is_found(text: str, sort: Sort) -> None:
    call = Call(small_flow({"colour": {"type": "text"}}))
    call.started()
    heard = hear(call.flow, call.state, spoke(call, f"{text} Your colour?"))
    assert [fault.finding.about for fault in untrue(heard)] == [sort.value]


@pytest.mark.parametrize(
    "text",
    [
        "One moment.",
        "Just two things.",
        "Thanks, May I have it?",
        "I'm Ann.",
        "It is one of those days.",
        "OK, first things first.",
    ],
)
def test_words_that_only_look_like_a_fact_are_none(text: str) -> None:
    call = Call(small_flow({"colour": {"type": "text"}}))
    call.started()
    assert not any(untrue(hear(call.flow, call.state, spoke(call, text))))


def test_a_fact_is_supported_in_whatever_form_it_is_said() -> None:
    support = support_of(["The fee is $20.50.", "1980-03-03", "Open from 9:30 to 17:00.", "555-0142"], EN)
    for text in (
        "twenty dollars and fifty cents",
        "March third",
        "March 3rd, 1980",
        "half past nine",
        "five five five, zero one four two",
    ):
        facts = mentions(text, EN)
        assert facts and all(support.holds(fact) for fact in facts), text
    for text in (
        "twenty one dollars",
        "March fourth",
        "half past ten",
        "five five five, zero one four three",
    ):
        assert not all(support.holds(fact) for fact in mentions(text, EN)), text


def test_what_a_page_says_may_be_said_and_later_again() -> None:
    call = Call(small_flow({"colour": {"type": "text"}}))
    call.started()
    call.says(asks("What does it cost?"))
    call.finds(Passage("p", "Delivery costs 12 dollars.", "p.md", "Delivery"))
    assert not any(untrue(hear(call.flow, call.state, spoke(call, "It's twelve dollars. Your colour?"))))
    call.says(values(colour="red"))
    assert not any(untrue(hear(call.flow, call.state, spoke(call, "As I said, twelve dollars."))))


def test_what_waits_behind_a_gate_supports_nothing() -> None:
    flow = load_flow("customer_service")
    protected = next(
        name for name, slot in flow.slots.items() if slot.protected_by and slot.type.value == "money"
    )
    call = Call(flow)
    call.started()
    held = replace(call.state.slots[protected], value=4711)
    call.state = replace(call.state, slots={**call.state.slots, protected: held})
    assert Strays.UNSUPPORTED in strays(call, "You have four thousand seven hundred eleven dollars.")


def test_a_figure_that_may_go_on_is_not_judged_yet() -> None:
    call = Call().up_to("phone")
    call.says(values(phone="5551234567"))
    goes_on = spoke(call, "Your number is five five five one two three nine", over=False)
    assert not any(untrue(hear(call.flow, call.state, replace(goes_on, text="Your number is 20"))))
    told = [
        fault.finding.kind
        for fault in untrue(hear(call.flow, call.state, replace(goes_on, text=f"{goes_on.text} so")))
    ]
    assert told == [Strays.UNSUPPORTED]


def test_a_forbidden_claim_is_found_word_for_word() -> None:
    call = Call(debt())
    call.started()
    assert Strays.CLAIMED in strays(call, "You might go to Jail.")
    assert Strays.CLAIMED not in strays(call, "You might go to the jailhouse.")


# --- disclosures ---------------------------------------------------------------------------------------------


def test_a_disclosure_is_said_word_for_word_or_not_at_all() -> None:
    call = Call(debt())
    call.started()
    words = disclosure_words(call.flow, call.state, "miranda")
    assert disclosed(
        hear(call.flow, call.state, spoke(call, f"Hello. {words} When can you pay?")), "miranda"
    )[1]
    for wrong in (words.replace("an attempt", "attempt"), words.replace("debt", "bill"), words[:-20]):
        assert not disclosed(hear(call.flow, call.state, spoke(call, wrong)), "miranda")[1]


def test_the_ear_may_mishear_a_word_but_no_figure_and_no_not() -> None:
    wanted = "You are not obliged to answer. The charge is 20 dollars, payable within 14 days of this call."
    assert verbatim(wanted.lower().replace("20", "twenty").replace("payable", "payment"), wanted, EN, 0.1)
    assert not verbatim(wanted.replace(" not", ""), wanted, EN, 0.3)
    assert not verbatim(wanted.replace("20", "30"), wanted, EN, 0.3)
    assert not verbatim(wanted.replace("are obliged", "are not obliged"), wanted.replace(" not", ""), EN, 0.3)


def test_evidence_has_the_time_of_the_very_words() -> None:
    pieces = (
        Spoken("Good morning.", 1.0, 2.0),
        Spoken(MIRANDA, 2.0, 8.0),
        Spoken("When can you pay?", 8.0, 9.0),
    )
    speech = Speech(pieces)
    said = verbatim(speech.text, MIRANDA, EN)
    assert said is not None
    start_s, end_s = speech.times(said.begins, said.ends)
    assert start_s == pytest.approx(2.0, abs=0.1) and end_s == pytest.approx(8.0, abs=0.2)


def test_a_second_greeting_is_noted_and_the_first_is_not() -> None:
    call = Call()
    first = call.started()
    assert greeted_again(hear(call.flow, call.state, spoke(call, first))) is None
    call.says(values(name="Susan Clark"))
    again = greeted_again(
        hear(call.flow, call.state, spoke(call, "Hello, thank you for calling. Susan Clark?"))
    )
    assert again is not None and again.kind is Strays.GREETED_AGAIN


def test_nothing_is_found_where_the_flow_follows_nothing() -> None:
    call = Call(debt(steering={"check": []}))
    call.started()
    assert strays(call, "Jail, forty seven dollars.") == []


def test_a_line_to_be_paraphrased_may_be_and_a_verbatim_one_may_not() -> None:
    text = "We keep a recording of every call for training."
    for how, free in (("paraphrase", True), ("verbatim", False)):
        call = Call(
            small_flow(
                {"colour": {"type": "text"}},
                ask=[],
                steps={"s": {"say": {"text": text, "how": how}, "ask": "colour"}},
            )
        )
        call.started()
        assert any(isinstance(act, Say) for act in call.state.acts)
        said = "Hi, this is Ann, an automated assistant at Acme. Every call is recorded for training, we keep it. Your colour?"
        assert (Strays.NOT_SAID not in strays(call, f"Thank you for calling. {said}")) is free


def test_the_prompt_says_what_must_not_be_said() -> None:
    from reasoner.whisper import compose

    call = Call(debt())
    call.started()
    assert "Never say: jail, your credit." in compose(call.flow, call.state).text
    lines = reply_lines(call.flow, call.state)
    assert [line.exact for line in lines if "debt" in line.text] == [True]
    assert any(isinstance(act, Disclose) for act in call.state.acts) and YES
