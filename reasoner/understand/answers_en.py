"""Yes and no in English, and what only sounds like them."""

from __future__ import annotations

from reasoner.types import Answer
from reasoner.understand.forms import Form
from reasoner.understand.phrases import phrases

_YES = (
    "yes", "yeah", "sure", "correct", "exactly", "absolutely", "of course", "certainly", "definitely",
    "that's right", "that's correct", "that is right", "that is correct", "it is", "yes it is", "that's it",
    "yes that's right", "yes that's correct", "yeah that's right", "yes that is correct", "yes correct",
    "yes please", "yes you may", "yes you can", "you may", "you can", "yes i do", "yes i agree", "i agree",
    "i do agree",
    "i do", "yes of course", "yes sure", "that's fine", "yes that's fine", "go ahead", "all correct",
    "everything is correct", "you got it", "okay yes", "right that's correct",
)  # fmt: skip
_YES_READ = (
    "yep", "yup", "ya", "aye", "y", "true", "indeed", "affirmative", "for sure", "sure thing", "yes ma'am",
    "yes sir",
    "you bet", "perfect", "perfectly right", "yes yes", "yeah yeah", "yes exactly", "yes absolutely", "i am",
    "yes i am", "yes they are", "they are", "all right that's correct", "right that's right", "i consent",
    "yes i consent", "by all means", "it's correct", "it's right", "it is correct", "it is right",
    "is correct", "sounds right", "that sounds right", "that looks right", "looks good", "that's all correct",
    "that's all right", "everything's correct", "everything is right", "all of that is correct",
    "all of it is correct", "that's me", "i think so", "yes i think so", "i believe so", "why not",
    "fine by me", "fine with me", "i don't mind", "no objection", "no objections", "ok yes", "yes ok",
    "yes okay", "yeah okay", "yeah sure", "yes go ahead", "you have it right", "you got it right",
)  # fmt: skip
_NO = (
    "no", "nope", "nah", "no thank you", "no thanks", "that's wrong", "no that's wrong", "that's not right",
    "no that's not right", "that's not correct", "no that's not correct", "that is wrong", "not right",
    "that is not right", "not correct", "incorrect", "that's incorrect", "wrong", "no it isn't", "it isn't",
    "i don't think so", "no i don't think so", "no i don't", "no you may not", "you may not", "i do not",
    "not really", "no not really", "i don't agree", "i do not agree", "no i don't agree", "absolutely not",
    "of course not",
    "certainly not", "no it's not", "it's not", "no don't", "don't",
)  # fmt: skip
_NO_READ = (
    "n", "false", "negative", "no no", "no no no", "no sir", "no ma'am", "that isn't right",
    "that isn't correct",
    "no that isn't right", "no that isn't correct", "not quite", "no not quite", "not quite right",
    "not exactly",
    "not at all", "no not at all", "no way", "it's wrong", "it's not right", "it is wrong", "it's not correct",
    "it isn't right", "that's not it", "that's not what i said", "no that's not what i said",
    "i didn't say that",
    "i did not say that", "no i didn't say that", "you got it wrong", "you got that wrong", "you misheard",
    "no you misheard me", "no i do not", "i disagree", "i'd rather you didn't", "better not",
    "no i am not", "no i'm not", "never", "not true", "that's not true", "that's not my name",
    "no that's not my name", "i don't want that", "no i don't want that", "you can't", "you cannot",
    "you may not",
    "i do not consent", "i don't consent", "no it is not", "it is not", "is not right", "is wrong",
    "something is wrong", "everything", "everything is wrong", "all of it", "all of them", "all wrong",
    "something's wrong", "that's all wrong", "none of that is right", "not that",
)  # fmt: skip
NEITHER_WORDS = (
    "no problem", "no worries", "not a problem", "not bad", "not too bad", "no rush", "no hurry", "no matter",
    "no big deal", "no doubt", "i know", "you know", "right now", "right away", "yes and no",
    "yeah no", "no yeah", "yes but no", "yes no", "no yes", "no that's right", "no that's correct",
    "no of course",
    "no sorry yes", "right here", "right there", "sure enough", "no wonder", "not yet sure", "no preference",
    "i don't care", "i do not care", "i really don't care",
)  # fmt: skip

