"""Turns of phrase from which an English speaker knows what is wanted of him. Patterns over plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.callers.facts import Field


class Act(StrEnum):
    """What the agent did with its turn."""

    ASKS = "asks"
    ASKS_SPELLING = "asks_spelling"
    ASKS_WHICH = "asks_which"  # of the values that were read back is wrong
    ASKS_REPEAT = "asks_repeat"
    ASKS_MORE = "asks_more"  # anything else?
    READS_BACK = "reads_back"
    STILL_THERE = "still_there"
    WAITS = "waits"
    TELLS = "tells"
    HANDS_OVER = "hands_over"
    GOODBYE = "goodbye"
    UNCLEAR = "unclear"


NOTHING_WANTED = frozenset({Act.TELLS, Act.WAITS, Act.UNCLEAR})


@dataclass(frozen=True, slots=True)
class Gist:
    """What a turn comes to. `field`: what is asked for. `sorry`: the agent had not understood, or was wrong."""

    act: Act
    field: Field | None = None
    sorry: bool = False


_ASKING: dict[Field, str] = {
    Field.NAME: r"(first and |full |your |first |last )name\b|who am i speaking|name please",
    Field.DATE_OF_BIRTH: r"date of birth|(were|was|are) (you )?born|you were born|birthday|birth ?date|of birth",
    Field.PHONE: r"phone number|telephone|(can|may|could) (we|i) reach|reach you|call you back|ten digits|your number",
    Field.REASON: r"reason for|the reason|brings you|come to see us|is it a check",
    Field.ALLERGIES: r"(any|your|known|have) allerg\w+|allergic|allergies",
    Field.MEDICINES: r"(which|what|any) (medicine|medication|drug)s?|you take( regularly)?|medicines do|name your medic",
    Field.INSURANCE: r"(which|what|your|have) insurance(?! card)|insurance do|insured|example blue cross",
    Field.CONSENT: r"(may|can) we keep|we keep (these|your|the) |do you (agree|consent)|keep these details",
}
_CONFIRMING = (
    r"(is|are|was) (that|that's|this|it|these|they|everything|all( of)?( that| this| it)?)( all| the)? (right|correct|okay)\b"
    r"|(did|do|have) i (get|got|have|hear|heard|understand)\w*( all)?( of)?( that| this| it| you)? (right|correct)"
    r"|(that|that's|this) (right|correct)$|(?<!all )(right|correct)$"
)
_SPELLING = r"\bspell\b|letter by letter|word for each letter|spell (it|your)"
_WHICH = r"(which|what)\b.{0,40}\b(wrong|incorrect|not right|change|corrected|not correct)\b"
_REPEATING = (
    r"(did not|didn't|could not|couldn't|cannot|can't) (quite )?(catch|hear|understand|get|make)"
    r"|(repeat|say) (that|it|this)( again| once more)?\b|please repeat|pardon|once more"
)
_SORRY = r"\bsorry\b|" + _REPEATING
_STILL_THERE = r"are you (still )?(there|here|with)|still there|can you hear me"
_WAITING = r"(one|just a|a) (moment|second|minute)|hold on|please wait|bear with me|take your time"
_MORE = r"anything else|something else i can|help you with"
_HANDING_OVER = r"(connect|transfer|put|pass) you|person at the front desk|connect you with"
_GOODBYE = (
    r"good ?bye|good buy\b|\bbye\b|have a (nice|good|great|lovely)|look forward to|forward to seeing|you('re| are) all set"
    r"|take care|have not kept"
)
_QUESTION_WORDS = 18  # a question lies this near the end of a turn; before that it is news
_FEW_WORDS = 5  # fewer make no piece of news


def gist(words: tuple[str, ...]) -> Gist:
    """What `words`, a turn of the agent or its beginning, come to."""
    text = " ".join(words)
    end = " ".join(words[-_QUESTION_WORDS:])
    sorry = _last(_SORRY, text) >= 0
    field, asks = _asked(end)
    confirms, spells = _last(_CONFIRMING, end), _last(_SPELLING, end)
    if _last(_WHICH, end) >= 0:
        return Gist(Act.ASKS_WHICH, None, sorry)
    if confirms > max(asks, spells):
        return Gist(Act.READS_BACK, None, sorry)
    if spells >= 0 and field in (None, Field.NAME):
        return Gist(Act.ASKS_SPELLING, Field.NAME, sorry)
    if _last(_GOODBYE, end) > asks:
        return Gist(Act.GOODBYE, None, sorry)
    if field is not None:
        return Gist(Act.ASKS, field, sorry)
    for act, pattern in _OTHERS:
        if _last(pattern, end) >= 0:
            return Gist(act, None, sorry)
    return Gist(Act.TELLS if len(words) >= _FEW_WORDS else Act.UNCLEAR, None, sorry)


_OTHERS = (
    (Act.HANDS_OVER, _HANDING_OVER),
    (Act.ASKS_MORE, _MORE),
    (Act.STILL_THERE, _STILL_THERE),
    (Act.ASKS_REPEAT, _REPEATING),
    (Act.WAITS, _WAITING),
)


def _last(pattern: str, text: str) -> int:
    """Where the last match of `pattern` in `text` begins, -1 where there is none."""
    return max((match.start() for match in re.finditer(pattern, text)), default=-1)


def _asked(text: str) -> tuple[Field | None, int]:
    """What is asked for last, and where."""
    found = {field: _last(pattern, text) for field, pattern in _ASKING.items()}
    field = max(found, key=lambda one: found[one])
    return (field, found[field]) if found[field] >= 0 else (None, -1)
