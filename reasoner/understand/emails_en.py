"""How an e-mail address is said in English: `jane dot doe at example dot com`, or typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.understand.choices_en import EMPTY_WORDS
from reasoner.understand.forms import ANY, Form, Rules, best, either, many, maybe, rule, seq
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS
from reasoner.understand.phrases import phrases, said
from reasoner.understand.spelling_en import LETTER, LETTER_WITH_WORD
from reasoner.understand.words import ADDRESS, FIGURES, Words

_MOST_WORDS = 24  # on each side of the `at`, of an address that is spelled
_WHOLE = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")

_SIGNS = {
    "dot": ".", "period": ".", "point": ".", "underscore": "_", "under score": "_", "dash": "-", "hyphen": "-",
    "minus": "-", "plus": "+", "plus sign": "+",
}  # fmt: skip
_SPOKEN_SIGNS = ("dot", "underscore", "dash", "hyphen", "plus")
_SIGN: Form[str] = phrases({word: _SIGNS[word] for word in _SPOKEN_SIGNS}, _SIGNS)
_AT = said("at", readable=("at sign", "at symbol"))
_TIMES: Form[int] = phrases({"double": 2, "triple": 3})
_FIGURE: Form[str] = rule("figure", phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}))
_NUMBER: Form[str] = phrases({words: str(n) for words, n in CARDINALS.items()} | {"zero": "0"})
_LETTER: Form[str] = seq(maybe(_TIMES, 1), LETTER_WITH_WORD, make=lambda times, letter: letter * times)
_PROVIDERS = (
    "gmail",
    "yahoo",
    "hotmail",
    "outlook",
    "icloud",
    "aol",
    "live",
    "comcast",
    "verizon",
    "example",
    "mail",
)
_SPLIT_PROVIDERS = {"g mail": "gmail", "i cloud": "icloud", "a o l": "aol", "hot mail": "hotmail", "out look": "outlook", "googlemail": "googlemail", "google mail": "googlemail", "proton mail": "protonmail", "m s n": "msn"}  # fmt: skip
_ENDINGS = ("com", "net", "org", "edu", "gov", "info")
_LOCAL_STOPS = EMPTY_WORDS - {"a", "i", "will"} | {"email", "mail", "address", "e", "actually", "okay", "is", "send", "use", "yes", "no", "sure", "please"} - {"e"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """An address of words, signs and letters: any word may be part of a name."""

    starts: frozenset[str] = frozenset({ANY})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, str]]:
        if words.keys[at] == ADDRESS:
            if _WHOLE.fullmatch(words.folded[at]):
                yield at + 1, words.folded[at]
            return
        local, place = _part(words, at, _LOCAL_STOPS)
        if not local or (found := best(_AT, words, place)) is None:
            return
        domain, end = _part(words, found[0], frozenset())
        address = f"{local}@{domain}"
        if _WHOLE.fullmatch(address) and local[0] not in ".-_" and local[-1] != ".":
            yield end, address

    def jsgf(self, rules: Rules) -> str:
        return _SPOKEN.jsgf(rules)


def _part(words: Words, at: int, stops: frozenset[str]) -> tuple[str, int]:
    """What is before or behind the `at`, and where it ends. Behind it, words end with the first after a dot."""
    text, begun = "", at
    while at < len(words) and at - begun < _MOST_WORDS:
        if stops and best(_AT, words, at) is not None:
            break
        if not stops and _is_whole(text, words, at):
            break
        found = _piece(words, at)
        if found is None or (
            words.folded[at] in stops
            and found[0] == at + 1
            and len(found[1]) > 1
            and text[-1:] not in _WRITTEN_SIGNS
        ):
            return (text, at) if not stops else ("", at)
        at, piece = found
        text += piece
    return text.rstrip("."), at


def _is_whole(domain: str, words: Words, at: int) -> bool:
    """`example.com` is; what follows is part of it only behind another dot, or as letters of `co.uk`."""
    _, dot, ending = domain.rpartition(".")
    return bool(dot) and len(ending) > 1 and _SIGNS.get(words.folded[at]) is None


def _piece(words: Words, at: int) -> tuple[int, str] | None:
    for form in (_ASIDE, _SPLIT, _SIGN, _LETTER, _NUMBER):
        if (found := best(form, words, at)) is not None:
            return found
    word = words.folded[at]
    if words.keys[at] == FIGURES:
        return (at + 1, word) if word.isascii() and word.isdecimal() else None
    kept = word.replace("'", "")
    return (at + 1, kept) if kept.isascii() and kept.isalnum() else None


_ASIDE: Form[str] = phrases(
    {},
    dict.fromkeys(
        (
            "all lower case", "all lowercase", "lower case", "lowercase", "in lower case", "all in lower case", "all small letters",
            "one word", "all one word", "that's one word", "no spaces", "without spaces", "no space",
        ),
        "",
    ),
)  # fmt: skip
"""How the rest is written, and no part of it."""
_WRITTEN_SIGNS = ("-", "_", ".", "+")
_SPLIT: Form[str] = phrases({}, _SPLIT_PROVIDERS)
_SPOKEN: Form[object] = seq(
    rule("address_part", many(either(LETTER, _FIGURE, _SIGN), _MOST_WORDS)),
    said("at"),
    said(*_PROVIDERS),
    said("dot"),
    said(*_ENDINGS),
    make=lambda *parts: parts,
)
EMAIL: Form[str] = Address()
