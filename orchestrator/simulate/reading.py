"""Numbers, dates, times and letters in the agent's words, as a caller hears them.

Written for the callers alone: none of the reasoner's reading is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from orchestrator.simulate.people import fold
from orchestrator.simulate.spoken import ALPHABET, DIGITS, EVERYDAY, MONTHS, ORDINALS, TEENS, TENS, WEEKDAYS
from orchestrator.simulate.truth import TODAY

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[@_]|(?<=\w)\.(?=\w)|(?<=\d):(?=\d)")
_UNITS = {word: at for at, word in enumerate(DIGITS + TEENS)}
_TENS = {word: at * 10 for at, word in enumerate(TENS) if word != "_"}
_SIZES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_ORDINALS = {word: at for at, word in enumerate(ORDINALS)} | {"thirtieth": 30}
_LETTER_WORDS = {word: word[0] for word in (*ALPHABET, *EVERYDAY)}
_TIMES_OVER = {"double": 2, "triple": 3}


def words(text: str) -> list[str]:
    """Lower-case words without accents; marks inside addresses, decimals and times are words of their own."""
    return [
        word.replace("'", "").replace("’", "") for word in _WORD.findall(fold(text).replace("x-ray", "xray"))
    ]


# --- numbers ------------------------------------------------------------------------------------------------


def numbers(said: Sequence[str]) -> list[float]:
    """Every number, in words or figures; `twelve dollars and fifty cents` is one."""
    found: list[float] = []
    at = 0
    while at < len(said):
        value, after = _number(said, at)
        if after == at:
            at += 1
            continue
        if said[after : after + 1] in (["point"], ["."]) and after + 1 < len(said):
            digits, after = _decimals(said, after + 1)
            value = float(f"{value:.0f}.{digits or 0}")
        cents = said[after : after + 1] == ["cents"] or (said[at - 1 : at] == ["dollars"] and value < 100)
        if found and cents:
            found[-1] += value / 100
        else:
            found.append(value)
        at = after
    return found


def _decimals(said: Sequence[str], at: int) -> tuple[str, int]:
    digits = ""
    while at < len(said) and (said[at] in _UNITS or said[at].isdigit()):
        digits += said[at] if said[at].isdigit() else str(_UNITS[said[at]])
        at += 1
    return digits, at


def _number(said: Sequence[str], at: int) -> tuple[float, int]:
    """The number that begins at a word, and the word after it; the same word where there is none."""
    if said[at].isdigit():
        return float(said[at]), at + 1
    total, part, start, last = 0.0, 0.0, at, ""
    while at < len(said):
        word = said[at]
        if word in _TENS and last in ("", "size"):
            part, last = part + _TENS[word], "ten"
        elif word in _UNITS and (last in ("", "size") or (last == "ten" and _UNITS[word] < 10)):
            part, last = part + _UNITS[word], "unit"
        elif word == "hundred" and part:
            part, last = part * 100, "size"
        elif word in _SIZES and part:
            total, part, last = total + part * _SIZES[word], 0.0, "size"
        elif word == "and" and last == "size" and at + 1 < len(said) and {said[at + 1]} & {*_TENS, *_UNITS}:
            pass
        else:
            break
        at += 1
    return (total + part, at) if last else (0.0, start)


# --- dates and times ----------------------------------------------------------------------------------------


def dates(said: Sequence[str]) -> Iterable[tuple[int, int, int | None]]:
    """Year (None where it is not said), month and day of each date."""
    near = {"today": 0, "tomorrow": 1}
    for at, word in enumerate(said):
        if word in MONTHS:
            before = _day_before(said, at)
            of = at > 0 and said[at - 1] == "of"
            day = before if of else _day(said, at + 1) or before
            if day:
                yield MONTHS.index(word) + 1, day[0], _year(said, max(day[1], at + 1))
        elif word in near:
            later = list(said[max(0, at - 2) : at]) == ["day", "after"]
            then = TODAY + timedelta(days=near[word] + later)
            yield then.month, then.day, then.year
        elif word in WEEKDAYS and not set(said) & set(MONTHS):
            then = TODAY + timedelta(days=(WEEKDAYS.index(word) - TODAY.weekday()) % 7)
            yield then.month, then.day, then.year


def _day(said: Sequence[str], at: int) -> tuple[int, int] | None:
    while at < len(said) and said[at] in ("the", "of"):
        at += 1
    if at >= len(said):
        return None
    if found := re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", said[at]):
        return int(found[1]), at + 1
    if said[at] in _TENS and at + 1 < len(said) and _small(said[at + 1]):
        return _TENS[said[at]] + _small(said[at + 1]), at + 2
    number = _ORDINALS.get(said[at], _UNITS.get(said[at], _TENS.get(said[at], 0)))
    return (number, at + 1) if 1 <= number <= 31 else None


def _small(word: str) -> int:
    number = _ORDINALS.get(word, _UNITS.get(word, 0))
    return number if number < 10 else 0


def _day_before(said: Sequence[str], at: int) -> tuple[int, int] | None:
    end = at - 1 if at and said[at - 1] == "of" else at
    for start in (end - 2, end - 1):
        if start >= 0 and (day := _day(said, start)) and day[1] == end:
            return day[0], at + 1
    return None


def _year(said: Sequence[str], at: int) -> int | None:
    while at < len(said) and said[at] in ("of", "in"):
        at += 1
    if at < len(said) and said[at].isdigit() and len(said[at]) == 4:
        return int(said[at])
    read = [word for word in said[at : at + 5] if word != "and"]
    first, after = _number(read, 0) if read else (0.0, 0)
    if not after:
        return None
    if first >= 1000:
        return int(first)
    rest = read[after:]
    if rest[:1] == ["oh"] and len(rest) > 1:
        return int(first) * 100 + _UNITS.get(rest[1], 0)
    if rest[:1] == ["hundred"]:
        return int(first) * 100
    second, more = _number(rest, 0) if rest else (0.0, 0)
    return int(first) * 100 + int(second) if more else None


def times(said: Sequence[str]) -> set[str]:
    """The times of day that a sentence can mean; both halves of the day where it does not say which."""
    text = f" {' '.join(said)} "
    later = any(f" {word} " in text for word in ("pm", "p m", "afternoon", "evening", "tonight"))
    earlier = any(f" {word} " in text for word in ("am", "a m", "morning"))
    found = set()
    for hour, minute in _clock(said):
        halves = [hour % 24] if hour > 12 else [hour % 12] * (not later) + [hour % 12 + 12] * (not earlier)
        found |= {f"{half:02d}:{minute:02d}" for half in halves}
    return found


def _clock(said: Sequence[str]) -> Iterable[tuple[int, int]]:
    at = 0
    while at < len(said):
        word = said[at]
        if word in ("noon", "midnight"):
            yield (12 if word == "noon" else 24), 0
        elif word in ("half", "quarter") and at + 2 < len(said) and said[at + 1] in ("past", "to"):
            hour, after = _number(said, at + 2)
            minutes = 30 if word == "half" else 15
            yield (int(hour), minutes) if said[at + 1] == "past" else (int(hour) - 1 or 12, 60 - minutes)
            at = after
        else:
            hour, after = _number(said, at)
            if after > at and 0 <= hour <= 24:
                minute, at = _minutes(said, after)
                yield int(hour), minute
                continue
        at += 1


def _minutes(said: Sequence[str], at: int) -> tuple[int, int]:
    if at < len(said) and said[at] == ":":
        at += 1
    if said[at : at + 1] == ["oh"] and at + 1 < len(said) and said[at + 1] in _UNITS:
        return _UNITS[said[at + 1]], at + 2
    minute, after = _number(said, at) if at < len(said) else (0.0, at)
    return (int(minute), after) if minute < 60 else (0, at)


# --- characters ---------------------------------------------------------------------------------------------


def chars(said: Sequence[str], *, letters: bool) -> list[str]:
    """Digits, and single letters where wanted: `double five`, `k as in kilo`, `kilo`."""
    out: list[str] = []
    times_over, skip = 1, 0
    for at, word in enumerate(said):
        if skip:
            skip -= 1
        elif word in _TIMES_OVER:
            times_over = _TIMES_OVER[word]
            continue
        elif word.isdigit():
            out.append(word * times_over)
        elif word == "oh" or (word in _UNITS and _UNITS[word] < 10):
            out.append(str(_UNITS.get(word, 0)) * times_over)
        elif word in _TENS or word in _UNITS:
            value, after = _number(said, at)
            out.append(f"{value:.0f}" * times_over)
            skip = after - at - 1
        elif letters and len(word) == 1 and word.isalpha():
            out.append(word * times_over)
            skip = _example(said, at + 1)
        elif letters and word in _LETTER_WORDS:
            out.append(_LETTER_WORDS[word])
        times_over = 1
    return out


def _example(said: Sequence[str], at: int) -> int:
    """How many words from here on say which letter was meant: `as in kilo`, `for kilo`."""
    if said[at : at + 2] == ["as", "in"]:
        return 3
    return 2 if said[at : at + 1] in (["for"], ["like"]) else 0


def digit(word: str) -> str:
    """A word as the figure it stands for, else as it is."""
    return str(_UNITS[word]) if word in _UNITS and _UNITS[word] < 10 else word
