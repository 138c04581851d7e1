"""Call tickets: signed permissions to open one call, for callers that are not on this machine.

A back office asks for one (POST /api/v1/tickets) and gives it to a caller's page or telephony gateway. It is a JWT,
signed with HMAC; it names no caller.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta

import jwt

_ALGORITHM = "HS256"
_AUDIENCE = "souffleur-call"
_MOST_USED = 100_000


class Tickets:
    """Args:
    key: at least 32 random characters, the same on all servers that share callers; "" for one of this process.
    tenant: whose calls this server carries.
    """

    def __init__(self, key: str, tenant: str) -> None:
        self._key = key or secrets.token_urlsafe(32)
        self._tenant = tenant
        self._used: dict[str, float] = {}  # by id, until when it must be remembered

    def issue(self, flow: str | None, ttl_s: int) -> tuple[str, datetime]:
        """A ticket, and until when it is good. `flow`: None for any."""
        until = datetime.now(UTC) + timedelta(seconds=ttl_s)
        claims = {
            "aud": _AUDIENCE,
            "tenant": self._tenant,
            "flow": flow,
            "exp": int(until.timestamp()),
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, _ALGORITHM), until

    def accept(self, ticket: str, flow: str) -> bool:
        """Whether this call may be opened. Each ticket opens one call on this server."""
        try:
            claims = jwt.decode(
                ticket,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "aud", "jti"]},
            )
        except jwt.PyJWTError:
            return False
        now_s = datetime.now(UTC).timestamp()
        if claims.get("tenant") != self._tenant or claims.get("flow") not in (None, flow):
            return False
        if claims["jti"] in self._used or len(self._used) > _MOST_USED:
            return False
        self._used = {id: until_s for id, until_s in self._used.items() if until_s > now_s}
        self._used[claims["jti"]] = float(claims["exp"])
        return True
