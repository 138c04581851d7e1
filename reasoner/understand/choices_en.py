"""The words of a phrase that matter, for English choices that are put in the caller's own way."""

from __future__ import annotations

from reasoner.understand.words import words_of

_EMPTY_WORDS = """a an the my your his her our i i'm i've me you it it's is are am was were be been being have has had do does
    did of in on at to for from with and or but so that this these those some any no not very really bad
    since about as by just also too get got getting more much many lot little again still always often sometimes
    would could should can will want like need am having here there now today yesterday there's that's here's what's they're we're he's she's"""
EMPTY_WORDS = frozenset(_EMPTY_WORDS.split())
_ENDINGS = ("ing", "ies", "es", "ed", "s", "e", "y")


def keywords(phrase: str) -> frozenset[str]:
    """Stems of the words that carry meaning: `my back has been hurting` and `my back hurts` give the same."""
    return frozenset(stem(word) for word in words_of(phrase).folded if word not in EMPTY_WORDS)


def stem(word: str) -> str:
    """What the inflections of a word share. Rough: it only has to keep different words apart."""
    word = _IRREGULAR.get(word, word)
    if word.endswith("ly") and len(word) > _LONG:
        word = word.removesuffix("ly")
    for ending in _COMPARED:
        if word.endswith(ending) and len(word) - len(ending) >= _LONG:
            return word[: -len(ending)]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


_LONG = 5
_COMPARED = ("er", "est")
_IRREGULAR = {
    form: base
    for base, forms in {
        "lost": ("lose", "losing", "loses"),
        "stolen": ("stole", "steal", "stealing", "theft"),
        "broken": ("broke", "break", "breaking", "breaks"),
        "pay": ("paid",),
        "send": ("sent",),
        "buy": ("bought",),
        "go": ("went", "gone", "goes"),
        "forgot": ("forget", "forgotten", "forgetting"),
        "color": ("colour", "coloured", "colors", "colours"),
        "center": ("centre",),
        "theater": ("theatre",),
        "recognize": ("recognise", "recognized", "recognised"),
        "bill": ("billing", "billed"),
        "hurt": ("hurting", "hurts"),
        "fell": ("fall", "fallen", "falling"),
        "hear": ("heard",),
        "get": ("got", "gotten"),
        "leave": ("left",),
        "child": ("children",),
        "person": ("people",),
        "don't": ("doesn't", "didn't"),
        "longer": ("anymore",),
        "wear": ("wore", "worn"),
        "give": ("gave", "given"),
        "take": ("took", "taken"),
        "write": ("wrote", "written"),
        "see": ("saw", "seen"),
        "choose": ("chose", "chosen"),
        "keep": ("kept",),
        "sell": ("sold",),
        "tear": ("tore", "torn"),
        "freeze": ("froze", "frozen"),
        "charge": ("charged", "charging"),
        "flash": ("blink", "blinking", "blinks", "blinked"),
    }.items()
    for form in forms
}
"""Forms of a word that do not begin like it."""
