"""Yes and no in English, and what only sounds like them."""

from __future__ import annotations

from reasoner.types import Answer
from reasoner.understand.forms import Form, phrases

_YES = (
    "yes", "yeah", "sure", "correct", "exactly", "absolutely", "of course", "certainly", "definitely",
    "that's right", "that's correct", "that is right", "that is correct", "it is", "yes it is", "that's it",
    "yes that's right", "yes that's correct", "yeah that's right", "yes that is correct", "yes correct",
    "yes please", "yes you may", "yes you can", "you may", "you can", "yes i do", "yes i agree", "i agree", "i do agree",
    "i do", "yes of course", "yes sure", "that's fine", "yes that's fine", "go ahead", "all correct",
    "everything is correct", "you got it", "okay yes", "right that's correct",
)  # fmt: skip
_YES_READ = (
    "yep", "yup", "ya", "aye", "y", "true", "indeed", "affirmative", "for sure", "sure thing", "yes ma'am", "yes sir",
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
    "not really", "no not really", "i don't agree", "i do not agree", "no i don't agree", "absolutely not", "of course not",
    "certainly not", "no it's not", "it's not", "no don't", "don't",
)  # fmt: skip
_NO_READ = (
    "n", "false", "negative", "no no", "no no no", "no sir", "no ma'am", "that isn't right", "that isn't correct",
    "no that isn't right", "no that isn't correct", "not quite", "no not quite", "not quite right", "not exactly",
    "not at all", "no not at all", "no way", "it's wrong", "it's not right", "it is wrong", "it's not correct",
    "it isn't right", "that's not it", "that's not what i said", "no that's not what i said", "i didn't say that",
    "i did not say that", "no i didn't say that", "you got it wrong", "you got that wrong", "you misheard",
    "no you misheard me", "no i do not", "i disagree", "i'd rather you didn't", "better not",
    "no i am not", "no i'm not", "never", "not true", "that's not true", "that's not my name",
    "no that's not my name", "i don't want that", "no i don't want that", "you can't", "you cannot", "you may not",
    "i do not consent", "i don't consent", "no it is not", "it is not", "is not right", "is wrong",
    "something is wrong", "everything", "everything is wrong", "all of it", "all of them", "all wrong", "something's wrong", "that's all wrong", "none of that is right", "not that",
)  # fmt: skip
_NEITHER = (
    "no problem", "no worries", "not a problem", "not bad", "not too bad", "no rush", "no hurry", "no matter",
    "no big deal", "no doubt", "i know", "you know", "not yet", "right now", "right away", "yes and no",
    "yeah no", "no yeah", "yes but no", "yes no", "no yes", "no that's right", "no that's correct", "no of course",
    "no sorry yes", "right here", "right there", "sure enough", "no wonder",
)  # fmt: skip

ANSWERS: Form[Answer] = phrases(
    dict.fromkeys(_YES, Answer.YES) | dict.fromkeys(_NO, Answer.NO),
    dict.fromkeys(_YES_READ, Answer.YES) | dict.fromkeys(_NO_READ, Answer.NO),
)
"""A clear yes or no. "Okay" and "mm-hm" only say that somebody listens: they are backchannels."""

NEITHER: Form[None] = phrases({}, dict.fromkeys(_NEITHER))
"""What begins like an answer and is none, or is both."""
