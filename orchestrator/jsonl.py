"""The lines of `souffleur chat --jsonl`: a JSON object each, in and out. docs/chat-jsonl.md says what is in them.

Programs rely on them: a key that is there stays, and means the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, TextIO

from pydantic import ValidationError

from orchestrator.text_call import Answered, Outside
from reasoner.events import ActionDone, ActionFailed, CallEnded, Effect, Reply, load_event
from reasoner.state import GoalState
from reasoner.types import SlotStatus

LONGEST_LINE = 16_000
_LONGEST_SILENCE_S = 3600.0
_MOST_KEYS = 40
_FROM_OUTSIDE = {"action_done": ActionDone, "action_failed": ActionFailed, "call_ended": CallEnded}
_HOW = (
    'write {"caller": "what is said"}, {"silence_s": 6}, {"dtmf": "12#"} or {"event": {"kind": "action_done", ...}}, '
    "and nothing beside it"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys that the caller pressed."""

    pressed: str


Given = str | float | Keys | Outside
"""What the caller said, for how many seconds nothing, keys, or something that happened elsewhere."""


class BadLine(ValueError):
    """A line of input that says nothing the call can use."""


class JsonLines:
    """One JSON object a line, both ways."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def prompt(self) -> None:
        return None

    def parse(self, line: str) -> Given:
        """What is to happen to the call.

        Raises:
            BadLine: nothing that can.
        """
        if len(line) > LONGEST_LINE:
            raise BadLine(f"the line is longer than {LONGEST_LINE} characters")
        try:
            given = json.loads(line)
        except (ValueError, RecursionError) as trouble:
            raise BadLine(f"the line is not JSON: {trouble}") from None
        match given:
            case {"caller": str(text)} if len(given) == 1:
                return text.encode(errors="replace").decode()  # JSON can hold halves of characters
            case {"silence_s": int() | float() as seconds} if len(given) == 1 and seconds is not True:
                if 0 < seconds <= _LONGEST_SILENCE_S:
                    return float(seconds)
                raise BadLine(
                    f"silence_s is {seconds}; give seconds, more than 0 and at most {_LONGEST_SILENCE_S:g}"
                )
            case {"dtmf": str(keys)} if len(given) == 1:
                if keys and set(keys) <= set("0123456789*#") and len(keys) <= _MOST_KEYS:
                    return Keys(keys)
                raise BadLine(f"dtmf is {keys!r}; give 1 to {_MOST_KEYS} of the keys 0 to 9, * and #")
            case {"event": {"kind": str()} as event} if len(given) == 1:
                return _event_of(event)
            case _:
                raise BadLine(_HOW)

    def error(self, text: str) -> None:
        self._write({"error": text})

    def answered(self, answered: Answered) -> None:
        self._write(
            {
                "agent": answered.agent,
                "state": view(answered.state),
                "effects": [_effect(effect) for effect in answered.effects],
            }
        )

    def _write(self, given: dict[str, Any]) -> None:
        self._stdout.write(json.dumps(given, ensure_ascii=False) + "\n")
        self._stdout.flush()


def _effect(effect: Effect) -> dict[str, Any]:
    """An effect as programs see it. How a reply is to be spoken is for voices: it is left out."""
    return {"kind": "reply"} if isinstance(effect, Reply) else asdict(effect)


def view(state: GoalState) -> dict[str, Any]:
    """A state as programs see it: slots with their values, the step, the outcome."""
    waiting, slots = state.pending.waiting, state.pending.slots
    waits_for = f"{waiting.value}:{'+'.join(slots)}" if slots else waiting.value
    return {
        "slots": {
            name: {
                "value": slot.value,
                "confirmed": slot.status is SlotStatus.CONFIRMED,
                "status": slot.status.value,
            }
            for name, slot in state.slots.items()
        },
        "step": state.step,
        "waits_for": "done" if state.outcome else waits_for,
        "outcome": state.code if state.outcome else None,
        "ended": state.outcome.value if state.outcome else None,
        "gates": {name: gate.passed for name, gate in state.gates.items()},
        "disclosed": [name for name, one in state.disclosures.items() if one.proven is not None],
    }


def _event_of(given: dict[str, Any]) -> Outside:
    """An event of another system, or of the line. What the caller says comes as words.

    Raises:
        BadLine: not one that can be given.
    """
    kind = given["kind"]
    if kind not in _FROM_OUTSIDE:
        raise BadLine(f"the event `{kind}` cannot be given here; give one of {', '.join(_FROM_OUTSIDE)}")
    known = [key.name for key in fields(_FROM_OUTSIDE[kind])]
    unknown = [key for key in given if key not in known]
    if unknown:
        raise BadLine(f"the event `{kind}` has no `{unknown[0][:60]}`; it has {', '.join(known)}")
    try:
        event = load_event(json.dumps({"at_s": 0, **given}).encode())
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"][1:])
        raise BadLine(f"the event `{kind}` has a mistake in `{where}`: {first['msg'].lower()}") from None
    assert isinstance(event, Outside)
    return event
