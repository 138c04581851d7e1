"""Connections to listed hosts only, and only to addresses that were looked at.

A name is resolved once, what it resolves to is checked, and that address is connected to: a name that points
elsewhere a moment later (DNS rebinding) gains nothing. TLS still proves the name. No proxies, cookies, redirects or
passwords of the environment: those live in the client that is not used here.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import anyio
import httpx2

from orchestrator.actions.allowed import DEFAULT_PORTS, Address, AllowedHost, Scheme, allowed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MOST_ADDRESSES = 4  # of a name, tried one after the other
_KEEP_S = 5.0  # an unused connection
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "fd00:ec2::254", "100.100.100.200")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(Exception):
    """The deployment does not allow this host, or the address that its name has now. Says which in constant words."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name. Raises OSError where it has none."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def may_connect(text: str, internal: bool) -> bool:
    """Whether an address may be connected to.

    `internal` opens this machine's own and private networks. Link-local ones, which hand out a cloud machine's own
    credentials, multicast and unspecified ones stay closed.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 6:
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not may_connect(str(inner), internal):
            return False
        if address.ipv4_mapped is not None:
            return True
        if address.scope_id is not None:
            return False
    never = address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA
    if never or (address.is_reserved and not address.is_loopback):
        return False
    return address.is_global or internal


class ListedHosts(httpx2.AsyncBaseTransport):
    """A transport that reaches the hosts of a list, each through connections of its own.

    Args:
        hosts: what may be reached.
        tls: how certificates are checked.
        connect_s: for one address.
        most_bytes: of a reply that is no stream of events.
    """

    def __init__(
        self,
        hosts: Sequence[AllowedHost],
        tls: ssl.SSLContext,
        connect_s: float,
        most_bytes: int,
        resolve: Resolve = resolve,
    ) -> None:
        self._hosts = tuple(hosts)
        self._tls = tls
        self._connect_s = connect_s
        self._most_bytes = most_bytes
        self._resolve = resolve
        # By name: a connection whose certificate was checked for one name must not serve another at its address.
        self._by_name: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises NotAllowed, OSError where the name has no address, and what httpx2 raises."""
        name = request.url.raw_host.decode("ascii")
        addresses = await self._addresses(request.url)
        response = await self._first_that_answers(request, name, addresses)
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Bounded(response.stream, self._most_bytes)
        return response

    async def aclose(self) -> None:
        for transport in self._by_name.values():
            await transport.aclose()

    async def _addresses(self, url: httpx2.URL) -> Sequence[str]:
        scheme: Scheme = "http" if url.scheme == "http" else "https"
        name = url.raw_host.decode("ascii")
        port = url.port or DEFAULT_PORTS[scheme]
        entry = allowed(self._hosts, Address(scheme, name, port))
        if url.scheme not in DEFAULT_PORTS or url.userinfo or entry is None:
            raise NotAllowed("the host is not listed")
        addresses = await self._resolve(name, port)
        if not addresses or not all(may_connect(address, entry.internal) for address in addresses):
            raise NotAllowed("the host has an internal address")
        return addresses[:_MOST_ADDRESSES]

    async def _first_that_answers(
        self, request: httpx2.Request, name: str, addresses: Sequence[str]
    ) -> httpx2.Response:
        transport = self._by_name.get(name)
        if transport is None:
            limits = httpx2.Limits(max_connections=64, max_keepalive_connections=8, keepalive_expiry=_KEEP_S)
            transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=limits)
            self._by_name[name] = transport
        timeouts = request.extensions.get("timeout", {}) | {"connect": self._connect_s}
        *earlier, last = addresses
        for address in earlier:
            try:
                return await transport.handle_async_request(_to(address, request, name, timeouts))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # another address of the same name
        return await transport.handle_async_request(_to(last, request, name, timeouts))


def _to(address: str, request: httpx2.Request, name: str, timeouts: dict[str, float]) -> httpx2.Request:
    """The same request, at an address. The Host header and the name that TLS proves stay."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": name, "timeout": timeouts},
    )


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with StreamError where it is too large."""

    def __init__(self, body: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._body = body
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx2.StreamError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
