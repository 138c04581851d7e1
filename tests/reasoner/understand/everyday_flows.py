"""Small flows of everyday calls, as their authors would write them: bookings, service desks, a flowchart, a survey."""

from __future__ import annotations

from tests.reasoner.understand.made_flows import made

_AREAS = {"centre": ["center", "city centre", "downtown"], "north": [], "south": [], "east": [], "west": []}
_PRICES = {"cheap": ["inexpensive", "budget"], "moderate": ["mid range"], "expensive": ["upscale", "fancy"]}

TABLE = made(
    "restaurant booking",
    {
        "food": {
            "type": "choice",
            "label": "cuisine",
            "values": {
                "italian": [],
                "chinese": [],
                "indian": ["curry"],
                "british": [],
                "thai": [],
                "french": [],
            },
            "no_preference": "any",
        },
        "area": {"type": "choice", "ask": "Which part of town?", "values": _AREAS, "no_preference": "any"},
        "price": {"type": "choice", "label": "price range", "values": _PRICES, "no_preference": "any"},
        "people": {"type": "number", "label": "party size", "unit": "people"},
        "day": {"type": "date", "future": True},
        "time": {"type": "time", "ask": "What time would you like?"},
        "name": {"type": "person_name", "full": False, "ask": "What name should I put it under?"},
        "phone": {"type": "phone", "required": False},
    },
)
ROOM = made(
    "hotel booking",
    {
        "area": {"type": "choice", "values": _AREAS, "no_preference": "any"},
        "kind": {
            "type": "choice",
            "label": "type of place",
            "values": {"hotel": [], "guesthouse": ["guest house", "bed and breakfast"]},
            "no_preference": "any",
        },
        "price": {"type": "choice", "label": "price range", "values": _PRICES, "no_preference": "any"},
        "stars": {"type": "number", "label": "star rating", "unit": "stars", "min": 0, "max": 5},
        "parking": {
            "type": "yes_no",
            "label": "parking",
            "ask": "Do you need parking?",
            "no_preference": "any",
        },
        "wifi": {
            "type": "yes_no",
            "label": "wifi",
            "ask": "Do you need internet?",
            "values": {"yes": ["with internet"], "no": ["no internet"]},
        },
        "check_in": {"type": "date", "label": "check-in day", "ask": "What day will you arrive?"},
        "check_out": {"type": "date", "label": "check-out day", "ask": "And when are you leaving?"},
        "nights": {"type": "number", "label": "length of stay", "unit": "nights"},
        "people": {"type": "number", "label": "number of guests", "unit": "people"},
    },
)
TAXI = made(
    "taxi booking",
    {
        "pickup": {"type": "text", "label": "pick-up place", "ask": "Where are you leaving from?"},
        "destination": {"type": "text", "ask": "Where are you going to?"},
        "leave_at": {"type": "time", "label": "departure time", "ask": "When do you want to leave?"},
        "arrive_by": {"type": "time", "label": "arrival time", "ask": "When do you need to arrive by?"},
    },
)
TRAIN = made(
    "train tickets",
    {
        "departure": {"type": "text", "label": "departure station", "ask": "Where will you depart from?"},
        "destination": {"type": "text", "label": "destination", "ask": "Where are you heading?"},
        "day": {"type": "date", "label": "travel day", "ask": "What day would you like to travel?"},
        "leave_at": {
            "type": "time",
            "label": "departure time",
            "ask": "What time would you like to leave after?",
        },
        "arrive_by": {"type": "time", "label": "arrival time", "ask": "When do you need to be there by?"},
        "tickets": {"type": "number", "label": "number of tickets", "unit": "tickets"},
    },
)
SIGHTS = made(
    "tourist information",
    {
        "kind": {
            "type": "choice",
            "label": "type of attraction",
            "values": {
                "museum": ["museums"],
                "park": [],
                "college": ["colleges"],
                "theatre": ["theater"],
                "swimming pool": ["swimmingpool", "pool"],
                "nightclub": ["night club"],
            },
            "no_preference": "any",
        },
        "area": {"type": "choice", "values": _AREAS, "no_preference": "any"},
    },
)
_ACCOUNTS = {"checking": ["current account"], "savings": ["saving"], "credit card": []}
BANK = made(
    "bank transfer",
    {
        "want": {
            "type": "choice",
            "label": "reason for calling",
            "ask": "How can I help you today?",
            "values": {
                "balance": ["how much money"],
                "transfer": ["send money", "transfer money"],
                "lost card": ["lost my card", "stolen card", "card was stolen"],
                "dispute": ["charge I don't recognise", "unknown charge"],
            },
        },
        "account": {"type": "digits", "label": "account number", "length": "8"},
        "card": {"type": "digits", "label": "last four digits of your card", "length": "4"},
        "from_account": {"type": "choice", "ask": "Which account is it from?", "values": _ACCOUNTS},
        "to_account": {"type": "choice", "ask": "Which account should it go to?", "values": _ACCOUNTS},
        "amount": {"type": "money", "unit": "dollars"},
        "payee": {"type": "text", "ask": "Who should the money go to?"},
        "when": {"type": "date", "label": "date", "future": True, "ask": "When should it be sent?"},
    },
)
CLAIM = made(
    "insurance claim",
    {
        "policy": {"type": "id", "label": "policy number", "length": "6-10"},
        "plate": {"type": "id", "label": "licence plate", "length": "5-8"},
        "vehicle": {"type": "text", "ask": "What make and model is your car?"},
        "happened": {"type": "date", "label": "date of the accident", "past": True},
        "story": {"type": "text", "label": "what happened", "ask": "What happened?"},
        "injured": {"type": "yes_no", "ask": "Was anybody injured?"},
        "drivable": {"type": "yes_no", "ask": "Can the car still be driven?"},
        "email": "email",
    },
)
SHOP = made(
    "order support",
    {
        "name": "person_name",
        "order": {"type": "id", "label": "order number", "length": "5-10"},
        "email": {"type": "email", "label": "email address"},
        "zip": {"type": "digits", "label": "zip code", "length": "5"},
        "problem": {
            "type": "choice",
            "label": "problem",
            "ask": "What is wrong with your order?",
            "values": {
                "missing": ["never arrived", "has not arrived", "didn't come"],
                "damaged": ["broken", "arrived broken"],
                "wrong item": ["wrong size", "wrong colour"],
                "changed mind": ["don't want it anymore"],
            },
            "other": "other",
        },
        "remedy": {
            "type": "choice",
            "label": "remedy",
            "ask": "Would you like a refund or a replacement?",
            "values": {"refund": ["my money back"], "replacement": ["a new one", "exchange"]},
        },
    },
)
ROUTER = made(
    "internet support",
    {"notes": {"type": "text", "label": "anything else", "required": False}},
    steps={
        "power": {"question": "Is the power light on?", "answers": {"yes": "next", "no": "next"}},
        "colour": {
            "question": "What colour is the internet light?",
            "answers": {"green": "next", "orange": {"says": ["amber"]}, "off": {"says": ["no light"]}},
        },
        "cables": {"question": "Have you checked the cables?", "answers": {"yes": "next", "no": "next"}},
        "works": {"question": "Did that fix the problem?", "answers": {"yes": "next", "no": "next"}},
        "more": {"ask": ["notes"]},
    },
)
SURVEY = made(
    "customer survey",
    {
        "score": {
            "type": "number",
            "label": "score",
            "ask": "From 0 to 10, how likely?",
            "min": 0,
            "max": 10,
        },
        "satisfied": {"type": "yes_no", "ask": "Were you satisfied with our service?"},
        "often": {
            "type": "choice",
            "ask": "How often do you shop with us?",
            "values": {
                "daily": ["every day"],
                "weekly": ["once a week"],
                "monthly": ["once a month"],
                "rarely": [],
            },
        },
        "comment": {
            "type": "text",
            "ask": "Is there anything you would like us to do better?",
            "required": False,
        },
    },
)
