"""The state of one call, and everything that is kept of it: each event, the record, the file."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.schema import Flow
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.saver import Saver
from orchestrator.telling import Teller
from reasoner import machine
from reasoner.events import Effect, Event, dump_event
from reasoner.state import GoalState, dump_state


class Ledger:
    """The only place where a call's state changes.

    Args:
        saver: writes each revision; `run` it beside the call.
        teller: tells those who watch the call what changed.
    """

    def __init__(self, flow: Flow, key: SessionKey, saver: Saver, teller: Teller) -> None:
        self.started_at = datetime.now(UTC)
        self.state: GoalState = machine.start(flow, key.call)
        self._flow = flow
        self._key = key
        self._saver = saver
        self._teller = teller

    def commit(self, event: Event) -> tuple[Effect, ...]:
        """Apply one event."""
        before = self.state
        self.state, effects = machine.advance(self._flow, before, event)
        if self.state.revision == before.revision:
            return ()
        self._teller.slots(before, self.state)
        stored = StoredEvent(self.state.revision, self.state.at_s, dump_event(event))
        self._saver.put(self._record(), stored)
        return effects

    async def close(self, late_blocks: int) -> None:
        """Write what is not written yet, with the whole story of the call."""
        story = self.written_down(late_blocks)
        if not await self._saver.finish(story.dump()):
            self._teller.trouble("memory", "the session could not be written before the end")

    def written_down(
        self, late_blocks: int, *, simulated: str = "", audio: AudioPart | None = None
    ) -> CallFile:
        """The call as its file. `simulated`: what the caller was, where it was no person."""
        return CallFile.from_moments(
            self._teller.story.lasting,
            self.state,
            started_at=self.started_at,
            late_blocks=late_blocks,
            simulated=simulated,
            audio=audio,
        )

    def _record(self) -> SessionRecord:
        state = self.state
        established = {
            name: slot.status.value for name, slot in state.slots.items() if slot.value is not None
        }
        return SessionRecord(
            key=self._key,
            revision=state.revision,
            flow=state.flow,
            flow_hash=state.flow_hash,
            state=dump_state(state),
            outcome=state.outcome.value if state.outcome else None,
            started_at=self.started_at,
            updated_at=datetime.now(UTC),
            summary={"slots": established, "turns": state.turns},
        )
