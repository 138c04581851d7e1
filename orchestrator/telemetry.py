"""What the log may say: every event and every field, by name. Metrics: `telemetry_metrics`, spans: `telemetry_spans`.

A field that is not listed here cannot be logged: what callers say, their names and numbers have no field. Nothing
is logged per block of audio. The log goes to stderr, so that stdout stays for what a command prints. A line that
carries a call carries its trace as well.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TextIO, TypedDict, Unpack

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from orchestrator.sections import LogSettings
from orchestrator.trace_ids import trace_of


class Happened(StrEnum):
    """The constant messages of the log. Facts go into fields."""

    SERVER_STARTED = "server started"
    METRICS_SERVED = "metrics served"
    SERVER_STOPPING = "server stopping"
    SERVER_STOPPED = "server stopped"
    REQUEST_REFUSED = "request refused"  # an untrusted host or origin
    CALL_OPENED = "call opened"
    CALL_RESUMED = "call resumed"
    CALL_ABANDONED = "call abandoned"  # nobody led it, and its caller did not come back
    CALL_REFUSED = "call refused"
    CALL_CLOSED = "call closed"
    LINE_LOST = "line lost"  # the other side vanished or stopped reading
    LINE_SLOW = "line slow"  # audio towards the caller was dropped
    SAVE_OVERDUE = "save overdue"
    SAVE_FAILED = "save failed"
    PART_IMPAIRED = "part impaired"
    PART_RECOVERED = "part recovered"
    THOUGHT_FAILED = "thought failed"
    LOOKUP_FAILED = "lookup failed"
    ACTION_DONE = "action done"
    ACTION_FAILED = "action failed"
    MODEL_LEFT_OUT = "model left out"
    SWEPT = "swept"  # what was kept for as long as it may be is removed
    ACCIDENT = "accident"  # a fault of ours, with its traceback
    LIBRARY_SAYS = "library says"


class Facts(TypedDict, total=False):
    """The fields of the log. None may hold what a caller said or typed, a name, a number or a slot's value."""

    call: str
    trace: str  # filled in for every line that has a call
    tenant: str
    flow: str
    outcome: str
    why: str  # from an error of ours, or one of a fixed set of words
    part: str
    action: str  # its name in the flow
    tries: int
    revision: int
    turn: int
    address: str  # that we listen on
    host: str  # a Host header that was refused
    origin: str  # an Origin header that was refused
    code: int
    blocks: int
    messages: int
    calls: int
    took_ms: float
    seconds: float
    logger: str
    exc_info: bool


_LEVELS = {
    Happened.REQUEST_REFUSED: logging.WARNING,
    Happened.CALL_REFUSED: logging.WARNING,
    Happened.LINE_LOST: logging.WARNING,
    Happened.LINE_SLOW: logging.WARNING,
    Happened.SAVE_OVERDUE: logging.ERROR,
    Happened.SAVE_FAILED: logging.ERROR,
    Happened.PART_IMPAIRED: logging.WARNING,
    Happened.THOUGHT_FAILED: logging.ERROR,
    Happened.LOOKUP_FAILED: logging.WARNING,
    Happened.ACTION_FAILED: logging.WARNING,
    Happened.ACCIDENT: logging.ERROR,
}
_FIRST = ("timestamp", "level", "event")
_OF_PROCESSORS = ("exception", "_record", "_from_structlog")
_ALLOWED = frozenset((*Facts.__annotations__, *_FIRST, *_OF_PROCESSORS))
_LIBRARIES_LEVEL = logging.WARNING
_LIBRARY_CHARS = 300

LOGGED: Counter[tuple[Happened, str]] = Counter()
"""How often each event was logged in this process, whatever the level; with `why` for refused calls. For metrics."""


def level_of(happened: Happened) -> int:
    return _LEVELS.get(happened, logging.INFO)


def log(happened: Happened, **facts: Unpack[Facts]) -> None:
    """Say what happened. The level belongs to the event, not to who tells it."""
    LOGGED[happened, facts.get("why", "") if happened is Happened.CALL_REFUSED else ""] += 1
    structlog.get_logger().log(level_of(happened), happened.value, **facts)


@contextmanager
def about(**facts: Unpack[Facts]) -> Iterator[None]:
    """Everything logged inside, by tasks started inside as well, carries these facts."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield


def configure_log(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Set the log up, once, at the start of a program.

    Args:
        settings: level and format.
        stream: where it goes; stderr.
    """
    stream = stream or sys.stderr
    as_console = settings.format == "console" or (settings.format == "auto" and stream.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if as_console else "iso", utc=not as_console),
        structlog.processors.ExceptionRenderer(_without_words),
        _with_trace,
        _listed_fields_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    console = structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False)
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        console if as_console else structlog.processors.JSONRenderer(),
    ]
    out = logging.StreamHandler(stream)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[_from_library, *shared], processors=last)
    )
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(max(level, _LIBRARIES_LEVEL))
    # Ours come through one logger, which does not share the libraries' level.
    logging.getLogger(__name__).setLevel(level)


def _from_library(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The first line of a library's own words, under one event of ours; objects are shown in those below."""
    words = str(event.get("event", "")).strip().split("\n", 1)[0]
    event["why"], event["event"] = words[:_LIBRARY_CHARS], Happened.LIBRARY_SAYS.value
    return event


def _with_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if call := event.get("call"):
        event["trace"] = trace_of(str(call))
    return event


def _listed_fields_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The type of `log` already forbids others; this also holds for whoever goes round it."""
    first = {key: event[key] for key in _FIRST if key in event}
    return first | {key: value for key, value in event.items() if key in _ALLOWED}


def _without_words(exc_info: ExcInfo) -> str:
    """A traceback by places and types: the message of an exception may quote a caller."""
    told = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        inner = [_without_words((type(e), e, e.__traceback__)) for e in _group(error)]
        told.append(
            "".join(
                [
                    *traceback.format_tb(error.__traceback__),
                    type(error).__qualname__,
                    *("\n" + each for each in inner),
                ]
            )
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich came of:\n".join(told)


def _group(error: BaseException) -> Sequence[BaseException]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()
