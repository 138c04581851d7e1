"""What to read out of a passage that answers a question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reasoner.terms import terms

QUOTE_WORDS = 40
"""About twelve seconds of speech: more than that nobody wants to be read on the phone."""

_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)|https?://\S+")
_MARKUP = re.compile(r"[`*_#|>\[\]{}~]+")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"')\]]*\s+")
_CLAUSE = re.compile(r"(?<=[,;:、，])\s+")


def plain(text: str) -> str:
    """A page's text as it can be spoken, and put in a prompt: without tags, links, markup and line breaks."""
    text = _LINK.sub(r"\1", _TAG.sub(" ", text))
    text = "".join(ch if ch.isprintable() else " " for ch in _MARKUP.sub(" ", text))
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(plain(text)) if part]


def quote(question: str, passage: str, language: str, at_most: int = QUOTE_WORDS) -> str:
    """The sentences of a passage that answer `question` best, in their order, of no more than `at_most` words.

    The sentence with most of the question's terms is taken, then its neighbours as far as they fit, what follows
    before what precedes.
    """
    parts = sentences(passage)
    if not parts:
        return ""
    wanted = set(terms(question, language))
    hits = [len(wanted & set(terms(part, language))) for part in parts]
    first = last = hits.index(max(hits))
    if _length(parts[first : last + 1]) > at_most:
        return _shortened(parts[first], at_most)
    while True:
        if last + 1 < len(parts) and _length(parts[first : last + 2]) <= at_most:
            last += 1
        elif first > 0 and _length(parts[first - 1 : last + 1]) <= at_most:
            first -= 1
        else:
            return " ".join(parts[first : last + 1])


def _length(parts: Sequence[str]) -> int:
    return sum(len(part.split()) for part in parts)


def _shortened(sentence: str, at_most: int) -> str:
    """As many clauses as fit; where the first does not, as many words."""
    kept = ""
    for clause in _CLAUSE.split(sentence):
        longer = f"{kept} {clause}".strip()
        if len(longer.split()) > at_most:
            break
        kept = longer
    kept = kept or " ".join(sentence.split()[:at_most])
    return kept.rstrip(" ,;:、，") + "."
