"""What was read back to the caller, against what he knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.callers import spoken_en as spoken
from orchestrator.callers import stock_en as stock
from orchestrator.callers.facts import Facts, Field


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    UNSURE = "unsure"  # something was read back, and what it was could not be made out


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Attributes:
    verdicts: of each kind of value that was read back.
    words: as they were heard.
    only_the_day: of the date of birth nothing else is wrong.
    """

    verdicts: Mapping[Field, Verdict]
    words: str
    only_the_day: bool = False

    @property
    def wrong(self) -> tuple[Field, ...]:
        return self._with(Verdict.DIFFERS)

    @property
    def unsure(self) -> tuple[Field, ...]:
        return self._with(Verdict.UNSURE)

    @property
    def right(self) -> tuple[Field, ...]:
        return self._with(Verdict.AGREES)

    def _with(self, verdict: Verdict) -> tuple[Field, ...]:
        return tuple(field for field in Field if self.verdicts.get(field) is verdict)


def compare(words: Sequence[str], facts: Facts, kinds: frozenset[Field]) -> ReadBack:
    """Look for values of `kinds` in what was heard. A kind of which nothing was said has no verdict."""
    born = spoken.find_date(words)
    found: dict[Field, Callable[[], Verdict | None]] = {
        Field.NAME: lambda: _name(words, facts),
        Field.DATE_OF_BIRTH: lambda: _date(born, facts),
        Field.PHONE: lambda: _phone(words, facts),
        Field.CONSENT: lambda: _consent(words, facts),
    }
    verdicts = {kind: verdict for kind, look in found.items() if kind in kinds and (verdict := look())}
    verdicts |= {kind: verdict for kind, verdict in _picked(words, facts).items() if kind in kinds}
    day_alone = born.whole and (born.month, born.year) == (facts.born.month, facts.born.year)
    return ReadBack(verdicts, " ".join(words), day_alone and born.day != facts.born.day)


def _date(born: spoken.DateHeard, facts: Facts) -> Verdict | None:
    own = (facts.born.month, facts.born.day, facts.born.year)
    parts = [
        (heard, true) for heard, true in zip((born.month, born.day, born.year), own, strict=True) if heard
    ]
    if not parts:
        return None
    if any(heard != true for heard, true in parts):
        return Verdict.DIFFERS
    return Verdict.AGREES if born.whole else Verdict.UNSURE


def _phone(words: Sequence[str], facts: Facts) -> Verdict | None:
    digits = spoken.find_digits(words)
    if not digits:
        return None
    if digits == facts.phone or ("last" in words and facts.phone.endswith(digits)):
        return Verdict.AGREES
    return Verdict.UNSURE if digits in facts.phone else Verdict.DIFFERS


def _consent(words: Sequence[str], facts: Facts) -> Verdict | None:
    if "agree" not in words and "keep" not in words and "consent" not in words:
        return None
    yes = not any(no in f" {' '.join(words)} " for no in (" not agree", " do not ", " don't ", " not keep"))
    return Verdict.AGREES if yes == facts.consent else Verdict.DIFFERS


# --- names -------------------------------------------------------------------------------------------------

_FIRST = frozenset((*stock.FIRST_NAMES, *stock.OTHER_FIRST_NAMES))
_LAST = frozenset((*stock.LAST_NAMES, *stock.OTHER_LAST_NAMES))


def _name(words: Sequence[str], facts: Facts) -> Verdict | None:
    first, last = _names_in(words, _FIRST | {facts.first_name}, _LAST | {facts.last_name})
    spelled = spoken.find_spelled(words)
    if not (first or last or spelled):
        return None
    if first and first != facts.first_name and (last or spelled or first != facts.last_name):
        return Verdict.DIFFERS
    if spelled:  # of a name that is said and spelled the letters count
        return Verdict.AGREES if spelled == facts.last_name else Verdict.DIFFERS
    if last:
        return Verdict.AGREES if last == facts.last_name else Verdict.DIFFERS
    return Verdict.UNSURE


def _names_in(words: Sequence[str], first: frozenset[str], last: frozenset[str]) -> tuple[str, str]:
    """The last first and last name in `words`, "" for either that was not said."""
    spelling = {at for at, word in enumerate(words) if tuple(words[max(0, at - 2) : at]) == ("as", "in")}
    found = ("", "")
    for at, word in enumerate(words):
        if at in spelling:
            continue
        if word in first:
            follows = words[at + 1] if at + 1 < len(words) else ""
            found = (word, follows if follows in last else "")
        elif word in last and not (at and words[at - 1] in first):
            found = ("", word)
    return found


# --- what is picked from lists -----------------------------------------------------------------------------

_NONE = ""
_LABELS: dict[str, Field] = {
    "reason": Field.REASON,
    "visit": Field.REASON,
    "allergies": Field.ALLERGIES,
    "allergy": Field.ALLERGIES,
    "allergic": Field.ALLERGIES,
    "medicines": Field.MEDICINES,
    "medicine": Field.MEDICINES,
    "medications": Field.MEDICINES,
    "take": Field.MEDICINES,
    "insurance": Field.INSURANCE,
}
_STOCKS: Mapping[Field, stock.Stock] = {
    Field.REASON: stock.REASONS,
    Field.ALLERGIES: {**stock.ALLERGIES, _NONE: stock.NO_ALLERGIES},
    Field.MEDICINES: {**stock.MEDICINES, _NONE: stock.NO_MEDICINES},
    Field.INSURANCE: stock.INSURANCES,
}
_WAYS: dict[str, list[tuple[Field, str]]] = {}
for _field, _stock in _STOCKS.items():
    for _value, _ways in _stock.items():
        for _way in _ways:
            _WAYS.setdefault(_way, []).append((_field, _value))
_LONGEST_WAY = max(len(way.split()) for way in _WAYS)


def _picked(words: Sequence[str], facts: Facts) -> dict[Field, Verdict]:
    said: dict[Field, set[str]] = {}
    labelled: set[Field] = set()
    for field, value in _values_in(words):
        labelled.add(field)
        if value is not None:
            said.setdefault(field, set()).add(value)
    verdicts = {
        field: _judge(said.get(field, set()), own(facts, field)) for field in _STOCKS if field in said
    }
    return verdicts | {field: Verdict.UNSURE for field in labelled if field not in said}


def _values_in(words: Sequence[str]) -> Iterator[tuple[Field, str | None]]:
    """Values in the order in which they were said, and labels (None), which tell what an ambiguous one is."""
    section: Field | None = None
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST_WAY, len(words) - at), 0, -1):
            meanings = _WAYS.get(" ".join(words[at : at + size]))
            if meanings:
                field, value = next((meant for meant in meanings if meant[0] is section), meanings[0])
                yield field, value
                at += size
                break
        else:
            if words[at] in _LABELS:
                section = _LABELS[words[at]]
                yield section, None
            at += 1


def _judge(said: set[str], true: frozenset[str]) -> Verdict:
    if said == true:
        return Verdict.AGREES
    if said < true:  # part of it: the rest may have been said and not heard
        return Verdict.UNSURE
    return Verdict.DIFFERS


def own(facts: Facts, field: Field) -> frozenset[str]:
    """What the caller has of a kind that is picked from a list; `_NONE` alone where nothing."""
    match field:
        case Field.REASON:
            return frozenset({facts.reason})
        case Field.INSURANCE:
            return frozenset({facts.insurance})
        case Field.ALLERGIES:
            return frozenset(facts.allergies or (_NONE,))
        case Field.MEDICINES:
            return frozenset(facts.medicines or (_NONE,))
        case _:
            raise ValueError(f"{field.value} is not picked from a list")