_MORE_YES = (
    "right thanks", "right thank you", "right thank you very much", "perfect thanks", "perfect thank you",
    "that's right thanks", "that's right thank you", "right yes", "right yeah", "right you are", "that's perfect",
    "that is perfect", "that's great", "that sounds perfect", "sounds perfect", "yes that's perfect",
    "yes that's the one", "yes that would be great", "yes that'll do", "that'll do", "that will do",
    "that's good", "that will work", "yes that will work", "that's all good", "yes all good", "all right thanks", "go on then", "oh go on then", "yes go on",
    "yessir", "yes indeed", "that's correct yes", "correct yes", "that's right yes", "yes that's me",
    "yes i have",
    "yes i did", "yes we do", "yes it does", "yes there is", "yes there are", "yes it has", "i'd love to",
    "yes i would", "i'd like that", "yes i'd like that", "sounds good", "that sounds good", "sounds great",
    "that sounds great", "that works", "that'll work", "that would be great", "that would be good",
    "that would be fine", "that'd be great", "that is fine", "works for me", "that works for me",
    "yes that works",
    "please do", "let's do it", "let's do that", "do it", "absolutely yes", "yes absolutely", "yes definitely",
    "definitely yes", "oh yes", "oh yeah", "hell yeah", "yea", "yeh", "yess", "yas", "uh yes", "yes yes yes",
    "totally",
    "very much so", "naturally", "obviously", "without a doubt", "i guess so", "i suppose so", "i suppose",
    "i hope so",
    "i'm afraid so", "probably yes", "i'd say so", "yes for sure", "of course yes", "si", "da", "roger",
    "roger that", "ten four", "confirmed", "i confirm", "confirm", "agreed", "granted", "accepted", "i accept",
    "yes i accept", "yes i confirm", "yes i can", "i certainly do", "i sure do", "you are right",
    "you're right",
    "that's the one", "that one's right", "spot on", "precisely", "bingo", "quite right", "yes that is right",
    "that's exactly right", "exactly right", "yes exactly right", "all good", "it's all correct",
    "it's all good",
    "go for it", "might as well", "i might as well", "yes might as well", "i'd appreciate that", "i'll take it", "yes let's",
    "that would be wise", "i'd say yes", "yes go for it", "why don't we", "if you could", "yes if you could", "that'd be lovely",
    "everything looks good", "everything is fine", "everything is in order", "that's accurate", "accurate",
)  # fmt: skip
HOW_NICE = (
    "nice", "good", "great", "lovely", "fine", "perfect", "wonderful", "helpful", "awesome", "fantastic", "excellent",
    "ideal", "amazing", "brilliant", "super", "cool", "okay", "ok", "alright", "appreciated", "preferable",
)  # fmt: skip
_NICE = tuple(
    f"{lead} {how}"
    for lead in (
        "that would be",
        "that'd be",
        "it would be",
        "that will be",
        "that'll be",
        "that sounds",
        "would be",
    )
    for how in HOW_NICE
)
_SADLY = (
    "unfortunately",
    "luckily",
    "fortunately",
    "thankfully",
    "sadly",
    "hopefully",
    "apparently",
    "probably",
    "maybe",
)
_ADVERBIAL_NO = tuple(
    f"{lead} {no}" for lead in (*_SADLY, "sorry", "still", "i think", "certainly") for no in ("not", "no")
)
_ADVERBIAL_YES = tuple(f"{lead} {yes}" for lead in (*_SADLY, "i think") for yes in ("yes", "so", "yeah"))

_MORE_NO = (
    *_ADVERBIAL_NO,
    "no sorry", "i'm afraid not", "i am afraid not", "afraid not", "no i'm afraid not", "not yet", "no not yet",
    "not at the moment",
    "not right now", "not now", "not today", "not this time", "no thank you very much", "no thanks not now",
    "no i haven't",
    "no i have not", "no i didn't", "no i did not", "no it doesn't", "no it does not", "no there isn't",
    "no there aren't",
    "no it hasn't", "no we don't", "no they don't", "no i can't", "no i won't",
    "no i wouldn't", "i'd rather not do that", "no need", "there's no need", "that won't be necessary",
    "that won't work", "that doesn't work", "that doesn't work for me", "doesn't work for me", "hell no",
    "heck no",
    "no chance", "by no means", "definitely not", "no definitely not", "no absolutely not", "probably not",
    "i don't believe so", "i do not think so", "i guess not", "i suppose not", "i hope not", "not that one",
    "no sir no",
    "nuh uh", "uh uh", "nay", "naw", "noo", "nooo", "no way no", "not me", "that's not me", "no that's not me",
    "not so", "that's false", "no that's false", "no that is wrong", "no it's wrong", "not accurate",
    "it is incorrect",
    "it's incorrect", "neither", "neither of them", "not anymore", "not any more", "no longer", "i refuse to",
    "nothing of the sort",
    "not necessarily", "not particularly", "not especially", "no no thank you", "no no thanks", "that's a no",
    "it's a no",
    "that's not necessary", "that is not necessary", "not necessary", "it's not necessary", "no that's not necessary",
    "i don't need it", "i don't need that", "no i don't need it", "no i don't need that", "no need for that", "i don't want it",
    "no i don't want it", "i'm good thanks", "no i'm good", "no i'm good thanks", "no we're good", "nope we're good", "no all good",
    "nope all good", "no it's fine", "no i'm fine", "no we're fine", "i can do without", "i'll do without", "no need thanks",
    "i decline", "declined", "decline", "rejected", "deny", "nein", "no that's incorrect",
)  # fmt: skip

