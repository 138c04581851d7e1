"""Who is let in to the API, how often, and with how much. Outermost: nobody unknown reaches a route."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memory.admin_ports import KeyStore
from memory.errors import MemoryFailure, StoreLost
from memory.keys import PREFIX, hash_of
from orchestrator.api.oidc import BadToken, Issuer, IssuerLost
from orchestrator.api.problems import MEDIA_TYPE, Kind, Problem, problem_of
from orchestrator.api.rates import Rates
from orchestrator.api.roles import Principal, role_named
from orchestrator.api.settings import ApiSettings
from orchestrator.telemetry import Happened, log

OPEN_PATHS = frozenset({"/health", "/ready", "/version", "/openapi.json"})
"""For whoever can reach the server: they tell nothing of any tenant."""
_UPLOADS = ("/knowledge/", "/flows")
_LONGEST_CREDENTIAL = 8192
_WHO_ARE_YOU = {"WWW-Authenticate": 'Bearer realm="souffleur"'}


class Door:
    """ASGI middleware. What it lets in has `scope["state"]["principal"]`.

    Args:
        issuer: of tokens; None where the deployment has none.
    """

    def __init__(self, app: ASGIApp, *, settings: ApiSettings, keys: KeyStore, issuer: Issuer | None) -> None:
        self._app = app
        self._settings = settings
        self._keys = keys
        self._issuer = issuer
        self._rates = Rates(settings.requests_per_minute / 60, settings.burst)
        self._strangers = Rates(settings.requests_per_minute / 60, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = replaced = False

        async def note(message: Message) -> None:
            nonlocal started, replaced
            if message["type"] == "http.response.start":
                started = True
                if problem := _plain_error(message):  # of a part that knows no problem documents
                    replaced = True
                    await problem.response()(scope, receive, send)
            if not replaced:
                await send(message)

        try:
            headers = Headers(scope=scope)
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            if path not in OPEN_PATHS:
                scope.setdefault("state", {})["principal"] = await self._let_in(scope, headers)
            await self._app(scope, _bounded(receive, headers, self._most_bytes(path)), note)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:
            # Whatever it is: the caller gets a problem document, and a fault is logged with its traceback.
            problem = problem_of(error)
            if problem.kind is Kind.FAULT:
                log(Happened.ACCIDENT, part="api", exc_info=True)
            if not started:
                await problem.response()(scope, receive, send)

    async def _let_in(self, scope: Scope, headers: Headers) -> Principal:
        address = (scope.get("client") or ("",))[0]
        now_s = time.monotonic()
        try:
            principal = await self._who(headers.get("authorization", ""))
        except Problem as refused:
            if refused.kind is not Kind.UNKNOWN:
                raise
            log(Happened.REQUEST_REFUSED, why="unauthorized")
            # Only those who fail are slowed by their address: behind a proxy it may be everybody's.
            if wait_s := self._strangers.take(address, now_s):
                raise _too_many(wait_s) from None
            raise
        wait_s = self._rates.take(f"{principal.tenant}\n{principal.who}", now_s)
        if wait_s:
            raise _too_many(wait_s)
        return principal

    async def _who(self, authorization: str) -> Principal:
        scheme, _, credential = authorization.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise _unknown("send `Authorization: Bearer KEY`; `souffleur init` prints the first key")
        if len(credential) > _LONGEST_CREDENTIAL or not credential.isascii():
            raise _unknown("this is neither a key nor a token")
        if credential.startswith(PREFIX):
            return await self._of_key(credential)
        if self._issuer is None:
            raise _unknown("this is no key of this server, and it takes no tokens (api.issuer)")
        try:
            return await self._issuer.principal(credential)
        except BadToken as bad:
            raise _unknown(str(bad)) from None
        except IssuerLost as lost:
            raise Problem(Kind.UNAVAILABLE, str(lost), headers={"Retry-After": "5"}) from lost

    async def _of_key(self, credential: str) -> Principal:
        try:
            key = await self._keys.find(hash_of(credential))
        except StoreLost as lost:
            raise Problem(
                Kind.UNAVAILABLE, "keys cannot be looked up now", headers={"Retry-After": "2"}
            ) from lost
        except MemoryFailure as failed:
            raise Problem(Kind.UNAVAILABLE, "keys cannot be looked up") from failed
        role = role_named(key.role) if key is not None else None
        if key is None or role is None:
            raise _unknown("there is no such key")
        if key.revoked_at is not None:
            raise _unknown("this key was revoked")
        if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
            raise _unknown("this key has expired; make another with `souffleur keys rotate`")
        return Principal(key.tenant, f"key:{key.id}", role)

    def _most_bytes(self, path: str) -> int:
        upload = path.startswith(_UPLOADS)
        return self._settings.most_upload_mib * 2**20 if upload else self._settings.most_body_kib * 1024


def _plain_error(start: Message) -> Problem | None:
    headers = Headers(raw=start["headers"])
    if start["status"] < 400 or headers.get("content-type", "").startswith(MEDIA_TYPE):
        return None
    kept = {name: headers[name] for name in ("content-range", "allow") if name in headers}
    return problem_of(HTTPException(start["status"], "", kept))


def _bounded(receive: Receive, headers: Headers, most: int) -> Receive:
    """A body of at most so many bytes.

    Raises:
        Problem: it says itself that it is longer. HTTPException once it is: FastAPI passes only that on.
    """
    told = headers.get("content-length", "0")
    too_large = f"the body is larger than {most} bytes"
    if told.isascii() and told.isdigit() and int(told) > most:
        raise Problem(Kind.TOO_LARGE, too_large)
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, too_large)
        return message

    return bounded


def _unknown(why: str) -> Problem:
    return Problem(Kind.UNKNOWN, why, headers=_WHO_ARE_YOU)


def _too_many(wait_s: float) -> Problem:
    return Problem(Kind.TOO_MANY, "wait, then go on", headers={"Retry-After": str(max(1, math.ceil(wait_s)))})
