"""How a caller says a value: words as a recogniser would write them, lower case, one of several ways each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from flows.slot import Slot, SlotType
from orchestrator.simulate.people import fold
from reasoner.types import Value

DIGITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
ALPHABET = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec "
    "romeo sierra tango uniform victor whiskey xray yankee zulu"
).split()
EVERYDAY = (
    "apple boy cat david edward frank george harry igloo john kite larry mary nancy orange peter queen robert "
    "sam tom umbrella victor william xray yellow zebra"
).split()


def cardinal(number: int) -> str:
    """Words for a whole number below a thousand million."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number < 20:
        return (DIGITS + TEENS)[number]
    if number < 100:
        return TENS[number // 10] + (f" {DIGITS[number % 10]}" if number % 10 else "")
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            return f"{cardinal(number // size)} {name}{rest}"
    raise AssertionError(number)


def ordinal(number: int) -> str:
    """Words for the days of a month."""
    if number <= 20:
        return ORDINALS[number]
    return (
        f"{TENS[number // 10]} {ORDINALS[number % 10]}" if number % 10 else TENS[number // 10][:-1] + "ieth"
    )


def year(number: int, rng: random.Random) -> str:
    """One of the ways to say it: nineteen eighty two, twenty ten, two thousand five."""
    century, rest = divmod(number, 100)
    if number == 2000 or 2000 < number < 2010:
        return "two thousand" + (f"{rng.choice((' ', ' and '))}{cardinal(rest)}" if rest else "")
    if rest < 10:
        return f"{cardinal(century)} {'oh ' + DIGITS[rest] if rest else 'hundred'}"
    if century == 20 and rng.random() < 0.3:
        return f"two thousand {rng.choice(('', 'and '))}{cardinal(rest)}"
    return f"{cardinal(century)} {cardinal(rest)}"


def say_digits(digits: str, rng: random.Random, groups: tuple[int, ...] = ()) -> str:
    """One by one, with `oh` for zero or `double five` where the caller talks like that."""
    zero = rng.choice(("zero", "zero", "oh"))
    doubles = rng.random() < 0.12
    parts, at = [], 0
    for size in groups or (len(digits),):
        parts.append(_one_by_one(digits[at : at + size], zero, doubles))
        at += size
    return " ".join(parts)


def _one_by_one(digits: str, zero: str, doubles: bool) -> str:
    words, at = [], 0
    while at < len(digits):
        word = zero if digits[at] == "0" else DIGITS[int(digits[at])]
        if doubles and digits[at : at + 2] == digits[at] * 2:
            words.append(f"double {word}")
            at += 2
        else:
            words.append(word)
            at += 1
    return " ".join(words)


def spell(text: str, rng: random.Random, with_words: bool | None = None) -> str:
    """Letter by letter: k o w, or k as in kilo, o for orange. Digits as words."""
    if with_words is None:
        with_words = rng.random() < 0.3
    said = []
    for char in fold(text):
        if char.isdigit():
            said.append(DIGITS[int(char)])
        elif char.isalpha() and char.isascii():
            said.append(_letter(char, rng) if with_words else char)
        elif char in "'’":
            said.append(rng.choice(("apostrophe", "")))
    return " ".join(word for word in said if word)


def _letter(char: str, rng: random.Random) -> str:
    word = rng.choice((ALPHABET, EVERYDAY))[ord(char) - ord("a")]
    return f"{char} {rng.choice(('as in', 'as in', 'for', 'like'))} {word}"


def say_date(iso: str, rng: random.Random, today: str = "", figures: bool = False) -> str:
    """A date. One within the next week may be said as `tomorrow` or `this friday`, if `today` is known."""
    day = date.fromisoformat(iso)
    month = MONTHS[day.month - 1]
    ahead = (day - date.fromisoformat(today)).days if today else -1
    if 0 <= ahead <= 6 and rng.random() < 0.5:
        named = {0: "today", 1: "tomorrow", 2: "the day after tomorrow"}
        weekday = WEEKDAYS[day.weekday()]
        return named.get(ahead, rng.choice((f"this {weekday}", weekday, f"this coming {weekday}")))
    if 0 <= ahead < 300:
        return rng.choice(
            (
                f"{month} {ordinal(day.day)}",
                f"the {ordinal(day.day)} of {month}",
                f"{WEEKDAYS[day.weekday()]} {month} {ordinal(day.day)}",
                f"{WEEKDAYS[day.weekday()]} the {ordinal(day.day)} of {month}",
            )
        )
    if figures:
        return rng.choice(
            (
                f"{day.month}/{day.day}/{day.year}",
                f"{month} {day.day}, {day.year}",
                f"{month} {day.day} {day.year}",
            )
        )
    said_year = year(day.year, rng)
    short = cardinal(day.year % 100) if day.year < 2000 and day.year % 100 >= 32 else said_year
    return rng.choice(
        (
            f"{month} {ordinal(day.day)} {said_year}",
            f"{month} {ordinal(day.day)} {said_year}",
            f"{month} the {ordinal(day.day)} {said_year}",
            f"the {ordinal(day.day)} of {month} {said_year}",
            f"{ordinal(day.day)} of {month} {said_year}",
            f"{month} {cardinal(day.day)} {said_year}",
            f"{month} {ordinal(day.day)} {short}",
            f"in {said_year} {month} {ordinal(day.day)}",
        )
    )


def say_date_plainly(iso: str, rng: random.Random) -> str:
    """The whole date in the usual order."""
    day = date.fromisoformat(iso)
    return f"{MONTHS[day.month - 1]} {ordinal(day.day)} {year(day.year, rng)}"


def say_time(clock: str, rng: random.Random, figures: bool = False) -> str:
    """A time of day, mostly with its half of the day."""
    hour, minute = (int(part) for part in clock.split(":"))
    if (hour, minute) == (12, 0) and rng.random() < 0.6:
        return rng.choice(("noon", "twelve noon", "at noon"))
    half = "am" if hour < 12 else "pm"
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 17 else "in the evening"
    twelve = (hour - 1) % 12 + 1
    later = rng.choice((half, half, " ".join((half[0], "m")), part))
    if figures:
        return f"{twelve}:{minute:02d} {later}" if minute else f"{twelve} {later}"
    if minute == 0:
        return rng.choice((f"{cardinal(twelve)} {later}", f"{cardinal(twelve)} o'clock {part}"))
    if minute == 30 and rng.random() < 0.3:
        return f"half past {cardinal(twelve)} {later}"
    if minute in (15, 45) and rng.random() < 0.4:
        of = f"quarter past {cardinal(twelve)}" if minute == 15 else f"quarter to {cardinal(twelve % 12 + 1)}"
        return f"{of} {part}"
    return f"{cardinal(twelve)} {'oh ' + DIGITS[minute] if minute < 10 else cardinal(minute)} {later}"


def say_email(address: str, rng: random.Random, spelled: bool = False, figures: bool = False) -> str:
    """`maria dot lopez at gmail dot com`; its local part letter by letter where `spelled`."""
    if figures and not spelled:
        return address
    local, _, host = address.partition("@")
    marks = {".": "dot", "_": "underscore", "-": rng.choice(("dash", "hyphen"))}
    said, run = [], ""
    for char in [*local, ""]:
        if char.isalpha() and char:
            run += char
            continue
        if run:
            said.append(spell(run, rng, False) if spelled or len(run) == 1 else run)
            run = ""
        if char:
            said.append(marks.get(char) or DIGITS[int(char)])
    return f"{' '.join(said)} at {host.replace('.', ' dot ')}"


def say_money(amount: float, unit: str, rng: random.Random, figures: bool = False) -> str:
    whole, cents = int(amount), round(amount * 100) % 100
    unit = unit or "dollars"
    if figures:
        return f"${whole}.{cents:02d}" if cents else f"${whole}"
    if not cents:
        return f"{cardinal(whole)} {rng.choice((unit, unit, 'bucks' if unit == 'dollars' else unit))}"
    return rng.choice(
        (
            f"{cardinal(whole)} {unit} and {cardinal(cents)} cents",
            f"{cardinal(whole)} {unit} {cardinal(cents)}",
        )
    )


def say_name(name: str, rng: random.Random) -> str:
    return name if rng.random() < 0.5 else name.lower()


def say_list(items: tuple[str, ...], slot: Slot, rng: random.Random) -> str:
    """Each by its label or one of its other names, joined as people join them."""
    said = [rng.choice((item, item, *slot.values.get(item, ()))) for item in items]
    if len(said) == 1:
        return rng.choice((said[0], f"just {said[0]}", f"only {said[0]}"))
    return rng.choice(
        (
            f"{', '.join(said[:-1])} and {said[-1]}",
            f"{' and '.join(said)}",
            f"{', '.join(said[:-1])} and also {said[-1]}",
            f"{' '.join(said[:-1])} oh and {said[-1]}",
        )
    )


def say(slot: Slot, value: Value, rng: random.Random, *, today: str = "", figures: bool = False) -> str:
    """Words for a value of a slot, without a sentence around them. Not for yes_no, and not for an empty list.

    Args:
        today: where known, near dates may be said as seen from it.
        figures: as a recogniser that writes figures has it.
    """
    as_words: dict[SlotType, Callable[[], str]] = {
        SlotType.PERSON_NAME: lambda: say_name(str(value), rng),
        SlotType.TEXT: lambda: str(value),
        SlotType.CHOICE: lambda: rng.choice((str(value), str(value), *slot.values.get(str(value), ()))),
        SlotType.LIST: lambda: say_list(tuple(str(item) for item in _items(value)), slot, rng),
        SlotType.NUMBER: lambda: _say_number(value, figures),
        SlotType.MONEY: lambda: say_money(float(str(value)), slot.unit, rng, figures),
        SlotType.DATE: lambda: say_date(str(value), rng, today, figures),
        SlotType.TIME: lambda: say_time(str(value), rng, figures),
        SlotType.PHONE: lambda: _say_phone(str(value), rng, figures),
        SlotType.EMAIL: lambda: say_email(str(value), rng, figures=figures),
        SlotType.DIGITS: lambda: str(value) if figures else say_digits(str(value), rng),
        SlotType.ID: lambda: str(value) if figures else spell(str(value), rng),
    }
    return as_words[slot.type]()


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _say_number(value: Value, figures: bool) -> str:
    number = float(str(value))
    if figures:
        return f"{number:g}"
    whole, rest = divmod(round(number * 10), 10)
    return cardinal(whole) + (f" point {DIGITS[rest]}" if rest else "")


def _say_phone(digits: str, rng: random.Random, figures: bool) -> str:
    if figures and len(digits) == 10:
        return rng.choice(
            (f"{digits[:3]}-{digits[3:6]}-{digits[6:]}", f"({digits[:3]}) {digits[3:6]} {digits[6:]}", digits)
        )
    return digits if figures else say_digits(digits, rng, (3, 3, 4) if len(digits) == 10 else ())
