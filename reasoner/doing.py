"""Actions of other systems: asked for, done, failed. Pure: works on a draft of the next state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2s
from typing import Any

from flows.action import OnError
from reasoner.acts import Say, SayLine
from reasoner.conditions import worked_out
from reasoner.draft import Draft
from reasoner.events import Failure, RunAction
from reasoner.path import cut_path, hand_over, leave_for
from reasoner.state import Doing, StepName
from reasoner.types import Pending, Value, Waiting


def action_id(draft: Draft, step: StepName, action: str, arguments: Mapping[str, Value | None]) -> str:
    """The same for the same action with the same arguments in the same visit of a step."""
    marked = [draft.state.call, step, draft.visits[step].times, action, arguments]
    return blake2s(json.dumps(marked, sort_keys=True).encode(), digest_size=12).hexdigest()


def act(draft: Draft, name: str) -> None:
    """Have an action done, and wait for it."""
    action, values = draft.flow.actions[name], draft.values()
    arguments = {key: worked_out(draft.flow, text, values) for key, text in action.with_.items()}
    doing = Doing(action_id(draft, draft.step, name, arguments), name, draft.step, arguments)
    draft.doing = doing
    draft.pending = Pending(Waiting.ACTION)
    draft.effects.append(RunAction(doing.id, name, arguments))
    if action.meanwhile:
        draft.acts.append(Say(action.meanwhile))


def take_result(draft: Draft, result: Any) -> None:
    """What another system gave."""
    doing = draft.doing
    assert doing is not None
    draft.doing, draft.pending = None, Pending()
    action = draft.flow.actions[doing.action]
    given = result if isinstance(result, dict) else {"value": result}
    draft.set(dict(action.gives), given)
    if doing.step in draft.visits:
        visit = draft.visits[doing.step]
        draft.visits[doing.step] = replace(visit, acted=True, acted_on=doing.arguments)


def take_failure(draft: Draft, why: Failure) -> None:
    """Another system failed: what the flow says, or a person."""
    doing = draft.doing
    assert doing is not None
    draft.doing, draft.pending = None, Pending()
    action = draft.flow.actions[doing.action]
    special = {Failure.TIMEOUT: action.on_timeout, Failure.REFUSED: action.on_refused}.get(why)
    rule: OnError = special or action.on_error
    if rule.say:
        draft.say(rule.say)
    elif rule.go is None:
        draft.acts.append(SayLine("trouble"))
    if doing.step in draft.path:
        cut_path(draft, draft.path.index(doing.step) + 1)
    if rule.go is None:
        hand_over(draft, f"action:{doing.action}")
    else:
        leave_for(draft, rule.go)
