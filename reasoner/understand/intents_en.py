"""What a caller wants besides answering, as it is said in English."""

from __future__ import annotations

from reasoner.types import Intent
from reasoner.understand.forms import Form, either, maybe, rule, seq, unspoken
from reasoner.understand.nearly import nearly_one_of
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
            "i'm afraid i can't", "i'm not allowed to", "i would never", "i won't be", "i don't think i should",
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
        "that kind of information", "this kind of information", "that sort of information", "things like that",
        "that out", "it out", "those out", "that information out", "this out",
    )
)  # fmt: skip
_PRIVATE: Form[Intent] = phrases(
    {},
    dict.fromkeys(
        (
            *(
                f"{i} keep {it} {how}"
                for i in ("i'd like to", "i would like to", "i'll", "i want to", "i prefer to", "i'd prefer to", "i'd rather")
                for it in ("that", "it", "this", "those things", "such things")
                for how in ("to myself", "private", "for myself")
            ),
            *(f"i'd rather {say} {to}" for say in ("tell", "say that to", "tell that to") for to in ("the doctor", "them myself", "them in person")),
            "that's between me and my doctor", "that stays between us", "that's nobody's business",
            "that's nobody else's business", "that's not your business", "that is not your business",
            "i don't think you need to know that", "you don't have to know that", "you do not need to know that",
        ),
        Intent.REFUSE,
    ),
)  # fmt: skip
_AS_A_RULE: Form[Intent] = phrases(
    {},
    dict.fromkeys(
        (
            f"{i} {tell}"
            for i in ("i don't", "i do not", "we don't", "i don't usually", "i don't normally")
            for tell in (
                *(f"give {it} out" for it in ("that", "it", "this", "those", "that information")),
                *(
                    f"{tell} {it}"
                    for tell in ("give out", "disclose", "reveal", "discuss", "share", "hand out")
                    for it in ("that kind of information", "that information", "such information", "such things",
                               "things like that", "my personal information", "personal information", "my details")
                ),
                "discuss that", "disclose that", "reveal that", "tell that", "tell such things", "give that", "give you that",
            )
        ),
        Intent.REFUSE,
    ),
)  # fmt: skip
"""`We don't give that out`: not to anybody."""
_WHERE = maybe(
    said(
        readable=tuple(
            f"{really}{where}".strip()
            for really in ("", "just ", "really ")
            for where in (
                "over the phone", "on the phone", "over the telephone", "on the telephone", "by phone", "like that", "here",
                "to a machine", "to a computer", "to a robot", "with a machine", "with a computer", "with a robot", "now",
                "right now", "at the moment", "today", "to strangers", "to a stranger", "with strangers", "to anyone",
                "to anybody", "with anyone", "with anybody", "to people i don't know", "actually", "sorry", "thanks",
            )
        )
    )
)  # fmt: skip
"""To whom, and where, something is not told: `I don't give that out over the phone`."""
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
        seq(_NO_FIRST, _UNWILLING, _TELLING, _WHAT, _WHERE, make=lambda *_: Intent.REFUSE),
        seq(_NO_FIRST, either(_PRIVATE, _AS_A_RULE), _WHERE, make=lambda *_: Intent.REFUSE),
        seq(
            _MUST_I,
            phrases({}, dict.fromkeys((*READ[Intent.REFUSE], *SPOKEN[Intent.REFUSE]), Intent.REFUSE)),
            make=lambda _, intent: intent,
        ),
        seq(
            said(readable=("no", "nope", "no sorry", "sorry no", "sorry but", "no thanks", "no thank you")),
            phrases({}, dict.fromkeys((*READ[Intent.REFUSE], *SPOKEN[Intent.REFUSE]), Intent.REFUSE)),
            _WHERE,
            make=lambda _, intent, __: intent,
        ),
        seq(
            phrases({}, dict.fromkeys(READ[Intent.REFUSE], Intent.REFUSE)),
            _WHERE,
            make=lambda intent, _: intent,
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

_HOLDING_BACK = (Intent.DONT_KNOW, Intent.REFUSE, Intent.SKIP, Intent.WAIT, Intent.REPEAT)
_NONE = tuple(
    f"i {lack} {it}"
    for lack in ("don't have", "haven't got", "do not have")
    for it in ("one", "it", "that", "any")
)
nearly_commands = nearly_one_of(
    (*_NONE, *(words for intent in _HOLDING_BACK for words in (*SPOKEN.get(intent, ()), *READ[intent])))
)
"""Whether words would be no answer but for one of them: `a don't have that`, `just a comment please`."""

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
