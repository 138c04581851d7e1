"""What calls tell becomes metrics and spans, bounded and without anything of a caller in them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import anyio
import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from duplex_frontend.types import CallerPartial, Capacity, Hypothesis, Source
from flows.loader import load_flow
from memory.sqlite import SqliteSessions
from memory.types import SessionKey
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
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.saver import Saver
from orchestrator.sections import LogSettings
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telemetry import Happened, about, configure_log, log
from orchestrator.telemetry_calls import CallWatch, Telemetry
from orchestrator.telemetry_export import provider_of
from orchestrator.telemetry_metrics import OTHER, Metrics, Names
from orchestrator.telemetry_spans import CallSpans, SpanField, Tracing
from orchestrator.telemetry_store import TimedSessions
from orchestrator.telling import Teller
from orchestrator.trace_ids import trace_id_of
from reasoner.ports import Ports
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

CALL = "7f3a91c2d8e4"
OPENED = CallOpened(CALL, "intake", "Intake", "Claire", 16_000, ())


def timed(number: int, **other: object) -> TurnTimed:
    """A turn that was answered 540 ms after the caller's last sample, at 10 s."""
    facts: dict[str, object] = {
        "turn": number,
        "end_of_speech_s": 10.0,
        "decided_s": 10.3,
        "first_sample_s": 10.54,
        "latency_ms": 540.0,
        "thought_ms": 12.0,
        "recall_ready": None,
        "route": "answer",
        "interrupted": False,
        "at_s": 10.56,
        "took_ms": {"understand": 4.0, "settle": 1.0, "compose": 2.0, "total": 7.5},
    }
    return TurnTimed(**(facts | other))  # type: ignore[arg-type]


