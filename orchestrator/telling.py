"""Turns what happens in a session into the moments that people and files see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from duplex_frontend.types import (
    AgentStopped,
    AgentWords,
    CallerBackchannel,
    CallerTurn,
    FloorChanged,
    Hypothesis,
    Source,
    WhisperReceipt,
)
from flows.schema import Flow
from orchestrator.recording import (
    AgentCeased,
    AgentSaid,
    CallClosed,
    CallerWords,
    CallOpened,
    FloorHeld,
    Found,
    LookedUp,
    Moment,
    Receipt,
    SlotChanged,
    SlotInfo,
    Supervised,
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.story import Story
from reasoner.ports import Thought
from reasoner.recall import Lookup
from reasoner.reply import spoken
from reasoner.state import GoalState, Outcome
from reasoner.types import SlotState, SlotStatus, Whisper


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn of the caller and what was thought of it. `revision`: of the reply, None where there is none."""

    turn: CallerTurn
    thought: Thought
    thought_ms: float
    ahead: bool
    revision: int | None


class Teller:
    """Tells one call's story. `now_s` is the call's audio clock, kept up by the session.

    Args:
        missing: what the call has to do without from its beginning, by part.
    """

    def __init__(self, flow: Flow, story: Story, *, missing: Mapping[str, str] | None = None) -> None:
        self.story = story
        self.now_s = 0.0
        self._flow = flow
        self._missing = missing or {}
        self._turns = 0
        self._recall_ready = False
        self._knowledge_lost = False
        self._began_s = -1.0  # the agent's newest beginning
        self._waiting: Answered | None = None  # for the first sample of its answer

    def opened(self, call: str, rate_hz: int) -> None:
        flow = self._flow
        slots = tuple(SlotInfo(name, s.label, s.type.value, s.required) for name, s in flow.slots.items())
        self.story.tell(CallOpened(call, flow.flow, flow.about, flow.agent.name, rate_hz, slots))
        for part, what in self._missing.items():
            self.trouble(part, what)

    def goes_on(self, told: Sequence[Moment], rate_hz: int, gap_s: float) -> None:
        """Another process has told the call so far. `gap_s`: nobody led it for so long."""
        for moment in told:
            self.story.tell(replace(moment, rate_hz=rate_hz) if isinstance(moment, CallOpened) else moment)
        self._turns = sum(isinstance(moment, TurnTimed) for moment in told)
        self.trouble("line", f"it was lost, and the call goes on after {gap_s:.1f} s", recovered=True)

    def caller(self, heard: Sequence[Hypothesis], start_s: float, end_s: float, *, final: bool) -> None:
        best = heard[0] if heard else None
        heard_open = next((h.text for h in heard if h.source is Source.OPEN), "")
        text, confidence = (best.text, best.confidence) if best else ("", 0.0)
        self.story.tell(CallerWords(text, final, start_s, end_s, self.now_s, confidence, heard_open))

    def backchannel(self, heard: CallerBackchannel) -> None:
        words = CallerWords(heard.text, True, heard.start_s, heard.end_s, self.now_s, backchannel=True)
        self.story.tell(words)

    def agent(self, said: AgentWords) -> None:
        self.story.tell(AgentSaid(said.text, said.start_s, said.end_s, self.now_s, said.revision))

    def agent_ceased(self, stopped: AgentStopped) -> None:
        self.story.tell(AgentCeased(stopped.at_s, stopped.interrupted, stopped.unspoken))

    def floor(self, changed: FloorChanged) -> None:
        holder = changed.holder.value if changed.holder else None
        self.story.tell(FloorHeld(holder, changed.reason.value, changed.by.value, changed.at_s))

    def slots(self, before: GoalState, after: GoalState) -> None:
        """Tell every slot whose value or status is another."""
        for name, slot in after.slots.items():
            was = before.slots.get(name, SlotState())
            if (was.value, was.status) == (slot.value, slot.status):
                continue
            words = spoken(self._flow.slots[name], slot.value, self._flow.language)
            self.story.tell(
                SlotChanged(name, slot.value, words, slot.status.value, slot.confidence, self.now_s)
            )

    def looked_up(self, lookup: Lookup) -> None:
        """Knowledge was searched, or found in the cache of what was searched while the caller spoke."""
        if not lookup.speculative:
            self._recall_ready = lookup.from_cache
        self._tell_whether_lost(lookup)
        self._tell_lookup(
            lookup.query, lookup.titles, lookup.took_ms, lookup.speculative, not lookup.speculative
        )

    def whispered(self, whisper: Whisper, *, ahead: bool) -> None:
        reply = " ".join(line.text for line in whisper.reply)
        exact = bool(whisper.reply) and all(line.exact for line in whisper.reply)
        guided = any(line.exact for line in whisper.reply)
        self.story.tell(
            Whispered(
                whisper.revision, whisper.text, reply, self.now_s, ahead, whisper.left_out, exact, guided
            )
        )

    def receipt(self, receipt: WhisperReceipt) -> None:
        fate = receipt.fate.value
        self.story.tell(Receipt(receipt.revision, fate, receipt.at_s, receipt.frame, receipt.why))

    def findings(self, before: GoalState, after: GoalState) -> None:
        """Tell what following the agent's own words has newly found."""
        if after.adherence.findings is before.adherence.findings:
            return
        known = before.adherence.findings
        for one in after.adherence.findings:
            if one not in known:
                kept = (one.kind.value, one.about, one.text, one.start_s, one.end_s)
                self.story.tell(Found(*kept, one.revision, one.confidence, one.heard, self.now_s))

    def answered(self, answered: Answered) -> None:
        """A turn was thought through; its moment is told when the answer begins, or at once without one."""
        if self._waiting is not None:
            self._tell_turn(self._waiting, None)  # its answer was given up before it began
        self._turns += 1
        self._waiting = answered
        if answered.thought.late:
            took_ms = answered.thought.took_ms.get("recall", 0.0)
            self.looked_up(Lookup(answered.thought.question, (), took_ms, False, lost=True))
        elif answered.ahead and answered.thought.question:
            self._recall_ready = True
            titles = tuple(passage.title for passage in answered.thought.passages)
            self._tell_lookup(answered.thought.question, titles, 0.0, True, True)
        if answered.revision is None:
            self._tell_turn(answered, None)
        elif self._began_s >= answered.turn.end_s > answered.turn.start_s:
            self._tell_turn(answered, self._began_s, before_whisper=True)

    def answer_began(self, at_s: float, revision: int) -> None:
        self._began_s, waiting = at_s, self._waiting
        if waiting is None or waiting.revision is None:
            return
        before = revision < waiting.revision
        if not before or at_s >= waiting.turn.end_s:
            self._tell_turn(waiting, at_s, before_whisper=before)

    def trouble(self, part: str, what: str, *, recovered: bool = False) -> None:
        told = f"{what} (recovered)" if recovered else what
        self.story.tell(Trouble(part, told, self.now_s, recovered))

    def supervised(self, what: str) -> None:
        self.story.tell(Supervised(what, self.now_s))

    def closed(self, state: GoalState, thoughts: int = 0, thoughts_used: int = 0) -> None:
        confirmed = sum(
            state.slots[name].status is SlotStatus.CONFIRMED for name in self._flow.ask if name in state.slots
        )
        outcome = state.outcome or Outcome.HUNG_UP
        summary = f"{confirmed} of {len(self._flow.ask)} fields confirmed"
        self.story.tell(CallClosed(outcome.value, self.now_s, summary, thoughts, thoughts_used))

    def _tell_lookup(
        self, query: str, titles: tuple[str, ...], took_ms: float, speculative: bool, used: bool
    ) -> None:
        self.story.tell(LookedUp(query, titles, took_ms, speculative, used, self.now_s))

    def _tell_whether_lost(self, lookup: Lookup) -> None:
        """Once when the store goes, once when it is back. What is in hand says nothing of it."""
        if lookup.lost == self._knowledge_lost or (lookup.from_cache and not lookup.lost):
            return
        self._knowledge_lost = lookup.lost
        self.trouble(
            "knowledge",
            "the store gave no answer in time; its passages were left out",
            recovered=not lookup.lost,
        )

    def _tell_turn(
        self, answered: Answered, first_sample_s: float | None, *, before_whisper: bool = False
    ) -> None:
        self._waiting = None
        turn, thought = answered.turn, answered.thought
        latency_ms = None if first_sample_s is None else (first_sample_s - turn.end_s) * 1000
        self.story.tell(
            TurnTimed(
                turn=self._turns,
                end_of_speech_s=turn.end_s,
                decided_s=turn.decided_s,
                first_sample_s=first_sample_s,
                latency_ms=latency_ms,
                thought_ms=answered.thought_ms,
                recall_ready=self._recall_ready if thought.question else None,
                route=thought.route.value,
                interrupted=turn.interrupted,
                at_s=self.now_s,
                before_whisper=before_whisper,
                took_ms={part: round(ms, 3) for part, ms in thought.took_ms.items()},
            )
        )
