"""Talk to a flow in text: at a prompt, or a JSON object a line for programs.

With `jsonl` each line read is `{"caller": "text"}` or `{"silence_s": 6}`, and each line written
`{"agent": "...", "state": {"slots": {...}, "step": "...", "outcome": null}, "effects": [...]}`; the first is the
greeting. A line that cannot be read gets `{"error": "..."}`, and the call goes on.
"""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from types import FrameType
from typing import Any, Self, TextIO

import anyio

from flows.loader import open_flow
from flows.schema import Flow
from memory.edge import EdgeKnowledge
from memory.pages import read_pages
from memory.types import Passage
from orchestrator.settings import Settings
from orchestrator.text_call import Answered, TextCall
from reasoner.ports import Ports, Search
from reasoner.recall import Recall
from reasoner.types import GoalState, SlotStatus
from reasoner.understand import ParserUnderstander
from reasoner.whisper import spoken

LONGEST_LINE = 16_000
SILENCE_S = 6.0
_LONGEST_SILENCE_S = 3600.0


class BadLine(ValueError):
    """A line of input that says nothing the call can use."""


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
    if loaded.knowledge_dir is None:
        await converse(loaded.flow, jsonl, sys.stdin, sys.stdout)
        return 0
    knowledge = await EdgeKnowledge.open(language=loaded.flow.language)
    try:
        scope = loaded.flow.flow
        await knowledge.put(settings.tenant, scope, read_pages(loaded.knowledge_dir))
        search = Recall(knowledge, settings.tenant, (scope,), language=loaded.flow.language)
        await converse(loaded.flow, jsonl, sys.stdin, sys.stdout, search=search)
    finally:
        with anyio.CancelScope(shield=True):
            await knowledge.aclose()
    return 0


async def no_pages(question: str, *, speculative: bool) -> Sequence[Passage]:
    """The search of a flow without knowledge."""
    return ()


async def converse(
    flow: Flow, jsonl: bool, stdin: TextIO, stdout: TextIO, *, search: Search = no_pages
) -> GoalState:
    """Hold one call until it has its outcome or the input ends. Ctrl-C hangs up.

    Reads block: nothing else may need this event loop meanwhile.

    Args:
        jsonl: one JSON object a line, both ways; else a prompt.
        search: where the flow's pages are looked up.

    Returns:
        The last state, with its outcome.
    """
    call = TextCall(Ports(flow=flow, understander=ParserUnderstander(), search=search))
    if isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(errors="replace")
    show = _JsonLines(stdout) if jsonl else _Prompt(stdout, flow)
    try:
        with _Lines(stdin) as lines:
            await _hold(call, lines, show)
    except (KeyboardInterrupt, BrokenPipeError):
        call.hung_up()
    return call.state


async def _hold(call: TextCall, lines: _Lines, show: _JsonLines | _Prompt) -> None:
    show.answered(call.begin())
    while not call.is_over:
        show.prompt()
        line = lines.next()
        if not line:
            show.answered(call.hung_up())
            break
        try:
            given = show.parse(line)
        except BadLine as bad:
            show.error(str(bad))
            continue
        answered = await call.said(given) if isinstance(given, str) else call.silent(given)
        show.answered(answered)


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


class _JsonLines:
    """One JSON object a line."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def prompt(self) -> None:
        return None

    def parse(self, line: str) -> str | float:
        """What the caller said, or for how many seconds nothing.

        Raises:
            BadLine: anything else.
        """
        if len(line) > LONGEST_LINE:
            raise BadLine(f"the line is longer than {LONGEST_LINE} characters")
        try:
            given = json.loads(line)
        except (ValueError, RecursionError) as trouble:
            raise BadLine(f"the line is not JSON: {trouble}") from None
        match given:
            case {"caller": str(text)} if len(given) == 1:
                return text.encode(errors="replace").decode()  # JSON can hold halves of characters
            case {"silence_s": int() | float() as seconds} if len(given) == 1 and seconds is not True:
                if 0 < seconds <= _LONGEST_SILENCE_S:
                    return float(seconds)
                raise BadLine(
                    f"silence_s is {seconds}; give seconds, more than 0 and at most {_LONGEST_SILENCE_S:g}"
                )
            case _:
                raise BadLine('write {"caller": "what is said"} or {"silence_s": 6}, and nothing beside it')

    def error(self, text: str) -> None:
        self._write({"error": text})

    def answered(self, answered: Answered) -> None:
        self._write(
            {
                "agent": answered.agent,
                "state": view(answered.state),
                "effects": [asdict(effect) for effect in answered.effects],
            }
        )

    def _write(self, given: dict[str, Any]) -> None:
        self._stdout.write(json.dumps(given, ensure_ascii=False) + "\n")
        self._stdout.flush()


def view(state: GoalState) -> dict[str, Any]:
    """A state as programs see it: slots with their values, the step, the outcome."""
    waiting, slots = state.pending.waiting, state.pending.slots
    return {
        "slots": {
            name: {
                "value": slot.value,
                "confirmed": slot.status is SlotStatus.CONFIRMED,
                "status": slot.status.value,
            }
            for name, slot in state.slots.items()
        },
        "step": "done" if state.outcome else f"{waiting.value}:{'+'.join(slots)}" if slots else waiting.value,
        "outcome": state.outcome.value if state.outcome else None,
    }


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

    def parse(self, line: str) -> str | float:
        if len(line) > LONGEST_LINE:
            raise BadLine(f"that is longer than {LONGEST_LINE} characters")
        return line.strip() or SILENCE_S

    def error(self, text: str) -> None:
        self._write(f"({text})\n")

    def answered(self, answered: Answered) -> None:
        if answered.agent:
            self._write(f"\n{self._flow.agent.name}: {answered.agent}\n")
        if answered.state.outcome is not None:
            self._write(f"\n{self._form(answered.state)}\noutcome: {answered.state.outcome.value}\n")

    def _form(self, state: GoalState) -> str:
        width = max(len(slot.label) for slot in self._flow.slots.values())
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
