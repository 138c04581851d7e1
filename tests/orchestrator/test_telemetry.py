"""The log says what happened, in one place, and nothing that a caller said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from orchestrator.sections import LogSettings
from orchestrator.telemetry import LOGGED, Happened, about, configure_log, log
from orchestrator.trace_ids import trace_id_of, trace_of


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's own: put it back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_nobody_looks_on_each_event_is_one_json_object_with_its_facts() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(), stream)
    log(Happened.CALL_OPENED, call="c1", flow="intake")
    (event,) = lines(stream)
    assert event.pop("timestamp").endswith("Z")
    assert event.pop("trace") == trace_of("c1")
    assert event == {"event": "call opened", "level": "info", "call": "c1", "flow": "intake"}


def test_where_a_person_looks_on_it_is_no_json() -> None:
    stream = Terminal()
    configure_log(LogSettings(), stream)
    log(Happened.CALL_OPENED, call="c1")
    assert "call opened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_what_is_said_inside_a_call_carries_the_call() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(), stream)
    with about(call="c7"):
        log(Happened.LINE_LOST)
    log(Happened.SERVER_STOPPED)
    inside, outside = lines(stream)
    assert (inside["call"], inside["trace"]) == ("c7", trace_of("c7"))
    assert "call" not in outside and "trace" not in outside


def test_a_field_that_is_not_listed_is_left_out_whoever_logs_it() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(), stream)
    structlog.get_logger().warning("heard", text="my number is 555 0100", call="c1")
    assert "555" not in stream.getvalue()
    assert lines(stream)[0]["call"] == "c1"


def test_a_traceback_names_places_and_types_and_not_the_words_of_an_exception() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(), stream)
    heard = "my name is Ada"  # a local variable must not show either
    try:
        try:
            raise ExceptionGroup(heard, [KeyError(heard)])
        except ExceptionGroup as inner:
            raise ValueError(heard) from inner
    except ValueError:
        log(Happened.ACCIDENT, exc_info=True)
        logging.getLogger("some.library").exception("went wrong\nwith %s", heard)
    assert "Ada" not in stream.getvalue()
    for event in lines(stream):
        for told in ("ValueError", "ExceptionGroup", "KeyError", "test_telemetry.py"):
            assert told in event["exception"]


def test_the_level_leaves_out_what_is_below_it() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(level="warning"), stream)
    log(Happened.CALL_OPENED, call="c1")
    log(Happened.LINE_LOST, call="c1")
    assert [event["event"] for event in lines(stream)] == ["line lost"]


def test_libraries_are_heard_from_warnings_on_in_one_short_line() -> None:
    stream = io.StringIO()
    configure_log(LogSettings(level="debug"), stream)
    logging.getLogger("uvicorn.error").info("chatter")
    logging.getLogger("uvicorn.error").error("it %s\nand more", "broke " + "x" * 900)
    (event,) = lines(stream)
    assert event["event"] == "library says"
    assert event["why"].startswith("it broke xx")
    assert len(event["why"]) == 300


def test_a_call_always_has_the_same_trace_and_two_calls_never_share_one() -> None:
    assert trace_of("7f3a91c2d8e4") == "79defe9bd02364023101c32052a2fb3e"  # people look it up by this
    ids = {trace_id_of(f"{n:012x}") for n in range(10_000)}
    assert len(ids) == 10_000
    assert all(0 < one < 2**128 for one in ids)


def test_events_are_counted_even_where_the_level_leaves_them_out() -> None:
    configure_log(LogSettings(level="error"), io.StringIO())
    before = LOGGED[Happened.LINE_LOST, ""]
    log(Happened.LINE_LOST, why="took nothing")
    assert LOGGED[Happened.LINE_LOST, ""] == before + 1
