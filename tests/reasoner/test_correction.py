"""What follows when the agent's words stray: corrections in their order, hand-over at their end, and never silence."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.schema import Flow
from memory.types import Passage
from reasoner.acts import Ask, Correct, Disclose, Say
from reasoner.events import AgentSpoke, HandOver, Reply
from reasoner.reply import reply_lines
from reasoner.state import Outcome, dump_state, load_state
from reasoner.types import Strays
from tests.reasoner.talking import YES, Call, asks, small_flow, values
from tests.reasoner.test_adherence import MIRANDA, debt


def says(call: Call, text: str, **more: Any) -> str:
    """The agent is heard to say something; what it is to say because of that."""
    call.now_s += 2
    return call.apply(AgentSpoke(text, call.state.acts_revision, call.now_s - 2, call.now_s, **more))


def replies(call: Call) -> list[Reply]:
    return [effect for effect in call.effects if isinstance(effect, Reply)]


def colour(**more: Any) -> Flow:
    return small_flow(
        {"colour": {"type": "text", "confirm": "never"}, "size": {"type": "text", "confirm": "never"}}, **more
    )


# --- what was left out ---------------------------------------------------------------------------------------


def test_a_question_that_was_left_out_is_whispered_again_alone_then_in_exact_words_then_a_person_takes_over() -> (
    None
):
    call = Call(colour())
    call.started()
    says(call, call.reply)
    call.says(values(colour="red"))
    assert says(call, "Okay, great.") == "Your size?"
    assert replies(call) == [Reply(exact=False)] and call.state.acts == (Ask("size"),)
    assert not any(line.exact for line in reply_lines(call.flow, call.state))
    for _ in range(3):
        assert says(call, "Lovely.") == "Your size?"
        assert replies(call) == [Reply(exact=True)]
        assert all(line.exact for line in reply_lines(call.flow, call.state))
    says(call, "Lovely.")
    assert call.state.outcome is Outcome.HANDED_OVER
    assert any(isinstance(e, HandOver) and e.why == "strayed:not_asked:size" for e in call.effects)
    assert replies(call) == [Reply(exact=True)]


def test_a_correction_asks_nothing_anew_and_counts_no_attempt() -> None:
    call = Call(colour())
    call.started()
    before = call.state.slots["colour"].asked
    says(call, "Hello.")
    assert call.state.slots["colour"].asked == before
    assert call.state.pending.slots == ("colour",)


def test_once_it_is_said_the_correction_is_on_record_and_the_callers_turn_begins_anew() -> None:
    call = Call(colour())
    call.started()
    says(call, "Hello.")
    says(call, call.reply)
    assert [one.kind for one in call.state.adherence.findings][-1] is Strays.CORRECTED
    state = call.state
    says(call, call.reply)
    assert call.state is state, "the same words once more change nothing"
    call.says(values(colour="red"))
    assert (call.state.adherence.left_out, call.state.adherence.exact) == (0, False)
    assert call.state.adherence.corrections == 1


def test_a_voice_that_says_nothing_at_all_has_left_everything_out() -> None:
    call = Call(colour())
    call.started()
    assert "colour" in says(call, "")


def test_the_flow_says_by_which_means() -> None:
    call = Call(colour(steering={"left_out": "exact", "untrue": []}))
    call.started()
    says(call, "Hm.")
    assert replies(call) == [Reply(exact=True)]
    says(call, "Hm.")
    assert call.state.outcome is Outcome.HANDED_OVER
    other = Call(colour(steering={"untrue": []}))
    other.started()
    says(other, "That is forty seven dollars. Your colour?")
    assert other.state.outcome is Outcome.HANDED_OVER


# --- what was wrong ------------------------------------------------------------------------------------------


def test_an_invented_figure_is_taken_back_at_once_and_the_question_put_again() -> None:
    call = Call(colour())
    call.started()
    reply = says(call, "It costs forty seven dollars, so", over=False)
    assert reply == "Let me correct that. What I just said was not right. Your colour?"
    assert replies(call) == [Reply(exact=True, interrupts=True)]


def test_an_ear_that_hears_the_wrong_figure_too_makes_it_no_truer() -> None:
    call = Call(colour())
    call.started()
    said = "That comes to seventy nine dollars. Your colour?"
    assert says(call, said, heard=said.lower().replace(".", "").replace("?", "")).startswith("Let me correct")


def test_a_wrong_answer_is_corrected_with_what_the_page_says() -> None:
    call = Call(colour())
    call.started()
    says(call, call.reply)
    call.says(asks("What does delivery cost?"))
    call.finds(Passage("p", "Delivery costs 12 dollars.", "p.md", "Delivery"))
    reply = says(call, "Delivery costs 15 dollars. Your colour?")
    assert "Let me correct that" in reply and "12 dollars" in reply and reply.endswith("Your colour?")


def test_what_the_caller_cut_off_is_corrected_first_thing_in_the_next_reply() -> None:
    call = Call(colour())
    call.started()
    assert says(call, "It costs forty seven dollars.", unspoken="Your colour?") == ""
    reply = call.says(values(colour="red"))
    assert reply.startswith("Let me correct that.") and reply.endswith("Your size?")
    assert call.state.acts[0] == Correct()


def test_a_claim_that_comes_back_after_every_correction_ends_with_a_person() -> None:
    call = Call(small_flow({"promise": {"type": "date"}}, never_say=["jail"]))
    call.started()
    for _ in range(4):
        assert call.state.outcome is None
        says(call, "You will go to jail.")
    assert call.state.outcome is Outcome.HANDED_OVER
    assert [line.exact for line in reply_lines(call.flow, call.state)] == [True] * len(
        reply_lines(call.flow, call.state)
    )


# --- disclosures and lines that have to be finished ----------------------------------------------------------


def test_a_disclosure_is_proven_by_its_very_words_with_their_times() -> None:
    call = Call(debt())
    call.started()
    says(call, call.reply)
    proven = call.state.disclosures["miranda"].proven
    assert proven is not None and proven.words == MIRANDA and proven.end_s > proven.start_s
    assert [one.kind for one in call.state.adherence.findings] == [Strays.DISCLOSED]


def test_a_garbled_disclosure_is_said_again_before_the_question() -> None:
    call = Call(debt())
    call.started()
    reply = says(call, call.reply.replace("collect a debt", "collect the debt"))
    assert reply == f"{MIRANDA} When can you pay?"
    assert call.state.disclosures["miranda"].proven is None
    says(call, reply)
    assert call.state.disclosures["miranda"].proven is not None


def test_a_disclosure_that_the_ear_heard_otherwise_is_not_proven() -> None:
    call = Call(debt())
    call.started()
    says(call, call.reply, heard=call.reply.replace("collect", "forgive"))
    assert call.state.disclosures["miranda"].proven is None
    says(call, call.reply, heard=call.reply.lower().replace(".", ""))
    assert call.state.disclosures["miranda"].proven is not None


def test_words_that_are_late_still_prove_what_they_say_or_show_that_it_is_owed() -> None:
    for heard in (True, False):
        call = Call(debt())
        call.started()
        words, revision = call.reply, call.state.acts_revision
        call.says(values(promise="2026-12-01"))
        call.apply(AgentSpoke(words if heard else "Hello.", revision, 0.0, 3.0))
        assert (call.state.disclosures["miranda"].proven is not None) is heard
        assert (MIRANDA in call.says(YES)) is not heard


def test_a_disclosure_that_cannot_be_had_ends_with_a_person() -> None:
    call = Call(debt())
    call.started()
    for _ in range(6):
        if call.state.outcome is None:
            says(call, "When can you pay?")
    assert call.state.outcome is Outcome.HANDED_OVER


def must_finish(cut_off: str) -> Call:
    line = {"text": "First this. Then that. At last the other.", "must_finish": True}
    call = Call(
        colour(ask=[], steps={"s": {"say": line, "ask": ["colour", "size"]}}, steering={"cut_off": cut_off})
    )
    call.started()
    return call


def test_a_line_that_has_to_be_finished_is_repeated_or_resumed_as_the_flow_says() -> None:
    for cut_off, again in (
        ("repeat", "First this. Then that. At last the other."),
        ("resume", "Then that. At last the other."),
    ):
        call = must_finish(cut_off)
        greeting = call.reply.split("First")[0]
        assert (
            says(call, f"{greeting} First this. Then", unspoken="that. At last the other. Your colour?") == ""
        )
        reply = call.says(values(colour="red"))
        assert reply.startswith(again), reply
        assert [act for act in call.state.acts if isinstance(act, Say)]
        assert again not in call.says(values(size="big"))


def test_a_disclosure_is_resumed_where_it_was_cut_off() -> None:
    call = Call(debt(steering={"cut_off": "resume"}))
    call.started()
    first, second = MIRANDA.split(". ")[0] + ".", MIRANDA.split(". ")[1]
    says(call, f"Hello. {first} Any", unspoken=f"{second} When can you pay?")
    reply = call.says(values(promise="2026-12-01"))
    assert second in reply and first not in reply
    assert any(act == Disclose("miranda", 1) for act in call.state.acts)
    says(call, reply)
    proven = call.state.disclosures["miranda"].proven
    assert proven is not None and first in proven.words and second.rstrip(".") in proven.words


# --- whatever it says ----------------------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    [
        "",
        "Okay.",
        "Hello, thank you for calling.",
        "That is 47 dollars.",
        "You go to jail.",
        MIRANDA,
        "REPLY",
        "REPLY",
        "When can you pay?",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_TEXTS, st.booleans(), st.booleans()), max_size=30))
def test_whatever_a_voice_says_each_call_is_corrected_or_handed_over_within_bounds(
    said: list[tuple[str, bool, bool]],
) -> None:
    call = Call(debt())
    call.started()
    since_the_caller = 0
    for text, cut, caller in said:
        says(call, call.reply if text == "REPLY" else text, unspoken="more" if cut else "")
        since_the_caller += bool(replies(call))
        assert since_the_caller <= 8 or call.state.outcome is not None
        assert load_state(dump_state(call.state)) == call.state
        if caller and call.state.outcome is None:
            call.says(values(promise="2026-12-01"))
            since_the_caller = 0
    assert call.state.adherence.left_out <= 4 and call.state.adherence.untrue <= 3