class Watched:
    """Metrics and spans of calls that are told by hand."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = provider_of("test")
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.telemetry = Telemetry(Metrics(), Tracing(provider.get_tracer("test")))

    def watch(self, *moments: Moment, resumed: Sequence[Moment] = ()) -> CallWatch:
        tracer = self.telemetry.tracing.tracer
        watch = CallWatch(self.telemetry.metrics, tracer, Names(), Names(), resumed=bool(resumed))
        for moment in resumed:
            watch.catch_up(moment)
        for moment in moments:
            watch.take(moment)
        return watch

    def value(self, name: str, **labels: str) -> float:
        return self.telemetry.metrics.registry.get_sample_value(name, labels) or 0.0

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}


@pytest.fixture
def watched() -> Watched:
    return Watched()


# --- metrics -----------------------------------------------------------------------------------------------


def test_calls_are_counted_by_flow_and_by_how_they_ended(watched: Watched) -> None:
    watch = watched.watch(OPENED)
    assert watched.value("souffleur_calls_open", flow="intake") == 1
    watch.take(CallClosed("complete", 62.0, ""))
    watch.over("interrupted")
    assert watched.value("souffleur_calls_open", flow="intake") == 0
    assert watched.value("souffleur_calls_started_total", flow="intake") == 1
    assert watched.value("souffleur_calls_ended_total", flow="intake", outcome="complete") == 1
    assert watched.value("souffleur_calls_ended_total", flow="intake", outcome="interrupted") == 0
    assert watched.value("souffleur_call_seconds_sum", flow="intake") == 62.0


def test_a_call_whose_story_breaks_off_is_counted_as_interrupted(watched: Watched) -> None:
    watched.watch(OPENED).over("interrupted")
    assert watched.value("souffleur_calls_ended_total", flow="intake", outcome="interrupted") == 1
    assert watched.value("souffleur_calls_open", flow="intake") == 0
    assert not watched.spans()["call"].status.is_ok


def test_a_turn_is_measured_from_the_callers_last_sample_to_the_first_of_the_answer(watched: Watched) -> None:
    watched.watch(OPENED, timed(1), timed(2, latency_ms=None, first_sample_s=None, route="repair"))
    assert watched.value("souffleur_turns_total", flow="intake", route="answer") == 1
    assert watched.value("souffleur_turns_total", flow="intake", route="repair") == 1
    assert watched.value("souffleur_turn_latency_seconds_count", flow="intake") == 1
    assert watched.value("souffleur_turn_latency_seconds_bucket", flow="intake", le="0.5") == 0
    assert watched.value("souffleur_turn_latency_seconds_bucket", flow="intake", le="0.65") == 1
    assert watched.value("souffleur_thought_seconds_count", flow="intake") == 2


def test_recall_is_hidden_or_exposed_and_only_the_exposed_is_timed(watched: Watched) -> None:
    watched.watch(
        OPENED,
        LookedUp("parking", ("Parking",), 30.0, True, True, 9.0),
        timed(1, recall_ready=True),
        LookedUp("fees", ("Fees",), 120.0, False, True, 10.4),
        timed(2, recall_ready=False),
        timed(3),
    )
    assert watched.value("souffleur_recalls_total", flow="intake", ready="hidden") == 1
    assert watched.value("souffleur_recalls_total", flow="intake", ready="exposed") == 1
    assert watched.value("souffleur_recall_exposed_seconds_sum", flow="intake") == pytest.approx(0.12)


def test_whispers_findings_corrections_and_troubles_are_counted(watched: Watched) -> None:
    watched.watch(
        OPENED,
        Receipt(1, "prepared", 1.0),
        Receipt(1, "applied", 1.1, 12),
        Found("not_asked", "phone", "so then", 2.0, 3.0, 1, 1.0, False, 3.1),
        Found("corrected", "phone", "let me correct that", 4.0, 5.0, 2, 1.0, False, 5.1),
        SlotChanged("phone", "5550142", "5 5 5", "heard", 0.9, 6.0),
        SlotChanged("phone", "5550142", "5 5 5", "confirmed", 0.9, 7.0),
        SlotChanged("phone", "5550143", "5 5 5", "heard", 0.9, 8.0),
        Trouble("memory", "it is lost", 9.0),
        Trouble("memory", "it works (recovered)", 9.5, True),
    )
    assert watched.value("souffleur_whispers_total", flow="intake", receipt="applied") == 1
    assert watched.value("souffleur_adherence_findings_total", flow="intake", finding="not_asked") == 1
    assert watched.value("souffleur_corrections_total", flow="intake", by="agent") == 1
    assert watched.value("souffleur_corrections_total", flow="intake", by="caller") == 1
    assert watched.value("souffleur_troubles_total", part="memory", recovered="false") == 1
    assert watched.value("souffleur_troubles_total", part="memory", recovered="true") == 1


def test_what_another_server_has_counted_of_a_resumed_call_is_not_counted_again(watched: Watched) -> None:
    before = (OPENED, SlotChanged("phone", "5550142", "", "heard", 0.9, 6.0), timed(1))
    watched.watch(
        Trouble("line", "it goes on", 40.0, True),
        SlotChanged("phone", "5550143", "", "heard", 0.9, 50.0),
        timed(2, at_s=55.0),
        CallClosed("complete", 60.0, ""),
        resumed=before,
    )
    assert watched.value("souffleur_calls_started_total", flow="intake") == 0
    assert watched.value("souffleur_calls_resumed_total", flow="intake") == 1
    assert watched.value("souffleur_turns_total", flow="intake", route="answer") == 1
    assert watched.value("souffleur_corrections_total", flow="intake", by="caller") == 1
    assert watched.value("souffleur_call_seconds_sum", flow="intake") == 20.0
    assert watched.spans()["call"].context.trace_id == trace_id_of(CALL), "the same trace on both servers"


def test_labels_that_a_deployment_chooses_are_bounded() -> None:
    names = Names(most=2)
    assert [names(name) for name in ("a", "b", "c", "a", "d")] == ["a", "b", OTHER, "a", OTHER]


def test_a_thousand_flows_do_not_make_a_thousand_series() -> None:
    telemetry = Telemetry()
    flows, parts = Names(), Names()
    for n in range(1000):
        watch = CallWatch(telemetry.metrics, telemetry.tracing.tracer, flows, parts)
        watch.take(CallOpened(f"{n:012x}", f"flow{n}", "", "", 16_000, ()))
        watch.over("interrupted")
    text = telemetry.metrics.exposition().decode()
    assert len(re.findall(r"^souffleur_calls_started_total\{", text, re.MULTILINE)) == 101


class Seats:
    capacity = Capacity(8, 3)


class Told:
    """A call that can be followed."""

    end: End = "over"

    def __init__(
        self, *moments: Moment, late_blocks: int = 0, late_ms: float = 0.0, told_before: int = 0
    ) -> None:
        self._moments = moments
        self.late_blocks, self.late_ms, self.told_before = late_blocks, late_ms, told_before
        self.goes_on = asyncio.Event()

    async def moments(self) -> AsyncIterator[Moment]:
        for moment in self._moments:
            yield moment
        await self.goes_on.wait()


def test_seats_and_lateness_are_asked_for_at_each_scrape(watched: Watched) -> None:
    async def scenario() -> None:
        telemetry, one, two = watched.telemetry, Told(OPENED, late_blocks=4, late_ms=25.0), Told(OPENED)
        telemetry.observe(Seats())
        telemetry.observe(Seats())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(telemetry.follow, one)
            tasks.start_soon(telemetry.follow, two)
            await anyio.wait_all_tasks_blocked()
            assert watched.value("souffleur_seats") == 8
            assert watched.value("souffleur_seats_taken") == 3
            assert watched.value("souffleur_late_blocks_total") == 4
            assert watched.value("souffleur_engine_late_seconds") == pytest.approx(0.025)
            one.goes_on.set()
            two.goes_on.set()
        assert watched.value("souffleur_late_blocks_total") == 4, "what was late stays counted"
        assert watched.value("souffleur_engine_late_seconds") == 0

    anyio.run(scenario)


def test_a_call_that_was_taken_up_is_followed_from_where_it_was_left(watched: Watched) -> None:
    async def scenario() -> None:
        call = Told(
            OPENED, timed(1), Trouble("line", "it goes on", 40.0, True), timed(2, at_s=45.0), told_before=2
        )
        call.end = "suspended"
        call.goes_on.set()
        await watched.telemetry.follow(call)

    anyio.run(scenario)
    assert watched.value("souffleur_turns_total", flow="intake", route="answer") == 1
    assert watched.value("souffleur_calls_started_total", flow="intake") == 0
    assert watched.value("souffleur_calls_ended_total", flow="intake", outcome="suspended") == 1


def test_a_fault_in_what_is_observed_does_not_end_a_call(watched: Watched) -> None:
    class Broken(Told):
        async def moments(self) -> AsyncIterator[Moment]:
            yield OPENED
            raise RuntimeError("broken")

    anyio.run(watched.telemetry.follow, Broken())
    assert watched.value("souffleur_calls_ended_total", flow="intake", outcome="interrupted") == 1


def test_every_metric_has_a_help_text_and_the_exposition_can_be_parsed() -> None:
    telemetry = Telemetry()
    telemetry.observe(Seats())
    families = list(text_string_to_metric_families(telemetry.metrics.exposition().decode()))
    ours = [family for family in families if family.name.startswith("souffleur_")]
    assert len(ours) > 20
    assert all(family.documentation for family in ours)


# --- spans -------------------------------------------------------------------------------------------------


def turn_of_a_call(watched: Watched) -> dict[str, ReadableSpan]:
    watched.watch(
        OPENED,
        CallerWords("so what", False, 8.0, 8.4, 8.5),
        CallerWords("so what are the fees", True, 8.0, 10.0, 10.3),
        LookedUp("fees", ("Fees",), 30.0, True, True, 9.5),
        Whispered(4, "You work for ...", "The fees are ...", 10.32, True),
        timed(1, recall_ready=True),
        Trouble("recogniser", "started again", 11.0, True),
        CallClosed("complete", 62.0, ""),
    )
    return watched.spans()


def test_a_call_is_one_trace_whose_id_follows_from_the_calls(watched: Watched) -> None:
    spans = turn_of_a_call(watched)
    assert {span.context.trace_id for span in spans.values()} == {trace_id_of(CALL)}
    assert spans["call"].parent is None
    assert spans["call"].attributes == {
        SpanField.CALL: CALL,
        SpanField.FLOW: "intake",
        SpanField.OUTCOME: "complete",
        SpanField.TURNS: 1,
    }
    (event,) = spans["call"].events
    assert event.name == "trouble" and dict(event.attributes or {}) == {
        SpanField.PART: "recogniser",
        SpanField.RECOVERED: True,
    }


def test_a_turn_is_a_span_with_its_parts_at_the_times_at_which_they_happened(watched: Watched) -> None:
    spans = turn_of_a_call(watched)
    zero = spans["call"].start_time
    assert zero is not None

    def at(name: str) -> tuple[float, float]:
        span = spans[name]
        assert span.start_time and span.end_time
        return (span.start_time - zero) / 1e9, (span.end_time - zero) / 1e9

    assert at("turn") == pytest.approx((8.0, 10.54), abs=1e-6)
    assert at("heard") == pytest.approx((8.0, 10.3), abs=1e-6)
    assert at("thought") == pytest.approx((10.293, 10.3), abs=1e-6)  # made ahead
    assert at("understand") == pytest.approx((10.293, 10.297), abs=1e-6)
    assert at("recall") == pytest.approx((9.47, 9.5), abs=1e-6)
    assert at("whisper") == pytest.approx((10.32, 10.54), abs=1e-6)
    turn = spans["turn"]
    assert turn.parent is not None and turn.parent.span_id == spans["call"].context.span_id
    for part in ("heard", "thought", "recall", "whisper"):
        parent = spans[part].parent
        assert parent is not None and parent.span_id == turn.context.span_id, part
    (began,) = turn.events
    assert (began.name, began.timestamp) == ("answer began", zero + 10_540_000_000)
    assert (turn.attributes or {})[SpanField.HIDDEN] is True


def test_a_whisper_of_an_earlier_turn_is_not_shown_in_this_one(watched: Watched) -> None:
    whisper = Whispered(4, "", "", 5.0, False)
    watched.watch(
        OPENED, whisper, timed(1, first_sample_s=None, latency_ms=None), CallClosed("complete", 62.0, "")
    )
    assert "whisper" not in watched.spans()


def test_the_same_calls_are_traced_on_every_server(watched: Watched) -> None:
    def traced(call: str) -> bool:
        exporter = InMemorySpanExporter()
        provider = provider_of("one", traced=0.5)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        CallSpans(provider.get_tracer("test"), CallOpened(call, "f", "", "", 16_000, ())).ended(
            "complete", 1.0
        )
        return bool(exporter.get_finished_spans())

    calls = [f"{n:012x}" for n in range(200)]
    first, second = [traced(call) for call in calls], [traced(call) for call in calls]
    assert first == second
    assert 60 < sum(first) < 140


# --- privacy -----------------------------------------------------------------------------------------------

FLOW = """
flow: intake
version: 1
about: Who are you
agent: {name: Ann, company: The Door, business: doorkeeper}
slots:
  name: {type: person_name, label: name, ask: What is your name?, confirm: together}
  phone: {type: phone, label: phone number, ask: What is your phone number?, confirm: together}
  mail: {type: email, label: e-mail, ask: What is your e-mail address?, confirm: together}
