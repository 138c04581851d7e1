"""What a slot says of itself makes sense for its type."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.values import why_not
from flows.checks.written import Path_, Written, overlong_answers
from flows.errors import Mistake
from flows.places import ELSE
from flows.slot import Confirm, Slot, SlotType
from flows.source import Node, scalars

_T = SlotType
_ONLY_FOR: dict[str, tuple[SlotType, ...]] = {
    "values": (_T.CHOICE, _T.LIST, _T.YES_NO),
    "none": (_T.LIST,),
    "other": (_T.CHOICE,),
    "no_preference": tuple(kind for kind in SlotType if kind not in (_T.YES_NO, _T.LIST, _T.RECORD)),
    "yes": (_T.YES_NO,),
    "no": (_T.YES_NO,),
    "must_be_yes": (_T.YES_NO,),
    "clear_yes": (_T.YES_NO,),
    "past": (_T.DATE,),
    "future": (_T.DATE,),
    "known": (_T.PERSON_NAME, _T.TEXT),
    "full": (_T.PERSON_NAME,),
    "digits": (_T.PHONE,),
    "length": (_T.DIGITS, _T.ID),
    "whole": (_T.NUMBER,),
    "min": (_T.NUMBER, _T.MONEY),
    "max": (_T.NUMBER, _T.MONEY),
    "unit": (_T.NUMBER, _T.MONEY),
    "fields": (_T.RECORD,),
}
"""Keys of a slot that mean something for some types only."""

_SPELLED = (_T.PERSON_NAME, _T.EMAIL, _T.ID)
_FOR_ASKING = ("ask", "again", "attempts", "give_up", "keypad")


def check(written: Written) -> Iterator[Mistake]:
    slots = written.root.child("slots")
    if slots is not None and isinstance(slots.value, dict):
        for name, node in slots.value.items():
            yield from _check_keys(written, name, node)
            yield from _check_forms(written, ("slots", name, "values"), node.child("values"))
    for name, slot in written.flow.slots.items():
        yield from _check_slot(written, name, slot)
    yield from _check_questions(written)


def _check_keys(written: Written, name: str, node: Node) -> Iterator[Mistake]:
    """Tolerates what the schema refuses in the slot beside."""
    path: Path_ = ("slots", name)
    kind = written.text(*path, "type") or written.text(*path)
    if kind not in {t.value for t in SlotType}:
        return
    values, by_others = node.child("values"), written.text(*path, "source") in ("action", "call")
    if by_others:
        pass  # whatever they give is taken
    elif kind in (_T.CHOICE, _T.LIST) and not (values is not None and values.value):
        cure = "Add `values:` with each value and other ways to say it."
        yield written.mistake(path, f"`{name}` is a {kind} without values", cure, key=True)
    for key, kinds in _ONLY_FOR.items():
        if node.child(key) is not None and kind not in kinds:
            rule = f"`{key}` means nothing for {_a(kind)}"
            cure = f"Remove it; it belongs to {' and '.join(kinds) if len(kinds) < 5 else 'other types'}."
            yield written.mistake((*path, key), rule, cure, key=True)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _check_forms(written: Written, path: Path_, values: Node | None) -> Iterator[Mistake]:
    """No words may stand for two values: nobody could tell which was meant."""
    if values is None or not isinstance(values.value, dict):
        return
    meaning: dict[str, str] = {}
    for label, forms in values.value.items():
        single = ((None, forms.value),) if isinstance(forms.value, str) else ()
        for index, form in ((-1, label), *single, *scalars(forms)):
            words = " ".join(form.split()).casefold()
            if meaning.setdefault(words, label) != label:
                here = (*path, label, index) if index is not None and index >= 0 else (*path, label)
                rule = f"`{form}` stands for both `{meaning[words]}` and `{label}`"
                yield written.mistake(here, rule, "Keep one of the two.", key=index == -1)


def _check_slot(written: Written, name: str, slot: Slot) -> Iterator[Mistake]:
    path: Path_ = ("slots", name)
    if slot.confirm is Confirm.SPELL_BACK and slot.type not in (*_SPELLED, _T.TEXT, _T.DIGITS, _T.PHONE):
        rule = f"{_a(slot.type)} cannot be spelled back"
        yield written.mistake((*path, "confirm"), rule, "Use `read_back`.")
    for label in slot.values if slot.type is _T.YES_NO else ():
        if label not in ("yes", "no"):
            rule = f"a yes_no is never `{label}`"
            yield written.mistake((*path, "values", label), rule, "Use `yes` and `no`.", key=True)
    if slot.past and slot.future:
        rule = f"`{name}` has to lie both in the past and in the future"
        yield written.mistake((*path, "future"), rule, "Keep one of the two.", key=True)
    if slot.min is not None and slot.max is not None and slot.min > slot.max:
        yield written.mistake((*path, "max"), "`max` is less than `min`", "Swap the two.")
    if slot.lengths[0] > slot.lengths[1] or slot.lengths[1] == 0:
        rule = f"`{slot.length}` is no length: the least comes first, and the most is more than nought"
        yield written.mistake((*path, "length"), rule, "Write `6`, or `4-8`.")
    if slot.start is not None and (why := why_not(slot.start, slot)):
        yield written.mistake((*path, "start"), f"`{name}` cannot begin as `{slot.start}`: {why[0]}", why[1])
    if slot.invalid and slot.valid is None and slot.min is None and slot.max is None:
        rule = "`invalid` is never said: nothing is asked of a value"
        yield written.mistake((*path, "invalid"), rule, "Add `valid:`.", key=True, warning=True)
    if slot.required_if and written.has(*path, "required"):
        rule = "`required` means nothing beside `required_if`"
        yield written.mistake((*path, "required"), rule, "Keep one of the two.", key=True)
    yield from _check_remembering(written, name, slot)
    yield from _check_asking(written, name, slot)


def _check_remembering(written: Written, name: str, slot: Slot) -> Iterator[Mistake]:
    """What the number that rings alone may give away."""
    path: Path_ = ("slots", name, "known_by")
    if slot.remember != "caller" and written.has(*path):
        rule = f"`known_by` means nothing here: `{name}` is not remembered for the caller's next calls"
        yield written.mistake(path, rule, "Add `remember: caller`, or remove it.", key=True)
    if slot.known_by == "identity" or slot.remember != "caller":
        return
    proves = any(name in gate.ask for gate in written.flow.gates.values())
    if proves or slot.protected_by is not None:
        rule = f"`{name}` {'proves who is calling' if proves else 'waits behind a gate'}, so no number may give it away"
        yield written.mistake(path, rule, "Remove `known_by: phone`.")
    elif slot.pii == "sensitive":
        rule = f"`{name}` is sensitive, and whoever rings from the caller's phone would hear it"
        yield written.mistake(path, rule, "Remove `known_by: phone`, or ask for a proof first.", warning=True)


def _check_asking(written: Written, name: str, slot: Slot) -> Iterator[Mistake]:
    """A slot that nobody is asked for needs no words for asking."""
    path: Path_ = ("slots", name)
    if slot.type is _T.RECORD and slot.source == "caller" and written.has(*path, "source"):
        rule = "a record cannot be given by a caller"
        yield written.mistake((*path, "source"), rule, "Write `source: action`.")
    if slot.start is not None and slot.source != "caller":
        rule = f"`{name}` has a `start`, and is given by {'an action' if slot.source == 'action' else 'the call'}"
        yield written.mistake((*path, "start"), rule, "Keep one of the two.", key=True)
    if slot.asked_for:
        return
    for key in _FOR_ASKING:
        if written.has(*path, key):
            rule = f"`{key}` means nothing here: `{name}` is never asked for"
            yield written.mistake((*path, key), rule, "Remove it.", key=True, warning=True)


def _check_questions(written: Written) -> Iterator[Mistake]:
    for name, step in written.flow.steps.items():
        path: Path_ = ("steps", name)
        if step.question and not step.answers and not written.has(*path, "answers"):
            rule = f"nothing follows from the answer to the question of `{name}`"
            yield written.mistake(
                (*path, "question"), rule, "Add `answers:`, each with where to go.", key=True
            )
        if step.answers and not step.question:
            rule = f"`answers` without a question in `{name}`"
            yield written.mistake((*path, "answers"), rule, "Add `question:`.", key=True)
        if set(step.answers) == {ELSE}:
            rule = "`else` is the only answer"
            yield written.mistake((*path, "answers"), rule, "Name the answers that are expected.", key=True)
        yield from _check_answers_then(written, name)
        for label in overlong_answers(step):
            rule = f"the answer `{label[:40]}...` is too long"
            cure = "Give it a short name, and put the words under `says`."
            yield written.mistake((*path, "answers", label), rule, cure, key=True)
        yield from _check_answers(written, name)


def _check_answers_then(written: Written, name: str) -> Iterator[Mistake]:
    """What an answer leads to is told by itself, unless all of them lead to the same."""
    step = written.flow.steps[name]
    if not any(way.if_ is not None for way in step.then):
        return
    for label, answer in step.answers.items():
        if "go" not in answer.model_fields_set:
            rule = f"the answer `{label}` does not say where to go, and the `then` of `{name}` has conditions"
            cure = "Add `go:` to the answer: the conditions are for answers that are not named."
            yield written.mistake(("steps", name, "answers", label), rule, cure, key=True)


def _check_answers(written: Written, name: str) -> Iterator[Mistake]:
    meaning: dict[str, str] = {}
    for label, answer in written.flow.steps[name].answers.items():
        for n, words in enumerate((label, *answer.says)):
            form = " ".join(words.split()).casefold()
            if meaning.setdefault(form, label) != label:
                path: Path_ = ("steps", name, "answers", label)
                path = (*path, "says", n - 1) if n else path
                rule = f"`{words}` stands for both `{meaning[form]}` and `{label}`"
                yield written.mistake(path, rule, "Keep one of the two.", key=not n)
