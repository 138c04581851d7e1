"""What of a flow a deployment does not allow, told before a call needs it. Reaches no other system."""

from __future__ import annotations

import string
from collections.abc import Iterator

from flows.action import Action, Http, Mcp
from flows.schema import Flow
from orchestrator.actions.allowed import (
    SECRET_PREFIX,
    ActionSettings,
    allowed,
    parse_address,
    secrets_in,
)
from orchestrator.actions.functions import KEY, Functions
from orchestrator.actions.request import OURS, PLACEHOLDER, TOKEN

_PLAIN = frozenset(string.printable) - frozenset("\r\n\t\x0b\x0c")


def problems(flow: Flow, settings: ActionSettings, functions: Functions) -> list[str]:
    """One sentence for each mistake: its place in the flow, what is wrong, and what to write where."""
    return [
        f"actions.{name}.{problem}"
        for name, action in flow.actions.items()
        for problem in _of_action(action, settings, functions)
    ]


def _of_action(action: Action, settings: ActionSettings, functions: Functions) -> Iterator[str]:
    if action.http is not None:
        yield from _of_http(action.http, tuple(action.with_), settings)
    elif action.mcp is not None:
        yield from _of_mcp(action.mcp, settings)
    elif action.python is not None:
        yield from _of_function(action.python, action, functions)
    else:
        yield "http: give the action one of http, mcp and python"


def _of_http(http: Http, arguments: tuple[str, ...], settings: ActionSettings) -> Iterator[str]:
    try:
        address = parse_address(http.url)
    except ValueError as mistake:
        yield f"http.url: `{http.url}` is no url that can be checked; {mistake}"
        return
    if allowed(settings.allowed_hosts, address) is None:
        entry = f"http://{address.host}:{address.port}" if address.scheme == "http" else str(address)
        yield (
            f"http.url: this deployment does not allow requests to {entry}; "
            f'add "{entry}" to actions.hosts in its settings, with "internal " before it where it lies in a '
            "private network"
        )
    yield from _of_placeholders("http.url", address.rest, arguments)
    for name, text in http.headers.items():
        place = f"http.headers.{name}"
        if not TOKEN.fullmatch(name) or name.lower() in OURS:
            yield f"{place}: a flow cannot set this header; leave it out"
        if not _PLAIN.issuperset(text):
            yield f"{place}: a header is one line of plain ASCII; write it so"
        yield from _of_placeholders(place, text, arguments)
        for secret in secrets_in(text):
            if secret not in settings.secrets:
                yield f"{place}: ${secret} is not set; set the environment variable {SECRET_PREFIX}{secret}"


def _of_placeholders(place: str, text: str, arguments: tuple[str, ...]) -> Iterator[str]:
    for name in PLACEHOLDER.findall(text):
        if name not in arguments:
            yield f"{place}: `{{{name}}}` is no argument; add `{name}` to the action's `with`"
    if set("{}") & set(PLACEHOLDER.sub("", text)):
        yield f"{place}: a brace stands alone; write `{{name}}` for an argument, %7B and %7D for braces"


def _of_mcp(mcp: Mcp, settings: ActionSettings) -> Iterator[str]:
    if mcp.server not in settings.mcp:
        yield (
            f"mcp.server: this deployment has no MCP server `{mcp.server}`; "
            f"add [actions.mcp.{mcp.server}] with a url or a command to its settings"
            + (f", or write one of {', '.join(settings.mcp)}" if settings.mcp else "")
        )


def _of_function(name: str, action: Action, functions: Functions) -> Iterator[str]:
    if name not in functions:
        yield (
            f'python: this deployment has no function `{name}`; add {name} = "package.module:function" to '
            "[actions.functions] in its settings"
        )
        return
    if misfit := functions.misfit(name, tuple(action.with_)):
        yield f"with: the function `{name}` cannot be called so: {misfit}"
    if action.effect == "write" and action.retries and not functions.takes_key(name):
        yield (
            f"retries: the function `{name}` cannot tell a second try from a second order; give it an argument "
            f"`{KEY}`, or leave `retries` out"
        )
