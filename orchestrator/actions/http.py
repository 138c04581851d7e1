"""Sends one request and reads its answer."""

from __future__ import annotations

import ssl
from typing import Any

import anyio
import httpx2

from orchestrator.actions.answer import CameToNothing, as_result, read_json
from orchestrator.actions.network import ListedHosts, NotAllowed
from orchestrator.actions.request import Request
from reasoner.events import Failure

_TRY_AGAIN = frozenset({408, 429})  # and all from 500 on
_TLS_FAILED = "TLS failed; see actions.ca_file for a company's own certificates"


async def send(hosts: ListedHosts, request: Request, timeout_s: float, most_bytes: int) -> dict[str, Any]:
    """Have a request answered, once.

    Args:
        timeout_s: for each read and write; the whole is for the caller of this to bound.
        most_bytes: of the answer.

    Raises:
        CameToNothing: there is no answer that can be used, or it is a no.
    """
    wire = httpx2.Request(
        request.method,
        request.url,
        headers=dict(request.headers),
        content=request.body or None,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)},
    )
    try:
        response = await hosts.handle_async_request(wire)
        try:
            _check(response)
            body = b"".join([chunk async for chunk in response.aiter_raw()])
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()
    except NotAllowed as no:
        raise CameToNothing(Failure.FAILED, str(no), sent=False) from None
    except httpx2.StreamError:
        raise CameToNothing(Failure.FAILED, "the answer is too large") from None
    except httpx2.ConnectTimeout:
        raise CameToNothing(Failure.TIMEOUT, "the host does not answer", again=True, sent=False) from None
    except httpx2.ConnectError as lost:
        if _is_tls(lost):
            raise CameToNothing(Failure.FAILED, _TLS_FAILED, sent=False) from None
        raise CameToNothing(Failure.FAILED, "the host was not reached", again=True, sent=False) from None
    except httpx2.TimeoutException:
        raise CameToNothing(Failure.TIMEOUT, "no answer in time", again=True) from None
    except httpx2.TransportError:
        raise CameToNothing(Failure.FAILED, "the connection broke", again=True) from None
    except OSError:
        raise CameToNothing(Failure.FAILED, "the host's name is not known", again=True, sent=False) from None
    return as_result(read_json(body), most_bytes) if body.strip() else {}


def _check(response: httpx2.Response) -> None:
    """Only a yes has an answer to read."""
    code = response.status_code
    if code in _TRY_AGAIN or code >= 500:
        raise CameToNothing(Failure.FAILED, "the other system is in trouble", again=True, code=code)
    if 300 <= code < 400:
        raise CameToNothing(Failure.REFUSED, "redirects are not followed", code=code)
    if code >= 400:
        raise CameToNothing(Failure.REFUSED, "the other system said no", code=code)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise CameToNothing(Failure.FAILED, "the answer is compressed, which was not asked for", code=code)


def _is_tls(lost: BaseException | None) -> bool:
    while lost is not None:
        if isinstance(lost, ssl.SSLError):
            return True
        lost = lost.__cause__ or lost.__context__
    return False
