"""The sounds of English: 39 phones of ARPAbet, what other programs call them, and letters in place of a dictionary."""

from __future__ import annotations

from types import MappingProxyType

_VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
_STOPS = ("B", "CH", "D", "G", "JH", "K", "P", "T")
_FRICATIVES = ("DH", "F", "HH", "S", "SH", "TH", "V", "Z", "ZH")
_SONORANTS = ("L", "M", "N", "NG", "R", "W", "Y")
PHONES = frozenset((*_VOWELS, *_STOPS, *_FRICATIVES, *_SONORANTS))
"""Of the acoustic model `en-us` that comes with pocketsphinx."""

FLITE = MappingProxyType(
    {phone.lower(): phone for phone in PHONES}
    | {"ax": "AH", "axr": "ER", "dx": "T", "el": "AH L", "em": "AH M", "en": "AH N"}
    | {"hv": "HH", "ix": "IH", "nx": "N", "pau": ""}
)
"""Phones of flite's English voices."""

ESPEAK_VOICE = "en-us"

IPA = MappingProxyType(
    {"aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "tʃ": "CH", "dʒ": "JH"}
    | {"ɑː": "AA", "iː": "IY", "uː": "UW", "ɔː": "AO", "oː": "AO", "ɜː": "ER", "əl": "AH L", "l̩": "AH L"}
    | {"n̩": "AH N", "m̩": "AH M", "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɛ": "EH", "e": "EH", "æ": "AE", "a": "AE"}
    | {"ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW"}
    | {"ɚ": "ER", "ɝ": "ER", "ɜ": "ER", "y": "UW", "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G"}
    | {
        "g": "G",
        "f": "F",
        "v": "V",
        "θ": "TH",
        "ð": "DH",
        "s": "S",
        "z": "Z",
        "ʃ": "SH",
        "ʒ": "ZH",
        "h": "HH",
    }
    | {"m": "M", "n": "N", "ŋ": "NG", "l": "L", "ɫ": "L", "ɹ": "R", "r": "R", "ɾ": "T", "j": "Y", "w": "W"}
    | {"ʍ": "W", "x": "K", "ç": "HH", "ɲ": "N Y", "ʔ": "T", "ɬ": "L", "β": "B", "ɣ": "G", "ʁ": "R"}
)
"""Phonemes as espeak-ng writes them. The longest match counts; what is not here is left out."""

LETTERS = MappingProxyType(
    {"tion": "SH AH N", "sion": "ZH AH N", "eigh": "EY", "igh": "AY", "tch": "CH", "dge": "JH", "sch": "S K"}
    | {
        "ch": "CH",
        "sh": "SH",
        "th": "TH",
        "ph": "F",
        "wh": "W",
        "ck": "K",
        "qu": "K W",
        "gh": "G",
        "^kn": "N",
    }
    | {"^wr": "R", "^ps": "S", "^rh": "R", "^x": "Z", "^y": "Y", "^mc": "M AH K", "ng$": "NG", "cz": "CH"}
    | {
        "ee": "IY",
        "ea": "IY",
        "oo": "UW",
        "ou": "AW",
        "ow": "OW",
        "oi": "OY",
        "oy": "OY",
        "ai": "EY",
        "ay": "EY",
    }
    | {"au": "AO", "aw": "AO", "ie": "IY", "ei": "EY", "ey$": "IY", "ue": "UW", "ui": "UW", "oa": "OW"}
    | {"ar": "AA R", "er": "ER", "ir": "ER", "ur": "ER", "or": "AO R", "a$": "AH", "o$": "OW", "i$": "IY"}
    | {
        "y$": "IY",
        "ci": "S IH",
        "ce": "S EH",
        "cy": "S IY",
        "ce$": "S",
        "ge$": "JH",
        "se$": "S",
        "es$": "IH Z",
    }
    | {"a_e$": "EY", "i_e$": "AY", "o_e$": "OW", "u_e$": "UW", "e_e$": "IY", "e$": "", "ine$": "IY N"}
    | {
        "a": "AE",
        "b": "B",
        "c": "K",
        "d": "D",
        "e": "EH",
        "f": "F",
        "g": "G",
        "h": "HH",
        "i": "IH",
        "j": "JH",
    }
    | {"k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T"}
    | {"u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IH", "z": "Z"}
)
"""Letters by their usual sound. The longest match counts. `^` and `$` bind a key to the beginning and the end of
the word; `_` stands for one consonant, which keeps its own sound."""

ALSO = MappingProxyType(
    {
        # Signs of listening are hummed in more ways than a dictionary has.
        "mm-hm": ("M HH M", "AH M HH AH M", "M HH AH M"),
        "mhm": ("AH M HH AH M", "M HH M", "M HH AH M"),
        "uh-huh": ("AH HH AH", "AA HH AA", "AH HH AH N"),
    }
)
"""Words with sounds that every ear knows, whatever the dictionary has of them."""
