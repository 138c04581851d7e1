"""The conversations written inside a flow, held: what each came to, and where it went another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flows.conversation import Test, Turn
from flows.loader import LoadedFlow
from flows.schema import Flow
from memory.ports import KnowledgeStore
from orchestrator.chat import no_pages
from orchestrator.knowledge import learn, recall_of
from orchestrator.text_call import Answered, TextCall
from reasoner.conditions import canonical
from reasoner.events import ActionDone, ActionFailed, Failure, RunAction
from reasoner.ports import Ports, Search
from reasoner.state import GoalState
from reasoner.types import Value
from reasoner.understand import ParserUnderstander

TENANT = "flow-tests"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn as it was held. `wrong`: what had to follow and did not."""

    caller: str
    agent: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A test as it was held."""

    name: str
    exchanges: tuple[Exchange, ...]
    wrong: tuple[str, ...]  # at its end

    @property
    def passed(self) -> bool:
        return not self.wrong and not any(exchange.wrong for exchange in self.exchanges)


async def hold_tests(loaded: LoadedFlow, knowledge: KnowledgeStore | None = None) -> list[Held]:
    """Hold every test of a flow.

    Args:
        knowledge: where its pages can be put and searched; None leaves questions unanswered.

    Raises:
        MemoryFailure: the pages cannot be read or kept.
    """
    search: Search = no_pages
    if knowledge is not None and loaded.knowledge_dirs:
        await learn(knowledge, TENANT, loaded)
        search = recall_of(knowledge, TENANT, loaded)
    return [await hold(loaded.flow, name, test, search) for name, test in loaded.flow.tests.items()]


async def hold(flow: Flow, name: str, test: Test, search: Search = no_pages) -> Held:
    """Hold one conversation."""
    doubles = _Actions(test.actions)
    given = {
        slot: value for slot, text in test.given.items() if (value := canonical(flow, slot, text)) is not None
    }
    ports = Ports(flow, ParserUnderstander(), search)
    call = TextCall(ports, id=name, actions=doubles, today=test.today, given=given)
    answered = await call.begin()
    exchanges = [Exchange("", answered.agent)]
    for turn in test.talk:
        if call.is_over and _does_something(turn):
            ended = f"the call had ended before, with {call.state.code}"
            exchanges.append(Exchange(_shown(turn), "", (ended,)))
            break
        if not _does_something(turn):
            exchanges[-1] = replace(
                exchanges[-1], wrong=(*exchanges[-1].wrong, *_wrong(flow, turn, answered))
            )
            continue
        answered = await _turn(call, turn)
        exchanges.append(Exchange(_shown(turn), answered.agent, tuple(_wrong(flow, turn, answered))))
    wrong = [
        f"the action `{action}` was asked for, and the test does not say what it gives"
        for action in doubles.missing
    ]
    wrong += _wrong_slots(flow, test.slots, call.state)
    if test.outcome is not None and call.state.code != test.outcome:
        wrong.append(f"the outcome is {call.state.code or 'still open'}, not {test.outcome}")
    return Held(name, tuple(exchanges), tuple(wrong))


def _does_something(turn: Turn) -> bool:
    """Whether the caller does; else the turn only looks at what came of the one before."""
    return turn.caller is not None or turn.keypad is not None or turn.silence_s is not None


async def _turn(call: TextCall, turn: Turn) -> Answered:
    if turn.caller is not None:
        return await call.said(turn.caller)
    if turn.keypad is not None:
        return await call.keyed(turn.keypad)
    return await call.silent(turn.silence_s or 0.0)


def _shown(turn: Turn) -> str:
    if turn.caller is not None:
        return turn.caller
    if turn.keypad is not None:
        return f"(keys {turn.keypad})"
    return f"({turn.silence_s:g} s of silence)" if turn.silence_s else ""


def _wrong(flow: Flow, turn: Turn, answered: Answered) -> Iterator[str]:
    said, state = answered.agent.casefold(), answered.state
    yield from (f'the agent does not say "{words}"' for words in turn.agent if words.casefold() not in said)
    yield from (f'the agent says "{words}"' for words in turn.agent_not if words.casefold() in said)
    done = [effect.action for effect in answered.effects if isinstance(effect, RunAction)]
    if turn.does is not None and done != list(turn.does):
        yield f"the actions are {', '.join(done) or 'none'}, not {', '.join(turn.does) or 'none'}"
    if turn.step is not None and state.step != turn.step:
        yield f"the step is {state.step}, not {turn.step}"
    yield from _wrong_slots(flow, turn.slots, state)
    if turn.outcome is not None and state.code != turn.outcome:
        yield f"the outcome is {state.code or 'still open'}, not {turn.outcome}"


def _wrong_slots(flow: Flow, wanted: dict[str, str], state: GoalState) -> Iterator[str]:
    for name, text in wanted.items():
        slot, held = flow.slots.get(name), state.slots.get(name)
        if slot is None or held is None:
            yield f"there is no slot `{name}`"
            continue
        expected: Value | None = canonical(flow, name, text) if text else None
        if text and expected is None:
            expected = text
        if held.value != expected:
            shown = "empty" if held.value is None else repr(held.value)
            yield f"`{name}` is {shown}, not {text or 'empty'}"


class _Actions:
    """Answers in place of other systems, as the test says."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self._times: Counter[str] = Counter()
        self.missing: list[str] = []

    async def __call__(self, effect: RunAction) -> ActionDone | ActionFailed:
        if effect.action not in self._given:
            if not effect.takes_back:
                self.missing.append(effect.action)
            return ActionFailed(effect.id, Failure.FAILED)
        given = self._given[effect.action]
        if isinstance(given, list | tuple):  # one for each time it is done, then the last one again
            given = given[min(self._times[effect.action], len(given) - 1)] if given else None
        self._times[effect.action] += 1
        if isinstance(given, str) and given in tuple(Failure):
            return ActionFailed(effect.id, Failure(given))
        return ActionDone(effect.id, _typed(given))


def _typed(given: Any) -> Any:
    """Scalars of a flow file are texts; as a result they are what they look like."""
    match given:
        case dict():
            return {name: _typed(value) for name, value in given.items()}
        case list() | tuple():
            return [_typed(value) for value in given]
        case "true" | "false":
            return given == "true"
        case "null":
            return None
        case str():
            return _number(given)
        case _:
            return given


def _number(text: str) -> str | int | float:
    if text.startswith("0") and text.isdigit() and len(text) > 1:
        return text  # a code, not a number
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number
