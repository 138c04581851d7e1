"""What happens to a single slot: heard, accepted, denied, declined, spelled. Pure functions."""

from __future__ import annotations

import math
from dataclasses import replace

from flows.slot import Confirm, Slot, SlotType
from reasoner.types import Channel, Evidence, Heard, NamePart, SlotState, SlotStatus, Utterance, Value


def is_barred(slot: Slot, state: SlotState, value: Value, channel: Channel) -> bool:
    """Whether the caller has denied this value, so that it is not offered again.

    What was typed or keyed counts as meant: no recogniser stands between. A yes or no is never barred: with one
    of two values gone, the caller could not take back a slip. What is heard twice more since it was denied is
    offered again: then it may be the no that was misheard.
    """
    if channel is not Channel.SPEECH or slot.type is SlotType.YES_NO:
        return False
    return value in state.denied and value != state.insisted


def insist(slot: Slot, state: SlotState, value: Value) -> SlotState:
    """A barred value was said. A name has its letters to get out of this; an unlisted one is misheard every time."""
    return state if slot.type is SlotType.PERSON_NAME else replace(state, insisted=value)


def hear(slot: Slot, state: SlotState, heard: Heard, utterance: Utterance, spelled: str = "") -> SlotState:
    """A new value. It is CONFIRMED at once only where the flow wants no confirmation and it was heard well.

    `spelled`: the letters of the part of a name that the caller spelled, "" where it was only said.
    """
    confidence = _share(heard.confidence)
    unsure = confidence < slot.min_confidence
    at_once = slot.policy is Confirm.NEVER and not unsure
    settled = state.status is SlotStatus.CONFIRMED
    return replace(
        state,
        status=SlotStatus.CONFIRMED if at_once else SlotStatus.HEARD,
        value=heard.value,
        confidence=confidence,
        evidence=Evidence(
            words=heard.words or utterance.text,
            start_s=_seconds(utterance.start_s),
            end_s=_seconds(utterance.end_s),
        ),
        # A value that had been settled and changes is read back by itself, while it is in mind.
        doubted=not at_once
        and (state.doubted or settled or (unsure and slot.policy is not Confirm.READ_BACK)),
        spelled=spelled,
        begun=state.begun if slot.type is not SlotType.DATE else (),
        was=state.value if settled else state.was,
        recalled=False,
    )


def recall(slot: Slot, value: Value, *, doubted: bool = False) -> SlotState:
    """A value remembered from an earlier call, to be confirmed as its slot says. `doubted`: alone, and at once."""
    at_once = slot.policy is Confirm.NEVER and not doubted
    status = SlotStatus.CONFIRMED if at_once else SlotStatus.HEARD
    return SlotState(status, value, confidence=1.0, doubted=doubted, recalled=True)


def is_untouched(state: SlotState) -> bool:
    """Whether the caller has said nothing about it yet."""
    return state.status is SlotStatus.EMPTY and not (state.denied or state.begun or state.spelled)


def accept(state: SlotState, utterance: Utterance) -> SlotState:
    """The caller said yes to the value when it was read back."""
    evidence = state.evidence or Evidence(words="", start_s=0.0, end_s=0.0)
    return replace(
        state,
        status=SlotStatus.CONFIRMED,
        evidence=replace(evidence, accepted_words=utterance.text, accepted_s=_seconds(utterance.end_s)),
        doubted=False,
        begun=(),
    )


def deny(state: SlotState) -> SlotState:
    """The caller said that the value is wrong. One that was only remembered is asked for as if it had never been."""
    if state.recalled:
        was = state.value if state.status is SlotStatus.CONFIRMED else state.was
        return SlotState(asked=state.asked, was=was)
    denied = state.denied
    if state.value is not None and state.value not in denied:
        denied = (*denied, state.value)
    was = state.value if state.status is SlotStatus.CONFIRMED else state.was
    return replace(
        state,
        status=SlotStatus.EMPTY,
        value=None,
        confidence=0.0,
        evidence=None,
        denied=denied,
        insisted=None,
        was=was,
    )


def give(value: Value | None) -> SlotState:
    """A value that nobody has to confirm: the call, an action or the script gives it."""
    if value is None:
        return SlotState()
    return SlotState(SlotStatus.CONFIRMED, value=value, confidence=1.0)


def decline(state: SlotState) -> SlotState:
    """The caller has none, or will not say."""
    return replace(state, status=SlotStatus.DECLINED, value=None, confidence=0.0, evidence=None)


