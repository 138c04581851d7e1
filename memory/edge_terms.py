"""Text → the sparse vector that the embedded index keeps and is asked with: words, and groups of letters.

BM25 (Robertson & Zaragoza 2009) as the engine has it. Groups of four letters (McNamee & Mayfield 2004), at a tenth of
the weight, find what a recogniser or an inflection has changed and the stemmer does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from qdrant_edge import Bm25, Bm25Config, DisabledStemmer, SparseVector, StopwordsSet, TokenizerType

from memory.types import Passage

_TYPICAL_WORDS = 60.0  # of a passage, stop words left out
_TYPICAL_HEADINGS = 10.0  # words of a title or a source
_SOURCE_WEIGHS = 2.0
_TYPICAL_GROUPS = 8 * _TYPICAL_WORDS
_GROUP = 4
_GROUPS_WEIGH = 0.1
_WORD = re.compile(r"[\w'’]+")
_NO_LETTERS = re.compile(r"[\W\d_]+")


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
        self._words = _words(base_language(language), _TYPICAL_WORDS)
        self._headings = _words(base_language(language), _TYPICAL_HEADINGS)
        self._groups = Bm25(
            Bm25Config(
                avg_len=_TYPICAL_GROUPS,
                tokenizer=TokenizerType.Whitespace,
                stopwords=StopwordsSet(),
                stemmer=DisabledStemmer(),
            )
        )

    def of_passage(self, passage: Passage) -> SparseVector:
        """Title (with its headings), text and source, and the groups of letters of them all."""
        text = f"{source_words(passage.source)} {passage.title} {passage.text}"
        groups = self._groups.embed_document(self._grouped(text))
        return _joined(self.words_of(passage), groups, 1.0)

    def words_of(self, passage: Passage) -> dict[int, float]:
        """The weight of each word. A title's words are few, so they weigh more there; a source's count twice.

        Tuned on halves of 240 questions over a bank's pages and held out on the other: first three .700 of 240
        within the scope, .642 with titles and texts alone.
        """
        weights: dict[int, float] = {}
        for vector, weight in (
            (self._words.embed_document(passage.text), 1.0),
            (self._headings.embed_document(passage.title), 1.0),
            (self._headings.embed_document(source_words(passage.source)), _SOURCE_WEIGHS),
        ):
            for index, value in zip(vector.indices, vector.values, strict=True):
                weights[index] = weights.get(index, 0.0) + weight * value
        return weights

    def asked_for(self, text: str) -> dict[int, float]:
        """The words of a question, as `words_of` numbers them."""
        asked = self._words.embed_query(text)
        return dict(zip(asked.indices, asked.values, strict=True))

    def of_query(self, text: str) -> SparseVector:
        """Without indices where `text` has nothing to look for."""
        groups = self._groups.embed_query(self._grouped(text))
        return _joined(self.asked_for(text), groups, _GROUPS_WEIGH)

    def share_a_word(self, text: str, passage: Passage) -> bool:
        """Whether a word of `text` that is no stop word is in the passage, in any of its forms."""
        words = self._words.embed_query(text).indices
        theirs = f"{source_words(passage.source)} {passage.title} {passage.text}"
        return not set(words).isdisjoint(self._words.embed_query(theirs).indices)

    def _grouped(self, text: str) -> str:
        """The groups of letters, across the words that are no stop words: "~_par ~park ~ark_ ~rk_f" ..."""
        words = [word for word in _WORD.findall(text.lower()) if self._words.embed_query(word).indices]
        line = f"_{'_'.join(words)}_"
        # The mark keeps them apart from words of four letters.
        return " ".join(f"~{line[at : at + _GROUP]}" for at in range(len(line) - _GROUP + 1))


def source_words(source: str) -> str:
    """What a file's or a page's name says: "accounts/purple-account_004.md" is "accounts purple account"."""
    return _NO_LETTERS.sub(" ", str(PurePosixPath(source).with_suffix("")) if source else "").strip()


def _words(language: str, typical: float) -> Bm25:
    try:
        return Bm25(Bm25Config(avg_len=typical, language=language))
    except ValueError:
        return Bm25(Bm25Config(avg_len=typical, stopwords=StopwordsSet(), stemmer=DisabledStemmer()))


def _joined(words: Mapping[int, float], groups: SparseVector, groups_weigh: float) -> SparseVector:
    weights = dict(words)
    for index, value in zip(groups.indices, groups.values, strict=True):
        weights[index] = weights.get(index, 0.0) + groups_weigh * value
    return SparseVector(list(weights), list(weights.values()))
