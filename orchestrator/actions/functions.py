"""Python functions that a deployment registered, by name."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import anyio

from orchestrator.actions.answer import CameToNothing, as_result
from orchestrator.errors import BadSettings
from orchestrator.telemetry import Happened, log
from reasoner.events import Failure

KEY = "idempotency_key"
"""A function that takes an argument of this name is given the key, and so may be tried again."""
_THREADS_EACH = 4  # of a function that blocks, so that one that hangs does not stop the others

Function = Callable[..., Any]


class Refused(Exception):
    """For a registered function to raise: the answer is no, and asking again would not help."""


class Functions:
    """What may be called, and calls it: `async` functions where they are, others in a thread."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = dict(functions)
        self._threads = {name: anyio.CapacityLimiter(_THREADS_EACH) for name in functions}

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    def takes_key(self, name: str) -> bool:
        return name in self._functions and KEY in _parameters(self._functions[name])

    def misfit(self, name: str, arguments: tuple[str, ...]) -> str:
        """Why a function cannot be called with arguments of these names, "" where it can."""
        given = dict.fromkeys((*arguments, *([KEY] if self.takes_key(name) else [])))
        try:
            inspect.signature(self._functions[name]).bind(**given)
        except TypeError as misfit:
            return str(misfit)
        except ValueError:  # a builtin without a signature
            return ""
        return ""

    async def call(
        self, name: str, arguments: Mapping[str, Any], key: str, most_bytes: int
    ) -> dict[str, Any]:
        """Call a function, once.

        Raises:
            CameToNothing: it is not registered, raised, or gave what is no JSON.
        """
        function = self._functions.get(name)
        if function is None:
            raise CameToNothing(Failure.FAILED, "the function is not registered", sent=False)
        given = dict(arguments) | ({KEY: key} if self.takes_key(name) else {})
        try:
            if inspect.iscoroutinefunction(function):
                result = await function(**given)
            else:
                result = await _in_a_thread(lambda: function(**given), self._threads[name])
                if inspect.isawaitable(result):
                    result = await result
        except Refused:
            raise CameToNothing(Failure.REFUSED, "the function said no") from None
        except (Exception, SystemExit):  # somebody else's code: whatever it raises, the call goes on
            log(Happened.ACCIDENT, part=name, exc_info=True)
            raise CameToNothing(Failure.FAILED, "the function raised", again=True) from None
        return {} if result is None else as_result(result, most_bytes)


async def _in_a_thread(call: Callable[[], Any], threads: anyio.CapacityLimiter) -> Any:
    """Call it in a thread of its own, that a call which ends leaves behind.

    The thread keeps its place in `threads` until it really ends, and does not keep the process from ending: both
    are more than a thread pool promises.
    """
    borrower = object()
    await threads.acquire_on_behalf_of(borrower)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def finish(result: Any, raised: BaseException | None) -> None:
        threads.release_on_behalf_of(borrower)
        if not done.done():
            done.set_result((result, raised))

    def work() -> None:
        result, raised = None, None
        try:
            result = call()
        except BaseException as error:  # raised again where it is waited for
            raised = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, result, raised)

    threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
    result, raised = await done
    if raised is not None:
        raise raised
    return result


def load_functions(entries: Mapping[str, str]) -> dict[str, Function]:
    """Import what `actions.functions` lists.

    Raises:
        BadSettings: there is no such module or function; names all of them.
    """
    loaded: dict[str, Function] = {}
    mistakes = []
    for name, entry in entries.items():
        module, _, path = entry.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as missing:
            mistakes.append(
                f"actions.functions.{name}: {entry} cannot be imported ({missing}); is it installed?"
            )
            continue
        if callable(found):
            loaded[name] = found
        else:
            mistakes.append(f"actions.functions.{name}: {entry} is no function")
    if mistakes:
        raise BadSettings("\n".join(mistakes))
    return loaded


def _parameters(function: Function) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
