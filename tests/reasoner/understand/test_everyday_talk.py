"""More of what customers say: with values, and talk that has none and must not be taken for any."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from tests.reasoner.understand.everyday_flows import (
    BANK,
    CLAIM,
    ROOM,
    ROUTER,
    SHOP,
    SURVEY,
    TABLE,
    TAXI,
    TRAIN,
)
from tests.reasoner.understand.made_flows import found, turn
from tests.reasoner.understand.test_everyday_bookings import SENTENCES as BOOKINGS
from tests.reasoner.understand.test_everyday_errands import CAR, CLINIC, FLAT, FLIGHT, LAPTOP, PHARMACY, PLANS
from tests.reasoner.understand.test_everyday_errands import SENTENCES as ERRANDS
from tests.reasoner.understand.test_everyday_service import SENTENCES as SERVICE

TUE, WED, THU, FRI, SAT, SUN = (f"2026-11-{day}" for day in range(24, 30))
SENTENCES: list[tuple[Flow, str, str, dict[str, Any]]] = [
    (TRAIN, "", "we're going to Stevenage, Peter said so", {"destination": "Stevenage"}),
    (SHOP, "order", "Account ID: 8XQP2YN9, Order ID: 2458931", {"order": "2458931"}),
    (
        FLIGHT,
        "",
        "two passengers from Denver to Boston, leaving on Friday and returning on Sunday",
        {"seats": 2, "origin": "Denver", "dest": "Boston", "out": FRI, "back": SUN},
    ),
    (
        TABLE,
        "",
        "Hello! I am looking for an expensive restaurant serving British food, please.",
        {"price": "expensive", "food": "british"},
    ),
    (
        TABLE,
        "",
        "I want to find an inexpensive place to eat in the south part of town",
        {"price": "cheap", "area": "south"},
    ),
    (
        TABLE,
        "",
        "Great, could you make a reservation for 1 person at 14:15 on Tuesday?",
        {"people": 1, "time": "14:15", "day": TUE},
    ),
    (TABLE, "time", "I was hoping for 15:30 but 14:30 works too", {"time": "15:30"}),
    (
        TABLE,
        "",
        "Can I have a booking for 4 people this Sunday evening at seven?",
        {"people": 4, "day": SUN, "time": "19:00"},
    ),
    (TABLE, "food", "Not picky about the food really", {"food": "any"}),
    (
        ROOM,
        "",
        "Do you have any guesthouses with free parking in the west?",
        {"kind": "guesthouse", "parking": True, "area": "west"},
    ),
    (
        ROOM,
        "",
        "Book it for 2 nights from Saturday for just me please",
        {"nights": 2, "check_in": SAT, "people": 1},
    ),
    (
        ROOM,
        "",
        "I need a place to stay that has 4 stars and includes free internet",
        {"stars": 4, "wifi": True},
    ),
    (ROOM, "wifi", "Yes, that's a must", {"wifi": True}),
    (ROOM, "parking", "I'll have a car with me so yes please", {"parking": True}),
    (
        TRAIN,
        "",
        "Hi, i need to get to London Liverpool Street by 13:15 on Wednesday",
        {"destination": "London Liverpool Street", "arrive_by": "13:15", "day": WED},
    ),
    (TRAIN, "", "I will be departing from Birmingham New Street", {"departure": "Birmingham New Street"}),
    (
        TRAIN,
        "destination",
        "I need to go to Cambridge, leaving on Thursday",
        {"destination": "Cambridge", "day": THU},
    ),
    (TRAIN, "leave_at", "After 18:00 would be best", {"leave_at": "18:00"}),
    (TRAIN, "tickets", "I need tickets for 6 people", {"tickets": 6}),
    (TAXI, "pickup", "I'm at 221B Baker Street", {"pickup": "221B Baker Street"}),
    (TAXI, "leave_at", "I want to leave by 4:30 pm", {"leave_at": "16:30"}),
    (TAXI, "leave_at", "as soon as you can", {}),
    (BANK, "want", "Someone used my card without permission, there's an unknown charge", {"want": "dispute"}),
    (BANK, "amount", "a hundred and twenty five", {"amount": 125}),
    (BANK, "amount", "three thousand two hundred dollars", {"amount": 3200}),
    (
        BANK,
        "",
        "I need to pay John Smith 200 dollars on Friday",
        {"payee": "John Smith", "amount": 200, "when": FRI},
    ),
    (BANK, "account", "Account number 8 8 1 2 0 0 4 5", {"account": "88120045"}),
    (CLAIM, "policy", "That would be HG5520198", {"policy": "HG5520198"}),
    (CLAIM, "happened", "last night", {"happened": "2026-11-22"}),
    (CLAIM, "happened", "it was three weeks ago", {"happened": "2026-11-02"}),
    (CLAIM, "drivable", "No, the front is completely smashed", {"drivable": False}),
    (CLAIM, "injured", "I hurt my back a little, yes", {"injured": True}),
    (CLAIM, "vehicle", "It is a 2018 VW Golf.", {"vehicle": "a 2018 VW Golf"}),
    (
        SHOP,
        "name",
        "Hello, my name is Albert Sanders. I have a problem with my order",
        {"name": "Albert Sanders"},
    ),
    (SHOP, "name", "David Williams is my name", {"name": "David Williams"}),
    (SHOP, "email", "its dwilliams1@email.com", {"email": "dwilliams1@email.com"}),
    (SHOP, "problem", "They sent me the wrong item!", {"problem": "wrong item"}),
    (SHOP, "problem", "it's damaged, the zipper doesn't close", {"problem": "damaged"}),
    (SHOP, "remedy", "could you just refund me", {"remedy": "refund"}),
    (SHOP, "remedy", "I'd rather exchange it", {"remedy": "replacement"}),
    (SHOP, "zip", "zip code 60614", {"zip": "60614"}),
    (ROUTER, "power", "Yes, solid green", {"power": True}),
    (ROUTER, "power", "the light is not on", {"power": False}),
    (ROUTER, "colour", "I think it's orange", {"colour": "orange"}),
    (ROUTER, "cables", "yes, everything is plugged in", {"cables": True}),
    (ROUTER, "cables", "No. Let me do that now", {"cables": False}),
    (ROUTER, "works", "No, it's still the same", {"works": False}),
    (ROUTER, "works", "Great, it works!", {"works": True}),
    (ROUTER, "works", "Nope, nothing", {"works": False}),
    (ROUTER, "works", "yes it does, thanks a lot", {"works": True}),
    (ROUTER, "works", "I am still unable to connect", {"works": False}),
    (LAPTOP, "charge", "I think so", {"charge": True}),
    (LAPTOP, "noise", "nothing unusual", {"noise": False}),
    (LAPTOP, "restart", "just did", {"restart": True}),
    (LAPTOP, "screen", "no the screen is fine now", {"screen": False}),
    (SURVEY, "score", "I would say nine", {"score": 9}),
    (SURVEY, "satisfied", "mostly yes", {"satisfied": True}),
    (SURVEY, "satisfied", "No, I had to wait for an hour", {"satisfied": False}),
    (SURVEY, "often", "maybe once a month or so", {"often": "monthly"}),
    (SURVEY, "comment", "nothing comes to mind", {}),
    (PLANS, "plan", "whichever has unlimited data", {"plan": "unlimited"}),
    (PHARMACY, "delivery", "please have it delivered", {"delivery": "delivery"}),
    (CLINIC, "insured", "no I'm paying myself", {"insured": False}),
    (CLINIC, "name", "Yeah it's Maria Gonzalez-Ruiz", {"name": "Maria Gonzalez-Ruiz"}),
    (CAR, "car", "I'd like to rent a compact", {"car": "compact"}),
    (FLAT, "budget", "around 1,200 dollars per month", {"budget": 1200}),
    (FLAT, "pets", "nope, no pets", {"pets": False}),
]
EVERYTHING = (*BOOKINGS, *SERVICE, *ERRANDS, *SENTENCES)
TALK: list[tuple[Flow, str, str]] = [
    (CLINIC, "insured", "that is a good question"),
    (TAXI, "", "thank you for your help"),
    (TAXI, "", "I need to get somewhere"),
    (TAXI, "", "can you book it for me"),
    (TAXI, "", "I'd like to change my booking"),
    (TAXI, "pickup", "let me check the address"),
    (TAXI, "pickup", "what was that?"),
    (TAXI, "destination", "I'm not sure yet"),
    (TRAIN, "", "I want to go on a trip"),
    (TRAIN, "", "I was told to call this number"),
    (BANK, "want", "hello there"),
    (BANK, "", "I have been waiting for ten minutes to talk to someone"),
    (BANK, "account", "I don't have the card in front of me"),
    (BANK, "payee", "I'd rather not say"),
    (BANK, "payee", "hold on a second"),
    (CLAIM, "", "I'm calling from my car"),
    (CLAIM, "vehicle", "can you repeat the question"),
    (CLAIM, "injured", "well it's complicated"),
    (SHOP, "name", "why do you need my name"),
    (SHOP, "name", "I want to complain about an order"),
    (SHOP, "name", "ok"),
    (SHOP, "name", "no thanks"),
    (SHOP, "name", "I'm really upset with you guys"),
    (SHOP, "order", "I ordered two shirts last week"),
    (TABLE, "", "Hi, I could use some help with a reservation"),
    (TABLE, "name", "I'm allergic to nuts"),
    (TABLE, "people", "I have no idea"),
    (ROOM, "", "I stayed with you two years ago"),
    (ROOM, "nights", "that depends on the price"),
    (ROOM, "stars", "it should be nice"),
    (FLIGHT, "", "I missed my flight to work"),
    (ROUTER, "works", "let me try"),
    (ROUTER, "works", "what should happen?"),
    (ROUTER, "power", "where is that light"),
    (SURVEY, "score", "it was okay"),
    (SURVEY, "score", "I called 3 times"),
    (ROUTER, "cables", "which ones"),
    (ROUTER, "works", "it needs a minute"),
    (ROUTER, "power", "I see several lights"),
]


@pytest.mark.parametrize(
    ("flow", "pending", "words", "values"),
    SENTENCES,
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_a_customer_says_besides(flow: Flow, pending: str, words: str, values: dict[str, Any]) -> None:
    assert found(turn(flow, words, *([pending] if pending else []))) == values


@pytest.mark.parametrize(
    ("flow", "pending", "words"), TALK, ids=lambda given: given if isinstance(given, str) else None
)
def test_talk_without_a_value_gives_none(flow: Flow, pending: str, words: str) -> None:
    assert not found(turn(flow, words, *([pending] if pending else [])))


_FIRST = {
    id(flow): next(name for name, slot in flow.slots.items() if slot.asked_for) for flow, *_ in EVERYTHING
}


@pytest.mark.parametrize(
    ("flow", "pending", "words", "values"),
    [(flow, _FIRST[id(flow)], words, values) for flow, pending, words, values in EVERYTHING if not pending],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_an_opening_gives_the_same_after_the_first_question(
    flow: Flow, pending: str, words: str, values: dict[str, Any]
) -> None:
    """Callers say what they want before they answer what the greeting asks."""
    assert found(turn(flow, words, pending)) == values | _ANSWERING.get(words, {})


_ANSWERING = {"transfer $500 from checking to savings": {"want": "transfer"}}
"""Those that answer the first question as well: who wants to transfer a sum wants to `transfer money`."""
