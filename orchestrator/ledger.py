"""The state of one call, and everything that is kept of it: each event, the record, the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flows.schema import Flow
from memory.privacy_stores import CLASSES, MARKS
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.recording import CallerWords, dump_moment
from orchestrator.redaction import Level, answer_of, answers_of, class_of, classified, redacted
from orchestrator.saver import Saver
from orchestrator.taken_up import TakenUp
from orchestrator.telling import Teller
from reasoner import machine
from reasoner.events import Effect, Event, dump_event, load_event
from reasoner.state import GoalState, dump_state


class Ledger:
    """The only place where a call's state changes.

    Args:
        taken_up: what another process left of the call, None for a new one.
        saver: writes each revision; `run` it beside the call.
        teller: tells those who watch the call what changed.
        marks: what the caller is recognised by so far, hashed.
        level: what is taken out of the call's file.
    """

    def __init__(
        self,
        flow: Flow,
        key: SessionKey,
        saver: Saver,
        teller: Teller,
        taken_up: TakenUp | None = None,
        *,
        marks: Callable[[], Sequence[str]] = tuple,
        level: Level = "never",
    ) -> None:
        self.started_at = taken_up.started_at if taken_up else datetime.now(UTC)
        self.state: GoalState = taken_up.state if taken_up else machine.start(flow, key.call)
        self._written_moments = len(taken_up.told) if taken_up else 0
        self._marks = marks
        self._level: Level = level
        before = (load_event(stored.event) for stored in taken_up.events) if taken_up else ()
        self._answers = list(answers_of(flow, key.call, before))
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
        if (answer := answer_of(before, event)) is not None:
            self._answers.append(answer)
        self._teller.slots(before, self.state)
        self._teller.findings(before, self.state)
        stored = StoredEvent(self.state.revision, self.state.at_s, dump_event(event))
        self._saver.put(self._record(), stored, self._newly_told())
        return effects

    async def close(self, late_blocks: int) -> bool:
        """Write what is not written yet, with the whole story of the call. False where the store would not take it."""
        written = await self._saver.finish(self.written_down(late_blocks).dump())
        if not written:
            self._teller.trouble("memory", "the session could not be written before the end")
        return written

    async def leave(self) -> bool:
        """Write what is not written yet of a call that is to go on elsewhere. False as for `close`."""
        return await self._saver.leave()

    async def persist(self, late_blocks: int | None) -> None:
        """The same for as long as it takes; None: of a call that goes on elsewhere. Cancel to give up."""
        story = None if late_blocks is None else self.written_down(late_blocks).dump()
        await self._saver.persist(story)

    def written_down(
        self, late_blocks: int, *, simulated: str = "", audio: AudioPart | None = None
    ) -> CallFile:
        """The call as its file. `simulated`: what the caller was, where it was no person."""
        whole = CallFile.from_moments(
            self._teller.story.lasting,
            self.state,
            started_at=self.started_at,
            late_blocks=late_blocks,
            simulated=simulated,
            audio=audio,
        )
        told = classified(whole, self._flow, self._answers)
        return redacted(told, self._level, self._flow.language, self._flow)

    def _newly_told(self) -> list[StoredEvent]:
        """What was told since the last revision; words that were replaced by later ones are left out."""
        self._written_moments, told = self._teller.story.since(self._written_moments)
        return [
            StoredEvent(self.state.revision, moment.at_s, dump_moment(moment))
            for moment in told
            if not isinstance(moment, CallerWords) or moment.final
        ]

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
            summary={
                "slots": established,
                "turns": state.turns,
                MARKS: list(self._marks()),
                CLASSES: {
                    name: class_of(self._flow, name) for name in established if name in self._flow.slots
                },
            },
        )
