"""Who is let in to the API: keys, tokens, roles, tenants, rates, sizes."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from memory.errors import StoreLost
from orchestrator.api.door import OPEN_PATHS
from orchestrator.api.rates import Rates
from orchestrator.api.settings import ApiSettings
from orchestrator.call_door import check_open
from orchestrator.errors import BadSettings
from orchestrator.sections import ServerSettings
from orchestrator.settings import Settings
from tests.orchestrator.api.rig import OTHER, TENANT, Rig, api

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status and told["type"].startswith("urn:souffleur:problem:") and told["title"]
    return told


# --- keys ----------------------------------------------------------------------------------------------------


async def test_nobody_unknown_reaches_anything_but_what_tells_nothing(rig: Rig) -> None:
    document = (await httpx.AsyncClient().get(f"{rig.url}/api/v1/openapi.json")).json()
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1") as nobody:
        for path, operations in document["paths"].items():
            for method in operations:
                answer = await nobody.request(method, path.replace("{", "").replace("}", ""))
                if path in OPEN_PATHS:
                    assert answer.status_code == 200, path
                else:
                    assert_problem(answer, 401)
                    assert answer.headers["www-authenticate"].startswith("Bearer")
        for path in ("/", "/nothing", "/sessions/x/y/z"):
            assert_problem(await nobody.get(path), 401)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer sfl_x_y",
        "Bearer a.b.c",
        "Bearer " + "x" * 9000,
        "bearer sfl_",
    ],
)
async def test_what_is_no_key_opens_nothing(rig: Rig, header: str) -> None:
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1", headers={"authorization": header}) as nobody:
        assert_problem(await nobody.get("/sessions"), 401)


async def test_a_key_that_has_expired_or_was_revoked_opens_nothing(rig: Rig) -> None:
    now = datetime.now(UTC)
    old = await rig.key(expires_at=now - timedelta(seconds=1))
    good = await rig.key(expires_at=now + timedelta(hours=1))
    async with rig.with_key(old) as expired, rig.with_key(good) as client:
        assert "expired" in assert_problem(await expired.get("/whoami"), 401)["detail"]
        me = (await client.get("/whoami")).json()
        assert me == {"tenant": TENANT, "who": f"key:{good.split('_')[1]}", "role": "admin"}
        await rig.desk.keys.change(TENANT, good.split("_")[1], revoked_at=now)
        assert "revoked" in assert_problem(await client.get("/whoami"), 401)["detail"]


async def test_a_key_with_a_letter_changed_is_no_key(rig: Rig) -> None:
    key = await rig.key()
    for wrong in (key[:-1], key + "A", key[:-1] + ("A" if key[-1] != "A" else "B"), key.swapcase()):
        async with rig.with_key(wrong) as client:
            assert_problem(await client.get("/whoami"), 401)


async def test_no_key_is_kept_anywhere_in_the_database(rig: Rig) -> None:
    key = await rig.key()
    async with rig.with_key(key) as client:
        assert (await client.get("/whoami")).status_code == 200
    for file in rig.desk.settings.data.folder.glob("souffleur.db*"):
        assert key.split("_", 2)[2].encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            "viewer",
            ["GET /sessions", "GET /live", "GET /flows"],
            ["GET /sessions/x/memory", "POST /live/x/notes", "GET /audit"],
        ),
        (
            "operator",
            ["GET /sessions/x/memory", "POST /live/x/handover"],
            ["DELETE /sessions/x", "POST /live/x/words", "POST /flows"],
        ),
        ("supervisor", ["DELETE /sessions/x", "GET /sessions/x/export"], ["POST /flows", "GET /audit"]),
        ("admin", ["GET /audit", "POST /flows"], []),
    ],
)
async def test_each_role_may_what_it_may_and_no_more(
    rig: Rig, role: str, may: list[str], may_not: list[str]
) -> None:
    async with await rig.client(role) as client:
        for one in may:
            method, path = one.split()
            assert (await client.request(method, path)).status_code not in (401, 403), one
        for one in may_not:
            method, path = one.split()
            body = {"text": "x"} if method == "POST" else None
            assert_problem(await client.request(method, path, json=body), 403)


async def test_a_store_of_keys_that_is_away_lets_nobody_in(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with await rig.client() as client:

        async def away(_hash: str) -> None:
            raise StoreLost("/somewhere/souffleur.db: no answer within 2 s; see whether the disk hangs")

        monkeypatch.setattr(rig.desk.keys, "find", away)
        told = assert_problem(await client.get("/sessions"), 503)
        assert "souffleur.db" not in json.dumps(told)
        assert_problem(await client.get("/ready"), 503)
        assert (await client.get("/health")).status_code == 200


# --- the audit log -------------------------------------------------------------------------------------------


async def test_who_read_or_changed_what_is_written_down_and_so_are_those_who_were_refused(rig: Rig) -> None:
    await rig.stored()
    async with await rig.client("viewer") as viewer, await rig.client("admin") as admin:
        await viewer.get("/sessions/old1")
        await viewer.delete("/sessions/old1")
        await admin.delete("/sessions/old1")
        log = (await admin.get("/audit")).json()["items"]
        told = [(e["role"], e["action"], e["target"], e["allowed"]) for e in reversed(log)]
        assert told == [
            ("viewer", "read_session", "old1", True),
            ("viewer", "delete_session", "old1", False),
            ("admin", "delete_session", "old1", True),
            ("admin", "read_audit", "", True),
        ]
        page = (await admin.get("/audit", params={"limit": 2})).json()
        rest = (await admin.get("/audit", params={"cursor": page["next"]})).json()
        assert page["items"][-1]["place"] > rest["items"][0]["place"]


async def test_what_cannot_be_written_down_is_not_done(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.stored()
    async with await rig.client("admin") as admin:

        async def full(_entry: object) -> None:
            raise StoreLost("x")

        monkeypatch.setattr(rig.desk.audit, "append", full)
        assert_problem(await admin.delete("/sessions/old1"), 503)
    assert await rig.carrier.sessions.list(TENANT)


async def test_every_operation_but_the_open_ones_is_written_down(rig: Rig) -> None:
    document = (await httpx.AsyncClient().get(f"{rig.url}/api/v1/openapi.json")).json()
    await rig.stored("call")
    bodies: dict[str, Any] = {"/live/{call}/notes": {"text": "x"}, "/live/{call}/words": {"text": "x"}}
    bodies |= {"/live/{call}/step": {"step": "main"}, "/flows/{flow}/active": {"number": 1}}
    async with await rig.client("admin") as admin:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if path in OPEN_PATHS:
                    continue
                filled = (
                    path.replace("{call}", "call")
                    .replace("{flow}", "door")
                    .replace("{source}", "a.md")
                    .replace("{number}", "1")
                )
                await admin.request(method, filled, json=bodies.get(path, {}), params={"words": "x"})
                newest = (await rig.desk.audit.list(TENANT, limit=1))[0]
                assert newest.action == operation["operationId"], (method, path)


# --- rates and sizes -----------------------------------------------------------------------------------------


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second() -> None:
    rates = Rates(per_s=2, burst=3)
    assert [rates.take("a", 10.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert rates.take("a", 10.0) == pytest.approx(0.5)
    assert rates.take("b", 10.0) == 0.0
    assert rates.take("a", 10.5) == 0.0
    assert rates.take("a", 10.5) > 0
    assert rates.take("a", 9.0) > 0, "a clock that goes back gives nothing away"


def test_only_so_many_clients_are_remembered() -> None:
    rates = Rates(per_s=1, burst=1, most=100)
    for n in range(1000):
        rates.take(f"client {n}", 0.0)
    assert len(rates._buckets) <= 100


async def test_who_asks_too_much_waits_and_others_do_not(tmp_path: Path) -> None:
    settings = {"api": ApiSettings(requests_per_minute=60, burst=3)}
    async with (
        api(tmp_path, settings=settings) as rig,
        await rig.client() as greedy,
        await rig.client() as modest,
    ):
        answers = [await greedy.get("/whoami") for _ in range(5)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert_problem(answers[-1], 429)
        assert (await modest.get("/whoami")).status_code == 200


async def test_who_guesses_keys_is_slowed_by_the_address(tmp_path: Path) -> None:
    settings = {"api": ApiSettings(requests_per_minute=1, burst=4)}
    async with api(tmp_path, settings=settings) as rig, rig.with_key("sfl_0_guess") as guesser:
        assert [(await guesser.get("/whoami")).status_code for _ in range(6)] == [401] * 4 + [429] * 2
        async with await rig.client() as known:
            assert (await known.get("/whoami")).status_code == 200, (
                "whoever shares the address is not locked out"
            )


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    settings = {"api": ApiSettings(most_body_kib=1, most_upload_mib=1, burst=1000)}
    async with api(tmp_path, settings=settings) as rig, await rig.client() as client:

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b'{"text": "' + b"x" * 1000

        assert_problem(await client.post("/live/x/notes", content=b"x" * 2000), 413)
        assert_problem(await client.post("/live/x/notes", content=chunks()), 413)
        assert_problem(await client.put("/knowledge/door/a.txt", content=b"x" * (2**20 + 1)), 413)
        assert (await client.put("/knowledge/door/a.txt", content=b"words " * 1000)).status_code == 200


# --- tokens of an issuer -------------------------------------------------------------------------------------


class LocalIssuer:
    """An OpenID Connect issuer on this machine."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.keys: dict[str, Any] = {"one": self.key}
        self.asked = 0
        self.down = False
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                found: dict[str, Any] = {
                    "/.well-known/openid-configuration": {
                        "issuer": issuer.url,
                        "jwks_uri": f"{issuer.url}/keys",
                    },
                    "/keys": {"keys": issuer.published()},
                }
                body = json.dumps(found.get(self.path, {})).encode()
                self.send_response(500 if issuer.down else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def published(self) -> list[dict[str, Any]]:
        return [
            json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]

    def token(self, *, key: Any = None, kid: str = "one", alg: str = "RS256", **claims: Any) -> str:
        now = datetime.now(UTC)
        whole = {
            "iss": self.url,
            "aud": "souffleur",
            "sub": "ann",
            "exp": now + timedelta(minutes=5),
            "souffleur_role": "operator",
            "souffleur_tenant": TENANT,
        } | claims
        return jwt.encode(
            {k: v for k, v in whole.items() if v is not None}, key or self.key, alg, headers={"kid": kid}
        )


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    made = LocalIssuer()
    yield made
    made.server.shutdown()
    made.server.server_close()


async def test_a_token_of_the_issuer_opens_what_its_role_may(tmp_path: Path, issuer: LocalIssuer) -> None:
    async with api(tmp_path, settings={"api": ApiSettings(issuer=issuer.url, burst=1000)}) as rig:
        async with rig.with_key(issuer.token()) as ann:
            assert (await ann.get("/whoami")).json() == {
                "tenant": TENANT,
                "who": "subject:ann",
                "role": "operator",
            }
            assert_problem(await ann.get("/audit"), 403)
        async with rig.with_key(issuer.token(souffleur_role=["viewer", "admin", "janitor"])) as boss:
            assert (await boss.get("/whoami")).json()["role"] == "admin"
        assert issuer.asked == 2, "its keys are asked for once"
        async with await rig.client() as with_a_key:
            assert (await with_a_key.get("/whoami")).status_code == 200


async def test_a_token_that_is_not_good_opens_nothing(tmp_path: Path, issuer: LocalIssuer) -> None:
    past = datetime.now(UTC) - timedelta(minutes=5)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = issuer.key.public_key().public_bytes(
        __import__("cryptography.hazmat.primitives.serialization", fromlist=["x"]).Encoding.PEM,
        __import__(
            "cryptography.hazmat.primitives.serialization", fromlist=["x"]
        ).PublicFormat.SubjectPublicKeyInfo,
    )
    head, body, _sign = issuer.token().split(".")
    none = jwt.encode({"sub": "ann"}, None, "none")
    bad = {
        "expired": issuer.token(exp=past),
        "no expiry": issuer.token(exp=None),
        "for somebody else": issuer.token(aud="billing"),
        "of somebody else": issuer.token(iss="http://127.0.0.1:1"),
        "no subject": issuer.token(sub=None),
        "no role": issuer.token(souffleur_role=None),
        "a role that is none": issuer.token(souffleur_role="ADMIN"),
        "no tenant": issuer.token(souffleur_tenant=None),
        "a tenant that is no text": issuer.token(souffleur_tenant=["clinic"]),
        "signed by a stranger": issuer.token(key=stranger),
        "of a key that there is not": issuer.token(key=stranger, kid="two"),
        "signed by the public key as a secret": _with_hmac(issuer, public),
        "without a signature": f"{head}.{body}.",
        "none": none,
        "another body": f"{head}.{none.split('.')[1]}.{_sign}",
        "of another kind of key": issuer.token(key=ec.generate_private_key(ec.SECP256R1()), alg="ES256"),
    }
    async with api(tmp_path, settings={"api": ApiSettings(issuer=issuer.url, burst=1000)}) as rig:
        for what, token in bad.items():
            async with rig.with_key(token) as client:
                answer = await client.get("/whoami")
                assert answer.status_code == 401, what
                assert token not in answer.text
        assert issuer.asked <= 4, "strangers' tokens do not make us ask again and again"


def _with_hmac(issuer: LocalIssuer, public: bytes) -> str:
    import base64
    import hashlib
    import hmac

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = issuer.token().split(".")[1].encode()
    signed = part(json.dumps({"alg": "HS256", "kid": "one", "typ": "JWT"}).encode()) + b"." + claims
    return (signed + b"." + part(hmac.digest(public, signed, hashlib.sha256))).decode()


async def test_an_issuer_that_is_away_is_told_and_known_keys_stay_good(
    tmp_path: Path, issuer: LocalIssuer
) -> None:
    issuer.down = True
    settings = {"api": ApiSettings(issuer=issuer.url, burst=1000)}
    async with api(tmp_path, settings=settings) as rig, rig.with_key(issuer.token()) as ann:
        assert_problem(await ann.get("/whoami"), 503)
        issuer.down = False
        assert (await ann.get("/whoami")).status_code == 200
        issuer.down = True
        assert (await ann.get("/whoami")).status_code == 200


def test_an_issuer_is_reached_safely_or_on_this_machine() -> None:
    ApiSettings(issuer="https://login.example/realms/desk")
    for bad in ("http://login.example", "login.example", "ftp://x", "https://user:pass@x/", "https://x/?y"):
        with pytest.raises(ValueError, match="https URL"):
            ApiSettings(issuer=bad)


# --- tenants -------------------------------------------------------------------------------------------------


async def test_nothing_of_another_tenant_is_there(rig: Rig) -> None:
    await rig.stored("theirs", OTHER)
    await rig.call("live1", OTHER)
    document = (await httpx.AsyncClient().get(f"{rig.url}/api/v1/openapi.json")).json()
    async with await rig.client("admin", OTHER) as owner:
        assert (await owner.get("/sessions/theirs")).status_code == 200
        assert len((await owner.get("/live")).json()["items"]) == 1
        await owner.post("/flows", content=rig.flow_file.read_text())
        await owner.put("/knowledge/door/fees.md", content=b"# Fees\n\nA visit costs ten.")
    async with await rig.client("admin") as stranger:
        assert (await stranger.get("/sessions")).json()["items"] == []
        assert (await stranger.get("/live")).json()["items"] == []
        assert (await stranger.get("/knowledge")).json()["items"] == []
        assert (await stranger.get("/knowledge/door/search", params={"words": "visit costs"})).json()[
            "items"
        ] == []
        assert (await stranger.get("/flows/door/versions")).status_code == 404
        assert (await stranger.put("/flows/door/active", json={"number": 1})).status_code == 404
        assert all("OTHER" not in e["who"] for e in (await stranger.get("/audit")).json()["items"])
        bodies: dict[str, Any] = {"notes": {"text": "x"}, "words": {"text": "x"}, "step": {"step": "main"}}
        for path, operations in document["paths"].items():
            for method in operations:
                for call in ("theirs", "live1") if "{call}" in path else ():
                    body = bodies.get(path.rsplit("/", 1)[-1], {})
                    answer = await stranger.request(
                        method, path.replace("{call}", call), json=body, headers={"if-match": "*"}
                    )
                    assert_problem(answer, 404)
    assert (await rig.carrier.sessions.list(OTHER))[0].key.tenant == OTHER
    assert rig.carrier.live["live1"].state.notes == ()


# --- listening -----------------------------------------------------------------------------------------------


def test_a_server_without_a_key_listens_to_this_machine_only() -> None:
    check_open(Settings(), None)
    check_open(Settings(server=ServerSettings(host="::1")), 0)
    for host in ("0.0.0.0", "192.168.1.7", "voice.example"):
        elsewhere = Settings(server=ServerSettings(host=host))
        for keys in (None, 0):
            with pytest.raises(BadSettings) as refused:
                check_open(elsewhere, keys)
            assert host in str(refused.value) and "souffleur init" in str(refused.value)
        check_open(elsewhere, 1)
        check_open(
            Settings(server=ServerSettings(host=host), api=ApiSettings(issuer="https://login.example")), 0
        )
