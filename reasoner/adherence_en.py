"""How agents put questions in English, and what in their words is a figure, a date, a time or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.slot import SlotType
from reasoner.adherence_facts import Mention, Sort
from reasoner.understand.amounts_en import NUMBER
from reasoner.understand.dates import DateParts
from reasoner.understand.dates_en import DATE
from reasoner.understand.money_en import MONEY_TOLD
from reasoner.understand.numbers_en import CARDINALS, ONES, TEENS, TENS, ZEROS
from reasoner.understand.times_en import TIME_TOLD
from reasoner.understand.words import FIGURES, Words, words_of

ASKS = frozenset(
    "what what's which who whom whose when where why how can could may might would will do does did is are was were "
    "have has shall tell give please say spell let".split()
)
"""A sentence that begins with one of these puts a question."""
LEADS = frozenset(
    "and so now then okay ok alright sure well but first next please thanks great good right".split()
)
"""Words that may come before one of them."""
CONFIRMS = frozenset("right correct ok okay true so accurate good".split())
WRONG = frozenset("right wrong correct incorrect change mistake fix".split())
SPELLS = frozenset({"spell", "spelled", "spelling", "letter", "letters"})
NEGATIONS = frozenset(
    "not no never none nothing without cannot can't don't doesn't didn't won't isn't aren't wasn't neither nor".split()
)
CUES = {
    SlotType.PERSON_NAME: frozenset({"name", "who"}),
    SlotType.DATE: frozenset({"date", "day", "when", "born", "birthday"}),
    SlotType.TIME: frozenset({"time", "when"}),
    SlotType.PHONE: frozenset({"number", "phone", "reach", "call"}),
    SlotType.EMAIL: frozenset({"email", "mail", "address"}),
    SlotType.DIGITS: frozenset({"number", "digits", "pin", "code"}),
    SlotType.ID: frozenset({"number", "code", "reference", "id"}),
    SlotType.MONEY: frozenset({"much", "amount", "sum", "pay"}),
    SlotType.NUMBER: frozenset({"many", "number"}),
}
"""Words that a question for a slot of this type may have, whatever the flow's own words for it."""
_GREETING = re.compile(
    r"\b(?:thank you for calling|thanks for calling|welcome to|how (?:can|may) i help you today|hello|hi there|"
    r"good (?:morning|afternoon|evening)|my name is|this is)\b",
    re.IGNORECASE,
)
_GREETING_WITHIN = 60  # letters from the beginning
_WEEKDAYS = {
    day: n for n, day in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())
}
_SINGLE = {**{w: str(n) for w, n in {**ZEROS, **ONES}.items()}}
_NUMBER_WORDS = {*ZEROS, *ONES, *TEENS, *TENS} - {"oh"}
_IDLE_AFTER = frozenset(
    "second seconds minute minutes moment moments thing things question questions more last quick of at by on".split()
)
"""`two things`, `one moment`: a small number before them is no fact."""
_SIZES = frozenset({"hundred", "thousand", "million"})
_NO_NAMES = frozenset(
    "i i'm i'll i've i'd ok okay mr mrs ms dr doctor miss sir ma'am madam god english am pm usa us uk january february "
    "march april may june july august september october november december as".split()
)
_CAPITAL = re.compile(r"[A-Z][a-z]+(?:['’-][A-Z]?[a-z]+)*")
_OPENS = re.compile(r"(?:^|[.!?:;\"“(\n])\s*$")


def greets(text: str) -> str:
    """The words of a greeting at the beginning of a text, "" where there is none."""
    found = _GREETING.search(text[:_GREETING_WITHIN])
    return found.group() if found else ""


def mentions(text: str) -> Iterator[Mention]:
    """Dates, times, figures, sums, days of the week and names, in order. At most 200 words are read."""
    words = words_of(text)
    at = 0
    while at < len(words):
        found = _at(words, at)
        if found is None:
            at += 1
            continue
        yield found
        at = found.end
    yield from _names(words)


