"""How letters are spelled out in English: with a word, `k as in kilo`, or by the word alone.

A bare letter is never offered to a recogniser: `b`, `c`, `d`, `e`, `g`, `p`, `t`, `v` and `z` sound alike.
"""

from __future__ import annotations

from reasoner.understand.forms import Form, either, many, maybe, rule, seq, unspoken
from reasoner.understand.phrases import phrases, said

CODE_WORDS = {
    "a": ("alpha", "apple", "adam"),
    "b": ("bravo", "boy"),
    "c": ("charlie", "cat"),
    "d": ("delta", "dog", "david"),
    "e": ("echo", "edward"),
    "f": ("foxtrot", "frank"),
    "g": ("golf", "george"),
    "h": ("hotel", "henry"),
    "i": ("india", "ida"),
    "j": ("juliet", "john"),
    "k": ("kilo", "king"),
    "l": ("lima", "larry"),
    "m": ("mike", "mary"),
    "n": ("november", "nancy"),
    "o": ("oscar", "ocean"),
    "p": ("papa", "peter"),
    "q": ("quebec", "queen"),
    "r": ("romeo", "robert"),
    "s": ("sierra", "sam"),
    "t": ("tango", "tom"),
    "u": ("uniform", "union"),
    "v": ("victor", "victory"),
    "w": ("whiskey", "william"),
    "x": ("x-ray",),
    "y": ("yankee", "yellow"),
    "z": ("zulu", "zebra"),
}
"""Letter → the words for it; the first is the alphabet of radio operators and may stand alone."""

_ALSO = {
    "a": ("alfa", "able", "apples", "anna", "arizona"),
    "b": ("baker", "bob", "ball", "bear"),
    "c": ("cake", "car", "california"),
    "d": ("door", "daniel", "denver"),
    "e": ("elephant", "easy", "eric", "egg"),
    "f": ("fox", "fish", "father"),
    "g": ("good", "girl", "gold", "green"),
    "h": ("house", "hat", "happy", "harry"),
    "i": ("ice", "igloo", "ink", "island"),
    "j": ("juliett", "jack", "jump", "james"),
    "k": ("kite", "kate"),
    "l": ("love", "lion", "lincoln", "lemon"),
    "m": ("mother", "monkey", "man", "michael"),
    "n": ("nora", "new", "night", "nut"),
    "o": ("orange", "open", "oliver", "office"),
    "p": ("paul", "paper", "pig"),
    "q": ("quiet", "quick"),
    "r": ("roger", "red", "rabbit", "rose"),
    "s": ("sugar", "snake", "susan", "sun", "star"),
    "t": ("thomas", "table", "tiger", "tree", "tea"),
    "u": ("umbrella", "uncle", "up"),
    "v": ("vanessa", "van", "violet"),
    "w": ("whisky", "water", "window", "west"),
    "x": ("xray", "xylophone"),
    "y": ("young", "yes", "yacht"),
    "z": ("zoo", "zero", "zach"),
}

MOST_LETTERS = 40

SPELLING_CARRIERS = said(
    "it's spelled",
    "that's spelled",
    "my last name is spelled",
    "last name is spelled",
    readable=(
        "it is spelled",
        "that is spelled",
        "spelled",
        "i spell it",
        "my name is spelled",
        "it is spelt",
    ),
)
FIRST_SPELLED_CARRIERS = said(
    "my first name is spelled", readable=("first name is spelled", "first name spelled")
)

_AS = rule("as_in", said("as in", "for", readable=("like", "is for", "as", "like in")))

_LETTER_OF = {word: letter for letter, words in CODE_WORDS.items() for word in words} | {
    word: letter for letter, words in _ALSO.items() for word in words
}
_ANY_LETTER = {letter: letter for letter in CODE_WORDS}
_TIMES: Form[int] = phrases({"double": 2})
_MARKS: Form[str] = phrases({"apostrophe": "'"}, {"capital": ""})


def _as_in_word(letter: str) -> Form[str]:
    """`k as in kilo`, `k for king`"""
    code = phrases(dict.fromkeys(CODE_WORDS[letter], letter))
    return seq(phrases({letter: letter}), _AS, code, make=lambda *_: letter)


def _doubtful(letter: str, _: str, word_letter: str) -> str:
    """Of `b as in dog` the word is right: letters sound alike, words do not."""
    return word_letter or letter


_NEXT_WORD = phrases({"space": " ", "last name": " "}, {"new word": " ", "then the last name": " "})


def _spelled(letter: Form[str]) -> Form[str]:
    """Letters one after another; double letters, marks, and where the next word begins."""
    one = seq(maybe(_TIMES, 1), letter, make=lambda times, letter: letter * times)
    mark = seq(maybe(_NEXT_WORD, ""), either(one, _MARKS), make=lambda space, mark: space + mark)
    return seq(many(mark, MOST_LETTERS), make=lambda marks: "".join(marks).strip() or None)


_WITH_WORD: Form[str] = rule("letter", either(*(_as_in_word(letter) for letter in CODE_WORDS)))
_WORD_ALONE: Form[str] = rule(
    "code_word", phrases({words[0]: letter for letter, words in CODE_WORDS.items()})
)
_AS_READ: Form[str] = either(
    _WITH_WORD,
    _WORD_ALONE,
    seq(phrases(_ANY_LETTER), _AS, phrases(_LETTER_OF), make=_doubtful),
    seq(said("as in"), phrases(_LETTER_OF), make=lambda _, letter: letter),
    phrases(_ANY_LETTER),
)

SPELLED: Form[str] = either(_spelled(_WITH_WORD), _spelled(_WORD_ALONE), unspoken(_spelled(_AS_READ)))
"""Letters, each with its word, or the words alone; mixed and bare letters are read as well.

Its value: a word or more in lower case.
"""

SPELLED_WITH_WORDS: Form[str] = _spelled(_WITH_WORD)
"""Letters, each with its word: nothing else can be meant."""

LETTER: Form[str] = either(_WITH_WORD, _WORD_ALONE)
"""One letter, so that a recogniser can tell it from another."""

_SOUNDS_LIKE = {
    "bee": "b", "see": "c", "sea": "c", "dee": "d", "gee": "g", "jay": "j", "kay": "k", "el": "l", "em": "m", "en": "n",
    "pee": "p", "pea": "p", "queue": "q", "cue": "q", "ess": "s", "tee": "t", "tea": "t", "vee": "v", "ex": "x",
    "zee": "z", "zed": "z",
}  # fmt: skip
LETTER_AS_READ: Form[str] = unspoken(either(_AS_READ, phrases(_SOUNDS_LIKE)))
"""One letter, also bare or written as it sounds."""

LETTER_WITH_WORD: Form[str] = either(
    _WITH_WORD, unspoken(seq(phrases(_ANY_LETTER), _AS, phrases(_LETTER_OF), make=_doubtful))
)
"""One letter with its word; the word alone may be meant as a word."""
