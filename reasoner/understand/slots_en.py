"""How the value of each type of slot is said in English."""

from __future__ import annotations

from flows.schema import Slot, SlotType
from reasoner.types import NamePart
from reasoner.understand import carriers_en as carriers
from reasoner.understand.dates import DateParts
from reasoner.understand.dates_en import DATE, PART
from reasoner.understand.forms import Form, as_, either, many, maybe, phrases, rule, said, seq, unspoken
from reasoner.understand.language import SlotForms
from reasoner.understand.names import NameParts, Spelled
from reasoner.understand.names_en import (
    FIRST_NAME_CARRIERS,
    LAST_NAME_CARRIERS,
    NAME_CARRIERS,
    first_name_form,
    last_name_form,
    name_form,
)
from reasoner.understand.numbers_en import in_words
from reasoner.understand.phone_en import PHONE, whole_number
from reasoner.understand.spelling_en import FIRST_SPELLED_CARRIERS, SPELLED, SPELLING_CARRIERS
from reasoner.understand.words import FIGURES, words_of

_ITS = rule("its", said(*carriers.ITS, readable=carriers.ITS_READ))
_DETERMINERS = unspoken(
    said("a", "an", "the", "some", "any", "my", "those", "these", "a bad", "a really bad")
)
_ARTICLE = maybe(either(said("a", "an"), _DETERMINERS))
_UNSPOKEN_ARTICLE = maybe(_DETERMINERS)
_AND = maybe(said("and", readable=("and also", "also", "plus", "or")))


def _carry(carrier: Form[str], value: Form[object]) -> Form[object]:
    return seq(carrier, maybe(unspoken(_ITS)), value, make=lambda _, __, value: value)


def _answer(carrier: Form[str], value: Form[object]) -> Form[object]:
    """Bare, with a carrier phrase, or with words that would do for any slot."""
    return seq(maybe(either(carrier, _ITS)), maybe(unspoken(_ITS)), value, make=lambda _, __, value: value)


def slot_forms(slot: Slot) -> SlotForms:
    """How a value for this slot is said, by its type and its label."""
    match slot.type:
        case SlotType.PERSON_NAME:
            return _name_forms(slot)
        case SlotType.DATE:
            return _date_forms(slot)
        case SlotType.PHONE:
            return _phone_forms(slot)
        case SlotType.CHOICE:
            return _choice_forms(slot)
        case SlotType.LIST:
            return _list_forms(slot)
        case SlotType.YES_NO:
            return _yes_no_forms(slot)


def _yes_no_forms(slot: Slot) -> SlotForms:
    """A yes or no answers; read back, a no could be to either, so it has to be said in full what is right."""
    return SlotForms(
        answer=None,
        carried=None,
        amendment=phrases({f"no {words}": flag for words, flag in carriers.AGREEING.items()}),
        carrier=None,
        loose=None,
        against=None,
        name=_called(slot),
    )


def _called(slot: Slot, *also: str) -> Form[str]:
    return said(*dict.fromkeys((*carriers.names_of(slot), *also)))


def _against(slot: Slot, value: Form[object]) -> Form[object]:
    denied = unspoken(said(*carriers.topic_of(slot).against, *carriers.NOT))
    return seq(denied, value, make=lambda _, value: value)


def _name_forms(slot: Slot) -> SlotForms:
    name, first, last = name_form(slot), first_name_form(slot), last_name_form(slot)
    parts = either(_carry(FIRST_NAME_CARRIERS, first), _carry(LAST_NAME_CARRIERS, last))
    spelled = either(
        seq(SPELLING_CARRIERS, SPELLED, make=lambda _, letters: Spelled(letters)),
        seq(
            unspoken(FIRST_SPELLED_CARRIERS), SPELLED, make=lambda _, letters: Spelled(letters, is_first=True)
        ),
    )
    read = either(unspoken(_answer(NAME_CARRIERS, name)), unspoken(parts))
    asked = either(_spoken_name(maybe(either(NAME_CARRIERS, _ITS)), first, last), read)
    # Of what is not asked for a grammar holds only the last name: two long lists would blunt every one of them.
    own = _carry(LAST_NAME_CARRIERS, last)
    return SlotForms(
        answer=either(asked, unspoken(spelled)),
        carried=either(own, unspoken(_carry(NAME_CARRIERS, name)), unspoken(parts), unspoken(spelled)),
        amendment=either(asked, spelled, unspoken(_answer(NAME_CARRIERS, last))),
        carrier=either(
            as_(lambda _: NamePart.WHOLE, NAME_CARRIERS),
            as_(lambda _: NamePart.GIVEN, either(FIRST_NAME_CARRIERS, FIRST_SPELLED_CARRIERS)),
            as_(lambda _: NamePart.FAMILY, either(LAST_NAME_CARRIERS, SPELLING_CARRIERS)),
        ),
        loose=None,
        against=None,
        name=_called(slot, "name", "last name", "first name", "spelling"),
    )