def _at(words: Words, at: int) -> Mention | None:
    return _date(words, at) or _time(words, at) or _digits(words, at) or _number(words, at) or _day(words, at)


def _mention(words: Words, at: int, end: int, sort: Sort, value: object) -> Mention:
    return Mention(sort, value, words.text(at, end), at, end, words.spans[at][0], words.spans[end - 1][1])


def _date(words: Words, at: int) -> Mention | None:
    read: list[tuple[int, DateParts]] = [
        (end, parts) for end, parts in DATE.read(words, at) if parts.month and parts.day
    ]
    figures = words.keys[at] == FIGURES or words.folded[at] in _NUMBER_WORDS
    # "one two" is also the second of January; without a month's name it is read as figures.
    read = [one for one in read if not figures or "/" in words.folded[at] or _names_month(words, at, one[0])
            or re.fullmatch(r"\d{4}-\d\d-\d\d", words.folded[at])]  # fmt: skip
    if not read:
        return None
    end, parts = max(read, key=lambda one: one[0])
    year = None if parts.year is None else parts.year % 100
    return _mention(words, at, end, Sort.DATE, (year, parts.month, parts.day))


def _names_month(words: Words, at: int, end: int) -> bool:
    return any(
        word.isalpha() and word[:3] in _MONTHS and word not in CARDINALS for word in words.folded[at:end]
    )


_MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())


def _time(words: Words, at: int) -> Mention | None:
    read = list(TIME_TOLD.read(words, at))
    if not read:
        return None
    end, parts = max(read, key=lambda one: one[0])
    # "five forty" may be figures; a time says that it is one, or is followed by nothing that counts.
    told = set(words.folded[at:end]) - _NUMBER_WORDS - _SIZES
    if not told or all(word.isdecimal() for word in told):
        return None
    return _mention(words, at, end, Sort.TIME, (parts.hour % 12, parts.minute))


def _digits(words: Words, at: int) -> Mention | None:
    """Figures one by one: `five five five`, `2 1 3`, `555`."""
    end, figures = at, ""
    while end < len(words):
        word = words.folded[end]
        if word in _SINGLE:
            figures += _SINGLE[word]
        elif word.isascii() and word.isdecimal():
            figures += word
        else:
            break
        end += 1
    if len(figures) < 2 or (end == at + 1 and len(figures) < 5):
        return None
    return _mention(words, at, end, Sort.DIGITS, figures)


def _number(words: Words, at: int) -> Mention | None:
    word = words.folded[at]
    leads = word in ("a", "one") and words.keys[at + 1] in _SIZES
    if not (word in _NUMBER_WORDS or words.keys[at] == FIGURES or leads):
        return None
    read = [
        *MONEY_TOLD.read(words, at),
        *((end, n) for end, n in NUMBER.read(words, at) if isinstance(n, int | float)),
    ]
    if not read:
        return None
    end, number = max(read, key=lambda one: one[0])
    if number in (1, 2) and (words.keys[end] in _IDLE_AFTER or (end == at + 1 and word == "one")):
        return None
    return _mention(words, at, end, Sort.NUMBER, round(float(number), 4))


def _day(words: Words, at: int) -> Mention | None:
    day = _WEEKDAYS.get(words.folded[at].removesuffix("s"))
    return None if day is None else _mention(words, at, at + 1, Sort.WEEKDAY, day)


def _names(words: Words) -> Iterator[Mention]:
    """Capital letters within a sentence. Words that a recogniser wrote have none, and tell nothing."""
    for at, (start, _) in enumerate(words.spans):
        written = words.written[at]
        if not _CAPITAL.fullmatch(written) or words.folded[at] in _NO_NAMES or words.folded[at] in _WEEKDAYS:
            continue
        if not _OPENS.search(words.plain[:start]):
            yield _mention(words, at, at + 1, Sort.NAME, words.folded[at].removesuffix("'s"))
