"""A yes or no in English that repeats the verb of its question: `I do`, `it isn't`, `I already tried that`."""

from __future__ import annotations

from reasoner.types import Answer
from reasoner.understand.answers_en import CASUAL_WORDS, NEITHER_WORDS
from reasoner.understand.forms import Form
from reasoner.understand.phrases import phrases

_HAVE = {
    "i": ("do", "have", "did", "am", "can", "would", "will", "was", "could", "should", "had"),
    "we": ("do", "have", "did", "are", "can", "would", "will", "were"),
    "it": ("is", "does", "has", "did", "was", "will", "can", "would"),
    "they": ("do", "are", "have", "did", "were", "will", "can"),
    "he": ("is", "does", "has", "did", "was", "will"),
    "she": ("is", "does", "has", "did", "was", "will"),
    "there": ("is", "are", "was", "were", "has"),
    "that": ("is", "does", "did", "was", "will"),
    "you": ("can", "may", "could", "should", "do"),
}
_SHORT_NOT = {"can": "can't", "will": "won't", "am": "ain't"}


def _done() -> dict[str, Answer]:
    """`I already tried that`, `I haven't done it yet`."""
    table: dict[str, Answer] = {}
    whos = ("i", "we", "i've", "we've", "i have", "we have")
    verbs = ("did", "tried", "done", "checked", "made sure of")
    whats = (" that", " it", " this", " them", " those", "")
    for who in whos:
        for verb in verbs:
            for what in whats:
                for already in (" already", " just", ""):
                    for tail in (
                        "",
                        " already",
                        " too",
                        " twice",
                        " before",
                        " as well",
                        " several times",
                        " now",
                    ):
                        if already or what or tail:
                            for lead in ("", "yes "):
                                table.setdefault(f"{lead}{who}{already} {verb}{what}{tail}", Answer.YES)
    for who in (
        "i haven't",
        "i have not",
        "we haven't",
        "i didn't",
        "i did not",
        "i've not",
        "i never",
        "i hadn't",
    ):
        for verb in ("done", "tried", "checked", "do", "try", "check", "did"):
            for what in whats:
                for tail in ("", " yet"):
                    for lead in ("", "no "):
                        table.setdefault(f"{lead}{who} {verb}{what}{tail}", Answer.NO)
    return table


_LOVE = {
    f"{i} {love} {what}": Answer.YES
    for i in ("i'd", "i would", "we'd", "we would")
    for love in ("love", "like", "prefer", "appreciate", "really like", "really love", "definitely like")
    for what in (
        "one",
        "that",
        "it",
        "some",
        "to",
        "this",
        "that very much",
        "to have one",
        "to have that",
        "those",
    )
}


def _terse() -> dict[str, Answer]:
    """`i do`, `it isn't`, `there are not`, with a yes or no before them and without."""
    table: dict[str, Answer] = {}
    for who, verbs in _HAVE.items():
        for verb in verbs:
            yes = f"{who} {verb}"
            short = _SHORT_NOT.get(verb) or verb + "n't"
            noes = (f"{yes} not", f"{who} {short}")
            for lead in ("", "yes ", "yeah ", "yep "):
                table.setdefault(lead + yes, Answer.YES)
            for no in noes:
                for lead in ("", "no ", "nope ", "nah "):
                    table.setdefault(lead + no, Answer.NO)
    return table


_PRONOUNS_NOT = {
    "i'm not": Answer.NO, "it's not": Answer.NO, "they're not": Answer.NO, "we're not": Answer.NO,
    "he's not": Answer.NO,
    "she's not": Answer.NO, "there's not": Answer.NO, "there is no": Answer.NO, "there's no": Answer.NO,
    "there are no": Answer.NO, "there are none": Answer.NO,
    "i have no": Answer.NO, "i have none": Answer.NO, "i've got no": Answer.NO, "i've got": Answer.YES,
    "just did": Answer.YES, "just did that": Answer.YES, "already did": Answer.YES, "did that": Answer.YES,
    "did it": Answer.YES, "tried that": Answer.YES, "done that": Answer.YES, "did that already": Answer.YES,
    "already tried": Answer.YES, "already tried that": Answer.YES, "tried that already": Answer.YES,
    "i already have": Answer.YES, "i already did": Answer.YES,
    "already done": Answer.YES, "done": Answer.YES, "i've done that": Answer.YES,
    "i've already done that": Answer.YES, "i did that already": Answer.YES, "i do indeed": Answer.YES,
    "that's what i want": Answer.YES, "i've never": Answer.NO, "i have never": Answer.NO, "none": Answer.NO,
    "nothing": Answer.NO,
    "nothing else": Answer.NO, "no nothing else": Answer.NO, "no that's all": Answer.NO,
    "no that's it": Answer.NO,
    "no that is all": Answer.NO, "no that'll be all": Answer.NO, "no that will be all": Answer.NO,
    "no i'm good": Answer.NO, "i'm good": Answer.NO, "no i'm fine": Answer.NO,
    "no i'm all set": Answer.NO, "i'm all set": Answer.NO, "no we're good": Answer.NO,
    "no i think that's it": Answer.NO,
    "no i think that's all": Answer.NO, "no that's everything": Answer.NO, "nothing at all": Answer.NO,
    "nothing more": Answer.NO,
    "no one": Answer.NO, "nobody": Answer.NO, "i doubt it": Answer.NO, "i doubt that": Answer.NO, "i very much doubt it": Answer.NO, "doubtful": Answer.NO,
    "unlikely": Answer.NO, "not likely": Answer.NO, "hardly": Answer.NO, "should be fine": Answer.YES,
    "that should be fine": Answer.YES, "should be okay": Answer.YES, "should be possible": Answer.YES, "should work": Answer.YES,
    "always": Answer.YES, "sometimes": Answer.YES,
    "a little": Answer.YES, "a bit": Answer.YES, "a few": Answer.YES, "rarely": Answer.NO,
    "i think i do": Answer.YES, "i think i have": Answer.YES, "i think it is": Answer.YES,
    "i don't have any": Answer.NO, "i don't have one": Answer.NO, "i don't think i do": Answer.NO,
    "i don't think i have": Answer.NO,
    "i don't think it is": Answer.NO, "i don't think it does": Answer.NO, "yes there's": Answer.YES,
    "i want to": Answer.YES, "i'd like to": Answer.YES, "i would like to": Answer.YES,
    "i don't want to": Answer.NO, "i do not want to": Answer.NO, "i don't want": Answer.NO,
    "i don't need": Answer.NO, "i do need": Answer.YES, "i do want": Answer.YES,
    "i don't need to": Answer.NO, "i don't need it": Answer.NO, "i don't need one": Answer.NO,
    "i don't want it": Answer.NO, "i don't want one": Answer.NO,
}  # fmt: skip

TERSE: Form[Answer] = phrases(
    {},
    _PRONOUNS_NOT
    | {words: Answer.YES for words in CASUAL_WORDS if words not in NEITHER_WORDS}
    | _terse()
    | _done()
    | _LOVE,
)
"""A yes or no that repeats the verb of the question, or is given in passing."""