ANSWERS: Form[Answer] = phrases(
    dict.fromkeys(_YES, Answer.YES) | dict.fromkeys(_NO, Answer.NO),
    dict.fromkeys((*_MORE_YES, *_YES_READ, *_NICE, *_ADVERBIAL_YES), Answer.YES)
    | dict.fromkeys((*_MORE_NO, *_NO_READ), Answer.NO),
)
"""A clear yes or no. "Okay" and "mm-hm" only say that somebody listens: they are backchannels."""

NEITHER: Form[None] = phrases({}, dict.fromkeys(NEITHER_WORDS))
"""What begins like an answer and is none, or is both."""

CASUAL_WORDS = (
    "okay", "ok", "okay okay", "okay then", "k", "kk", "alright", "all right", "right", "sure", "fine",
    "that's fine",
    "mm-hm", "mm hmm", "mhm", "mhmm", "mmhmm", "uh-huh", "uh huh", "uhhuh", "mm", "cool", "good", "great",
    "very well",
    "sure thing", "fine by me", "fine with me", "sounds good", "why not", "i guess so",
    "i suppose so", "i suppose", "all good", "okay sure", "okay fine", "okay great", "okay cool",
    "alright then",
    "very good", "perfect", "wonderful", "excellent", "okey dokey", "okie dokie", "fair enough", "by all means",
    "no problem", "not a problem", "no worries", "no objection", "i don't mind", "that's okay", "that is fine",
)  # fmt: skip
CASUAL: Form[str] = phrases({}, {words: words for words in CASUAL_WORDS})
"""Words that agree, and that listeners also say in passing."""

_NEGATIONS = frozenset("not no never nothing none neither nor cannot without hardly".split())
_SHORT_NOT_ENDS = ("n't", "dont", "doesnt", "wont", "cant", "isnt", "didnt", "havent", "hasnt", "wasnt")


def negates(word: str) -> bool:
    """Whether a word turns a sentence round."""
    return word in _NEGATIONS or word.endswith(_SHORT_NOT_ENDS)


_PAIRS = """on off, open closed, open shut, up down, working broken, connected disconnected, plugged unplugged, in out, full empty,
    hot cold, wet dry, locked unlocked, enabled disabled, active inactive, new old, same different, correct incorrect,
    online offline, visible hidden, loose tight, clean dirty, married single, alive dead, available unavailable, paid unpaid,
    first last, before after, left right, yes no, true false, warm cold, high low, big small, fast slow, loud quiet"""
OPPOSITES = {
    word: other
    for pair in _PAIRS.split(",")
    for word, other in (pair.split(), reversed(pair.split()))
}  # fmt: skip
"""A word for its opposite: who is asked whether a light is on, and says that it is off, says no."""

ALONE = frozenset(
    (
        "everything",
        "all of it",
        "all of them",
        "y",
        "n",
        "never",
        "always",
        "sometimes",
        "done",
        "all good",
    )
)
"""Answers that within a sentence are none."""

STATING = frozenset(
    (
        "i am",
        "it is",
        "they are",
        "i'm not",
        "it isn't",
        "it is not",
        "it's not",
        "i'd like to",
        "we'd like to",
        "i would like to",
        "we would like to",
        "i want to",
        "i have",
        "we have",
        "i need",
        "we need",
        "i do need",
        "i do want",
    )
)
"""Answers that go on as any statement: `I am still unable to connect`."""

_WHEN = """this that the last yesterday today earlier morning afternoon evening night week month just now already before
    once twice times time ago a an few couple of several many minutes minute hours hour days day weeks monday tuesday
    wednesday thursday friday saturday sunday two three four five ten and on in at recently"""
TELLING_WHEN = frozenset(_WHEN.split())
"""Words behind an answer that only tell when something was done: `I did that this morning`."""
