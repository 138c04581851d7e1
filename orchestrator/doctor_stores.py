"""What the doctor asks of the stores: sessions in SQLite or Redis, knowledge embedded or on a Qdrant server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memory.errors import MemoryFailure
from orchestrator.doctor import Finding, State
from orchestrator.errors import BadSettings
from orchestrator.settings import Settings

_WITHIN_S = 5.0
_OLDEST_REDIS = (7, 0)


async def sessions(settings: Settings) -> Sequence[Finding]:
    """Where calls are kept, and whether they are safe there. Writes nothing."""
    if settings.data.store == "redis":
        return (await _redis(settings),)
    path = settings.data.database
    if not path.exists():
        return (Finding("sessions", State.OK, f"SQLite, to be made at {path}"),)
    from memory.sqlite import SqliteSessions

    try:
        store = await SqliteSessions.open(path)
        try:
            kept = await store.list(settings.tenant, limit=1)
        finally:
            await store.aclose()
    except MemoryFailure as failure:
        return (
            Finding(
                "sessions", State.MISSING, str(failure), "see to the file, or choose another data.folder"
            ),
        )
    last = f"last written {kept[0].updated_at:%Y-%m-%d %H:%M} UTC" if kept else "no calls yet"
    return (Finding("sessions", State.OK, f"SQLite at {path}, {path.stat().st_size / 1e6:.1f} MB, {last}"),)


async def _redis(settings: Settings) -> Finding:
    what, cure = "sessions", "start it, or see to data.redis_url"
    try:
        from memory.redis_link import RedisLink
    except ModuleNotFoundError:
        return Finding(what, State.MISSING, "the client for Redis is not installed", "pip install redis")
    try:
        link = await RedisLink.open(settings.data.redis_url, budget_s=_WITHIN_S)
        try:
            server = _facts(await link.command("INFO", "server"))
            kept = _facts(await link.command("INFO", "persistence"))
        finally:
            await link.aclose()
    except MemoryFailure as failure:
        return Finding(what, State.MISSING, str(failure), cure)
    version = str(server.get("redis_version", "of an unknown version"))
    says = f"{link.place}, version {version}"
    if _numbers(version) < _OLDEST_REDIS:
        return Finding(what, State.LOOK, says, "Souffleur is tested with Redis 7; update it")
    if not int(kept.get("aof_enabled", 0)):
        says += ", without an append-only file"
        return Finding(what, State.LOOK, says, "set `appendonly yes`, or what it holds is lost when it stops")
    return Finding(what, State.OK, f"{says}, append-only file")


async def secrets(settings: Settings) -> Sequence[Finding]:
    """Whether the keys and tokens that the settings name are there, and are some. None is told."""
    try:
        _ = settings.api.ticket_key, settings.telemetry.token
        keys = settings.privacy.keys
    except (BadSettings, MemoryFailure) as wrong:
        return (Finding("secrets", State.MISSING, str(wrong)),)
    if not keys.seals:
        cure = "make a key with `souffleur callers key`, and name its variable in privacy.keys_env"
        return (Finding("secrets", State.UNUSED, "nothing that is kept of callers is sealed", cure),)
    return (Finding("secrets", State.OK, f"what is kept of callers is sealed with the key {keys.newest}"),)


async def knowledge(settings: Settings) -> Sequence[Finding]:
    """Where passages are kept."""
    from orchestrator.knowledge import open_served

    chosen = settings.knowledge
    meaning = f"by words and by meaning ({chosen.embeddings})" if chosen.embeddings else "by words alone"
    if chosen.store != "qdrant":
        return (Finding("knowledge", State.OK, f"embedded, searched {meaning}"),)
    try:
        store = await open_served(chosen, None, _WITHIN_S)
        try:
            scopes = await store.scopes(settings.tenant)
        finally:
            await store.aclose()
    except (MemoryFailure, BadSettings) as failure:
        cure = "start it, or see to knowledge.url and knowledge.api_key_env"
        return (Finding("knowledge", State.MISSING, str(failure), cure),)
    passages = sum(scopes.values())
    return (
        Finding("knowledge", State.OK, f"Qdrant at {chosen.url}: {passages} passages, searched {meaning}"),
    )


def _facts(told: object) -> Mapping[str, Any]:
    """What INFO says; of a Cluster, one node's."""
    if not isinstance(told, Mapping):
        return {}
    inner = next(iter(told.values()), None)
    return inner if isinstance(inner, Mapping) else told


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
