"""What callers run errands for: places, times, prices, numbers of theirs; and how English speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flows.slot import SlotType


@dataclass(frozen=True, slots=True)
class Topic:
    """What a kind of slot is called, and how its value is introduced.

    Attributes:
        stems: beginnings of words that show it in a label.
        names: what else it is called.
        carriers, read_carriers: before a value; spoken, and only read.
        nones, read_nones: there is none, said so that it is clear what of; spoken, and only read.
        against: before a value that the caller denies.
        leads: before a value, and nothing without one: `from`, `to`; only read.
        general: its leads tell the type of a value, and not which slot of that type.
        only: of slots of these types; none: of all.
    counts: its values are things with an article: a rash, a check up.
    """

    stems: tuple[str, ...]
    names: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    read_carriers: tuple[str, ...] = ()
    nones: tuple[str, ...] = ()
    read_nones: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    counts: bool = False
    general: bool = False
    only: tuple[SlotType, ...] = ()


VEHICLE = Topic(
    stems=("vehicle", "=car", "=make", "=model", "device", "product", "=item", "brand"),
    leads=(
        "i drive",
        "i've got",
        "i have",
        "i own",
        "we have",
        "we own",
        "driving",
        "it's called",
        "i use",
        "i'm using",
    ),
)

ERRANDS = (
    Topic(
        stems=("departure date", "departure day", "leaving date"),
        leads=(
            "leaving on", "leaving", "departing on", "departing", "leave on", "depart on", "going on", "until", "till",
            "on", "going out on", "flying out on", "starting", "starting on", "we leave on", "i leave on", "travel on",
        ),
    ),
    Topic(
        stems=("check in", "checkin", "arrival date", "start date", "pick up date", "pickup date", "from date", "outbound"),
        leads=(
            "from", "starting", "starting on", "starting from", "beginning", "beginning on", "arriving",
            "arriving on", "arrive on", "checking in on",
            "checking in", "check in on", "check in", "we arrive on", "i arrive on", "i'll arrive on",
            "we'll arrive on", "going on", "leaving on", "leaving", "picking it up on", "pick it up on",
        ),
    ),
    Topic(
        stems=("return date", "return day", "return", "drop off date", "dropoff date"),
        leads=(
            "to", "until", "till", "through", "up to", "returning", "returning on", "return on", "return", "coming back",
            "coming back on", "back on", "come back on", "come back", "going back on", "and return on", "be back on",
            "bringing it back on", "bring it back on", "returning it on", "return it on", "dropping it off on",
            "flying back on", "fly back on", "i'll return on", "we return on", "heading back on",
        ),
    ),
    Topic(
        stems=("check out", "checkout", "end date", "to date"),
        leads=(
            "to", "until", "till", "through", "leaving", "leaving on", "leave on", "checking out on",
            "checking out", "check out on", "check out", "ending", "ending on", "up to",
            "we leave on", "i leave on", "returning", "returning on", "return on", "coming back",
            "coming back on", "back on", "come back on", "going back on", "and return on",
            "bringing it back on",
        ),
    ),
    Topic(
        stems=("pick up city", "pickup city", "pick up location", "pickup location"),
        leads=(
            "in", "at", "from", "pick up in", "pick it up in", "picking up in", "picked up in", "pick it up at", "starting in",
            "picking it up in", "i'll pick it up in", "collect it in", "collect it from", "renting in", "out of",
        ),
    ),
    Topic(
        stems=("^from", "depart", "origin", "pickup", "pick up", "leav", "starting point", "source", "start"),
        leads=(
            "from", "leaving from", "leaving", "departing", "departing from", "leave from", "coming from the", "depart from", "starting from",
            "starting at", "coming from", "travelling from", "traveling from", "travel from",
            "going from", "flying from", "fly from", "fly out of", "flying out of", "picked up from",
            "picked up at", "pick me up from", "pick me up at", "pick us up at", "pick us up from",
            "pick up from", "pick up at", "pickup at", "pickup from", "come to",
            "i am at", "i'm at", "out of", "leave at", "leaving at", "depart at", "departing at",
            "leave after", "leaving after", "departing after", "depart after", "leaves after", "leaves at",
            "leaving around", "leave around", "that leaves at", "that leaves after",
            "leave by", "leaving by", "leave on", "leaving on", "departing on", "depart on", "departs on",
            "leaves on", "after", "any time after", "anytime after", "sometime after", "to leave at",
            "to leave after", "to depart from", "to depart at", "leave on a", "i leave from", "we leave from",
            "starting out at", "start at", "set off at", "picks me up at",
        ),
    ),
    Topic(
        stems=("^to", "destin", "arriv", "dropoff", "drop off", "going", "to city", "to where", "target", "where to"),
        leads=(
            "to", "going to", "go to", "heading to", "head to", "headed to", "travel to", "travelling to",
            "traveling to", "get to", "get me to", "take me to", "take us to", "flying to", "fly to",
            "train to", "taxi to", "bus to", "a train to", "a taxi to", "flight to", "a flight to", "trip to",
            "ride to", "a ride to",
            "arriving in", "arriving at", "arrive at", "arrive in", "arrive by", "arriving by", "arrives by",
            "arrives at", "get there by", "be there by", "there by", "to be there by", "to arrive by",
            "to arrive at", "to get there by", "arrive before", "arriving before", "arrives before", "by",
            "before", "ending at", "ending up at", "ends at", "ending in", "end up at",
            "bound for", "drop me off at", "drop me at", "dropped off at", "drop us off at", "drop off at",
            "arrive on", "arriving on", "no later than", "get in by", "and go to", "and going to",
            "destination is", "and arrive by", "and arriving by", "need to be at", "into",
        ),
    ),
    Topic(
        stems=("email", "e-mail", "mail"),
        names=("email", "email address", "e mail", "mail address"),
        read_carriers=tuple(
            f"{lead}{name} is" for lead in ("", "my ", "the ") for name in ("e mail", "e mail address", "mail address", "email address", "email")
        ),
        carriers=("my email is", "my email address is", "the email is"),
        leads=("email me at", "you can email me at", "send it to", "you can send it to", "mail me at", "you can reach me at", "reach me at", "my e mail is", "my e mail address is", "the email address is", "email is", "email address is", "my mail is", "contact me at"),
    ),
    Topic(
        stems=("budget", "price", "cost", "spend"),
        leads=("up to", "under", "below", "a budget of", "budget of", "my budget is", "no more than", "less than", "not more than", "at most", "around", "about", "i can spend", "i want to spend", "i'd like to spend", "i can pay", "my budget is around", "my budget is about", "my limit is", "priced at"),
    ),
    Topic(
        stems=("amount", "sum", "deposit", "payment", "transfer"),
        leads=("transfer", "send", "pay", "withdraw", "deposit", "the amount is", "to transfer", "to send", "to pay", "to withdraw", "to deposit", "a transfer of", "a payment of", "a deposit of", "an amount of", "the sum of", "i want to send", "i want to transfer", "i want to pay"),
    ),
    Topic(
        stems=("recipient", "payee", "beneficiary"),
        leads=("to", "send it to", "transfer it to", "pay", "it goes to", "for"),
    ),
    Topic(
        stems=("zip", "post", "postal"),
        names=("zip code", "zip", "postcode", "postal code", "post code"),
        leads=("my zip is", "my zip code is", "the zip code is", "my postcode is", "my postal code is", "zip is", "postcode is", "the zip is", "the postcode is", "my post code is"),
    ),
    Topic(
        stems=("booking", "reference", "confirmation", "reservation", "order", "ticket", "case", "record locator"),
        names=("reference", "reference number", "confirmation number", "booking number", "booking reference", "confirmation code"),
        leads=("my reference is", "the reference is", "my reference number is", "the reference number is", "my confirmation number is", "the confirmation number is", "my booking number is", "my booking reference is", "my confirmation code is", "the confirmation code is", "my order number is", "the order number is", "the code is", "the number is", "my case number is"),
    ),
    Topic(
        general=True,
        only=(SlotType.DIGITS, SlotType.ID, SlotType.PHONE, SlotType.NUMBER, SlotType.TEXT),
        stems=("account", "member", "customer", "policy", "card", "pin", "passcode", "password", "security code", "licen", "registration", "plate", "social", "ssn", "tracking", "serial", "meter", "invoice"),
        leads=("the number is", "my number is", "the code is", "my code is", "number is", "it ends in", "ending in", "the last four are", "the last four digits are", "last four", "it reads", "it says", "the reading is"),
    ),
    Topic(
        stems=("area", "location", "district", "neighbo", "part of town", "region", "city", "town"),
        leads=("in", "in the", "in the area of", "located in", "located in the", "around", "near", "near the", "on the", "somewhere in", "somewhere in the", "preferably in", "preferably in the", "to be in", "to be in the", "it should be in", "it should be in the", "it should be in the area of", "the area of", "towards the", "on the side of", "i live in", "i'm in", "i am in", "from", "i live at", "at"),
    ),
    Topic(
        general=True,
        only=(SlotType.TIME, SlotType.CHOICE, SlotType.TEXT),
        stems=("time", "hour"),
        leads=("at", "for", "around", "at around", "at about", "by", "the time is", "make it", "make it for", "sometime around"),
    ),
    Topic(
        general=True,
        only=(SlotType.DATE, SlotType.CHOICE, SlotType.TEXT),
        stems=("day", "date", "when"),
        names=("day", "date"),
        leads=("on", "for", "for the", "on the", "the date is", "the day is", "starting", "starting on", "starting from", "beginning", "from", "it was on", "it was", "it happened on", "it happened", "this happened on", "this happened"),
    ),
    Topic(
        stems=("people", "party", "group", "guest", "person", "seat", "diner"),
        leads=("for", "party of", "a party of", "table for", "a table for", "there are", "there will be", "there'll be", "we are", "we're", "we will be", "we'll be", "it's for", "it is for", "group of", "a group of", "booking for", "reservation for", "with"),
    ),
    Topic(
        stems=("night", "stay", "duration", "length"),
        leads=("for", "staying", "staying for", "stay for", "stay", "a stay of", "i'll stay", "we'll stay", "i will stay", "we will stay", "i'll be staying", "we'll be staying", "for a total of", "it lasts", "it takes", "it took"),
    ),
    Topic(
        stems=("food", "cuisine", "dish", "meal"),
        names=("food", "cuisine", "type of food", "kind of food", "food type"),
        leads=("serving", "serves", "that serves", "serving some", "i feel like", "i'm in the mood for", "in the mood for", "i'd like to eat", "i want to eat", "i'd like some", "i want some", "craving", "i'm craving", "i could go for", "some", "how about", "what about", "that has", "with"),
    ),
    Topic(
        stems=("star", "rating"),
        leads=("rated", "with", "a rating of", "with a rating of", "at least", "it should have", "should have"),
    ),
)  # fmt: skip
"""Of what the label of a slot shows. The first that fits counts."""


_ASKS_MORE = frozenset(("and", word) for word in ("what", "how", "why"))
"""`Where was that and what was going on`: more than a place."""
_PROSE = frozenset(
    """reason request requests problem problems issue issues describe description comment comments feedback story
    happened happen note notes symptom symptoms detail details complaint message explain explanation anything why else
    question questions concern concerns more matter trouble improve better experience opinion suggestion suggestions
    tell reasons instructions remarks special summary""".split()
)
_THINGS = frozenset(
    """place station city town street address location airport payee recipient beneficiary vehicle car make model brand
    product item hotel restaurant attraction company username user title color colour department plan airline school
    doctor pharmacy store shop medicine device employer job occupation state country county movie song artist food dish
    departure destination origin pickup dropoff drop pick arrival where who whom venue name landmark postcode merchant
    medication drug prescription bank language nationality university college team organization organisation
    manufacturer breed road region browser system website provider branch neighborhood neighbourhood area event software printer phone laptop computer browser app""".split()
)


def is_thing(label: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Whether a text is the name of a thing, a few words, and no prose: by what its label and its question say."""
    if not _PROSE.isdisjoint(label) or any(pair in _ASKS_MORE for pair in pairwise(asked)):
        return False
    if asked[:1] in (("which",), ("where",), ("who",)) and _PROSE.isdisjoint(asked):
        return True
    return not _THINGS.isdisjoint(label) or (_PROSE.isdisjoint(asked) and not _THINGS.isdisjoint(asked))
