"""An utterance in pieces, within the state of the call that it was said in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from reasoner.state import GoalState
from reasoner.types import Channel, SlotName, SlotState, Waiting
from reasoner.understand.expectation import Expectation
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """`doubtful`: only an open vocabulary heard it. `sure`: how sure the recogniser is, 1 for what was typed."""

    expected: Expectation
    state: GoalState
    words: Words
    pieces: tuple[Piece, ...]
    channel: Channel
    doubtful: bool
    today: datetime.date
    sure: float = 1.0

    def of(self, *kinds: Kind) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind in kinds]

    def slot(self, name: SlotName) -> SlotState:
        return self.state.slots.get(name) or SlotState()

    def about(self, name: SlotName) -> str:
        """What the slot, and the call, is about."""
        flow, slot = self.expected.flow, self.expected.flow.slots[name]
        return f"{slot.label} {slot.ask} {flow.about} {flow.agent.business}"

    @property
    def waiting(self) -> Waiting:
        return self.expected.pending.waiting

    @property
    def asked(self) -> tuple[SlotName, ...]:
        return self.expected.pending.slots

    @property
    def unread(self) -> int:
        return sum(len(piece) for piece in self.of(Kind.UNREAD))
