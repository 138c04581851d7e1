"""How values are said in English, so that a caller can hold them in mind and a voice can read them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from flows.slot import Slot, SlotType
from reasoner.types import Value

_SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_ONES = _SMALL.split()
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINAL_ENDS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_CALENDAR = "January February March April May June July August September October November December"
_MONTHS = _CALENDAR.split()
_ALPHABET = """
    alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec
    romeo sierra tango uniform victor whiskey x-ray yankee zulu
"""
_LETTER_WORDS = dict(zip("abcdefghijklmnopqrstuvwxyz", _ALPHABET.split(), strict=True))
_SIZES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_SINGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "inches": "inch",
}
_SMALL_COINS = {"dollar": "cents", "euro": "cents", "pound": "pence"}
_DAYTIMES = (
    (5, "at night"),
    (12, "in the morning"),
    (18, "in the afternoon"),
    (22, "in the evening"),
    (24, "at night"),
)
_SIGNS = {"@": "at", ".": "dot", "_": "underscore", "-": "dash", "+": "plus"}
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def value(slot: Slot, given: Value) -> str:
    """A value in words. One that is not of its slot's kind is said as it is written."""
    match given:
        case bool():
            yes, no = slot.yes or "yes", slot.no or "no"
            return yes if given else no
        case tuple():
            items = [_item(slot, label) for label in given]
            return listed(items, "and") if given else slot.none or f"no {slot.label}"
        case int() | float():
            return money(given, slot.unit) if slot.type is SlotType.MONEY else counted(given, slot.unit)
        case Mapping():
            return listed(
                [f"{name.replace('_', ' ')} {_field(field)}" for name, field in given.items()], "and"
            )
        case str():
            return _text(slot, given)


def _text(slot: Slot, given: str) -> str:
    if given == slot.no_preference:
        return _label(slot, given)
    match slot.type:
        case SlotType.DATE:
            return day(given)
        case SlotType.TIME:
            return time(given)
        case SlotType.PHONE | SlotType.DIGITS:
            return digits(given)
        case SlotType.ID:
            return code(given)
        case SlotType.EMAIL:
            return email(given)
        case _:
            return given


def _item(slot: Slot, label: str) -> str:
    """One of a list. What an action gives need not be made for speaking: `14:30`, `2026-11-24`."""
    if label not in slot.values and _TIME.fullmatch(label):
        return time(label)
    if label not in slot.values and _DAY.fullmatch(label):
        return day(label)
    return _label(slot, label)


def _label(slot: Slot, label: str) -> str:
    """A value by its name; that a caller does not mind is said as such, whatever the flow calls it."""
    return "no preference" if label and label == slot.no_preference and label not in slot.values else label


def _field(given: object) -> str:
    """A field of a record, which is any JSON."""
    match given:
        case bool():
            return "yes" if given else "no"
        case tuple() | list():
            return listed([_field(item) for item in given], "and") or "none"
        case Mapping():
            return listed([f"{name} {_field(field)}" for name, field in given.items()], "and") or "none"
        case int() | float():
            return amount(given)
        case _:
            return str(given)


def listed(words: Sequence[str], joined: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joined} {words[-1]}"


def number(n: int) -> str:
    """A whole number in words: `twenty one`, `one thousand two hundred five`."""
    if n < 0:
        return f"minus {number(-n)}"
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10] + (f" {_ONES[n % 10]}" if n % 10 else "")
    for size, name in _SIZES:
        if n >= size:
            rest = f" {number(n % size)}" if n % size else ""
            return f"{number(n // size)} {name}{rest}" if n // size < 1000 else str(n)
    return str(n)


def amount(n: float) -> str:
    """A number with its decimals: `three point five`."""
    if n == int(n):
        return number(int(n))
    whole, _, decimals = f"{abs(n):.6f}".rstrip("0").partition(".")
    said = f"{number(int(whole))} point {' '.join(_ONES[int(figure)] for figure in decimals)}"
    return f"minus {said}" if n < 0 else said


