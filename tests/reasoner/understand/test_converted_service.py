"""Sentences of callers to a bank and to an internet provider; and talk and corrections in all flows."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from reasoner.types import Intent, Value
from tests.reasoner.understand.converted_flows import (
    CARDS,
    FRI,
    HOTELS,
    INTERNET,
    MON,
    RESTAURANTS,
    RETURNS,
    SAT,
    TRIPS,
    beside,
    put_right,
    told,
)
from tests.reasoner.understand.made_flows import found, turn

SENTENCES: list[tuple[Flow, str, str, dict[str, Any], dict[str, Value]]] = [
    (
        CARDS,
        "reason",
        "I'd like to send 300 dollars to my sister from my savings account",
        {"reason": "transfer", "amount": 300, "from_account": "savings", "payee": "my sister"},
        {},
    ),
    (CARDS, "reason", "There's a charge on my statement I didn't make", {"reason": "dispute"}, {}),
    (CARDS, "reason", "somebody stole my card yesterday", {"reason": "lost_card"}, {}),
    (CARDS, "reason", "what's my balance", {"reason": "balance"}, {}),
    (CARDS, "last_four", "It ends in 4417", {"last_four": "4417"}, {}),
    (
        CARDS,
        "last_four",
        "four four one seven, born July 3rd 1984",
        {"last_four": "4417", "birth_date": "1984-07-03"},
        {},
    ),
    (CARDS, "birth_date", "03/07/1984", {"birth_date": "1984-03-07"}, {}),
    (CARDS, "from_account", "checking I guess", {"from_account": "checking"}, {}),
    (CARDS, "from_account", "the other one, savings", {"from_account": "savings"}, {}),
    (CARDS, "payee", "to my landlord, Mr. Harris", {"payee": "my landlord, Mr. Harris"}, {}),
    (CARDS, "amount", "three fifty", {"amount": 350}, {}),
    (CARDS, "amount", "twelve hundred", {"amount": 1200}, {}),
    (CARDS, "amount", "a grand", {"amount": 1000}, {}),
    (CARDS, "amount", "$1,250.50 on Friday", {"amount": 1250.5, "send_on": FRI}, {}),
    (CARDS, "amount", "five hundred, no, make it six", {"amount": 600}, {}),
    (CARDS, "send_on", "right away", {"send_on": MON}, {}),
    (CARDS, "send_on", "as soon as possible, so today", {"send_on": MON}, {}),
    (CARDS, "send_on", "end of the month", {"send_on": "2026-11-30"}, {}),
    (CARDS, "merchant", "it was some online shop called Gadget Zone", {"merchant": "Gadget Zone"}, {}),
    (CARDS, "charge_amount", "like 80 bucks", {"charge_amount": 80}, {}),
    (CARDS, "charge_amount", "forty nine ninety nine", {"charge_amount": 49.99}, {}),
    (CARDS, "charge_date", "last Thursday", {"charge_date": "2026-11-19"}, {}),
    (CARDS, "charge_date", "about two weeks ago", {"charge_date": "2026-11-09"}, {}),
    (CARDS, "have_card", "it's right here in my wallet", {"have_card": True}, {}),
    (CARDS, "have_card", "I lost it", {"have_card": False}, {}),
    (CARDS, "contacted_merchant", "I tried but they never answered", {"contacted_merchant": True}, {}),
    (CARDS, "contacted_merchant", "not yet", {"contacted_merchant": False}, {}),
    (CARDS, "block_card", "yes, block it please", {"block_card": True}, {}),
    (CARDS, "block_card", "I'd rather keep it open for now", {"block_card": False}, {}),
    (INTERNET, "problem", "it's not working at all", {"problem": "down"}, {}),
    (INTERNET, "problem", "it works but it's super slow", {"problem": "slow"}, {}),
    (INTERNET, "problem", "nothing loads, it's dead", {"problem": "down"}, {}),
    (INTERNET, "power", "there's no light at all", {"power": False}, {}),
    (INTERNET, "power", "yep it's lit", {"power": True}, {}),
    (INTERNET, "light", "it keeps flashing", {"light": "blinking"}, {}),
    (INTERNET, "light", "green and not blinking", {"light": "solid green"}, {}),
    (INTERNET, "light", "it's a red one", {"light": "red"}, {}),
    (INTERNET, "light", "it isn't on", {"light": "off"}, {}),
    (INTERNET, "cable", "as far as I can tell, yes", {"cable": True}, {}),
    (INTERNET, "cable", "one end was loose", {"cable": False}, {}),
    (INTERNET, "wait", "for about an hour now", {"wait": True}, {}),
    (INTERNET, "wait", "it only just started", {"wait": False}, {}),
    (INTERNET, "restart", "I did that this morning", {"restart": True}, {}),
    (INTERNET, "restart", "no I haven't", {"restart": False}, {}),
    (INTERNET, "wifi", "over the wifi", {"wifi": "wifi"}, {}),
    (INTERNET, "wifi", "with an ethernet cable", {"wifi": "cable"}, {}),
    (INTERNET, "devices", "a dozen or so", {"devices": 12}, {}),
    (INTERNET, "devices", "three phones and two laptops", {"devices": 5}, {}),
    (INTERNET, "solved", "it's back, thank you so much", {"solved": True}, {}),
    (INTERNET, "solved", "still down", {"solved": False}, {}),
    (INTERNET, "solved", "now it's working again", {"solved": True}, {}),
]
BEYOND = {
    "There's a charge on my statement I didn't make": "one word of a value among many others is too little",
    "I lost it": "it says as well that the caller does not know",
    "I tried but they never answered": "what was tried is not what was reached",
    "I'd rather keep it open for now": "the words of the answer are of the agent's own reply",
    "nothing loads, it's dead": "knowledge of the world",
    "one end was loose": "knowledge of the world",
    "it only just started": "knowledge of the world",
}


@pytest.mark.parametrize(
    ("flow", "pending", "words", "values", "known"),
    beside(BEYOND, *SENTENCES),
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_is_meant(
    flow: Flow, pending: str, words: str, values: dict[str, Any], known: dict[str, Value]
) -> None:
    assert told(flow, pending, words, **known) == values


TALK: list[tuple[Flow, str, str, Intent]] = [
    (RESTAURANTS, "book_day", "what did you say?", Intent.REPEAT),
    (RESTAURANTS, "food", "sorry, come again?", Intent.REPEAT),
    (CARDS, "last_four", "why do you need that?", Intent.QUESTION),
    (CARDS, "last_four", "hang on, let me find my card", Intent.WAIT),
    (RETURNS, "order_id", "I don't have it on me", Intent.DONT_KNOW),
    (RETURNS, "order_id", "no idea, sorry", Intent.DONT_KNOW),
    (HOTELS, "budget", "I'd rather not say", Intent.REFUSE),
    (INTERNET, "light", "can I talk to a real person", Intent.HUMAN),
    (TRIPS, "leave_from", "never mind, forget it", Intent.CANCEL),
    (HOTELS, "nights", "what's the longest I can stay?", Intent.QUESTION),
    (RESTAURANTS, "contact_name", "how do you spell the name of the restaurant?", Intent.QUESTION),
    (RETURNS, "membership", "what levels are there?", Intent.QUESTION),
]


@pytest.mark.parametrize(
    ("flow", "pending", "words", "intent"), TALK, ids=lambda given: given if isinstance(given, str) else None
)
def test_what_is_no_answer_gives_none(flow: Flow, pending: str, words: str, intent: Intent) -> None:
    understood = turn(flow, words, pending)
    assert not found(understood)
    assert intent in understood.intents


CORRECTIONS: list[tuple[Flow, dict[str, Value], str, dict[str, Any]]] = [
    (
        RESTAURANTS,
        {"book_people": 4, "book_day": FRI, "book_time": "19:00"},
        "no, Saturday",
        {"book_day": SAT},
    ),
    (
        RESTAURANTS,
        {"book_people": 4, "book_day": FRI, "book_time": "19:00"},
        "yes but make it 5 people",
        {"book_people": 5},
    ),
    (
        RESTAURANTS,
        {"book_people": 4, "book_day": FRI, "book_time": "19:00"},
        "could we do 8 instead?",
        {"book_time": "20:00"},
    ),
    (
        RESTAURANTS,
        {"book_people": 4, "book_day": FRI, "book_time": "19:00"},
        "an hour earlier please",
        {"book_time": "18:00"},
    ),
    (
        RESTAURANTS,
        {"book_people": 4, "book_day": FRI, "book_time": "19:00"},
        "one more person, actually",
        {"book_people": 5},
    ),
    (RESTAURANTS, {"book_people": 4, "book_day": FRI, "book_time": "19:00"}, "that's all correct", {}),
    (
        RESTAURANTS,
        {"food": "italian", "area": "north"},
        "I changed my mind, I'd like Thai food",
        {"food": "thai"},
    ),
    (RESTAURANTS, {"food": "italian", "area": "north"}, "no no, the south", {"area": "south"}),
    (TRIPS, {"passengers": 2, "class": "standard"}, "it's three of us, not two", {"passengers": 3}),
    (CARDS, {"payee": "Ann", "amount": 200}, "two fifty, not two hundred", {"amount": 250}),
    (CARDS, {"payee": "Ann", "amount": 200}, "the amount is wrong, it's 220", {"amount": 220}),
    (RETURNS, {"item": "jeans", "quantity": 1}, "jacket, not jeans", {"item": "jacket"}),
]
_EITHER = {"could we do 8 instead?": "eight may be people or an hour"}


@pytest.mark.parametrize(
    ("flow", "known", "words", "values"),
    beside(_EITHER, *CORRECTIONS),
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_was_read_back_is_put_right(
    flow: Flow, known: dict[str, Value], words: str, values: dict[str, Any]
) -> None:
    assert put_right(flow, known, words) == values
