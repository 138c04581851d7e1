"""A claim counts as far as the caller's words bear it out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from flows.slot import Slot
from reasoner.fits import fits
from reasoner.state import GoalState
from reasoner.types import Heard, Pending, Reading, Understood, Utterance, Value, Waiting
from reasoner.understand import ParserUnderstander
from reasoner.understand.llm_grounds import Ground, Grounds, follows, in_figures, names_said, quoted
from reasoner.understand.llm_reply import Raw, canonical
from tests.reasoner.talking import small_flow

SAID = Grounds(
    (("i", "know", "it", "is", "for", "anna", "kowal", "ski", "from", "the", "jean", "luc", "office"),)
)


@pytest.mark.parametrize(
    ("quote", "ground"),
    [
        ("it is for Anna", Ground.FIRM),
        ("IT IS, for: anna!", Ground.FIRM),
        ("it is for our Anna", Ground.FIRM),
        ("for Kowalski", Ground.LOOSE),
        ("kowalski", Ground.FIRM),
        ("it was with anna", Ground.LOOSE),
        ("give me a refund", Ground.NONE),
        ("no", Ground.NONE),
        ("now", Ground.NONE),
        ("", Ground.NONE),
        ("...", Ground.NONE),
    ],
)
def test_a_quote_has_to_occur_give_or_take_a_word(quote: str, ground: Ground) -> None:
    assert SAID.of_quote(quote) is ground


def test_a_quote_may_be_in_any_one_reading_but_not_in_two_together() -> None:
    said = Grounds((("my", "bill"), ("no", "power")))
    assert said.of_quote("no power") is said.of_quote("my bill") is Ground.FIRM
    assert said.of_quote("my power") is Ground.LOOSE


@pytest.mark.parametrize(
    ("name", "said"),
    [("Anna", True), ("Anna Kowalski", True), ("Jean-Luc", True), ("Anna Novak", False), ("Annabel", False)],
)
def test_each_part_of_a_name_has_to_be_said(name: str, said: bool) -> None:
    assert names_said(name, SAID) is said


def test_letters_may_be_said_one_by_one_or_as_words_that_begin_with_them() -> None:
    spelled = Grounds((("it", "is", "k", "o", "w", "a"), ("kilo", "oscar", "whiskey", "alpha")))
    assert spelled.has_letters("kowa") and spelled.has_letters("K-O-W-A")
    assert not spelled.has_letters("nowa") and not spelled.has_letters("")


@pytest.mark.parametrize(
    ("slot", "value", "quote", "is_in"),
    [
        ({"type": "number"}, 4200, "4,200 of them", True),
        ({"type": "number"}, 42, "4,200 of them", False),
        ({"type": "money"}, 19.5, "it was $19.50", True),
        ({"type": "money"}, 20, "it was $19.50", False),
        ({"type": "phone"}, "5551234567", "(555) 123-4567", True),
        ({"type": "phone"}, "5551234567", "555 123 456", False),
        ({"type": "digits"}, "0042", "00 42", True),
        ({"type": "digits"}, "042", "00 42", False),
        ({"type": "id"}, "XK42B", "xk-42b", True),
        ({"type": "id"}, "XK43B", "xk-42b", False),
        ({"type": "email"}, "ann@volt.com", "it is Ann@volt.com", True),
        ({"type": "email"}, "bob@volt.com", "it is Ann@volt.com", False),
        ({"type": "date"}, "2026-12-01", "on 2026-12-01", True),
        ({"type": "date"}, "2026-12-01", "some day", False),
    ],
)
def test_figures_bear_out_the_number_that_they_are(
    slot: dict[str, str], value: Value, quote: str, is_in: bool
) -> None:
    made = Slot.model_validate(slot)
    assert fits(made, value)
    assert in_figures(made, value, quote) is is_in


@dataclass
class Reads:
    """A reader of one value, whatever is said; it keeps what it was asked."""

    value: Value | None
    asked: Pending | None = None

    async def understand(self, flow: object, state: GoalState, utterance: Utterance) -> Understood:
        self.asked = state.pending
        found = (Heard("it", self.value, 1.0, utterance.text),) if self.value is not None else ()
        return Understood(values=found)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_what_the_parsers_read_in_the_quoted_words_decides(anyio_backend: str) -> None:
    flow = small_flow({"it": {"type": "number"}})
    state = GoalState("c", "f", "")
    words = quoted("about forty two", Utterance((Reading("whatever", 0.3),), 0.0, 1.0))
    for read, claimed, so in ((42, 42, True), (42, 43, False), (None, 42, False)):
        reader = Reads(read)
        assert await follows(reader, flow, state, "it", claimed, words) is so
        assert reader.asked == Pending(Waiting.ANSWER, ("it",))
    figures = quoted("42 of them", words)
    assert await follows(Reads(None), flow, state, "it", 42, figures)
    assert not await follows(Reads(24), flow, state, "it", 42, figures)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(
    ("kind", "words", "value", "other"),
    [
        ("number", "four of us", 4, 5),
        ("money", "two hundred fifty dollars", 250, 251),
        ("time", "half past two in the afternoon", "14:30", "15:30"),
        ("email", "ann at volt dot com", "ann@volt.com", "ann@bolt.com"),
        ("id", "x k four two", "XK42", "XK43"),
        ("phone", "five five five one two three four five six seven", "5551234567", "5551234568"),
    ],
)
async def test_the_forms_of_the_language_bear_out_what_is_said_in_words(
    anyio_backend: str, kind: str, words: str, value: Value, other: Value
) -> None:
    flow = small_flow({"it": {"type": kind}})
    said = quoted(words, Utterance((Reading("whatever", 0.3),), 0.0, 1.0))
    assert await follows(ParserUnderstander(), flow, GoalState("c", "f", ""), "it", value, said)
    assert not await follows(ParserUnderstander(), flow, GoalState("c", "f", ""), "it", other, said)


@pytest.mark.parametrize(
    ("slot", "raw", "value"),
    [
        ({"type": "phone"}, "+1 (555) 123-4567", None),
        ({"type": "phone"}, "(555) 123-4567", "5551234567"),
        ({"type": "id"}, "xk 42-b", "XK42B"),
        ({"type": "email"}, "Ann@Volt.com", "ann@volt.com"),
        ({"type": "number"}, 3.0, 3),
        ({"type": "number"}, 3.5, None),
        ({"type": "number", "max": 10}, 11, None),
        ({"type": "number"}, True, None),
        ({"type": "number"}, "3", None),
        ({"type": "money"}, 3.5, 3.5),
        ({"type": "money"}, 1e300, None),
        ({"type": "yes_no"}, "yes", None),
        ({"type": "date"}, "2026-02-30", None),
        ({"type": "time"}, "14:30", "14:30"),
        ({"type": "time"}, "2 pm", None),
        ({"type": "text"}, "  two   words ", "two words"),
        ({"type": "text"}, " ", None),
        ({"type": "list", "values": {"a": ["the a"], "b": []}}, ["The A", "a", "nothing"], ("a",)),
        ({"type": "list", "values": {"a": [], "b": []}}, ["nothing"], None),
        ({"type": "list", "values": {"a": [], "b": []}}, [], ()),
        ({"type": "list", "values": {"a": [], "b": []}}, "a", None),
        ({"type": "choice", "values": {"a": []}, "other": "else"}, "ELSE", "else"),
        ({"type": "choice", "values": {"a": []}, "no_preference": "any"}, "any", "any"),
        ({"type": "choice", "values": {"a": []}}, "", None),
        ({"type": "choice", "values": {"a": []}}, ["a"], None),
    ],
)
def test_a_claim_becomes_a_value_that_the_slot_can_have_or_none(
    slot: dict[str, object], raw: Raw, value: Value | None
) -> None:
    got = canonical(Slot.model_validate(slot), raw)
    assert got == value and type(got) is type(value)
