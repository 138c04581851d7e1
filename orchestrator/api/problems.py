"""Every error of the API as a problem document (RFC 9457), and what each may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from flows.errors import BadFlow, FlowError
from memory.callers import MarkTaken
from memory.errors import (
    AnswerLate,
    Fenced,
    LeaseHeld,
    MemoryFailure,
    NobodyThere,
    NotFound,
    RevisionConflict,
    StoreFull,
    StoreLost,
)
from memory.privacy_erasure import CallGoesOn
from orchestrator.errors import CannotReplay, OrchestratorError
from orchestrator.telemetry import Happened, log
from reasoner.by_hand import Refusal

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:souffleur:problem:"
_MOST_ERRORS = 100


class Kind(Enum):
    """Each: the end of its `type`, its status, its title."""

    BAD_REQUEST = ("bad-request", 400, "The request cannot be read")
    UNKNOWN = ("unauthorized", 401, "Who is asking is not known")
    FORBIDDEN = ("forbidden", 403, "This needs another role")
    NOT_FOUND = ("not-found", 404, "There is no such thing")
    METHOD = ("method-not-allowed", 405, "This cannot be done here")
    CONFLICT = ("conflict", 409, "Not in the present state")
    GONE = ("gone", 410, "It was deleted meanwhile")
    STALE = ("stale", 412, "It has changed since it was read")
    TOO_LARGE = ("too-large", 413, "The request is too large")
    MEDIA = ("unsupported-media-type", 415, "Of another kind than is taken here")
    RANGE = ("range", 416, "There is no such range")
    INVALID = ("invalid", 422, "The request has mistakes")
    BAD_FLOW = ("bad-flow", 422, "The flow has mistakes")
    REFUSED = ("refused", 422, "The call takes no notice of this")
    NO_REVISION = ("precondition-required", 428, "Say which revision is meant")
    TOO_MANY = ("too-many-requests", 429, "Too many requests")
    FAULT = ("internal", 500, "A fault of this server")
    UNAVAILABLE = ("unavailable", 503, "A part of this server does not answer")
    LATE = ("late", 504, "The answer did not come in time")

    @property
    def status(self) -> int:
        return self.value[1]


class Mistake(BaseModel):
    """One mistake in what was sent.

    `where`: a path such as `body.slots.phone`, or line and column of a file.
    """

    where: str
    what: str


class ProblemDocument(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{_PREFIX}not-found",
                "title": "There is no such thing",
                "status": 404,
                "detail": "no session 7f3a91c2d8e4",
            }
        }
    )
    type: str = Field(description="Which kind of problem: `urn:souffleur:problem:...`.")
    title: str
    status: int
    detail: str = Field("", description="What, and how to mend it.")
    errors: list[Mistake] = Field(default_factory=list, description="Each mistake, where there are several.")
    refusal: Refusal | None = Field(None, description="Why a call takes no notice of an order.")


class Problem(Exception):
    """Answers a request with a problem document."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[Mistake] = (),
        refusal: Refusal | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind, self.errors, self.refusal = kind, tuple(errors[:_MOST_ERRORS]), refusal
        self.headers = dict(headers or {})
        super().__init__(detail)

    def response(self) -> Response:
        end, status, title = self.kind.value
        document = ProblemDocument(
            type=_PREFIX + end,
            title=title,
            status=status,
            detail=str(self),
            errors=list(self.errors),
            refusal=self.refusal,
        )
        body = document.model_dump_json(exclude_defaults=True)
        return Response(body, status, self.headers, MEDIA_TYPE)


def answers(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """What an operation's document says of these problems, and of those that any operation may have."""
    usual = (Kind.BAD_REQUEST, Kind.UNKNOWN, Kind.FORBIDDEN, Kind.TOO_LARGE, Kind.INVALID, Kind.TOO_MANY)
    parts = (Kind.FAULT, Kind.UNAVAILABLE)
    return {
        kind.status: {
            "description": kind.value[2],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for kind in sorted((*usual, *parts, *kinds), key=lambda kind: kind.status)
    }


# --- what went wrong → which problem -------------------------------------------------------------------------

_BY_STATUS = {kind.status: kind for kind in reversed(Kind)}


def problem_of(error: Exception) -> Problem:
    """What to tell of an error. One that is not ours is a fault, and says nothing of what is inside."""
    match error:
        case Problem():
            return error
        case BadFlow(mistakes=mistakes):
            told = [Mistake(where=_place(m), what=f"{m.rule}. {m.cure}".strip()) for m in mistakes]
            return Problem(Kind.BAD_FLOW, f"{len(mistakes)} mistakes or warnings", errors=told)
        case NotFound() | NobodyThere() | FlowError():
            return Problem(Kind.NOT_FOUND, _plainly(error))
        case RevisionConflict():
            return Problem(Kind.STALE, str(error))
        case Fenced() | LeaseHeld() | CannotReplay() | CallGoesOn() | MarkTaken():
            return Problem(Kind.CONFLICT, str(error))
        case AnswerLate():
            return Problem(Kind.LATE, str(error))
        case StoreLost() | StoreFull():
            return Problem(Kind.UNAVAILABLE, _plainly(error), headers={"Retry-After": "2"})
        case MemoryFailure() | OrchestratorError():
            return Problem(Kind.INVALID, _plainly(error))
        case HTTPException():
            kind = _BY_STATUS.get(error.status_code, Kind.BAD_REQUEST)
            return Problem(kind, error.detail, headers=error.headers)
        case RequestValidationError():
            return _invalid(error)
        case _:
            return Problem(Kind.FAULT, "It was written down; nothing that you sent is lost by trying again.")


def _place(mistake: Any) -> str:
    return f"line {mistake.line}, column {mistake.column}" if mistake.line else "file"


def _plainly(error: Exception) -> str:
    """Without the place on this machine that errors of stores begin with."""
    text = str(error)
    head, _, rest = text.partition(": ")
    return rest if rest and "/" in head else text


def _invalid(error: RequestValidationError) -> Problem:
    """What is wrong, and where. What was sent is not told again: it may be somebody's name."""
    told = []
    for one in error.errors():
        where = ".".join(str(part) for part in one["loc"])
        if one["type"] == "json_invalid":
            return Problem(Kind.BAD_REQUEST, "the body is no JSON")
        told.append(Mistake(where=where[:200], what=str(one["msg"])))
    return Problem(Kind.INVALID, "see `errors`", errors=told)


def answer_with_problems(app: FastAPI) -> None:
    """Have every error of an app answered with a problem document."""

    async def answer(_request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.kind is Kind.FAULT:
            log(Happened.ACCIDENT, part="api", exc_info=True)
        return problem.response()

    for kind in (Problem, HTTPException, RequestValidationError, MemoryFailure, FlowError, OrchestratorError):
        app.add_exception_handler(kind, answer)
