"""How a question begins in English. Speech has no question mark, so the beginning has to tell."""

from __future__ import annotations

from reasoner.understand.forms import Form, phrases

_STRONG = (
    "what is", "what's", "what are", "what was", "what time", "what kind", "what if", "what about", "what do",
    "what does", "what happens", "what should", "what can", "what will", "what would", "what hours", "what days",
    "where is", "where's", "where are", "where can", "where do", "where should", "where will", "were can",
    "how much", "how many", "how long", "how do", "how does", "how can", "how far", "how often", "how early",
    "how late", "how is", "how's", "how are", "how about", "how should", "how would", "how will", "how soon",
    "when is", "when's", "when are", "when do", "when does", "when can", "when should", "when will",
    "which doctor", "which doctors", "which is", "which of", "which one", "which floor", "which entrance",
    "who is", "who's", "who will", "who do", "who can", "who are", "why is", "why are", "why do", "why does",
    "why should", "why would",
    "do you", "do i", "do we", "do they", "does the", "does it", "does your", "does my", "does that", "did you",
    "are you", "are there", "are your", "are we", "are they", "are the", "is there", "is it", "is the", "is this",
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

STRONG: Form[None] = phrases({}, dict.fromkeys(_STRONG))
"""Begins a question wherever it stands."""

WEAK: Form[None] = phrases({}, dict.fromkeys(_WEAK))
"""Begins a question where nothing was said before."""

LEAD_INS: Form[None] = phrases({}, dict.fromkeys(_LEAD_INS))
"""Announces a question and is no part of what is to be looked up."""
