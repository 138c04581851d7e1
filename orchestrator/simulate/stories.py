"""What callers tell in their own words: a text that goes with the question, and stories whose parts a flow listens for.

By what is asked, never by the flow. Written after the parsers had been read, unlike the phrases beside them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from flows.slot import Slot, SlotType
from orchestrator.simulate.people import TEXTS, fold
from orchestrator.simulate.phrases import lines

_TOLD: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("job is", "what job", "position", "role", "occupation"), lines("""
        store manager in a supermarket
        night nurse
        a junior accountant
        warehouse supervisor
        cook in a school
        bus driver
        software tester at a bank
        head of the front office in a hotel
    """)),
    (("own part", "your part", "your task", "responsib"), lines("""
        i was the one on duty that night
        i had to keep everybody calm
        mine alone nobody else was there
        i was there to help the new people
        i looked after the orders
        my part was the talking
        i was told to sort it out by friday
        we were two and i took the phones
    """)),
    (("did you do", "what exactly", "steps did", "your action"), lines("""
        i called the supplier and asked for a second delivery
        first i listened and then i wrote everything down
        i stayed until midnight and counted it all again
        i told my manager and we changed the plan
        i apologized and gave them their money back
        i asked a colleague to help me and we did it together
        i did not say much i just waited until he was done
        i went to the front desk and got the keys
    """)),
    (("how did it end", "the end", "result", "outcome", "come of it"), lines("""
        she came back the year after
        he apologized the next day
        it never happened again
        they cancelled the order but they stayed with us
        nobody lost any money
        it took a while but they were happy
        not well to be honest we lost the customer
        in the end we laughed about it
        my manager thanked me in front of everybody
    """)),
    (("where was", "situation", "going on"), lines("""
        i was at the front desk and a guest started shouting
        in a small hotel in lyon on a saturday night
        that was in my first year as a waiter
        it was at the old warehouse and the heating had failed
        in the kitchen of my uncle's restaurant
        at the bank where i did my training the system was down
        on a building site and it had rained for a week
        i was told somebody would call me back and nobody did
    """)),
    (("what happened", "complain", "went wrong", "tell me what"), lines("""
        i was told somebody would call me back and nobody did
        the transfer was sent twice and nobody can tell me why
        i waited at the counter for an hour and then they closed
        a man in a blue van backed into my fence
        my card was swallowed by the machine on saturday
        they charged me for a letter that i never got
        the lady at the front desk was very rude to me
        the package came open and half of it was missing
    """)),
    (("why", "reason", "dispute"), lines("""
        i paid it in march and i have the receipt
        that was my brother's account not mine
        i never signed anything with them
        the amount is twice what it should be
        because the goods never arrived
        it was settled in court last year
    """)),
    (("address", "street"), lines("""
        fourteen elm road
        nine station street the blue door
        twenty two harbor lane apartment five
    """)),
    (("city", "town", "place"), lines("""
        springfield
        new bedford
        the old harbor
    """)),
    (("special request", "anything else", "comment", "note"), lines("""
        please leave it with the neighbour in number twelve
        i would rather get a letter than another call
        we would like to sit by the window if that is possible
        the bell does not work please knock
        i am hard of hearing so please speak up
    """)),
)  # fmt: skip

_ON: dict[str, tuple[str, ...]] = {
    "it worked": ("from then on", "better than before"),
    "i worked": ("at a small hotel", "nights in a warehouse"),
    "when i was": ("new in the team", "the only one in the office"),
    "job was": ("to get the orders out on time", "to keep the guests happy"),
    "task was": ("to find the missing papers", "to get everybody home safely"),
    "up to me": ("to keep the place open", "to tell them"),
    "had a": ("customer who shouted at my team", "delivery that never came"),
    "was a": ("mistake in the monthly figures", "guest who would not leave"),
    "job": ("the orders were always late", "half of the team was ill"),
    "company": ("nobody answered the phone", "two people had left"),
    "university": ("five of us wrote a paper together", "the exam papers were lost"),
    "ago": ("a big customer shouted at my team", "the heating failed in january"),
    "year": ("the alarm rang every night", "a visitor got very angry"),
    "talked to": ("him outside", "both of them"),
    "to": ("find out what had gone wrong", "keep the shop open", "calm everybody down"),
    "responsible": ("for the evening shift", "for four people"),
    "charge": ("of the evening shift", "of the orders"),
    "i": ("asked everybody in turn", "read all the letters again"),
    "decided": ("to close for an hour", "to ask for help"),
    "started": ("with the oldest order", "at the beginning"),
    "called": ("the supplier at once", "all of them that evening"),
    "organized": ("a meeting for all of them", "a second van"),
    "wrote": ("a list of all the steps", "to each of them"),
    "built": ("a small tool for it", "a shelf for the keys"),
    "suggested": ("that everything is checked twice", "a later date"),
    "did": ("was to sort them by date", "was to open both counters"),
    "result": ("nobody left", "there were fewer complaints"),
    "end": ("everybody was happy", "nothing was lost"),
    "turned out": ("that a cable was loose", "well"),
    "finished": ("a week early", "on time"),
    "saved": ("two days every month", "a lot of paper"),
    "then": ("nobody has complained", "it has been quiet"),
    "stayed": ("with the company", "for ten more years"),
}
"""How a sentence goes on that was begun, by the words that it was begun with."""
_OF_SENTENCES = frozenset("i we my it our there".split())
_TRIES = 40


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", fold(text)))


def _has(phrase: str, text: str) -> bool:
    return f" {_words(phrase)} " in f" {_words(text)} "


def text_for(slot: Slot, name: str, rng: random.Random) -> str:
    """A text that goes with what is asked; the name of a person where one is looked up."""
    about = fold(f"{name.rpartition('.')[2]} {slot.label} {slot.ask}").replace("_", " ")
    fitting = next((told for cues, told in _TOLD if any(cue in about for cue in cues)), TEXTS)
    return rng.choice(fitting)


def is_story(slot: Slot) -> bool:
    """Whether a list is of the parts of what somebody tells: its values are known by how sentences begin."""
    if slot.type is not SlotType.LIST:
        return False
    begun = [phrase for phrases in slot.values.values() for phrase in phrases]
    telling = [phrase for phrase in begun if _OF_SENTENCES & set(_words(phrase).split())]
    return len(begun) >= 2 * len(slot.values) and len(telling) * 5 >= len(begun) * 2


def story(slot: Slot, parts: tuple[str, ...], rng: random.Random) -> str:
    """A story with these parts and no other, as far as the flow's own words tell."""
    told = ""
    for _ in range(_TRIES):
        told = " and ".join(_sentences(slot, parts, rng))
        if {part for part, begun in slot.values.items() if any(_has(one, told) for one in begun)} == set(
            parts
        ):
            break
    return told


def _sentences(slot: Slot, parts: tuple[str, ...], rng: random.Random) -> Iterator[str]:
    for part in slot.values:
        if part in parts:
            begun = rng.choice(slot.values[part] or [part])
            last = _words(begun)
            ends = next((on for start, on in _ON.items() if f" {last}".endswith(f" {start}")), ("",))
            yield f"{begun} {rng.choice(ends)}".strip()
