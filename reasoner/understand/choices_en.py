"""The words of a phrase that matter, for English choices that are put in the caller's own way."""

from __future__ import annotations

from reasoner.understand.words import words_of

_EMPTY_WORDS = """a an the my your his her our i i'm i've me you it it's is are am was were be been being have has had do does
    did of in on at to for from with and or but so that this these those some any no not very really bad
    since about as by just also too get got getting more much many lot little again still always often sometimes
    would could should can will want like need am having here there now today yesterday"""
EMPTY_WORDS = frozenset(_EMPTY_WORDS.split())
_ENDINGS = ("ing", "ies", "es", "ed", "s", "e", "y")


def keywords(phrase: str) -> frozenset[str]:
    """Stems of the words that carry meaning: `my back has been hurting` and `my back hurts` give the same."""
    return frozenset(stem(word) for word in words_of(phrase).folded if word not in EMPTY_WORDS)


def stem(word: str) -> str:
    """What the inflections of a word share. Rough: it only has to keep different words apart."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
