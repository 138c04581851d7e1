"""Carries out what flows ask of other systems, with the tries and time limits that the flow gives."""

from __future__ import annotations

import random
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import TaskGroup

from flows.action import Action
from flows.schema import Flow
from orchestrator.actions.allowed import SECRET_PREFIX, ActionSettings, UnknownSecret
from orchestrator.actions.answer import CameToNothing, as_arguments
from orchestrator.actions.functions import Function, Functions, load_functions
from orchestrator.actions.http import send
from orchestrator.actions.mcp_server import ServerOfTools
from orchestrator.actions.mcp_transport import transport_to
from orchestrator.actions.network import ListedHosts, Resolve, resolve
from orchestrator.actions.problems import problems
from orchestrator.actions.request import make_request
from orchestrator.errors import BadSettings
from orchestrator.telemetry import Happened, log
from reasoner.events import ActionDone, ActionFailed, Failure, RunAction

FIRST_PAUSE_S = 0.2  # before the second try; twice as long before each further one
MOST_PAUSE_S = 2.0

Pause = Callable[[int], float]


def jittered(tries: int) -> float:
    """Seconds to wait after so many tries. Random, so that many calls do not come back at the same moment."""
    return random.uniform(0.5, 1.5) * min(MOST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (tries - 1))


@dataclass(slots=True)
class _Write:
    """A write under way. It goes on when nobody waits for it any more."""

    done: anyio.Event = field(default_factory=anyio.Event)
    event: ActionDone | ActionFailed | None = None


class Actions:
    """Carries out what flows ask of other systems. Made by `open_actions`; one for all calls."""

    def __init__(
        self,
        settings: ActionSettings,
        functions: Functions,
        hosts: ListedHosts,
        servers: Mapping[str, ServerOfTools],
        tasks: TaskGroup,
        pause: Pause,
    ) -> None:
        self._settings = settings
        self._functions = functions
        self._hosts = hosts
        self._servers = servers
        self._tasks = tasks
        self._pause = pause
        self._slots = anyio.CapacityLimiter(settings.at_once)
        self._most_bytes = settings.reply_kb * 1024
        self.stopping = False

    async def run(self, flow: Flow, effect: RunAction) -> ActionDone | ActionFailed:
        """Carry an action out.

        Takes at most `timeout_s` for each try and `MOST_PAUSE_S` * 1.5 between two. Cancelling this ends a read; a
        write goes on to its end, and only its answer is lost. The event's `at_s` is for the caller of this to set.
        """
        action = flow.actions.get(effect.action)
        if action is None:
            nothing = CameToNothing(Failure.FAILED, "the flow has no such action")
            return self._failed(flow, effect, nothing, 0, 0)
        if action.effect == "read":
            return await self._carry_out(flow, action, effect)
        write = _Write()
        self._tasks.start_soon(self._write, flow, action, effect, write)
        await write.done.wait()
        assert write.event is not None
        return write.event

    def problems(self, flow: Flow) -> list[str]:
        """What of a flow this deployment does not allow, each with its place and cure. Empty: it can be run."""
        return problems(flow, self._settings, self._functions)

    async def _write(self, flow: Flow, action: Action, effect: RunAction, write: _Write) -> None:
        # Bounded: each try has its time limit, and stopping ends the tries.
        with anyio.CancelScope(shield=True):
            write.event = await self._carry_out(flow, action, effect)
        write.done.set()

    async def _carry_out(self, flow: Flow, action: Action, effect: RunAction) -> ActionDone | ActionFailed:
        began = anyio.current_time()
        tries = 1
        while True:
            try:
                result = await self._within(action, effect)
                break
            except CameToNothing as nothing:
                if tries > action.retries or not self._may_repeat(action, nothing):
                    return self._failed(flow, effect, nothing, tries, anyio.current_time() - began)
                await anyio.sleep(self._pause(tries))
                if self.stopping:
                    return self._failed(flow, effect, nothing, tries, anyio.current_time() - began)
            tries += 1
        took_ms = round((anyio.current_time() - began) * 1000, 1)
        log(Happened.ACTION_DONE, flow=flow.flow, action=effect.action, tries=tries, took_ms=took_ms)
        return ActionDone(effect.id, result)

    async def _within(self, action: Action, effect: RunAction) -> dict[str, Any]:
        """One try, waiting for its turn included."""
        with anyio.move_on_after(action.timeout_s):
            async with self._slots:
                try:
                    return await self._try(action, effect)
                except CameToNothing:
                    raise
                except Exception:  # whatever a library does to an answer that lies, the call goes on
                    log(Happened.ACCIDENT, action=effect.action, exc_info=True)
                    raise CameToNothing(Failure.FAILED, "an accident of ours") from None
        raise CameToNothing(Failure.TIMEOUT, "no answer in time", again=True)

    async def _try(self, action: Action, effect: RunAction) -> dict[str, Any]:
        arguments = as_arguments(effect.arguments, self._most_bytes)
        key = effect.id if action.effect == "write" else ""
        if action.http is not None:
            request = make_request(action.http, arguments, self._settings.secrets, key)
            return await send(self._hosts, request, action.timeout_s, self._most_bytes)
        if action.mcp is not None:
            server = self._servers.get(action.mcp.server)
            if server is None:
                raise CameToNothing(Failure.FAILED, "the MCP server is not listed", sent=False)
            return await server.call(action.mcp.tool, arguments, key, self._most_bytes)
        if action.python is not None:
            return await self._functions.call(action.python, arguments, effect.id, self._most_bytes)
        raise CameToNothing(Failure.FAILED, "the action says neither http, mcp nor python", sent=False)

    def _may_repeat(self, action: Action, nothing: CameToNothing) -> bool:
        """A write only where the other side can tell that it is the same one, or has not seen it."""
        if not nothing.again or action.effect == "read" or not nothing.sent:
            return nothing.again
        if action.mcp is not None:
            return self._servers[action.mcp.server].may_repeat(action.mcp.tool)
        return action.http is not None or self._functions.takes_key(action.python or "")

    def _failed(
        self, flow: Flow, effect: RunAction, nothing: CameToNothing, tries: int, took_s: float
    ) -> ActionFailed:
        log(
            Happened.ACTION_FAILED,
            flow=flow.flow,
            action=effect.action,
            outcome=nothing.failure.value,
            why=nothing.why,
            code=nothing.code,
            tries=tries,
            took_ms=round(took_s * 1000, 1),
        )
        return ActionFailed(effect.id, nothing.failure)


