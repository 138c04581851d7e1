"""What is wrong with a flow, told on a console: its mistakes, what the deployment does not allow, its tests."""

from __future__ import annotations

from rich.console import Console

from flows.errors import Severity
from flows.loader import LoadedFlow, check_file, open_flow
from memory.edge import EdgeKnowledge
from orchestrator.actions.functions import Functions, load_functions
from orchestrator.actions.problems import problems
from orchestrator.flow_tests import Held, hold_tests
from orchestrator.settings import Settings
from reasoner.whisper import TOKEN_BUDGET, leanest_prompt


def check(settings: Settings, name: str, console: Console) -> bool:
    """Tell all that is wrong with a flow. Whether it can be used.

    Raises:
        NoSuchFlow: there is no such flow.
        BadSettings: the settings name a function that is not there.
    """
    mistakes = check_file(name)
    for mistake in mistakes:
        mark = "" if mistake.severity is Severity.ERROR else "warning: "
        console.print(f"{mark}{mistake}", markup=False, soft_wrap=True)
    if any(mistake.severity is Severity.ERROR for mistake in mistakes):
        return False
    loaded = open_flow(name)
    too_long = list(_over_budget(loaded))
    for told in too_long:
        console.print(told, markup=False, soft_wrap=True)
    functions = Functions(load_functions(settings.actions.functions))
    for told in problems(loaded.flow, settings.actions, functions):
        console.print(f"warning: {loaded.path}: {told}", markup=False, soft_wrap=True)
    if not too_long:
        console.print(f"{loaded.path}: in order", markup=False, soft_wrap=True)
    return not too_long


def _over_budget(loaded: LoadedFlow) -> list[str]:
    """Steps whose prompt cannot hold even the role and what is to be said next."""
    told = []
    for step, tokens in leanest_prompt(loaded.flow).items():
        if tokens > TOKEN_BUDGET:
            rule = f"what the step `{step}` has to say takes about {tokens} tokens of the {TOKEN_BUDGET} of a prompt"
            told.append(f"{loaded.path}: {rule}. Say less at once, or make two steps of it.")
    return told


async def test(settings: Settings, name: str, only: str, show: bool, console: Console) -> int:
    """Hold the tests of a flow and tell how they went. The exit status: 0 where all passed.

    Raises:
        FlowError: no such flow, or it has mistakes.
        MemoryFailure: its pages cannot be kept.
    """
    loaded = open_flow(name)
    tests = {each: one for each, one in loaded.flow.tests.items() if only.casefold() in each.casefold()}
    loaded = LoadedFlow(
        loaded.flow.model_copy(update={"tests": tests}), loaded.path, loaded.written, loaded.knowledge_dirs
    )
    knowledge = await EdgeKnowledge.open(language=loaded.flow.language) if loaded.knowledge_dirs else None
    try:
        held = await hold_tests(loaded, knowledge)
    finally:
        if knowledge is not None:
            await knowledge.aclose()
    for one in held:
        _tell(one, show, console)
    failed = sum(not one.passed for one in held)
    console.print(f"{len(held) - failed} of {len(held)} tests of {loaded.flow.flow} passed")
    return 1 if failed or not held else 0


def _tell(held: Held, show: bool, console: Console) -> None:
    console.print(f"{'passed' if held.passed else 'FAILED'}  {held.name}", markup=False)
    if held.passed and not show:
        return
    for exchange in held.exchanges:
        if exchange.caller:
            console.print(f"    caller: {exchange.caller}", markup=False, soft_wrap=True)
        if exchange.agent:
            console.print(f"    agent:  {exchange.agent}", markup=False, soft_wrap=True)
        for wrong in exchange.wrong:
            console.print(f"    -> {wrong}", markup=False, soft_wrap=True)
    for wrong in held.wrong:
        console.print(f"    -> {wrong}", markup=False, soft_wrap=True)
