"""Tokens of an OpenID Connect issuer: JWTs (RFC 7519), proven with the keys that the issuer publishes.

PyJWT checks them; the keys are found by OpenID Connect Discovery 1.0, kept for a while, and asked for again when a
token names one that is not known, though not more often than a stranger's tokens may make us.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import httpx2
import jwt

from orchestrator.api.roles import Principal, Role, role_named
from orchestrator.api.settings import ApiSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""None of them lets whoever can read a key sign with it."""
KEEP_S = 600.0
ASK_AGAIN_S = 30.0
_WITHIN_S = 5.0
_MOST_BYTES = 256 * 1024
_LEEWAY_S = 30


class BadToken(Exception):
    """The text says why, and nothing of what is in the token."""


class IssuerLost(Exception):
    """The issuer's keys cannot be had now."""


class Issuer:
    """Args:
    settings: who issues, for whom, and what its claims are called.
    now_s: a clock that only goes forward.
    """

    def __init__(self, settings: ApiSettings, now_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now_s = now_s
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_s = -ASK_AGAIN_S
        self._one_at_a_time = anyio.Lock()

    async def principal(self, token: str) -> Principal:
        """Who a token is for.

        Raises:
            BadToken: it is not the issuer's, not for us, expired, or says nothing that we can use.
            IssuerLost: its key is not known, and the issuer does not answer.
        """
        try:
            head = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise BadToken("this is neither a key nor a token") from None
        if head.get("alg") not in ALGORITHMS:
            raise BadToken("the token is signed in a way that is not taken here")
        key = await self._key(str(head.get("kid", "")))
        try:
            claims = jwt.decode(
                token,
                key=key,
                algorithms=[str(head["alg"])],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise BadToken("the token has expired") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise BadToken("the token is not the issuer's, or not for this server") from None
        return self._of(claims)

    def _of(self, claims: Mapping[str, Any]) -> Principal:
        tenant = claims.get(self._settings.tenant_claim)
        named = claims.get(self._settings.role_claim)
        words = [named] if isinstance(named, str) else named if isinstance(named, list) else []
        roles = [role for word in words if isinstance(word, str) and (role := role_named(word))]
        if not isinstance(tenant, str) or not 0 < len(tenant) <= 60 or not roles:
            raise BadToken("the token names no role and tenant of this server")
        return Principal(tenant, f"subject:{str(claims['sub'])[:120]}", Role(max(roles)))

    async def _key(self, kid: str) -> jwt.PyJWK:
        async with self._one_at_a_time:
            age_s = self._now_s() - self._asked_s
            if age_s > KEEP_S or (kid not in self._keys and age_s >= ASK_AGAIN_S):
                await self._fetch()
            if kid not in self._keys:
                raise BadToken("the token was signed with a key that the issuer does not have")
            return self._keys[kid]

    async def _fetch(self) -> None:
        self._asked_s = self._now_s()
        try:
            async with httpx2.AsyncClient(
                timeout=_WITHIN_S, trust_env=False, follow_redirects=False
            ) as client:
                found = await _document(
                    client, self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                )
                if found.get("issuer") != self._settings.issuer:
                    raise IssuerLost("the issuer calls itself otherwise than api.issuer")
                published = await _document(client, str(found.get("jwks_uri", "")))
            usable = jwt.PyJWKSet.from_dict(published).keys
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError, jwt.PyJWTError) as refused:
            if self._keys:
                return  # those that are known are still good
            self._asked_s = -ASK_AGAIN_S
            raise IssuerLost("the issuer of tokens does not answer; see api.issuer") from refused
        self._keys = {key.key_id or "": key for key in usable}


async def _document(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    answer = await client.get(url)
    answer.raise_for_status()
    if len(answer.content) > _MOST_BYTES:
        raise ValueError("too large")
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
