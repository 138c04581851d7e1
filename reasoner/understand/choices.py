"""Which of a flow's values somebody means who puts it in other words: inflected, misspelled, or in part.

Nothing here belongs to a language: what the words of a phrase share with their inflections is for it to say.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flows.slot import Slot, SlotType

SURE_BY_WORDS = 0.6
SURE_NEARLY = 0.5  # a letter of a word is wrong
_SHORTEST_NEAR = 5  # letters of a word that may have one wrong
_SHORTEST_FAR = 8  # the same, for two
_SHORTEST_GLUED = 4
_OF_WHAT_IS_SAID = 3  # a part of a value has to be a third of the words that matter

Keywords = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Options:
    """The values of a slot, ready to be compared.

    Attributes:
        phrases: the words that matter of each way to say each value.
        glued: each phrase without its spaces.
        telling: words that belong to a single value.
        begun: of phrases that only begin a sentence, the one word that matters: `I was asked to`, `I wrote`.
    """

    phrases: tuple[tuple[str, frozenset[str]], ...]
    glued: Mapping[str, str]
    telling: Mapping[str, str]
    begun: frozenset[frozenset[str]] = frozenset()


def options_of(slot: Slot, keywords: Keywords, negates: Callable[[str], bool]) -> Options:
    phrases: list[tuple[str, frozenset[str]]] = []
    glued: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    begun: set[frozenset[str]] = set()
    for label, others in slot.values.items():
        for phrase in (label, *others):
            wanted = keywords(phrase)
            glued.setdefault(_glued(phrase), label)
            if wanted:
                phrases.append((label, wanted))
            if len(wanted) == 1 and _is_begun(phrase.split(), keywords):
                begun.add(wanted)
            for word in wanted:
                owners.setdefault(word, set()).add(label)
    alone = {word: next(iter(labels)) for word, labels in owners.items() if len(labels) == 1}
    telling = {word: label for word, label in alone.items() if not negates(word)}
    return Options(tuple(phrases), glued, telling, frozenset(begun))


def _is_begun(phrase: list[str], keywords: Keywords) -> bool:
    if len(phrase) == 2:  # `I wrote`
        return not keywords(phrase[0])
    return len(phrase) > 1 and not keywords(phrase[-1])


def closest(
    slot: Slot, options: Options, said: frozenset[str], text: str, *, partly: bool = True
) -> tuple[tuple[str, ...], float] | None:
    """The values that `said` are the words of, and how sure that is; of a choice the one of which most was said.

    Args:
        said: the words that matter of `text`.
        partly: whether a part of a value will do that tells only one.
    """
    exact, near = _whole(slot, options, said)
    for found, sure in ((exact, SURE_BY_WORDS), (near, SURE_NEARLY)):
        if labels := _best(slot, found):
            return labels, sure
        if found:
            return None
    if (label := _joined(options, text)) is not None:
        return (label,), SURE_NEARLY
    return _partly(options, said) if partly else None


def _best(slot: Slot, found: Mapping[str, int]) -> tuple[str, ...]:
    if slot.type is SlotType.LIST:
        return tuple(label for label in slot.values if label in found)
    most = max(found.values(), default=0)
    best = tuple(label for label, count in found.items() if count == most)
    return best if len(best) == 1 else ()


def _whole(slot: Slot, options: Options, said: frozenset[str]) -> tuple[dict[str, int], dict[str, int]]:
    """How many words of each value were said, exactly, and with a letter wrong, where it was all of them.

    In a long story for a list, one word that somebody else's sentence has as well is too little: `I asked them` is
    no `I was asked to`.
    """
    exact: dict[str, int] = {}
    near: dict[str, int] = {}
    tells = slot.type is SlotType.LIST and len(said) > 1
    for label, wanted in options.phrases:
        if tells and wanted in options.begun:
            continue
        if wanted <= said:
            exact[label] = max(exact.get(label, 0), len(wanted))
        elif not exact and all(word in said or is_near(word, said) for word in wanted):
            near[label] = max(near.get(label, 0), len(wanted))
    return exact, near


def _partly(options: Options, said: frozenset[str]) -> tuple[tuple[str, ...], float] | None:
    """The one value that words were said of which belong to no other."""
    matched = {word: options.telling[word] for word in said if word in options.telling}
    sure = SURE_BY_WORDS
    if not matched:
        sure = SURE_NEARLY
        for word in said:
            labels = {label for wanted, label in options.telling.items() if is_near(wanted, (word,))}
            if len(labels) == 1:
                matched[word] = labels.pop()
    labels = set(matched.values())
    if len(labels) != 1 or len(matched) * _OF_WHAT_IS_SAID < len(said):
        return None
    return (labels.pop(),), sure


def _joined(options: Options, text: str) -> str | None:
    """`wi fi` for WiFi, `guesthouse` for guest house."""
    glued = _glued(text)
    if len(glued) < _SHORTEST_GLUED:
        return None
    if glued in options.glued:
        return options.glued[glued]
    labels = {label for phrase, label in options.glued.items() if is_near(phrase, (glued,))}
    return labels.pop() if len(labels) == 1 else None


@functools.lru_cache(maxsize=8192)
def _glued(phrase: str) -> str:
    return "".join(c for c in phrase.casefold() if c.isalnum())[:80]


def is_near(wanted: str, said: Iterable[str]) -> bool:
    """Whether one of the words is `wanted` with a letter wrong, or two in a long word."""
    if len(wanted) < _SHORTEST_NEAR or "'" in wanted:
        return False
    most = 2 if len(wanted) >= _SHORTEST_FAR else 1
    return any(abs(len(word) - len(wanted)) <= most and _edits(wanted, word) <= most for word in said)


@functools.lru_cache(maxsize=4096)
def _edits(one: str, other: str) -> int:
    """Letters put in, left out, changed, or swapped with the next (optimal string alignment); 3 where many.

    What is kept holds callers' words, and outlives their calls: enough for the turns of a moment, and no more.
    """
    if len(set(one) ^ set(other)) > 4:
        return 3
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if before_last and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return min(3, last[-1])
