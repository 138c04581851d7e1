"""Turns of phrase from which an English speaker knows what is wanted of him. Patterns over plain words."""

from __future__ import annotations

import re
from enum import StrEnum

from orchestrator.callers.facts import Field


class Act(StrEnum):
    """What the agent did with its turn."""

    ASKS = "asks"
    ASKS_KEYS = "asks_keys"  # pressed on the telephone
    ASKS_SPELLING = "asks_spelling"
    ASKS_WHICH = "asks_which"  # of the values read back is wrong
    ASKS_REPEAT = "asks_repeat"
    ASKS_MORE = "asks_more"  # anything else?
    READS_BACK = "reads_back"
    STILL_THERE = "still_there"
    WAITS = "waits"
    TELLS = "tells"
    HANDS_OVER = "hands_over"
    GOODBYE = "goodbye"
    UNCLEAR = "unclear"


QUESTIONS: dict[Field, str] = {
    Field.NAME: r"(first and |full |your |first |last )name\b|who am i speaking|name please",
    Field.DATE_OF_BIRTH: r"date of birth|the month,? the day|the year you|(were|was|are) (you )?born|you were born|birthday|birth ?date|of birth",
    Field.PHONE: r"phone number|telephone|(can|may|could) (we|i) reach|reach you|call you back|ten digits|your number",
    Field.REASON: r"reason for|the reason|what brings you|brings you|come to see us|is it a check|something else",
    Field.ALLERGIES: r"(any|your|known) allerg\w+|allergic|allergies",
    Field.MEDICINES: r"(which|what|any|your) (medicine|medication|drug)s?|(do )?you take( regularly)?|medicines do",
    Field.INSURANCE: r"(which|what|your|have) insurance|insurance do|insured|for example blue cross",
    Field.CONSENT: r"(may|can) we keep|we keep (these|your|the) |do you (agree|consent)|keep these details",
}
"""What asks for a fact. The last in a turn is what is wanted."""

CONFIRMING = (
    r"(is|are|was) (that|that's|this|it|these|everything|all( of)?( that| this| it)?)( all| the)? (right|correct|okay)\b"
    r"|(did|do|have) i (get|got|have|hear|heard|understand)\w*( all)?( of)?( that| this| it| you)? (right|correct)"
    r"|(that|that's|this) (right|correct)$|\b(is|are) (that|that's|these)$|(?<!all )(right|correct)$"
)
KEYING = r"\bkey (it |that |them )?in\b|\bkey ?pad\b|\b(press|use) the keys\b"
SPELLING = r"\bspell|letter by letter"
WHICH = r"(which|what)\b.{0,30}\b(wrong|incorrect|not right|change|be corrected|not correct)"
REPEATING = (
    r"(did not|didn't|could not|couldn't|cannot|can't) (quite )?(catch|hear|understand|get|make)"
    r"|(repeat|say) (that|it|this)( again| once more)?\b|please repeat|pardon|once more"
)
SORRY = r"\bsorry\b|" + REPEATING
STILL_THERE = r"are you (still )?(there|here|with)|still there|can you hear me"
WAITING = r"(one|just a|a) (moment|second|minute)|hold on|please wait|bear with me"
MORE = r"anything else|something else i can|help you with"
HANDING_OVER = r"(connect|transfer|put|pass) you|person at the front desk|connect you with"
GOODBYE = (
    r"good ?bye|\bbye\b|have a (nice|good|great|lovely)|look forward to|forward to seeing|you('re| are) all set"
    r"|have not kept"
)
AS_IN = r"\b\w\.? as in \w+"
WITH_LETTER = r"\bwith (\w) as in \w+"
"""One letter that tells a name from one that sounds alike."""


def last_at(pattern: str, text: str) -> int:
    """Where the last match of `pattern` in `text` begins, -1 where there is none."""
    at = -1
    for match in re.finditer(pattern, text):
        at = match.start()
    return at


def asked(text: str) -> tuple[Field | None, int]:
    """What is asked for last, and where."""
    found = {field: last_at(pattern, text) for field, pattern in QUESTIONS.items()}
    field = max(found, key=lambda f: found[f])
    return (field, found[field]) if found[field] >= 0 else (None, -1)
