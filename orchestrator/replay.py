"""A call again, from its events: through the flow that it had, or through a new version of it.

The same flow and the same events lead to the same state, to the byte. Through another version, what the caller said
is understood anew, and what other systems answered is given again where the same is asked of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from flows.errors import NoSuchFlow
from flows.loader import LoadedFlow, open_flow
from flows.schema import Flow
from memory.errors import NotFound
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.errors import CannotReplay
from orchestrator.settings import Settings
from orchestrator.stores import nothing_kept, open_sessions
from orchestrator.wording import printable, written
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallerSaid,
    Event,
    Failure,
    MemoryPatched,
    PassagesFound,
    Reply,
    load_event,
)
from reasoner.machine import advance, start
from reasoner.ports import Understander
from reasoner.state import GoalState, dump_state, load_state
from reasoner.understand import ParserUnderstander
from reasoner.whisper import compose


@dataclass(slots=True)
class Replayed:
    """What a call comes to with a flow. `words`: each reply. `unanswered`: actions nobody had answered before."""

    state: GoalState
    words: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)


def replay(flow: Flow, call: str, events: Sequence[Event]) -> Replayed:
    """The events as they were, through the flow that they happened in."""
    done = Replayed(start(flow, call))
    for event in events:
        _apply(flow, done, event)
    return done


async def replay_anew(flow: Flow, call: str, events: Sequence[Event], understander: Understander) -> Replayed:
    """What the caller, other systems and the pages said, through another version of the flow."""
    done = Replayed(start(flow, call))
    known = _Answers(events)
    for event in events:
        match event:
            case CallerSaid():
                understood = await understander.understand(flow, done.state, event.utterance)
                _apply(flow, done, replace(event, understood=understood, revision=done.state.revision))
            case MemoryPatched():
                _apply(flow, done, replace(event, revision=done.state.revision))
            case PassagesFound() | ActionDone() | ActionFailed() | AgentSpoke():
                continue  # given where they are asked for
            case _:
                _apply(flow, done, event)
        while (answer := known.answer(flow, done)) is not None:
            _apply(flow, done, answer)
    return done


def _apply(flow: Flow, done: Replayed, event: Event) -> None:
    before = done.state
    done.state, effects = advance(flow, before, event)
    if any(isinstance(effect, Reply) for effect in effects):
        done.words.append(" ".join(line.text for line in compose(flow, done.state).reply))


class _Answers:
    """What was answered in the call as it was, for when the same is asked again."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._passages = {e.question: e.passages for e in events if isinstance(e, PassagesFound)}
        self._results: dict[str, list[ActionDone | ActionFailed]] = {}
        self._heard: dict[str, list[AgentSpoke]] = {}
        for event in events:
            if isinstance(event, ActionDone | ActionFailed):
                self._results.setdefault(event.action, []).append(event)
            elif isinstance(event, AgentSpoke):
                self._heard.setdefault(_plain(f"{event.text} {event.unspoken}"), []).append(event)
        self._spoken = 0

    def answer(self, flow: Flow, done: Replayed) -> Event | None:
        """The next thing that the state waits for and that is known, None where it waits for the caller."""
        state = done.state
        if state.outcome is not None:
            return None
        if state.open_question:
            found = self._passages.get(state.open_question, ())
            return PassagesFound(state.open_question, found, state.revision)
        if state.acts_revision > self._spoken:
            self._spoken = state.acts_revision
            return self._said(state, " ".join(line.text for line in compose(flow, state).reply))
        if state.doing is not None:
            return self._result(done, state.doing.action, state.doing.id)
        return None

    def _said(self, state: GoalState, words: str) -> AgentSpoke:
        """The same words were heard as far as they were then; others to their end."""
        known = self._heard.get(_plain(words), [])
        if known:
            return replace(known.pop(0), revision=state.acts_revision)
        return AgentSpoke(words, state.acts_revision, state.at_s, state.at_s)

    def _result(self, done: Replayed, action: str, id: str) -> ActionDone | ActionFailed:
        known = self._results.get(action, [])
        if known:
            return replace(known.pop(0), id=id)
        done.unanswered.append(action)
        return ActionFailed(id, Failure.FAILED, action=action)


def _plain(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))


# --- the command -----------------------------------------------------------------------------------------------


async def replay_saved(
    settings: Settings, console: Console, call: str, flow: str | None, *, same: bool
) -> int:
    """Replay a saved call and tell what is different.

    Args:
        flow: a file or a name in the library; None for the one of the call's name in the library.
        same: the flow has to be the very one that the call had, and the states the same to the byte.

    Returns:
        The exit status: 0 where the outcome and the values are the same.

    Raises:
        NotFound: there is no such call. FlowError: no such flow.
        CannotReplay: it is not the flow that the call had, or that is not in the library, or the call cannot be read.
    """
    if nothing_kept(settings):
        raise NotFound(f"there are no calls in {settings.data.database}; check --config")
    store = await open_sessions(settings)
    try:
        key = SessionKey(settings.tenant, call)
        record, stored = await store.load(key), await store.events(key)
    finally:
        await store.aclose()
    then, events = _read(record, stored)
    now = _flow_of(record, flow)
    is_same = now.flow.content_hash == record.flow_hash
    if same and not is_same:
        raise CannotReplay(
            f"{now.path} is not the version that call {call} followed (its content hash begins with "
            f"{record.flow_hash[:12]}); name that version, or leave out --same"
        )
    if is_same:
        done = replay(now.flow, call, events)
        if dump_state(done.state) == dump_state(then):
            console.print("the same flow, the same events, the same state to the byte")
            return 0
        console.print(_ANOTHER_STATE)
    else:
        done = await replay_anew(now.flow, call, events, ParserUnderstander())
    differences = list(differing(then, done))
    for line in differences or ["the same outcome, and the same values"]:
        console.print(Text(printable(line)), soft_wrap=True)
    return 1 if differences or is_same else 0


_ANOTHER_STATE = (
    "the same flow and the same events lead to another state: it is not this version that led the call"
)


def _read(record: SessionRecord, stored: Sequence[StoredEvent]) -> tuple[GoalState, list[Event]]:
    try:
        return load_state(record.state), [load_event(one.event) for one in stored]
    except ValidationError:
        raise CannotReplay(
            f"call {record.key.call} was saved by a version of Souffleur whose calls this one cannot read"
        ) from None


def _flow_of(record: SessionRecord, named: str | None) -> LoadedFlow:
    if named is not None:
        return open_flow(named)
    try:
        return open_flow(record.flow)
    except NoSuchFlow:
        raise CannotReplay(
            f"call {record.key.call} followed the flow `{record.flow}`, which is not in the library; "
            "name its file with --flow"
        ) from None


def differing(then: GoalState, done: Replayed) -> Iterator[str]:
    """What is different now, a line for each."""
    now = done.state
    if then.code != now.code:
        yield f"outcome: {then.code or 'none'} then, {now.code or 'none'} now"
    for name in dict.fromkeys((*then.slots, *now.slots)):
        was, has = _shown(then, name), _shown(now, name)
        if was != has:
            yield f"{name}: {was} then, {has} now"
    for action in done.unanswered:
        yield f"the action `{action}` is asked for now, and was not answered then"
    if then.outcome is not None and now.outcome is None:
        yield f"the call is not over now: it waits in the step `{now.step}`"


def _shown(state: GoalState, name: str) -> str:
    held = state.slots.get(name)
    if held is None or held.value is None:
        return "empty"
    return f"{written(held.value)} ({held.status.value})"
