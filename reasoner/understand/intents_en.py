"""What a caller wants besides answering, as it is said in English."""

from __future__ import annotations

from reasoner.types import Intent
from reasoner.understand.forms import Form, either, maybe, phrases, rule, said, seq, unspoken

_PERSON = rule(
    "person",
    either(
        said(
            "a human", "a person", "an agent", "a representative", "an operator", "someone", "a real person",
            "a supervisor", "a human being",
        ),
        unspoken(
            seq(
                maybe(said("a", "an", "the", "some", "one of your")),
                maybe(said("real", "live", "actual", "human")),
                said(
                    "human", "person", "agent", "representative", "operator", "supervisor", "someone", "somebody",
                    "human being", "being", "receptionist", "nurse", "doctor", "people", "manager", "staff",
                    "front desk", "anybody", "anyone",
                ),
                make=lambda *words: " ".join(word or "" for word in words),
            )
        ),
    ),
)  # fmt: skip
_HUMAN: Form[Intent] = either(
    seq(
        said(
            "can i speak to", "can i talk to", "could i speak to", "could i talk to", "i want to speak to",
            "i want to talk to", "i'd like to speak to", "i'd like to talk to", "i need to speak to",
            "i need to talk to", "let me speak to", "let me talk to", "get me", "can you get me",
            "connect me to", "transfer me to", "can you connect me to", "can you transfer me to", "i want",
            readable=(
                "speak to", "talk to", "speak with", "talk with", "can i speak with", "can i talk with",
                "may i speak to", "may i speak with", "i want to speak with", "i want to talk with",
                "i would like to speak to", "i would like to talk to", "i'd like to speak with",
                "i'd rather talk to", "i would rather talk to", "put me through to",
                "connect me with", "give me", "could you connect me to", "could you transfer me to",
                "i prefer", "is there", "can i have", "could i have", "i need", "transfer me",
            ),
        ),
        _PERSON,
        make=lambda *_: Intent.HUMAN,
    ),
    phrases(
        dict.fromkeys(("operator", "representative", "agent", "human"), Intent.HUMAN),
        dict.fromkeys(("a human", "a person", "real person", "a real person", "person"), Intent.HUMAN),
    ),
)  # fmt: skip

_SPOKEN = {
    Intent.REPEAT: (
        "can you repeat that", "could you repeat that", "repeat that", "say that again", "can you say that again",
        "could you say that again", "what was that", "what did you say", "pardon", "sorry what", "pardon me",
        "i didn't hear you", "i didn't catch that", "come again", "once more", "never mind", "hello",
    ),
    Intent.WAIT: (
        "hold on", "hold on a second", "one moment", "just a moment", "one second", "just a second",
        "just a minute", "one minute", "give me a second", "give me a minute", "wait a minute", "wait a second",
        "hang on", "let me think", "let me check", "let me see", "stop",
    ),
    Intent.DONT_KNOW: (
        "i don't know", "i'm not sure", "i do not know", "i have no idea", "i don't remember", "i can't remember",
        "not sure",
    ),
    Intent.REFUSE: (
        "i'd rather not say", "i'd rather not", "i don't want to say", "i won't say", "skip that", "that's private",
        "i don't want to give that",
    ),
    Intent.CORRECT: ("go back", "i made a mistake", "that was a mistake", "let me correct that", "cancel that"),
    Intent.CANCEL: ("cancel", "i want to cancel", "cancel the call"),
    Intent.GOODBYE: ("goodbye", "bye", "bye bye", "thank you goodbye", "have a nice day", "i have to go"),
}  # fmt: skip
_READ = {
    Intent.REPEAT: (
        "could you repeat", "can you repeat", "repeat", "again", "say again", "what", "what is that", "huh",
        "excuse me", "sorry", "i'm sorry", "i beg your pardon", "i'm sorry what", "sorry i didn't catch that",
        "sorry i didn't hear you", "could you repeat the question", "can you repeat the question",
        "repeat the question", "what was the question", "what did you ask", "one more time", "say it again",
        "i couldn't hear you", "i can't hear you", "i did not hear that", "i did not understand",
        "i didn't understand", "i didn't get that", "what do you mean", "could you say it again",
        "hello hello",
        "are you there", "are you still there", "hello are you there", "anybody there", "can you hear me",
        "nevermind", "forget it", "forget about it", "forget that", "leave it",
    ),
    Intent.WAIT: (
        "wait", "hold the line", "just wait",
        "give me a moment", "give me one second", "give me one moment", "one sec", "just a sec", "hold on a sec",
        "hold on a minute", "hold on a moment", "hang on a second", "hang on a minute", "bear with me",
        "let me look", "let me look it up", "let me find it", "let me get it", "i have a question", "wait up",
        "can i ask you something", "can i ask a question", "can i ask you a question", "i need a second",
        "i need a minute", "i need a moment", "wait a moment", "stop it", "stop talking",
    ),
    Intent.DONT_KNOW: (
        "don't know", "i dunno", "dunno", "no idea", "i am not sure", "i cannot remember", "i forgot",
        "i forget", "i don't recall", "i can't recall", "i have no clue", "no clue", "i couldn't tell you",
        "i don't know it", "i don't know that", "i don't have it", "i don't have it with me",
        "i don't know my number", "who knows",
    ),
    Intent.REFUSE: (
        "i would rather not say", "i would rather not", "i prefer not to say", "prefer not to say",
        "rather not say", "i'd prefer not to say", "i'd prefer not to", "i don't want to tell you",
        "i won't tell you", "i will not tell you", "i'm not telling you", "i'm not giving you that",
        "none of your business", "that's none of your business", "it's private", "skip", "skip it", "skip this",
        "pass", "no comment", "i refuse", "i don't want to answer", "i don't want to answer that",
        "i'm not going to tell you", "next question", "i don't give that out",
    ),
    Intent.CORRECT: (
        "can we go back", "can you go back", "i need to correct something",
        "i want to correct something", "i want to change something", "i need to change something",
        "i want to change my answer", "can i change my answer", "can i change something", "i said it wrong",
        "i said that wrong", "i misspoke", "that was wrong", "correction", "strike that",
        "i gave you the wrong one", "change that", "let me change that",
    ),
    Intent.CANCEL: (
        "i changed my mind", "i've changed my mind", "cancel it", "cancel this", "cancel everything", "quit",
        "abort", "i want to stop", "let's stop", "let's stop here", "i don't want to do this",
    ),
    Intent.GOODBYE: (
        "good bye", "bye now", "goodbye now", "thanks bye", "thank you bye", "okay bye", "ok bye", "okay goodbye",
        "thanks goodbye", "have a good day", "have a good one", "talk to you later", "i gotta go", "i need to go",
        "i have to hang up", "i'm hanging up", "see you", "see you later", "that's all thank you",
        "that is all thank you", "that's all", "that will be all", "that would be all",
    ),
}  # fmt: skip

