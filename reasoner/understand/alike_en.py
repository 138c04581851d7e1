"""Words for the same thing in English that a flow's author did not think of: `inexpensive` for cheap.

A group counts for a slot with one of its words among its values, and for the one value that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reasoner.understand.words import words_of

_GROUPS: tuple[tuple[str, ...], ...] = (
    ("cheap", "inexpensive", "budget", "affordable", "low cost", "low priced", "economical", "on a budget", "on a tight budget", "on the cheap side"),
    ("moderate", "moderately priced", "mid range", "midrange", "mid priced", "medium priced", "medium", "reasonable", "reasonably priced", "average", "middle of the road", "in the middle", "mid"),
    ("expensive", "pricey", "pricy", "upscale", "high end", "upmarket", "fancy", "costly", "fine dining", "high priced", "posh", "on the expensive side"),
    ("centre", "center", "downtown", "city centre", "city center", "town centre", "town center", "central", "in town", "middle of town", "heart of the city"),
    ("round trip", "return trip", "there and back", "both ways", "roundtrip", "two way", "return ticket", "coming back too", "return"),
    ("one way", "oneway", "single trip", "only one way", "no return"),
    ("regular", "normal", "standard", "ordinary", "usual", "basic"),
    ("large", "big", "biggest", "largest"),
    ("small", "little", "smallest"),
    ("off", "not on", "isn't on", "it isn't on", "it's not on", "is not on", "no light", "no light at all", "not lit", "unlit", "dark", "no lights", "it's dark", "there is no light", "there's no light"),
    ("blinking", "flashing", "it keeps blinking", "it keeps flashing", "on and off"),
    ("damaged", "broken", "defective", "faulty", "smashed", "in pieces"),
    ("refund", "money back", "my money back", "get my money back"),
    ("replacement", "exchange", "a new one", "swap"),
    ("couple", "pair"),
    ("delivery", "delivered", "deliver it", "have it delivered", "bring it to me"),
    ("pickup", "pick up", "pick it up", "collect it", "collection", "i'll come and get it", "to go", "takeaway", "take out"),
    ("morning", "in the morning", "mornings", "before noon", "early in the day"),
    ("afternoon", "in the afternoon", "afternoons", "after lunch"),
    ("evening", "in the evening", "evenings", "at night", "after work"),
    ("vegetarian", "veggie", "meatless"),
    ("mobile", "cell phone", "cellphone", "mobile phone", "cell"),
    ("lost", "missing", "can't find"),
    ("stolen", "was stolen", "robbed", "somebody took it"),
    ("monthly", "every month", "once a month", "per month", "month to month"),
    ("yearly", "annual", "annually", "every year", "once a year", "per year"),
    ("weekly", "every week", "once a week", "per week"),
    ("daily", "every day", "each day", "per day"),
    ("window", "by the window", "window seat"),
    ("aisle", "on the aisle", "aisle seat"),
    ("automatic", "automatic transmission"),
    ("manual", "stick shift", "stick"),
    ("email", "e mail", "by email"),
    ("text", "text message", "sms", "by text"),
    ("apartment", "flat"),
    ("movie", "film"),
    ("wifi", "wi fi", "wireless"),
)  # fmt: skip
_ANYWHERE = frozenset(
    """inexpensive affordable pricey upscale upmarket costly posh downtown midrange roundtrip defective faulty flashing""".split()
) | {"low cost", "low priced", "moderately priced", "mid range", "reasonably priced", "high end", "city centre", "city center", "town centre", "town center", "on a budget"}  # fmt: skip
"""Those that mean nothing else, so that they count though nobody asked."""


def _by_word() -> Mapping[str, tuple[str, ...]]:
    return {phrase: group for group in _GROUPS for phrase in group}


_GROUP_OF = _by_word()


def worded(values: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    """The values of a slot with all ways to say them: those of the flow, and words for the same thing."""
    own = {label: tuple(others) for label, others in values.items()}
    taken = {_plain(phrase) for label, others in own.items() for phrase in (label, *others)}
    groups: dict[str, list[tuple[str, ...]]] = {
        label: _groups(label, others) for label, others in own.items()
    }
    everywhere = [group for several in groups.values() for group in several]
    return {label: (*others, *_more(groups[label], everywhere, taken)) for label, others in own.items()}


def _groups(label: str, others: Iterable[str]) -> list[tuple[str, ...]]:
    found = (_GROUP_OF.get(_plain(phrase)) for phrase in (label, *others))
    return list(dict.fromkeys(group for group in found if group is not None))


def _more(
    groups: Iterable[tuple[str, ...]], everywhere: list[tuple[str, ...]], taken: set[str]
) -> Iterator[str]:
    """Nothing of a group that two values have: `pick up` is neither of `collection` and `take out`."""
    for group in groups:
        if everywhere.count(group) == 1:
            yield from (phrase for phrase in group if phrase not in taken)


def _plain(phrase: str) -> str:
    return words_of(phrase).text()


def worded_anywhere(values: Mapping[str, Iterable[str]], shared: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Words for the same thing that count though nobody asked, and the value; of no value that other slots have too."""
    own = {label: tuple(others) for label, others in values.items()}
    for label, phrases in worded(own).items():
        if shared.isdisjoint(_plain(phrase) for phrase in (label, *own[label])):
            yield from ((phrase, label) for phrase in phrases[len(own[label]) :] if phrase in _ANYWHERE)
