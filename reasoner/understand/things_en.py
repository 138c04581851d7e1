"""Where the name of a thing ends in English: a place, a company, anything of which no list is known."""

from __future__ import annotations

_ENDS = """and on at for to from by leaving leave leaves departing arriving arrive arrives going heading please thanks thank
    i i'd i'm i'll i've we we'd we're we'll my it it's its that that's this which who when where what how why can could
    would should will is are was were be need needs want wants after before till because so but or then with
    around about between during tomorrow today tonight instead if as there they you your have has do does did also
    returning coming travelling traveling no yes not okay ok sorry actually just now asap later since while"""
ENDS = frozenset(_ENDS.split())

_VERBS = """book get go find make reserve leave arrive be have know see change cancel pay stay eat travel take do come look
    help speak talk ask check use buy rent visit give tell send transfer move order schedule confirm add try start
    return report file open close update set add keep think say hear play watch meet pick drop call ring phone read
    write learn work run drive fly ride eat drink dine discuss understand provide cover hold wait claim put bring
    mention request receive avoid depart reach need want let spend save figure be me us him her them you it that this
    one two much many go it's its able"""
BEGINS_NONE = (ENDS - {"my", "our"}) | frozenset(_VERBS.split()) | {"any", "some", "all", "there's"}

VAGUE = frozenset(
    "for by before after at with in on the near around through until till under of about a up to into".split()
)
"""Words that alone do not tell that the name of a thing follows: `in the end`, `for ten years`, `I'd like to pay`."""

_WANTING = """want wanted wants like need needed needs love trying try have has had able how prefer wish hope hoping supposed
    ready calling way time order here happy got used due plan planning decided forgot asked told wanting looking going
    pleased willing allowed required refuse rather mean meant seem seems possible like get want"""
WANTING = frozenset(_WANTING.split())
"""Words behind which `to` goes on with a verb."""

TURNING = frozenset(
    "from to until till by before after through starting beginning leaving arriving departing returning into".split()
)
"""Words that tell one of two alike slots from the other."""

SUBJECTS = frozenset(
    "i i'm i've i'd i'll we we're we've we'd we'll you he she they can could would do does did".split()
)
"""Words that begin a sentence, and the name of no place."""
