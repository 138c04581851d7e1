"""How the value of each type of slot is said in English."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.slot import Slot, SlotType
from reasoner.types import Answer, NamePart
from reasoner.understand import carriers_en as carriers
from reasoner.understand.codes_en import DIGITS, code_of
from reasoner.understand.counts_en import number_of, number_with_unit, several
from reasoner.understand.dates import DateParts
from reasoner.understand.dates_en import ALONE, DATE, PART, PAST_DATE, PAST_PART
from reasoner.understand.days_en import NEAR_DAY, NEAR_DAY_LED, NEAR_DAY_TOLD
from reasoner.understand.emails_en import EMAIL
from reasoner.understand.followed import Followed
from reasoner.understand.forms import Form, as_, either, maybe, seq, unspoken
from reasoner.understand.language import SlotForms
from reasoner.understand.listing_en import choice_forms, list_forms, speakable
from reasoner.understand.money_en import MONEY_TOLD, money_of
from reasoner.understand.names import NameParts, Spelled
from reasoner.understand.names_en import (
    FIRST_NAME_CARRIERS,
    LAST_NAME_CARRIERS,
    NAME_CARRIERS,
    first_name_form,
    last_name_form,
    name_form,
)
from reasoner.understand.phone_en import PHONE, whole_number
from reasoner.understand.phrases import phrases, said
from reasoner.understand.phrasing_en import (
    ITS,
    ITS_OF_TEXT,
    WISH_FOR_TEXT,
    against,
    answer_with,
    called,
    carry,
    minded_of,
)
from reasoner.understand.spelling_en import (
    FIRST_SPELLED_CARRIERS,
    SPELLED,
    SPELLED_WITH_WORDS,
    SPELLING_CARRIERS,
)
from reasoner.understand.times_en import TIME, TIME_AT, TIME_SHIFTED
from reasoner.understand.units_en import counted


def slot_forms(slot: Slot, shared: frozenset[str]) -> SlotForms:
    """How a value for this slot is said, by its type and its label.

    Args:
        shared: ways to say a value that more than one slot of the flow has.
    """
    match slot.type:
        case SlotType.PERSON_NAME:
            return _name_forms(slot)
        case SlotType.DATE:
            return _date_forms(slot) if needs_year(slot) else _near_date_forms(slot)
        case SlotType.PHONE:
            return _phone_forms(slot)
        case SlotType.CHOICE:
            return choice_forms(slot, shared)
        case SlotType.LIST:
            return list_forms(slot, shared)
        case SlotType.YES_NO:
            return _yes_no_forms(slot)
        case SlotType.NUMBER:
            return _number_forms(slot)
        case SlotType.MONEY:
            return _valued(slot, money_of(slot), loose=MONEY_TOLD)
        case SlotType.TIME:
            return _valued(slot, either(TIME, TIME_SHIFTED), loose=either(TIME_AT, TIME_SHIFTED))
        case SlotType.DIGITS:
            return _valued(slot, DIGITS)
        case SlotType.ID:
            return _valued(slot, code_of(slot))
        case SlotType.EMAIL:
            return _valued(slot, EMAIL, loose=EMAIL)
        case SlotType.TEXT | SlotType.RECORD:
            return _named_only(slot)


def needs_year(slot: Slot) -> bool:
    """A date of birth is none without its year."""
    return slot.past and carriers.is_birth(slot)


def _named_only(slot: Slot) -> SlotForms:
    """Nothing but its name: a caller's own words have no form."""
    forms = SlotForms(None, None, None, None, None, None, name=called(slot))
    if not carriers.is_short_text(slot):
        return forms
    leads = carriers.text_leads_of(slot)
    is_place = not carriers.is_wished_for(slot)
    wish = said() if is_place else WISH_FOR_TEXT
    return replace(
        forms, before_text=leads, before_answer=unspoken(either(ITS, ITS_OF_TEXT, wish)), is_place=is_place
    )