COMMANDS: Form[Intent] = rule(
    "command",
    seq(
        maybe(said("sorry")),
        either(
            _HUMAN,
            phrases(
                {words: intent for intent, several in _SPOKEN.items() for words in several},
                {words: intent for intent, several in _READ.items() for words in several},
            ),
        ),
        maybe(said("please")),
        make=lambda _, intent, __: intent,
    ),
)

BACKCHANNELS: Form[str] = rule(
    "backchannel",
    said(
        "okay", "mm-hm", "uh-huh", "mhm", "i see", "right", "alright", "got it", "thank you", "all right",
        readable=(
            "ok", "mm", "mmm", "hmm", "hm", "mm hmm", "mhmm", "mmhmm", "uhhuh", "uh huh", "aha", "ah", "oh", "oh okay",
            "oh i see", "thanks", "good", "great", "fine", "cool", "nice", "very good", "very well", "understood",
            "i understand", "okay okay", "okay then", "so", "well", "wonderful", "really", "interesting", "k", "kk",
        ),
    ),
)  # fmt: skip
"""Signs of listening. None of them answers anything."""

CORRECTIONS: Form[bool] = rule(
    "correction",
    phrases(
        {
            "actually": False, "no actually": True, "sorry": False, "i mean": False, "no i mean": True,
            "i meant": False, "wait": False, "no wait": True, "i'm sorry": False, "no sorry": True,
        },
        {
            "wait no": True, "oh wait": False, "oh no": True, "oh sorry": False, "correction": False, "or rather": False,
            "no i meant": True, "sorry i meant": False, "sorry i mean": False, "i meant to say": False,
            "no no": True, "no no no": True, "well actually": False, "but actually": False, "actually no": True,
            "scratch that": False, "let me correct that": False, "change that to": False, "i said": False,
            "no i said": True, "not that": True, "hold on": False, "excuse me": False,
        },
    ),
)  # fmt: skip
"""Words before a value that is to replace another. The value: whether they also say no."""

OPENINGS: Form[bool] = phrases(
    dict.fromkeys(("okay", "well", "yes", "sure"), False),
    dict.fromkeys(("ok", "oh", "so", "alright"), False)
    | dict.fromkeys(
        ("hi", "hello", "hey", "hi there", "good morning", "good afternoon", "good evening", "good day"), True
    ),
)
"""What people say before they answer. The value: whether it is a greeting, which alone wants to hear something."""

JOINERS: Form[str] = said(
    "and", readable=("also", "and also", "plus", "but", "and then", "then", "or", "as well as")
)

FILLERS = frozenset({"um", "uh", "er", "erm", "uhm", "umm", "em", "please", "kindly"})
"""Words that carry nothing; they are left out before anything is read, except within a backchannel."""
