"""What a recogniser makes of words: some are heard as others that sound like them, some are lost, some are added.

Names, digits and spelled letters suffer twice as much as other words. Errors come in bursts, as on the phone: how
bad it is is drawn for every turn, and only the mean is the rate that was asked for.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache

from orchestrator.simulate.people import FAMILY, GIVEN, fold, plain
from orchestrator.simulate.spoken import DIGITS, MONTHS, ORDINALS, TEENS, TENS, WEEKDAYS

SUBSTITUTED, DELETED, INSERTED = 0.62, 0.25, 0.13
_BURST = 2.0
"""Concentration of the Beta distribution that a turn's rate is drawn from; the lower, the more it comes in bursts."""
_SUFFER = 2.0
_SHARE_THAT_SUFFERS = 0.26
"""Of words, over the callers' turns: so that the mean over all words is about the rate."""

_DIGIT_MIX = {
    "zero": "hero nero", "oh": "o owe", "one": "nine won on", "two": "to too three", "three": "free two tree",
    "four": "for five fore", "five": "nine four fine", "six": "sick sixty fix", "seven": "eleven heaven",
    "eight": "ate a eighty", "nine": "five one mine", "ten": "then tin", "double": "trouble", "triple": "ripple",
}  # fmt: skip
_LETTER_MIX = {
    "a": "h k j", "b": "d p v e", "c": "z e t", "d": "b t e", "e": "b d p", "f": "s x", "g": "j d t", "h": "a k",
    "i": "y r", "j": "k g", "k": "j a", "l": "o m", "m": "n", "n": "m", "o": "l zero", "p": "b t e", "q": "u",
    "r": "i are", "s": "f x", "t": "p d e", "u": "q you", "v": "b z d", "w": "u", "x": "s", "y": "i why", "z": "c v",
}  # fmt: skip
_WORD_MIX = {
    "yes": "yet guess yeah", "yeah": "ya yell", "yep": "yet yup", "no": "know now oh", "nope": "hope note",
    "right": "write ride light", "correct": "collect direct", "none": "nun done", "it's": "is its", "my": "by mine",
    "name": "named main", "first": "thirst burst", "last": "lost past", "thirteen": "thirty", "thirty": "thirteen",
    "fourteen": "forty", "forty": "fourteen", "fifteen": "fifty", "fifty": "fifteen", "sixteen": "sixty",
    "sixty": "sixteen", "seventeen": "seventy", "seventy": "seventeen", "eighteen": "eighty", "eighty": "eighteen",
    "nineteen": "ninety", "ninety": "nineteen", "june": "july", "july": "june", "march": "much", "may": "made",
    "august": "all gust", "tuesday": "thursday", "thursday": "tuesday", "sunday": "monday", "dot": "dog got",
    "at": "add that", "gmail": "email", "the": "a", "a": "the", "i": "i'd i'll and", "is": "was", "of": "have", "and": "in an", "in": "and",
}  # fmt: skip
_COMMON = (
    "about after again all also any back bad bay been before bell best better big black blue boat book both bring "
    "call came can car care case check child city clear close cold come cost could course day deal dear did door "
    "down each early end even ever face fact fair far feel few find fine fire first five food foot form found free "
    "friend front full game gave get give glad go good got great green had half hand hard have head hear heard help "
    "her here hill hold home hope hour house idea inside just keep key kind knee know lake land large last late "
    "lead least left less let life light like line list little live long look lot made main make man many mark may "
    "mean meet mile mind miss money month more most move much must name near need never new next nice night not "
    "note now off office often old once only open order other our out over own page pain pair part pass past pay "
    "people place plan play please point poor post pull put read real red rest ride right road room run said same "
    "sat save say school sea seat see seem send set she short should show side sign since sit site small so some "
    "son song soon sore sort stand star start state stay step still stop store such sure table take talk tell test "
    "than thank that them then there they thing think this those though time to today told too took town train "
    "tree true try turn two under until up use very visit wait walk wall want warm was watch water way week well "
    "went were west what wheel when where which while white who why will wind wish with woman word work world "
    "would write year yet you young"
).split()
_FILLERS = "uh um the a and so like it you er".split()
_CLASSES = {
    **dict.fromkeys("bpfv", "B"), **dict.fromkeys("dt", "D"), **dict.fromkeys("kgqcx", "K"), **dict.fromkeys("szj", "S"),
    **dict.fromkeys("mn", "N"), **dict.fromkeys("lr", "L"), **dict.fromkeys("aeiouwyh", ""),
}  # fmt: skip


