"""Yes, no, and wrong: what an utterance says to a question, and to what was read back."""

from __future__ import annotations

from flows.slot import Slot, SlotType
from reasoner.types import Answer, Channel, Heard, Intent, SlotName, Waiting
from reasoner.understand.clauses import ENDS_A_CLAUSE
from reasoner.understand.denied import none_of
from reasoner.understand.echo import echo_of
from reasoner.understand.findings import SURE_READ, SURE_SPOTTED
from reasoner.understand.forms import best
from reasoner.understand.language import takes_yes_or_no
from reasoner.understand.pieces import PASSING, Kind, Piece
from reasoner.understand.said import Said

_MOST_UNREAD = 4  # words not understood beside a yes or no of one word
_MOST_UNREAD_VERB = 1  # the same, beside "it is" and the like, which may go on as any sentence
_MOST_UNREAD_BEHIND = 12  # the same, behind the answer to a question for a yes or no
_MOST_UNREAD_NO = 2  # the same, where a no ends something
_SURE_AGREED = 0.75  # of the recogniser, for a yes behind words that nobody made out


def answer_in(
    said: Said, values: dict[SlotName, Heard], asks: bool, commands: frozenset[Intent]
) -> tuple[Answer | None, bool]:
    """A yes or no, where it stands as one, with little beside it that was not understood; and whether it is casual."""
    pieces = [piece for piece in said.pieces if _answer_of(said, piece) is not None]
    casual = bool(pieces) and all(is_casual(said, piece) for piece in pieces)
    if not pieces and _agrees_in_passing(said):
        return Answer.YES, True
    if (
        casual
        and said.channel is Channel.SPEECH
        and any(_slot(said, name).must_be_yes for name in said.asked)
    ):
        return None, False  # an agreement wants a clear yes; listeners say such words all the time
    leaving = frozenset({Intent.GOODBYE}) if not casual else frozenset()
    answer = _answer_in(said, pieces, values, asks, commands - leaving)
    if answer is Answer.NO and commands & leaving:
        answer = (
            None  # who says no and goodbye is gone, and who says yes has answered first: `yes, that's all`
        )
    if answer is None and not pieces and not asks and not commands:
        answer = _compared_in(said, values)
    if answer is None and not pieces and not values and not asks and not commands:
        answer = echoed_in(said)
    return answer, casual and answer is Answer.YES


def _compared_in(said: Said, values: dict[SlotName, Heard]) -> Answer | None:
    """`For about an hour`, to whether it is more than ten minutes."""
    if not asks_lightly(said) or said.asked[0] in values:
        return None
    holds = said.expected.language.compared(_slot(said, said.asked[0]).ask, said.words)
    return None if holds is None else Answer.YES if holds else Answer.NO


def has_no_more(said: Said) -> bool:
    """A caller's own words are asked for, and there is nothing to say."""
    if said.waiting is not Waiting.ANSWER or all(
        _slot(said, n).type is not SlotType.TEXT for n in said.asked
    ):
        return False
    found = best(said.expected.language.no_more, said.words, 0) if len(said.words) else None
    return found is not None and found[0] == len(said.words)


def echoed_in(said: Said) -> Answer | None:
    """An answer in the words of the question: `the light is on`, `it's not working`, `it is off`."""
    if (
        not asks_lightly(said)
        or said.doubtful
        or not said.unread
        or said.of(Kind.QUESTION, Kind.COMMAND, Kind.VALUE)
    ):
        return None
    slot, language = _slot(said, said.asked[0]), said.expected.language
    whole = echo_of(slot, said.words.folded, language)
    if whole is not None:
        return whole
    # `It starts, but it makes a noise`: a part of what is said is in the words of the question.
    parts = {echo_of(slot, clause, language) for clause in _clauses(said)} - {None}
    return parts.pop() if len(parts) == 1 else None


def _clauses(said: Said) -> list[tuple[str, ...]]:
    clauses, begun = list[tuple[str, ...]](), 0
    words, joiners = said.words, said.expected.language.joiners
    for at in range(len(words)):
        if (joint := best(joiners, words, at)) is not None:
            clauses.append(words.folded[begun:at])
            begun = joint[0]
    clauses.append(words.folded[begun:])
    return [clause for clause in clauses if clause] if len(clauses) > 1 else []


