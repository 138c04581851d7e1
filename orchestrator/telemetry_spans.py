"""Every span and every field of one, by name: a trace for each call, with a span for each turn and its parts.

The trace's id follows from the call's (`trace_ids`). Spans are written when a turn has been answered, with the times
at which things happened. No field can hold what was said, a name, a number or a slot's value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, Span, Status, StatusCode, Tracer, set_span_in_context

from orchestrator.recording import CallOpened, LookedUp, TurnTimed, Whispered
from orchestrator.trace_ids import trace_id_of

_NS = 1_000_000_000


class SpanName(StrEnum):
    CALL = "call"
    TURN = "turn"
    HEARD = "heard"  # from the first sample of the caller's speech until the turn was decided
    THOUGHT = "thought"  # with its parts, by the names of the graph's nodes
    RECALL = "recall"  # the look-up whose passages were used
    WHISPER = "whisper"  # from the whisper until the agent spoke by it
    ANSWER_BEGAN = "answer began"  # an event of the turn
    TROUBLE = "trouble"  # an event of the call


class SpanField(StrEnum):
    CALL = "souffleur.call"
    FLOW = "souffleur.flow"
    OUTCOME = "souffleur.outcome"
    TURN = "souffleur.turn"
    TURNS = "souffleur.turns"
    ROUTE = "souffleur.route"
    LATENCY_MS = "souffleur.latency_ms"
    THOUGHT_MS = "souffleur.thought_ms"
    ENDPOINT_MS = "souffleur.endpoint_ms"
    AHEAD = "souffleur.ahead"
    SPECULATIVE = "souffleur.speculative"
    HIDDEN = "souffleur.recall_hidden"
    PASSAGES = "souffleur.passages"
    INTERRUPTED = "souffleur.interrupted"
    REVISION = "souffleur.revision"
    PART = "souffleur.part"
    RECOVERED = "souffleur.recovered"


SpanFacts = dict[str, str | int | float | bool]
"""By the names in `SpanField`."""

THOUGHT_PARTS = ("understand", "settle", "recall", "compose")

_trace_wanted: ContextVar[int] = ContextVar("trace_wanted", default=0)


def wanted_trace() -> int:
    """The trace id that the span which is being started has to get, 0 for any."""
    return _trace_wanted.get()


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where spans go. `close` writes what is left, within a bounded time."""

    tracer: Tracer = field(default_factory=NoOpTracer)
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class TurnParts:
    """What belongs to one turn. `began_s`: first sample of the caller's speech."""

    timed: TurnTimed
    began_s: float
    recall: LookedUp | None
    whisper: Whispered | None


class CallSpans:
    """The trace of one call.

    Args:
        began_s: on the call's audio clock, when this process began to lead it.
        clock_ns: the wall clock, read once; everything else is of the audio clock.
    """

    def __init__(
        self,
        tracer: Tracer,
        opened: CallOpened,
        began_s: float = 0.0,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._tracer = tracer
        self._zero_ns = clock_ns() - round(began_s * _NS)
        with _in_trace(opened.call):
            self._call = tracer.start_span(
                SpanName.CALL,
                Context(),
                attributes={SpanField.CALL: opened.call, SpanField.FLOW: opened.flow},
                start_time=self._ns(began_s),
            )
        self._here = set_span_in_context(self._call, Context())
        self._turns = 0

    def turn(self, parts: TurnParts) -> None:
        timed, self._turns = parts.timed, self._turns + 1
        ends_s = max(timed.decided_s, timed.first_sample_s or timed.decided_s)
        facts: SpanFacts = {
            SpanField.TURN: timed.turn,
            SpanField.ROUTE: timed.route,
            SpanField.THOUGHT_MS: timed.thought_ms,
            SpanField.INTERRUPTED: timed.interrupted,
        }
        if timed.latency_ms is not None:
            facts[SpanField.LATENCY_MS] = timed.latency_ms
        if timed.recall_ready is not None:
            facts[SpanField.HIDDEN] = timed.recall_ready
        with self._span(SpanName.TURN, self._here, parts.began_s, ends_s, facts) as turn:
            inside = set_span_in_context(turn, self._here)
            endpoint: SpanFacts = {SpanField.ENDPOINT_MS: (timed.decided_s - timed.end_of_speech_s) * 1000}
            with self._span(SpanName.HEARD, inside, parts.began_s, timed.decided_s, endpoint):
                pass
            self._thought(inside, parts)
            self._recall(inside, parts.recall)
            self._whisper(inside, parts)
            if timed.first_sample_s is not None:
                turn.add_event(SpanName.ANSWER_BEGAN, timestamp=self._ns(timed.first_sample_s))

    def trouble(self, part: str, recovered: bool, at_s: float) -> None:
        facts: SpanFacts = {SpanField.PART: part, SpanField.RECOVERED: recovered}
        self._call.add_event(SpanName.TROUBLE, facts, timestamp=self._ns(at_s))

    def ended(self, outcome: str, at_s: float, *, failed: bool = False) -> None:
        """`failed`: it ended without saying so, for its task was cancelled, or had a fault."""
        self._call.set_attributes({SpanField.OUTCOME: outcome, SpanField.TURNS: self._turns})
        if failed:
            self._call.set_status(Status(StatusCode.ERROR))
        self._call.end(self._ns(at_s))

    # --- parts of a turn ---

    def _thought(self, inside: Context, parts: TurnParts) -> None:
        """One that was made ahead is shown to have ended when the turn was decided: that is when it was used."""
        timed = parts.timed
        ahead = parts.whisper is not None and parts.whisper.ahead
        took_s = sum(timed.took_ms.get(name, 0.0) for name in THOUGHT_PARTS) / 1000
        at_s = timed.decided_s - took_s if ahead else timed.decided_s
        with self._span(SpanName.THOUGHT, inside, at_s, at_s + took_s, {SpanField.AHEAD: ahead}) as thought:
            within = set_span_in_context(thought, inside)
            for name in THOUGHT_PARTS:
                if name in timed.took_ms:
                    part_s = timed.took_ms[name] / 1000
                    with self._span(name, within, at_s, at_s + part_s):
                        at_s += part_s

    def _recall(self, inside: Context, recall: LookedUp | None) -> None:
        if recall is not None:
            facts: SpanFacts = {
                SpanField.SPECULATIVE: recall.speculative,
                SpanField.PASSAGES: len(recall.titles),
            }
            with self._span(SpanName.RECALL, inside, recall.at_s - recall.took_ms / 1000, recall.at_s, facts):
                pass

    def _whisper(self, inside: Context, parts: TurnParts) -> None:
        whisper = parts.whisper
        if whisper is not None:
            applied_s = parts.timed.first_sample_s or whisper.at_s
            facts: SpanFacts = {SpanField.REVISION: whisper.revision, SpanField.AHEAD: whisper.ahead}
            with self._span(SpanName.WHISPER, inside, whisper.at_s, max(whisper.at_s, applied_s), facts):
                pass

    @contextmanager
    def _span(
        self,
        name: str,
        inside: Context,
        start_s: float,
        end_s: float,
        facts: SpanFacts | None = None,
    ) -> Iterator[Span]:
        span = self._tracer.start_span(name, inside, attributes=facts, start_time=self._ns(start_s))
        yield span
        span.end(self._ns(end_s))

    def _ns(self, at_s: float) -> int:
        return self._zero_ns + round(at_s * _NS)


@contextmanager
def _in_trace(call: str) -> Iterator[None]:
    before = _trace_wanted.set(trace_id_of(call))
    try:
        yield
    finally:
        _trace_wanted.reset(before)
