"""What another system's answer comes to: plain JSON of a bounded size, or the reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from orchestrator.errors import OrchestratorError
from reasoner.events import Failure


class CameToNothing(OrchestratorError):
    """A try came to nothing.

    Attributes:
        why: constant words for the log; never what was sent or answered.
        again: another try may do better.
        sent: the other system may have acted on it.
        code: an HTTP status or an MCP error code, 0 where there is none.
    """

    def __init__(
        self, failure: Failure, why: str, *, again: bool = False, sent: bool = True, code: int = 0
    ) -> None:
        self.failure, self.why, self.again, self.sent, self.code = failure, why, again, sent, code
        super().__init__(why)


def read_json(body: bytes | str) -> Any:
    """Raises CameToNothing where it is no JSON; `NaN` and nesting without end are none."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise CameToNothing(Failure.FAILED, "the answer is no JSON") from None


def as_result(value: Any, most_bytes: int) -> dict[str, Any]:
    """Always an object, so that `result.something` is how flows read it; any other JSON is its `value`.

    Raises:
        CameToNothing: it cannot be kept as JSON, or is too large.
    """
    plain = as_json(value, most_bytes, "the answer is no JSON", "the answer is too large")
    return plain if isinstance(plain, dict) else {"value": plain}


def as_arguments(values: Mapping[str, Any], most_bytes: int) -> dict[str, Any]:
    """Plain JSON: lists for tuples.

    Raises:
        CameToNothing: an argument cannot be sent as JSON.
    """
    plain = as_json(
        dict(values), most_bytes, "an argument is no JSON", "the arguments are too large", sent=False
    )
    assert isinstance(plain, dict)
    return plain


def as_json(value: Any, most_bytes: int, no_json: str, too_large: str, *, sent: bool = True) -> Any:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (
        TypeError,
        ValueError,
        RecursionError,
    ):  # half a surrogate pair is a UnicodeEncodeError, a ValueError
        raise CameToNothing(Failure.FAILED, no_json, sent=sent) from None
    if len(text) > most_bytes:
        raise CameToNothing(Failure.FAILED, too_large, sent=sent)
    return json.loads(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
