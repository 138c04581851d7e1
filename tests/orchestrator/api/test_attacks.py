"""Bad input on the API: paths, injections, bodies. A clear problem document, nothing lost, nothing leaked."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx
import pytest

from tests.orchestrator.api.rig import TENANT, Rig, api

pytestmark = pytest.mark.anyio

TRICKS = (
    "..", "../old1", "..%2fold1", "%2e%2e/%2e%2e/etc/passwd", "old1%00", "old1;drop table sessions", "' OR '1'='1",
    "old1/../../sessions", "*", "%", "_", "{{7*7}}", "${jndi:ldap://x}", "<script>", "\\..\\", "old1%0d%0aX: y",
    "a" * 65, "a" * 5000, "ü", "\u202e", "%ff", "%C0%AE%C0%AE", "clinic:old1", "old1%3Ftenant=rival", "null", "-1",
)  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


def told(answer: httpx.Response) -> None:
    """Below 500; where it is an error, a problem document without anything of ours in it."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        for leak in ("Traceback", "/tmp", ".py", "sqlite", 'File "', "site-packages"):
            assert leak not in answer.text, (leak, answer.text)


async def test_a_path_leads_nowhere_else(rig: Rig) -> None:
    await rig.stored()
    (rig.desk.settings.data.folder / "secret.wav").write_bytes(b"RIFF secret")
    paths = (
        "/sessions/%s",
        "/sessions/%s/audio",
        "/sessions/%s/export",
        "/live/%s/moments",
        "/callers/%s",
        "/flows/%s/versions",
        "/knowledge/%s/search?words=x",
        "/sessions?cursor=%s",
        "/sessions?flow=%s",
        "/sessions?limit=%s",
    )
    async with await rig.client("admin") as admin:
        for trick in TRICKS:
            for path in paths:
                answer = await admin.get(path % trick)
                told(answer)
                assert b"secret" not in answer.content
            told(await admin.put(f"/knowledge/door/{trick}.md", content=b"# x\n\ny"))
            told(await admin.put(f"/knowledge/{trick}/a.md", content=b"# x\n\ny"))
            told(await admin.delete(f"/sessions/{trick}"))
            told(await admin.delete(f"/knowledge/{trick}"))
            assert len(await rig.carrier.sessions.list(TENANT)) == 1, trick
    folder = rig.desk.settings.data.folder
    assert (folder / "secret.wav").exists() and not (folder.parent / "a.md").exists()


BODIES = (
    b"", b"null", b"[]", b"1", b'"x"', b"{", b"{" * 50_000, b"[" * 100_000, b"\xff\xfe", b"\x00" * 100,
    b'{"text": "\\ud800"}', b'{"text": null}', b'{"text": 1e999}', b'{"text": {"a": 1}}', b'{"slots": []}',
    b'{"slots": {"colour": NaN}}', b'{"slots": {"colour": {"a": {"b": 1}}}}', b'{"slots": {"colour": [[1]]}}',
    b'{"slots": {"": ""}}', b'{"notes": [""]}', b'{"notes": [1]}', b'{"step": ""}', b'{"number": 1.5}',
    b'{"number": 99999999999999999999}', b'{"flow": "../x"}', b'{"version": 0}', b'{"ttl_s": -1}',
    b'{"slots": {"colour": 123456789012345678901234567890}}', b'{"slots": {"colour": "' + b"x" * 100_000 + b'"}}',
    b'{"__proto__": {"role": "admin"}}', b'{"slots": {"note": "\\u0000"}}', b'{"slots": {"colour": true}}',
)  # fmt: skip