def is_casual(said: Said, piece: Piece) -> bool:
    """The piece agrees in words that listeners also say in passing."""
    if piece.kind is not Kind.ANSWER:
        return False
    found = best(said.expected.language.casual, said.words, piece.start)
    return found is not None and found[0] == piece.end


def _agrees_in_passing(said: Said) -> bool:
    """Typed, `okay` to what was read back is no sign of listening."""
    if said.channel is Channel.SPEECH or said.waiting is not Waiting.CONFIRMATION or not len(said.words):
        return False
    found = best(said.expected.language.casual, said.words, 0)
    return found is not None and all(
        piece.kind is Kind.BACKCHANNEL for piece in said.pieces if piece.end > found[0]
    )


def _slot(said: Said, name: SlotName) -> Slot:
    return said.expected.flow.slots[name]


def _answer_in(
    said: Said, pieces: list[Piece], values: dict[SlotName, Heard], asks: bool, commands: frozenset[Intent]
) -> Answer | None:
    if pieces and pieces[-1].kind is Kind.ANSWER and _is_corrected(said, pieces[-1]):
        pieces = pieces[-1:]  # "no, I mean yes"
    pieces = [piece for piece in pieces if piece is pieces[0] or not _explains(said, piece)]
    found = {_answer_of(said, piece) for piece in pieces}
    if len(found) != 1 or commands - {Intent.QUESTION, Intent.HUMAN}:
        return None
    answer = found.pop()
    if answer is None:
        return None
    if said.waiting is Waiting.ANSWER and said.asked:
        return _answer_to(said, said.asked[0], answer, values, asks)
    if answer is Answer.NO and values and said.waiting is Waiting.CONFIRMATION:
        # "No, my number is ...", while the date was read back, takes back the number if there was one.
        elsewhere = [name for name in values if name not in said.asked]
        if len(elsewhere) == len(values) and any(said.slot(name).value is not None for name in elsewhere):
            return None
    return answer


def _is_corrected(said: Said, last: Piece) -> bool:
    return any(piece.kind is Kind.CORRECTION and piece.end == last.start for piece in said.pieces)


def _explains(said: Said, piece: Piece) -> bool:
    """Behind an answer, `it was` begins a sentence that says why: `No, it was loose`."""
    follows = next((other for other in said.pieces if other.start >= piece.end), None)
    if follows is None or follows.kind in PASSING | {Kind.ANSWER} or not asks_lightly(said):
        return False
    plain = best(said.expected.language.answers, said.words, piece.start)
    stating = said.words.text(piece.start, piece.end) in said.expected.language.stating
    return stating or plain is None or plain[0] < piece.end


def _answer_of(said: Said, piece: Piece) -> Answer | None:
    if piece.kind is Kind.CORRECTION and piece.value:
        return Answer.NO
    if piece.kind is not Kind.ANSWER:
        return None
    passing = PASSING | {Kind.ANSWER, Kind.COMMAND, Kind.VALUE}
    most = _MOST_UNREAD + len(piece) - 1
    leads = all(other.kind in passing for other in said.pieces if other.start < piece.start)
    ends = piece.end == len(said.words)
    plain = best(said.expected.language.answers, said.words, piece.start)
    if said.unread and said.words.text(piece.start, piece.end) in said.expected.language.alone:
        return None
    weak = (
        len(piece) == 1 or plain is None or plain[0] < piece.end
    )  # "I would" within a sentence answers nothing
    if weak and not leads and not ends:
        return None
    if plain is None and piece.value is Answer.YES:
        most = _MOST_UNREAD_VERB
    if said.words.text(piece.start, piece.end) in said.expected.language.stating:
        closed = leads and not ENDS_A_CLAUSE.isdisjoint(said.words.between(piece.end))
        stands = closed or (said.unread <= _MOST_UNREAD_VERB and not said.of(Kind.VALUE))
        return piece.value if stands else None
    if (leads or ends) and asks_lightly(said) and plain is not None:
        most = _MOST_UNREAD_BEHIND  # what follows a yes or no that was asked for explains it
    if said.waiting is Waiting.CONFIRMATION and plain is not None:
        if piece.value is Answer.NO and leads:
            most = _MOST_UNREAD_BEHIND  # who begins with a no and goes on puts something right
        elif piece.value is Answer.YES and not leads and said.sure < _SURE_AGREED:
            return None  # what was not made out before it may have been a no: `that's month correct`
    return piece.value if said.unread <= most or _is_when(said, piece) else None


