"""How callers ask for a person in English."""

from __future__ import annotations

from reasoner.types import Intent
from reasoner.understand.forms import Form, either, maybe, rule, seq, unspoken
from reasoner.understand.phrases import phrases, said

_PERSON = rule(
    "person",
    either(
        said(
            "a human", "a person", "an agent", "a representative", "an operator", "someone", "a real person",
            "a supervisor", "a human being",
        ),
        unspoken(
            seq(
                maybe(said("a", "an", "the", "some", "one of your", "your", "my", "another", "one of the", "any")),
                maybe(said("real", "live", "actual", "human")),
                said(
                    "human", "person", "agent", "representative", "operator", "supervisor", "someone",
                    "somebody",
                    "human being", "being", "receptionist", "nurse", "doctor", "people", "manager", "staff",
                    "front desk", "anybody", "anyone", "rep", "advisor", "adviser", "specialist",
                    "customer service",
                    "customer support", "customer care", "colleague", "clerk", "employee", "technician",
                    "customer service representative", "customer service agent", "support agent",
                    "live person", "live agent",
                    "team member", "member of staff", "representatives", "agents", "humans", "human agent",
                    "assistant manager",
                ),
                make=lambda *words: " ".join(word or "" for word in words),
            )
        ),
    ),
)  # fmt: skip
_BY_THEMSELVES = tuple(
    f"{may} {just}{reach}"
    for may in (
        "can i", "could i", "may i", "i want to", "i'd like to", "i would like to", "i need to", "i have to", "let me",
        "i wanna", "i'd rather", "i would rather", "i'd prefer to", "i would prefer to", "is it possible to", "please let me",
        "am i able to", "how do i", "how can i", "i'm trying to", "i am trying to", "i wish to", "we'd like to", "we need to",
    )
    for just in ("", "just ", "please ")
    for reach in (
        "speak to", "speak with", "talk to", "talk with", "chat to", "chat with", "get through to", "be connected to",
        "be connected with", "be transferred to", "be put through to", "reach", "get hold of", "get", "deal with",
    )
)  # fmt: skip
_BY_THE_AGENT = tuple(
    f"{would}{just}{connect}"
    for would in (
        "", "can you ", "could you ", "would you ", "will you ", "please ", "can you please ", "could you please ",
        "would you please ", "i want you to ", "i'd like you to ", "i need you to ",
    )
    for just in ("", "just ")
    for connect in (
        "connect me to", "connect me with", "transfer me to", "transfer me over to", "put me through to", "get me",
        "pass me to", "pass me on to", "hand me over to", "switch me to", "put me on to", "patch me through to", "forward me to",
        "let me speak to", "let me talk to", "let me speak with", "let me talk with",
    )
)  # fmt: skip
_LEADS_TO: Form[str] = said(readable=(*_BY_THEMSELVES, *_BY_THE_AGENT))
_ASKS_FOR: Form[Intent] = either(
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
                "can you put me through to",
                "please connect me to", "i wanna talk to", "i wanna speak to", "i wanna speak with",
                "could i speak with",
                "could i talk with", "i want to be connected to", "i want to be transferred to", "get me to",
                "let me have",
                "let me speak with", "let me talk with", "i'd like", "i would like", "hand me over to",
                "switch me to", "pass me to", "pass me on to", "direct me to", "i need to talk with",
                "i need to speak with", "i demand", "i demand to speak to", "i would prefer to speak to",
                "would like to talk to",
                "i would prefer to talk to", "i'd prefer to talk to", "i'd prefer to speak to",
                "i'd rather speak to",
                "i'd rather speak with", "i'd prefer", "may i talk to", "may i talk with", "can someone",
                "can i get",
                "could i get", "can you transfer me over to", "i want to reach", "can you connect me with",
                "please transfer me to", "please put me through to", "please get me",
                "would you connect me to", "i am asking for",
                "stop i want to talk to", "just let me talk to", "just get me", "just transfer me to",
                "just connect me to",
            ),
        ),
        _PERSON,
        make=lambda *_: Intent.HUMAN,
    ),
    unspoken(seq(_LEADS_TO, _PERSON, make=lambda *_: Intent.HUMAN)),
    phrases(
        dict.fromkeys(("operator", "representative", "agent", "human"), Intent.HUMAN),
        dict.fromkeys(
            (
                "a human", "a person", "real person", "a real person", "person", "agent agent", "an agent",
                "an operator",
                "human being", "a human being", "customer service", "customer support", "live agent",
                "live person",
                "speak to agent", "talk to agent", "talk to human", "speak to human", "speak to representative",
                "speak to a supervisor", "front desk", "representative representative", "supervisor", "manager",
                "customer service representative", "a live person", "a live agent", "a representative",
                "human human",
                "are you a robot i want a person", "someone real", "somebody real", "real human",
                "a real human",
                "connect me", "transfer me", "put me through", "talk to a person", "speak to a person",
                "human agent",
                "can i talk to someone", "can someone help me", "can somebody help me", "receptionist",
                "tech support",
            ),
            Intent.HUMAN,
        ),
    ),
)  # fmt: skip

_NO_MACHINE: Form[Intent] = unspoken(
    seq(
        maybe(said(readable=("no", "nope", "no sorry", "sorry no", "sorry but", "no thanks", "no thank you", "well", "no way"))),
        said(
            readable=(
                "i don't want to talk to", "i do not want to talk to", "i don't want to speak to", "i hate talking to",
                "i don't want to speak with", "i don't want to talk with", "i won't talk to", "i'm not talking to",
                "i am not talking to", "i refuse to talk to", "i don't talk to", "i don't like talking to",
                "i'm done talking to", "i'm tired of talking to", "i don't want to deal with", "i'd rather not talk to",
                "stop this", "no more", "i'm not speaking to", "i can't talk to", "i do not want to speak to",
            )
        ),
        maybe(said("a", "an", "this", "the", "some", "any", "your")),
        said(
            readable=("machine", "machines", "robot", "robots", "bot", "bots", "computer", "computers", "recording",
                      "chatbot", "automated assistant", "automated system", "automaton", "ai", "voice assistant")
        ),
        make=lambda *_: Intent.HUMAN,
    )
)  # fmt: skip
"""Whoever will not talk to a machine wants a person."""

HUMAN: Form[Intent] = either(_ASKS_FOR, _NO_MACHINE)
