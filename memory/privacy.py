"""What is taken out of words and records before they are shown or handed on. Pure.

What a value is called elsewhere comes from whoever knows (`Hidden.spoken`); here it is found in whatever form it may
have been written or said: with other punctuation, figure by figure, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from memory.callers import PII, Pii

SHORTEST = 3
"""Fewer letters or figures than this are found everywhere, and say nothing by themselves."""

_FIGURES = (
    "(?:zero|oh|o|nought|0)", "(?:one|1)", "(?:two|2)", "(?:three|3)", "(?:four|4)", "(?:five|5)",
    "(?:six|6)", "(?:seven|7)", "(?:eight|8)", "(?:nine|9)",
)  # fmt: skip
_GAP = r"[\W_]*"
_BESIDE = r"(?:\.?[\W_]+(?:as in|for|like)[\W_]+\w+)?[\W_]*"
"""Behind a letter that is spelled: `K as in kilo`."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that must not be seen.

    Attributes:
        label: what stands in its place, in brackets.
        value: in its canonical form.
        spoken: as it may be said, in any number of ways.
    """

    label: str
    value: JsonValue
    spoken: tuple[str, ...] = ()

    @property
    def mask(self) -> str:
        return f"[{self.label}]"


class Redactor:
    """Takes values out of texts, whatever their case and punctuation.

    Args:
        hidden: of values of which one is in another, the longer is found first.
    """

    def __init__(self, hidden: Iterable[Hidden]) -> None:
        forms: dict[str, tuple[int, str]] = {}
        for each in hidden:
            for letters, form in _forms(each):
                forms.setdefault(form, (letters, each.mask))
        longest_first = sorted(forms, key=lambda form: -forms[form][0])
        self._masks = [forms[form][1] for form in longest_first]
        whole = "|".join(f"({form})" for form in longest_first)
        self._found = re.compile(rf"(?<!\w)(?:{whole})(?!\w)", re.IGNORECASE) if whole else None

    def text(self, text: str) -> str:
        """The text with each value's label in its place."""
        if self._found is None:
            return text
        return self._found.sub(lambda found: self._masks[(found.lastindex or 1) - 1], text)

    def tree(self, data: JsonValue) -> JsonValue:
        """The same for every text in JSON; keys stay."""
        match data:
            case str():
                return self.text(data)
            case list():
                return [self.tree(item) for item in data]
            case dict():
                return {key: self.tree(item) for key, item in data.items()}
            case _:
                return data


def _forms(hidden: Hidden) -> Iterator[tuple[int, str]]:
    """Patterns, none of which has groups that capture, and of how many letters or figures each is."""
    for text in (*_texts(hidden.value), *hidden.spoken):
        words = re.findall(r"[^\W_]+", text)
        letters = "".join(words)
        if len(letters) < SHORTEST:
            continue
        yield len(letters), r"[\W_]+".join(map(re.escape, words))
        if letters.isdecimal() and letters.isascii():
            yield len(letters), _GAP.join(_FIGURES[int(figure)] for figure in letters)
        elif len(words) == 1:
            yield len(letters), _spelled(letters)
        if text == hidden.value and _is_name(text):
            for word in words:
                if len(word) >= SHORTEST:
                    yield len(word), re.escape(word)
                    yield len(word), _spelled(word)


def _spelled(word: str) -> str:
    """Letter by letter, with or without words for the letters; a figure as it is or in words."""
    is_figure = [sign.isascii() and sign.isdecimal() for sign in word]
    signs = [_FIGURES[int(s)] if figure else re.escape(s) for s, figure in zip(word, is_figure, strict=True)]
    return _BESIDE.join(signs)


def _is_name(text: str) -> bool:
    """Whether each word of a value gives it away: `Ann Lee`, and not `I fell down the stairs`."""
    words = text.split()
    return 1 < len(words) <= 4 and all(word[:1].isupper() for word in words)


def _texts(value: JsonValue) -> Iterator[str]:
    """The texts in a value. A yes or no is none: it is found by when it was said."""
    match value:
        case bool() | None:
            return
        case str():
            yield value
        case int() | float():
            yield f"{value:g}" if isinstance(value, float) else str(value)
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)


# --- how long ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is known of people is kept, by how private it is.

    Attributes:
        days: for each class.
        recordings_days: for the sound of calls.
    """

    days: Mapping[Pii, float]
    recordings_days: float

    def keeps(self, pii: Pii, since: datetime, now: datetime) -> bool:
        """Whether something of this class that was established at `since` may still be there."""
        return now - since <= timedelta(days=self.days[pii])

    def keeps_recording(self, made_at: datetime, now: datetime) -> bool:
        return now - made_at <= timedelta(days=self.recordings_days)


def most_private(classes: Iterable[Pii]) -> Pii:
    """The most private of them; `none` where there are none."""
    return max(classes, key=PII.index, default="none")
