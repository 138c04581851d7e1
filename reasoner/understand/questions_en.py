"""How a question begins in English. Speech has no question mark, so the beginning has to tell."""

from __future__ import annotations

from reasoner.understand.forms import Form
from reasoner.understand.phrases import phrases

_STRONG = (
    "what is", "what's", "what are", "what was", "what time", "what kind", "what if", "what about", "what do",
    "what does", "what happens", "what should", "what can", "what will", "what would", "what hours",
    "what days",
    "where is", "where's", "where are", "where can", "where do", "where should", "where will", "were can",
    "how much", "how many", "how long", "how do", "how does", "how can", "how far", "how often", "how early",
    "how late", "how is", "how's", "how are", "how about", "how should", "how would", "how will", "how soon",
    "when is", "when's", "when are", "when do", "when does", "when can", "when should", "when will",
    "which doctor", "which doctors", "which is", "which of", "which one", "which floor", "which entrance",
    "who won", "who was", "who has", "who makes", "who made", "who invented", "who runs", "who owns", "why did", "why was",
    "who is", "who's", "who will", "who do", "who can", "who are", "why is", "why are", "why do", "why does",
    "why should", "why would",
    "do you", "do i", "do we", "do they", "does the", "does it", "does your", "does my", "does that", "did you",
    "are you", "are there", "are your", "are we", "are they", "are the", "is there", "is it", "is the",
    "is this",
    "is that", "is your", "is my",
    "can i", "can you", "can we", "can my", "could i", "could you", "could we", "may i", "may we", "am i",
    "will i", "will you", "will it", "will there", "will the", "will my", "would you", "would it", "would i",
    "should i", "should we", "have you", "has the", "shall i", "don't you", "isn't there", "aren't you",
)  # fmt: skip
_WEAK = ("what", "where", "when", "why", "how", "which", "who", "whose")
_LEAD_INS = (
    "can you tell me", "could you tell me", "tell me", "tell me about", "do you know",
    "i was wondering", "i was wondering if", "i am wondering", "i'm wondering", "i wonder", "i wonder if",
    "i want to know", "i'd like to know", "i would like to know", "i need to know", "may i ask", "can i ask",
    "can i ask you", "let me ask", "let me ask you", "i want to ask", "i wanted to ask", "i'd like to ask",
    "quick question", "one question", "one more question", "by the way", "just wondering", "my question is",
    "i have a question about", "a question about", "before that", "before we go on", "before i answer",
    "before i answer that", "first of all", "i also want to know", "i also wanted to ask", "any idea",
    "can you explain", "could you explain", "i'd like to ask about", "i wanted to ask about",
)  # fmt: skip

_DOING = (
    "get", "have", "book", "make", "reserve", "order", "do", "schedule", "set up", "change", "find", "give",
    "look for", "look up",
    "help", "help me find", "help me book", "help me with", "recommend", "suggest", "search", "search for",
    "show", "set", "put", "check", "arrange", "get me", "find me",
    "book me", "give me", "show me", "order me", "make it", "make that", "book it", "book that", "reserve me",
    "tell me about", "pay", "transfer", "send", "move", "try", "check for", "see", "add", "use", "go with",
    "buy", "recommend me", "suggest me", "reschedule", "update", "do that for", "do it for", "book us",
    "get us", "find us", "come", "come in",
)  # fmt: skip
_ASKING = (
    "can i", "could i", "may i", "can we", "could we", "can you", "could you", "would you", "will you",
    "can you please", "could you please",
    "would you please", "would you be able to", "are you able to", "is it possible to",
    "would it be possible to", "do you think you could", "do you think you can", "do you mind if i",
    "could you possibly", "could you maybe", "can you also", "could you also", "can i also", "could i also",
    "may we",
)  # fmt: skip
_REQUESTING = (
    *(f"{asking} {doing}" for asking in _ASKING for doing in _DOING),
    "do you have", "do you have any", "have you got", "have you got any", "do you know", "do you know of",
    "are there", "are there any", "is there", "is there any",
    "is there a", "is there an", "what about", "how about", "what do you have", "what have you got",
    "would it be", "would you have", "do they have",
    "can it be", "could it be", "can that be", "could that be", "can you", "could you", "is it possible",
    "could we say", "can we say", "shall we say",
)  # fmt: skip

_COPULAS = ("is", "are", "was", "were", "am", "has", "have", "will", "did", "does the", "does it")

STRONG: Form[None] = phrases({}, dict.fromkeys(_STRONG))
"""Begins a question wherever it stands."""

WEAK: Form[None] = phrases({}, dict.fromkeys(_WEAK))
"""Begins a question where nothing was said before."""

LEAD_INS: Form[None] = phrases({}, dict.fromkeys(_LEAD_INS))
"""Announces a question and is no part of what is to be looked up."""

REQUESTS: Form[None] = phrases({}, dict.fromkeys(_REQUESTING))
"""Begins a question that asks for something to be done; what follows tells whether it does."""

_ADVISING = frozenset(
    ("recommend", "suggest", "tell me about", "recommend me", "suggest me", "look up", "search")
)
WISHES: Form[None] = phrases(
    {},
    dict.fromkeys(f"{asking} {doing}" for asking in _ASKING for doing in _DOING if doing not in _ADVISING),
)
"""Begins a wish in the form of a question: where a caller's own words are wanted, these are them."""

COPULAS: Form[None] = phrases({}, dict.fromkeys(_COPULAS))
"""A verb that begins a question only where no subject stands before it."""

TAGS: Form[None] = phrases(
    {},
    dict.fromkeys(
        (
            "is that so",
            "is that right",
            "is that true",
            "is it true",
            "is that correct",
            "isn't that so",
            "is it not",
        )
    ),
)
"""Behind a statement: asks whether it is so."""

PLEAS: Form[None] = phrases(
    {},
    dict.fromkeys(
        (
            "what do i do", "what should i do", "what can i do", "what do i do now", "what now",
            "can you help", "can you help me", "could you help me", "could you help", "would you help me",
            "can you please help me", "can you help me with that", "can you help me with this",
            "can you help me out", "how do i fix it", "how do i fix this", "how do i fix that",
            "how can i fix it", "how can i fix this", "can you fix it", "can you fix that", "can you fix this",
            "what should i do now", "is that possible", "would that be possible", "is that okay", "is that ok",
            "can you do that", "can you do that for me", "would that be okay", "would that work", "is that alright",
            "if possible", "can you check", "can you check that", "can you look into it", "do you know",
        )
    ),
)  # fmt: skip
"""Asks for help, or whether that will do, and for nothing that could be looked up."""

INQUIRIES: Form[None] = phrases(
    {}, dict.fromkeys(("do you", "are you", "do they", "does your", "did you", "have you", "why", "who"))
)
"""Asks how things are with the one who is asked, whatever is named: `do you take Aetna`."""

ASKING_FOR_FACTS: Form[None] = phrases(
    {},
    dict.fromkeys(
        (
            "when", "where", "how much", "how many", "how long", "how far", "how big", "how old", "how fast", "how often",
            "how do", "how does", "how is", "how's", "how are", "what is", "what's", "what are", "what does", "what do",
            "what kind", "what time", "what happens", "what if", "does the", "does it", "does a", "is the", "is a", "are the",
            "is it", "will the", "will it", "which one is", "which is", "which of",
        )
    ),
)  # fmt: skip
"""Asks for a fact about what is named, unless callers speak of themselves: `how much is the van`, not `what's my balance`."""

THEMSELVES = frozenset("i my me we our us mine i'm i've i'd i'll we're we've".split())
