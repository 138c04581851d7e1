"""How what was tried has ended, and that a question's verb is so or not, as it is said in English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reasoner.understand.answers_en import negates
from reasoner.understand.choices_en import stem
from reasoner.understand.forms import Form
from reasoner.understand.phrases import phrases

_WELL = (
    "works", "work", "is working", "working", "'s working", "is fixed", "'s fixed", "fixed", "is back", "'s back", "back on",
    "is back on", "'s back on", "came back", "came back on", "is online", "'s online", "is up and running", "is solved",
    "'s solved", "is resolved", "'s resolved", "is gone", "'s gone", "went away", "is better", "'s better", "improved",
    "is fine now", "'s fine now", "'s okay now", "is ok", "'s on now", "worked", "helped", "solved it", "fixed it",
    "did it", "did the trick", "did help", "did work", "resolved it", "was it", "seems to work", "seems to be working",
    "seems to have worked", "seems fine", "looks fine", "looks good", "has improved", "turned on", "turned back on",
    "fixed the problem", "solved the problem", "fixed the issue", "solved my problem", "resolved the issue",
    "fixed that", "is good now", "'s good now", "'s all good now", "seems better", "'s much better",
)  # fmt: skip
_ILL = (
    "doesn't work", "didn't work", "isn't working", "'s not working", "is not working", "not working", "won't work",
    "hasn't worked", "didn't help", "did not help", "doesn't help", "did not work", "does not work", "didn't fix it",
    "did nothing", "didn't do anything", "didn't change anything", "changed nothing", "made no difference",
    "is the same", "'s the same", "is still the same", "'s still the same", "'s doing the same thing",
    "'s still doing the same thing", "'s still doing it", "'s still doing that", "is still there", "'s still there",
    "still doesn't work", "still isn't working", "'s still not working", "is still not working", "still won't work",
    "'s still broken", "is still broken", "still happens", "keeps happening", "'s still happening", "is still happening",
    "is no better", "'s no better", "is worse", "'s worse", "got worse", "hasn't changed", "didn't fix the problem",
    "didn't solve it", "did not fix it", "didn't solve the problem", "didn't resolve it", "hasn't helped",
    "'s still off", "'s still red", "failed", "didn't do the trick", "hasn't improved", "doesn't seem to work",
    "'s still blinking", "still no", "had no effect", "'s still slow", "'s still down", "'s still the same thing",
)  # fmt: skip
_ALONE_WELL = (
    "problem solved", "all fixed", "all working", "all good now", "all set now", "working now", "works now", "fixed",
    "we're back", "i'm back online", "back online", "up and running", "all back to normal", "back to normal", "solved",
    "everything works", "everything is working", "everything's working", "everything works now", "good as new",
    "much better", "all better", "works fine", "works perfectly", "works like a charm", "i can see it now", "success",
    "i'm in", "i'm connected", "i'm online", "we're good", "i got in", "everything is fine now", "resolved",
)  # fmt: skip
_ALONE_ILL = (
    "i am still unable to", "i'm still unable to", "still unable to", "still can't", "i still cannot", "still cannot",
    "still not able to", "i'm still not able to", "i still don't have", "i still have no", "i'm still getting",
    "i still get", "i am still having", "i am still getting", "i'm still having", "it still doesn't", "it still won't",
    "it still isn't", "nothing happened", "nothing happens", "nothing changed", "no change", "no difference", "no luck", "no luck yet",
    "same problem", "same thing", "same issue", "same as before", "still the same", "still nothing", "still not working",
    "still broken", "nothing works", "nothing helped", "nothing is happening", "no improvement", "no effect", "no dice",
    "no success", "still down", "still off", "still no luck", "still the same problem", "still the same issue",
    "still having the problem", "still having the same problem", "still having issues", "still does it", "no it still",
    "i still have the problem", "i still have the same problem", "i still can't", "i'm still having the problem",
    "i'm still having trouble", "i'm still having the same problem", "i'm still having issues", "not fixed",
    "i still get the error", "i still get the same error", "same error", "still an error", "exact same thing",
    "still won't", "nothing at all happened", "didn't help", "didn't work", "doesn't work", "not working", "to no avail",
)  # fmt: skip
_IT = ("it", "that", "this", "the problem", "the issue", "everything", "now it", "they", "which")
_NOW = ("", " now", " again", " at all", " thanks", " anymore", " now thanks", " fine now", " perfectly", " for me", " fine", " properly", " great")  # fmt: skip


def _outcomes(said: tuple[str, ...], alone: tuple[str, ...]) -> tuple[str, ...]:
    whole = (f"{it}{'' if how.startswith(chr(39)) else ' '}{how}" for it in _IT for how in said)
    return tuple(f"{words}{now}" for words in (*whole, *alone) for now in _NOW)


OUTCOMES: Form[bool] = phrases(
    {}, dict.fromkeys(_outcomes(_WELL, _ALONE_WELL), True) | dict.fromkeys(_outcomes(_ILL, _ALONE_ILL), False)
)
"""How what was tried has ended: well or not."""

_SUCCESS = re.compile(
    r"\b(work|fix|help|solv|resolv|improv|better|succe|running|connect|get in|able to|did that|did it|back|fine)"
)
_TROUBLE = re.compile(r"\b(still|problem|issue|persist|remain|continu|trouble|error|same)")


def ends_well(asked: str) -> bool | None:
    """Whether a yes to this question says that something ended well; None where it is about something else."""
    if _SUCCESS.search(asked.lower()) is not None and "still have" not in asked.lower():
        return True
    return False if _TROUBLE.search(asked.lower()) is not None else None


_ASKED_VERB = re.compile(
    r"\b(?:do|did|have|are|can|could|will|would|does|has|is)\s+(?:you|we|they|it|he|she|anyone|anybody|(?:the|your|my)\s+\w+)\s+"
    r"(?:still\s+|already\s+|currently\s+|also\s+|ever\s+|recently\s+|just\s+)?(\w+)",
    re.IGNORECASE,
)
_SUBJECTS = frozenset("i we it they he she i've we've it's i'm we're you".split())
_BETWEEN = frozenset(
    "have has had do did does am are is was can could will would just already still also always really never not got be been only".split()
)
_FARTHEST_VERB = 5


def echoed_verb(asked: str, told: Sequence[str]) -> bool | None:
    """`I have restarted it twice` to `did you restart it`: yes; with a negation no; None where it is neither."""
    found = _ASKED_VERB.search(asked)
    if found is None or not told:
        return None
    verb, begin = stem(found[1].lower()), 1 if told[0] in ("well", "yes", "so", "oh", "and") else 0
    if len(told) < begin + 2 or told[begin] not in _SUBJECTS:
        return None
    if told[begin] in ("i've", "we've") and verb == "have" and told[begin + 1] == "got":
        return not negates(told[begin + 2]) if len(told) > begin + 2 else True
    denied = False
    for at in range(begin + 1, min(begin + _FARTHEST_VERB, len(told))):
        if stem(told[at]) == verb:
            after = told[at + 1] if at + 1 < len(told) else ""
            return None if after == "to" else not (denied or negates(after))
        if negates(told[at]):
            denied = True
        elif told[at] not in _BETWEEN:
            return None
    return None
