"""English words that say nothing about what is looked for, and what makes two forms of a word the same."""

from __future__ import annotations

_EMPTY = """
    a about actually ah all also am an and any anyone anything are aren't around as ask asking at be because been
    before being but by can can't come could couldn't did didn't do does doesn't doing don't each else er even ever
    for from give go goes going got had has have having hello her here hey hi him his how i i'd i'll
    i'm i've if in into is isn't it it's its just kind know let like little long look lot make many may maybe me
    mean might mine more much must my need no not now of off oh ok okay on one only or other our out over own
    please quick quickly quite really right say see she should so some someone something sort sorry still such
    sure take tell than thank thanks that that's the their them then there there's these they thing things this
    those to too uh um up us very wait want wanted was wasn't way we we're well were what what's when where where's
    which while who who's whose why will with wonder wondering would yeah yes you you're you've your yours
"""
EMPTY_WORDS = frozenset(_EMPTY.split())
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "y", "e")


def stem(word: str) -> str:
    """A word without its ending, so that `parking`, `parked` and `park` are one. Crude, and the same both ways."""
    word = word.removesuffix("'s").replace("'", "")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in _CONSONANTS:
        word = word[:-1]
    return word


_NO_SUBJECT = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million first second third
    fourth fifth sixth seventh eighth ninth tenth monday tuesday wednesday thursday friday saturday sunday january
    february march april june july august september october november december today tomorrow yesterday tonight
    morning afternoon evening weekend week o'clock dot com mm hmm uhhuh yep nope nah
    said say hang hold grab think thought believe guess suppose honest honestly perfect great nice good fine cool
    helpful remember repeat again slower louder speak speaking talk hear heard write writing skip click clicked wait
    minute moment loading never last sense cut cutting actually
"""
NOT_LOOKED_UP = frozenset(stem(word) for word in _NO_SUBJECT.split()) | frozenset(_NO_SUBJECT.split())
"""Terms that no page is about: numbers, days, and what people say about the call itself."""
ASKING = frozenset(
    """
    what what's whats how how's why why's where where's when when's which who can could does do did is are am was will
    would should if know wondering any need want trying supposed there like i'd tell help about many much explain
    happens happened whether
""".split()
)
