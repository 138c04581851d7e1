"""The grammars of one decoder: their words learned, each compiled once, the oldest forgotten."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from duplex_frontend.cascade.pronounce import is_pronunciation, pronounce

if TYPE_CHECKING:
    from pocketsphinx import Decoder

    from duplex_frontend.cascade.ear_wire import Phrases

MOST_VARIANTS = 5  # of one word in a flow's sounds: "codeine", "codeine(2)", as in the CMU dictionary
MOST_KEPT = 64  # a flow has some thirty; one of many names takes a few megabytes

# What is no word: comments, the header and the grammar's name, imports, rule names, weights, tags.
_NO_WORDS = re.compile(
    r"/\*.*?\*/|//[^\n]*|#JSGF[^;\n]*;?|\b(?:grammar|import)\s[^;]*;|<[^>]*>|/[\d.eE+-]+/|\{[^}]*\}",
    re.DOTALL,
)
_KEYWORDS = frozenset({"public", ""})


def words_of(grammar: str) -> set[str]:
    """The words of a grammar in JSGF."""
    return set(re.split(r"[\s()\[\]|;=*+]+", _NO_WORDS.sub(" ", grammar))) - _KEYWORDS


class Grammars:
    """Makes a decoder listen for what is expected. Only between utterances."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._kept: OrderedDict[str, bool] = OrderedDict()  # name → whether it can be listened for

    def prepare(self, phrases: Phrases) -> Iterator[str]:
        """Compile a grammar unless that was done before. Yields what had to be left out, and why."""
        if not phrases.name or phrases.name in self._kept:
            return
        yield from self.learn(words_of(phrases.grammar), phrases.sounds)
        try:
            self._decoder.add_jsgf_string(phrases.name, phrases.grammar)
        except (RuntimeError, ValueError):
            # The decoder's own reason goes to its log and is not worth more than this.
            yield f"grammar {phrases.name} does not compile; anything is listened for instead"
            self._kept[phrases.name] = False
        else:
            self._kept[phrases.name] = True
        if len(self._kept) > MOST_KEPT:
            self._forget_oldest()

    def activate(self, name: str) -> bool:
        """Listen for this grammar in the next utterance. False where it is none or did not compile."""
        if not self._kept.get(name, False):
            return False
        self._kept.move_to_end(name)
        self._decoder.activate_search(name)
        return True

    def learn(self, words: set[str], sounds: Mapping[str, str]) -> Iterator[str]:
        """Teach the decoder the words that it does not know, and other sounds of those that it does."""
        for word in sorted(words):
            given = sounds.get(word, "")
            if given and not is_pronunciation(given):
                yield f"{word!r} is not pronounced {given!r}: those are no phones of ARPAbet"
                given = ""
            known = self._decoder.lookup_word(word)
            if known is None:
                known = given or pronounce(word)
                if not known:
                    yield f"nobody knows how {word!r} sounds; give its pronunciation in ARPAbet"
                    continue
                self._decoder.add_word(word, known, False)
            elif given:
                self._add_variant(word, given)
            others = (sounds.get(f"{word}({n})", "") for n in range(2, MOST_VARIANTS + 1))
            self.add(word, (other for other in others if is_pronunciation(other)))

    def add(self, word: str, variants: Iterable[str]) -> None:
        """Teach a word with all its sounds, whether the decoder knows it or not."""
        for sounds in variants:
            self._add_variant(word, sounds)

    def _add_variant(self, word: str, sounds: str) -> None:
        name, number = word, 1
        while (known := self._decoder.lookup_word(name)) is not None:
            if known == sounds:
                return
            number += 1
            name = f"{word}({number})"
        self._decoder.add_word(name, sounds, False)

    def _forget_oldest(self) -> None:
        name, compiled = self._kept.popitem(last=False)
        if compiled:
            self._decoder.remove_search(name)
