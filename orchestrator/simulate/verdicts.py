"""How callers say yes and no, object, and mend what was wrong.

One phrase a line, as in `orchestrator.simulate.phrases`; `{wrong}` is what was said before, `{none}` what the flow
calls it when there are none.
"""

from __future__ import annotations

from orchestrator.simulate.phrases import lines

YES = lines("""
    yes
    yes
    yeah
    yep
    sure
    of course
    yes please
    yes i do
    absolutely
    yes of course
    uh yes
    yeah sure
    yes that's fine
    certainly
    that's fine with me
    yes go ahead
    yes ma'am
    i think so yes
""")
NO = lines("""
    no
    no
    nope
    no thanks
    no thank you
    not really
    no i don't
    no not at all
    uh no
    i'm afraid not
    no never
    i don't think so
    nah
    no sorry
""")
CLEAR_YES = lines("""
    yes
    yes
    yes i do
    yes definitely
    i said yes
""")
CLEAR_NO = lines("""
    no
    no
    no i don't
    definitely not
    i said no
""")
ACCEPT = lines("""
    yes
    yes
    yeah
    yep
    correct
    that's right
    yes that's right
    that's correct
    right
    yes correct
    yes it is
    exactly
    you got it
    yep that's it
    all good
    yes that's all correct
    that is right
    sounds right
    yes ma'am
    uh huh yes
    perfect yes
    yup
""")
DENY = lines("""
    no
    no
    nope
    no that's wrong
    that's not right
    no it isn't
    that's not correct
    no that is not what i said
    uh no
    wrong
    not quite
    no sorry
""")
CORRECT = lines("""
    no it's {v}
    no i said {v}
    no {v}
    that's not right it's {v}
    no no it's {v}
    no {label} is {v}
    not quite it's {v}
    no sorry {label} is {v}
    no that's wrong it should be {v}
    i said {v}
    {label} is wrong it's {v}
    sorry no {label} is {v}
""")
CORRECT_NAMED = lines("""
    no {label} is {v}
    {label} is wrong it should be {v}
    no {label} should be {v}
    almost but {label} is {v}
    one thing {label} is {v}
    not quite {label} is {v}
    everything but {label} that's {v}
    no sorry {label} is {v}
""")
CORRECT_NONE = lines("""
    no i have {none}
    no that's wrong i have {none}
    not right i have {none}
    no it's {none}
""")
WHICH = lines("""
    {label} is {v}
    {label} it should be {v}
    {label} should be {v}
    it's {label} it's {v}
    {label}
    that would be {label}
    {label} is wrong
    {label} it's {v}
""")
LATE_CORRECTION = lines("""
    oh wait {label} is actually {v}
    sorry i made a mistake {label} is {v}
    actually {label} is {v}
    hang on i said that wrong {label} is {v}
    i'm sorry {label} is {v} not {wrong}
    can i change that {label} is {v}
    oh no i gave you the wrong one {label} is {v}
    wait i need to correct something {label} is {v}
""")
LATE_ANSWER = lines("""
    no i meant {v}
    sorry i meant {v}
    oh wait i said {wrong} but it's {v}
    sorry i got that wrong it's {v} not {wrong}
    actually no it's {v}
    hang on i said that wrong it's {v}
    i'm sorry what i meant was {v}
    can i change that it's {v}
""")
SLIP = lines("""
    {wrong} no wait {v}
    {wrong} sorry i mean {v}
    {wrong} no sorry {v}
    {wrong} uh no {v}
    it's {wrong} i mean {v}
    {wrong} oh no wait that's wrong it's {v}
    {wrong} actually {v}
    it's {wrong} no it's {v}
""")