def _is_when(said: Said, piece: Piece) -> bool:
    """`I did that this morning`: what is not understood tells when."""
    unread = {word for p in said.of(Kind.UNREAD) for word in said.words.folded[p.start : p.end]}
    language = said.expected.language
    of_oneself = not piece.start and said.words.folded[0] in language.subjects
    return asks_lightly(said) and of_oneself and unread <= language.telling_when


def asks_lightly(said: Said) -> bool:
    """A yes or no question is open on which little hangs."""
    slots = [_slot(said, name) for name in said.asked] if said.waiting is Waiting.ANSWER else []
    return any(takes_yes_or_no(slot) and not slot.must_be_yes for slot in slots)


def _answer_to(
    said: Said, name: SlotName, answer: Answer, values: dict[SlotName, Heard], asks: bool
) -> Answer | None:
    """The answer to a question: none where it only leads over to a value, or where a no is not beyond doubt."""
    if name in values:
        return None
    if said.expected.flow.slots[name].type not in (SlotType.YES_NO, SlotType.LIST):
        return None if values else answer
    if answer is Answer.NO and (values or asks or said.of(Kind.WRONG, Kind.AGAINST)):
        return None
    most = _MOST_UNREAD_BEHIND if asks_lightly(said) else _MOST_UNREAD_NO
    return None if answer is Answer.NO and said.unread > most else answer


def rejected_in(
    said: Said, values: dict[SlotName, Heard], answer: Answer | None
) -> tuple[tuple[SlotName, ...], dict[SlotName, Heard]]:
    """Slots that are said to be wrong, and the values without those that repeat what was denied."""
    wrong = [piece.slot for piece in said.of(Kind.WRONG, Kind.AGAINST)]
    if said.waiting is Waiting.WHICH or (said.waiting is Waiting.CONFIRMATION and answer is Answer.NO):
        wrong += [piece.slot for piece in said.of(Kind.NAMED, Kind.CARRIER)]
    if answer is Answer.NO and said.waiting is Waiting.CONFIRMATION:
        same = [n for n, heard in values.items() if n in said.asked and heard.value == said.slot(n).value]
        wrong += same
        values = {name: heard for name, heard in values.items() if name not in same}
    known = [name for name in wrong if name not in values and said.slot(name).value is not None]
    return tuple(dict.fromkeys(known)), values


def answered(
    said: Said, answer: Answer, values: dict[SlotName, Heard], *, casual: bool
) -> dict[SlotName, Heard]:
    """The value that a yes or no is where it was asked for; a casual one is none where a clear one is wanted."""
    if said.waiting is not Waiting.ANSWER or not said.asked:
        return {}
    name = said.asked[0]
    if name in values:
        return {}
    text, slot = said.words.text(), _slot(said, name)
    match slot.type:
        case SlotType.YES_NO if casual and slot.clear_yes:
            return {}
        case SlotType.CHOICE if answer in slot.values:
            return {name: Heard(name, str(answer), SURE_SPOTTED if said.unread else SURE_READ, text)}
        case SlotType.CHOICE if (
            answer is Answer.NO and (none := none_of(slot, said.expected.language)) is not None
        ):
            return {name: Heard(name, none, SURE_SPOTTED if said.unread else SURE_READ, text)}
        case SlotType.YES_NO:
            return {name: Heard(name, answer is Answer.YES, SURE_SPOTTED if said.unread else SURE_READ, text)}
        case SlotType.TEXT if answer is Answer.NO and slot.required and not said.unread:
            # Of what is required a no is all there is to know; what is not is left out.
            return {name: Heard(name, said.words.as_written(), SURE_READ, text)}
        case SlotType.LIST if answer is Answer.NO:
            return {name: Heard(name, (), SURE_SPOTTED if said.unread else SURE_READ, text)}
        case _:
            return {}
