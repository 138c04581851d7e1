"""English, put together from its tables."""

from __future__ import annotations

from reasoner.understand import (
    answers_en,
    carriers_en,
    choices_en,
    indifferent_en,
    intents_en,
    money_en,
    names_en,
    no_more_en,
    numbers_en,
    outcomes_en,
    phone_en,
    phrasing_en,
    questions_en,
    settled_en,
    slots_en,
    things_en,
    times_en,
)
from reasoner.understand.answers_en import ANSWERS, CASUAL, NEITHER, OPPOSITES, negates
from reasoner.understand.language import Language
from reasoner.understand.phrases import said
from reasoner.understand.sounds_en import SOUNDS
from reasoner.understand.terse_en import TERSE

_HANGING_WORDS = """and or but plus is are am was it's that's i'm i my the a an of at to in on for with about because as from
    number double triple it should be mean also allergic taking take calling area code name's named
    zip between then well um uh er so actually"""
_HANGING = frozenset(_HANGING_WORDS.split())

ENGLISH = Language(
    answers=ANSWERS,
    neither=NEITHER,
    terse=TERSE,
    outcomes=outcomes_en.OUTCOMES,
    ends_well=outcomes_en.ends_well,
    echoed_verb=outcomes_en.echoed_verb,
    alone=answers_en.ALONE,
    stating=answers_en.STATING,
    casual=CASUAL,
    negates=negates,
    opposites=OPPOSITES,
    indifferent=indifferent_en.INDIFFERENT_WORDS,
    no_more=no_more_en.NO_MORE,
    commands=intents_en.COMMANDS,
    backchannels=intents_en.BACKCHANNELS,
    corrections=intents_en.CORRECTIONS,
    openings=intents_en.OPENINGS,
    joiners=intents_en.JOINERS,
    strong=questions_en.STRONG,
    weak=questions_en.WEAK,
    lead_ins=questions_en.LEAD_INS,
    requests=questions_en.REQUESTS,
    wishes=questions_en.WISHES,
    pleas=questions_en.PLEAS,
    inquiries=questions_en.INQUIRIES,
    asking_for_facts=questions_en.ASKING_FOR_FACTS,
    themselves=questions_en.THEMSELVES,
    copulas=questions_en.COPULAS,
    tags=questions_en.TAGS,
    its=phrasing_en.ITS,
    spelling=slots_en.SPELLING,
    wrong=said(*carriers_en.WRONG, readable=carriers_en.WRONG_READ),
    naming=said("the", "my", readable=("your", "that", "our")),
    fillers=intents_en.FILLERS,
    hanging=_HANGING,
    titles=names_en.TITLES,
    ends_text=things_en.ENDS,
    begins_no_text=things_en.BEGINS_NONE,
    subjects=things_en.SUBJECTS,
    wishing=phrasing_en.WISH_FOR_TEXT,
    vague=things_en.VAGUE,
    turning=things_en.TURNING,
    directions=frozenset({"to", "into"}),
    wanting=things_en.WANTING,
    is_of_name=names_en.is_of_name,
    adding=frozenset({"also", "too", "plus", "add", "additionally", "well"}),
    sounds=SOUNDS,
    slot_forms=slots_en.slot_forms,
    late_from=times_en.late_from,
    needs_year=slots_en.needs_year,
    bounded=money_en.bounded,
    ordinals=indifferent_en.ORDINALS,
    whole_number=phone_en.whole_number,
    figure_sounds=numbers_en.FIGURE_SOUNDS,
    keywords=choices_en.keywords,
    weighing=settled_en.WEIGHING,
    settling=settled_en.SETTLING,
    settled=settled_en.SETTLED,
    leaning=settled_en.LEANING,
    nearly_commands=intents_en.nearly_commands,
)
