"""How callers say in English that they do not mind, and which of several that were offered they want."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reasoner.understand.forms import Form, Rules, either, maybe, seq, unspoken
from reasoner.understand.phrases import phrases, said
from reasoner.understand.words import Words

_SPOKEN = (
    "any",
    "it doesn't matter",
    "i don't care",
    "no preference",
    "i don't mind",
    "anything",
    "whatever",
    "either",
)
_READ = (
    "doesn't matter", "it does not matter", "does not matter", "that doesn't matter", "doesn't really matter",
    "it doesn't really matter", "i do not care", "don't care", "dont care", "i dont care",
    "i don't really care", "do not care", "i couldn't care less",
    "i have no preference", "i don't have a preference", "i have no preferences",
    "i don't have any preference", "i do not have a preference",
    "i don't have a particular preference", "no particular preference", "no specific preference",
    "i have no particular preference",
    "i have no specific preference", "i don't have a specific preference", "no preferences", "not particular",
    "i'm not particular",
    "not picky", "i'm not picky", "i am not picky", "i'm not fussy", "not fussy", "i'm easy", "i'm flexible",
    "i am flexible", "flexible",
    "i'm open", "i am open", "i'm open to anything", "i am open to anything", "open to anything",
    "open to suggestions", "i'm open to suggestions",
    "any is fine", "any will do", "any would do", "any one", "any one of them", "any of them", "any of those",
    "any of these", "anyone is fine",
    "any one will do", "any of them will do", "any of them is fine", "any of them would be fine",
    "any would be fine", "any works",
    "anything is fine", "anything will do", "anything works", "anything goes", "anything is okay",
    "anything is good", "anything you have",
    "anything would be fine", "whatever is fine", "whatever you have", "whatever you like",
    "whatever you think", "whatever works", "whatever is available",
    "whatever you recommend", "whatever is easiest", "whatever is best", "whichever", "whichever is fine",
    "whichever you like", "whichever works", "whichever is available", "whichever one",
    "either one", "either is fine", "either one is fine", "either will do", "either works", "either way",
    "both are fine", "both is fine", "all of them are fine",
    "it's all the same", "it's all the same to me", "all the same to me", "it makes no difference",
    "makes no difference", "makes no difference to me", "it's up to you", "up to you",
    "you choose", "you decide", "you pick", "your choice", "you can choose", "you can decide", "surprise me",
    "pick one", "pick one for me", "just pick one",
    "choose for me", "choose one for me", "i don't mind at all", "don't mind", "i do not mind",
    "i don't really mind", "not important", "it's not important", "that's not important",
    "it is not important", "no matter", "doesn't matter to me", "it doesn't matter to me",
    "not really important", "i'm not bothered", "not bothered", "not fussed",
    "anywhere", "anywhere is fine", "wherever", "wherever is fine", "wherever you like", "whenever", "whenever is fine", "whenever you like", "anytime", "any time", "any time is fine", "anytime is fine", "any day",
    "any day is fine", "any kind", "any type", "any kind is fine", "any type is fine",
    "no i don't care", "no i don't mind", "no it doesn't matter", "no preference really", "no no preference",
    "no i have no preference", "no i don't have a preference", "no i don't have any preference",
    "not really no preference", "i have no real preference", "nothing in particular", "nothing particular",
    "nothing specific", "no specific one", "not in particular", "none in particular",
    "don't have a preference", "do not have a preference", "don't have any preference", "i really don't care",
    "i really don't mind", "it really doesn't matter", "that does not matter",
    "anything at all", "any at all", "dealer's choice", "as you like", "as you wish",
    "i'm happy with anything", "i'm happy with any", "i'm fine with anything", "i'm fine with any",
    "i'm okay with anything", "i'm ok with anything",
)  # fmt: skip

_TAIL = maybe(unspoken(said("really", "at all", "to me", "for me", "honestly", "either", "is fine", "is okay", "is good", "works", "thanks", "thank you", "will do", "would do")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _NotAny:
    """A form, unless what follows says which: `anything that serves noodles`, `anything but fish`."""

    inner: Form[str]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, str]]:
        for end, value in self.inner.read(words, at):
            which = words.folded[end : end + 2]
            if which[:1] not in _TELLS_WHICH or which[1:] in _TELLS_NOTHING:
                yield end, value

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)


_TELLS_WHICH = frozenset(
    (word,)
    for word in "that which who serving serves like but except besides with other else similar".split()
)
_TELLS_NOTHING = frozenset((word,) for word in "works is you fits suits goes".split())
_INDIFFERENT: Form[str] = seq(
    phrases({words: words for words in _SPOKEN}, {words: words for words in _READ}),
    _TAIL,
    make=lambda words, _: words,
)
INDIFFERENT_WORDS: Form[str] = _NotAny(_INDIFFERENT, _INDIFFERENT.starts)
"""The caller does not mind."""


_ANY_OF = said(
    "any",
    "any kind of",
    "any type of",
    "any sort of",
    "whatever",
    "no particular",
    "no specific",
    "no preferred",
)
_NO_MATTER = phrases(
    {},
    {
        words: words
        for words in (
            "doesn't matter", "it doesn't matter", "does not matter", "is not important", "isn't important",
            "i don't care about",
            "i do not care about", "don't care about", "i don't care", "i don't mind", "no preference on",
            "no preference for",
            "no preference about", "no preference as to", "i have no preference on",
            "i have no preference for", "don't matter",
            "i don't have a preference for", "i don't have a preference on", "i have no preference as to",
            "not picky about",
            "i'm not picky about", "flexible on", "i'm flexible on", "i'm flexible about", "regardless of",
            "irrespective of", "doesn't matter what",
            "it doesn't matter what", "doesn't matter which", "it doesn't matter which", "i don't care what",
            "i don't care which",
            "i don't mind what", "i don't mind which", "can be any", "can be anything", "can be anywhere",
            "not important", "does not matter to me", "doesn't matter to me",
        )
    },
)  # fmt: skip
_THE = maybe(said("the", "my", "a"))


def indifferent_to(names: Iterable[str]) -> Form[str]:
    """The same, said of what these are names of: `any area`, `the price range doesn't matter`."""
    called = list(dict.fromkeys(form for name in names for form in (name, name.removesuffix("s"))))
    name = said(*called)
    return either(
        seq(_ANY_OF, name, make=lambda *_: "any"),
        seq(_NO_MATTER, _THE, name, make=lambda *_: "any"),
        seq(_THE, name, _NO_MATTER, make=lambda *_: "any"),
    )


_NTH = {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "fifth": 4,
    "last": -1,
    "1st": 0,
    "2nd": 1,
    "3rd": 2,
    "4th": 3,
    "5th": 4,
    "former": 0,
    "latter": -1,
}
_CARDINAL = {
    "one": 0,
    "two": 1,
    "three": 2,
    "four": 3,
    "five": 4,
    "a": 0,
    "b": 1,
    "c": 2,
    "d": 3,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
}

ORDINALS: Form[int] = phrases(
    {},
    {f"{lead}{word}{tail}": n for word, n in _NTH.items() for lead in ("the ", "") for tail in (" one", " option", " choice", "", " of those", " of these")}
    | {f"{lead} {word}": n for word, n in _CARDINAL.items() for lead in ("option", "number", "choice")},
)  # fmt: skip
"""Which of those that were offered: from 0 on, and -1 for the last."""

_WHETHER = re.compile(
    r"(?:^|[.!?,;:]\s+)(?:and\s+)?(?:do|does|did|have|has|is|are|was|would|will|can|any|anything)\b[^?]*\?\s*$",
    re.IGNORECASE,
)
_OF_WISHES = re.compile(
    r"\b(?:preferences?|prefer|in mind|particular|specific|certain|special|matters?)\b",
    re.IGNORECASE,
)


def asks_whether(asked: str) -> bool:
    """Whether the question is one for a yes or no, whatever values it lists."""
    return _WHETHER.search(asked) is not None and " or " not in asked.casefold()


def asks_for_a_wish(asked: str) -> bool:
    """Whether the question is if there is a wish at all, `do you have a price range in mind`: a no is none."""
    return asks_whether(asked) and _OF_WISHES.search(asked) is not None
