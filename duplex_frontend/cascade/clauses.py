"""A reply cut into clauses, so that its first sound does not wait for its last word.

A synthesizer thinks about a clause before it makes a sound: about 2 ms for each word. Cuts fall where a speaker
would breathe; of the language only punctuation is known.
"""

from __future__ import annotations

import re

FIRST_WORDS = 12  # most words in the first clause where there is a place to cut: first sound within 50 ms
LATER_WORDS = 20
FEW_WORDS = 3  # not worth a cut of their own
MOST_WORDS = 28  # cut even where nobody would breathe

_SENTENCE_END = ".!?…。！？؟।"
_PAUSE = ",;:、，；：،؛"
_CLOSING = "\"'”’»)]}」』"
_WIDE = "。！？、，；："  # scripts that write no space after them

_LATIN_VOWELS = set("aeiouy")

AFTER_SENTENCE_MS = 220
AFTER_PAUSE_MS = 90


def clauses(text: str) -> list[str]:
    """Cut `text` into clauses to be spoken one after the other. No word is lost, added or changed.

    A sentence is a clause of its own. One longer than `FIRST_WORDS` (the first) or `LATER_WORDS` is cut at its
    last comma, semicolon or dash within that many words, or at its first one after, but never beyond
    `MOST_WORDS`. A cut that would save fewer than `FEW_WORDS` is left.
    """
    made: list[str] = []
    for sentence in _sentences(_words(text)):
        rest = sentence
        while rest:
            cut = _cut(rest, LATER_WORDS if made else FIRST_WORDS)
            made.append(" ".join(rest[:cut]))
            rest = rest[cut:]
    return made


def pause_after_ms(clause: str) -> int:
    """How long a speaker rests between this clause and the next one of the same reply."""
    last = clause.rstrip(_CLOSING)[-1:]
    if last and last in _SENTENCE_END:
        return AFTER_SENTENCE_MS
    return AFTER_PAUSE_MS if (last and last in _PAUSE) or _is_dash(clause[-1:]) else 0


def _words(text: str) -> list[str]:
    return re.sub(f"([{_WIDE}][{re.escape(_CLOSING)}]*)", r"\1 ", text).split()


def _sentences(words: list[str]) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for n, word in enumerate(words):
        sentences[-1].append(word)
        if n + 1 < len(words) and _ends_sentence(word):
            sentences.append([])
    return sentences


def _ends_sentence(word: str) -> bool:
    bare = word.rstrip(_CLOSING)
    return bare[-1:] != "" and bare[-1] in _SENTENCE_END and not _is_abbreviation(bare)


def _is_abbreviation(word: str) -> bool:
    """Told by its form: "J.", "p.m.", and in Latin letters "Dr." or "Nr.", which have no vowel."""
    stem = word.removesuffix(".").lstrip("\"'“‘«([{")
    if not word.endswith(".") or stem.endswith("."):
        return False
    if not stem or not stem.isascii() or not stem.replace(".", "").isalpha():
        return False
    return len(stem) == 1 or "." in stem or (len(stem) <= 4 and not _LATIN_VOWELS & set(stem.lower()))


def _cut(words: list[str], within: int) -> int:
    """How many of `words`, which are one sentence, to speak in one go."""
    if len(words) <= within + FEW_WORDS:
        return len(words)
    breaths = [n for n, word in enumerate(words, start=1) if _may_breathe(word)]
    fitting = [n for n in breaths if n <= within]
    if fitting:
        return fitting[-1]
    return min([*breaths, len(words), MOST_WORDS])


def _may_breathe(word: str) -> bool:
    last = word.rstrip(_CLOSING)[-1:]
    return (last != "" and last in _PAUSE) or _is_dash(word)


def _is_dash(word: str) -> bool:
    return word in ("-", "--", "–", "—")
