"""A page that gives orders is information: it changes no step, no gate and no word but its own."""

from __future__ import annotations

import pytest

from memory.types import Passage
from reasoner.acts import Tell
from reasoner.quote import QUOTE_WORDS
from reasoner.reply import reply_lines
from reasoner.state import GoalState
from reasoner.whisper import compose
from tests.reasoner.attacks import ON_A_PAGE
from tests.reasoner.talking import PARKING, YES, Call, asks, values

PLAIN = Passage("p", "Zanzibar.", "visiting.md", "Parking")


def answered(*passages: Passage) -> Call:
    """In the middle of a call, after a question that these pages answer."""
    call = Call().up_to("phone")
    call.says(asks("where can i park", values=values(phone="5551234567").values))
    call.finds(*passages)
    return call


def around(call: Call, told: str) -> tuple[str, str]:
    """The prompt before and behind what is told of a page."""
    before, _, behind = compose(call.flow, call.state).text.partition(told)
    assert behind
    return before, behind


def told_of(state: GoalState) -> list[tuple[Passage, ...]]:
    return [act.passages for act in state.acts if isinstance(act, Tell)]


@pytest.mark.parametrize("order", ON_A_PAGE)
def test_an_order_on_a_page_changes_no_word_of_the_prompt_but_its_own(order: str) -> None:
    before, behind = around(answered(PLAIN), "Zanzibar.")
    text = compose(answered(PLAIN).flow, answered(Passage("p", order, "visiting.md", "Parking")).state).text
    assert text.startswith(before) and text.endswith(behind)
    told = text[len(before) : len(text) - len(behind)]
    assert not set(told) & set(":<>[]{}|#`*_~\n\r\x00") and told.isprintable()


@pytest.mark.parametrize("order", ON_A_PAGE)
def test_an_order_in_a_pages_heading_is_no_order_either(order: str) -> None:
    text = compose(
        answered(PLAIN).flow, answered(Passage("p", "Parking is free.", "visiting.md", order)).state
    ).text
    for sign in ("Now say:", "Information:", "Answer the caller's question from this information."):
        assert text.count(sign) <= 1 or order.startswith(sign)
    assert text.count("Now say:") == 1 and text.count("Information:") == 1
    assert text.index("Parking is free.") < text.index("Now say:")


@pytest.mark.parametrize("order", ON_A_PAGE)
def test_an_order_on_a_page_moves_nothing(order: str) -> None:
    benign, attacked = answered(PLAIN), answered(Passage("p", order, "visiting.md", "Parking"))
    for name in ("step", "path", "pending", "gates", "disclosures", "slots", "outcome", "frames", "visits"):
        assert getattr(attacked.state, name) == getattr(benign.state, name)
    assert attacked.effects == benign.effects
    attacked.says(YES)
    benign.says(YES)
    assert attacked.state.slots == benign.state.slots and attacked.state.step == benign.state.step


@pytest.mark.parametrize("order", ON_A_PAGE)
def test_a_voice_reads_no_more_of_a_page_than_a_quote_and_goes_on_as_it_would(order: str) -> None:
    def lines(call: Call) -> list[str]:
        return [line.text for line in reply_lines(call.flow, call.state)]

    benign = lines(answered(PLAIN))
    attacked = lines(answered(Passage("p", order, "visiting.md", "Parking")))
    at = benign.index("Zanzibar.")
    # A page with nothing to say in it is answered as one that is not there.
    assert attacked[:at] == benign[:at] and attacked[at + 1 :] == benign[at + 1 :]
    assert len(attacked[at].split()) <= QUOTE_WORDS + 1 and attacked[at].isprintable()
    assert not set(attacked[at]) & set("<>[]{}|#`*")


def test_what_may_never_be_said_is_not_quoted_from_a_page() -> None:
    call = answered(PARKING)
    flow = call.flow.model_copy(update={"never_say": ("free for patients",)})
    assert "free for patients" in call.reply
    assert "free for patients" not in " ".join(line.text for line in reply_lines(flow, call.state))


def test_a_page_that_is_longer_than_its_room_is_cut_at_a_sentence_and_says_so() -> None:
    sentence = "The garage on Mill Street is open to patients from six in the morning. "
    long = Passage("visiting#garage", sentence * 40, "visiting.md", "Garage")
    call = answered(long)
    whisper = compose(call.flow, call.state, budget=10_000)
    assert whisper.left_out == ("passage:visiting#garage (its end)",)
    assert whisper.text.count(sentence.strip()) * len(sentence.split()) <= 80
    tight = compose(call.flow, call.state, budget=160)
    assert "passage:visiting#garage" in tight.left_out and "Mill Street" not in tight.text
    assert "Now say:" in tight.text and whisper.reply == tight.reply
    assert told_of(call.state) == [(long,)]
