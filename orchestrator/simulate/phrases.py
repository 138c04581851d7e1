"""What callers say, written by somebody who never saw what the parsers understand.

One phrase a line. `{v}` is the value in words, `{label}` what the flow calls it as the caller would say it
(`my phone number`), `{unit}` what is counted. Phrases go by the type of what is asked, never by the flow.
"""

from __future__ import annotations

from flows.slot import SlotType


def lines(text: str) -> tuple[str, ...]:
    """The phrases of a text, one a line."""
    return tuple(line.strip() for line in text.strip().splitlines())


ANSWERS: dict[SlotType, tuple[str, ...]] = {
    SlotType.PERSON_NAME: lines("""
        it's {v}
        my name is {v}
        this is {v}
        i'm {v}
        i am {v}
        the name is {v}
        name's {v}
        my name's {v}
        yes it's {v}
        yeah hi it's {v}
        sure my name is {v}
        of course it's {v}
        you're speaking with {v}
        you are speaking to {v}
        {v} is the name
        {v} that's my name
        they call me {v}
        that would be {v}
        it would be under {v}
        put down {v}
        write {v}
        okay so my name is {v}
        hi there this is {v} calling
        {v} speaking
    """),
    SlotType.TEXT: lines("""
        {v}
        well {v}
        it's just that {v}
        so {v}
        okay so what happened is {v}
        basically {v}
        yeah so {v}
    """),
    SlotType.CHOICE: lines("""
        it's {v}
        that would be {v}
        {v} i guess
        i'd say {v}
        i think {v}
        it's about {v}
        mostly {v}
        let's say {v}
        probably {v}
        well it's {v}
        {v} that's it
        it would be {v}
        just {v}
        put down {v}
        i suppose {v}
        um that's {v}
        {label} is {v}
        {label} would be {v}
    """),
    SlotType.LIST: lines("""
        {v}
        that would be {v}
        it's {v}
        yes {v}
        yeah {v}
        there's {v}
        let me think {v}
        i have {v}
        i've got {v}
        well there's {v}
        yes there is {v}
        i'd say {v}
        that's {v}
        {v} that's all
        {v} and that's it
        {v} i think that's everything
        you can put down {v}
    """),
    SlotType.NUMBER: lines("""
        it's {v}
        {v} {unit}
        it's {v} {unit}
        that's {v}
        {v} i think
        there are {v}
        it would be {v}
        that would be {v} {unit}
        make it {v}
        let's say {v}
        {v} in total
        {v} please
        i'd say {v}
        exactly {v}
    """),
    SlotType.MONEY: lines("""
        it's {v}
        {v}
        that was {v}
        it was {v}
        {v} i believe
        that would be {v}
        it comes to {v}
        i think it's {v}
        {v} exactly
        it says {v} here
    """),
    SlotType.DATE: lines("""
        it's {v}
        {v}
        that's {v}
        that would be {v}
        {v} please
        it's on {v}
        it was {v}
        on {v}
        {label} is {v}
        let's say {v}
        i think {v}
        sure it's {v}
        yes {v}
        {v} is what i have here
    """),
    SlotType.TIME: lines("""
        {v}
        at {v}
        {v} please
        {v} would be good
        let's say {v}
        {v} works
        {v} if you have it
        i'd like {v}
        could we do {v}
        maybe {v}
        how about {v}
        {v} would be perfect
    """),
    SlotType.PHONE: lines("""
        it's {v}
        {v}
        that's {v}
        my number is {v}
        {label} is {v}
        you can reach me at {v}
        you can call me on {v}
        sure it's {v}
        call me at {v}
        the number is {v}
        okay the number's {v}
        yeah that's {v}
        best one is {v}
        my cell is {v}
        {v} that's my cell
        try {v}
    """),
    SlotType.EMAIL: lines("""
        it's {v}
        {v}
        my email is {v}
        that's {v}
        {label} is {v}
        sure it's {v}
        you can send it to {v}
        the address is {v}
        use {v}
        okay it's {v}
    """),
    SlotType.DIGITS: lines("""
        it's {v}
        {v}
        that's {v}
        {label} is {v}
        it says {v}
        the number is {v}
        i have {v} here
        sure {v}
        that would be {v}
        okay it's {v}
        let me see it's {v}
    """),
    SlotType.ID: lines("""
        it's {v}
        {v}
        that's {v}
        {label} is {v}
        it says {v}
        i have {v}
        the code is {v}
        it reads {v}
        sure it's {v}
        okay that is {v}
        it should be {v}
    """),
}
WISHES = lines("""
    {v} please
    i'd like {v}
    i would go with {v}
    i'll go with {v}
    {v} if that's possible
    i want {v}
    make it {v}
    i'd like {v} please
    i need {v}
    can i have {v}
""")
CLAUSES = lines("""
    {v}
    {v}
    well {v}
    so {v}
    you know {v}
""")
STORIES = lines("""
    {v}
    {v}
    well {v}
    okay {v}
    um {v}
""")
PARTIES = lines("""
    we are {v}
    there are {v} of us
    there'll be {v} of us
    for {v} please
""")
NAME_IN_PARTS = lines("""
    first name {given} last name {family}
    {given} is the first name and {family} is my last name
    my first name is {given} my last name is {family}
    {given} and the last name is {family}
    {family} {given} {family}
    last name {family} first name {given}
    {given} {family} that's spelled {letters}
    {given} {family} {letters}
""")
VOLUNTEERED = lines("""
    {label} is {v}
    and {label} is {v}
    by the way {label} is {v}
    oh and {label} is {v}
    also {label} is {v}
    {label} is {v} just so you know
    before i forget {label} is {v}
    {label} would be {v}
""")
VOLUNTEERED_NONE = lines("""
    and i have {none}
    i have {none} by the way
    oh and {none}
    i've got {none}
""")
