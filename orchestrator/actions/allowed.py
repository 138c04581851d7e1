"""What a deployment allows flows to reach: the `[actions]` section of the settings, and how it is matched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

SECRET_PREFIX = "SOUFFLEUR_SECRET_"
"""Environment variables that hold secrets: `$CRM_TOKEN` is `SOUFFLEUR_SECRET_CRM_TOKEN`."""

Scheme = Literal["http", "https"]
DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
_ENTRY = re.compile(
    rf"(?P<internal>internal\s+)?(?:(?P<scheme>https?)://)?"
    rf"(?P<any>\*\.)?(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?"
)
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?(?P<rest>(?:[/?][^#]*)?)"
)
_SECRET = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")


class UnknownSecret(KeyError):
    """A `$NAME` for which the deployment has no secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes. `host`: lower case, without brackets. `rest`: path and query as written."""

    scheme: Scheme
    host: str
    port: int
    rest: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS["https"] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """One entry of `actions.hosts`.

    Attributes:
        host: an exact name, or what every name has to end in where `subdomains` is set.
        internal: its address may be this machine's own, or one of a private network.
    """

    scheme: Scheme
    host: str
    port: int
    subdomains: bool = False
    internal: bool = False

    def covers(self, address: Address) -> bool:
        if (self.scheme, self.port) != (address.scheme, address.port):
            return False
        return address.host.endswith("." + self.host) if self.subdomains else address.host == self.host


def parse_host(text: str) -> AllowedHost:
    """Read `api.example.com`, `*.example.com:8443` or `internal http://crm.local:8080`.

    Raises:
        ValueError: it is none of these; says what is.
    """
    found = _ENTRY.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no host; write `api.example.com`, `*.example.com:8443` for all below it, or "
            "`internal http://crm.local:8080` for one of a private network without TLS"
        )
    if found["any"] and "." not in found["host"]:
        raise ValueError(
            f"{text!r} would allow everybody who has such a name; write at least `*.example.com`"
        )
    scheme: Scheme = "http" if found["scheme"] == "http" else "https"
    return AllowedHost(
        scheme,
        found["host"].strip("[]").lower(),
        int(found["port"] or DEFAULT_PORTS[scheme]),
        subdomains=bool(found["any"]),
        internal=bool(found["internal"]),
    )


def parse_address(url: str) -> Address:
    """Take a url apart, strictly: no user name, no fragment, no placeholder in the host.

    Raises:
        ValueError: it is no such url.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError("write `https://`, a host without placeholders, and a path")
    scheme: Scheme = "http" if found["scheme"] == "http" else "https"
    return Address(
        scheme, found["host"].strip("[]").lower(), int(found["port"] or DEFAULT_PORTS[scheme]), found["rest"]
    )


def allowed(hosts: Sequence[AllowedHost], address: Address) -> AllowedHost | None:
    """The entry that covers an address, None where there is none. One that says `internal` comes first."""
    covering = [host for host in hosts if host.covers(address)]
    return next((host for host in covering if host.internal), covering[0] if covering else None)


class McpServer(BaseModel):
    """How one MCP server is reached: over streamable HTTP, or as a program of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("", description="Of its streamable HTTP endpoint.")
    headers: dict[str, str] = Field(default_factory=dict, description="`$NAME` stands for a secret.")
    internal: bool = Field(False, description="It may lie on this machine or in a private network.")
    command: tuple[str, ...] = Field((), description="The program that speaks MCP on stdin and stdout.")
    env: dict[str, str] = Field(
        default_factory=dict, description="Its environment variables; `$NAME` stands for a secret."
    )

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.url) == bool(self.command):
            raise ValueError("give it either a url or a command")
        if self.url:
            parse_address(self.url)
        return self


class ActionSettings(BaseModel):
    """What flows may reach, and within which limits. Nothing, where nothing is listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: tuple[str, ...] = Field((), description="Hosts for HTTP actions; see `parse_host`.")
    mcp: dict[str, McpServer] = Field(default_factory=dict, description="MCP servers, by name.")
    functions: dict[str, str] = Field(
        default_factory=dict, description="Python functions: `module:function`."
    )
    ca_file: str = Field("", description="A PEM file of more certificate authorities: a company's own.")
    reply_kb: int = Field(256, ge=1, le=16384, description="The largest reply that is taken.")
    at_once: int = Field(32, ge=1, le=1000, description="Actions under way at once; others wait their turn.")
    connect_s: float = Field(2.0, gt=0, le=30, description="For connecting to one address of a host.")
    mcp_start_s: float = Field(20.0, gt=0, le=300, description="For an MCP server to come up.")
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict, exclude=True, description="By name; from the environment only."
    )

    @field_validator("hosts")
    @classmethod
    def _readable(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            parse_host(host)
        return hosts

    @field_validator("functions")
    @classmethod
    def _entries(cls, functions: dict[str, str]) -> dict[str, str]:
        for entry in functions.values():
            if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*", entry):
                raise ValueError(f"{entry!r} is no function; write `package.module:function`")
        return functions

    @property
    def allowed_hosts(self) -> tuple[AllowedHost, ...]:
        return tuple(parse_host(host) for host in self.hosts)


def with_secrets(text: str, secrets: Mapping[str, SecretStr]) -> str:
    """The text with each `$NAME` replaced.

    Raises:
        UnknownSecret: there is none of that name.
    """

    def replace(found: re.Match[str]) -> str:
        if found[1] not in secrets:
            raise UnknownSecret(found[1])
        return secrets[found[1]].get_secret_value()

    return _SECRET.sub(replace, text)


def secrets_in(text: str) -> list[str]:
    return _SECRET.findall(text)