def _spoken_name(carrier: Form[str], first: Form[NameParts], last: Form[NameParts]) -> Form[NameParts]:
    """First and last name, or the last with its own carrier: either way the many last names come once."""
    begun = either(
        seq(carrier, first, make=lambda _, parts: parts),
        seq(LAST_NAME_CARRIERS, make=lambda _: NameParts()),
    )
    return seq(begun, last, make=lambda first, last: NameParts(first.first, last.last))


SPELLING: Form[Spelled] = either(
    seq(maybe(either(SPELLING_CARRIERS, _ITS)), SPELLED, make=lambda _, letters: Spelled(letters)),
    seq(unspoken(FIRST_SPELLED_CARRIERS), SPELLED, make=lambda _, letters: Spelled(letters, is_first=True)),
)
"""When a name is being spelled."""


def _date_forms(slot: Slot) -> SlotForms:
    carrier = carriers.carriers_of(slot)
    part = either(DATE, PART)
    whole: Form[DateParts] = seq(DATE, make=lambda parts: parts if parts.whole else None)
    return SlotForms(
        answer=_answer(carrier, DATE),
        carried=either(_carry(carrier, DATE), unspoken(_carry(carrier, PART))),
        amendment=_answer(carrier, part),
        carrier=carrier,
        loose=unspoken(whole),
        against=_against(slot, DATE),
        name=_called(slot, "date"),
    )


def _phone_forms(slot: Slot) -> SlotForms:
    carrier = carriers.carriers_of(slot)
    whole: Form[str] = seq(
        PHONE, make=lambda figures: figures if whole_number(figures, slot.digits) else None
    )
    return SlotForms(
        answer=_answer(carrier, PHONE),
        carried=_carry(carrier, PHONE),
        amendment=_answer(carrier, PHONE),
        carrier=carrier,
        loose=unspoken(whole),
        against=_against(slot, PHONE),
        name=_called(slot),
    )


def _items(slot: Slot) -> Form[str]:
    """The values of a flow with their other names, as they can be said."""
    table = {
        _speakable(said_as): value for value, others in slot.values.items() for said_as in (value, *others)
    }
    table.pop("", None)
    counts = slot.type is SlotType.CHOICE and carriers.topic_of(slot).counts
    article = _ARTICLE if counts else _UNSPOKEN_ARTICLE  # before anything else it would only be misheard
    return seq(article, phrases(table), make=lambda _, value: value)


def _speakable(phrase: str) -> str:
    """Words without figures, as a pronouncing dictionary has them."""
    cut = words_of(phrase)
    return " ".join(
        in_words("".join(c for c in word if c.isdecimal())) if key == FIGURES else word
        for word, key in zip(cut.folded, cut.keys, strict=False)
    )


def _choice_forms(slot: Slot) -> SlotForms:
    carrier, item = carriers.carriers_of(slot), _items(slot)
    return SlotForms(
        answer=_answer(carrier, item),
        carried=_carry(carrier, item),
        amendment=_answer(carrier, item),
        carrier=carrier,
        loose=None,
        against=_against(slot, item),
        name=_called(slot),
    )


def _list_forms(slot: Slot) -> SlotForms:
    carrier, topic, label = carriers.carriers_of(slot), carriers.topic_of(slot), carriers.mine(slot.label)
    items = many(seq(_AND, _items(slot), make=lambda _, value: value), len(slot.values) + 1)
    own_nones = dict.fromkeys((*topic.nones, _speakable(slot.none) or f"no {label}", f"no {label}"))
    read_nones = (*topic.read_nones, f"i have no {label}", f"i don't have any {label}")
    no_own: Form[tuple[str, ...]] = phrases(dict.fromkeys(own_nones, ()), dict.fromkeys(read_nones, ()))
    no_bare: Form[tuple[str, ...]] = phrases(
        dict.fromkeys(carriers.BARE_NONES, ()), dict.fromkeys(carriers.BARE_NONES_READ, ())
    )
    none = seq(maybe(unspoken(said("no"))), either(no_own, no_bare), make=lambda _, nothing: nothing)
    return SlotForms(
        answer=either(_answer(carrier, items), none, unspoken(_carry(carrier, no_bare))),
        carried=either(_carry(carrier, items), no_own),
        # Of several lists that are read back together nobody can tell which one is empty.
        amendment=either(_answer(carrier, items), no_own, unspoken(none)),
        carrier=carrier,
        loose=None,
        against=_against(slot, items),
        name=_called(slot),
    )
