"""English as it is spoken: numbers, dates and spelled letters, into words and out of them.

Words are lower case without punctuation, but for `say_*`, whose commas are short pauses for a synthesizer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS = tuple(
    "january february march april may june july august september october november december".split()
)
_ONES = ("", *DIGITS[1:])
TEENS = tuple(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINAL_ONES = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
)  # fmt: skip
_ORDINAL_TEENS = (
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
)  # fmt: skip


def _cardinal(n: int) -> str:
    """0 to 99."""
    if n < 10:
        return DIGITS[n]
    return TEENS[n - 10] if n < 20 else f"{TENS[n // 10 - 2]} {_ONES[n % 10]}".strip()


def _ordinal(n: int) -> str:
    """1 to 31."""
    if n < 20:
        return _ORDINAL_ONES[n] if n < 10 else _ORDINAL_TEENS[n - 10]
    if n % 10 == 0:
        return {20: "twentieth", 30: "thirtieth"}[n]
    return f"{TENS[n // 10 - 2]} {_ORDINAL_ONES[n % 10]}"


ORDINALS = tuple(_ordinal(n) for n in range(1, 32))
"""`ORDINALS[0]` is the first of the month."""


def _years_said(year: int) -> tuple[str, ...]:
    century, rest = divmod(year, 100)
    if year < 2000:
        low = f"oh {_ONES[rest]}" if 0 < rest < 10 else _cardinal(rest) if rest else "hundred"
        return (f"{_cardinal(century)} {low}",)
    if rest == 0:
        return ("two thousand",)
    plain = (f"two thousand {_cardinal(rest)}", f"two thousand and {_cardinal(rest)}")
    return (f"twenty {_cardinal(rest)}", *plain) if rest >= 10 else (*plain, f"twenty oh {_ONES[rest]}")


YEARS = {words: year for year in range(1900, 2030) for words in _years_said(year)}
"""Each way to say a year, and the year."""

CODE_WORDS = {
    "a": ("alpha", "apple"), "b": ("bravo", "boy"), "c": ("charlie", "cat"), "d": ("delta", "david"),
    "e": ("echo", "edward"), "f": ("foxtrot", "frank"), "g": ("golf", "george"), "h": ("hotel", "henry"),
    "i": ("india", "ink"), "j": ("juliet", "john"), "k": ("kilo", "king"), "l": ("lima", "love"),
    "m": ("mike", "mary"), "n": ("november", "nancy"), "o": ("oscar", "ocean"), "p": ("papa", "peter"),
    "q": ("quebec", "queen"), "r": ("romeo", "robert"), "s": ("sierra", "sam"), "t": ("tango", "tom"),
    "u": ("uniform", "uncle"), "v": ("victor", "victory"), "w": ("whiskey", "william"),
    "x": ("x-ray", "xylophone"), "y": ("yankee", "yellow"), "z": ("zulu", "zebra"),
}  # fmt: skip
"""Letter → words that stand for it, the one that is said first."""


def say_date(day: date, *, day_first: bool = False) -> str:
    month, nth, year = MONTHS[day.month - 1].capitalize(), _ordinal(day.day), _years_said(day.year)[0]
    return f"the {nth} of {month}, {year}" if day_first else f"{month} {nth}, {year}"


def say_digits(digits: str) -> str:
    """Three, three and four, or groups of three."""
    sizes = (3, 3, 4) if len(digits) == 10 else (3,) * (len(digits) // 3 + 1)
    groups, at = [], 0
    for size in sizes:
        groups.append(" ".join(DIGITS[int(d)] for d in digits[at : at + size]))
        at += size
    return ", ".join(group for group in groups if group)


def say_spelled(word: str) -> str:
    letters = [letter for letter in word.lower() if letter in CODE_WORDS]
    return ", ".join(f"{letter.upper()} as in {CODE_WORDS[letter][0]}" for letter in letters)


def list_in_words(items: Sequence[str]) -> str:
    return " and ".join(items)


# --- out of words ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateHeard:
    """The parts of a date that were heard. None: not heard."""

    month: int | None = None
    day: int | None = None
    year: int | None = None

    @property
    def whole(self) -> bool:
        return None not in (self.month, self.day, self.year)


def plain_words(text: str) -> tuple[str, ...]:
    """Lower-case words; figures become words ("3rd" third, "1980" nineteen eighty, "555" five five five)."""
    words: list[str] = []
    for token in re.findall(r"[a-z]+(?:'[a-z]+)*|\d+(?:st|nd|rd|th)?", text.lower().replace("’", "'")):
        if not token[0].isdigit():
            words.append(token)
        elif token[-1].isalpha():
            words.extend(_ordinal(int(token[:-2])).split() if 0 < int(token[:-2]) < 32 else [token])
        elif len(token) == 4 and token[:2] in ("19", "20"):
            words.extend(_years_said(int(token))[0].split())
        else:
            words.extend(DIGITS[int(digit)] for digit in token)
    return tuple(words)


_ORDINAL_AT = {words: n for n, words in enumerate(ORDINALS, start=1)}


def longest_at(words: Sequence[str], at: int, known: dict[str, int], most: int) -> tuple[int, int] | None:
    """The longest phrase of `known` that begins at `at`: its value, and how many words it takes."""
    for size in range(min(most, len(words) - at), 0, -1):
        value = known.get(" ".join(words[at : at + size]))
        if value is not None:
            return value, size
    return None


def find_date(words: Sequence[str]) -> DateHeard:
    """The last date in `words`, as far as it was said."""
    month = day = year = None
    at = 0
    while at < len(words):
        taken = 1
        if found := longest_at(words, at, YEARS, 4):
            year, taken = found
        elif nth := longest_at(words, at, _ORDINAL_AT, 2):
            day, taken = nth
        elif words[at] in MONTHS and not _is_verb(words, at):
            month = MONTHS.index(words[at]) + 1
        at += taken
    return DateHeard(month, day, year)


def _is_verb(words: Sequence[str], at: int) -> bool:
    """ "May we", "may I": not the month."""
    return words[at] == "may" and at + 1 < len(words) and words[at + 1] in ("i", "we", "be", "have")


def find_digits(words: Sequence[str], least: int = 3) -> str:
    """The longest run of digits in `words`, "" where none has `least`."""
    runs, run = [""], ""
    times = 1
    for word in (*words, "."):
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
            continue
        digit = "0" if word == "oh" else str(DIGITS.index(word)) if word in DIGITS else ""
        if digit:
            run += digit * times
        else:
            runs.append(run)
            run = ""
        times = 1
    best = max(runs, key=len)
    return best if len(best) >= least else ""


_LETTER_OF_WORD = {word: letter for letter, said in CODE_WORDS.items() for word in said}


SPELLING_WORDS = frozenset(_LETTER_OF_WORD)
"""What stands for a letter."""


def find_spelled(words: Sequence[str]) -> str:
    """Letters spelled out, with words ("k as in kilo") or, three at least, without. "" where none."""
    coded = "".join(
        _LETTER_OF_WORD.get(word, word[0]) for *as_in, word in zip(words, words[1:], words[2:], strict=False)
        if as_in == ["as", "in"]
    )  # fmt: skip
    bare = re.findall(r"(?:\b\w )+", " ".join(words) + " ")
    longest = max((run.replace(" ", "") for run in bare), key=len, default="")
    return coded or (longest if len(longest) >= 3 else "")
