"""Sentences of other errands than those that the parsers were first tried on, with what should come of each."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from tests.reasoner.understand.everyday_flows import BANK, ROOM, SHOP, TABLE, TAXI, TRAIN
from tests.reasoner.understand.made_flows import found, made, turn

CLINIC = made(
    "appointment scheduling",
    {
        "doctor": {
            "type": "choice",
            "label": "doctor",
            "values": {"Dr. Morgan": ["morgan"], "Dr. Johnson": ["johnson"], "Dr. Alexis": ["alexis"]},
        },
        "name": {"type": "person_name", "ask": "Can I have your name please?"},
        "day": {"type": "date", "ask": "What day would you like to come in?"},
        "start": {"type": "time", "ask": "What time works for you?"},
        "symptoms": {"type": "text", "ask": "What symptoms do you have?"},
        "insured": {"type": "yes_no", "ask": "Do you have insurance?"},
    },
)
FLAT = made(
    "apartment viewing",
    {
        "size": {"type": "number", "label": "number of bedrooms", "unit": "bedrooms"},
        "budget": {"type": "money", "unit": "dollars", "label": "monthly budget"},
        "floor": {
            "type": "choice",
            "values": {"ground floor": [], "middle": ["in the middle"], "top floor": ["top"]},
        },
        "pets": {"type": "yes_no", "ask": "Do you have any pets?"},
        "balcony": {"type": "yes_no", "ask": "Do you need a balcony?"},
        "move": {"type": "date", "label": "move-in date", "future": True},
    },
)
PHARMACY = made(
    "pharmacy",
    {
        "rx": {"type": "digits", "label": "prescription number", "length": "7"},
        "drug": {"type": "text", "label": "medication", "ask": "Which medication is it?"},
        "dob": {"type": "date", "label": "date of birth", "past": True},
        "delivery": {
            "type": "choice",
            "ask": "Pickup or delivery?",
            "values": {"pickup": ["pick it up", "collect"], "delivery": ["deliver it"]},
        },
        "address": {"type": "text", "ask": "What is your address?"},
        "allergic": {"type": "yes_no", "ask": "Are you allergic to anything?"},
    },
)
PLANS = made(
    "mobile phone plans",
    {
        "number": {"type": "phone", "label": "phone number"},
        "plan": {
            "type": "choice",
            "values": {"basic": [], "unlimited": ["unlimited data"], "family": ["family plan"]},
        },
        "lines": {"type": "number", "label": "number of lines", "unit": "lines"},
        "autopay": {"type": "yes_no", "ask": "Would you like autopay?"},
        "model": {"type": "text", "label": "phone model", "ask": "What phone do you have?"},
        "start": {"type": "date", "label": "start date", "future": True},
    },
)
CAR = made(
    "car rental",
    {
        "pickup_city": {"type": "text", "label": "pick-up city"},
        "pickup_date": {"type": "date", "label": "pick-up date"},
        "return_date": {"type": "date", "label": "return date"},
        "pickup_time": {"type": "time", "label": "pick-up time"},
        "car": {
            "type": "choice",
            "label": "car type",
            "values": {"compact": [], "standard": [], "full size": ["fullsize", "full-size"], "suv": []},
        },
    },
)
FLIGHT = made(
    "flight booking",
    {
        "origin": {"type": "text", "label": "origin city"},
        "dest": {"type": "text", "label": "destination city"},
        "out": {"type": "date", "label": "departure date"},
        "back": {"type": "date", "label": "return date"},
        "seats": {"type": "number", "label": "passengers", "unit": "passengers"},
        "cabin": {
            "type": "choice",
            "values": {"economy": [], "business": ["business class"], "first class": ["first"]},
        },
    },
)
LAPTOP = made(
    "laptop troubleshooting",
    {},
    steps={
        "charge": {"question": "Is the battery charged?", "answers": {"yes": "next", "no": "next"}},
        "noise": {"question": "Do you hear any strange noise?", "answers": {"yes": "next", "no": "next"}},
        "screen": {"question": "Is the screen still black?", "answers": {"yes": "next", "no": "next"}},
        "restart": {"question": "Did you restart the computer?", "answers": {"yes": "next", "no": "next"}},
        "fixed": {"question": "Is it working now?", "answers": {"yes": "next", "no": "next"}},
    },
)

TUE, WED, THU, FRI, SAT, SUN = (f"2026-11-{day}" for day in range(24, 30))
SENTENCES: list[tuple[Flow, str, str, dict[str, Any]]] = [
    (CLINIC, "doctor", "I would like to see Dr. Morgan if she's available", {"doctor": "Dr. Morgan"}),
    (CLINIC, "doctor", "whoever is free first, maybe Johnson", {"doctor": "Dr. Johnson"}),
    (CLINIC, "name", "My name is Katarzyna Nowak.", {"name": "Katarzyna Nowak"}),
    (CLINIC, "day", "Would Thursday work?", {"day": THU}),
    (CLINIC, "start", "any time before lunch, say 11?", {"start": "11:00"}),
    (CLINIC, "start", "I can come at 10:30 am", {"start": "10:30"}),
    (
        CLINIC,
        "symptoms",
        "I've had a headache for three days and I feel dizzy",
        {"symptoms": "I've had a headache for three days and I feel dizzy"},
    ),
    (CLINIC, "insured", "Yes I do, through my employer", {"insured": True}),
    (CLINIC, "insured", "I'm afraid I don't", {"insured": False}),
    (
        CLINIC,
        "",
        "I'd like to make an appointment with Dr. Alexis on Friday at 2 pm",
        {"doctor": "Dr. Alexis", "day": FRI, "start": "14:00"},
    ),
    (FLAT, "size", "a two bedroom would be good", {"size": 2}),
    (FLAT, "size", "I'd need at least 3 bedrooms", {"size": 3}),
    (FLAT, "budget", "I can pay up to 1500 a month", {"budget": 1500}),
    (FLAT, "budget", "no more than $900", {"budget": 900}),
    (FLAT, "floor", "preferably on the top floor", {"floor": "top floor"}),
    (FLAT, "floor", "definitely not ground floor", {}),
    (FLAT, "pets", "yes, a cat", {"pets": True}),
    (FLAT, "pets", "I have a small dog", {"pets": True}),
    (FLAT, "balcony", "I would love one", {"balcony": True}),
    (FLAT, "move", "in two weeks", {"move": "2026-12-07"}),
    (PHARMACY, "rx", "The prescription number is 4410982", {"rx": "4410982"}),
    (PHARMACY, "rx", "RX 4410982", {"rx": "4410982"}),
    (PHARMACY, "drug", "lisinopril 10 mg", {"drug": "lisinopril 10 mg"}),
    (PHARMACY, "dob", "04/12/1985", {"dob": "1985-04-12"}),
    (PHARMACY, "dob", "I was born on the 12th of April 1985", {"dob": "1985-04-12"}),
    (PHARMACY, "delivery", "I'll come and pick it up", {"delivery": "pickup"}),
    (PHARMACY, "delivery", "can you deliver it to my house?", {"delivery": "delivery"}),
    (PHARMACY, "address", "12 High Street, Springfield", {"address": "12 High Street, Springfield"}),
    (PHARMACY, "address", "my address is 448 Elm Avenue, Apt 5", {"address": "448 Elm Avenue, Apt 5"}),
    (PHARMACY, "allergic", "not that I know of", {"allergic": False}),
    (PLANS, "number", "(977) 625-2661", {"number": "9776252661"}),
    (PLANS, "number", "my phone number is 977-625-2661", {"number": "9776252661"}),
    (PLANS, "plan", "I'll go with the family plan", {"plan": "family"}),
    (PLANS, "plan", "what about unlimited?", {"plan": "unlimited"}),
    (PLANS, "plan", "I'm thinking basic", {"plan": "basic"}),
    (PLANS, "lines", "we need three lines", {"lines": 3}),
    (PLANS, "lines", "just the one", {"lines": 1}),
    (PLANS, "autopay", "sure, why not", {"autopay": True}),
    (PLANS, "autopay", "no thanks, I'll pay manually", {"autopay": False}),
    (PLANS, "model", "I have an iPhone 12", {"model": "an iPhone 12"}),
    (PLANS, "start", "as of the first of December", {"start": "2026-12-01"}),
    (
        PLANS,
        "",
        "I'd like the unlimited plan with 2 lines starting tomorrow",
        {"plan": "unlimited", "lines": 2, "start": TUE},
    ),
    (
        CAR,
        "",
        "I need to rent a car in Fresno from Tuesday until Friday",
        {"pickup_city": "Fresno", "pickup_date": TUE, "return_date": FRI},
    ),
    (CAR, "pickup_city", "I'll pick it up in Long Beach", {"pickup_city": "Long Beach"}),
    (CAR, "pickup_city", "Vancouver please", {"pickup_city": "Vancouver"}),
    (CAR, "return_date", "I'll bring it back on Sunday", {"return_date": SUN}),
    (CAR, "pickup_time", "half past 9 in the morning", {"pickup_time": "09:30"}),
    (CAR, "car", "a full-size if you have one", {"car": "full size"}),
    (CAR, "car", "an SUV would be great", {"car": "suv"}),
    (
        FLIGHT,
        "",
        "I want to fly from New York to San Diego on Thursday and come back on Sunday",
        {"origin": "New York", "dest": "San Diego", "out": THU, "back": SUN},
    ),
    (FLIGHT, "", "Find me a flight to Paris next Friday for 2 passengers", {"dest": "Paris", "seats": 2}),
    (FLIGHT, "origin", "I'm flying out of Chicago", {"origin": "Chicago"}),
    (FLIGHT, "dest", "Sydney, Australia", {"dest": "Sydney, Australia"}),
    (FLIGHT, "back", "I return on Saturday", {"back": SAT}),
    (FLIGHT, "cabin", "business class please", {"cabin": "business"}),
    (FLIGHT, "cabin", "economy is fine", {"cabin": "economy"}),
    (FLIGHT, "seats", "two adults", {"seats": 2}),
    (LAPTOP, "charge", "yes it's fully charged", {"charge": True}),
    (LAPTOP, "charge", "No, it won't charge at all", {"charge": False}),
    (LAPTOP, "charge", "it is charged", {"charge": True}),
    (LAPTOP, "noise", "I don't hear anything", {"noise": False}),
    (LAPTOP, "noise", "yes, a clicking sound", {"noise": True}),
    (LAPTOP, "noise", "no, there's no noise", {"noise": False}),
    (LAPTOP, "screen", "Yes it's still black", {"screen": True}),
    (LAPTOP, "screen", "no, it came back on", {"screen": False}),
    (LAPTOP, "screen", "it's still black", {"screen": True}),
    (LAPTOP, "restart", "I have restarted it twice", {"restart": True}),
    (LAPTOP, "restart", "Yes, but it made no difference", {"restart": True}),
    (LAPTOP, "restart", "I haven't tried that", {"restart": False}),
    (LAPTOP, "fixed", "it's all good now, thanks", {"fixed": True}),
    (LAPTOP, "fixed", "No, still the same problem", {"fixed": False}),
    (LAPTOP, "fixed", "it seems to be working", {"fixed": True}),
    (LAPTOP, "fixed", "I'm still having the same issue", {"fixed": False}),
    (SHOP, "order", "I don't remember it, but my email is a.b@c.com", {"email": "a.b@c.com"}),
    (SHOP, "name", "yes, Chloe Zhang", {"name": "Chloe Zhang"}),
    (BANK, "want", "I would like to dispute a transaction", {"want": "dispute"}),
    (BANK, "amount", "i need to transfer 45 dollars and 20 cents", {"amount": 45.2}),
    (BANK, "account", "it is 1 2 3 4 5 6 7 8", {"account": "12345678"}),
    (BANK, "card", "4 4 1 7", {"card": "4417"}),
    (TABLE, "time", "how about 8?", {"time": "20:00"}),
    (TABLE, "people", "we're 5", {"people": 5}),
    (TABLE, "people", "there are six of us, two of them kids", {"people": 6}),
    (TABLE, "name", "the name is Fitzgerald", {"name": "Fitzgerald"}),
    (TABLE, "day", "Make it the 30th", {"day": "2026-11-30"}),
    (ROOM, "kind", "doesn't have to be a hotel, guesthouse is fine", {"kind": "guesthouse"}),
    (
        TRAIN,
        "",
        "I am looking for a train leaving Cambridge on Saturday, arriving at Bishops Stortford by 11:45",
        {"departure": "Cambridge", "day": SAT, "destination": "Bishops Stortford", "arrive_by": "11:45"},
    ),
    (
        TAXI,
        "",
        "I'd like to book a taxi from Cineworld to Ali Baba, arriving by 17:15",
        {"pickup": "Cineworld", "destination": "Ali Baba", "arrive_by": "17:15"},
    ),
    (TAXI, "", "book a taxi for 11:30 please, I'm at Clare College", {"pickup": "Clare College"}),
    (TAXI, "destination", "home please", {"destination": "home"}),
]


@pytest.mark.parametrize(
    ("flow", "pending", "words", "values"),
    SENTENCES,
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_a_customer_says_on_an_errand(
    flow: Flow, pending: str, words: str, values: dict[str, Any]
) -> None:
    assert found(turn(flow, words, *([pending] if pending else []))) == values
