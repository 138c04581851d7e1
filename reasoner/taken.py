"""What a turn of the caller changes in the slots. Pure: works on a draft of the next state."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flows.slot import CODES, Slot, SlotType
from reasoner.begun import lengths_of, put_together, with_begun
from reasoner.conditions import refutes
from reasoner.draft import Draft
from reasoner.events import CallerSaid
from reasoner.fits import fits
from reasoner.known import forget_another
from reasoner.slots import (
    accept,
    beside_letters,
    decline,
    deny,
    hear,
    insist,
    is_barred,
    is_partial,
    part_to_spell,
    with_spelled,
    with_spoken,
)
from reasoner.tongue import tongue
from reasoner.types import (
    Answer,
    Channel,
    Heard,
    Intent,
    NamePart,
    SlotName,
    SlotState,
    SlotStatus,
    Understood,
    Value,
    Waiting,
)
from reasoner.vote import vote

UNWILLING = frozenset({Intent.DONT_KNOW, Intent.REFUSE, Intent.SKIP})


@dataclass(slots=True)
class Taken:
    """What a turn changed. `which`: of these something is wrong, and nobody knows what."""

    heard: list[SlotName] = field(default_factory=list)
    accepted: list[SlotName] = field(default_factory=list)
    denied: list[SlotName] = field(default_factory=list)
    barred: list[SlotName] = field(default_factory=list)
    declined: list[SlotName] = field(default_factory=list)
    spelled: list[SlotName] = field(default_factory=list)
    invalid: list[SlotName] = field(default_factory=list)
    doubted: list[SlotName] = field(default_factory=list)
    which: tuple[SlotName, ...] = ()
    too_early: bool = False  # a yes to a read-back that was not heard to its end
    told_again: bool = False  # a value that was known already
    begun: list[SlotName] = field(default_factory=list)  # of which a part was heard; that establishes nothing

    def __bool__(self) -> bool:
        return bool(
            self.heard
            or self.accepted
            or self.denied
            or self.barred
            or self.declined
            or self.spelled
            or self.invalid
            or self.doubted
            or self.which
            or self.too_early
        )


def take_facts(draft: Draft, event: CallerSaid) -> Taken:
    taken = Taken()
    heard = _valid_values(draft, event)
    _take_begun(draft, event, heard, taken)
    taken.invalid += _out_of_range(draft, event.understood)
    verdict = _verdict(draft, event.understood)
    _take_echoed(draft, event, verdict, heard, taken)
    _take_verdict(draft, event, verdict, heard, taken)
    for value in heard.values():
        _take_value(draft, event, value, taken)
    _take_spelling(draft, event, heard, taken)
    _take_refusal(draft, event.understood, taken)
    forget_another(draft)
    return taken


def _valid_values(draft: Draft, event: CallerSaid) -> dict[SlotName, Heard]:
    """At most one value a slot, the first; a bare yes or no where that is what was asked for."""
    understood, pending = event.understood, draft.pending
    heard: dict[SlotName, Heard] = {}
    for value in understood.values:
        slot = draft.flow.slots.get(value.slot)
        if slot is not None and slot.asked_for and fits(slot, value.value):
            heard.setdefault(value.slot, value)
    if pending.waiting is Waiting.ANSWER and understood.answer is not None:
        name = pending.slots[0]
        slot, said_yes = draft.flow.slots[name], understood.answer is Answer.YES
        confidence = max((r.confidence for r in event.utterance.readings[:1]), default=0.0)
        if slot.type is SlotType.YES_NO and not (slot.clear_yes and said_yes and understood.casual):
            heard.setdefault(name, Heard(name, said_yes, confidence, event.utterance.text))
        elif slot.type is SlotType.CHOICE and (label := "yes" if said_yes else "no") in slot.values:
            heard.setdefault(name, Heard(name, label, confidence, event.utterance.text))
        elif slot.type is SlotType.LIST and not said_yes:
            heard.setdefault(name, Heard(name, (), confidence, event.utterance.text))
    return heard


def _take_begun(draft: Draft, event: CallerSaid, heard: dict[SlotName, Heard], taken: Taken) -> None:
    """A part of what was asked for is kept, and makes a value with what was heard before."""
    pending = draft.pending
    for part in event.understood.begun if pending.waiting is Waiting.ANSWER else ():
        if part.slot not in pending.slots or part.slot in heard:
            continue
        slot, state = draft.flow.slots[part.slot], draft.slots[part.slot]
        spoken = (
            event.utterance.channel is Channel.SPEECH or _confidence(event) < 1.0
        )  # what is typed is meant
        if not isinstance(part.value, str) or not (
            slot.type is SlotType.DATE or (slot.type in CODES and spoken)
        ):
            continue
        draft.slots[part.slot], whole = with_begun(slot, state, part)
        if whole is not None:
            heard[part.slot] = whole
        else:
            taken.begun.append(part.slot)


def _verdict(draft: Draft, understood: Understood) -> Answer | None:
    """Whether what was read back is right. Where signs disagree, it is not."""
    if understood.rejected:
        blames = any(name in draft.pending.slots for name in understood.rejected)
        return understood.answer or (Answer.NO if blames else None)
    return Answer.NO if Intent.CORRECT in understood.intents else understood.answer


def _take_echoed(
    draft: Draft, event: CallerSaid, verdict: Answer | None, heard: dict[SlotName, Heard], taken: Taken
) -> None:
    """What was said back in passing counts, unless the caller objects now."""
    said, draft.echoed = draft.echoed, ()
    waits_for_yes_no = draft.pending.waiting is not Waiting.ANSWER or any(
        draft.flow.slots[name].type is SlotType.YES_NO for name in draft.pending.slots
    )
    objects = verdict is Answer.NO and not waits_for_yes_no and not heard
    for name in said:
        held = draft.slots.get(name)
        if held is None or held.status is not SlotStatus.HEARD or name in heard:
            continue
        if objects or name in event.understood.rejected:
            draft.slots[name] = deny(held)
            taken.denied.append(name)
        else:
            draft.slots[name] = replace(held, status=SlotStatus.CONFIRMED)


def _take_verdict(
    draft: Draft, event: CallerSaid, verdict: Answer | None, heard: dict[SlotName, Heard], taken: Taken
) -> None:
    """Accept or deny what was read back."""
    slots, pending = draft.slots, draft.pending
    read = pending.slots if pending.waiting in (Waiting.CONFIRMATION, Waiting.WHICH) else ()
    blamed = [n for n in event.understood.rejected if n in slots and slots[n].value is not None]
    if pending.waiting is Waiting.CONFIRMATION and verdict is Answer.YES:
        taken.too_early = draft.cut
        changed = [n for n in read if n in heard and heard[n].value != slots[n].value]
        for name in read if not draft.cut else ():
            if name not in changed and name not in blamed and slots[name].status is SlotStatus.HEARD:
                slots[name] = accept(slots[name], event.utterance)
                taken.accepted.append(name)
    elif verdict is Answer.NO or pending.waiting is Waiting.WHICH:
        # A value given for what was read back says which part is wrong, even where it sounds the same again.
        blamed += [n for n in read if n in heard]
        if not blamed and pending.waiting is Waiting.WHICH:
            if verdict is not None:
                doubt_all(draft, taken)
        elif not blamed and len(read) > 1:
            taken.which = read
        elif not blamed:
            blamed += read
    for name in dict.fromkeys(blamed):
        slots[name] = deny(slots[name])
        taken.denied.append(name)


def doubt_all(draft: Draft, taken: Taken) -> None:
    """The caller cannot say what is wrong: read the values one by one."""
    for name in draft.pending.slots:
        if draft.slots[name].status is SlotStatus.HEARD:
            draft.slots[name] = replace(draft.slots[name], doubted=True)
        taken.doubted.append(name)


def _take_value(draft: Draft, event: CallerSaid, value: Heard, taken: Taken) -> None:
    name, pending = value.slot, draft.pending
    slot, state = draft.flow.slots[name], draft.slots[name]
    spelled = ""
    if slot.type is SlotType.PERSON_NAME:
        if event.understood.spelled:
            return  # taken together with the letters
        if pending.waiting is Waiting.SPELLING and name in pending.slots:
            value = replace(value, value=with_spoken(state, str(value.value), pending.part))
            spelled = state.spelled if pending.part is NamePart.GIVEN else ""
        elif event.utterance.channel is Channel.SPEECH and (kept := beside_letters(state, str(value.value))):
            value, spelled = replace(value, value=kept), state.spelled
    value = _voted(slot, state, value, event.utterance.channel)
    if is_barred(slot, state, value.value, event.utterance.channel):
        value = _alike(draft, slot, state, value)
    if state.status in (SlotStatus.HEARD, SlotStatus.CONFIRMED) and state.value == value.value:
        taken.told_again = True
    elif is_barred(slot, state, value.value, event.utterance.channel):
        draft.slots[name] = insist(slot, state, value.value)
        taken.barred.append(name)
    elif _is_invalid(draft, name, value.value):
        taken.invalid.append(name)
    else:
        draft.slots[name] = hear(slot, state, value, event.utterance, spelled)
        taken.heard.append(name)


def _voted(slot: Slot, state: SlotState, value: Heard, channel: Channel) -> Heard:
    """A number or code that was misheard before, put together from all hearings. It is read back like any other."""
    if slot.type not in CODES or (channel is not Channel.SPEECH and value.confidence >= 1.0):
        return value  # what was typed or keyed counts as meant
    hearings = [*map(str, state.denied), str(value.value)]
    if state.begun and value.value in state.denied:
        # Heard whole, and denied before: what was heard of it otherwise may tell where it is wrong.
        voted = put_together([*hearings, *state.begun], lengths_of(slot))
    else:
        voted = vote(hearings)
    good = voted is not None and voted not in state.denied and fits(slot, voted)
    return replace(value, value=voted) if good and voted is not None else value


def _alike(draft: Draft, slot: Slot, state: SlotState, value: Heard) -> Heard:
    """What a denied value that is said again sounds like: nobody has denied that yet. It is read back like any other."""
    other = tongue(draft.flow.language).sounds_like(slot, value.value)
    good = other is not None and other not in state.denied and fits(slot, other)
    return replace(value, value=other) if good and other is not None else value


def _out_of_range(draft: Draft, understood: Understood) -> list[SlotName]:
    """Numbers that were understood, and cannot be."""
    slots = draft.flow.slots
    numbers = (
        v for v in understood.values if isinstance(v.value, int | float) and not isinstance(v.value, bool)
    )
    known = (v for v in numbers if v.slot in slots and slots[v.slot].asked_for)
    kinds = (SlotType.NUMBER, SlotType.MONEY)
    return [v.slot for v in known if slots[v.slot].type in kinds and not fits(slots[v.slot], v.value)]


def _is_invalid(draft: Draft, name: SlotName, value: Value) -> bool:
    """Whether the flow says that this cannot be, given what else is known."""
    slot = draft.flow.slots[name]
    is_day = slot.type is SlotType.DATE and bool(draft.today) and value != slot.no_preference
    if is_day and ((slot.past and str(value) > draft.today) or (slot.future and str(value) < draft.today)):
        return True
    return refutes(draft.flow, slot.valid, {**draft.values(), name: value})


def _take_spelling(draft: Draft, event: CallerSaid, heard: dict[SlotName, Heard], taken: Taken) -> None:
    """Letters go to the name that is talked about: the one pending, or the one said in the same words."""
    spelled, pending = event.understood.spelled.strip(), draft.pending
    names = [n for n in (*pending.slots, *heard) if draft.flow.slots[n].type is SlotType.PERSON_NAME]
    if not spelled or not names:
        return
    name = names[0]
    state = draft.slots[name]
    spoken = str(heard[name].value) if name in heard else ""
    asked_for = pending.waiting is Waiting.SPELLING and name in pending.slots
    part = pending.part if asked_for else part_to_spell(draft.flow.slots[name], state, spoken)
    whole = with_spelled(state, spelled, part, spoken)
    # A name that was denied, with the family name spelled just as it was heard: the given name was the trouble.
    # Whoever then spells that, or the same letters again, means the name, and the no was misheard.
    denied = whole is not None and is_barred(draft.flow.slots[name], state, whole, event.utterance.channel)
    if (
        whole is None
        or whole == state.value
        or (denied and part is NamePart.FAMILY and not _was_spelled(state, spelled, whole))
    ):
        draft.slots[name] = replace(state, spelled=spelled)
        taken.spelled.append(name)
        return
    confidence = heard[name].confidence if name in heard else _confidence(event)
    value = Heard(name, whole, confidence, event.utterance.text)
    draft.slots[name] = hear(draft.flow.slots[name], state, value, event.utterance, spelled)
    taken.heard.append(name)


def _was_spelled(state: SlotState, letters: str, whole: str) -> bool:
    """Whether these letters came before. Where the given name was spelled last, the family name was first."""
    given, _, family = whole.casefold().rpartition(" ")
    last, letters = state.spelled.casefold(), letters.casefold()
    return letters == last or (letters == family and last == given)


def _confidence(event: CallerSaid) -> float:
    return event.utterance.readings[0].confidence if event.utterance.readings else 0.0


def _take_refusal(draft: Draft, understood: Understood, taken: Taken) -> None:
    """An optional slot that the caller cannot or will not answer is done."""
    pending = draft.pending
    if taken or pending.waiting not in (Waiting.ANSWER, Waiting.SPELLING):
        return
    name = pending.slots[0]
    unwilling = bool(understood.intents & UNWILLING) or understood.answer is Answer.NO
    if unwilling and is_partial(draft.flow.slots[name], draft.slots[name]):
        draft.slots[name] = replace(draft.slots[name], doubted=True)
        taken.doubted.append(name)
    elif unwilling and not draft.flow.slots[name].required:
        draft.slots[name] = decline(draft.slots[name])
        taken.declined.append(name)
