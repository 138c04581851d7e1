"""Every metric, by name. Labels are few and bounded: no call, caller, tenant or word is one.

`docs/telemetry.md` lists them with what to watch for; the dashboards in `deploy/grafana` ask for no others.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from orchestrator.telemetry import LOGGED, level_of

MOST_NAMES = 100
"""Distinct values that a label may take, where a deployment chooses them; those that come later are `OTHER`."""
OTHER = "other"

_LATENCY_S = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
_THOUGHT_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0)
_EXPOSED_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_STORE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_CALL_S = (15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)


class Corrector(StrEnum):
    """Who put something right: the caller a value, or the agent what it had said."""

    CALLER = "caller"
    AGENT = "agent"


class Recalled(StrEnum):
    """Whether the passages that a turn used were there when the turn was decided."""

    HIDDEN = "hidden"
    EXPOSED = "exposed"


class Stored(StrEnum):
    """How a piece of work of the store ended."""

    DONE = "done"
    REFUSED = "refused"  # it is well, and said no: not found, a newer revision, a higher fence
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the speech system does now.

    Attributes:
        seats: places for calls, and how many are taken by this process.
        late_blocks: of 20 ms, made more than 20 ms late, in calls since the start.
        late_ms: how late the newest block is, in the call where it is latest.
    """

    seats: int
    taken: int
    late_blocks: int
    late_ms: float


class HasPulse(Protocol):
    def pulse(self) -> Pulse: ...


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.calls_started = Counter("souffleur_calls_started", "Calls begun.", ["flow"], registry=registry)
        self.calls_resumed = Counter(
            "souffleur_calls_resumed",
            "Calls taken up where another process left them.",
            ["flow"],
            registry=registry,
        )
        self.calls_ended = Counter(
            "souffleur_calls_ended", "Calls over, by how they ended.", ["flow", "outcome"], registry=registry
        )
        self.calls_open = Gauge("souffleur_calls_open", "Calls in progress.", ["flow"], registry=registry)
        self.call_seconds = Histogram(
            "souffleur_call_seconds", "Length of calls.", ["flow"], buckets=_CALL_S, registry=registry
        )
        self.turns = Counter(
            "souffleur_turns", "Turns of callers, by what they were.", ["flow", "route"], registry=registry
        )
        self.turn_latency = Histogram(
            "souffleur_turn_latency_seconds",
            "From the end of the caller's speech to the first sample of the answer.",
            ["flow"],
            buckets=_LATENCY_S,
            registry=registry,
        )
        self.thought = Histogram(
            "souffleur_thought_seconds",
            "From the final words of a turn to its whisper.",
            ["flow"],
            buckets=_THOUGHT_S,
            registry=registry,
        )
        self.recalls = Counter(
            "souffleur_recalls",
            "Turns that used knowledge: was it there when the turn was decided?",
            ["flow", "ready"],
            registry=registry,
        )
        self.recall_exposed = Histogram(
            "souffleur_recall_exposed_seconds",
            "Look-ups that callers waited for.",
            ["flow"],
            buckets=_EXPOSED_S,
            registry=registry,
        )
        self.whispers = Counter(
            "souffleur_whispers", "Whispers, by what became of them.", ["flow", "receipt"], registry=registry
        )
        self.answers_early = Counter(
            "souffleur_answers_before_whisper",
            "Answers that began before the whisper for them was given.",
            ["flow"],
            registry=registry,
        )
        self.thoughts_ahead = Counter(
            "souffleur_thoughts_ahead",
            "Turns thought through while the caller still spoke, of calls that are over.",
            ["flow", "used"],
            registry=registry,
        )
        self.adherence = Counter(
            "souffleur_adherence_findings",
            "What the agent said, against what it had to say.",
            ["flow", "finding"],
            registry=registry,
        )
        self.corrections = Counter(
            "souffleur_corrections",
            "What was put right: values by callers, its own words by the agent.",
            ["flow", "by"],
            registry=registry,
        )
        self.supervised = Counter(
            "souffleur_supervised", "What supervisors did to calls.", ["flow", "what"], registry=registry
        )
        self.troubles = Counter(
            "souffleur_troubles",
            "Parts that failed in a call that went on.",
            ["part", "recovered"],
            registry=registry,
        )
        self.store = Histogram(
            "souffleur_store_seconds",
            "Work of the session store.",
            ["operation", "result"],
            buckets=_STORE_S,
            registry=registry,
        )
        build = Gauge("souffleur_build", "Always 1.", ["version", "python"], registry=registry)
        build.labels(version("souffleur"), platform.python_version()).set(1)
        registry.register(_Logged())
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

    def follow(self, speech: HasPulse) -> None:
        """Ask for the pulse of the speech system at each scrape."""
        self.registry.register(_Pulses(speech))

    def exposition(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self.registry)


class Names:
    """Values of a label that a deployment chooses: the first `MOST_NAMES` as they are, then `OTHER`."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, name: str) -> str:
        if name not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(name)
        return name


class _Logged(Collector):
    """The events of the log: what goes wrong outside of calls as well."""

    def __init__(self) -> None:
        self._why = Names()

    def describe(self) -> Iterable[Metric]:
        return self._families()

    def collect(self) -> Iterable[Metric]:
        events, refused = families = self._families()
        told: dict[tuple[str, str], int] = {}
        for (happened, why), count in tuple(LOGGED.items()):
            key = happened.value, logging.getLevelName(level_of(happened)).lower()
            told[key] = told.get(key, 0) + count
            if why:
                refused.add_metric([self._why(why)], count)
        for labels, count in told.items():
            events.add_metric(labels, count)
        return families

    def _families(self) -> tuple[CounterMetricFamily, CounterMetricFamily]:
        return (
            CounterMetricFamily("souffleur_log_events", "Events of the log.", labels=["event", "level"]),
            CounterMetricFamily("souffleur_calls_refused", "Calls that were not opened.", labels=["why"]),
        )


class _Pulses(Collector):
    def __init__(self, speech: HasPulse) -> None:
        self._speech = speech

    def describe(self) -> Iterable[Metric]:
        return _pulse_families(())

    def collect(self) -> Iterable[Metric]:
        return _pulse_families((self._speech.pulse(),))


def _pulse_families(pulses: Sequence[Pulse]) -> Iterable[Metric]:
    seats = GaugeMetricFamily("souffleur_seats", "Places for calls.")
    taken = GaugeMetricFamily("souffleur_seats_taken", "Places that this process has taken.")
    late = CounterMetricFamily("souffleur_late_blocks", "Blocks of 20 ms that were made over 20 ms late.")
    lateness = GaugeMetricFamily(
        "souffleur_engine_late_seconds", "How late the newest block is, in the call where it is latest."
    )
    for pulse in pulses:
        seats.add_metric([], pulse.seats)
        taken.add_metric([], pulse.taken)
        late.add_metric([], pulse.late_blocks)
        lateness.add_metric([], pulse.late_ms / 1000)
    return seats, taken, late, lateness
