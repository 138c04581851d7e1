"""Where a Redis is: one server, one behind Sentinels, or a Cluster, told apart by the scheme of a URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from memory.errors import MemoryFailure

Kind = Literal["server", "sentinel", "cluster"]


_PORT = 6379
_SENTINEL_PORT = 26379
_SCHEMES: dict[str, tuple[Kind, bool]] = {
    "redis": ("server", False),
    "rediss": ("server", True),
    "unix": ("server", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}


class BadUrl(MemoryFailure):
    """A URL names no Redis."""


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """A Redis, and how to log in there.

    Attributes:
        hosts: of the server, the Sentinels, or some nodes of the Cluster.
        service: what the Sentinels call the server.
        path: of a Unix socket.
    """

    kind: Kind
    hosts: tuple[tuple[str, int], ...] = ()
    tls: bool = False
    database: int = 0
    service: str = ""
    path: str = ""
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """As an error may show it: without user and password."""
        where = self.path or ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"Redis at {where}{f' ({self.service})' if self.service else ''}"


def read_url(url: str) -> RedisPlace:
    """Read where a Redis is.

    Args:
        url: `redis://HOST:PORT/DB`, `unix:///run/redis.sock`, `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE?db=0`,
            `redis+cluster://HOST:PORT,HOST:PORT`; `rediss...` for TLS. May hold `USER:PASSWORD@`.

    Raises:
        BadUrl: it is none of these.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise BadUrl(
            f"{parts.scheme or 'this'}: is no address of a Redis; write redis://HOST:PORT/0, "
            "redis+sentinel://HOST:PORT/SERVICE or redis+cluster://HOST:PORT"
        )
    kind, tls = _SCHEMES[parts.scheme]
    login, _, where = parts.netloc.rpartition("@")
    user, _, told = login.partition(":")
    place = {"tls": tls, "user": unquote(user) or None, "password": unquote(told) or None}
    name = parts.path.strip("/")
    database = (
        parse_qs(parts.query).get("db") or [name if kind == "server" and parts.scheme != "unix" else ""]
    )[0]
    if not (database or "0").isdecimal():
        raise BadUrl(f"{database[:20]!r} is no number of a database; write redis://HOST:PORT/0")
    if parts.scheme == "unix":
        return RedisPlace(kind, path=parts.path, database=int(database or 0), **place)  # type: ignore[arg-type]
    if kind == "sentinel" and not name:
        raise BadUrl(
            "the Sentinels have to be told which server is meant; write redis+sentinel://HOST:PORT/SERVICE"
        )
    hosts = tuple(_host(each, _SENTINEL_PORT if kind == "sentinel" else _PORT) for each in where.split(","))
    return RedisPlace(
        kind,
        hosts,
        database=int(database or 0),
        service=name if kind == "sentinel" else "",
        **place,  # type: ignore[arg-type]
    )


def _host(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise BadUrl("no host in the address of the Redis; write redis://HOST:PORT/0")
    return host, port or default_port
