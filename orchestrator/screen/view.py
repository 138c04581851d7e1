"""What somebody who watches a call sees: built from its moments one by one, and drawn by others. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from duplex_frontend.types import FloorReason, Party
from orchestrator.lookups import found
from orchestrator.recording import (
    AgentCeased,
    AgentSaid,
    CallClosed,
    CallOpened,
    FloorHeld,
    LookedUp,
    Moment,
    SlotChanged,
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.transcript import Transcript, told
from orchestrator.wording import written
from reasoner.types import SlotStatus

OVERLAP_SHOWN_S = 1.0
"""An overlap that moves the floor to nobody ends without a moment of its own; it is shown this long."""


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One line of the form. `value` is in writing, "" where there is none."""

    name: str
    label: str
    required: bool
    status: SlotStatus = SlotStatus.EMPTY
    value: str = ""
    changed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody holds the floor from `start_s` on, both where `both`; until the next stretch begins."""

    start_s: float
    holder: Party | None
    both: bool = False

    def speaks(self, party: Party, at_s: float) -> bool:
        both = self.both and at_s - self.start_s < OVERLAP_SHOWN_S
        return both or self.holder is party


Thought = LookedUp | Whispered | Trouble


@dataclass(frozen=True, slots=True)
class View:
    """A call up to `at_s`.

    Attributes:
        upcoming: what the agent is about to say of the reply it has begun.
        thoughts: look-ups, whispers and troubles in the order in which they came.
        backchannels: when, and by whom.
        outcome: None while the call goes on.
    """

    call: str = ""
    title: str = ""
    agent: str = ""
    slots: tuple[SlotLine, ...] = ()
    transcript: Transcript = ()
    upcoming: str = ""
    floor: tuple[Stretch, ...] = ()
    backchannels: tuple[tuple[float, Party], ...] = ()
    thoughts: tuple[Thought, ...] = ()
    turns: tuple[TurnTimed, ...] = ()
    interruptions: int = 0
    outcome: str | None = None
    summary: str = ""
    at_s: float = 0.0

    @property
    def stretch(self) -> Stretch:
        """Who holds the floor now."""
        return self.floor[-1] if self.floor else Stretch(0.0, None)

    @property
    def latencies_ms(self) -> tuple[float, ...]:
        return tuple(turn.latency_ms for turn in self.turns if turn.latency_ms is not None)

    def before_end_s(self, at_s: float) -> float | None:
        """How long before the end of the caller's speech something happened; None where that has not come yet."""
        for turn in self.turns:
            if turn.decided_s >= at_s:
                return turn.end_of_speech_s - at_s
        return None


def unfold(view: View, moment: Moment) -> View:
    """The view after one more moment."""
    view = replace(view, transcript=told(view.transcript, moment), at_s=max(view.at_s, moment.at_s))
    match moment:
        case CallOpened():
            slots = tuple(SlotLine(s.name, s.label, s.required) for s in moment.slots)
            return replace(
                view, call=moment.call, title=moment.title or moment.flow, agent=moment.agent, slots=slots
            )
        case AgentSaid():
            return replace(view, upcoming=_left(view.upcoming, moment.text))
        case AgentCeased():
            return replace(view, upcoming="", interruptions=view.interruptions + moment.interrupted)
        case FloorHeld():
            return _passed(view, moment)
        case SlotChanged():
            return replace(view, slots=tuple(_changed(slot, moment) for slot in view.slots))
        case Whispered():
            return replace(view, upcoming=moment.reply, thoughts=(*view.thoughts, moment))
        case LookedUp():
            return replace(view, thoughts=found(view.thoughts, moment))
        case Trouble():
            return replace(view, thoughts=(*view.thoughts, moment))
        case TurnTimed():
            return replace(view, turns=(*view.turns, moment))
        case CallClosed():
            return replace(
                view,
                outcome=moment.outcome,
                summary=moment.summary,
                upcoming="",
                floor=(*view.floor, Stretch(moment.at_s, None)),
            )
        case _:
            return view


def _passed(view: View, moment: FloorHeld) -> View:
    holder = Party(moment.holder) if moment.holder else None
    if moment.reason == FloorReason.BACKCHANNEL:
        said = (*view.backchannels, (moment.at_s, Party(moment.by)))
        view = replace(view, backchannels=said)
    stretch = Stretch(moment.at_s, holder, both=moment.reason == FloorReason.OVERLAP)
    return replace(view, floor=(*view.floor, stretch))


def _changed(slot: SlotLine, moment: SlotChanged) -> SlotLine:
    if slot.name != moment.name:
        return slot
    status = SlotStatus(moment.status)
    return replace(slot, status=status, value=written(moment.value, moment.spoken), changed_s=moment.at_s)


def _left(upcoming: str, said: str) -> str:
    """What is left of a reply once `said` went out; nothing where the two do not match."""
    words, gone = upcoming.split(), said.split()
    return " ".join(words[len(gone) :]) if words[: len(gone)] == gone else ""
