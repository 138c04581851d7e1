"""Text → the sparse vector that the embedded index keeps and is asked with: words, and groups of letters.

BM25 (Robertson & Zaragoza 2009) as the engine has it. Groups of four letters (McNamee & Mayfield 2004), at a tenth of
the weight, find what a recogniser or an inflection has changed and the stemmer does not know.
"""

from __future__ import annotations

import re

from qdrant_edge import Bm25, Bm25Config, DisabledStemmer, SparseVector, StopwordsSet, TokenizerType

from memory.types import Passage

_TYPICAL_WORDS = 60.0  # of a passage, stop words left out
_TYPICAL_GROUPS = 8 * _TYPICAL_WORDS
_GROUP = 4
_GROUPS_WEIGH = 0.1
_WORD = re.compile(r"[\w'’]+")


def base_language(tag: str) -> str:
    """ "en" of "en-US"."""
    return tag.split("-")[0].lower()


class Terms:
    """Text in one language as sparse vectors.

    Args:
        language: BCP 47; only the language itself counts ("en" of "en-US"). Stop words and stemming are the
            engine's; one that it does not know goes without.
    """

    def __init__(self, language: str) -> None:
        self._words = _words(base_language(language))
        self._groups = Bm25(
            Bm25Config(
                avg_len=_TYPICAL_GROUPS,
                tokenizer=TokenizerType.Whitespace,
                stopwords=StopwordsSet(),
                stemmer=DisabledStemmer(),
            )
        )

    def of_passage(self, passage: Passage) -> SparseVector:
        """Title (with its headings) and text; the title counts twice."""
        text = f"{passage.title} {passage.title} {passage.text}"
        groups = self._groups.embed_document(self._grouped(text))
        return _joined(self._words.embed_document(text), groups, 1.0)

    def of_query(self, text: str) -> SparseVector:
        """Without indices where `text` has nothing to look for."""
        groups = self._groups.embed_query(self._grouped(text))
        return _joined(self._words.embed_query(text), groups, _GROUPS_WEIGH)

    def share_a_word(self, text: str, passage: Passage) -> bool:
        """Whether a word of `text` that is no stop word is in the passage, in any of its forms."""
        words = self._words.embed_query(text).indices
        return not set(words).isdisjoint(self._words.embed_query(f"{passage.title} {passage.text}").indices)

    def _grouped(self, text: str) -> str:
        """The groups of letters, across the words that are no stop words: "~_par ~park ~ark_ ~rk_f" ..."""
        words = [word for word in _WORD.findall(text.lower()) if self._words.embed_query(word).indices]
        line = f"_{'_'.join(words)}_"
        # The mark keeps them apart from words of four letters.
        return " ".join(f"~{line[at : at + _GROUP]}" for at in range(len(line) - _GROUP + 1))


def _words(language: str) -> Bm25:
    try:
        return Bm25(Bm25Config(avg_len=_TYPICAL_WORDS, language=language))
    except ValueError:
        return Bm25(Bm25Config(avg_len=_TYPICAL_WORDS, stopwords=StopwordsSet(), stemmer=DisabledStemmer()))


def _joined(words: SparseVector, groups: SparseVector, groups_weigh: float) -> SparseVector:
    weights = dict(zip(words.indices, words.values, strict=True))
    for index, value in zip(groups.indices, groups.values, strict=True):
        weights[index] = weights.get(index, 0.0) + groups_weigh * value
    return SparseVector(list(weights), list(weights.values()))
