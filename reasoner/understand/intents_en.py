"""What a caller wants besides answering, as it is said in English."""

from __future__ import annotations

from reasoner.types import Intent
from reasoner.understand.forms import Form, either, maybe, rule, seq, unspoken
from reasoner.understand.persons_en import HUMAN
from reasoner.understand.phrases import phrases, said
from reasoner.understand.wishes_en import READ, SPOKEN

_SPOKEN_ALREADY = frozenset(words for several in SPOKEN.values() for words in several)

_UNWILLING = phrases(
    {},
    dict.fromkeys(
        (
            "i won't", "i will not", "i'm not going to", "i am not going to", "i don't want to", "i do not want to",
            "i'd rather not", "i would rather not", "i prefer not to", "i'd prefer not to", "i refuse to",
            "i would prefer not to", "i'm not comfortable", "i am not comfortable", "i don't feel comfortable",
            "i'm not", "i am not", "i do not wish to", "i don't wish to", "i'm not willing to",
            "i'm not happy", "i don't like", "i am not willing to", "i don't like to", "i'm not gonna", "i never",
            "i wouldn't like to", "i decline to", "i'm unwilling to", "i'm reluctant to", "i can't", "i cannot",
            "i'm afraid i can't", "i'm not allowed to",
        )
    ),
)  # fmt: skip
_TELLING = phrases(
    {},
    dict.fromkeys(
        (
            "tell you", "telling you", "give you", "giving you", "giving out", "give out", "share", "sharing",
            "disclose", "disclosing", "reveal", "revealing", "provide", "providing", "hand out", "discuss",
            "discussing", "talk about", "talking about", "go into", "going into", "answer", "answering",
            "say", "saying", "give", "giving", "tell", "share with you",
        )
    ),
)  # fmt: skip
_WHAT: Form[str] = said(
    readable=(
        "that", "it", "this", "you that", "you", "that one", "those", "them", "anything", "that kind of thing",
        "that information", "that question", "this question", "my details", "any of that", "personal information",
        "such things", "that sort of thing", "this information", "my personal information", "my information",
    )
)  # fmt: skip
_MUST_I = said(
    readable=(
        "do i have to",
        "do i need to",
        "must i",
        "do i really have to",
        "is that necessary",
        "is that really necessary",
        "why would i",
    )
)
_NO_FIRST = maybe(
    said(
        readable=(
            "no",
            "nope",
            "no sorry",
            "sorry no",
            "sorry but",
            "no thanks",
            "no thank you",
            "well",
            "no way",
        )
    )
)
_FETCHING: Form[Intent] = unspoken(
    seq(
        said(
            readable=tuple(
                f"{lead} {verb}"
                for lead in ("let me", "let me just", "just let me", "let me quickly", "i have to", "i need to", "i'll just",
                             "i just have to", "i'll", "i'm going to", "i'll have to", "i'll go and", "let me go and",
                             "i need to go and", "i have to go and")
                for verb in ("get", "find", "grab", "fetch", "look for", "look at", "check", "look in", "dig out", "look on",
                             "dig up", "look up", "put on", "open", "look through", "see", "pull up", "check in", "check with",
                             "ask", "search for")
            )
        ),
        said("my", "the", "that", "this", "our"),
        said(
            readable=("papers", "paper", "paperwork", "card", "cards", "letter", "statement", "bill", "glasses", "purse",
                      "wallet", "phone", "notes", "documents", "document", "folder", "file", "files", "invoice", "contract",
                      "calendar", "diary", "email", "emails", "e-mail", "inbox", "id", "license", "licence", "passport", "pen",
                      "bag", "desk", "drawer", "computer", "laptop", "app", "husband", "wife", "partner", "mother", "father",
                      "daughter", "son", "receipt", "box", "package", "label", "sticker", "form", "forms", "list", "record",
                      "records", "number", "account", "policy", "certificate", "address", "date", "booking", "confirmation")
        ),
        maybe(said(readable=("first", "quickly", "real quick", "for a second", "again", "for that", "here", "out"))),
        make=lambda *_: Intent.WAIT,
    )
)  # fmt: skip
"""`Let me get my papers`: what was asked for has to be fetched."""
_REFUSAL: Form[Intent] = unspoken(
    either(
        seq(_NO_FIRST, _UNWILLING, _TELLING, _WHAT, make=lambda *_: Intent.REFUSE),
        seq(
            _MUST_I,
            phrases({}, dict.fromkeys((*READ[Intent.REFUSE], *SPOKEN[Intent.REFUSE]), Intent.REFUSE)),
            make=lambda _, intent: intent,
        ),
        seq(
            said(readable=("no", "nope", "no sorry", "sorry no", "sorry but", "no thanks", "no thank you")),
            phrases({}, dict.fromkeys((*READ[Intent.REFUSE], *SPOKEN[Intent.REFUSE]), Intent.REFUSE)),
            make=lambda _, intent: intent,
        ),
    )
)
"""`No, I won't tell you that`: in as many ways as there are to be unwilling, and to tell."""

