"""What callers say beside their answers: they look things up, refuse, ask, hesitate, want a person.

One phrase a line, in the words of `orchestrator.simulate.phrases`. `{h}` is what a page of the flow is about.
"""

from __future__ import annotations

from orchestrator.simulate.phrases import lines

FORGOT = lines("""
    i don't remember let me look
    hold on let me check
    one second i have to look that up
    just a moment please
    uh hang on i need to find it
    give me a second
    let me get my papers
    i'd have to look wait a minute
    bear with me a second
""")
NONE_TO_GIVE = lines("""
    i don't have one
    i don't know
    no idea
    i don't know that
    i'd rather skip that
    i don't have that
    no i haven't got one
    can we skip that
""")
REFUSAL = lines("""
    i don't want to say
    i'd rather not tell you that
    i'm not giving you that
    no i won't tell you that
    that's none of your business
    i prefer not to say
    i'm not comfortable sharing that
    i'd rather not
    why do you need that i won't give it to you
    i don't give that out over the phone
""")
NO_PREFERENCE = lines("""
    i don't mind
    it doesn't matter
    whatever
    anything is fine
    i don't care
    no preference
    any is fine
    up to you
    doesn't matter to me
""")
NOTHING = lines("""
    no
    none
    nothing
    no none
    none at all
    i don't have any
    not that i know of
    no nothing
    nope
    none that i know of
    no i don't have any
    zero
""")
HUMAN = lines("""
    i want to talk to a real person
    can i speak to a human
    give me a person please
    i'd like to talk to somebody
    operator
    put me through to someone please
    can you transfer me to an agent
    i don't want to talk to a machine
    let me talk to a human being
    is there a person i can talk to
    representative please
    i'd rather speak with a real human
""")
REPEAT = lines("""
    sorry what was that
    can you say that again
    pardon
    what did you say
    could you repeat that please
    i didn't catch that
    sorry i didn't hear you
    come again
    one more time please
""")
CONFUSED = lines("""
    sorry what do you mean
    i don't understand
    what do you need from me
    uh what should i say
    sorry i'm not following
""")
BACKCHANNEL = lines("""
    mm-hm
    okay
    uh
    uh-huh
    mhm
    right
    hm
    um
    i see
    okay okay
""")
HERE = lines("""
    yes i'm here
    yeah i'm still here
    yes sorry
    i'm here
    hello yes
    sorry yes
""")
ALL_RIGHT = lines("""
    no it's all right
    sorry everything is right
    nothing it's all correct
    it's fine actually
    nothing is wrong
    oh no it was all correct
""")
OPENING = lines("""
    hello
    hi there
    hi
    yes hello
    okay
    go ahead
    good morning
""")
ASIDES_BEFORE = lines("""
    um
    uh
    well
    okay so
    let me see
    oh right
    sure
    yeah
    so
    hmm
    oh yes
    okay
""")
HESITATIONS = lines("""
    um
    uh
    well
    so
    hmm
    let me think
    okay
""")
THANKS = lines("""
    thanks
    thank you
""")
ASIDES_AFTER = lines("""
    thanks
    if that helps
    i hope that's okay
    i think
    you know
    thank you
    alright
    okay
    does that work
""")
ABOUT_HEADING = lines("""
    can you tell me about {h}
    what about {h}
    i have a question about {h}
    do you know anything about {h}
    wait what about {h}
    quick question what about {h}
    could i ask about {h}
""")
ABOUT_CLAUSE = lines("""
    can you tell me {h}
    do you know {h}
    one question {h}
    i was wondering {h}
    could you tell me {h}
""")
ABOUT_SENTENCE = lines("""
    is it true that {h}
    is it right that {h}
    somebody said {h} is that so
""")
OFF_THE_MAP = lines("""
    what's the weather like over there
    how long is this going to take
    do you like your job
    who won the game last night
    can you recommend a good restaurant
    what's the capital of france
""")