@asynccontextmanager
async def open_actions(
    settings: ActionSettings,
    functions: Mapping[str, Function] | None = None,
    *,
    resolve: Resolve = resolve,
    pause: Pause = jittered,
) -> AsyncIterator[Actions]:
    """Have actions carried out until the end of the block; then writes under way are waited for.

    Args:
        functions: Python functions beside those of the settings, by the name that flows use.
        resolve, pause: for tests.

    Raises:
        BadSettings: the settings name a function or a file that is not there, or a secret that is not set.
    """
    registered = Functions({**load_functions(settings.functions), **(functions or {})})
    tls = _tls(settings)
    hosts = ListedHosts(settings.allowed_hosts, tls, settings.connect_s, settings.reply_kb * 1024, resolve)
    openers = {}
    for name, server in settings.mcp.items():
        try:
            openers[name] = transport_to(server, settings, tls, resolve)
        except UnknownSecret as missing:
            raise BadSettings(_missing_secret(name, missing)) from None
    try:
        async with anyio.create_task_group() as sessions:
            servers = {
                name: ServerOfTools(name, opener, settings.mcp_start_s, sessions)
                for name, opener in openers.items()
            }
            try:
                async with anyio.create_task_group() as writes:
                    actions = Actions(settings, registered, hosts, servers, writes, pause)
                    try:
                        yield actions
                    finally:
                        actions.stopping = True
            finally:
                for each in servers.values():
                    each.close()
    finally:
        with anyio.CancelScope(shield=True):
            await hosts.aclose()


def _tls(settings: ActionSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file:
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError):
            raise BadSettings(
                f"actions.ca_file: {settings.ca_file} is no readable PEM file of certificates"
            ) from None
    return context


def _missing_secret(server: str, missing: UnknownSecret) -> str:
    return f"actions.mcp.{server}: ${missing.args[0]} is not set; set {SECRET_PREFIX}{missing.args[0]}"
