"""Sends spans to a collector. The only place that knows OpenTelemetry's SDK, which is an extra (`otel`)."""

from __future__ import annotations

from importlib.metadata import version

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from orchestrator.telemetry_spans import Tracing, wanted_trace

CLOSE_WITHIN_MS = 3000
_MOST_WAITING = 4096
"""Spans that wait for the collector; of more the newest are dropped."""


class CallTraceIds(RandomIdGenerator):
    """Trace ids that follow from the call's id where one was asked for."""

    def generate_trace_id(self) -> int:
        return wanted_trace() or super().generate_trace_id()


def provider_of(instance: str, traced: float = 1.0) -> TracerProvider:
    """A provider of our own, which reads no environment and is not made the process's.

    Args:
        instance: which server this is, among several.
        traced: the share of calls that are traced, 0 to 1. The same calls on every server.
    """
    return TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(traced)),
        resource=Resource(
            {
                "service.name": "souffleur",
                "service.version": version("souffleur"),
                "service.instance.id": instance,
            }
        ),
        id_generator=CallTraceIds(),
        span_limits=SpanLimits(max_attributes=32, max_events=128, max_links=0),
    )


def over_http(endpoint: str, headers: dict[str, str] | None = None) -> SpanExporter:
    """OTLP over HTTP. `endpoint`: of the collector, such as http://127.0.0.1:4318."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", headers=headers, timeout=5)


def exporting(exporter: SpanExporter, instance: str, traced: float = 1.0) -> Tracing:
    """Tracing whose spans go out in the background. A collector that is away costs nothing but the spans."""
    provider = provider_of(instance, traced)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=_MOST_WAITING))

    def close() -> None:
        provider.force_flush(CLOSE_WITHIN_MS)
        provider.shutdown()

    return Tracing(provider.get_tracer("souffleur", version("souffleur")), close)
