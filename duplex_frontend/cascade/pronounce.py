"""How a word sounds that the recogniser's dictionary lacks: a medicine, a surname.

Asked one after the other: the `flite` program, the `espeak-ng` program, and rules of letters, which know every
word that is written in letters at all. The tables are one language's: `pronounce_en.py`.
"""

from __future__ import annotations

import subprocess
import unicodedata
from functools import lru_cache

from duplex_frontend.cascade import pronounce_en as english

PROGRAM_WITHIN_S = 2.0
LONGEST_WORD = 60  # letters; what is longer is no word
VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=4096)
def pronounce(word: str) -> str:
    """The sounds of an English word: phones of ARPAbet without stress, "" where it cannot be said."""
    plain = _folded(word)
    if not any(letter.isalpha() for letter in plain) or len(plain) > LONGEST_WORD:
        return ""
    return _by_flite(plain) or _by_espeak(plain) or by_letters(plain)


def is_pronunciation(sounds: str) -> bool:
    """Whether these are phones that the acoustic model has."""
    phones = sounds.split()
    return bool(phones) and english.PHONES.issuperset(phones)


def by_letters(word: str) -> str:
    """What the letters alone suggest. Wrong for many words, near enough for most names."""
    letters = "".join(letter for letter in _folded(word) if "a" <= letter <= "z")
    phones: list[str] = []
    at = 0
    while at < len(letters):
        length, sounds = _match(letters, at)
        phones += sounds.split()
        at += length
    return " ".join(_without_doubles(phones))


def from_ipa(text: str) -> str:
    """Phones of ARPAbet out of espeak-ng's phonemes; what has no counterpart is left out."""
    phones: list[str] = []
    at = 0
    while at < len(text):
        length = next((n for n in (2, 1) if text[at : at + n] in english.IPA), 0)
        phones += english.IPA.get(text[at : at + length], "").split()
        at += length or 1
    return " ".join(phones)


def _folded(word: str) -> str:
    """Without accents, and without what no English speaker could read aloud."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("ł", "l").replace("ß", "ss"))
    return "".join(letter for letter in decomposed if letter.isascii())


def _by_flite(word: str) -> str:
    said = _run("flite", "-ps", "-t", word, "-o", "none").split()
    phones = [english.FLITE[phone] for phone in said if phone in english.FLITE]
    # A phone that we do not know means another language's voice: its word would be a different one.
    return " ".join(phone for phone in phones if phone) if len(phones) == len(said) else ""


def _by_espeak(word: str) -> str:
    return from_ipa(_run("espeak-ng", "-q", "--ipa", "-v", english.ESPEAK_VOICE, "--", word))


def _run(*command: str) -> str:
    """What a program prints; "" where it is missing, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROGRAM_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return ""
    return done.stdout


def _match(letters: str, at: int) -> tuple[int, str]:
    """The longest key of LETTERS that fits at a place: how many letters it takes, and their sounds."""
    for length in (4, 3, 2, 1):
        piece = letters[at : at + length]
        if len(piece) < length:
            continue
        starts, ends = at == 0, at + length == len(letters)
        forms = [f"{piece}$"] if ends and not starts else []
        forms += [f"^{piece}"] if starts and not ends else []
        for form in (*forms, piece):
            if form in english.LETTERS:
                return length, english.LETTERS[form]
        if length == 3 and ends and piece[1] not in VOWELS and f"{piece[0]}_{piece[2]}$" in english.LETTERS:
            return length, f"{english.LETTERS[f'{piece[0]}_{piece[2]}$']} {english.LETTERS[piece[1]]}"
    raise AssertionError(f"the table lacks a letter of {letters!r}")


def _without_doubles(phones: list[str]) -> list[str]:
    return [phone for n, phone in enumerate(phones) if n == 0 or phone != phones[n - 1]]