def counted(n: float, unit: str) -> str:
    """`four people`, `one night`."""
    words = amount(n)
    if not unit:
        return words
    one = _SINGULAR.get(unit) or (unit.removesuffix("s") if not unit.endswith("ss") else unit)
    return f"{words} {one if n == 1 else unit}"


def money(n: float, unit: str) -> str:
    """`twenty dollars and fifty cents`; without a unit the number alone."""
    if not unit:
        return amount(n)
    hundredths = round(abs(n) * 100)
    main, rest = divmod(hundredths, 100)
    small = _SMALL_COINS.get(unit.removesuffix("s"))
    if small is None or n < 0:
        return counted(n, unit)
    cents = counted(rest, small) if rest else ""
    if not main and rest:
        return cents
    return f"{counted(main, unit)} and {cents}" if cents else counted(main, unit)


def time(hh_mm: str) -> str:
    """`19:30` → `seven thirty in the evening`. What is no time is said as it stands."""
    if not _TIME.fullmatch(hh_mm):
        return hh_mm
    hour, minute = int(hh_mm[:2]), int(hh_mm[3:])
    if not minute and hour in (0, 12):
        return "noon" if hour else "midnight"
    minutes = "" if not minute else f" oh {_ONES[minute]}" if minute < 10 else f" {number(minute)}"
    half = next(name for until, name in _DAYTIMES if hour < until)
    return f"{number(hour % 12 or 12)}{minutes} {half}"


def email(address: str) -> str:
    """`j_doe@example.com` → `j underscore doe at example dot com`."""
    return " ".join(_SIGNS.get(part, part) for part in re.split(r"([@._+\-])", address) if part)


def code(text: str) -> str:
    """Letters as they are, figures in words, in groups that a listener can hold: `AB12` → `A B one two`."""
    return digits(text)


def ordinal(n: int) -> str:
    """1 to 99: `first`, `twenty second`."""
    *tens, last = number(n).split()
    last = _ORDINAL_ENDS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join([*tens, last])


def year(n: int) -> str:
    """As years are said: `nineteen eighty`, `two thousand five`, `nineteen oh five`, `twenty twelve`."""
    century, rest = divmod(n, 100)
    if century % 10 == 0 and rest < 10:
        return f"{_ONES[century // 10]} thousand" + (f" {_ONES[rest]}" if rest else "")
    if rest == 0:
        return f"{number(century)} hundred"
    return f"{number(century)} {'oh ' if rest < 10 else ''}{number(rest)}"


def day(iso: str) -> str:
    """`1980-03-03` → `March third, nineteen eighty`. What is no ISO date is said as it stands."""
    try:
        when = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{_MONTHS[when.month - 1]} {ordinal(when.day)}, {year(when.year)}"


def digits(text: str) -> str:
    """Digit by digit, in groups that a listener can hold: `5551234567` → 3, 3 and 4."""
    said = [_ONES[int(ch)] if ch.isascii() and ch.isdigit() else ch for ch in text if not ch.isspace()]
    return ", ".join(" ".join(said[start:end]) for start, end in _groups(len(said)))


def _groups(count: int) -> list[tuple[int, int]]:
    """The last four together where that comes out even, threes before them, the odd ones first."""
    if count <= 4:
        return [(0, count)]
    ends = [count, count - 4]
    while ends[-1] > 0:
        ends.append(max(0, ends[-1] - 3))
    ends.reverse()
    return list(pairwise(ends))


def spell(letters: str) -> str:
    """`ko` → `K as in kilo, O as in oscar`."""
    said = []
    for letter in letters:
        if letter.isspace():
            said.append("new word")
        elif letter.lower() in _LETTER_WORDS:
            said.append(f"{letter.upper()} as in {_LETTER_WORDS[letter.lower()]}")
        else:
            said.append({"-": "hyphen", "'": "apostrophe"}.get(letter, letter.upper()))
    return ", ".join(said)
