"""One turn of thought as a graph: understand → settle → by route → recall, where there is a question → compose.

It reads a snapshot and returns events; nothing is saved, acted on or spoken here. So a turn can be thought while
the caller still speaks, and committed or thrown away. The state lives in the session alone: the graph has no
checkpointer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

import anyio
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langsmith import tracing_context

from memory.types import Passage
from reasoner.acts import Apologise, AskWhich, SayLine
from reasoner.coming import is_closed, limits_of
from reasoner.events import CallerSaid, Effect, Event, PassagesFound, Reply, RunAction
from reasoner.machine import advance
from reasoner.ports import Ports, Route, Thought
from reasoner.state import GoalState, Outcome
from reasoner.types import Understood, Utterance, Whisper
from reasoner.whisper import compose


class Turn(TypedDict, total=False):
    """What the nodes hand on. `goal` is the snapshot, and from `settle` on what it becomes."""

    goal: GoalState
    utterance: Utterance
    speculative: bool
    understood: Understood
    events: tuple[Event, ...]
    effects: tuple[Effect, ...]
    route: Route
    question: str
    passages: tuple[Passage, ...]
    late: bool
    whisper: Whisper
    took_ms: dict[str, float]


async def think(state: GoalState, utterance: Utterance, ports: Ports, speculative: bool = False) -> Thought:
    """Think one turn of the caller through.

    Args:
        state: a snapshot; the events returned apply to its revision.
        utterance: what was said, or what was said so far.
        speculative: the turn may not be over. Only the search is told, so that it can say so.

    Returns:
        The events to commit, the whisper for the state they lead to, and how long each part took.
    """
    began = time.perf_counter()
    turn: Turn = {"goal": state, "utterance": utterance, "speculative": speculative}
    # LangChain's tracer would send callers' words wherever an environment variable says.
    with tracing_context(enabled=False):
        done = await _GRAPH.ainvoke(turn, context=ports)
    took_ms = {**done["took_ms"], "total": (time.perf_counter() - began) * 1000}
    return Thought(
        events=done["events"],
        whisper=done["whisper"],
        route=done["route"],
        question=done.get("question", ""),
        passages=done.get("passages", ()),
        took_ms=took_ms,
        actions=tuple(effect for effect in done["effects"] if isinstance(effect, RunAction)),
        late=done.get("late", False),
    )


async def understand(state: Turn, runtime: Runtime[Ports]) -> Turn:
    """Words → meaning."""
    began = time.perf_counter()
    ports = runtime.context
    understood = await ports.understander.understand(ports.flow, state["goal"], state["utterance"])
    return {"understood": understood, "took_ms": {"understand": _ms_since(began)}}


async def settle(state: Turn, runtime: Runtime[Ports]) -> Turn:
    """Meaning → state, as the session will do it with the same event."""
    began = time.perf_counter()
    before = state["goal"]
    event = CallerSaid(state["utterance"], state["understood"], before.revision)
    after, effects = advance(runtime.context.flow, before, event)
    return {
        "goal": after,
        "events": (event,),
        "effects": effects,
        "route": route_of(before, after, effects),
        "took_ms": {**state["took_ms"], "settle": _ms_since(began)},
    }


def route_of(before: GoalState, after: GoalState, effects: Sequence[Effect] = ()) -> Route:
    """What a turn turned out to be."""
    if after.outcome is Outcome.HANDED_OVER:
        return Route.HAND_OVER
    if after.outcome is not None:
        return Route.COMPLETION
    if after.open_question:
        return Route.DIGRESSION
    if any(isinstance(effect, RunAction) for effect in effects):
        return Route.ACTION
    repairing = after.acts if after.acts_revision > before.revision else ()
    if any(isinstance(act, Apologise | AskWhich | SayLine) for act in repairing):
        return Route.REPAIR
    return Route.ANSWER


async def recall(state: Turn, runtime: Runtime[Ports]) -> Turn:
    """Look up what the caller asked, and settle what follows from it."""
    began = time.perf_counter()
    ports, goal = runtime.context, state["goal"]
    question = goal.open_question
    limits = limits_of(ports.flow, goal)
    found: Sequence[Passage] = ()
    late = False
    if not is_closed(limits):
        with anyio.move_on_after(limits.within_ms / 1000) as waited:
            found = await ports.search(question, speculative=state["speculative"], within=limits.pages)
        late = waited.cancelled_caught
    passages = tuple(found)[: limits.passages]
    event = PassagesFound(question, passages, goal.revision)
    goal, effects = advance(ports.flow, goal, event)
    return {
        "goal": goal,
        "events": (*state["events"], event),
        "effects": (*state["effects"], *effects),
        "question": question,
        "passages": passages,
        "late": late,
        "took_ms": {**state["took_ms"], "recall": _ms_since(began)},
    }


async def compose_whisper(state: Turn, runtime: Runtime[Ports]) -> Turn:
    """State → words. Where the turn needs no reply, there are none to be spoken."""
    began = time.perf_counter()
    ports = runtime.context
    whisper = compose(ports.flow, state["goal"], ports.count_tokens, ports.token_budget, ports.shape)
    if not any(isinstance(effect, Reply) for effect in state["effects"]):
        whisper = replace(whisper, reply=())
    return {"whisper": whisper, "took_ms": {**state["took_ms"], "compose": _ms_since(began)}}


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _route(state: Turn) -> Route:
    return state["route"]


def _build() -> CompiledStateGraph[Turn, Ports, Turn, Turn]:
    graph = StateGraph(Turn, context_schema=Ports)
    graph.add_node("understand", understand)
    graph.add_node("settle", settle)
    graph.add_node("recall", recall)
    graph.add_node("compose", compose_whisper)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "settle")
    graph.add_conditional_edges(
        "settle",
        _route,
        {
            Route.ANSWER: "compose",
            Route.DIGRESSION: "recall",
            Route.ACTION: "compose",
            Route.REPAIR: "compose",
            Route.HAND_OVER: "compose",
            Route.COMPLETION: "compose",
        },
    )
    graph.add_edge("recall", "compose")
    graph.add_edge("compose", END)
    return graph.compile()


_GRAPH = _build()
