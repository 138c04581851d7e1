"""The facts in the agent's words, and what supports them. Pure.

A fact is a figure, a date, a time, a sum, a day of the week or a name. It is supported where the same is said by the
flow, by a passage that was found, by what is settled, or by the reply that was whispered, in whatever form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from flows.schema import Flow
from memory.types import Passage
from reasoner.acts import Tell
from reasoner.quote import sentences
from reasoner.reply import is_open, reply_lines, spoken
from reasoner.state import GoalState
from reasoner.terms import base_language
from reasoner.types import Value
from reasoner.understand.words import words_of

MOST_TEXTS = 4096  # whose facts are known, in a process
_YEARS = (1900, 2000)


class Sort(StrEnum):
    DATE = "date"  # (year of the century or None, month, day)
    TIME = "time"  # (hour of twelve, minute)
    DIGITS = "digits"
    NUMBER = "number"
    WEEKDAY = "weekday"  # 0 for Monday
    NAME = "name"  # in small letters


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact in a text.

    Attributes:
        start, end: its words. begins, ends: its letters.
    """

    sort: Sort
    value: Any
    text: str
    start: int
    end: int
    begins: int
    ends: int


def mentions(text: str, language: str) -> tuple[Mention, ...]:
    """The facts in a text of at most 200 words, in order. Of a language without spoken forms only figures."""
    return _read(text, base_language(language))


def facts(text: str, language: str) -> tuple[Mention, ...]:
    """The same, with numbers that follow each other as the figures of one: `five fifty five, twelve`, `nineteen eighty`."""
    found: list[Mention] = []
    for one in mentions(text, language):
        last = found[-1] if found else None
        if last is not None and last.end == one.start and {last.sort, one.sort} <= {Sort.NUMBER, Sort.DIGITS}:
            found[-1] = replace(
                last,
                sort=Sort.DIGITS,
                value=_figures_of(last) + _figures_of(one),
                text=f"{last.text} {one.text}",
                end=one.end,
                ends=one.ends,
            )
        else:
            found.append(one)
    return tuple(found)


def _figures_of(fact: Mention) -> str:
    return fact.value if isinstance(fact.value, str) else f"{fact.value:.10g}"


@lru_cache(maxsize=MOST_TEXTS)
def _read(text: str, language: str) -> tuple[Mention, ...]:
    if language == "en":
        from reasoner.adherence_en import mentions as english

        return tuple(english(text))
    return tuple(_figures(text))


def _figures(text: str) -> Iterable[Mention]:
    words = words_of(text)
    for at, word in enumerate(words.folded):
        if word.isdecimal():
            yield Mention(Sort.DIGITS, word, word, at, at + 1, *words.spans[at])


# --- what supports a fact ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Support:
    """Facts that may be stated. `words`: all words, for names."""

    dates: frozenset[tuple[int | None, int, int]] = frozenset()
    times: frozenset[tuple[int, int]] = frozenset()
    digits: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()
    weekdays: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()

    def __or__(self, other: Support) -> Support:
        return Support(
            self.dates | other.dates,
            self.times | other.times,
            self.digits | other.digits,
            self.numbers | other.numbers,
            self.weekdays | other.weekdays,
            self.words | other.words,
        )

    def holds(self, fact: Mention) -> bool:
        """Whether it says no more than what is known. A part of a date, a time or a long number is no more."""
        match fact.sort:
            case Sort.DATE:
                year, month, day = fact.value
                return any(
                    (m, d) == (month, day) and (None in (y, year) or y == year) for y, m, d in self.dates
                )
            case Sort.TIME:
                return fact.value in self.times
            case Sort.DIGITS:
                known = any(fact.value in run for run in self.digits)
                return known or (len(fact.value) < 10 and float(fact.value) in self.numbers)
            case Sort.NUMBER:
                return fact.value in self.numbers
            case Sort.WEEKDAY:
                return fact.value in self.weekdays
            case Sort.NAME:
                return fact.value in self.words


def support_of(texts: Iterable[str], language: str) -> Support:
    """All facts in some texts, however long."""
    return _joined(tuple(texts), base_language(language))


