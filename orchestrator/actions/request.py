"""An HTTP action with its arguments, as the request that it comes to. Pure.

`{name}` in the url and in headers stands for an argument. What is left of the arguments is the query of a GET or
DELETE, and the JSON body of others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from pydantic import SecretStr

from flows.action import Http
from orchestrator.actions.allowed import Address, UnknownSecret, parse_address, with_secrets
from orchestrator.actions.answer import CameToNothing
from reasoner.events import Failure

PLACEHOLDER = re.compile(r"\{\s*([a-z][a-z0-9_.]*)\s*\}")
IDEMPOTENCY_KEY = "idempotency-key"
OURS = frozenset(
    (
        *("host", "content-length", "content-type", "content-encoding", "accept-encoding", IDEMPOTENCY_KEY),
        *("transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"),
    )
)
"""Headers that a flow cannot set."""
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
LONGEST_URL = 8000

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_BODILESS = frozenset({"GET", "DELETE"})


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` hold secrets, the url and the body a caller's values: none of it is logged."""

    method: str
    address: Address
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def url(self) -> str:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"{self.address.scheme}://{host}:{self.address.port}{self.address.rest}"


def make_request(
    http: Http, arguments: Mapping[str, Any], secrets: Mapping[str, SecretStr], key: str = ""
) -> Request:
    """Fill an HTTP action in.

    Args:
        arguments: plain JSON.
        key: the idempotency key of a write, "" for a read.

    Raises:
        CameToNothing: an argument is missing, or would change more than its place.
    """
    try:
        address = parse_address(http.url)
    except ValueError:
        raise _unusable("the url is none") from None
    path, _, query = address.rest.partition("?")
    used = {found for text in (address.rest, *http.headers.values()) for found in PLACEHOLDER.findall(text)}
    left = {name: value for name, value in arguments.items() if name not in used}
    queries = [_filled(query, arguments)] if query else []
    if http.method in _BODILESS:
        queries += _as_query(left)
        body = b""
    else:
        body = json.dumps(left, ensure_ascii=False).encode()
    rest = (_path(path, arguments) or "/") + ("?" + "&".join(queries) if queries else "")
    if len(rest) > LONGEST_URL:
        raise _unusable("the url is too long")
    filled = Address(address.scheme, address.host, address.port, rest)
    return Request(http.method, filled, _headers(http, arguments, secrets, key), body)


def _path(path: str, arguments: Mapping[str, Any]) -> str:
    """Each placeholder stays within its part of the path: an empty value or `..` would reach another resource."""
    parts = []
    for part in path.split("/"):
        filled = _filled(part, arguments)
        if filled != part:
            inner = re.split(r"[/\\]", unquote(filled))
            if not filled or any(step in (".", "..") for step in inner):
                raise _unusable("an argument does not fit the path")
        parts.append(filled)
    return "/".join(parts)


def _filled(text: str, arguments: Mapping[str, Any]) -> str:
    return PLACEHOLDER.sub(lambda found: quote(_plain_text(arguments, found[1]), safe=""), text)


def _as_query(arguments: Mapping[str, Any]) -> list[str]:
    """What is not known is left out; a list is the same name several times."""
    pairs = [
        (name, _word(each))
        for name, value in arguments.items()
        if value is not None
        for each in (value if isinstance(value, list) else (value,))
    ]
    return [urlencode(pairs, quote_via=quote)] if pairs else []


def _plain_text(arguments: Mapping[str, Any], name: str) -> str:
    if arguments.get(name) is None:
        raise _unusable("an argument is missing")
    return _word(arguments[name])


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _unusable("an argument is no single value")


def _headers(
    http: Http, arguments: Mapping[str, Any], secrets: Mapping[str, SecretStr], key: str
) -> dict[str, str]:
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "souffleur"}
    for name, text in http.headers.items():
        if not TOKEN.fullmatch(name) or name.lower() in OURS:
            raise _unusable("a header cannot be set by a flow")
        try:
            # Secrets first: `$` in an argument is no secret. Pieces apart: `{` in a secret is no placeholder.
            pieces = PLACEHOLDER.split(text)
            pieces[0::2] = [with_secrets(piece, secrets) for piece in pieces[0::2]]
        except UnknownSecret:
            raise _unusable("a secret is not set") from None
        pieces[1::2] = [_plain_text(arguments, placeholder) for placeholder in pieces[1::2]]
        headers[name.lower()] = _one_line("".join(pieces))
    if http.method not in _BODILESS:
        headers["content-type"] = "application/json"
    if key:
        headers[IDEMPOTENCY_KEY] = _one_line(key)
    return headers


def _one_line(text: str) -> str:
    """A line break would begin another header, or another request."""
    if not _PRINTABLE.fullmatch(text):
        raise _unusable("an argument does not fit a header")
    return text


def _unusable(why: str) -> CameToNothing:
    return CameToNothing(Failure.FAILED, why, sent=False)
