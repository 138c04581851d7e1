"""English numbers as words: the stock that dates and phones are made of."""

from __future__ import annotations

from collections.abc import Iterable

ONES = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}
ZEROS = {"zero": 0, "oh": 0}
TEENS = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_FIRSTS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_TEENTHS = (
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
)

CARDINALS = {
    **ONES,
    **TEENS,
    **{f"{ten} {one}".strip(): t + o for ten, t in TENS.items() for one, o in {"": 0, **ONES}.items()},
}
"""1 to 99."""

ORDINALS = {
    **{word: n for n, word in enumerate((*_FIRSTS, *_TEENTHS), start=1)},
    **{f"twenty {word}": 20 + n for n, word in enumerate(_FIRSTS[:9], start=1)},
    "thirtieth": 30,
    "thirty first": 31,
}
"""The days of a month."""


def in_words(figures: str) -> str:
    """`19` is nineteen; longer figures are said one by one."""
    number = int(figures)
    if len(figures) <= 2 and number > 0:
        return next(words for words, n in CARDINALS.items() if n == number)
    names = {n: word for word, n in {**ONES, "zero": 0}.items()}
    return " ".join(names[int(figure)] for figure in figures)


def in_figures(words: Iterable[str]) -> str:
    """`four star` is typed `4 star`."""
    return " ".join(str(CARDINALS.get(word, word)) for word in words)


FIGURE_SOUNDS = {
    word: figure
    for figure, words in {
        "zero": "hero sero xero nil",
        "oh": "owe",
        "one": "won wan wun",
        "two": "to too tue",
        "three": "tree free thee",
        "four": "for fore fourth",
        "five": "fife hive",
        "six": "sex sicks sick sics",
        "seven": "heaven",
        "eight": "ate aid hate",
        "nine": "niner nein mine",
    }.items()
    for word in words.split()
}
"""Words that are heard for figures, since they sound like them."""