ask: [name, phone, mail]
"""
SAID = (
    "my name is Dana Kowalski",
    "it is 415 555 0142",
    "no wait it is 415 555 0199",
    "and my card is 4111 1111 1111 1111 please remember that",
    "dana dot kowalski at example dot org",
    "yes that is right",
)
PERSONAL = ("dana", "kowalski", "0142", "0199", "5550", "example.org", "4111", "remember", "that is right")


@pytest.fixture
def log_of_the_process() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    configure_log(LogSettings(level="debug", format="json"), stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


async def no_knowledge(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


async def hold_a_call(tmp_path: Path, telemetry: Telemetry) -> str:
    """A whole call in real words, with the real reasoner and a real store; what the store keeps of it."""
    path = tmp_path / "intake.yaml"
    path.write_text(FLOW)
    flow, key = load_flow(str(path)), SessionKey("default", CALL)
    store = TimedSessions(await SqliteSessions.open(tmp_path / "sessions.db"), telemetry.metrics)
    line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
    session = Session(
        key=key,
        call=line,
        rate_hz=16_000,
        ports=Ports(flow, ParserUnderstander(), no_knowledge),
        saver=Saver(store, lambda what, recovered: teller.trouble("memory", what, recovered=recovered)),
        teller=teller,
    )

    async def until_turn(number: int) -> None:
        with anyio.move_on_after(3):
            while session.state.turns < number or len(line.prompts) == prompts:
                await asyncio.sleep(0.01)

    prompts = 0
    with about(call=CALL):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run)
            tasks.start_soon(telemetry.follow, session)
            await until_turn(0)
            for number, words in enumerate(SAID, start=1):
                prompts = len(line.prompts)
                heard = (Hypothesis(words, 0.9, Source.OPEN),)
                line.happen(CallerPartial(heard, line.now_s, line.now_s + 0.5))
                line.speak()
                line.hear(words)
                await until_turn(number)
            logging.getLogger("some.library").warning("something about nobody")
            try:
                raise ValueError(SAID[0])
            except ValueError:
                log(Happened.ACCIDENT, exc_info=True)
            await session.hang_up()
    kept = (await store.load(key)).record.decode()
    await store.aclose()
    return kept


def test_a_call_full_of_personal_data_leaves_none_in_logs_metrics_and_spans(
    tmp_path: Path, watched: Watched, log_of_the_process: io.StringIO
) -> None:
    kept = anyio.run(hold_a_call, tmp_path, watched.telemetry)
    assert "Kowalski" in kept and "dana.kowalski@example.org" in kept, (
        "the call heard it, or this test shows nothing"
    )
    spans = watched.exporter.get_finished_spans()
    assert sum(span.name == "turn" for span in spans) >= 5
    assert watched.value("souffleur_turns_total", flow="intake", route="answer") >= 3
    assert watched.value("souffleur_store_seconds_count", operation="save", result="done") >= 1
    assert "library says" in log_of_the_process.getvalue()
    told = {
        "log": words_of_log(log_of_the_process.getvalue()),
        "metrics": words_of_metrics(watched.telemetry.metrics.exposition().decode()),
        "spans": [word for span in spans for word in words_of_span(span)],
    }
    for where, texts in told.items():
        assert len(texts) >= 5, where
        found = [(word, text) for word in PERSONAL for text in texts if word in text.lower()]
        assert not found, f"{where}: {found}"


def words_of_log(text: str) -> list[str]:
    """Every text in it but times and ids, in whose digits anything may turn up by chance."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [
        str(value)
        for line in lines
        for key, value in line.items()
        if key not in ("timestamp", "trace", "call", "took_ms")
    ]


def words_of_metrics(text: str) -> list[str]:
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return [word for sample in samples for word in (sample.name, *sample.labels.values())]


def words_of_span(span: ReadableSpan) -> list[str]:
    events = [(event.name, event.attributes or {}) for event in span.events]
    named = [(span.name, span.attributes or {}), *events, (span.status.description or "", {})]
    facts = [
        str(value)
        for _name, attributes in named
        for key, value in attributes.items()
        if isinstance(value, str) and key != SpanField.CALL
    ]
    return [*(name for name, _attributes in named), *facts]


def test_no_span_has_a_field_or_a_name_that_is_not_listed(tmp_path: Path, watched: Watched) -> None:
    anyio.run(hold_a_call, tmp_path, watched.telemetry)
    listed = {field.value for field in SpanField}
    for span in watched.exporter.get_finished_spans():
        assert set(span.attributes or {}) <= listed, span.name
        for event in span.events:
            assert set(event.attributes or {}) <= listed, event.name
