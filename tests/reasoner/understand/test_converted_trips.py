"""Sentences of callers who travel, or send an order back."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from reasoner.types import Value
from tests.reasoner.understand.converted_flows import FRI, RETURNS, SUN, THU, TRIPS, WED, beside, told

SENTENCES: list[tuple[Flow, str, str, dict[str, Any], dict[str, Value]]] = [
    (
        TRIPS,
        "transport",
        "I need a train from Cambridge to Leicester on Sunday",
        {"transport": "train", "leave_from": "Cambridge", "going_to": "Leicester", "travel_date": SUN},
        {},
    ),
    (
        TRIPS,
        "transport",
        "can you get me a cab to the airport",
        {"transport": "taxi", "going_to": "the airport"},
        {},
    ),
    (
        TRIPS,
        "transport",
        "I would like to book a taxi, I'm leaving from Pizza Hut at 5:15 pm",
        {"transport": "taxi", "leave_from": "Pizza Hut", "leave_after": "17:15"},
        {},
    ),
    (TRIPS, "leave_from", "I'll be departing from Ely", {"leave_from": "Ely"}, {}),
    (TRIPS, "leave_from", "from home, it's 12 Mill Road", {"leave_from": "12 Mill Road"}, {}),
    (
        TRIPS,
        "going_to",
        "To Birmingham New Street, and I want to leave after 9 in the morning",
        {"going_to": "Birmingham New Street", "leave_after": "09:00"},
        {},
    ),
    (TRIPS, "travel_date", "next Monday", {"travel_date": "2026-11-30"}, {}),
    (TRIPS, "travel_date", "any day is fine, let's say Wednesday", {"travel_date": WED}, {}),
    (TRIPS, "travel_date", "Thursday evening", {"travel_date": THU}, {}),
    (TRIPS, "leave_after", "sometime after 3 pm", {"leave_after": "15:00"}, {}),
    (TRIPS, "leave_after", "not before 10 am", {"leave_after": "10:00"}, {}),
    (TRIPS, "leave_after", "ten to six in the morning", {"leave_after": "05:50"}, {}),
    (TRIPS, "trip", "there and back", {"trip": "round trip"}, {}),
    (TRIPS, "trip", "just one way", {"trip": "one way"}, {}),
    (TRIPS, "trip", "round trip, coming back on Sunday", {"trip": "round trip", "return_date": SUN}, {}),
    (
        TRIPS,
        "trip",
        "I need to return as well, on the 29th",
        {"trip": "round trip", "return_date": SUN},
        {"travel_date": FRI},
    ),
    (TRIPS, "return_date", "three days later", {"return_date": "2026-11-30"}, {"travel_date": FRI}),
    (TRIPS, "passengers", "just me", {"passengers": 1}, {}),
    (TRIPS, "passengers", "2 tickets please, first class", {"passengers": 2, "class": "first class"}, {}),
    (TRIPS, "passengers", "two adults and three children", {"passengers": 5}, {}),
    (TRIPS, "class", "economy is fine", {"class": "standard"}, {}),
    (TRIPS, "class", "I don't mind", {"class": "standard"}, {}),
    (TRIPS, "car_type", "a normal one", {"car_type": "regular"}, {}),
    (TRIPS, "car_type", "something fancy, the luxury one", {"car_type": "luxury"}, {}),
    (TRIPS, "luggage", "no bags", {"luggage": 0}, {}),
    (TRIPS, "luggage", "two suitcases and a backpack", {"luggage": 3}, {}),
    (TRIPS, "luggage", "none", {"luggage": 0}, {}),
    (
        RETURNS,
        "full_name",
        "Crystal Minh. I want to return a jacket because it's stained",
        {"full_name": "Crystal Minh", "item": "jacket", "return_reason": "damaged"},
        {},
    ),
    (RETURNS, "order_id", "order id: 9012738455", {"order_id": "9012738455"}, {}),
    (RETURNS, "order_id", "Sure, the order ID is 3420 551 876", {"order_id": "3420551876"}, {}),
    (
        RETURNS,
        "item",
        "the boots I ordered, they don't fit",
        {"item": "boots", "return_reason": "wrong size"},
        {},
    ),
    (RETURNS, "item", "my jeans", {"item": "jeans"}, {}),
    (RETURNS, "quantity", "both pairs", {"quantity": 2}, {}),
    (RETURNS, "quantity", "all three of them", {"quantity": 3}, {}),
    (RETURNS, "return_reason", "it turned out too small for me", {"return_reason": "wrong size"}, {}),
    (RETURNS, "return_reason", "I just don't want it anymore", {"return_reason": "changed mind"}, {}),
    (RETURNS, "return_reason", "The colour isn't what I ordered", {"return_reason": "wrong color"}, {}),
    (RETURNS, "return_reason", "I found it cheaper somewhere else", {"return_reason": "other"}, {}),
    (RETURNS, "membership", "I'm a gold member", {"membership": "gold"}, {}),
    (RETURNS, "membership", "silver, I've been a customer for five years", {"membership": "silver"}, {}),
    (RETURNS, "membership", "I'm not a member", {"membership": "guest"}, {}),
    (RETURNS, "purchase_date", "a week ago today", {"purchase_date": "2026-11-16"}, {}),
    (RETURNS, "purchase_date", "on the 2nd of November", {"purchase_date": "2026-11-02"}, {}),
    (RETURNS, "original_packaging", "I threw the box away", {"original_packaging": False}, {}),
    (RETURNS, "original_packaging", "I never opened it", {"original_packaging": True}, {}),
    (
        RETURNS,
        "original_packaging",
        "it is, and it's never been worn",
        {"original_packaging": True, "worn": False},
        {},
    ),
    (RETURNS, "worn", "not at all", {"worn": False}, {}),
    (RETURNS, "worn", "I wore it once", {"worn": True}, {}),
    (RETURNS, "return_method", "I'd rather mail it", {"return_method": "by mail"}, {}),
    (RETURNS, "return_method", "I can bring it to the store", {"return_method": "in store"}, {}),
    (RETURNS, "return_method", "whichever is easiest", {"return_method": "by mail"}, {}),
    (RETURNS, "refund_method", "back on my card please", {"refund_method": "card"}, {}),
    (RETURNS, "refund_method", "a voucher is okay", {"refund_method": "store credit"}, {}),
    (RETURNS, "label_email", "crystal m 730 at email dot com", {"label_email": "crystalm730@email.com"}, {}),
]
BEYOND = {
    "from home, it's 12 Mill Road": "of two places the first one counts",
    "The colour isn't what I ordered": "nothing says that what is not as ordered is wrong",
    "I'm not a member": "the flow does not say that guests are no members",
    "I threw the box away": "knowledge of the world",
    "I never opened it": "knowledge of the world",
    "it is, and it's never been worn": "a question not asked yet is not answered by a no within a sentence",
    "I wore it once": "wore and worn are not known to be one verb",
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