def _seconds(time_s: float) -> float:
    return time_s if math.isfinite(time_s) else 0.0


def _share(confidence: float) -> float:
    return min(1.0, max(0.0, confidence)) if math.isfinite(confidence) else 0.0


# --- names that are spelled ----------------------------------------------------------------------------------


def known_name(state: SlotState) -> str:
    """The name as far as it is known: the value, or the last that was denied. "" where none."""
    for value in (state.value, *reversed(state.denied)):
        if isinstance(value, str):
            return value
    return ""


def is_partial(slot: Slot, state: SlotState) -> bool:
    """One name was heard where first and last are wanted. `doubted`: the caller has no other."""
    return (
        slot.type is SlotType.PERSON_NAME
        and slot.full
        and state.status is SlotStatus.HEARD
        and not state.doubted
        and len(known_name(state).split()) == 1
    )


def part_to_spell(slot: Slot, state: SlotState, spoken: str = "") -> NamePart:
    """What to have spelled next, or what was spelled unasked beside `spoken`.

    A recogniser knows most given names and few family names, and one part is short enough to be heard letter by
    letter. So the family name comes first, and the given name only when the family name was not the trouble.
    """
    if not slot.full:
        return NamePart.WHOLE
    words = (spoken or known_name(state)).split()
    spelled = state.spelled.replace(" ", "").casefold()
    family = words[family_at(words) :]
    family_done = bool(spelled) and (
        not words or spelled in (words[-1].casefold(), "".join(family).casefold())
    )
    return NamePart.GIVEN if family_done else NamePart.FAMILY


def with_spelled(state: SlotState, spelled: str, part: NamePart, spoken: str = "") -> str | None:
    """The whole name once `part` of it was spelled, None while the rest is unknown.

    Args:
        state: the slot before.
        spelled: the letters; several words where the caller said so.
        part: what was asked for.
        spoken: a name heard in the same words, "" where none.
    """
    known, letters = (spoken or known_name(state)).split(), spelled.split()
    if _holds(spoken, letters):
        return spoken  # whoever read the utterance has put it together
    if part is NamePart.WHOLE or (len(letters) > 1 and len(letters) == len(known)):
        return _titled(letters)
    given, family = known[: family_at(known)], known[family_at(known) :]
    if part is NamePart.GIVEN:
        return " ".join((_titled(letters), *(known[1:] or [_titled(state.spelled.split())]))).strip()
    if len(family) > 1 and _holds(" ".join(family), letters):
        return " ".join(known)
    if len(letters) > 1 and (not known or letters[0].casefold() == known[0].casefold()):
        return _titled(letters)
    if len(letters) > 1:
        return _titled(letters, known[:1])
    return _titled(letters, given or known) if known else None


def _holds(name: str, letters: list[str]) -> bool:
    words = [word.casefold() for word in name.split()]
    joined = "".join(letters).casefold()
    return joined in words or joined == "".join(words)


def with_spoken(state: SlotState, spoken: str, part: NamePart) -> str:
    """The whole name where the caller said `part` of it instead of spelling it."""
    known, words = known_name(state).split(), spoken.split()
    if part is NamePart.GIVEN and words:
        return " ".join((_titled(words[:1]), *(known[1:] or [_titled(state.spelled.split())]))).strip()
    if part is NamePart.FAMILY and len(words) == 1 and known and words != known:
        return _titled(words, known[: family_at(known)] or known)
    return spoken


def beside_letters(state: SlotState, spoken: str) -> str | None:
    """The name said anew after one was denied of which the family name had been spelled: that stays.

    Letters are heard better than names. None where there are no such letters, or `spoken` is one name alone.
    """
    known, words = known_name(state).split(), spoken.split()
    family = known[family_at(known) :]
    letters = state.spelled.replace(" ", "").casefold()
    if state.status is not SlotStatus.EMPTY or len(words) < 2 or not letters:
        return None
    return " ".join((*words[: family_at(words)], *family)) if "".join(family).casefold() == letters else None


def family_at(words: list[str]) -> int:
    """Where the family name begins: with its last word, or with the first that is written small, `van der Berg`."""
    return next((at for at, word in enumerate(words) if at and word[:1].islower()), max(0, len(words) - 1))


def _titled(words: list[str], before: list[str] | None = None) -> str:
    """The words with large first letters, behind those that are written already."""
    return " ".join([*(before or []), *(word[:1].upper() + word[1:] for word in words)])