@lru_cache(maxsize=512)
def _joined(texts: tuple[str, ...], language: str) -> Support:
    dates: set[tuple[int | None, int, int]] = set()
    rest: tuple[set[Any], ...] = (set(), set(), set(), set(), set())
    for text in texts:
        one = _support(text, language)
        dates |= one.dates
        for all_, some in zip(
            rest, (one.times, one.digits, one.numbers, one.weekdays, one.words), strict=True
        ):
            all_ |= some
    return Support(frozenset(dates), *(frozenset(some) for some in rest))


@lru_cache(maxsize=MOST_TEXTS)
def _support(text: str, language: str) -> Support:
    found = [
        fact for sentence in sentences(text) for one in (mentions, facts) for fact in one(sentence, language)
    ]
    words = frozenset(word.removesuffix("'s") for s in sentences(text) for word in words_of(s).folded)

    def of(sort: Sort) -> list[Any]:
        return [fact.value for fact in found if fact.sort is sort]

    dates, times = of(Sort.DATE), of(Sort.TIME)
    numbers = {float(n) for n in of(Sort.NUMBER)} | {float(run) for run in of(Sort.DIGITS) if len(run) < 10}
    for year, _, _ in dates:
        numbers |= {float(century + year) for century in _YEARS if year is not None}
    numbers |= {float(hour or 12) for hour, _ in times}
    # "Nine to five" tells times with no word that says so, "at nine" may be told of 9:00 and of "9".
    clock = {(int(n) % 12, 0) for n in numbers if n == int(n) and 0 < n <= 12}
    runs = set(of(Sort.DIGITS)) | {f"{n:.0f}" for n in numbers if n == int(n)}
    return Support(
        frozenset(dates),
        frozenset({*times, *clock}),
        frozenset(runs),
        frozenset(numbers),
        frozenset({*of(Sort.WEEKDAY), *(day for one in dates for day in _weekday(one))}),
        words,
    )


def _weekday(told: tuple[int | None, int, int]) -> Iterable[int]:
    """The day of the week of a date whose year is known. A year of two figures may be of either century."""
    year, month, day = told
    for century in _YEARS if year is not None else ():
        try:
            yield date(century + (year or 0), month, day).weekday()
        except ValueError:
            continue


# --- what supports it in a call ------------------------------------------------------------------------------


def known(flow: Flow, state: GoalState) -> Support:
    """All that the agent may state in this call now."""
    lines = [line.text for line in reply_lines(flow, state)]
    pages = [text for act in state.acts if isinstance(act, Tell) for text in _texts_of(act.passages)]
    values = [
        text
        for name, held in state.slots.items()
        if held.value is not None and name in flow.slots and is_open(flow, state, name)
        for text in (spoken(flow.slots[name], held.value, flow.language), *_written(held.value))
    ]
    own = [*lines, *pages, *values, *state.questions, *state.adherence.told, state.today]
    return support_of(_flow_texts(flow), flow.language) | support_of(own, flow.language)


def _texts_of(passages: Iterable[Passage]) -> Iterable[str]:
    for passage in passages:
        yield passage.title
        yield passage.text


def _written(value: Value | object) -> Iterable[str]:
    """A value as it is kept: each part of it as a text."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _written(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _written(part)
    elif not isinstance(value, bool):
        yield f"{value}"


_TEXTS: dict[str, tuple[str, ...]] = {}


def _flow_texts(flow: Flow) -> tuple[str, ...]:
    """Everything that a flow says or names, without its tests."""
    if flow.content_hash in _TEXTS:
        return _TEXTS[flow.content_hash]
    written = flow.model_dump(exclude={"tests", "knowledge", "content_hash", "steering"}, by_alias=True)
    texts = tuple(dict.fromkeys(_strings(written)))
    if flow.content_hash:
        if len(_TEXTS) > 100:
            _TEXTS.clear()
        _TEXTS[flow.content_hash] = texts
    return texts


def _strings(part: object) -> Iterable[str]:
    match part:
        case str():
            yield part
        case Mapping():
            for name, value in part.items():
                yield f"{name}"
                yield from _strings(value)
        case tuple() | list():
            for value in part:
                yield from _strings(value)
