"""Sections of a document → passages: short enough for a role prompt, each with its place and its headings. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from memory.types import Passage

MOST_WORDS = 120
"""In a passage. About what a role prompt has room for; longer sections become several passages."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_LETTERS_A_WORD = 8
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(slots=True)
class Section:
    """What stands under a heading. `headings`: from the document's title down to its own."""

    headings: tuple[str, ...]
    paragraphs: list[str] = field(default_factory=list)


def passages_of(source: str, sections: Iterable[Section]) -> list[Passage]:
    """Passages with ids `source#heading`, with `.2`, `.3` ... for the further parts of a long section."""
    passages: list[Passage] = []
    slugs: set[str] = set()
    for section in sections:
        slug = _slug(section.headings[-1], slugs)
        slugs.add(slug)
        title = ": ".join(section.headings)
        for part, words in enumerate(_parts(section.paragraphs), start=1):
            place = f"{source}#{slug}" if part == 1 else f"{source}#{slug}.{part}"
            passages.append(Passage(place, words, source, title, section=section.headings[-1]))
    return passages


def _parts(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs of a section, joined as far as a passage has room. One longer than that is cut at sentences."""
    pieces = [piece for paragraph in paragraphs for piece in _within_room(paragraph)]
    part: list[str] = []
    for piece in pieces:
        if part and _words(part) + _words([piece]) > MOST_WORDS:
            yield "\n".join(part)
            part = []
        part.append(piece)
    if part:
        yield "\n".join(part)


def _within_room(paragraph: str) -> Iterator[str]:
    """The paragraph as it stands, or its sentences; what never ends is cut where it must."""
    if _words([paragraph]) <= MOST_WORDS:
        yield paragraph
        return
    for sentence in _SENTENCE_END.split(paragraph):
        yield from textwrap.wrap(sentence, MOST_WORDS * _LETTERS_A_WORD, break_on_hyphens=False)


def _words(texts: Sequence[str]) -> int:
    """How many words, counted by length where a script puts no spaces between them."""
    return sum(max(len(text.split()), len(text) // _LETTERS_A_WORD) for text in texts)


def _slug(heading: str, taken: set[str]) -> str:
    """The heading as part of an id: lower case, words joined by dashes, numbered where it is taken."""
    slug = first = _NOT_WORD.sub("-", heading.casefold()).strip("-") or "section"
    number = 1
    while slug in taken:
        number += 1
        slug = f"{first}-{number}"
    return slug
