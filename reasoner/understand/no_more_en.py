"""How callers say in English that they have nothing to add."""

from __future__ import annotations

from reasoner.understand.answers_en import HOW_NICE
from reasoner.understand.forms import Form
from reasoner.understand.phrases import phrases

_LEFT = (
    "any",
    "any more",
    "anything",
    "anything else",
    "anything more",
    "one",
    "any other",
    "any of those",
    "any of them",
)
_OF_WHAT = ("", " questions", " comments", " requests", " requirements", " notes", " special requests", " at the moment", " right now", " to add", " else", " to say")  # fmt: skip
_HAVE_NO_MORE = tuple(
    f"{no}{i} {left}{what}"
    for no in ("", "no ", "nope ", "no thanks ", "no thank you ")
    for i in ("i don't have", "i do not have", "we don't have", "i don't need", "there isn't", "i can't think of", "there's not", "i haven't got")
    for left in _LEFT
    for what in _OF_WHAT
)  # fmt: skip
_ALL_WELL = tuple(
    f"{no}{it} {verb} {how}"
    for no in ("", "no ", "nope ")
    for it in ("everything", "it", "it all", "all")
    for verb in ("was", "is", "went", "has been")
    for how in (
        *HOW_NICE,
        "very good",
        "really good",
        "well",
        "just fine",
        "all good",
        "fully satisfactory",
        "smooth",
    )
) + tuple(f"{no}everything's {how}" for no in ("", "no ", "nope ") for how in HOW_NICE)

_NOTHING_COMES = tuple(
    f"{no}{nothing}"
    for no in ("", "no ", "nope ")
    for nothing in (
        "nothing comes to mind", "nothing i can think of", "nothing that i can think of", "i can't think of anything",
        "i can't think of anything else", "not that i can think of", "nothing at the moment", "nothing right now",
        "nothing for now", "not at this time", "nothing at this time", "i think that's all", "i think that's it",
        "i think that covers it", "that should be all", "that should be it", "that covers it", "keep up the good work",
    )
)  # fmt: skip

NO_MORE: Form[str] = phrases(
    {},
    dict.fromkeys((*_HAVE_NO_MORE, *_ALL_WELL, *_NOTHING_COMES), "") |
    {
        words: words
        for words in (
            "none", "nothing", "no none", "no nothing", "nothing else", "no nothing else", "not really",
            "nothing special",
            "nothing in particular", "nothing really", "nope nothing", "no that's all", "that's all",
            "no that's it",
            "that's it", "nothing more", "no thanks that's all", "none at all", "nothing at all", "no notes",
            "n/a",
            "no special requests", "nothing to add", "i have nothing to add", "no comment", "no comments",
        )
    },
)  # fmt: skip
"""There is nothing to say, where a caller's own words are asked for."""
