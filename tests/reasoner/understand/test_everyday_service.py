"""Sentences as customers write and say them to service desks, flowcharts and surveys, with what should come of each."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from reasoner.types import Intent
from tests.reasoner.understand.everyday_flows import BANK, CLAIM, ROUTER, SHOP, SURVEY
from tests.reasoner.understand.made_flows import found, turn

MON, FRI, SAT = "2026-11-23", "2026-11-27", "2026-11-21"

SENTENCES: list[tuple[Flow, str, str, dict[str, Any]]] = [
    (BANK, "want", "Hi, I'd like to know how much money I have in my account", {"want": "balance"}),
    (BANK, "want", "I think somebody stole my card, what should I do?", {"want": "lost card"}),
    (BANK, "want", "I need to send some money to my sister", {"want": "transfer", "payee": "my sister"}),
    (BANK, "want", "There's a charge on my statement that I don't recognise", {"want": "dispute"}),
    (BANK, "want", "can you check my balance for me", {"want": "balance"}),
    (BANK, "want", "I lost my card yesterday", {"want": "lost card"}),
    (BANK, "want", "I want to make a transfer", {"want": "transfer"}),
    (BANK, "account", "sure, it's 4471 0923", {"account": "44710923"}),
    (BANK, "account", "My account number is 12345678.", {"account": "12345678"}),
    (BANK, "account", "one second... okay it's 88120045", {"account": "88120045"}),
    (BANK, "account", "12345678 and I want to send $50", {"account": "12345678", "amount": 50}),
    (BANK, "account", "double four seven one oh nine two three", {"account": "44710923"}),
    (BANK, "card", "it ends in 4417", {"card": "4417"}),
    (BANK, "card", "the last four are 9 0 2 1", {"card": "9021"}),
    (BANK, "amount", "200", {"amount": 200}),
    (BANK, "amount", "I'd like to send two hundred and fifty dollars", {"amount": 250}),
    (BANK, "amount", "$1,250.50 please", {"amount": 1250.5}),
    (BANK, "amount", "make it 75 bucks", {"amount": 75}),
    (BANK, "amount", "about forty", {"amount": 40}),
    (
        BANK,
        "",
        "transfer $500 from checking to savings",
        {"amount": 500, "from_account": "checking", "to_account": "savings"},
    ),
    (
        BANK,
        "",
        "move 300 dollars from my savings to my checking account",
        {"amount": 300, "from_account": "savings", "to_account": "checking"},
    ),
    (BANK, "from_account", "out of my savings please", {"from_account": "savings"}),
    (BANK, "from_account", "the current account", {"from_account": "checking"}),
    (BANK, "to_account", "savings", {"to_account": "savings"}),
    (BANK, "to_account", "put it in my checking account", {"to_account": "checking"}),
    (BANK, "payee", "Acme Plumbing", {"payee": "Acme Plumbing"}),
    (BANK, "payee", "it's for Maria Lopez", {"payee": "Maria Lopez"}),
    (BANK, "payee", "send it to my landlord, John Smith", {"payee": "my landlord, John Smith"}),
    (BANK, "when", "today please", {"when": MON}),
    (BANK, "when", "on the first of next month", {"when": "2026-12-01"}),
    (BANK, "when", "this Friday", {"when": FRI}),
    (CLAIM, "policy", "My policy number is AB 4471 92", {"policy": "AB447192"}),
    (CLAIM, "policy", "it's QX-7781203", {"policy": "QX7781203"}),
    (
        CLAIM,
        "policy",
        "Policy is HG5520198, and my plate is KLM 4471",
        {"policy": "HG5520198", "plate": "KLM4471"},
    ),
    (CLAIM, "plate", "the plate is 7ABC123", {"plate": "7ABC123"}),
    (CLAIM, "plate", "my license plate number is WXY 889", {"plate": "WXY889"}),
    (CLAIM, "vehicle", "a 2014 Honda Civic", {"vehicle": "a 2014 Honda Civic"}),
    (CLAIM, "vehicle", "It's a blue Ford Focus", {"vehicle": "a blue Ford Focus"}),
    (CLAIM, "vehicle", "I drive a Toyota Corolla", {"vehicle": "a Toyota Corolla"}),
    (CLAIM, "happened", "it happened yesterday", {"happened": "2026-11-22"}),
    (CLAIM, "happened", "last Saturday around noon", {"happened": SAT}),
    (CLAIM, "happened", "two days ago", {"happened": SAT}),
    (CLAIM, "happened", "on November 3rd", {"happened": "2026-11-03"}),
    (
        CLAIM,
        "story",
        "Someone ran a red light and hit my front bumper",
        {"story": "Someone ran a red light and hit my front bumper"},
    ),
    (
        CLAIM,
        "story",
        "I was parked when a truck backed into me",
        {"story": "I was parked when a truck backed into me"},
    ),
    (CLAIM, "story", "where do I begin, a tree fell on it", {"story": "where do I begin, a tree fell on it"}),
    (CLAIM, "injured", "No, thank god everyone is ok", {"injured": False}),
    (CLAIM, "injured", "nobody was hurt", {"injured": False}),
    (CLAIM, "injured", "yes, my passenger hurt her neck", {"injured": True}),
    (CLAIM, "injured", "luckily not", {"injured": False}),
    (CLAIM, "drivable", "no it had to be towed", {"drivable": False}),
    (CLAIM, "drivable", "Yes it still drives fine", {"drivable": True}),
    (CLAIM, "drivable", "it can still be driven", {"drivable": True}),
    (CLAIM, "email", "you can email me at pat.jones@mail.com", {"email": "pat.jones@mail.com"}),
    (CLAIM, "email", "pat underscore jones at gmail dot com", {"email": "pat_jones@gmail.com"}),
    (
        CLAIM,
        "",
        "my e-mail is pj@mail.com and my policy number is AB447192",
        {"email": "pj@mail.com", "policy": "AB447192"},
    ),
    (SHOP, "name", "Sure, Rodriguez Domingo", {"name": "Rodriguez Domingo"}),
    (SHOP, "name", "Alessandro Phoenix.", {"name": "Alessandro Phoenix"}),
    (
        SHOP,
        "name",
        "My name is Crystal Minh and my order number is 8812990",
        {"name": "Crystal Minh", "order": "8812990"},
    ),
    (SHOP, "name", "this is Joyce Wu speaking", {"name": "Joyce Wu"}),
    (SHOP, "order", "order number 3348917502", {"order": "3348917502"}),
    (SHOP, "order", "the order id is 45A-991", {"order": "45A991"}),
    (SHOP, "order", "It's 7743821, my zip is 94110", {"order": "7743821", "zip": "94110"}),
    (SHOP, "order", "Sure thing! 2209135", {"order": "2209135"}),
    (SHOP, "zip", "my zip is 94110", {"zip": "94110"}),
    (
        SHOP,
        "zip",
        "94110, and my email is cminh730@email.com",
        {"zip": "94110", "email": "cminh730@email.com"},
    ),
    (SHOP, "zip", "nine four one one oh", {"zip": "94110"}),
    (SHOP, "email", "cminh730@email.com", {"email": "cminh730@email.com"}),
    (SHOP, "email", "the address is joyce dot wu at email dot com", {"email": "joyce.wu@email.com"}),
    (SHOP, "problem", "My package never arrived", {"problem": "missing"}),
    (SHOP, "problem", "I got the wrong size", {"problem": "wrong item"}),
    (SHOP, "problem", "the screen was broken when I opened the box", {"problem": "damaged"}),
    (SHOP, "problem", "I just don't want it anymore", {"problem": "changed mind"}),
    (SHOP, "problem", "it still has not arrived, can you help me?", {"problem": "missing"}),
    (SHOP, "problem", "The jacket came in the wrong color", {"problem": "wrong item"}),
    (SHOP, "problem", "the seller was rude", {"problem": "other"}),
    (SHOP, "remedy", "I want my money back", {"remedy": "refund"}),
    (SHOP, "remedy", "Can I get a refund?", {"remedy": "refund"}),
    (SHOP, "remedy", "just send me a new one", {"remedy": "replacement"}),
    (SHOP, "remedy", "the first one", {"remedy": "refund"}),
    (SHOP, "remedy", "A refund would be better, I think", {"remedy": "refund"}),
    (ROUTER, "power", "yes it's blinking orange", {"power": True}),
    (ROUTER, "power", "No, the light is off", {"power": False}),
    (ROUTER, "power", "there's no light at all", {"power": False}),
    (ROUTER, "power", "yep, it's on", {"power": True}),
    (ROUTER, "power", "I can see it, yes", {"power": True}),
    (ROUTER, "power", "it isn't on", {"power": False}),
    (ROUTER, "colour", "it's green", {"colour": "green"}),
    (ROUTER, "colour", "looks orange to me", {"colour": "orange"}),
    (ROUTER, "colour", "it is blinking amber", {"colour": "orange"}),
    (ROUTER, "colour", "there is no light", {"colour": "off"}),
    (ROUTER, "cables", "I already tried that", {"cables": True}),
    (ROUTER, "cables", "yes I did that already", {"cables": True}),
    (ROUTER, "cables", "I already checked them", {"cables": True}),
    (ROUTER, "cables", "No, I haven't done that yet", {"cables": False}),
    (ROUTER, "cables", "not yet", {"cables": False}),
    (ROUTER, "works", "that didn't help", {"works": False}),
    (ROUTER, "works", "it works now", {"works": True}),
    (ROUTER, "works", "nothing happened", {"works": False}),
    (ROUTER, "works", "still not working", {"works": False}),
    (ROUTER, "works", "It's working now, thank you!", {"works": True}),
    (ROUTER, "works", "no luck", {"works": False}),
    (ROUTER, "works", "that did the trick", {"works": True}),
    (ROUTER, "works", "It's still doing the same thing", {"works": False}),
    (ROUTER, "works", "yes, that fixed it", {"works": True}),
    (ROUTER, "works", "same problem", {"works": False}),
    (ROUTER, "works", "yes! it's back", {"works": True}),
    (ROUTER, "works", "unfortunately not", {"works": False}),
    (ROUTER, "notes", "no, I don't have any of those", {}),
    (SURVEY, "score", "I'd give it an 8", {"score": 8}),
    (SURVEY, "score", "ten out of ten", {"score": 10}),
    (SURVEY, "score", "probably a 7", {"score": 7}),
    (SURVEY, "score", "8/10", {"score": 8}),
    (SURVEY, "score", "zero, I will never come back", {"score": 0}),
    (SURVEY, "satisfied", "very satisfied", {"satisfied": True}),
    (SURVEY, "satisfied", "not at all", {"satisfied": False}),
    (SURVEY, "satisfied", "Yes, everything was great", {"satisfied": True}),
    (SURVEY, "satisfied", "I was not satisfied", {"satisfied": False}),
    (SURVEY, "satisfied", "I guess so", {"satisfied": True}),
    (SURVEY, "often", "about once a week", {"often": "weekly"}),
    (SURVEY, "often", "I'm there every day", {"often": "daily"}),
    (SURVEY, "comment", "The waiting time was too long", {"comment": "The waiting time was too long"}),
    (SURVEY, "comment", "maybe you could open earlier", {"comment": "maybe you could open earlier"}),
    (SURVEY, "comment", "no, everything was perfect", {}),
]
BEYOND = {
    "where do I begin, a tree fell on it": "a question at its head makes a question of the whole",
}


@pytest.mark.parametrize(
    ("flow", "pending", "words", "values"),
    [
        pytest.param(
            *row, marks=pytest.mark.xfail(reason=BEYOND[row[2]], strict=True) if row[2] in BEYOND else ()
        )
        for row in SENTENCES
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_a_customer_says_to_a_service_desk(
    flow: Flow, pending: str, words: str, values: dict[str, Any]
) -> None:
    assert found(turn(flow, words, *([pending] if pending else []))) == values


@pytest.mark.parametrize(
    ("flow", "pending", "words", "intent"),
    [
        (BANK, "account", "why do you need that?", Intent.QUESTION),
        (BANK, "account", "I don't have it with me", Intent.DONT_KNOW),
        (BANK, "card", "give me a second, I have to find it", Intent.WAIT),
        (BANK, "amount", "can I speak to a real person please", Intent.HUMAN),
        (CLAIM, "policy", "I don't know my policy number", Intent.DONT_KNOW),
        (CLAIM, "email", "I'd rather not give my email", Intent.REFUSE),
        (SHOP, "order", "how do I find the order number?", Intent.QUESTION),
        (SHOP, "zip", "sorry, what do you need?", Intent.REPEAT),
        (SHOP, "email", "is that really necessary?", Intent.QUESTION),
        (ROUTER, "cables", "which cables do you mean?", Intent.QUESTION),
        (ROUTER, "power", "I'm not sure which one that is", Intent.DONT_KNOW),
        (ROUTER, "works", "hang on, it's restarting", Intent.WAIT),
        (SURVEY, "score", "I don't want to do this survey", Intent.CANCEL),
        (SURVEY, "comment", "no comment", Intent.REFUSE),
    ],
)
def test_what_else_a_customer_wants(flow: Flow, pending: str, words: str, intent: Intent) -> None:
    understood = turn(flow, words, pending)
    assert intent in understood.intents
    assert not understood.values