async def test_a_body_that_is_none_is_told_so_and_changes_nothing(rig: Rig) -> None:
    await rig.stored()
    session = await rig.call()
    before = session.state
    json = {"content-type": "application/json", "if-match": "*"}
    async with await rig.client("admin") as admin:
        for body in BODIES:
            for path in ("notes", "step", "words"):
                answer = await admin.post(f"/live/call1/{path}", content=body, headers=json)
                told(answer)
                assert answer.status_code in (400, 422), (path, body[:50], answer.text)
            for path in ("/sessions/call1/memory", "/sessions/old1/memory"):
                told(await admin.patch(path, content=body, headers=json))
            for path in ("/sessions/old1/replay", "/flows/check", "/flows", "/tickets", "/callers/search"):
                told(await admin.post(path, content=body, headers=json))
            told(await admin.put("/flows/door/active", content=body, headers=json))
            assert session.state.slots == before.slots and session.state.step == before.step, body[:50]


async def test_a_body_of_another_kind_is_told_so(rig: Rig) -> None:
    await rig.call()
    async with await rig.client("admin") as admin:
        for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
            answer = await admin.post(
                "/live/call1/notes", content=b'{"text": "x"}', headers={"content-type": kind}
            )
            told(answer)
            assert answer.status_code in (415, 422), kind


async def test_another_method_is_told_with_those_that_there_are(rig: Rig) -> None:
    async with await rig.client("admin") as admin:
        for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO"):
            answer = await admin.request(method, "/sessions")
            assert answer.status_code == 405 and answer.headers["allow"] == "GET", method


async def test_random_requests_are_answered_and_the_server_stays_well(rig: Rig) -> None:
    await rig.stored()
    await rig.call()
    draw = random.Random(7)
    letters = "abz09_-./%{}\"' \\ü"
    paths = ["/sessions", "/live/call1", "/flows", "/knowledge", "/audit", "/sessions/old1", "/tickets", ""]
    async with await rig.client("admin") as admin:
        for _ in range(300):
            tail = "".join(draw.choice(letters) for _ in range(draw.randrange(12)))
            url = httpx.URL(str(admin.base_url).rstrip("/") + draw.choice(paths) + "/" + tail)
            body = bytes(draw.randrange(256) for _ in range(draw.randrange(60)))
            method = draw.choice(["GET", "POST", "PUT", "PATCH"])
            answer = await admin.request(
                method, url, content=body, headers={"content-type": "application/json"}
            )
            told(answer)
        assert (await admin.get("/ready")).json()["ready"] is True


async def test_a_request_cut_off_in_the_middle_leaves_the_server_well(rig: Rig) -> None:
    key = await rig.key()
    host, port = rig.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/v1/flows HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/yaml\r\nContent-Length: 1000\r\n\r\nflow: half"
    )
    for cut in (10, len(head) // 2, len(head)):
        async with await anyio.connect_tcp(host, int(port)) as stream:
            await stream.send(head[:cut].encode())
    for mess in (
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/live HTTP/1.1\r\nHost: " + b"x" * 70_000,
    ):
        async with await anyio.connect_tcp(host, int(port)) as stream:
            await stream.send(mess)
    async with rig.with_key(key) as admin:
        assert (await admin.get("/whoami")).status_code == 200
        assert (await admin.get("/flows/half/versions")).status_code == 404


async def test_thousands_of_sessions_are_paged_through_without_a_gap(rig: Rig) -> None:
    import sqlite3

    first = await rig.stored("c0")
    with sqlite3.connect(rig.desk.settings.data.database) as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(sessions)") if c[1] != "call"]
        listed = ", ".join(columns)
        db.executemany(
            f"INSERT INTO sessions (call, {listed}) SELECT ?, {listed} FROM sessions WHERE call = 'c0'",
            [(f"c{n}",) for n in range(1, 3000)],
        )
    assert first.key.call == "c0"
    seen: list[str] = []
    async with await rig.client("viewer") as viewer:
        cursor = None
        while True:
            page = (
                await viewer.get("/sessions", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
            ).json()
            seen += [item["call"] for item in page["items"]]
            if (cursor := page["next"]) is None:
                break
    assert len(seen) == len(set(seen)) == 3000
