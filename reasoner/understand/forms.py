"""Spoken forms: what can be said for a value, written once.

A form reads words and gives values; the same form writes itself as JSGF for a recogniser. So whatever a
grammar can produce, the parser can read. JSGF: https://www.w3.org/TR/jsgf/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from reasoner.understand.words import Words

ANY = "*"
"""Among the `starts` of a form that any word can begin."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Form(Protocol[T_co]):
    """Words that can stand for a value.

    Attributes:
        starts: keys of the words that it can begin with; a quick way to see that it does not fit.
        nullable: it may take no word at all.
    """

    @property
    def starts(self) -> frozenset[str]: ...

    @property
    def nullable(self) -> bool: ...

    def read(self, words: Words, at: int) -> Iterator[tuple[int, T_co]]:
        """Each way to read it from `at` on: where it ends, and its value."""
        ...

    def jsgf(self, rules: Rules) -> str:
        """An expansion for a grammar, "" where nobody can say it aloud."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The named rules of a grammar in the making."""

    texts: dict[str, str] = field(default_factory=dict)

    def use(self, name: str, expansion: str) -> str:
        """A reference to a rule with this expansion; of two that want one name the later gets another."""
        if not expansion:
            return ""
        free, tries = name, 1
        while self.texts.setdefault(free, expansion) != expansion:
            tries += 1
            free = f"{name}_{tries}"
        return f"<{free}>"


def best(form: Form[T], words: Words, at: int) -> tuple[int, T] | None:
    """The longest reading from `at` on, the first of equals."""
    found: tuple[int, T] | None = None
    for end, value in form.read(words, at):
        if found is None or end > found[0]:
            found = end, value
    return found


# --- joints ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InOrder:
    """One form after another. Build it with `seq`."""

    parts: tuple[Form[Any], ...]
    make: Callable[..., Any]
    starts: frozenset[str]
    nullable: bool

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        if self.nullable or words.keys[at] in self.starts or ANY in self.starts:
            yield from self._rest(words, at, ())

    def _rest(self, words: Words, at: int, got: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
        if len(got) == len(self.parts):
            value = self.make(*got)
            if value is not None:
                yield at, value
            return
        part = self.parts[len(got)]
        if part.nullable or words.keys[at] in part.starts or ANY in part.starts:
            for end, value in part.read(words, at):
                yield from self._rest(words, end, (*got, value))

    def jsgf(self, rules: Rules) -> str:
        texts = [(part.jsgf(rules), part.nullable) for part in self.parts]
        if any(not text and not nullable for text, nullable in texts):
            return ""
        return " ".join(text for text, _ in texts if text)


def seq(*parts: Form[Any], make: Callable[..., T | None]) -> Form[T]:
    """One after another; `make` gets their values and gives the whole, or None where it cannot be."""
    starts: frozenset[str] = frozenset()
    nullable = True
    for part in parts:
        if nullable:
            starts |= part.starts
            nullable = part.nullable
    return InOrder(parts, make, starts, nullable)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One form or another. Build it with `either`."""

    options: tuple[Form[Any], ...]
    starts: frozenset[str]
    nullable: bool

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        key = words.keys[at]
        for option in self.options:
            if option.nullable or key in option.starts or ANY in option.starts:
                yield from option.read(words, at)

    def jsgf(self, rules: Rules) -> str:
        texts = list(dict.fromkeys(text for option in self.options if (text := option.jsgf(rules))))
        return f"({' | '.join(texts)})" if len(texts) > 1 else "".join(texts)


def either(*options: Form[T]) -> Form[T]:
    starts = frozenset(key for option in options for key in option.starts)
    return OneOf(options, starts, any(option.nullable for option in options))


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A form, or nothing. Build it with `maybe`."""

    inner: Form[Any]
    absent: Any
    starts: frozenset[str]
    nullable: bool = True

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        yield from self.inner.read(words, at)
        yield at, self.absent

    def jsgf(self, rules: Rules) -> str:
        text = self.inner.jsgf(rules)
        return f"[{text}]" if text else ""


def maybe(inner: Form[T], absent: Any = None) -> Form[T | Any]:
    return Perhaps(inner, absent, inner.starts)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A form several times over. Build it with `many`."""

    inner: Form[Any]
    most: int
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Each one is read as long as it goes; fewer of them may be taken."""
        ends: list[int] = []
        values: list[Any] = []
        while len(values) < self.most:
            found = best(self.inner, words, at)
            if found is None or found[0] == at:
                break
            at, value = found
            ends.append(at)
            values.append(value)
        for count in range(len(values), 0, -1):
            yield ends[count - 1], tuple(values[:count])

    def jsgf(self, rules: Rules) -> str:
        text = self.inner.jsgf(rules)
        return f"({text})+" if text else ""


def many(inner: Form[T], most: int) -> Form[tuple[T, ...]]:
    """Once to `most` times. A grammar that is written from it has no upper bound."""
    return Repeated(inner, most, inner.starts)


# --- dressings ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unspoken:
    """Read, but not offered to a recogniser. Build it with `unspoken`."""

    inner: Form[Any]
    starts: frozenset[str]
    nullable: bool

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        return self.inner.read(words, at)

    def jsgf(self, rules: Rules) -> str:
        return ""


def unspoken(inner: Form[T]) -> Form[T]:
    """What people type, or say so seldom that it would blunt a grammar."""
    return Unspoken(inner, inner.starts, inner.nullable)


@dataclass(frozen=True, slots=True)
class Named:
    """A form with a rule of its own in a grammar. Build it with `rule`."""

    name: str
    inner: Form[Any]
    starts: frozenset[str]
    nullable: bool

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        return self.inner.read(words, at)

    def jsgf(self, rules: Rules) -> str:
        return rules.use(self.name, self.inner.jsgf(rules))


def rule(name: str, inner: Form[T]) -> Form[T]:
    return Named(name, inner, inner.starts, inner.nullable)


def as_(value: Callable[[Any], T | None], inner: Form[Any]) -> Form[T]:
    """The same words with another value; None where `value` will not have it."""
    return seq(inner, make=value)
