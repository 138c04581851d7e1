"""Talk to a flow in text: at a prompt, or a JSON object a line for programs.

The lines are described in docs/chat-jsonl.md, and read and written by `orchestrator.jsonl`.
"""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date
from types import FrameType
from typing import Self, TextIO

import anyio

from flows.loader import open_flow
from flows.schema import Flow
from memory.edge import EdgeKnowledge
from memory.types import Passage
from orchestrator.actions.run import Actions, open_actions
from orchestrator.calls import DoAction, leave_it
from orchestrator.jsonl import LONGEST_LINE, BadLine, Given, JsonLines, Keys
from orchestrator.knowledge import learn, recall_of
from orchestrator.settings import Settings
from orchestrator.text_call import Answered, TextCall
from reasoner.events import ActionDone, ActionFailed, RunAction
from reasoner.ports import Ports, Search
from reasoner.reply import spoken
from reasoner.state import GoalState
from reasoner.types import SlotStatus
from reasoner.understand import ParserUnderstander

SILENCE_S = 6.0


async def chat(settings: Settings, flow: str, *, jsonl: bool) -> int:
    """Talk to `flow`, a file or a name in the library, on this process's input and output.

    Builds its parts itself: a call in text needs no speech system and works where there is none.

    Returns:
        The exit status: 0.

    Raises:
        FlowError: no such flow, or it has mistakes.
        MemoryFailure: its pages cannot be read or kept.
    """
    loaded = open_flow(flow)
    async with open_actions(settings.actions) as actions:
        runnable = Runnable(actions, loaded.flow)
        if not loaded.knowledge_dirs:
            await converse(loaded.flow, jsonl, sys.stdin, sys.stdout, actions=runnable)
            return 0
        knowledge = await EdgeKnowledge.open(language=loaded.flow.language)
        try:
            await learn(knowledge, settings.tenant, loaded)
            search = recall_of(knowledge, settings.tenant, loaded)
            await converse(loaded.flow, jsonl, sys.stdin, sys.stdout, search=search, actions=runnable)
        finally:
            with anyio.CancelScope(shield=True):
                await knowledge.aclose()
    return 0


class Runnable:
    """Carries out the actions that this deployment allows; of the others, whoever talks says what came of them."""

    def __init__(self, actions: Actions, flow: Flow) -> None:
        self._actions = actions
        self._flow = flow
        self._left = _not_allowed(actions, flow)

    async def __call__(self, effect: RunAction) -> ActionDone | ActionFailed | None:
        if effect.action in self._left:
            return None
        return await self._actions.run(self._flow, effect)


def _not_allowed(actions: Actions, flow: Flow) -> frozenset[str]:
    told = actions.problems(flow)
    return frozenset(n for n in flow.actions if any(one.startswith(f"actions.{n}.") for one in told))


async def no_pages(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> Sequence[Passage]:
    """The search of a flow without knowledge."""
    return ()


async def converse(
    flow: Flow,
    jsonl: bool,
    stdin: TextIO,
    stdout: TextIO,
    *,
    search: Search = no_pages,
    actions: DoAction = leave_it,
) -> GoalState:
    """Hold one call until it has its outcome or the input ends. Ctrl-C hangs up.

    Reads block: nothing else may need this event loop meanwhile.

    Args:
        jsonl: one JSON object a line, both ways; else a prompt.
        search: where the flow's pages are looked up.
        actions: carries out what the flow asks of other systems.

    Returns:
        The last state, with its outcome.
    """
    ports = Ports(flow=flow, understander=ParserUnderstander(), search=search)
    call = TextCall(ports, actions=actions, today=date.today().isoformat())
    if isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(errors="replace")
    show = JsonLines(stdout) if jsonl else _Prompt(stdout, flow)
    try:
        with _Lines(stdin) as lines:
            await _hold(call, lines, show)
    except (KeyboardInterrupt, BrokenPipeError):
        await call.hung_up()
    return call.state


async def _hold(call: TextCall, lines: _Lines, show: JsonLines | _Prompt) -> None:
    show.answered(await call.begin())
    while not call.is_over:
        show.prompt()
        line = lines.next()
        if not line:
            show.answered(await call.hung_up())
            break
        try:
            given = show.parse(line)
        except BadLine as bad:
            show.error(str(bad))
            continue
        show.answered(await _take(call, given))


async def _take(call: TextCall, given: Given) -> Answered:
    match given:
        case str():
            return await call.said(given)
        case Keys(pressed):
            return await call.keyed(pressed)
        case float():
            return await call.silent(given)
        case _:
            return await call.happened(given)


class _Lines:
    """The lines of an input, until its end or Ctrl-C.

    A read blocks the event loop, and Ctrl-C has to get through to it; a turn that is being thought is finished
    first. asyncio's own handler would do neither: it cancels a task that does not run.
    """

    def __init__(self, stdin: TextIO) -> None:
        self._stdin = stdin
        self._reading = False
        self._interrupted = False

    def __enter__(self) -> Self:
        self._here = threading.current_thread() is threading.main_thread()
        if self._here:
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._here:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True
        if self._reading:
            raise KeyboardInterrupt

    def next(self) -> str:
        """The next line with its end, "" at the end of the input. Of a line that is too long, its beginning.

        Raises:
            KeyboardInterrupt: Ctrl-C, now or since the last line.
        """
        self._reading = True
        try:
            if self._interrupted:
                raise KeyboardInterrupt
            line = rest = self._stdin.readline(LONGEST_LINE + 1)
            while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
                rest = self._stdin.readline(LONGEST_LINE + 1)
            return line
        finally:
            self._reading = False


class _Prompt:
    """For people."""

    def __init__(self, stdout: TextIO, flow: Flow) -> None:
        self._stdout = stdout
        self._flow = flow
        self._write(
            f"{flow.about}. Type what the caller says. An empty line is a silence; Ctrl-D hangs up.\n"
        )

    def prompt(self) -> None:
        self._write("\nyou> ")

    def parse(self, line: str) -> Given:
        if len(line) > LONGEST_LINE:
            raise BadLine(f"that is longer than {LONGEST_LINE} characters")
        return line.strip() or SILENCE_S

    def error(self, text: str) -> None:
        self._write(f"({text})\n")

    def answered(self, answered: Answered) -> None:
        if answered.agent:
            self._write(f"\n{self._flow.agent.name}: {answered.agent}\n")
        if answered.state.outcome is not None:
            self._write(f"\n{self._form(answered.state)}\noutcome: {answered.state.code}\n")

    def _form(self, state: GoalState) -> str:
        width = max((len(slot.label) for slot in self._flow.slots.values()), default=0)
        lines = []
        for name, slot in self._flow.slots.items():
            held = state.slots[name]
            said = spoken(slot, held.value, self._flow.language) or f"({held.status.value})"
            mark = "" if held.status is SlotStatus.CONFIRMED or held.value is None else "  (not confirmed)"
            lines.append(f"  {slot.label:<{width}}  {said}{mark}")
        return "\n".join(lines)

    def _write(self, text: str) -> None:
        self._stdout.write(text)
        self._stdout.flush()
