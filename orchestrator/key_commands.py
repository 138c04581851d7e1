"""`souffleur keys` and `souffleur init`: who may use the admin API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.command import BAD_INPUT, Config, plainly, run, settings_for

if TYPE_CHECKING:
    from memory.admin import ApiKey
    from memory.admin_ports import AuditLog, KeyStore
    from orchestrator.settings import Settings

keys = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make, list, rotate and revoke keys of the admin API."
)

Days = Annotated[
    int | None, typer.Option(min=1, max=3650, metavar="N", help="It expires after so many days; else never.")
]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="As `souffleur keys list` prints it.")]
Tenant = Annotated[str | None, typer.Option(metavar="NAME", help="Of which tenant; else the settings'.")]


@keys.command("add")
def add(
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="viewer, operator, supervisor or admin.")
    ] = "viewer",
    note: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    days: Days = None,
    tenant: Tenant = None,
    config: Config = None,
) -> None:
    """Make a key and print it: this once, for only its hash is kept.

    \b
    Examples:
      souffleur keys add --role operator --note "night shift" --days 90
    """
    with plainly():
        from orchestrator.api.roles import ROLE_NAMES

        if role not in ROLE_NAMES:
            raise typer.BadParameter(f"choose {', '.join(ROLE_NAMES)}", param_hint="--role")
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            async with _stores(settings) as (store, audit):
                made, key = await make(store, tenant or settings.tenant, role, note, days)
                await _note(audit, made, "add_key")
            typer.echo(key)
            typer.echo(f"key {made.id}, {role} of {made.tenant}; it is not shown again", err=True)
            return 0

        run(work)


@keys.command("list")
def list_keys(config: Config = None) -> None:
    """List all keys, without the keys.

    \b
    Examples:
      souffleur keys list
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            async with _stores(settings) as (store, _audit):
                found = await store.list()
            for key in found:
                until = key.expires_at.strftime("%Y-%m-%d %H:%M UTC") if key.expires_at else "never"
                standing = "revoked" if key.revoked_at else f"expires {until}"
                typer.echo(f"{key.id}  {key.tenant:<12} {key.role:<10} {standing:<30} {key.note}".rstrip())
            if not found:
                typer.echo("There are no keys; souffleur init makes the first one.")
            return 0

        run(work)


@keys.command("rotate")
def rotate(
    id: KeyId,
    overlap_minutes: Annotated[
        int,
        typer.Option(min=0, max=60 * 24 * 30, metavar="N", help="The old one is good for so much longer."),
    ] = 60,
    days: Days = None,
    tenant: Tenant = None,
    config: Config = None,
) -> None:
    """Make a key that may do what another may, and have that one expire.

    \b
    Examples:
      souffleur keys rotate 1f2e3d4c5b6a --overlap-minutes 1440
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from datetime import UTC, datetime, timedelta

            async with _stores(settings) as (store, audit):
                old = await _known(store, tenant or settings.tenant, id)
                made, key = await make(store, old.tenant, old.role, old.note, days)
                until = datetime.now(UTC) + timedelta(minutes=overlap_minutes)
                await store.change(old.tenant, old.id, expires_at=until)
                await _note(audit, made, "add_key")
                await _note(audit, old, "rotate_key")
            typer.echo(key)
            typer.echo(
                f"key {made.id} takes the place of {id}, which is good for {overlap_minutes} min", err=True
            )
            return 0

        run(work)


@keys.command("revoke")
def revoke(id: KeyId, tenant: Tenant = None, config: Config = None) -> None:
    """Have a key open nothing from now on, for good.

    \b
    Examples:
      souffleur keys revoke 1f2e3d4c5b6a
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from datetime import UTC, datetime

            async with _stores(settings) as (store, audit):
                key = await store.change(tenant or settings.tenant, id, revoked_at=datetime.now(UTC))
                await _note(audit, key, "revoke_key")
            typer.echo(f"key {id} opens nothing any more")
            return 0

        run(work)


def init(
    file: Annotated[
        Path, typer.Option(metavar="FILE", help="The settings file to write, where there is none.")
    ] = Path("souffleur.toml"),
) -> None:
    """Begin: write a settings file, and show the first key once.

    \b
    Examples:
      souffleur init
    """
    with plainly():
        from orchestrator.callfile import write_whole
        from orchestrator.first_settings import FIRST_SETTINGS

        if file.exists():
            typer.echo(f"{file}: is there already, and stays as it is")
        else:
            write_whole(FIRST_SETTINGS.encode(), file)
            typer.echo(f"{file}: written")
        settings = settings_for(file, {}, quiet=True)

        async def work() -> int:
            async with _stores(settings) as (store, audit):
                if any(key.tenant == settings.tenant for key in await store.list()):
                    typer.echo(
                        "There are keys already; see souffleur keys list, and make more with souffleur keys add.",
                        err=True,
                    )
                    return BAD_INPUT
                made, key = await make(store, settings.tenant, "admin", "the first key", None)
                await _note(audit, made, "add_key")
            typer.echo("The first key, an admin's. It is not shown again:")
            typer.echo(key)
            return 0

        run(work)


# --- behind the commands -------------------------------------------------------------------------------------


async def make(store: KeyStore, tenant: str, role: str, note: str, days: int | None) -> tuple[ApiKey, str]:
    """A new key, as it is kept and as it is sent."""
    from datetime import UTC, datetime, timedelta

    from memory.admin import ApiKey
    from memory.keys import hash_of, new_key

    key, id = new_key()
    now = datetime.now(UTC)
    kept = ApiKey(
        id=id,
        tenant=tenant,
        hash=hash_of(key),
        role=role,
        note=note[:200],
        created_at=now,
        expires_at=now + timedelta(days=days) if days is not None else None,
    )
    await store.add(kept)
    return kept, key


async def _known(store: KeyStore, tenant: str, id: str) -> ApiKey:
    from memory.errors import NotFound

    for key in await store.list(tenant):
        if key.id == id and key.revoked_at is None:
            return key
    raise NotFound(f"there is no good key {id} of tenant {tenant}; see souffleur keys list")


async def _note(audit: AuditLog, key: ApiKey, action: str) -> None:
    from datetime import UTC, datetime

    from memory.admin import AuditEntry

    await audit.append(AuditEntry(key.tenant, datetime.now(UTC), "cli", "admin", action, key.id, True))


@asynccontextmanager
async def _stores(settings: Settings) -> AsyncIterator[tuple[KeyStore, AuditLog]]:
    from orchestrator.stores import open_admin

    settings.data.folder.mkdir(parents=True, exist_ok=True)
    opened = await open_admin(settings)
    try:
        yield opened[0], opened[1]
    finally:
        for store in opened:
            await store.aclose()