def _valued(
    slot: Slot, value: Form[Any], *, loose: Form[Any] | None = None, led: Form[Any] | None = None
) -> SlotForms:
    """A value with the phrases that the label of its slot brings along. `led`: behind those that are weak."""
    carrier = carriers.carriers_of(slot)
    minded, leads = minded_of(slot), carriers.leads_of(slot)
    answer = answer_with(either(carrier, leads), value)
    return SlotForms(
        answer=answer,
        carried=carry(carrier, value),
        amendment=answer,
        carrier=carrier,
        loose=None if loose is None else unspoken(loose),
        against=against(slot, value),
        name=called(slot),
        bare=minded,
        led=carry(leads, led or value),
        followed=_followed(slot, value),
        counts=" ".join(counted(slot)[:1]),
        led_is_own=not carriers.topic_of(slot).general,
    )


_FOLLOWED = (SlotType.DIGITS, SlotType.ID, SlotType.TIME, SlotType.DATE)


def _followed(slot: Slot, value: Form[Any]) -> Form[Any]:
    """`1234 is my PIN`"""
    return Followed(
        value, carriers.followed_by(slot), value.starts if slot.type in _FOLLOWED else frozenset()
    )


def _number_forms(slot: Slot) -> SlotForms:
    told, forms = number_with_unit(slot), _valued(slot, number_of(slot), loose=number_with_unit(slot))
    if told is None or forms.answer is None:
        return forms
    together = several(slot)
    asked = either(forms.answer, told) if together is None else either(forms.answer, told, together)
    return replace(forms, answer=asked, amendment=either(forms.answer, told))


def _near_date_forms(slot: Slot) -> SlotForms:
    return _valued(slot, NEAR_DAY, loose=NEAR_DAY_TOLD, led=NEAR_DAY_LED)


def _yes_no_forms(slot: Slot) -> SlotForms:
    """A yes or no answers; read back, a no could be to either, so it has to be said in full what is right."""
    told = {
        speakable(carriers.turned(words)): flag
        for flag, several in (
            (True, (slot.yes, *_more(slot, Answer.YES))),
            (False, (slot.no, *_more(slot, Answer.NO))),
        )
        for words in several
    }
    told.pop("", None)
    own = {
        speakable(words): flag
        for flag, answer in ((True, Answer.YES), (False, Answer.NO))
        for words in _more(slot, answer)
    }
    own.pop("", None)
    answer = (
        seq(maybe(either(ITS, said("i", "i am", "they are"))), phrases(own, told), make=lambda _, flag: flag)
        if told or own
        else None
    )
    agreeing = phrases({f"no {words}": flag for words, flag in carriers.AGREEING.items()})
    return SlotForms(
        answer=answer if own else None if answer is None else unspoken(answer),
        carried=unspoken(either(_wanted(slot), _told(slot))),
        amendment=agreeing if answer is None else either(agreeing, unspoken(answer)),
        carrier=None,
        loose=None,
        against=None,
        name=called(slot),
        wished=unspoken(said(*carriers.wished_for(slot))),
    )


def _wanted(slot: Slot) -> Form[bool]:
    """`With free parking`, `I don't need breakfast`: said of one's own accord."""
    article = maybe(said("a", "an", "any", "the", "some", "my"))
    called_so = said(*carriers.wished_for(slot))
    without = [
        words for words in carriers.WITHOUT if words != "no"
    ]  # "no, my consent ..." takes nothing away
    return either(
        seq(
            phrases({}, dict.fromkeys(carriers.WITH, True) | dict.fromkeys(without, False)),
            article,
            called_so,
            make=lambda flag, _, __: flag,
        ),
        seq(said("no"), called_so, make=lambda *_: False),
    )


def _told(slot: Slot) -> Form[bool]:
    """`My consent is yes`."""
    return seq(
        maybe(said("my", "the", "our")),
        said(*carriers.names_of(slot)),
        said("is", "should be", "would be", "will be", "says"),
        phrases({}, {"yes": True, "a yes": True, "true": True, "no": False, "a no": False, "false": False}),
        make=lambda *parts: parts[-1],
    )


