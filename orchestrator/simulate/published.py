"""The words that a flow publishes: what its agent may be heard to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flows.schema import Flow
from flows.spoken import Line
from reasoner.types import SlotName

_PLACE = re.compile(r"\\\{[a-z][a-z0-9_.\\]*\\\}")


def fixed(flow: Flow) -> dict[SlotName, str]:
    """Texts that a called flow is given word for word: `about` is `made a mistake at work`."""
    quoted = re.compile(r"""\s*(["'])(.*)\1\s*""")
    given = (
        pair for step in flow.steps.values() if step.call is not None for pair in step.call.with_.items()
    )
    return {name: found[2] for name, text in given if (found := quoted.fullmatch(text)) is not None}


def filled(text: str, fixed_values: Mapping[SlotName, str]) -> str:
    for name, value in fixed_values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def pattern_of(text: str) -> re.Pattern[str]:
    """Finds a text of the flow in the agent's words, whatever its values, spaces and capital letters."""
    escaped = _PLACE.sub(".{1,160}?", re.escape(" ".join(text.split())))
    return re.compile(escaped.replace(r"\ ", r"\s+"), re.IGNORECASE)


def scripted(flow: Flow) -> Iterable[str]:
    yield from (text for text in flow.lines.model_dump().values() if text)
    yield from (disclosure.text for disclosure in flow.disclosures.values())
    yield from (outcome.say for outcome in flow.outcomes.values() if outcome.say)
    yield from (gate.wrong for gate in flow.gates.values() if gate.wrong)
    yield from (slot.invalid for slot in flow.slots.values() if slot.invalid)
    yield from (action.meanwhile for action in flow.actions.values() if action.meanwhile)
    yield from (line.text for line in _lines(flow))


def _lines(flow: Flow) -> Iterable[Line]:
    for step in flow.steps.values():
        yield from step.say
        for way in step.then:
            yield from way.say
    for topic in flow.topics.values():
        yield from topic.say
    for action in flow.actions.values():
        yield from action.on_error.say
