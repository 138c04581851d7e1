"""What callers ask and what answers it, and how a recogniser hears it: words late, and some of them wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.loader import library, open_flow
from memory.pages import read_pages
from memory.types import Passage

LAG_S = (0.12, 0.28)  # from the end of a word to the partial that has it


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """`gold`: ids of passages that answer it, none where it needs none. `scope`: what its step may look up, "" all."""

    id: str
    text: str
    gold: frozenset[str]
    scope: str


@dataclass(frozen=True, slots=True)
class Data:
    name: str
    scopes: Mapping[str, Sequence[Passage]]
    turns: Sequence[CallerTurn]


@dataclass(frozen=True, slots=True)
class Partial:
    at_s: float
    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as a recogniser gives it. `end_s`: the caller's last sample; `lag_s`: from there to the last word."""

    partials: Sequence[Partial]
    final: str
    end_s: float
    lag_s: float


def bank_like(folder: Path) -> Data:
    """`passages.jsonl` and `turns.jsonl` of a folder: see the README of the bank's set.

    Raises:
        FileNotFoundError: one of them is not there. ValueError: a line is no such record.
    """
    turns = [
        CallerTurn(t["id"], t["text"], frozenset(t["gold"]), t["scope"] or "")
        for t in _lines(folder / "turns.jsonl")
    ]
    families = sorted({turn.scope for turn in turns if turn.scope}, key=len, reverse=True)
    scopes: dict[str, list[Passage]] = {family: [] for family in families}
    for given in _lines(folder / "passages.jsonl"):
        title = ": ".join(part for part in (given["title"], given["heading"]) if part)
        passage = Passage(given["id"], given["text"], given["doc"], title, section=given["heading"])
        name = given["doc"].removeprefix("doc_")
        scopes.setdefault(next((f for f in families if name.startswith(f)), "other"), []).append(passage)
    return Data(folder.name, scopes, turns)


def library_pages() -> Data:
    """The library flows' own knowledge, asked for by its headings: for want of callers, questions are made of these."""
    scopes: dict[str, Sequence[Passage]] = {}
    turns = []
    for name, _path in library():
        for part, folder in open_flow(name).knowledge_dirs.items():
            scope = f"{name}.{part}" if part else name
            scopes[scope] = read_pages(folder)
            for passage in scopes[scope]:
                about = passage.title.split(": ")[-1].lower()
                gold = frozenset({passage.id})
                turns.append(
                    CallerTurn(passage.id, f"and could you please tell me about {about}", gold, scope)
                )
    others = ("yes that's right", "my name is ann lee", "the second of january", "sorry what was that")
    turns += [CallerTurn(f"other {at}", text, frozenset(), "") for at, text in enumerate(others)]
    return Data("library", scopes, turns)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield json.loads(line)
            except ValueError as wrong:
                raise ValueError(f"{path}:{number}: no JSON object ({wrong})") from None


def heard(turn: CallerTurn, words_a_second: float, errors: float, vocabulary: Sequence[str]) -> Heard:
    """The same turn, rate and share of errors are always heard the same.

    Of the errors seven in ten put another word in, two leave one out, one adds one. The newest word of a partial may
    be wrong as well, at the same rate, and is put right with the next.
    """
    chance = random.Random(f"{turn.id} {errors}")
    said = turn.text.split()
    partials: list[Partial] = []
    final: list[str] = []
    lag_s = 0.0
    for count, word in enumerate(said, start=1):
        lag_s = chance.uniform(*LAG_S)
        final += _misheard(word, errors, chance, vocabulary)
        shown = list(final)
        if shown and chance.random() < errors:
            shown[-1] = chance.choice(vocabulary)
        at_s = max(count / words_a_second + lag_s, partials[-1].at_s if partials else 0.0)
        partials.append(Partial(at_s, " ".join(shown)))
    return Heard(partials, " ".join(final) or said[-1], len(said) / words_a_second, lag_s)


def _misheard(word: str, errors: float, chance: random.Random, vocabulary: Sequence[str]) -> list[str]:
    if chance.random() >= errors:
        return [word]
    kind = chance.random()
    if kind < 0.7:
        return [chance.choice(vocabulary)]
    return [] if kind < 0.9 else [word, chance.choice(vocabulary)]