def _more(slot: Slot, answer: Answer) -> tuple[str, ...]:
    """More ways of the flow to say yes, or no."""
    return slot.values.get(answer, ())


def _name_forms(slot: Slot) -> SlotForms:
    name, first, last = name_form(slot), first_name_form(slot), last_name_form(slot)
    parts = either(carry(FIRST_NAME_CARRIERS, first), carry(LAST_NAME_CARRIERS, last))
    spelled = either(
        seq(SPELLING_CARRIERS, SPELLED, make=lambda _, letters: Spelled(letters)),
        seq(
            unspoken(FIRST_SPELLED_CARRIERS), SPELLED, make=lambda _, letters: Spelled(letters, is_first=True)
        ),
    )
    letters = seq(maybe(ITS), SPELLED_WITH_WORDS, make=lambda _, letters: Spelled(letters))
    read = either(unspoken(answer_with(NAME_CARRIERS, name)), unspoken(parts))
    asked = either(_spoken_name(maybe(either(NAME_CARRIERS, ITS)), first, last), read)
    # Of what is not asked for a grammar holds only the last name: two long lists would blunt every one of them.
    own = carry(LAST_NAME_CARRIERS, last)
    return SlotForms(
        answer=either(asked, unspoken(spelled)),
        carried=either(own, unspoken(carry(NAME_CARRIERS, name)), unspoken(parts), unspoken(spelled)),
        amendment=either(asked, spelled, unspoken(letters), unspoken(answer_with(NAME_CARRIERS, last))),
        carrier=either(
            as_(lambda _: NamePart.WHOLE, NAME_CARRIERS),
            as_(lambda _: NamePart.GIVEN, either(FIRST_NAME_CARRIERS, FIRST_SPELLED_CARRIERS)),
            as_(lambda _: NamePart.FAMILY, either(LAST_NAME_CARRIERS, SPELLING_CARRIERS)),
        ),
        loose=None,
        against=None,
        name=called(slot, "name", "last name", "first name", "spelling"),
    )


def _spoken_name(carrier: Form[str], first: Form[NameParts], last: Form[NameParts]) -> Form[NameParts]:
    """First and last name, or the last with its own carrier: either way the many last names come once."""
    begun = either(
        seq(carrier, first, make=lambda _, parts: parts),
        seq(LAST_NAME_CARRIERS, make=lambda _: NameParts()),
    )
    return seq(begun, last, make=lambda first, last: NameParts(first.first, last.last))


SPELLING: Form[Spelled] = either(
    seq(maybe(either(SPELLING_CARRIERS, ITS)), SPELLED, make=lambda _, letters: Spelled(letters)),
    seq(unspoken(FIRST_SPELLED_CARRIERS), SPELLED, make=lambda _, letters: Spelled(letters, is_first=True)),
)
"""When a name is being spelled."""


def _date_forms(slot: Slot) -> SlotForms:
    carrier = carriers.carriers_of(slot)
    date, part = (PAST_DATE, PAST_PART) if slot.past else (DATE, PART)
    whole: Form[DateParts] = seq(date, make=lambda parts: parts if parts.whole else None)
    return SlotForms(
        answer=either(answer_with(carrier, date), unspoken(answer_with(carrier, ALONE))),
        carried=either(carry(carrier, date), unspoken(carry(carrier, part))),
        amendment=answer_with(carrier, either(date, part)),
        carrier=carrier,
        loose=unspoken(whole),
        against=against(slot, date),
        name=called(slot, "date"),
    )


def _phone_forms(slot: Slot) -> SlotForms:
    carrier = carriers.carriers_of(slot)
    whole: Form[str] = seq(
        PHONE, make=lambda figures: figures if whole_number(figures, slot.digits) else None
    )
    return SlotForms(
        answer=answer_with(carrier, PHONE),
        carried=carry(carrier, PHONE),
        amendment=answer_with(carrier, PHONE),
        carrier=carrier,
        loose=unspoken(whole),
        against=against(slot, PHONE),
        name=called(slot),
    )
