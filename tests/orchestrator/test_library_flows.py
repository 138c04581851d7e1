"""The flows that come along: without mistakes, true to their own tests, and together a use of the whole language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.action import Action
from flows.loader import LoadedFlow, check_file, library, open_flow
from flows.part import Part
from flows.schema import Flow
from flows.slot import Confirm, Slot, SlotType
from flows.spoken import How, Line
from flows.step import Patterns, Step
from memory.edge import EdgeKnowledge
from orchestrator.flow_tests import Held, hold_tests
from orchestrator.library_page import PAGE, library_page
from reasoner.whisper import TOKEN_BUDGET, leanest_prompt
from tests.flows.writing import write_examples

pytestmark = pytest.mark.anyio
NAMES = [name for name, _path in library()]
FULLY_TESTED = set(NAMES) - {"star_question"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def held(loaded: LoadedFlow) -> list[Held]:
    if not loaded.knowledge_dirs:
        return await hold_tests(loaded)
    knowledge = await EdgeKnowledge.open(language=loaded.flow.language)
    try:
        return await hold_tests(loaded, knowledge)
    finally:
        await knowledge.aclose()


def told(tests: list[Held]) -> list[str]:
    """What went another way, with the test's name."""
    return [
        f"{one.name}: {wrong}"
        for one in tests
        for wrong in (*(wrong for exchange in one.exchanges for wrong in exchange.wrong), *one.wrong)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_of_the_library_has_no_mistakes_and_no_warnings(name: str) -> None:
    assert check_file(name) == []
    assert max(leanest_prompt(open_flow(name).flow).values()) < TOKEN_BUDGET


@pytest.mark.parametrize("name", NAMES)
async def test_the_conversations_in_a_flow_of_the_library_go_as_written(name: str) -> None:
    tests = await held(open_flow(name))
    assert told(tests) == []
    assert len(tests) >= (4 if name in FULLY_TESTED else 2)


async def test_the_conversations_in_the_examples_go_as_written(tmp_path: Path) -> None:
    tested = [open_flow(str(path)) for path in write_examples(tmp_path).values()]
    tests = [one for loaded in tested if loaded.flow.tests for one in await held(loaded)]
    assert tests
    assert told(tests) == []


async def test_the_page_about_the_library_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == await library_page(), (
        "docs/library.md is stale; make it anew with: python -m orchestrator.library_page"
    )


# --- the whole language ----------------------------------------------------------------------------------------


def parts(part: object) -> Iterator[object]:
    """A part of a flow and all the parts within it."""
    if isinstance(part, Part):
        yield part
        for name in type(part).model_fields:
            yield from parts(getattr(part, name))
    elif isinstance(part, dict):
        for inner in part.values():
            yield from parts(inner)
    elif isinstance(part, tuple | list):
        for inner in part:
            yield from parts(inner)


def some(kind: type[Part], holds: Callable[..., object]) -> Callable[[Flow], bool]:
    return lambda flow: any(isinstance(part, kind) and bool(holds(part)) for part in parts(flow))


def uses(holds: Callable[[Flow], object]) -> Callable[[Flow], bool]:
    return lambda flow: bool(holds(flow))


def _slots() -> dict[str, Callable[[Flow], bool]]:
    found: dict[str, Callable[[Flow], bool]] = {}
    for kind in SlotType:
        found[f"a slot of type {kind}"] = some(Slot, lambda slot, kind=kind: slot.type is kind)
    for policy in Confirm:
        found[f"confirm: {policy}"] = some(Slot, lambda slot, policy=policy: slot.confirm is policy)
    for keep in ("call", "caller", "never"):
        found[f"remember: {keep}"] = some(Slot, lambda slot, keep=keep: slot.remember == keep)
    for source in ("caller", "call", "action"):
        found[f"source: {source}"] = some(Slot, lambda slot, source=source: slot.source == source)
    for key in ("again", "valid", "invalid", "required_if", "give_up", "protected_by", "start", "none"):
        found[f"a slot's {key}"] = some(Slot, lambda slot, key=key: getattr(slot, key))
    for key in ("attempts", "min_confidence", "pii", "clear_yes", "must_be_yes", "length", "past", "future"):
        found[f"a slot's {key}"] = some(Slot, lambda slot, key=key: key in slot.model_fields_set)
    return found


def _steps() -> dict[str, Callable[[Flow], bool]]:
    found: dict[str, Callable[[Flow], bool]] = {}
    for key in Step.model_fields:
        if key not in ("about", "below", "done_when"):
            found[f"a step's {key}"] = some(Step, lambda step, key=key: key in step.model_fields_set)
    for how in How:
        found[f"a line: {how}"] = some(Line, lambda line, how=how: line.how is how)
    for pattern in Patterns.model_fields:
        found[f"on: {pattern}"] = some(Patterns, lambda on, pattern=pattern: getattr(on, pattern))
    return found | {
        "a line that must be heard": some(Line, lambda line: line.must_finish),
        "an answer that is none of those expected": some(Step, lambda step: "else" in step.answers),
        "a call with typed input": some(Step, lambda step: step.call and step.call.with_),
        "a call with typed output": some(Step, lambda step: step.call and step.call.gives),
        "a counter": some(Step, lambda step: any(answer.set for answer in step.answers.values())),
        "knowledge with a budget": some(Step, lambda s: s.knowledge and "within_ms" in s.knowledge.model_fields_set),
    }  # fmt: skip


def _actions() -> dict[str, Callable[[Flow], bool]]:
    found: dict[str, Callable[[Flow], bool]] = {}
    for key in Action.model_fields:
        found[f"an action's {key}"] = some(Action, lambda action, key=key: key in action.model_fields_set)
    for effect in ("read", "write"):
        found[f"an action that is a {effect}"] = some(Action, lambda a, effect=effect: a.effect == effect)
    return found


def _wholes() -> dict[str, Callable[[Flow], bool]]:
    return {
        "imports": uses(lambda flow: flow.imports),
        "inputs": uses(lambda flow: flow.inputs),
        "outputs": uses(lambda flow: flow.outputs),
        "a goal that is reached early": uses(lambda flow: flow.done_when),
        "limits": uses(lambda flow: flow.limits.model_fields_set),
        "listening": uses(lambda flow: flow.listening.model_fields_set),
        "barge-in": uses(lambda flow: flow.listening.barge_in is not None),
        "outcomes of each kind": uses(lambda f: len({one.kind for one in f.outcomes.values()}) == 4),
        "a topic that takes over": uses(lambda flow: any(t.go for t in flow.topics.values())),
        "a topic with a return": uses(lambda flow: any(t.visit for t in flow.topics.values())),
        "a gate with an action": uses(lambda flow: any(g.do for g in flow.gates.values())),
        "a gate without one": uses(lambda flow: any(not g.do for g in flow.gates.values())),
        "a disclosure": uses(lambda flow: flow.disclosures),
        "what is never said": uses(lambda flow: flow.never_say),
        "a test with keys": uses(lambda f: any(t.keypad for x in f.tests.values() for t in x.talk)),
        "a test with silence": uses(lambda f: any(t.silence_s for x in f.tests.values() for t in x.talk)),
        "a name that YAML takes for a boolean": uses(lambda f: any({"yes", "no"} <= set(s.answers) for s in f.steps.values())),
    }  # fmt: skip


def test_each_thing_that_the_language_can_do_is_shown_somewhere(tmp_path: Path) -> None:
    shown = [open_flow(name).written for name in NAMES]
    shown += [open_flow(str(path)).written for path in write_examples(tmp_path).values()]
    features = _slots() | _steps() | _actions() | _wholes()
    assert [name for name, holds in features.items() if not any(map(holds, shown))] == []
