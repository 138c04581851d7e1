"""`souffleur admin`: the admin API of a running server, from a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.command import plainly, run
from orchestrator.session_options import CallerOption, Since, State, Until, local

if TYPE_CHECKING:
    from orchestrator.client import AdminClient

admin = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look after a running server by its admin API. SOUFFLEUR_ADMIN_KEY holds the key.",
)

Url = Annotated[
    str, typer.Option(metavar="URL", envvar="SOUFFLEUR_ADMIN_URL", help="Of the server, without a path.")
]
Key = Annotated[
    str, typer.Option(metavar="KEY", envvar="SOUFFLEUR_ADMIN_KEY", help="Better in the environment.")
]
HERE = "http://127.0.0.1:8420"
CallArgument = Annotated[str, typer.Argument(metavar="CALL", help="The id of a call.")]


def _do(url: str, key: str, work: Callable[[AdminClient], Awaitable[Any]]) -> None:
    """Ask one thing and print what comes back: JSON, for people and programs."""
    with plainly():
        from pydantic import BaseModel

        from orchestrator.client import AdminClient

        if not key:
            raise typer.BadParameter("put a key there", param_hint="SOUFFLEUR_ADMIN_KEY")

        async def ask() -> int:
            async with AdminClient(url, key) as client:
                found = await work(client)
            for item in found if isinstance(found, tuple) else (found,):
                if isinstance(item, BaseModel):
                    indent = None if isinstance(found, tuple) else 2
                    typer.echo(json.dumps(item.model_dump(mode="json"), ensure_ascii=False, indent=indent))
            return 0

        run(ask)


@admin.command("sessions")
def sessions(
    flow: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this flow.")] = None,
    outcome: Annotated[str | None, typer.Option(metavar="OUTCOME", help="Only those that ended so.")] = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
    caller: CallerOption = None,
    limit: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="The newest so many.")] = 20,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """List calls, newest first, one JSON object a line."""

    async def work(client: AdminClient) -> Any:
        from orchestrator.api.call_shapes import Standing

        page = await client.session_page(
            flow=flow,
            outcome=outcome,
            state=Standing(state) if state else None,
            since=local(since),
            until=local(until),
            caller=caller,
            limit=limit,
        )
        return page.items

    _do(url, key, work)


@admin.command("show")
def show(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Show where a call stands."""
    _do(url, key, lambda client: client.session(call))


@admin.command("transcript")
def transcript(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Show what was said in a call."""
    _do(url, key, lambda client: client.transcript(call))


@admin.command("memory")
def memory(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Show what a call holds: slots, notes, gates."""
    _do(url, key, lambda client: client.memory(call))


@admin.command("set")
def set_slot(
    call: CallArgument,
    slot: Annotated[str, typer.Argument(metavar="SLOT")],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="As JSON where it is JSON (true, 3, null), else as text.")
    ],
    past_gates: Annotated[
        bool, typer.Option("--past-gates", help="Even what proves who is calling.")
    ] = False,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Correct a value of a call, unless it changes meanwhile."""

    async def work(client: AdminClient) -> Any:
        now = await client.memory(call)
        return await client.patch_memory(
            call, now.revision, slots={slot: _value(value)}, past_gates=past_gates
        )

    _do(url, key, work)


@admin.command("replay")
def replay(
    call: CallArgument,
    flow: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another flow than the call's own.")
    ] = None,
    version: Annotated[int | None, typer.Option(metavar="N", help="An uploaded version.")] = None,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Replay a call through the flow that led it, or another."""
    _do(url, key, lambda client: client.replay(call, flow=flow, version=version))


@admin.command("export")
def export(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Print all that is kept of a call."""
    _do(url, key, lambda client: client.export(call))


@admin.command("delete")
def delete(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Remove a call that is over."""
    _do(url, key, lambda client: client.delete(call))


@admin.command("live")
def live(url: Url = HERE, key: Key = "") -> None:
    """List the calls that go on now, one JSON object a line."""
    _do(url, key, lambda client: client.live())


@admin.command("follow")
def follow(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Follow a call, one JSON object a line, until it is over."""

    async def work(client: AdminClient) -> Any:
        from orchestrator.recording import dump_moment

        async for moment in client.follow(call):
            typer.echo(dump_moment(moment).decode())

    _do(url, key, work)


@admin.command("whisper")
def whisper(
    call: CallArgument, text: Annotated[str, typer.Argument(metavar="TEXT")], url: Url = HERE, key: Key = ""
) -> None:
    """Let the agent know something, for its replies."""
    _do(url, key, lambda client: client.whisper(call, text))


@admin.command("say")
def say(
    call: CallArgument, text: Annotated[str, typer.Argument(metavar="TEXT")], url: Url = HERE, key: Key = ""
) -> None:
    """Have the agent say exactly this."""
    _do(url, key, lambda client: client.say(call, text))


@admin.command("step")
def step(
    call: CallArgument,
    name: Annotated[str, typer.Argument(metavar="STEP")],
    past_gates: Annotated[
        bool, typer.Option("--past-gates", help="Gates that it needs count as passed.")
    ] = False,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Have a call go on at a step."""
    _do(url, key, lambda client: client.force_step(call, name, past_gates=past_gates))


@admin.command("handover")
def handover(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """Hand a call to a person."""
    _do(url, key, lambda client: client.hand_over(call))


@admin.command("hangup")
def hangup(call: CallArgument, url: Url = HERE, key: Key = "") -> None:
    """End a call now."""
    _do(url, key, lambda client: client.hang_up(call))


@admin.command("flows")
def flows(url: Url = HERE, key: Key = "") -> None:
    """List the flows that callers can reach."""
    _do(url, key, lambda client: client.flows())


@admin.command("upload")
def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A flow file, or - for standard input.")],
    activate: Annotated[bool, typer.Option("--activate", help="New calls follow it at once.")] = False,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Upload another version of a flow."""
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")

    async def work(client: AdminClient) -> Any:
        kept = await client.upload_flow(text)
        if activate:
            await client.activate_flow(kept.version.name, kept.version.number)
        return kept

    _do(url, key, work)


@admin.command("rollback")
def rollback(flow: Annotated[str, typer.Argument(metavar="FLOW")], url: Url = HERE, key: Key = "") -> None:
    """Go back to the version of a flow before the active one."""
    _do(url, key, lambda client: client.roll_back_flow(flow))


@admin.command("capacity")
def capacity(url: Url = HERE, key: Key = "") -> None:
    """Show the seats of a server, and whether it is late."""
    _do(url, key, lambda client: client.capacity())


@admin.command("audit")
def audit(
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The newest so many.")] = 20,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Show who read or changed what, one JSON object a line."""

    async def work(client: AdminClient) -> Any:
        return (await client.audit(limit=limit)).items

    _do(url, key, work)


@admin.command("ticket")
def ticket(
    flow: Annotated[str | None, typer.Option(metavar="NAME", help="For this flow only.")] = None,
    ttl_s: Annotated[int, typer.Option(min=10, max=3600, metavar="S", help="How long it may be used.")] = 300,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Make a ticket that opens one call."""
    _do(url, key, lambda client: client.ticket(flow, ttl_s=ttl_s))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
