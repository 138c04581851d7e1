"""What tests of actions share: a flow with one action, and the settings to run it with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import anyio

from flows.schema import Flow
from orchestrator.actions.run import Actions
from reasoner.events import ActionDone, ActionFailed, RunAction


def flow(**actions: dict[str, Any]) -> Flow:
    """A flow of nothing but actions; each reads, unless it says otherwise."""
    return Flow.model_validate(
        {
            "flow": "asks",
            "version": "1",
            "about": "Asking others",
            "agent": {"name": "Ann", "company": "The Door", "business": "doorkeeper"},
            "actions": {name: {"effect": "read", **action} for name, action in actions.items()},
        }
    )


async def ask(
    actions: Actions, action: dict[str, Any], key: str = "call1-1", **arguments: Any
) -> ActionDone | ActionFailed:
    return await actions.run(flow(it=action), RunAction(key, "it", arguments))


async def result(actions: Actions, action: dict[str, Any], **arguments: Any) -> Any:
    event = await ask(actions, action, **arguments)
    assert isinstance(event, ActionDone), event
    return event.result


async def failure(actions: Actions, action: dict[str, Any], **arguments: Any) -> str:
    event = await ask(actions, action, **arguments)
    assert isinstance(event, ActionFailed), event
    return event.why.value


def no_pause(tries: int) -> float:
    return 0.0


def run(scenario: Callable[[], Coroutine[Any, Any, None]], within_s: float = 30) -> None:
    async def bounded() -> None:
        with anyio.fail_after(within_s):
            await scenario()

    anyio.run(bounded)
