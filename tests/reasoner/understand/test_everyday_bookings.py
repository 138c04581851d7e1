"""Sentences as customers write and say them who book something, with what should come of each."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from tests.reasoner.understand.everyday_flows import ROOM, SIGHTS, TABLE, TAXI, TRAIN
from tests.reasoner.understand.made_flows import found, turn

MON, TUE, WED, THU, FRI, SAT, SUN = (f"2026-11-{day}" for day in (23, 24, 25, 26, 27, 28, 29))

TABLES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "",
        "I'm looking for a cheap Italian place in the centre",
        {"price": "cheap", "food": "italian", "area": "centre"},
    ),
    (
        "",
        "Hi, can you find me an expensive restaurant in the north part of town?",
        {"price": "expensive", "area": "north"},
    ),
    ("", "I would like some Thai food, somewhere moderate", {"food": "thai", "price": "moderate"}),
    (
        "",
        "Are there any Indian restaurants in the west that aren't too pricey?",
        {"food": "indian", "area": "west"},
    ),
    ("", "I need a table for 5 on Saturday at 18:30", {"people": 5, "day": SAT, "time": "18:30"}),
    ("", "book it for 17:45 on sunday please", {"time": "17:45", "day": SUN}),
    ("", "there will be 3 of us", {"people": 3}),
    (
        "",
        "Yes, please book a table for 2 people at 12:00 on Wednesday.",
        {"people": 2, "time": "12:00", "day": WED},
    ),
    ("", "We'd like to eat French tomorrow night around 8", {"food": "french", "day": TUE, "time": "20:00"}),
    ("", "it's just the two of us", {"people": 2}),
    ("", "My party will have 6 people and we want to come Friday", {"people": 6, "day": FRI}),
    ("", "I don't care about the area but it should be cheap", {"area": "any", "price": "cheap"}),
    ("", "could you get us in at 7:30 pm instead?", {"time": "19:30"}),
    ("", "please reserve for 8 people, Thursday, 6 pm", {"people": 8, "day": THU, "time": "18:00"}),
    ("", "somewhere fancy downtown would be great", {"price": "expensive", "area": "centre"}),
    ("food", "I feel like curry tonight", {"food": "indian", "day": MON}),
    ("food", "Chinese sounds good", {"food": "chinese"}),
    ("food", "I don't have a preference", {"food": "any"}),
    ("food", "what about british food?", {"food": "british"}),
    ("food", "my wife loves thai so let's do that", {"food": "thai"}),
    ("area", "any area is fine", {"area": "any"}),
    ("area", "close to the city center if possible", {"area": "centre"}),
    ("area", "south side", {"area": "south"}),
    ("area", "anywhere is ok with me", {"area": "any"}),
    ("area", "I'm staying in the east, so there", {"area": "east"}),
    ("price", "the cheaper the better, nothing fancy", {"price": "cheap"}),
    ("price", "money is no object, something upscale", {"price": "expensive"}),
    ("price", "moderately priced", {"price": "moderate"}),
    ("people", "four", {"people": 4}),
    ("people", "me and three friends", {"people": 4}),
    ("people", "it'll be 7 of us in total", {"people": 7}),
    ("people", "just myself", {"people": 1}),
    ("people", "for two people please, on friday", {"people": 2, "day": FRI}),
    ("day", "this Friday works", {"day": FRI}),
    ("day", "tomorrow if you have space", {"day": TUE}),
    ("day", "the 28th", {"day": SAT}),
    ("day", "Saturday, at noon", {"day": SAT, "time": "12:00"}),
    ("time", "can you make it half six", {"time": "18:30"}),
    ("time", "quarter past seven", {"time": "19:15"}),
    ("time", "let's say 1 o'clock", {"time": "13:00"}),
    ("time", "19.30", {"time": "19:30"}),
    ("time", "6ish would be perfect", {"time": "18:00"}),
    ("name", "it's under Johnson", {"name": "Johnson"}),
    ("name", "Put it under Maria please", {"name": "Maria"}),
    (
        "name",
        "Sure, it's Derek Okafor, and my number is 555 201 4467",
        {"name": "Derek Okafor", "phone": "5552014467"},
    ),
]
ROOMS: list[tuple[str, str, dict[str, Any]]] = [
    ("", "we'd like to stay from Tuesday for 2 nights", {"check_in": TUE, "nights": 2}),
    (
        "",
        "there will be 3 of us and we'd like to stay from Tuesday for 2 nights",
        {"people": 3, "check_in": TUE, "nights": 2},
    ),
    (
        "",
        "I need a 4 star hotel with free wifi and parking",
        {"stars": 4, "kind": "hotel", "wifi": True, "parking": True},
    ),
    ("", "A cheap guesthouse in the east please", {"price": "cheap", "kind": "guesthouse", "area": "east"}),
    ("", "checking in on Friday and checking out on Sunday", {"check_in": FRI, "check_out": SUN}),
    ("", "from Wednesday to Saturday for two people", {"check_in": WED, "check_out": SAT, "people": 2}),
    (
        "",
        "I'd like to book it for 6 people for 4 nights starting from Saturday",
        {"people": 6, "nights": 4, "check_in": SAT},
    ),
    ("", "it should be in the moderate price range and have 3 stars", {"price": "moderate", "stars": 3}),
    ("", "I don't need parking but I do need internet", {"parking": False, "wifi": True}),
    ("", "We arrive on Thursday and leave on Sunday", {"check_in": THU, "check_out": SUN}),
    (
        "",
        "Can I book a room for one person for 3 nights from friday?",
        {"people": 1, "nights": 3, "check_in": FRI},
    ),
    (
        "",
        "a place with a star rating of 4 in the centre, price doesn't matter",
        {"stars": 4, "area": "centre", "price": "any"},
    ),
    ("stars", "4 stars would be nice", {"stars": 4}),
    ("stars", "at least three", {"stars": 3}),
    ("parking", "yes, free parking would be great", {"parking": True}),
    ("parking", "No, I'm coming by train", {"parking": False}),
    ("parking", "doesn't matter to me", {"parking": "any"}),
    ("parking", "yes and also wifi please", {"parking": True}),
    ("wifi", "that would be nice", {"wifi": True}),
    ("wifi", "I need it for work, so yes", {"wifi": True}),
    ("kind", "a bed and breakfast would be lovely", {"kind": "guesthouse"}),
    ("kind", "either is fine", {"kind": "any"}),
    ("check_in", "Tuesday, and we'll stay five nights", {"check_in": TUE, "nights": 5}),
    ("check_in", "I'll arrive next Monday", {"check_in": "2026-11-30"}),
    ("check_out", "on the 29th", {"check_out": SUN}),
    ("check_out", "we leave Sunday morning", {"check_out": SUN}),
    ("nights", "a week", {"nights": 7}),
    ("nights", "only one night", {"nights": 1}),
    ("nights", "3, and it's for 2 people", {"nights": 3, "people": 2}),
    ("people", "my husband and I", {"people": 2}),
    ("people", "2 adults and 1 child", {"people": 3}),
]
TRIPS: list[tuple[Flow, str, str, dict[str, Any]]] = [
    (
        TAXI,
        "",
        "I need a taxi from the station to the Fitzwilliam Museum",
        {"pickup": "the station", "destination": "the Fitzwilliam Museum"},
    ),
    (
        TAXI,
        "",
        "Can you get me a taxi to Kings College leaving after 5 pm?",
        {"destination": "Kings College", "leave_at": "17:00"},
    ),
    (
        TAXI,
        "",
        "pick me up at the Gonville Hotel by 11:15",
        {"pickup": "the Gonville Hotel", "arrive_by": "11:15"},
    ),
    (
        TAXI,
        "",
        "I want to go to Pizza Hut Fen Ditton and arrive by 19:30",
        {"destination": "Pizza Hut Fen Ditton", "arrive_by": "19:30"},
    ),
    (TAXI, "", "i need to arrive by 9:15", {"arrive_by": "09:15"}),
    (
        TAXI,
        "",
        "I'm leaving from home and going to the airport",
        {"pickup": "home", "destination": "the airport"},
    ),
    (TAXI, "pickup", "Emmanuel College", {"pickup": "Emmanuel College"}),
    (TAXI, "pickup", "I will be leaving from Emmanuel College", {"pickup": "Emmanuel College"}),
    (TAXI, "pickup", "From the hotel please, going to Ely", {"pickup": "the hotel", "destination": "Ely"}),
    (TAXI, "destination", "to the restaurant", {"destination": "the restaurant"}),
    (
        TAXI,
        "destination",
        "take me to Stansted Airport, I want to leave at 3:45",
        {"destination": "Stansted Airport", "leave_at": "15:45"},
    ),
    (TAXI, "leave_at", "as long as I get there by 17:30", {"arrive_by": "17:30"}),
    (TAXI, "leave_at", "around quarter to nine in the morning", {"leave_at": "08:45"}),
    (TAXI, "arrive_by", "before noon", {"arrive_by": "12:00"}),
    (
        TRAIN,
        "",
        "leaving from Cambridge going to London Kings Cross",
        {"departure": "Cambridge", "destination": "London Kings Cross"},
    ),
    (
        TRAIN,
        "",
        "I need a train from Ely to Norwich on Friday",
        {"departure": "Ely", "destination": "Norwich", "day": FRI},
    ),
    (
        TRAIN,
        "",
        "I'm going to Stevenage on Thursday and should leave after 14:00",
        {"destination": "Stevenage", "day": THU, "leave_at": "14:00"},
    ),
    (
        TRAIN,
        "",
        "departing Peterborough, arriving in Cambridge by 10:30",
        {"departure": "Peterborough", "destination": "Cambridge", "arrive_by": "10:30"},
    ),
    (TRAIN, "", "book 4 tickets for the Saturday train please", {"tickets": 4, "day": SAT}),
    (
        TRAIN,
        "",
        "It has to leave after 5 pm and arrive before 8 pm",
        {"leave_at": "17:00", "arrive_by": "20:00"},
    ),
    (
        TRAIN,
        "",
        "I'd like to travel to birmingham new street tomorrow",
        {"destination": "birmingham new street", "day": TUE},
    ),
    (TRAIN, "", "I want to leave on Sunday after 9 in the morning", {"day": SUN, "leave_at": "09:00"}),
    (TRAIN, "departure", "I'll be coming from Leicester", {"departure": "Leicester"}),
    (TRAIN, "departure", "bishops stortford", {"departure": "bishops stortford"}),
    (TRAIN, "destination", "I'm heading to Broxbourne", {"destination": "Broxbourne"}),
    (TRAIN, "destination", "It's Norwich please", {"destination": "Norwich"}),
    (TRAIN, "leave_at", "any time after 12:45", {"leave_at": "12:45"}),
    (TRAIN, "leave_at", "I don't care as long as I arrive by 16:15", {"arrive_by": "16:15"}),
    (TRAIN, "arrive_by", "by 8:45 am", {"arrive_by": "08:45"}),
    (TRAIN, "day", "Could we make it Sunday?", {"day": SUN}),
    (TRAIN, "tickets", "one for me and one for my wife", {"tickets": 2}),
    (TRAIN, "tickets", "Just one ticket", {"tickets": 1}),
]
VISITS: list[tuple[str, str, dict[str, Any]]] = [
    ("", "I'm looking for a museum in the south", {"kind": "museum", "area": "south"}),
    ("", "are there any theaters downtown?", {"kind": "theatre", "area": "centre"}),
    ("", "Can you recommend a nice park, I don't mind which area", {"kind": "park", "area": "any"}),
    ("kind", "somewhere to swim, maybe a pool", {"kind": "swimming pool"}),
    ("kind", "a night club would be fun", {"kind": "nightclub"}),
    ("kind", "surprise me", {"kind": "any"}),
    ("kind", "I'd love to see one of the old colleges", {"kind": "college"}),
    ("kind", "do you have any museums?", {"kind": "museum"}),
]
SENTENCES = [
    *((TABLE, *row) for row in TABLES),
    *((ROOM, *row) for row in ROOMS),
    *TRIPS,
    *((SIGHTS, *row) for row in VISITS),
]
BEYOND = {
    "one for me and one for my wife": "numbers are not added up over a sentence",
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
def test_what_a_customer_says_who_books(flow: Flow, pending: str, words: str, values: dict[str, Any]) -> None:
    assert found(turn(flow, words, *([pending] if pending else []))) == values
