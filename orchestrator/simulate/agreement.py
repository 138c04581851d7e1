"""How a caller checks a value that the agent says: does this sentence agree with what I know?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from flows.slot import Slot, SlotType
from orchestrator.simulate.people import fold, plain
from orchestrator.simulate.reading import chars, dates, digit, numbers, times, words
from reasoner.types import Value

_MARKS = {"at": "@", "dot": ".", "period": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-"}


def has(phrase: str, text: str) -> bool:
    """Whether the words of `phrase` occur in `text`, one after the other."""
    wanted = words(phrase)
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words(text))} "


def agrees(slot: Slot, truth: Value | None, text: str) -> bool | None:
    """Whether the value that `text` says for a slot is the true one. None: no value was made out.

    Args:
        truth: what the caller knows; None where it has or wants to give nothing, and so no value agrees.
    """
    if truth is None:
        return None
    match slot.type:
        case SlotType.PERSON_NAME:
            return _name_agrees(str(truth), text)
        case SlotType.CHOICE:
            found = _labels(slot, text)
            return None if not found else found == {str(truth)}
        case SlotType.LIST:
            return _list_agrees(slot, truth, text)
        case SlotType.YES_NO:
            return _yes_no_agrees(slot, truth is True, text)
        case SlotType.NUMBER | SlotType.MONEY:
            found_numbers = numbers(words(text))
            return None if not found_numbers else _close(float(str(truth)), found_numbers)
        case SlotType.DATE:
            found_dates = list(dates(words(text)))
            return None if not found_dates else any(_same_day(str(truth), d) for d in found_dates)
        case SlotType.TIME:
            found_times = times(words(text))
            return None if not found_times else str(truth) in found_times
        case SlotType.EMAIL:
            return _email_agrees(str(truth), text)
        case SlotType.PHONE | SlotType.DIGITS:
            run = "".join(chars(words(text), letters=False))
            return None if len(run) < 3 else run in (str(truth), f"1{truth}")
        case SlotType.ID:
            return _id_agrees(str(truth), text)
        case SlotType.TEXT:
            mine = words(str(truth))
            kept = sum(word in words(text) for word in mine)
            return True if kept >= 0.6 * len(mine) else False if "is" in words(text) else None
        case SlotType.RECORD:
            return None


# --- names, labels ------------------------------------------------------------------------------------------


def _name_agrees(name: str, text: str) -> bool | None:
    said = words(text)
    spelled = "".join(_spelled(said))
    parts = [plain(part) for part in name.split()]
    if len(spelled) >= 2 and spelled not in (*parts, "".join(parts)):
        return False
    if _window(plain(name), said):
        return not _another_name(name, text)
    if spelled and spelled == "".join(parts):
        return True
    rest = [word for word in said if word not in _NOT_NAMES]
    return False if rest else None


_NOT_NAMES = frozenset(
    "a and as your the is i have noted down so name first last full that right with for".split()
)


def _window(wanted: str, said: Sequence[str]) -> bool:
    """Whether some words in a row, written together, are `wanted`."""
    for start in range(len(said)):
        run = ""
        for word in said[start:]:
            run += plain(word)
            if len(run) >= len(wanted):
                break
        if run == wanted:
            return True
    return False


def _spelled(said: Sequence[str]) -> list[str]:
    """The letters of a word that is spelled: `g as in golf, o as in oscar`, or single letters in a row."""
    letters = [word for word in said if len(word) == 1 and word.isalpha()]
    return letters if len(letters) >= 2 else []


def _another_name(name: str, text: str) -> bool:
    """Whether a further capitalised word stands beside the name: `Rousseau Pierre Rousseau`."""
    written = re.escape(fold(name)).replace(r"\ ", r"[\s-]+")
    found = re.search(rf"(\S+)?\s+{written}(?:\s+([^\s,.?!]+))?", fold(text))
    if found is None:
        return False
    start = text[found.start(1) : found.start(1) + 1] if found[1] and found.start(1) else ""
    after = text[found.start(2) : found.start(2) + 1] if found[2] else ""
    return start.isupper() or after.isupper()


def _labels(slot: Slot, text: str) -> set[str]:
    """The values of a choice or list whose label occurs, longest first, so that a part of one is not another."""
    said = f" {' '.join(words(text))} "
    found = set()
    extra = [value for value in (slot.no_preference, slot.other) if value]
    for label in sorted((*slot.values, *extra), key=len, reverse=True):
        written = f" {' '.join(words(label))} "
        if written in said:
            found.add(label)
            said = said.replace(written, " | ")
    return found


def _list_agrees(slot: Slot, truth: Value, text: str) -> bool | None:
    found = _labels(slot, text)
    mine = set(truth) if isinstance(truth, tuple) else set()
    if found:
        return found == mine
    nothing = bool(slot.none and has(slot.none, text)) or {"no", "none", "nothing"} & set(words(text))
    return not mine if nothing else None


def _yes_no_agrees(slot: Slot, truth: bool, text: str) -> bool | None:
    for phrase, means in sorted(((slot.yes, True), (slot.no, False)), key=lambda pair: -len(pair[0])):
        if phrase and has(phrase, text):
            return means is truth
    said = set(words(text))
    if said & {"yes", "no", "not", "none"}:
        return ("yes" in said and not said & {"no", "not"}) is truth
    return None


def _close(truth: float, found: Iterable[float]) -> bool:
    return any(abs(truth - number) < 0.005 for number in found)


def _same_day(iso: str, found: tuple[int, int, int | None]) -> bool:
    truth = date.fromisoformat(iso)
    month, day, year = found
    return (month, day) == (truth.month, truth.day) and year in (None, truth.year)


def _id_agrees(truth: str, text: str) -> bool | None:
    wanted = truth.lower()
    said = words(text)
    if any(plain(word) == wanted for word in said):
        return True
    code = "".join(chars(said, letters=True))
    if len(code) < 2:
        return None
    # A word of the sentence, `I` or `a`, can stand before the code.
    return code == wanted or (code.endswith(wanted) and len(code) - len(wanted) <= 2 and code[0] in "ai")


def _email_agrees(truth: str, text: str) -> bool | None:
    if truth in re.findall(r"[\w.+-]+@[\w.-]+\w", text.lower()):
        return True
    pieces = [_MARKS.get(word) or digit(word) for word in words(text)]
    for start in range(len(pieces)):
        run = ""
        for end, piece in enumerate(pieces[start:], start):
            run += piece
            if not truth.startswith(run):
                break
            if run == truth:
                joined_before = start > 0 and (pieces[start - 1] in ".-_@" or len(pieces[start - 1]) == 1)
                joined_after = end + 1 < len(pieces) and pieces[end + 1] in ".-_@"
                return not joined_before and not joined_after
    return False if "@" in pieces else None