COMMANDS: Form[Intent] = rule(
    "command",
    seq(
        maybe(said("sorry")),
        either(
            HUMAN,
            _REFUSAL,
            _FETCHING,
            phrases(
                {words: intent for intent, several in SPOKEN.items() for words in several}
                | {"skip that": Intent.SKIP},
                {
                    words: intent
                    for intent, several in READ.items()
                    for words in several
                    if words not in _SPOKEN_ALREADY
                },
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
            "ok", "mm", "mmm", "hmm", "hm", "mm hmm", "mhmm", "mmhmm", "uhhuh", "uh huh", "aha", "ah", "oh",
            "oh okay",
            "oh i see", "thanks", "good", "great", "fine", "cool", "nice", "very good", "very well",
            "understood",
            "i understand", "okay okay", "okay then", "so", "well", "wonderful", "really", "interesting", "k",
            "kk", "gotcha",
            "okay thanks", "okay thank you", "ok thanks", "thank you very much", "thanks a lot",
            "thank you so much", "perfect thank you", "great thanks",
            "great thank you", "excellent", "awesome", "okay great", "okay good", "okay cool", "oh good",
            "oh great", "oh nice", "lovely", "makes sense", "that makes sense", "fair enough", "i see okay",
            "okay i see", "alright then", "yup okay", "ha", "haha", "wow", "oh wow", "no way really",
            "sounds lovely", "brilliant", "amazing", "sweet", "good to know", "noted", "thank you for your help", "thanks for your help", "thank you for your time", "thanks for that",
            "before i forget", "just so you know", "so you know", "for your information", "fyi", "while i'm at it",
            "while we're at it", "one more thing", "if that helps", "if it helps", "for what it's worth", "just to let you know",
            "thank you for that", "thank you so much for your help", "thanks for calling", "thank you for calling", "thanks for helping",
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
            "wait no": True, "oh wait": False, "oh no": True, "oh sorry": False, "correction": False,
            "or rather": False,
            "no i meant": True, "sorry i meant": False, "sorry i mean": False, "i meant to say": False,
            "no no": True, "no no no": True, "well actually": False, "but actually": False, "actually no": True,
            "scratch that": False, "no scratch that": True, "make that": False, "no make that": True,
            "no make it": True, "oh i meant": False, "no actually i meant": True,
            "no wait actually": True, "oh wait actually": False, "wait actually": False,
            "actually wait": False, "actually no wait": True, "no no wait": True, "wait i meant": False,
            "no wait i meant": True,
            "sorry no": True, "no not that": True, "oops": False, "whoops": False, "oops sorry": False,
            "my bad": False, "my mistake": False, "i misspoke": False, "correction it's": False,
            "or actually": False, "on second thought": False, "on second thoughts": False,
            "change it to": False, "change to": False, "let's make it": False, "let's make that": False,
            "let's say": False, "let me rephrase": False,
            "can you change it to": False, "can you make it": False, "could you make it": False,
            "can we make it": False, "could we make it": False, "can you make that": False,
            "could we make that": False, "can we make that": False, "can you change that to": False,
            "please change it to": False, "please make it": False, "i'd rather": False,
            "what i meant was": False, "i meant to say it's": False,
            "let me correct that": False, "change that to": False, "i said": False,
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
