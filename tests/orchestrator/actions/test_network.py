"""Only listed hosts are reached, and only at addresses that were looked at."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orchestrator.actions.allowed import ActionSettings, allowed, parse_address, parse_host
from orchestrator.actions.network import Resolve, may_connect
from orchestrator.actions.run import open_actions
from orchestrator.errors import BadSettings
from tests.orchestrator.actions.asking import failure, no_pause, result, run
from tests.orchestrator.actions.wire_server import reply, wire_server


def covers(entry: str, url: str) -> bool:
    return allowed([parse_host(entry)], parse_address(url)) is not None


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("api.example.com", "https://api.example.com/x"),
        ("api.example.com", "https://API.Example.com:443/x?y"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("*.example.com", "https://a.b.example.com/"),
        ("internal http://crm.local:8080", "http://crm.local:8080/x"),
        ("internal [::1]:9000", "https://[::1]:9000/x"),
    ],
)
def test_what_is_listed_is_allowed(entry: str, url: str) -> None:
    assert covers(entry, url)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("api.example.com", "http://api.example.com/x"),
        ("api.example.com", "https://api.example.com:8443/x"),
        ("api.example.com", "https://api.example.com.evil.org/x"),
        ("api.example.com", "https://example.com/x"),
        ("*.example.com", "https://example.com/x"),
        ("*.example.com", "https://notexample.com/x"),
        ("http://crm.local:8080", "https://crm.local:8080/x"),
        ("crm.local:8080", "http://crm.local:8080/x"),
    ],
)
def test_what_is_not_listed_is_not(entry: str, url: str) -> None:
    assert not covers(entry, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com@evil.org/",
        "https://evil.org#@api.example.com/",
        "https://evil.org\\@api.example.com/",
        "https://{host}/x",
        "https://api.{name}.com/x",
        "ftp://api.example.com/x",
        "//api.example.com/x",
        "https:///x",
        "https://api.example.com:x/",
        "https://api.example.com\r\nHost: evil.org/",
        " https://api.example.com/",
    ],
)
def test_a_url_whose_host_could_be_read_in_two_ways_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="host without placeholders"):
        parse_address(url)


@pytest.mark.parametrize(
    "entry", ["*", "*.com", "https://", "a b", "http://a/path", "a:x", "user@a", "", "*a.com"]
)
def test_an_entry_that_allows_too_much_or_nothing_is_refused_with_a_cure(entry: str) -> None:
    with pytest.raises(ValueError, match="example"):
        parse_host(entry)


OPEN = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
INTERNAL = ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1"]
INTERNAL += ["::ffff:127.0.0.1", "::ffff:10.0.0.1"]
NEVER = [
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "224.0.0.1",
    "ff02::1",
    "168.63.129.16",
    "fd00:ec2::254",
]
NEVER += [
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "255.255.255.255",
    "fe80::1%eth0",
]
NEVER += ["100.100.100.200", "240.0.0.1", "not an address", ""]


def test_addresses_of_the_internet_of_our_own_networks_and_of_nobody_are_told_apart() -> None:
    assert [a for a in OPEN if not may_connect(a, False)] == []
    assert [a for a in INTERNAL if may_connect(a, False)] == []
    assert [a for a in INTERNAL if not may_connect(a, True)] == []
    assert [a for a in NEVER if may_connect(a, False) or may_connect(a, True)] == []
    tunnelled = ["64:ff9b::7f00:1", "2002:7f00:1::1"]
    assert [a for a in tunnelled if may_connect(a, False)] == []


def names(*answers: Sequence[str]) -> tuple[list[str], Resolve]:
    """A resolver that answers one after the other, and the names that it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return asked, resolve


def get(port: int, host: str = "api.test", scheme: str = "http") -> dict[str, Any]:
    return {"http": {"url": f"{scheme}://{host}:{port}/x"}}


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["::1"], []]
)
def test_a_name_that_points_inside_is_not_reached(addresses: list[str]) -> None:
    async def scenario() -> None:
        async with wire_server() as server:
            server.at("/x", reply({}))
            settings = ActionSettings(hosts=(f"http://api.test:{server.port}",))
            async with open_actions(settings, resolve=names(addresses)[1]) as actions:
                assert await failure(actions, get(server.port)) == "failed"
            assert server.asked == []

    run(scenario)


def test_what_was_checked_is_what_is_connected_to() -> None:
    """The name is resolved once for each request; a second, other answer is never seen."""

    async def scenario() -> None:
        async with wire_server() as server:
            server.at("/x", reply({"good": True}, 200, "Connection: close"))
            settings = ActionSettings(hosts=(f"internal http://api.test:{server.port}",))
            asked, resolve = names(["127.0.0.1"], ["169.254.169.254"])
            async with open_actions(settings, resolve=resolve) as actions:
                assert await result(actions, get(server.port)) == {"good": True}
                assert asked == ["api.test"]
                assert server.asked[0].headers["host"] == f"api.test:{server.port}"
                assert await failure(actions, get(server.port)) == "failed"
            assert len(server.asked) == 1

    run(scenario)


def test_where_one_address_of_a_name_does_not_answer_the_next_is_tried() -> None:
    async def scenario() -> None:
        async with wire_server() as server:
            server.at("/x", reply({"good": True}))
            settings = ActionSettings(hosts=(f"internal http://api.test:{server.port}",))
            async with open_actions(settings, resolve=names(["127.0.0.2", "127.0.0.1"])[1]) as actions:
                assert await result(actions, get(server.port)) == {"good": True}

    run(scenario)


def test_a_name_that_is_not_known_is_a_failure() -> None:
    async def scenario() -> None:
        async def unknown(host: str, port: int) -> Sequence[str]:
            raise OSError("no such name")

        settings = ActionSettings(hosts=("http://api.test",))
        async with open_actions(settings, resolve=unknown, pause=no_pause) as actions:
            assert await failure(actions, get(80)) == "failed"
            assert await failure(actions, get(80, "other.test")) == "failed"

    run(scenario)


def certificate(folder: Path, *hosts: str) -> tuple[ssl.SSLContext, str]:
    """A server's side of TLS, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A company's own")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        for host in hosts
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "ca.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, str(file)


def test_tls_proves_the_name_and_not_the_address_and_one_name_does_not_ride_on_another(
    tmp_path: Path,
) -> None:
    tls, ca_file = certificate(tmp_path, "crm.test", "127.0.0.1")

    async def scenario() -> None:
        async with wire_server(tls) as server:
            server.at("/x", reply({"good": True}))
            hosts = tuple(f"internal {name}:{server.port}" for name in ("crm.test", "other.test"))
            here = names(["127.0.0.1"])[1]
            async with open_actions(ActionSettings(hosts=hosts, ca_file=ca_file), resolve=here) as actions:
                assert await result(actions, get(server.port, "crm.test", "https")) == {"good": True}
                assert await failure(actions, get(server.port, "other.test", "https")) == "failed"
            async with open_actions(ActionSettings(hosts=hosts), resolve=here) as actions:
                assert await failure(actions, get(server.port, "crm.test", "https")) == "failed"
            assert len(server.asked) == 1

    run(scenario)


def test_a_file_of_authorities_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")

    async def scenario() -> None:
        for file in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
            with pytest.raises(BadSettings, match=r"actions\.ca_file: .* is no readable PEM"):
                async with open_actions(ActionSettings(ca_file=str(file))):
                    pass

    run(scenario)