@dataclass(slots=True)
class Noise:
    """Mishears at a word error rate, 0 to 0.3. `names`: of the caller, which suffer like all names.

    Raises:
        ValueError: another rate.
    """

    rate: float
    rng: random.Random
    names: Collection[str] = ()
    spoken: int = 0
    errors: int = 0
    _fragile: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 0.3:
            raise ValueError(f"a word error rate of {self.rate:g}; give one from 0 to 0.3")
        self._fragile = _FRAGILE | {plain(part) for name in self.names for part in name.split()}

    def heard(self, text: str) -> tuple[str, float]:
        """What is made of the words, and how sure a recogniser is of it, 0..1.

        A recogniser's confidence falls with its errors, but does not give them away: it is noisy itself.
        """
        words = text.split()
        letters = spelled(words)
        self.spoken += len(words)
        if not self.rate:
            return text, 1.0
        usual = self.rate / (1 + (_SUFFER - 1) * _SHARE_THAT_SUFFERS)
        now = self.rng.betavariate(_BURST * usual, _BURST * (1 - usual))
        before = self.errors
        out: list[str] = []
        for word, letter in zip(words, letters, strict=True):
            suffers = letter or self._suffers(word)
            out += self._word(word, min(0.9, now * (_SUFFER if suffers else 1)), letter)
        wrong = (self.errors - before) / max(1, len(words))
        confidence = 0.93 - 0.7 * wrong + self.rng.gauss(0, 0.08)
        return " ".join(out), round(min(0.99, max(0.05, confidence)), 2)

    def _suffers(self, word: str) -> bool:
        bare = plain(word)
        return any(char.isdigit() for char in bare) or bare in self._fragile

    def _word(self, word: str, rate: float, letter: bool) -> Sequence[str]:
        if self.rng.random() >= rate:
            return (word,)
        self.errors += 1
        how = self.rng.random()
        if how < DELETED:
            return ()
        if how < DELETED + INSERTED:
            return (word, self.rng.choice(_FILLERS))
        return (alike(word, self.rng, letter=letter),)


def spelled(words: Sequence[str]) -> list[bool]:
    """Which words are letters that are spelled. `I` and `a` are words, but beside other letters or `as in`."""
    single = [len(plain(word)) == 1 and not word.isdigit() for word in words]

    def is_letter(at: int) -> bool:
        if not single[at] or plain(words[at]) not in ("a", "i"):
            return single[at]
        beside = single[max(0, at - 1) : at] + single[at + 1 : at + 2]
        return any(beside) or list(words[at + 1 : at + 2]) in (["as"], ["for"])

    return [is_letter(at) for at in range(len(words))]


def alike(word: str, rng: random.Random, *, letter: bool = True) -> str:
    """Another word that sounds like this one; for a name or an unknown word, sometimes another way to write it.

    `letter`: a single letter is one that is spelled, no pronoun and no article.
    """
    bare = word.lower().strip(",.?!")
    for mix in (_DIGIT_MIX, _LETTER_MIX, _WORD_MIX) if letter else (_DIGIT_MIX, _WORD_MIX):
        if bare in mix:
            return rng.choice(mix[bare].split())
    if any(char.isdigit() for char in bare):
        at = rng.choice([at for at, char in enumerate(bare) if char.isdigit()])
        return bare[:at] + rng.choice([d for d in "0123456789" if d != bare[at]]) + bare[at + 1 :]
    near = _near(plain(bare))
    return rng.choice(near) if near else rng.choice(_COMMON)


@cache
def _near(word: str) -> tuple[str, ...]:
    """The words whose sound is closest, at most four."""
    mine = sound(word)
    scored = sorted(
        (_distance(mine, sound(other)) + 0.3 * _distance(word, other), other)
        for other in _KNOWN
        if other != word
    )
    return tuple(other for score, other in scored[:4] if score <= 1 + len(mine) / 2)


@cache
def sound(word: str) -> str:
    """The word's consonants by how they are made; its first letter tells vowels from nothing."""
    out = ""
    for char in word:
        kind = _CLASSES.get(char, "")
        if kind and not out.endswith(kind):
            out += kind
    return ("" if word[:1] not in "aeiou" else "A") + out


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        above, row[0] = row[0], at
        for across, theirs in enumerate(other, 1):
            above, row[across] = (
                row[across],
                min(row[across] + 1, row[across - 1] + 1, above + (char != theirs)),
            )
    return row[-1]


_NAMES = frozenset(
    plain(name) for table in (GIVEN, FAMILY) for names in table.values() for name in names.split()
)
_FRAGILE = frozenset({*DIGITS, *TEENS, *TENS, *ORDINALS, "oh", "double"}) | _NAMES
_KNOWN = tuple(
    sorted({*_COMMON, *_NAMES, *MONTHS, *WEEKDAYS, *(fold(word) for word in _WORD_MIX if word.isalpha())})
)
