"""Follows calls by the moments that they tell, and turns these into metrics and spans. Changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from opentelemetry.trace import Tracer

from duplex_frontend.types import Capacity
from orchestrator.calls import End
from orchestrator.recording import (
    CallClosed,
    CallerWords,
    CallOpened,
    Found,
    LookedUp,
    Moment,
    Receipt,
    SlotChanged,
    Supervised,
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.telemetry import Happened, log
from orchestrator.telemetry_metrics import Corrector, Metrics, Names, Pulse, Recalled
from orchestrator.telemetry_spans import CallSpans, Tracing, TurnParts
from reasoner.types import Strays, Value

INTERRUPTED = "interrupted"
"""Of a call that ended without saying how: its server was stopped, or failed."""

_CLOCKS_APART_S = 0.25  # what tells a whisper may be this much behind what decides a turn


class Followed(Protocol):
    """A call that can be followed. `late_blocks`, `late_ms`: see `Pulse`."""

    late_blocks: int
    late_ms: float

    @property
    def told_before(self) -> int:
        """How many of its first moments another process has told."""
        ...

    @property
    def end(self) -> End:
        """What became of it."""
        ...

    def moments(self) -> AsyncIterator[Moment]: ...


class HasCapacity(Protocol):
    @property
    def capacity(self) -> Capacity: ...


class Telemetry:
    """What is observed of the calls of one process.

    Args:
        metrics: made anew where there are none.
        tracing: where spans go; nowhere without it.
    """

    def __init__(self, metrics: Metrics | None = None, tracing: Tracing | None = None) -> None:
        self.metrics = metrics or Metrics()
        self.tracing = tracing or Tracing()
        self._flows, self._parts = Names(), Names()
        self._live: list[Followed] = []
        self._late_before = 0
        self._frontend: HasCapacity | None = None

    def observe(self, frontend: HasCapacity) -> None:
        """Show the seats of a front-end, and how late its calls are, at each scrape."""
        if self._frontend is None:
            self.metrics.follow(self)
        self._frontend = frontend

    def pulse(self) -> Pulse:
        capacity = self._frontend.capacity if self._frontend is not None else Capacity(0, 0)
        return Pulse(
            capacity.seats,
            capacity.taken,
            self._late_before + sum(call.late_blocks for call in self._live),
            max((call.late_ms for call in self._live), default=0.0),
        )

    async def follow(self, call: Followed) -> None:
        """Follow a call to its end. Never ends one: what goes wrong here is logged."""
        before = call.told_before
        watch = CallWatch(self.metrics, self.tracing.tracer, self._flows, self._parts, resumed=before > 0)
        self._live.append(call)
        try:
            async for moment in call.moments():
                if before > 0:
                    before -= 1
                    watch.catch_up(moment)
                else:
                    watch.take(moment)
        except Exception:  # a fault in what is observed must not cost a caller his call
            log(Happened.ACCIDENT, exc_info=True)
        finally:
            self._live.remove(call)
            self._late_before += call.late_blocks
            watch.over(INTERRUPTED if call.end == "over" else call.end)


class CallWatch:
    """One call, as it is told.

    Args:
        resumed: another process has told the beginning; it is taken with `catch_up`.
    """

    def __init__(
        self, metrics: Metrics, tracer: Tracer, flows: Names, parts: Names, *, resumed: bool = False
    ) -> None:
        self._metrics, self._tracer = metrics, tracer
        self._flows, self._parts = flows, parts
        self._resumed = resumed
        self._flow = ""
        self._opened: CallOpened | None = None
        self._spans: CallSpans | None = None
        self._closed = False
        self._began_at_s = self._now_s = 0.0
        self._began_s: float | None = None  # first sample of the caller's turn
        self._recall: LookedUp | None = None  # that this turn used
        self._whisper: Whispered | None = None  # the newest
        self._values: dict[str, Value] = {}

    def catch_up(self, moment: Moment) -> None:
        """What another process has told, and counted."""
        if isinstance(moment, CallOpened):
            self._opened = moment
        elif isinstance(moment, SlotChanged) and moment.value is not None:
            self._values[moment.name] = moment.value

    def take(self, moment: Moment) -> None:
        if isinstance(moment, CallOpened):
            self._opened = moment
        if self._spans is None:
            if self._opened is None:
                return  # nothing counts before the first moment
            self._spans = self._begin(self._opened, moment.at_s)
        self._now_s = max(self._now_s, moment.at_s)
        match moment:
            case CallerWords():
                self._heard(moment)
            case SlotChanged():
                self._changed(moment)
            case LookedUp(used=True):
                self._recall = moment
            case Whispered():
                self._whisper = moment
            case Receipt():
                self._metrics.whispers.labels(self._flow, moment.fate).inc()
            case Found():
                self._found(moment.kind)
            case TurnTimed():
                self._timed(moment, self._spans)
            case Trouble():
                recovered = str(moment.recovered).lower()
                self._metrics.troubles.labels(self._parts(moment.part), recovered).inc()
                self._spans.trouble(moment.part, moment.recovered, moment.at_s)
            case Supervised():
                self._metrics.supervised.labels(self._flow, self._parts(moment.what)).inc()
            case CallClosed():
                self._close(moment.outcome)
                self._thought_ahead(moment)

    def over(self, end: str) -> None:
        """Nothing more comes. `end`: what became of a call that did not say how it ended."""
        if self._spans is not None and not self._closed:
            self._close(end)

    def _begin(self, opened: CallOpened, at_s: float) -> CallSpans:
        self._flow = self._flows(opened.flow)
        begun = self._metrics.calls_resumed if self._resumed else self._metrics.calls_started
        begun.labels(self._flow).inc()
        self._metrics.calls_open.labels(self._flow).inc()
        self._began_at_s = at_s
        return CallSpans(self._tracer, opened, at_s)

    def _close(self, outcome: str) -> None:
        self._closed = True
        self._metrics.calls_open.labels(self._flow).dec()
        self._metrics.calls_ended.labels(self._flow, outcome).inc()
        self._metrics.call_seconds.labels(self._flow).observe(self._now_s - self._began_at_s)
        if self._spans is not None:
            self._spans.ended(outcome, self._now_s, failed=outcome == INTERRUPTED)

    # --- what was heard and said ---

    def _heard(self, words: CallerWords) -> None:
        if not words.backchannel and (words.final or self._began_s is None):
            self._began_s = words.start_s

    def _changed(self, slot: SlotChanged) -> None:
        known = self._values.get(slot.name)
        if slot.value is not None:
            if known is not None and known != slot.value:
                self._metrics.corrections.labels(self._flow, Corrector.CALLER).inc()
            self._values[slot.name] = slot.value

    def _found(self, kind: str) -> None:
        self._metrics.adherence.labels(self._flow, kind).inc()
        if kind == Strays.CORRECTED:
            self._metrics.corrections.labels(self._flow, Corrector.AGENT).inc()

    # --- thought ---

    def _timed(self, turn: TurnTimed, spans: CallSpans) -> None:
        metrics, flow = self._metrics, self._flow
        metrics.turns.labels(flow, turn.route).inc()
        metrics.thought.labels(flow).observe(turn.thought_ms / 1000)
        if turn.latency_ms is not None:
            metrics.turn_latency.labels(flow).observe(max(0.0, turn.latency_ms / 1000))
        if turn.before_whisper:
            metrics.answers_early.labels(flow).inc()
        if turn.recall_ready is not None:
            ready = Recalled.HIDDEN if turn.recall_ready else Recalled.EXPOSED
            metrics.recalls.labels(flow, ready).inc()
            if not turn.recall_ready and self._recall is not None:
                metrics.recall_exposed.labels(flow).observe(self._recall.took_ms / 1000)
        answered = self._whisper
        if answered is not None and answered.at_s < turn.decided_s - _CLOCKS_APART_S:
            answered = None  # it was of an earlier turn
        recall = self._recall if turn.recall_ready is not None else None
        began_s = turn.end_of_speech_s if self._began_s is None else min(self._began_s, turn.end_of_speech_s)
        spans.turn(TurnParts(turn, began_s, recall, answered))
        self._began_s = self._recall = None

    def _thought_ahead(self, closed: CallClosed) -> None:
        used = self._metrics.thoughts_ahead.labels(self._flow, "true")
        used.inc(closed.thoughts_used)
        self._metrics.thoughts_ahead.labels(self._flow, "false").inc(closed.thoughts - closed.thoughts_used)
