"""Ways to put a wish in English, made of their parts: `sorry, I couldn't quite hear you`, `I need to change my answer`."""

from __future__ import annotations

NOT_HEARD = tuple(
    f"{sorry}i {could}{quite} {hear}{what}"
    for sorry in ("", "sorry ", "i'm sorry ")
    for could in ("didn't", "did not", "couldn't", "could not", "can't", "cannot")
    for quite in ("", " quite", " really")
    for hear in ("hear", "catch", "get", "understand", "follow", "make out")
    for what in (
        "",
        " you",
        " that",
        " it",
        " what you said",
        " the question",
        " the last part",
        " that last part",
    )
    if (hear, what) not in (("catch", ""), ("get", ""), ("make out", ""), ("get", " it"))
)
SLOWER = tuple(
    f"{ask} {speak}{how}{please}"
    for ask in ("can you", "could you", "would you", "please", "can you please", "could you please")
    for speak in ("speak", "talk", "say that", "say it", "go", "read that", "repeat that", "repeat it")
    for how in (
        " slower",
        " a little slower",
        " a bit slower",
        " more slowly",
        " slowly",
        " louder",
        " a little louder",
        " a bit louder",
        " up",
        " again",
        " once more",
        " one more time",
        " more clearly",
        " a bit more slowly",
    )
    for please in ("", " please")
)
NOT_AT_HAND = (
    tuple(
        f"{i}{lack} {it}{where}"
        for i in ("i ", "")
        for lack in ("don't have", "haven't got", "do not have", "don't have got", "have not got")
        for it in ("it", "that", "one", "them", "those", "the number", "that number", "my card", "the card")
        for where in (
            " with me",
            " on me",
            " handy",
            " here",
            " to hand",
            " at hand",
            " in front of me",
            " right now",
            " at the moment",
            " on me right now",
            " with me right now",
            " nearby",
            " near me",
            " by heart",
            " available",
        )
    )
    + tuple(
        f"{i}{guess}"
        for i in ("i ", "i really ", "i honestly ", "")
        for guess in (
            "couldn't tell you",
            "couldn't say",
            "could not say",
            "don't know it by heart",
            "don't know that by heart",
            "don't know off hand",
            "don't remember exactly",
            "don't know exactly",
            "wouldn't know",
        )
    )
    + ("i'd have to guess", "i would have to guess", "i'd be guessing")
)
TO_FETCH = tuple(
    f"{must}{go} {it}"
    for must in (
        "i need to ",
        "i have to ",
        "i'll have to ",
        "i'd have to ",
        "let me ",
        "let me just ",
        "just let me ",
        "i'll ",
        "i'll just ",
        "i must ",
        "i've got to ",
    )
    for go in (
        "get",
        "go and get",
        "go get",
        "fetch",
        "go and fetch",
        "find",
        "go and find",
        "look for",
        "look up",
        "check",
        "go and check",
        "go and look for",
        "grab",
        "search for",
    )
    for it in ("it", "that", "one", "them", "it first", "that first", "that for you", "it for you")
)
TO_CORRECT = tuple(
    f"{must}{mend} {what}"
    for must in (
        "i need to ",
        "i have to ",
        "i want to ",
        "i'd like to ",
        "i would like to ",
        "let me ",
        "can i ",
        "could i ",
        "may i ",
        "i must ",
        "i wish to ",
    )
    for mend in (
        "correct",
        "change",
        "fix",
        "revise",
        "update",
        "take back",
        "amend",
        "correct myself on",
        "go back to",
    )
    for what in (
        "something",
        "that",
        "one thing",
        "an answer",
        "my answer",
        "my last answer",
        "what i said",
        "something i said",
        "something i told you",
        "what i told you",
        "a mistake",
        "something from before",
        "an earlier answer",
        "the previous answer",
        "what i said before",
        "what i said earlier",
        "the last one",
    )
)
NO_LONGER = tuple(
    f"{so}i {dont} {it}{now}"
    for so in ("", "actually ", "i changed my mind ", "i've changed my mind ", "never mind ", "forget it ")
    for dont in ("don't want", "do not want", "don't need", "do not need")
    for it in ("it", "this", "that")
    for now in (" anymore", " any more", " any longer", " after all")
)
