"""A double of an OpenAI-compatible server: no model, but real HTTP on 127.0.0.1, with its rules and its errors.

It answers POST /v1/chat/completions. What a model would say is written down by the test; what was asked is kept. Like
the servers that it stands for it refuses a wrong key, an unknown model, and a schema that is not fit for strict mode.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

KEY = "sk-double"
MODEL = "double-1"
_NOTHING: dict[str, Any] = {
    "values": [],
    "answer": None,
    "intents": [],
    "topics": [],
    "question": "",
    "spelled": "",
    "rejected": [],
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire. `parts`: pieces of the body, `pause_s` before each but the first."""

    status: int = 200
    parts: tuple[bytes, ...] = ()
    after_s: float = 0.0
    pause_s: float = 0.0
    hang_up: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as a test may look at it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def schema(self) -> Mapping[str, Any]:
        schema: Mapping[str, Any] = self.body["response_format"]["json_schema"]["schema"]
        return schema

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def said(self) -> str:
        return str(json.loads(self.body["messages"][1]["content"])["caller_said"])


def says(content: str, *, finish: str = "stop", refusal: str | None = None, after_s: float = 0.0) -> Reply:
    """A chat completion with this content."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choices = [{"index": 0, "message": message, "finish_reason": finish}]
    body = {"id": "c", "object": "chat.completion", "created": 0, "model": MODEL, "choices": choices}
    return Reply(parts=(json.dumps(body).encode(),), after_s=after_s)


def finds(asked: Asked, **found: Any) -> Reply:
    """A completion that finds this, and nothing else of what was asked for."""
    return says(json.dumps({**{key: _NOTHING[key] for key in asked.schema["required"]}, **found}))


def error(status: int, message: str) -> Reply:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    return Reply(status, (json.dumps(body).encode(),))


@dataclass(slots=True)
class DoubleOfAnOpenAiServer:
    """`answer` is what it does next, and from then on. `dropped` counts requests whose caller went away."""

    answer: Callable[[Asked], Reply] = finds
    asked: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    dropped: int = 0
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so; fails after 5 s."""
        async with asyncio.timeout(5):
            while not true():
                await self.news.wait()

    def _wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                asked, refusal = await self._read(reader)
                reply = refusal or self.answer(asked)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                self._wake()
                try:
                    if not await self._write(reader, writer, reply):
                        break
                finally:
                    self.at_once -= 1
                    self._wake()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[Asked, Reply | None]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in lines}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        asked = Asked(json.loads(raw or b"{}"), headers)
        refusal = _refusal(head[0], asked)
        if refusal is None:
            self.asked.append(asked)
        else:
            self.refused.append(refusal.parts[0].decode())
        return asked, refusal

    async def _write(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        """Whether the connection can be used again."""
        gone = asyncio.ensure_future(reader.read(1))  # nothing comes before the reply but the end
        sending = asyncio.ensure_future(_send(writer, reply))
        await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            self.dropped += 1
            sending.cancel()
            return False
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        return not reply.hang_up


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    if reply.after_s:
        await asyncio.sleep(reply.after_s)
    if reply.hang_up:
        return
    lines = [f"HTTP/1.1 {reply.status} Whatever", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines += [f"Content-Length: {sum(map(len, reply.parts))}", "", ""]
    writer.write("\r\n".join(lines).encode())
    for at, part in enumerate(reply.parts):
        if at and reply.pause_s:
            await asyncio.sleep(reply.pause_s)
        with suppress(ConnectionError):
            writer.write(part)
            await writer.drain()


def _refusal(request_line: str, asked: Asked) -> Reply | None:
    if not request_line.startswith("POST /v1/chat/completions "):
        return error(404, "Unknown request URL")
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        return error(401, "Incorrect API key provided")
    if asked.body.get("model") != MODEL:
        return error(404, "The model does not exist")
    form = asked.body.get("response_format", {}).get("json_schema", {})
    if form.get("strict") is not True or not form.get("name"):
        return error(400, "Missing required parameter: 'response_format.json_schema'")
    wrong = next(unfit_for_strict(form["schema"]), None)
    return error(400, f"Invalid schema for response_format: {wrong}") if wrong else None


def unfit_for_strict(schema: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """What strict mode does not take, by the rules that OpenAI documents for structured outputs."""
    kinds = schema.get("type")
    if kinds is None and "anyOf" not in schema:
        yield f"{at}: neither type nor anyOf"
    if at == "$" and kinds != "object":
        yield f"{at}: the root has to be an object"
    if kinds == "object":
        if schema.get("additionalProperties") is not False:
            yield f"{at}: additionalProperties has to be false"
        if list(schema.get("required", ())) != list(schema.get("properties", {})):
            yield f"{at}: required has to name every property"
    if "enum" in schema and not schema["enum"]:
        yield f"{at}: enum is empty"
    if "anyOf" in schema and not schema["anyOf"]:
        yield f"{at}: anyOf is empty"
    for name, inner in schema.get("properties", {}).items():
        yield from unfit_for_strict(inner, f"{at}.{name}")
    if "items" in schema:
        yield from unfit_for_strict(schema["items"], f"{at}[]")
    for number, inner in enumerate(schema.get("anyOf", ())):
        yield from unfit_for_strict(inner, f"{at}|{number}")


@asynccontextmanager
async def served() -> AsyncIterator[DoubleOfAnOpenAiServer]:
    """The double on a free port."""
    double = DoubleOfAnOpenAiServer()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(double.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
