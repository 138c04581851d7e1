"""How somebody who has named several values settles on one, in English."""

from __future__ import annotations

from reasoner.understand.phrases import said

WEIGHING = frozenset({"or", "to", "maybe", "perhaps", "possibly", "till", "else", "even", "rather"})
"""Words between two values of which only one is meant."""
UNSURE = frozenset(
    "maybe about around perhaps possibly roughly approximately or tops most max maximum least if".split()
)
"""Words beside two numbers of which neither is sure."""
SETTLING = said(
    readable=(
        "say", "i'd say", "i would say", "let's say", "better", "make it", "make that", "call it", "let's call it", "go with",
        "i'll go with", "let's go with", "we'll go with", "i'd go with", "i'll say", "we'll say", "let's make it", "i'd better say",
        "to be safe", "to be on the safe side", "to be sure", "in the end", "so",
    )
)  # fmt: skip
"""Before the one that is meant."""
SETTLED = said(
    readable=tuple(
        f"{lead}{words}"
        for lead in ("", "just ", "then ", "would be ", "is ", "please ")
        for words in (
            "to be safe", "to be on the safe side", "to be sure", "to be certain", "in case", "for safety", "to play it safe",
            "to be on the safer side", "safer", "is safer", "it is", "it is then", "let's say", "i'd say", "better", "is better",
        )
    )
)  # fmt: skip
"""Behind the one that is meant."""
LEANING = said(
    readable=(
        "probably", "i think", "i guess", "i suppose", "most likely", "likely", "rather", "more likely", "preferably", "ideally",
        "i believe", "i'd rather", "i prefer", "i'd prefer", "if possible", "so",
    )
)  # fmt: skip
"""Beside one of several that were weighed."""
