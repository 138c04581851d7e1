"""What is wrong with a flow, told on a console: its mistakes, what the deployment does not allow, its tests."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from flows.errors import Severity
from flows.loader import LoadedFlow, check_file, open_flow
from flows.schema import Flow
from memory.edge import EdgeKnowledge
from orchestrator.actions.functions import Functions, load_functions
from orchestrator.actions.problems import problems
from orchestrator.flow_tests import Held, hold_tests
from orchestrator.settings import Settings
from orchestrator.wording import printable
from reasoner.whisper import TOKEN_BUDGET, leanest_prompt


def check(settings: Settings, name: str, console: Console) -> bool:
    """Tell all that is wrong with a flow. Whether it can be used.

    Raises:
        NoSuchFlow: there is no such flow.
        BadSettings: the settings name a function that is not there.
    """
    mistakes = check_file(name)
    for mistake in mistakes:
        _line(str(mistake), console)
    if any(mistake.severity is Severity.ERROR for mistake in mistakes):
        return False
    loaded = open_flow(name)
    too_long = list(_over_budget(loaded))
    for told in too_long:
        _line(told, console)
    functions = Functions(load_functions(settings.actions.functions))
    for told in problems(loaded.flow, settings.actions, functions):
        _line(f"{loaded.path}: warning: {told}", console)
    if not too_long:
        _line(f"{loaded.path}: in order", console)
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
    if not tests:
        _line(_no_tests(loaded.flow, only), console)
        return 1
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
    return 1 if failed else 0


def _no_tests(flow: Flow, only: str) -> str:
    if not flow.tests:
        return f"{flow.flow} has no tests; write some under `tests:`"
    return f"no test of {flow.flow} has `{only}` in its name; there are: {', '.join(flow.tests)}"


def _tell(held: Held, show: bool, console: Console) -> None:
    _line(f"{'passed' if held.passed else 'FAILED'}  {held.name}", console)
    if held.passed and not show:
        return
    for exchange in held.exchanges:
        if exchange.caller:
            _line(f"    caller: {exchange.caller}", console)
        if exchange.agent:
            _line(f"    agent:  {exchange.agent}", console)
        for wrong in exchange.wrong:
            _line(f"    -> {wrong}", console)
    for wrong in held.wrong:
        _line(f"    -> {wrong}", console)


def _line(text: str, console: Console) -> None:
    """A flow's own words do not steer the console."""
    console.print(Text(printable(text)), soft_wrap=True)
